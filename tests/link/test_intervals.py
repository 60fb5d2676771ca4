"""Intervals against published values and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxtext.link import intervals as iv


def test_net_score_of_the_textbook_example() -> None:
    x, v, n = iv.net_score(1, 2, 3)
    assert (float(x), float(v)) == pytest.approx((1 / 3, 5 / 9))
    assert float(np.sqrt(v / n)) == pytest.approx(0.304, abs=5e-4)


@pytest.mark.parametrize(
    ("counts", "value", "wald", "adjusted"),
    [
        ((10, 8, 32), 44.0, (21.7, 66.3), (19.8, 63.2)),
        ((0, 0, 5), 100.0, (100.0, 100.0), (17.5, 100.0)),
    ],
)
def test_nps_intervals(counts, value, wald, adjusted) -> None:
    assert 100 * float(iv.net_score(*counts)[0]) == pytest.approx(value)
    assert [100 * float(b) for b in iv.net_wald(*counts)] == pytest.approx(wald, abs=0.05)
    _, low, high = iv.net_adjusted(*counts)
    assert (100 * float(low), 100 * float(high)) == pytest.approx(adjusted, abs=0.05)


@pytest.mark.parametrize(
    ("shares", "n", "expected_wald", "expected_adjusted"),
    [((0.2, 0.3, 0.5), 10, 89.5, 96.1), ((0.05, 0.15, 0.8), 20, 86.4, 95.7), ((0.02, 0.08, 0.9), 30, 83.9, 95.9)],
)
def test_adjusted_wald_covers_where_wald_does_not(shares, n, expected_wald, expected_adjusted) -> None:
    counts = np.random.default_rng(1).multinomial(n, shares, size=40_000).T
    truth = shares[2] - shares[0]
    low, high = iv.net_wald(*counts)
    assert 100 * np.mean((low <= truth) & (truth <= high)) == pytest.approx(expected_wald, abs=0.7)
    _, low, high = iv.net_adjusted(*counts)
    assert 100 * np.mean((low <= truth) & (truth <= high)) == pytest.approx(expected_adjusted, abs=0.7)


@pytest.mark.parametrize(
    "shares", [(0.2, 0.3, 0.5), (0.05, 0.15, 0.8), (0.4, 0.2, 0.4), (0.1, 0.3, 0.6), (0.02, 0.08, 0.9)]
)
def test_nps_interval_covers_93_to_97_percent_at_n_30(shares) -> None:
    counts = np.random.default_rng(2).multinomial(30, shares, size=40_000).T
    _, low, high = iv.net_adjusted(*counts)
    truth = shares[2] - shares[0]
    assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.97


@pytest.mark.parametrize(
    ("k", "n", "expected"), [(81, 263, (0.2553, 0.3662)), (0, 29, (0, 0.1170)), (960, 1200, (0.7764, 0.8217))]
)
def test_wilson(k, n, expected) -> None:
    low, high = iv.wilson(k, n)
    assert (float(low), float(high)) == pytest.approx(expected, abs=5e-5)
    ci = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert (float(low), float(high)) == pytest.approx((ci.low, ci.high), abs=1e-12)


def test_newcombe() -> None:
    d, low, high = iv.newcombe(56, 70, 48, 80)
    assert float(d) == pytest.approx(0.2)
    assert (float(low), float(high)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_respondents_needed() -> None:
    assert iv.respondents_needed(0.10, 0.61) == pytest.approx(232, abs=1)
    assert iv.respondents_needed(0.10, 1.0) == pytest.approx(382, abs=1.2)


def test_welch_is_scipys() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(3, 2, 40), rng.normal(3.5, 0.5, 25)
    d, low, high, p = iv.welch(a.mean(), a.var(ddof=1), 40, b.mean(), b.var(ddof=1), 25)
    r = stats.ttest_ind(a, b, equal_var=False)
    ci = r.confidence_interval()
    assert (float(d), float(p)) == pytest.approx((a.mean() - b.mean(), r.pvalue))
    assert (float(low), float(high)) == pytest.approx((ci.low, ci.high))


def test_two_rates_switches_to_fisher_below_five_expected() -> None:
    assert float(iv.two_rates_p(1, 20, 8, 20)[0]) == pytest.approx(stats.fisher_exact([[1, 19], [8, 12]])[1])
    z = float(iv.two_rates_p(60, 200, 90, 200)[0])
    chi = stats.chi2_contingency([[60, 140], [90, 110]], correction=False).pvalue
    assert z == pytest.approx(chi)
    assert float(iv.two_rates_p(0, 50, 0, 60)[0]) == 1.0


def test_median_interval_covers() -> None:
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(2000):
        _, low, high = iv.median_interval(rng.exponential(size=41))
        hits += low <= np.log(2) <= high
    assert 0.945 <= hits / 2000 <= 0.985
    assert iv.median_interval(np.array([np.nan])) == pytest.approx((np.nan,) * 3, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_is_scipys_and_skips_untested(p) -> None:
    q = iv.benjamini_hochberg([*p, np.nan])
    assert q[:-1] == pytest.approx(stats.false_discovery_control(p))
    assert np.isnan(q[-1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_net_interval_is_ordered_and_on_the_scale(d, pa, pr) -> None:
    centre, low, high = iv.net_adjusted(d, pa, pr)
    assert -1 <= low <= centre <= high <= 1


@given(st.integers(0, 40), st.integers(0, 2000), st.integers(0, 40), st.integers(0, 300))
@settings(max_examples=150, deadline=None)
def test_fisher_is_scipys(k1: int, more1: int, k2: int, more2: int) -> None:
    n1, n2 = k1 + more1, k2 + more2
    if n1 and n2:
        expected = stats.fisher_exact([[k1, more1], [k2, more2]])[1]
        assert iv.fisher_p(k1, n1, k2, n2) == pytest.approx(expected, rel=1e-6)
