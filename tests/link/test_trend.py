"""Counts over time: published values, false alarms, planted changes, periods cut off by the export."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from cxtext.link.periods import choose_unit, periods
from cxtext.link.surveillance import (
    cusum,
    dispersion,
    ewma,
    exact_two_periods,
    excess_p,
    farrington,
    rate_fit,
    two_periods,
)
from cxtext.link.trend import trends

MONDAY = int(np.datetime64("2024-01-01", "D").astype(int))


def test_exact_test_of_two_periods() -> None:
    assert exact_two_periods(60, 51477.5, 30, 54308.7) == pytest.approx(0.000675, abs=1e-6)
    assert exact_two_periods(3, 100, 9, 250) == pytest.approx(stats.binomtest(3, 12, 100 / 350).pvalue)
    assert exact_two_periods(0, 10, 0, 10) == 1.0


def test_two_periods_with_extra_spread_is_less_sure() -> None:
    assert two_periods(60, 1000, 30, 1000) == pytest.approx(2 * stats.binom.sf(59, 90, 0.5))
    assert two_periods(60, 1000, 30, 1000, phi=3) > 10 * two_periods(60, 1000, 30, 1000)


def test_farrington_bound() -> None:
    b = farrington(8, mu0=5, se=0.2, phi=1, alpha=0.05)
    assert b.upper == pytest.approx(9.1154825, abs=1e-6)
    assert b.p == pytest.approx(0.1094727, abs=1e-6)
    assert b.lower == pytest.approx(1.8084477, abs=1e-6)


def test_dispersion_and_slope_are_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(0)
    n = rng.integers(300, 900, 40).astype(float)
    y = rng.negative_binomial(4, 0.2, 40).astype(float)
    x = sm.add_constant(np.arange(40.0))
    fit = sm.GLM(y, x, family=sm.families.Poisson(), offset=np.log(n)).fit(scale="X2")
    got = rate_fit(y, n, slope=True)
    assert (got.slope, got.slope_se, got.phi) == pytest.approx((fit.params[1], fit.bse[1], fit.scale), rel=1e-6)
    assert dispersion(np.array([5.0, 5, 5]), np.array([5.0, 5, 5]), 1) == 1.0


def test_excess_is_poisson_or_negative_binomial() -> None:
    assert excess_p(np.array([5.0]), np.array([0.5]), np.array([1.0]))[0] == pytest.approx(stats.poisson.sf(4, 0.5))
    assert excess_p(np.array([9.0]), np.array([4.0]), np.array([2.5]))[0] == pytest.approx(
        stats.nbinom.sf(8, 4 / 1.5, 1 / 2.5)
    )
    assert excess_p(np.array([0.0]), np.array([4.0]), np.array([2.5]))[0] == 1.0


def test_ewma_and_cusum() -> None:
    z, limit = ewma(np.r_[np.zeros(20), np.full(20, 1.0)])
    assert limit == pytest.approx(3 * np.sqrt(0.2 / 1.8))
    assert z[19] == 0
    assert z[-1] == pytest.approx(1, abs=0.02)
    climb = cusum(np.r_[np.full(20, 10.0), np.full(20, 14.0)], np.full(40, 10.0))
    assert climb[19] == 0
    assert climb[-1] == pytest.approx(20 * (14 - 5 / np.log(1.5)))


@pytest.mark.parametrize(
    ("days", "per_day", "unit"),
    [(8, 500, "day"), (40, 2, "week"), (300, 20, "week"), (300, 0.5, "month"), (900, 50, "month")],
)
def test_the_period_fits_the_span(days, per_day, unit) -> None:
    day = MONDAY + np.sort(np.random.default_rng(0).integers(0, days, int(days * per_day)))
    day[0], day[-1] = MONDAY, MONDAY + days - 1
    assert choose_unit(day) == unit


@pytest.mark.parametrize(("last", "partial"), [(27, ""), (26, "2024-01-22"), (22, "2024-01-22"), (28, "2024-01-29")])
def test_a_week_that_is_not_over_is_left_out(last, partial) -> None:
    day = np.repeat(MONDAY + np.arange(last + 1), 20)
    p = periods(day, "week")
    assert p.partial == partial
    assert (p.index == -1).sum() == (0 if not partial else np.sum(day >= MONDAY + (last // 7) * 7))
    assert (p.totals == 140).all()


def test_quiet_weekends_do_not_make_a_week_partial() -> None:
    day = MONDAY + np.arange(70)
    day = np.repeat(day[day % 7 % 7 != -1], 10)
    weekday = (day - MONDAY) % 7
    assert periods(day[weekday < 5], "week").partial == ""


def test_unknown_days_and_no_days() -> None:
    p = periods(np.array([-1, MONDAY, MONDAY + 1, -1]), "day")
    assert list(p.index) == [-1, 0, 1, -1]
    assert len(periods(np.full(5, -1))) == 0


def story(make_table, rates, volume=700, seed=0, days=7):
    """Weekly counts from given rates [weeks, themes] as a table of dated responses."""
    rng = np.random.default_rng(seed)
    rates = np.asarray(rates)
    totals = rng.poisson(volume, len(rates))
    week = np.repeat(np.arange(len(rates)), totals)
    m = rng.random((len(week), rates.shape[1])) < rates[week]
    # Every day of every week has a response, so that the last week counts as over.
    day = MONDAY + 7 * week + (np.arange(len(week)) % days)
    return make_table(m, day=day)


def test_fewer_than_a_third_of_an_alarm_a_week_on_forty_null_themes(make_table) -> None:
    alarms, weeks = Counter(), 0
    for seed in range(25):
        rates = np.tile(np.random.default_rng(seed).uniform(0.002, 0.04, 40), (20 + seed % 10, 1))
        got, found, p = trends(story(make_table, rates, seed=seed), [f"T{i}" for i in range(40)])
        now = {t.pain_point for t in got if t.kind in ("emerging", "rising")}
        now |= {b["pain_point"] for b in found if b["period"] == p.labels[-1] and b["share_q"] < 0.05}
        alarms["now"] += len(now)
        weeks += 1
    assert alarms["now"] / weeks < 0.3


PLANTED = {
    "steady": lambda t: 0.02,
    "burst": lambda t: 0.10 if t == 20 else 0.02,
    "emerging": lambda t: 0.02 if t >= 32 else 0.0004,
    "rising": lambda t: 0.015 * (1 + t / 20),
    "fading": lambda t: 0.045 - 0.0009 * t,
    "gone": lambda t: 0.02 if t < 34 else 0.0,
    "too few": lambda t: 0.00015,
}


def test_planted_stories_are_told(make_table) -> None:
    names = [*PLANTED, *(f"null {i}" for i in range(20))]
    rates = [[f(t) for f in PLANTED.values()] + [0.015] * 20 for t in range(40)]
    got, found, _ = trends(story(make_table, rates), names)
    assert {t.pain_point: t.kind for t in got if t.pain_point in PLANTED} == {k: k for k in PLANTED}
    assert found[0]["pain_point"] == "burst"
    assert found[0]["period"] == got[0].periods[20]
    assert found[0]["share_q"] < 0.01
    assert all("no seasonality adjustment" in t.note for t in got)
    emerging = next(t for t in got if t.kind == "emerging")
    assert emerging.change > 3
    assert "more since 2024-08" in emerging.note


def test_a_storm_over_several_periods_is_one_burst_told_by_its_peak(make_table) -> None:
    storm = {20: 0.05, 21: 0.10, 22: 0.05}
    rates = [[storm.get(t, 0.02), 0.03 if t == 10 else 0.004] + [0.015] * 10 for t in range(40)]
    _, found, p = trends(story(make_table, rates), ["storm", "squall", *(f"null {i}" for i in range(10))])
    mine = [b for b in found if b["pain_point"] == "storm"]
    assert [(b["first"], b["period"], b["last"]) for b in mine] == [(p.labels[20], p.labels[21], p.labels[22])]
    # The squall multiplies its share more, the storm brings more mentions: that one comes first.
    assert [b["pain_point"] for b in found[:2]] == ["storm", "squall"]
    assert 0 < mine[0]["excess_low"] < mine[0]["excess"]
    assert mine[0]["excess"] == pytest.approx(0.14 * mine[0]["total"], rel=0.25)


def test_fivefold_burst_in_the_last_week_is_found_and_a_busy_week_is_not(make_table) -> None:
    hits, busy = 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        volume = np.r_[np.full(25, 600), 2400]
        week = np.repeat(np.arange(26), volume)
        rates = np.full((26, 20), 0.012)
        rates[25, 0] = 0.06
        m = rng.random((len(week), 20)) < rates[week]
        t = make_table(m, day=MONDAY + 7 * week + (np.arange(len(week)) % 7))
        got, found, p = trends(t, [str(i) for i in range(20)])
        last = [b for b in found if b["period"] == p.labels[-1]]
        hits += any(b["pain_point"] == "0" and b["share_q"] < 0.05 for b in last) and got[0].kind in ("burst", "rising")
        busy += sum(b["pain_point"] != "0" and b["share_q"] < 0.05 for b in last)
        # The count of nearly every theme quadruples; only its share tells that nothing happened.
        assert sum(b["q"] < 0.05 for b in last) > 10
    assert hits == 10
    assert busy <= 1


def test_staff_do_not_make_trends(make_table) -> None:
    t = story(make_table, np.full((10, 2), 0.05))
    role = np.arange(t.mentions.shape[0]) % 2
    both = make_table(
        t.mentions.toarray(), day=t.day, categories={"author_role": role}, levels={"author_role": ("client", "agent")}
    )
    assert sum(trends(both, ["a", "b"])[0][0].totals) == int((role == 0).sum())
