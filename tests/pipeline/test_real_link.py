"""Real feedback through the whole pipeline: pain points say of scores and of time what people found in them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxtext.pipeline.analysis import analyze
from cxtext.settings import Declared, Settings

REVIEWS = Path(__file__).resolve().parents[2] / "../shared/data/reviews"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not REVIEWS.is_dir(), reason="the measuring data isn't beside the checkout"),
]
SCORE = "FFT categorical answer"
# Labels for what has no theme: nothing to agree with.
NO_THEME = ("Not assigned", "Labelling not possible")
# Half of these 136 answers are the one word "Nothing", said to "What was good?"; to "What could be better?" the same
# word is praise. A text alone can't tell, so such answers belong to no pain point, and little is left of this theme.
SAYS_NOTHING = "Negative experience & dissatisfaction"


def number(x: str) -> float:
    return float(x) if x else float("nan")


def ranks(x: Any) -> Any:
    return np.argsort(np.argsort(x)).astype(float)


@pytest.fixture(scope="module")
def nhs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, float]]:
    """Per human theme with at least 100 comments: its own gap, and the mean gap of the pain points it falls in."""
    import pyarrow.parquet as pq

    source = REVIEWS / "nhs_fft.csv"
    run = tmp_path_factory.mktemp("nhs") / "run"
    asked = Declared(outcomes=(f"{SCORE}:number:low-good:1-5:missing=6,7",))
    report = analyze([str(source)], asked, Settings(keep="all", jobs=1), None, run)
    gap = {r.pain_point.id: next(iter(r.impacts.values())).gap.value for r in report.pain_points}
    said = pq.read_table(run / "mentions.parquet", columns=["response_id", "pain_point"]).to_pydict()
    found: dict[str, set[str]] = {}
    for response, point in zip(said["response_id"], said["pain_point"], strict=True):
        found.setdefault(response, set()).add(point)
    with source.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    score = np.array([number(r[SCORE]) for r in rows])
    score[~np.isin(score, (1, 2, 3, 4, 5))] = np.nan
    columns = list(rows[0])
    out = {}
    for theme in columns[columns.index("Comment sentiment") + 1 :]:
        if {r[theme] for r in rows} - {"", "0", "1", "0.0", "1.0"}:
            continue
        mine = np.array([number(r[theme]) == 1 for r in rows])
        points = [gap[p] for r, m in zip(rows, mine, strict=True) if m for p in sorted(found.get(r["Comment ID"], ()))]
        points = [g for g in points if np.isfinite(g)]
        if mine.sum() >= 100 and points and theme not in NO_THEME:
            out[theme] = (float(np.nanmean(score[mine]) - np.nanmean(score[~mine])), float(np.mean(points)))
    return out


def test_gaps_rank_the_subjects_as_people_do(nhs) -> None:
    themes = [t for t in nhs if t != SAYS_NOTHING]
    assert len(themes) == 18
    own, ours = np.array([nhs[t] for t in themes]).T
    assert np.corrcoef(ranks(own), ranks(ours))[0, 1] >= 0.85


def test_gaps_rank_all_themes_nearly_so(nhs) -> None:
    own, ours = np.array(list(nhs.values())).T
    assert len(own) == 19
    # The two themes of praise hold a fifth of all comments; their groups depend on how many groups there are.
    assert np.corrcoef(ranks(own), ranks(ours))[0, 1] >= 0.75
    assert nhs["Positive experience & gratitude"][1] < nhs["Timeliness of care"][1] < nhs["Contacting services"][1]


def test_the_storm_is_the_top_burst_of_the_found_pain_points(tmp_path: Path) -> None:
    report = analyze([str(REVIEWS / "airline_tweets.csv")], Declared(), Settings(jobs=1), None, tmp_path / "run")
    labels = {r.pain_point.id: (r.pain_point.label, *r.pain_point.terms) for r in report.pain_points}
    top = report.facts["bursts"][0]
    assert top["first"] <= "2015-02-22" <= top["last"]
    assert top["period"] == "2015-02-22"
    assert any("cancel" in word or word == "hold" for word in labels[top["pain_point"]])
    assert top["share_q"] < 0.01
    assert top["excess_low"] > 0
