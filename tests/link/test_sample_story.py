"""The sample reviews with their planted mentions: linking finds the planted harms, moments, quadrants and dates."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from cxtext.link.analyse import LinkResult, analyse
from cxtext.schema import Metric, PainPoint

ROOT = Path(__file__).resolve().parents[2]
CSAT = Metric("csat", "csat", "csat", True, 1, 5)
NPS = Metric("nps", "nps", "nps", True, 0, 10)
STARS = Metric("rating", "rating", "csat", True, 1, 5)
FILES = {"app_reviews": "review", "nps_survey": "comment", "support_tickets": "description"}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


@pytest.fixture(scope="module")
def planted() -> dict:
    return json.loads((ROOT / "tests/data/sample_planted.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found(planted, table) -> LinkResult:
    rows: dict[str, dict[str, str]] = {}
    for name, text in FILES.items():
        for r in read(ROOT / f"sample_reviews/{name}.csv"):
            rows[next(iter(r.values()))] = {**r, "text": r[text]}
    truth = {r["id"]: r["pain_points"].split() for r in read(ROOT / "tests/data/sample_truth.csv")}
    names = sorted(planted)
    data = list(rows.items())

    def codes(column: str) -> tuple[list[int], tuple[str, ...]]:
        levels = tuple(sorted({r.get(column, "") for _, r in data} - {""}))
        return [levels.index(r[column]) if r.get(column) else -1 for _, r in data], levels

    dims = {c: codes(c) for c in ("channel", "touchpoint", "stage", "author_role", "plan", "device")}
    who, _ = codes("customer_id")
    t = table(
        [[x in truth.get(i, ()) for x in names] for i, _ in data],
        {m: [float(r.get(m.column) or "nan") for _, r in data] for m in (NPS, CSAT, STARS)},
        customer=who,
        day=np.array([r["date"][:10] for _, r in data], dtype="datetime64[D]").astype(int),
        words=[len(r["text"].split()) for _, r in data],
        commented=[bool(r["text"]) for _, r in data],
        categories={k: v[0] for k, v in dims.items()},
        levels={k: v[1] for k, v in dims.items()},
    )
    return analyse(t, [PainPoint(x, x, ()) for x in names])


def test_adjusted_impacts_cover_the_planted_ones(found, planted) -> None:
    inside = []
    for i in found.impacts["nps"]:
        truth = planted[i.pain_point].get("nps_points")
        # The router's mentioners are happy for reasons that no column tells: nobody can adjust for that.
        if i.adjusted is not None and truth is not None and i.pain_point != "router_setup":
            inside.append(i.adjusted.low <= truth["impact"] <= i.adjusted.high)
    assert len(inside) >= 10
    assert np.mean(inside) >= 0.9


def test_adjusted_is_nearer_to_the_truth_than_leave_out(found, planted) -> None:
    errors = []
    for i in found.impacts["nps"]:
        truth = planted[i.pain_point].get("nps_points", {}).get("impact")
        if i.adjusted is not None and truth:
            errors.append((abs(i.adjusted.value - truth), abs(i.leave_out.value - truth)))
    assert np.mean(errors, axis=0)[0] < np.mean(errors, axis=0)[1]


def test_moment_or_relationship(found) -> None:
    kind = {m["pain_point"]: m["kind"] for m in found.facts["moment_relationship"]}
    assert kind["support_wait"] == kind["chatbot"] == kind["login_code"] == "moment"
    assert kind["renewal_price"] == kind["streaming_blocked"] == kind["slow_evening"] == "relationship"
    assert kind["billed_after_cancel"] == kind["kill_switch_leak"] == "both"
    assert kind["router_setup"] == "neither"
    assert {kind.get("wish_list", "neither"), kind.get("captchas", "neither")} == {"neither"}


def test_quadrants_and_priority(found) -> None:
    kind = {q["pain_point"]: q["kind"] for q in found.facts["quadrants"] if q["metric"] == "nps"}
    assert kind["billed_after_cancel"] == kind["kill_switch_leak"] == "small but harmful"
    assert kind["wish_list"] == "frequent but harmless"
    assert kind["slow_evening"] == "frequent and harmful"
    assert not {"wish_list", "captchas", "router_setup"} & set(found.facts["priority"][:10])


def test_when(found) -> None:
    kind = {t.pain_point: t.kind for t in found.trends}
    assert kind["crash_update"] == "emerging"
    assert kind["login_code"] == "burst"
    assert sum(k in ("emerging", "rising", "burst", "fading", "gone") for k in kind.values()) <= 4
    top = found.facts["bursts"][0]
    assert (top["pain_point"], top["period"]) == ("login_code", "2025-06-09")
