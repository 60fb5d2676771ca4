"""Tickets, an NPS survey and a CRM export of the same customers meet: planted harm is found, every loss is reported."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from cxtext.errors import InputError, RequestError
from cxtext.pipeline.analysis import analyze
from cxtext.pipeline.progress import Progress
from cxtext.settings import Declared, Settings

_spec = importlib.util.spec_from_file_location("feedback", Path(__file__).with_name("feedback.py"))
assert _spec is not None
assert _spec.loader is not None
feedback = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(feedback)

HARMFUL = "invoice"
THANKS = ("I would like to book the course", "We moved to a new street", "My colleague will take over the account")
FOR = ("as we agreed", "from next month on", "by the first of May", "as soon as you can", "for the whole team")
OTHERS = ("parcel", "password", "hold", "zip")
CRM = ("left:rate:low-good", "value:number:high-good")


class Told(Progress):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        self.lines.append(line)


def save(file: Path, rows: list[dict[str, Any]]) -> str:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(file)


def money(x: float) -> str:
    """``1.234,50 €``, as a German export writes it."""
    return f"{x:,.2f}".translate(str.maketrans(",.", ".,")) + " €"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """800 tickets of 500 customers, 300 of them without a complaint.

    Who complains about invoices leaves three times as often, is worth less, and recommends less; the CRM writes ids
    without zeros and with ``.0``, repeats rows, and contradicts itself twice.
    """
    folder, rng = tmp_path_factory.mktemp("crm"), np.random.default_rng(6)
    said = [(s, text) for s in (HARMFUL, *OTHERS) for text in feedback.complaints(s, 100)]
    said += [("", f"{a} {b}, thank you.") for a in THANKS for b in FOR] * 20
    customers = np.r_[np.arange(500), rng.integers(0, 500, 300)]
    rng.shuffle(customers)
    hit = {int(c) for c, (s, _) in zip(customers, said, strict=True) if s == HARMFUL}
    start = dt.date(2025, 1, 6)
    tickets = [
        {
            "ticket_id": f"T-{i}", "customer": f"{c + 100:06d}" if i % 40 else "",
            "date": start + dt.timedelta(int(rng.integers(0, 180))), "channel": ("app", "phone")[i % 2],
            "description": text, "csat": int(rng.integers(1, 6)),
        }
        for i, (c, (_, text)) in enumerate(zip(customers, said, strict=True))
    ]  # fmt: skip
    survey = [
        {"customer": c + 100, "date": start + dt.timedelta(int(rng.integers(-60, 240))),
         "nps": int(np.clip(round(8 - 3 * (c in hit) + rng.normal()), 0, 10))}
        for c in range(500) if c % 5
    ]  # fmt: skip
    crm: list[dict[str, Any]] = []
    for c in range(500):
        plan = ("basic", "plus", "pro")[c % 3]
        row = {
            "customer": f"{c + 100}.0" if c % 2 else c + 100, "left": int(rng.random() < (0.45 if c in hit else 0.12)),
            "value": money(1500 * (0.6 if c in hit else 1) * (1 + c % 3) * np.exp(rng.normal() * 0.2)), "plan": plan,
        }  # fmt: skip
        if c % 25 == 7:
            continue
        crm.append(row)
        if c % 20 == 3:
            crm.append(dict(row))
        if c in (10, 11):
            crm.append({**row, "left": 1 - row["left"]})
    crm += [{"customer": "", "left": 1, "value": "1,00 €", "plan": "pro"}] * 30
    return SimpleNamespace(
        tickets=save(folder / "tickets.csv", tickets), nps=save(folder / "survey.csv", survey),
        crm=save(folder / "crm.csv", crm), folder=folder, hit=hit, customers=customers,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(files: SimpleNamespace) -> SimpleNamespace:
    told, folder = Told(), files.folder / "run"
    settings = Settings(jobs=1, scores=(files.nps, files.crm), on="customer", within="90d")
    report = analyze([files.tickets], Declared(outcomes=CRM), settings, told, folder)
    return SimpleNamespace(report=report, told=told.lines, folder=folder)


def harmful(report: Any) -> Any:
    """The pain points about invoices, together: rows whose words say so."""
    words = {"invoice", "bill", "charge", "fee", "debit", "charged", "amount"}
    return [r for r in report.pain_points if words & set(" ".join((r.pain_point.label, *r.pain_point.terms)).split())]


def test_the_planted_harm_is_found_with_its_sign(run) -> None:
    found = harmful(run.report)
    assert found
    best = max(found, key=lambda r: r.n_mentions)
    for metric, sign in (("left", 1), ("value", -1), ("nps", -1)):
        i = best.impacts[metric]
        assert sign * i.gap.value > 0, metric
        assert sign * i.adjusted.value > 0, metric
        assert i.q < 0.05, metric
        assert "clustered by customer" in i.adjusted.method
    ratio = best.impacts["left"].mentioners.value / best.impacts["left"].others.value
    assert ratio > 1.5
    wrong = [
        (r.pain_point.label, m) for r in run.report.pain_points if r not in found
        for m, worse in (("left", 1), ("value", -1), ("nps", -1))
        if r.impacts[m].q < 0.05 and worse * r.impacts[m].adjusted.value > 0
    ]  # fmt: skip
    assert len(wrong) <= 1


def test_each_file_has_its_match_report(run, files) -> None:
    survey, crm = run.report.facts["matches"]
    assert (survey["how"], survey["window_days"], crm["how"], crm["window_days"]) == ("relational", 90, "exact", None)
    for match in (survey, crm):
        assert match["matched"] + match["unmatched"] == 800
        assert sum(match["why_unmatched"].values()) == match["unmatched"]
        assert match["why_unmatched"]["key is missing"] == 20
        assert sum(c["matched"] for c in match["by_channel"].values()) == match["matched"]
        assert sum(c["n"] for c in match["by_period"].values()) == 800
        assert match["keys"]["read_as"] == "numbers without leading zeros"
    assert -90 <= survey["lag_days"][0] < 0 < survey["lag_days"][2] <= 90
    assert survey["why_unmatched"]["no survey within 90 days"] > 0
    assert crm["why_unmatched"]["several score rows for the key and no date to choose by"] >= 1
    assert any("has no dates, so --within doesn't apply" in line for line in run.told)


def test_a_row_that_serves_several_tickets_is_told_and_counted_once_beside(run, files) -> None:
    crm = run.report.facts["matches"][1]
    assert crm["many_to_one"] > 50
    assert any("serve several responses" in line for line in run.told)
    once = crm["scores"]["left"]["matched"]
    assert once["n"] == crm["score_rows_used"] < crm["matched"]
    assert once["method"] == "rate, Wilson"
    assert "clustered by customer" in run.report.scores["left"].method
    lone = (run.report.scores["left"].high - run.report.scores["left"].low) / (once["high"] - once["low"])
    assert lone > 0.95  # many answers of few people don't make a narrower interval than those people
    assert crm["scores"]["left"]["unmatched"]["n"] == crm["score_rows"] - crm["score_rows_used"]


def test_money_is_read_in_the_exports_own_way(run) -> None:
    e = run.report.scores["value"]
    assert 1500 < e.value < 4000
    assert run.report.facts["score_details"]["value"]["median"]["n"] == e.n


def test_segments_of_the_crm_break_results_down(run) -> None:
    assert {c["level"] for c in run.report.facts["cells"]["plan"]} == {"basic", "plus", "pro"}
    assert "plan" in run.report.facts["impact_model"]["value"]["covariates"]
    table = pq.read_table(run.folder / "responses.parquet")
    assert table["segment:plan"].null_count == run.report.facts["matches"][1]["unmatched"]


def test_a_ticket_id_needs_no_window(files, tmp_path: Path) -> None:
    """A survey that names the ticket belongs to it, however late it was answered."""
    rows = [{"ticket_id": f"T-{i}", "date": "2027-01-01", "csat": 1 + i % 5} for i in range(0, 800, 2)]
    late = save(tmp_path / "late.csv", rows)
    settings = Settings(jobs=1, scores=(late,), on="ticket_id")
    report = analyze([files.tickets], Declared(), settings)
    (match,) = report.facts["matches"]
    assert (match["how"], match["matched"]) == ("exact", 400)
    assert {m.name for m in report.metrics} == {"csat", "late_csat"}


def test_surveys_after_the_contact_belong_to_the_moment(files, tmp_path: Path) -> None:
    with Path(files.tickets).open(newline="") as stream:
        tickets = list(csv.DictReader(stream))
    rows = []
    for i, t in enumerate(tickets):
        sent = dt.date.fromisoformat(t["date"]) + dt.timedelta((-1, 0, 3, 7, 8)[i % 5])
        rows.append({"customer": t["customer"] or f"x{i}", "date": sent, "csat": 1 + i % 5})
    after = save(tmp_path / "after.csv", rows)
    report = analyze([files.tickets], Declared(), Settings(jobs=1, scores=(after,), on="customer"))
    (match,) = report.facts["matches"]
    assert (match["how"], match["window_days"], match["many"]) == ("transactional", 7, "nearest")
    assert match["lag_days"][0] >= 0
    assert match["lag_days"][2] <= 7
    assert match["matched"] == match["score_rows_used"]  # nobody's answer counts twice


def test_without_a_customer_column_those_who_share_a_key_are_one_voice(files) -> None:
    settings = Settings(jobs=1, scores=(files.crm,), on="customer")
    report = analyze([files.tickets], Declared(customer="none", outcomes=CRM), settings)
    assert "clustered" in report.scores["left"].method


@pytest.mark.parametrize(
    ("scores", "on", "within", "error", "words"),
    [
        ("crm", "custmer", None, InputError, "no column 'custmer'"),
        ("nps", "ticket_id", None, InputError, "there is no such column"),
        ("crm", "customer", "90d", RequestError, "--within needs a date column"),
    ],
)
def test_bad_keys_are_one_clear_line(files, scores, on, within, error, words) -> None:
    declared = Declared(outcomes=CRM if scores == "crm" else ())
    with pytest.raises(error, match=words) as raised:
        analyze([files.tickets], declared, Settings(jobs=1, scores=(getattr(files, scores),), on=on, within=within))
    assert "\n" not in str(raised.value)


def test_a_window_in_which_nothing_lies_says_so(files, tmp_path: Path) -> None:
    rows = [{"customer": 100 + i, "date": "2019-01-01", "nps": 5} for i in range(500)]
    old = save(tmp_path / "old.csv", rows)
    with pytest.raises(InputError, match="none lies within 90 days"):
        analyze([files.tickets], Declared(), Settings(jobs=1, scores=(old,), on="customer"))


DATA = {
    "keys",
    "by_channel",
    "by_period",
    "why_unmatched",
    "values_lost",
    "languages",
    "redactions",
    "warnings",
    "cues",
}
DATA |= {"lexical", "weights", "settings", "dropped", "set_aside", "versions"}


def names(value: Any, here: str = "") -> set[str]:
    """The keys of a report that are names of figures, not data such as a channel or a pain point."""
    if isinstance(value, list):
        return {name for item in value for name in names(item, here)}
    if not isinstance(value, dict):
        return set()
    found = {name for key, item in value.items() for name in names(item, key)}
    return found if here in DATA else found | set(value)


def test_the_page_of_figures_explains_every_key_of_a_report(run) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/figures.md").read_text(encoding="utf-8")
    report = json.loads((run.folder / "report.json").read_text(encoding="utf-8"))
    scores = {m["name"] for m in report["metrics"]}
    levels = {"plan", "channel", "app", "phone", "facts", "basic", "plus", "pro"}
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", page))))
    assert sorted(names(report) - scores - levels - told) == []
    with (run.folder / "pain_points.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    plain = {c for c in header if not any(c.startswith(f"{s}_") for s in scores)}
    assert sorted(plain - told) == []
