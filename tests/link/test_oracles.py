"""Published values and known truths, asked of the functions that a run uses, to their digits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from cxtext.link import intervals as iv
from cxtext.link.adjusted import MIN_MENTIONERS
from cxtext.link.impact import impacts
from cxtext.link.metrics import LOW_CONFIDENCE, MIN_CELL, summarise
from cxtext.link.regression import covariance_hc3, solve
from cxtext.link.surveillance import cusum, ewma
from cxtext.link.trend import trends

MONDAY = int(np.datetime64("2024-01-01", "D").astype(int))


def answers(detractors: int, passives: int, promoters: int) -> np.ndarray:
    return np.repeat([3.0, 7.0, 10.0], [detractors, passives, promoters])


@pytest.mark.parametrize(
    ("counts", "value", "low", "high"),
    [((1, 2, 3), 33.3333, None, None), ((10, 8, 32), 44.0, 19.8, 63.2), ((0, 0, 5), 100.0, 17.5, 100.0)],
)
def test_nps_of_the_textbooks_through_the_score_itself(nps, counts, value, low, high) -> None:
    e = summarise(nps, answers(*counts), min_n=1)
    assert e.value == pytest.approx(value, abs=1e-4)
    if low is not None:
        assert (e.low, e.high) == pytest.approx((low, high), abs=0.05)


def test_standard_error_of_the_textbook_nps() -> None:
    _, v, n = iv.net_score(1, 2, 3)
    assert (float(v), float(np.sqrt(v / n))) == pytest.approx((5 / 9, np.sqrt(5 / 54)), abs=1e-12)
    assert round(float(np.sqrt(v / n)), 3) == 0.304


@pytest.mark.parametrize(
    "shares",
    [(0.2, 0.3, 0.5), (0.05, 0.15, 0.8), (0.4, 0.2, 0.4), (0.1, 0.3, 0.6), (0.02, 0.08, 0.9), (0.33, 0.34, 0.33),
     (0.6, 0.3, 0.1), (0.15, 0.6, 0.25)],
)  # fmt: skip
def test_the_score_covers_93_to_97_percent_at_n_30_exactly(nps, shares) -> None:
    """No draws: every way in which 30 answers can fall out, with its probability."""
    n, covered, total = 30, 0.0, 0.0
    truth = 100 * (shares[2] - shares[0])
    for d in range(n + 1):
        for p in range(n + 1 - d):
            probability = stats.multinomial.pmf((d, n - d - p, p), n, shares)
            if probability > 1e-9:
                e = summarise(nps, answers(d, n - d - p, p))
                covered += probability * (e.low <= truth <= e.high)
                total += probability
    assert total == pytest.approx(1, abs=1e-5)
    assert 0.93 <= covered <= 0.97


def test_difference_of_two_nps_is_the_formula() -> None:
    a, b = (30, 20, 50), (15, 35, 40)

    def adjusted(d: float, p: float, r: float) -> tuple[float, float, float]:
        d, p, r = d + 0.75, p + 1.5, r + 0.75
        n = d + p + r
        x = (r - d) / n
        return x, (r + d) / n - x * x, n

    (x1, v1, n1), (x2, v2, n2) = adjusted(*a), adjusted(*b)
    se = np.sqrt(v1 / n1 + v2 / n2)
    d, low, high, p = (float(x) for x in iv.net_difference(a, b))
    assert d == pytest.approx(0.2 - 25 / 90)
    assert (low, high) == pytest.approx((x1 - x2 - 1.959964 * se, x1 - x2 + 1.959964 * se), abs=1e-6)
    assert p == pytest.approx(2 * stats.norm.sf(abs(x1 - x2) / se))


def test_the_gap_on_nps_is_that_difference(make_table, nps) -> None:
    m = np.r_[np.ones(100), np.zeros(90)][:, None]
    v = np.r_[answers(30, 20, 50), answers(15, 35, 40)]
    g = impacts(make_table(m, {nps: v}), nps, ["x"])[0].gap
    expected = [100 * float(x) for x in iv.net_difference((30, 20, 50), (15, 35, 40))[:3]]
    assert (g.value, g.low, g.high) == pytest.approx(expected)
    assert g.method == "NPS difference, adjusted Wald"


def test_the_gap_on_a_rate_is_newcombes(make_table, churn) -> None:
    m = np.r_[np.ones(70), np.zeros(80)][:, None]
    v = np.r_[np.ones(56), np.zeros(14), np.ones(48), np.zeros(32)]
    g = impacts(make_table(m, {churn: v}), churn, ["x"])[0].gap
    assert (g.value, g.low, g.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert g.method == "difference of rates, Newcombe"


def test_the_limits_of_what_is_shown() -> None:
    assert (MIN_CELL, LOW_CONFIDENCE, MIN_MENTIONERS) == (10, 100, 20)


def test_answers_needed_for_ten_points() -> None:
    assert np.ceil(iv.respondents_needed(0.1, 0.61)) == 232
    assert np.ceil(iv.respondents_needed(0.1, 1.0)) == 382


def test_a_single_mention_has_leverage_one_and_is_never_adjusted(make_table, csat) -> None:
    """Why the adjusted figure asks for 20 mentioners: the textbook formula divides by 1 - h = 0 here."""
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(50), np.arange(50) == 7])
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    assert hat[7, 7] == pytest.approx(1)
    got = impacts(make_table(x[:, 1:], {csat: rng.integers(1, 6, 50).astype(float)}), csat, ["x"])[0]
    assert got.adjusted is None
    assert np.isnan(got.q)


def test_hc3_is_the_formula() -> None:
    import scipy.sparse as sp

    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(80), rng.random(80) < 0.4, rng.normal(size=80)]).astype(float)
    y = x @ [1, 2, 3] + rng.normal(size=80) * (1 + x[:, 1])
    fit = solve(sp.csr_array(x), y, np.arange(3))
    inverse = np.linalg.inv(x.T @ x)
    h = np.einsum("ij,jk,ik->i", x, inverse, x)
    e = y - x @ (inverse @ x.T @ y)
    expected = inverse @ (x.T * (e**2 / (1 - h) ** 2)) @ x @ inverse
    assert covariance_hc3(sp.csr_array(x), fit, np.arange(3)) == pytest.approx(expected)


def test_leave_out_is_the_score_without_the_mentioners(make_table, nps) -> None:
    rng = np.random.default_rng(4)
    m, v = rng.random((300, 1)) < 0.2, rng.integers(0, 11, 300).astype(float)
    i = impacts(make_table(m, {nps: v}), nps, ["x"])[0]
    without = summarise(nps, v[~m[:, 0]]).value
    assert i.leave_out.value == pytest.approx(summarise(nps, v).value - without, rel=1e-7)
    assert i.leave_out.value == pytest.approx(m.mean() * i.gap.value, rel=1e-7)
    assert "unadjusted" in i.leave_out.method


def test_ewma_and_cusum_are_the_formulas() -> None:
    z, limit = ewma(np.array([1.0, 0.0, 2.0]), 0.25, 3)
    assert z == pytest.approx([0.25, 0.1875, 0.640625])
    assert limit == pytest.approx(3 * np.sqrt(0.25 / 1.75))
    k = (15 - 10) / np.log(15 / 10)
    assert cusum(np.array([14.0, 9, 20]), np.full(3, 10.0)) == pytest.approx([14 - k, 0, 20 - k])


def test_random_scores_are_linked_to_nothing_in_19_of_20_runs(make_table, nps) -> None:
    """Two hundred columns of random answers from repeating customers: at most one in twenty has any finding."""
    clean = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        n = 1200
        m = rng.random((n, 15)) < rng.uniform(0.02, 0.2, 15)
        t = make_table(m, {nps: rng.integers(0, 11, n).astype(float)}, customer=rng.integers(0, 700, n),
                       words=rng.integers(1, 90, n), categories={"channel": rng.integers(0, 3, n)})  # fmt: skip
        clean.append(not any(i.q < 0.05 for i in impacts(t, nps, [str(j) for j in range(15)])))
    assert np.mean(clean) >= 0.95


def weeks(make_table, rates: np.ndarray, seed: int, volume: int = 500):
    rng = np.random.default_rng(seed)
    week = np.repeat(np.arange(len(rates)), volume)
    m = rng.random((len(week), rates.shape[1])) < rates[week]
    return make_table(m, day=MONDAY + 7 * week + np.arange(len(week)) % 7)


def test_a_fivefold_week_is_found_from_five_expected_mentions_on(make_table) -> None:
    """Power at the smallest expectation that is promised: five mentions a week, five times as many in the last."""
    found = 0
    for seed in range(25):
        rates = np.full((26, 12), 0.01)
        rates[25, 0] = 0.05
        _, bursts, p = trends(weeks(make_table, rates, seed), [str(j) for j in range(12)])
        found += any(b["pain_point"] == "0" and b["last"] == p.labels[-1] and b["share_q"] < 0.05 for b in bursts)
    assert found >= 22


def test_no_alarm_below_five_mentions_in_the_newest_stretch(make_table) -> None:
    """Four mentions after a year of none may be a lot; they are too few to call anybody."""
    n = 52 * 200
    week = np.repeat(np.arange(52), 200)
    m = np.zeros((n, 2))
    m[np.flatnonzero(week == 51)[:4], 0] = 1
    m[::100, 1] = 1
    t = make_table(m, day=MONDAY + 7 * week + np.arange(n) % 7)
    got, bursts, _ = trends(t, ["four", "steady"])
    assert {x.pain_point: x.kind for x in got}["four"] not in ("emerging", "rising", "burst")
    assert not [b for b in bursts if b["pain_point"] == "four"]


def test_a_reference_quantile_is_the_normal_one() -> None:
    assert iv.z_value(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert iv.z_value(0.9) == pytest.approx(float(special.ndtri(0.95)))


def test_a_rare_rate_is_not_linked_by_nobody_having_left(make_table, churn) -> None:
    """25 mention it, one in ten customers leaves: that none of the 25 did is no finding; that half of them did is."""
    rejected, found = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        who = rng.integers(0, 500, 1000)
        m = np.zeros((1000, 1))
        m[rng.choice(1000, 25, replace=False)] = 1
        left = (rng.random(500) < 0.1)[who]
        rejected.append(impacts(make_table(m, {churn: left}, customer=who), churn, ["x"])[0].p < 0.05)
        if seed < 50:
            left = left | ((rng.random(1000) < 0.45) & (m[:, 0] > 0))
            found.append(impacts(make_table(m, {churn: left}, customer=who), churn, ["x"])[0].p < 0.05)
    assert np.mean(rejected) <= 0.05
    assert np.mean(found) >= 0.9


@pytest.mark.parametrize("kind", ["rate", "nps"])
def test_that_all_of_a_few_agree_is_no_certainty_with_repeating_customers(make_table, churn, nps, kind) -> None:
    """None of 25 left, all of 25 recommend: the intervals are those of as many people as there are."""
    rng = np.random.default_rng(0)
    metric = churn if kind == "rate" else nps
    m = np.r_[np.ones(25), np.zeros(575)][:, None]
    v = rng.integers(0, 2, 600).astype(float) if kind == "rate" else rng.integers(0, 11, 600).astype(float)
    v[:25] = 0.0 if kind == "rate" else 10.0
    who = np.r_[np.arange(25), 25 + rng.integers(0, 300, 575)]
    i = impacts(make_table(m, {metric: v}, customer=who), metric, ["x"])[0]
    if kind == "rate":
        assert (i.mentioners.low, i.mentioners.high) == pytest.approx([float(x) for x in iv.wilson(0, 25)])
    else:
        assert i.mentioners.low == pytest.approx(100 * float(iv.net_adjusted(0, 0, 25)[1]))
    assert i.gap.high - i.gap.low > 0.08 * (200 if kind == "nps" else 1)
    twice = np.r_[np.repeat(np.arange(13), 2)[:25], who[25:]]
    j = impacts(make_table(m, {metric: v}, customer=twice), metric, ["x"])[0]
    assert j.mentioners.high - j.mentioners.low > i.mentioners.high - i.mentioners.low


def test_clustered_intervals_of_rare_rates_cover(make_table, churn) -> None:
    hits = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        who = rng.integers(0, 300, 700)
        left = (rng.random(300) < 0.06)[who].astype(float)
        m = np.zeros((700, 1))
        m[rng.choice(700, 40, replace=False)] = 1
        i = impacts(make_table(m, {churn: left}, customer=who), churn, ["x"])[0]
        hits.append((i.mentioners.low <= 0.06 <= i.mentioners.high, i.gap.low <= 0 <= i.gap.high))
    assert (np.mean(hits, axis=0) >= 0.92).all()
