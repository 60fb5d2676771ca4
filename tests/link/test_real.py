"""Human labels as pain points on real feedback: the gaps people found, and the day the storm came."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from cxtext.link.impact import impacts
from cxtext.link.trend import trends
from cxtext.schema import Metric

REVIEWS = Path(__file__).resolve().parents[2] / "../shared/data/reviews"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not REVIEWS.is_dir(), reason="the measuring data isn't beside the checkout"),
]
FFT = Metric("fft", "FFT categorical answer", "number", False, 1, 5, (6, 7))
KEY = {
    "Contacting services": 1.01,
    "Referals & continuity of care": 0.92,
    "Being kept informed, clarity & consistency of information": 0.90,
    "Timeliness of care": 0.41,
    "Staff manner & personal attributes": -0.43,
}


def rows(name: str) -> list[dict[str, str]]:
    with (REVIEWS / name).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def number(x: str) -> float:
    return float(x) if x else float("nan")


@pytest.fixture(scope="module")
def nhs():
    data = [r for r in rows("nhs_fft.csv") if number(r["Labelling not possible"]) != 1]
    m = np.array([[number(r[t]) == 1 for t in KEY] for r in data])
    people = {r["Respondent ID"]: i for i, r in enumerate(data)}
    return (
        m,
        np.array([number(r["FFT categorical answer"]) for r in data]),
        np.array([people[r["Respondent ID"]] for r in data]),
        np.array([len(r["FFT answer"].split()) for r in data]),
    )


def test_gaps_are_those_of_the_human_labels(make_table, nhs) -> None:
    m, score, who, words = nhs
    got = impacts(make_table(m, {FFT: score}, customer=who, words=words), FFT, list(KEY))
    for i, gap in zip(got, KEY.values(), strict=True):
        assert i.gap.value == pytest.approx(gap, abs=0.006)
        assert np.sign(i.adjusted.value) == np.sign(gap)
        assert i.q < 0.01
        assert "clustered by customer" in i.gap.method


def test_random_numbers_go_with_nothing(make_table, nhs) -> None:
    m, _score, who, words = nhs
    noise = Metric("noise", "noise", "number")
    clean = 0
    for seed in range(20):
        t = make_table(m, {noise: np.random.default_rng(seed).random(len(m))}, customer=who, words=words)
        clean += not any(i.q < 0.05 for i in impacts(t, noise, list(KEY)))
    assert clean >= 19


def test_the_storm_is_the_top_burst_as_a_share_too(make_table) -> None:
    data = rows("airline_tweets.csv")
    names = sorted({r["negativereason"] for r in data} - {""})
    m = np.array([[r["negativereason"] == x for x in names] for r in data])
    day = np.array([r["tweet_created"][:10] for r in data], dtype="datetime64[D]").astype(np.int64)
    got, bursts, p = trends(make_table(m, day=day), names)
    assert p.unit == "day"
    top = bursts[0]
    assert (top["pain_point"], top["period"], top["count"]) == ("Cancelled Flight", "2015-02-22", 268)
    assert top["share_q"] < 0.001
    assert top["q"] < 0.001
    assert {t.pain_point: t.kind for t in got}["Cancelled Flight"] == "burst"
