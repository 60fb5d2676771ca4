"""Scores from raw answers: scale, direction, interval, suppression."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cxtext.link.metrics import design_effect, ease, points, summarise, top_box
from cxtext.schema import Metric

FEELING = Metric("ces", "effort", "ces", False, 1, 5)
HOURS = Metric("hours", "hours", "number", False)


def test_nps_from_answers(nps) -> None:
    values = [3] * 10 + [7] * 8 + [10] * 32 + [np.nan] * 5
    e = summarise(nps, values)
    assert (e.value, e.n, e.status) == (44.0, 50, "low confidence")
    assert (e.low, e.high) == pytest.approx((19.8, 63.2), abs=0.05)
    assert e.method == "NPS, adjusted Wald"


@pytest.mark.parametrize(("raw", "expected"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)])
def test_nps_points(nps, raw, expected) -> None:
    assert points(nps, [raw])[0] == expected


def test_missing_codes_never_count(nps) -> None:
    fft = Metric("fft", "answer", "number", False, 1, 5, missing=(6, 7))
    assert summarise(fft, [1, 2, 6, 7] * 10).value == 1.5
    assert np.isnan(points(nps, [np.nan])[0])


def test_a_one_to_ten_scale_is_called_nps_like() -> None:
    assert summarise(Metric("n", "n", "nps", True, 1, 10), [9] * 20).method.startswith("NPS-like")


@pytest.mark.parametrize(
    ("low", "high", "cut"), [(1, 5, 4), (1, 7, 6), (1, 10, 9), (0, 10, 9), (0, 100, None), (1, 3, 3), (1, 4, 4)]
)
def test_top_box(low, high, cut) -> None:
    assert top_box(Metric("m", "m", "csat", True, low, high)) == cut


def test_the_user_sets_the_top_box_of_a_percent_scale() -> None:
    percent = Metric("csat", "s", "csat", True, 0, 100, (), 80)
    assert top_box(percent) == 80
    assert summarise(percent, [79] * 30 + [80] * 10, statistic="top box").value == 0.25
    effort = Metric("ces", "e", "ces", False, 1, 5, (), 1)
    assert summarise(effort, [1] * 10 + [2] * 30, statistic="top box").value == 0.25


def test_mean_and_top_box_can_differ(csat) -> None:
    a, b = [3] * 60 + [5] * 40, [2] * 55 + [4] * 45
    assert summarise(csat, a).value > summarise(csat, b).value
    assert summarise(csat, a, statistic="top box").value < summarise(csat, b, statistic="top box").value


def test_effort_reads_in_both_directions() -> None:
    assert list(ease(FEELING, [1, 2, 5])) == [5, 4, 1]
    assert list(ease(Metric("ces", "easy", "ces", True, 1, 7), [1, 7])) == [1, 7]
    assert summarise(FEELING, [1] * 30 + [4] * 10, statistic="top box").value == 0.75


def test_rate_is_wilson(churn) -> None:
    e = summarise(churn, [1] * 81 + [0] * 182)
    assert (e.low, e.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_mean_is_student(csat) -> None:
    v = np.array([1, 2, 5, 4, 4, 3, 5, 5, 1, 2, 3, 4])
    e = summarise(csat, v)
    ci = stats.ttest_1samp(v, 0).confidence_interval()
    assert (e.low, e.high) == pytest.approx((ci.low, ci.high))


def test_time_to_resolution_has_a_median() -> None:
    v = np.r_[np.arange(1.0, 100.0), 5000.0]
    e = summarise(HOURS, v, statistic="median")
    assert (e.value, e.low, e.high) == (50.5, 40.0, 61.0)


def test_the_median_of_repeating_customers_is_as_sure_as_their_number() -> None:
    rng = np.random.default_rng(8)
    per_customer = rng.exponential(size=100)
    one = summarise(HOURS, per_customer, np.arange(100), statistic="median")
    four = summarise(HOURS, np.repeat(per_customer, 4), np.repeat(np.arange(100), 4), statistic="median")
    assert four.value == pytest.approx(one.value)
    assert "clustered by customer" in four.method
    assert "clustered" not in one.method
    assert (four.low, four.high) == pytest.approx((one.low, one.high), rel=0.1)


@pytest.mark.parametrize(
    ("n", "status"), [(9, "suppressed"), (10, "low confidence"), (99, "low confidence"), (100, "")]
)
def test_small_samples_are_suppressed_or_marked(csat, n, status) -> None:
    e = summarise(csat, [4.0, 5.0] * (n // 2) + [3.0] * (n % 2))
    assert e.status == status
    assert np.isnan(e.value) == (n < 10)


def test_no_answers_at_all(csat) -> None:
    assert summarise(csat, [np.nan] * 50).status == "suppressed"


def test_repeating_customers_widen_the_interval(nps) -> None:
    rng = np.random.default_rng(5)
    mood = rng.integers(0, 11, 60)
    customer = np.repeat(np.arange(60), 10)
    wide, naive = summarise(nps, mood[customer], customer), summarise(nps, mood[customer])
    assert wide.value == naive.value
    assert wide.high - wide.low > 2.5 * (naive.high - naive.low)
    assert wide.method.endswith("clustered by customer")
    # Ten copies of each answer carry what one answer does.
    once = summarise(nps, mood)
    assert wide.high - wide.low == pytest.approx(once.high - once.low, rel=0.05)


def test_unknown_customers_are_one_each() -> None:
    assert design_effect(np.array([1.0, -1.0, 2.0, -2.0]), np.full(4, -1)) == (1.0, 4)
