"""The analysis of the sample finds what was planted in it (sample_reviews/README.md tells the story)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxtext.pipeline.analysis import analyze
from cxtext.schema import PainPointReport, PainPointRow
from cxtext.settings import Declared, Settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> PainPointReport:
    folder = tmp_path_factory.mktemp("sample") / "run"
    found = analyze([str(ROOT / "sample_reviews")], Declared(), Settings(jobs=1), None, folder)
    mentions = pd.read_parquet(folder / "mentions.parquet")[["response_id", "pain_point"]].drop_duplicates()
    object.__setattr__(found, "mentions", mentions)
    return found


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    """One row per response and planted pain point."""
    table = pd.read_csv(ROOT / "tests/data/sample_truth.csv", dtype=str).fillna("")
    table["planted"] = table.pain_points.str.split(r"[;|, ]+", regex=True)
    table = table.explode("planted")
    return table[table.planted != ""]


@pytest.fixture(scope="module")
def found(report: PainPointReport, truth: pd.DataFrame) -> Mapping[str, list[PainPointRow]]:
    """For each planted pain point those found that are mostly (half or more) about it, the largest share first."""
    mentions: pd.DataFrame = report.mentions  # type: ignore[attr-defined]
    size = mentions.groupby("pain_point").size()
    joint = mentions.merge(truth[["id", "planted"]], left_on="response_id", right_on="id")
    share = joint.groupby(["planted", "pain_point"]).size().unstack(0).fillna(0).div(size, axis=0).fillna(0)
    rows = {row.pain_point.id: row for row in report.pain_points}
    return {p: [rows[i] for i in share.index[share[p] >= 0.5]] for p in share.columns}


def covered(rows: list[PainPointRow], planted: str, report: PainPointReport, truth: pd.DataFrame) -> float:
    mentions: pd.DataFrame = report.mentions  # type: ignore[attr-defined]
    ids = set(mentions.response_id[mentions.pain_point.isin([r.pain_point.id for r in rows])])
    return float(truth.id[truth.planted == planted].isin(ids).mean())


def test_nearly_every_planted_pain_point_is_found(
    found: Mapping[str, list[PainPointRow]], report: PainPointReport, truth: pd.DataFrame
) -> None:
    planted = sorted(truth.planted.unique())
    assert len(planted) == 15
    shares = {p: covered(found.get(p, []), p, report, truth) for p in planted}
    assert sum(share >= 0.15 for share in shares.values()) >= 13, shares
    assert sum(share >= 0.40 for share in shares.values()) >= 8, shares


def impact(rows: list[PainPointRow], metric: str, part: str) -> list[float]:
    values = [getattr(row.impacts[metric], part) for row in rows if metric in row.impacts]
    return [e.value for e in values if e is not None and e.value == e.value]


def test_what_emerged_in_the_last_two_months_is_emerging(found: Mapping[str, list[PainPointRow]]) -> None:
    kinds = {row.trend.kind for row in found["crash_update"] if row.trend}
    assert "emerging" in kinds
    others = [row.trend.kind for p in ("refund_slow", "renewal_price") for row in found[p] if row.trend]
    assert "emerging" not in others


def test_the_week_without_login_codes_is_a_burst(found: Mapping[str, list[PainPointRow]]) -> None:
    assert "burst" in {row.trend.kind for row in found["login_code"] if row.trend}


@pytest.mark.parametrize(
    ("planted", "metric", "worse_than"),
    [("billed_after_cancel", "csat", -1.0), ("renewal_price", "nps", -60), ("support_wait", "csat", -0.7)],
)
def test_harmful_pain_points_go_with_worse_scores(
    planted: str, metric: str, worse_than: float, found: Mapping[str, list[PainPointRow]]
) -> None:
    gaps = impact(found[planted], metric, "gap")
    assert gaps
    assert min(gaps) < worse_than
    adjusted = impact(found[planted], metric, "adjusted")  # asks for 20 mentioners with an answer
    assert not adjusted or min(adjusted) < 0


def test_a_moment_is_told_from_the_relationship(
    found: Mapping[str, list[PainPointRow]], report: PainPointReport
) -> None:
    kinds: dict[str, Any] = {row["pain_point"]: row["kind"] for row in report.facts["moment_relationship"]}
    assert "moment" in {kinds.get(row.pain_point.id) for row in found["support_wait"]}
    assert "relationship" in {kinds.get(row.pain_point.id) for row in found["renewal_price"]}


def test_the_frequent_wish_of_happy_customers_is_harmless(found: Mapping[str, list[PainPointRow]]) -> None:
    (router,) = [row for row in found["router_setup"] if row.n_mentions > 40]
    gap = router.impacts["nps"].gap
    assert gap.value > -10


def test_happy_customers_have_hidden_complaints(report: PainPointReport, truth: pd.DataFrame) -> None:
    queue = report.facts["mismatch"]
    assert queue["n_hidden"] > 50
    listed = {entry["response_id"] for entry in queue["hidden_complaints"]}
    assert len(listed & set(truth.id)) / len(listed) > 0.9


def test_sentiment_was_learned_from_the_scores(report: PainPointReport) -> None:
    agreement = report.facts["agreement"]
    assert agreement["used"]
    assert agreement["learned"] > agreement["vader"] + 0.05
