"""Impact figures against statsmodels, brute force, and the simulations they must survive."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from cxtext.link import intervals as iv
from cxtext.link.impact import impacts
from cxtext.link.regression import independent, solve, wild_cluster_p
from cxtext.schema import Metric

NUMBER = Metric("m", "m", "number", True)


def frame(seed: int, n: int, p: int, customers: int | None = None):
    """Scores, mentions, segments, channels, days and words with real effects in them."""
    rng = np.random.default_rng(seed)
    m = rng.random((n, p)) < rng.uniform(0.05, 0.3, p)
    who = np.arange(n) if customers is None else rng.integers(0, customers, n)
    segment, channel = rng.integers(0, 3, n), rng.integers(0, 4, n)
    mood = rng.normal(size=who.max() + 1)[who]
    v = 5 + m @ np.linspace(-1, 0.5, p) + 0.5 * segment + mood + rng.normal(size=n) * (1 + m[:, 0])
    day, words = 19723 + rng.integers(0, 120, n), rng.integers(1, 80, n)
    return m, v, who, segment, channel, day, words


def dense(m, segment, channel, day, words):
    months = (np.asarray(day).astype("datetime64[D]").astype("datetime64[M]")).astype(int)
    dummies = [(c[:, None] == np.unique(c)[None, 1:]) for c in (channel, segment, months)]
    log = np.log1p(words)
    return np.column_stack([np.ones(len(m)), *dummies, log - log.mean(), m]).astype(float)


@pytest.mark.parametrize("customers", [None, 150])
def test_adjusted_is_statsmodels(make_table, customers) -> None:
    sm = pytest.importorskip("statsmodels.api")
    m, v, who, segment, channel, day, words = frame(0, 900, 5, customers)
    t = make_table(
        m, {NUMBER: v}, customer=who, day=day, words=words, categories={"channel": channel, "segment:plan": segment}
    )
    got = impacts(t, NUMBER, list("abcde"))
    model = sm.OLS(v, dense(m, segment, channel, day, words))
    if customers is None:
        fit = model.fit(cov_type="HC3", use_t=True)
    else:
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": who}, use_t=True)
    share = m.mean(axis=0)
    assert [i.adjusted.value for i in got] == pytest.approx(list(share * fit.params[-5:]), abs=1e-9)
    assert [i.p for i in got] == pytest.approx(list(fit.pvalues[-5:]), abs=1e-9)
    assert [i.q for i in got] == pytest.approx(list(iv.benjamini_hochberg(fit.pvalues[-5:])), abs=1e-9)
    # The interval is at least as wide as that of the coefficient alone: the share is estimated too.
    ci = fit.conf_int()[-5:] * share[:, None]
    for i, (low, high) in zip(got, ci, strict=True):
        assert (high - low) * 0.999 <= i.adjusted.high - i.adjusted.low < (high - low) * 1.6


def test_vif_is_statsmodels(make_table) -> None:
    outliers = pytest.importorskip("statsmodels.stats.outliers_influence")
    m, v, _, segment, channel, day, words = frame(1, 600, 4)
    m[:, 1] = m[:, 0] ^ (np.random.default_rng(0).random(600) < 0.03)
    t = make_table(m, {NUMBER: v}, day=day, words=words, categories={"channel": channel, "segment:plan": segment})
    x = dense(m, segment, channel, day, words)
    expected = [outliers.variance_inflation_factor(x, x.shape[1] - 4 + j) for j in range(4)]
    assert [i.vif for i in impacts(t, NUMBER, list("abcd"))] == pytest.approx(expected)
    assert expected[0] > 5


@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize("kind", ["nps", "number", "rate"])
def test_gap_and_leave_out_by_brute_force(make_table, kind, repeat) -> None:
    rng = np.random.default_rng(7)
    n = 400
    m = rng.random((n, 3)) < [0.15, 0.3, 0.5]
    raw = {"nps": rng.integers(0, 11, n), "number": rng.gamma(2, 3, n), "rate": rng.integers(0, 2, n)}[kind].astype(
        float
    )
    raw[::17] = np.nan
    metric = Metric("m", "m", kind, True, 0, 10 if kind == "nps" else None)
    who = rng.integers(0, 60, n) if repeat else np.arange(n)
    got = impacts(make_table(m, {metric: raw}, customer=who), metric, ["a", "b", "c"])
    ok = ~np.isnan(raw)
    v = np.where(raw >= 9, 100.0, np.where(raw <= 6, -100.0, 0.0)) if kind == "nps" else raw
    v, mm, who, total = v[ok], m[ok], who[ok], int(ok.sum())
    for j, i in enumerate(got):
        t = mm[:, j]
        m1, m0, p = v[t].mean(), v[~t].mean(), t.mean()
        assert i.gap.value == pytest.approx(m1 - m0)
        assert i.leave_out.value == pytest.approx(v.mean() - m0)
        assert i.leave_out.value == pytest.approx(p * (m1 - m0))
        psi = (v - v.mean()) - (~t) * (v - m0) / (1 - p)
        psi_gap = np.where(t, (v - m1) / t.sum(), -(v - m0) / (~t).sum())
        if repeat:
            g = len(np.unique(who))
            root = np.sqrt(g / (g - 1))
            se = root * np.sqrt(np.sum(np.bincount(who, psi) ** 2)) / total
            half = float(iv.t_value(0.95, g - 1)) * se
            gap_half = float(iv.t_value(0.95, g - 1)) * root * np.sqrt(np.sum(np.bincount(who, psi_gap) ** 2))
            assert i.gap.high - i.gap.value == pytest.approx(gap_half)
            mine = (
                root * np.sqrt(np.sum(np.bincount(who, t * (v - m1) / t.sum()) ** 2)) * float(iv.t_value(0.95, g - 1))
            )
            rest = (
                root
                * np.sqrt(np.sum(np.bincount(who, ~t * (v - m0) / (~t).sum()) ** 2))
                * float(iv.t_value(0.95, g - 1))
            )
            assert i.mentioners.high == pytest.approx(m1 + mine)
            assert i.others.low == pytest.approx(m0 - rest)
        else:
            half = float(iv.t_value(0.95, total - 1)) * np.sqrt(np.sum(psi**2) / (total * (total - 1)))
            if kind == "number":
                d = iv.welch(m1, v[t].var(ddof=1), t.sum(), m0, v[~t].var(ddof=1), (~t).sum())
                assert (i.gap.low, i.gap.high) == pytest.approx((float(d[1]), float(d[2])))
        assert (i.leave_out.low, i.leave_out.high) == pytest.approx(
            (i.leave_out.value - half, i.leave_out.value + half)
        )


def simulate(seed: int, n: int = 4000):
    """Unhappy segment writes longer, theme 4 co-occurs with theme 1, themes 4-6 have no effect; 0-10 answers."""
    rng = np.random.default_rng(seed)
    unhappy = rng.random(n) < 0.35
    words = np.maximum(1, np.exp(rng.normal(2.6 + 0.8 * unhappy, 0.6, n))).astype(int)
    lift = 0.7 + 0.5 * (np.log(words) - 2.9) + 0.4 * unhappy
    base = np.array([0.14, 0.10, 0.06, 0.04, 0.06, 0.05])
    m = rng.random((n, 6)) < np.clip(base * np.maximum(lift, 0.2)[:, None], 0, 0.8)
    m[:, 3] |= m[:, 0] & (rng.random(n) < 0.45)
    effect = np.array([-0.38, -0.30, -0.18, 0, 0, 0])  # in NPS/100 per mention
    p_promoter = 0.55 - 0.20 * unhappy + np.minimum(m @ effect, 0) * 0.5
    p_detractor = 0.15 + 0.20 * unhappy - np.minimum(m @ effect, 0) * 0.5
    u = rng.random(n)
    p_promoter, p_detractor = np.clip(p_promoter, 0, 1), np.clip(p_detractor, 0, 1)
    score = np.where(u < p_promoter, 9.0, np.where(u > 1 - p_detractor, 3.0, 7.0))
    return m, score, unhappy.astype(int), words, 100 * m.mean(axis=0) * effect


def test_adjusted_finds_the_truth_where_leave_out_does_not(make_table, nps) -> None:
    names = [f"T{j}" for j in range(1, 7)]
    raw, adjusted, truth, false_raw, false_adjusted = [], [], [], [], []
    for seed in range(60):
        m, score, segment, words, real = simulate(seed)
        got = impacts(make_table(m, {nps: score}, words=words, categories={"segment:s": segment}), nps, names)
        raw.append([i.leave_out.value for i in got])
        adjusted.append([i.adjusted.value for i in got])
        truth.append(real)
        false_raw.append([not i.leave_out.low <= 0 <= i.leave_out.high for i in got[3:]])
        false_adjusted.append([i.p < 0.05 for i in got[3:]])
    raw, adjusted, truth = (np.mean(x, axis=0) for x in (raw, adjusted, truth))
    assert adjusted[:3] == pytest.approx(truth[:3], rel=0.15)
    assert np.abs(adjusted[3:]).max() < 0.15
    assert (raw[:3] / truth[:3] > 1.25).all()  # leave-out overstates the real ones
    assert raw[3] < -2  # and charges theme 4 with what theme 1 did
    assert np.mean(false_raw) > 0.5
    assert np.mean(false_adjusted) < 0.12


def test_a_null_theme_is_rejected_3_to_7_percent_with_repeating_customers(make_table) -> None:
    rejected, naive = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(120), 6)
        habit = rng.random(120) < 0.3  # the same customers keep writing about it
        m = (rng.random(720) < np.where(habit[who], 0.5, 0.02))[:, None]
        v = rng.normal(size=120)[who] + rng.normal(size=720)
        t = make_table(m, {NUMBER: v}, customer=who)
        rejected.append(impacts(t, NUMBER, ["x"])[0].p < 0.05)
        naive.append(impacts(make_table(m, {NUMBER: v}), NUMBER, ["x"])[0].p < 0.05)
    assert 0.03 <= np.mean(rejected) <= 0.07
    assert np.mean(naive) > 0.10


def test_intervals_of_the_adjusted_figure_cover(make_table) -> None:
    hits = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        m = rng.random((500, 2)) < [0.12, 0.3]
        v = 3 - 1.5 * m[:, 0] + 0.5 * m[:, 1] + rng.normal(size=500)
        got = impacts(make_table(m, {NUMBER: v}), NUMBER, ["x", "y"])
        for i, truth in zip(got, (-0.12 * 1.5, 0.3 * 0.5), strict=True):
            hits.append(i.adjusted.low <= truth <= i.adjusted.high)
    assert 0.92 <= np.mean(hits) <= 0.98


def test_wild_bootstrap_below_thirty_customers(make_table) -> None:
    rejected = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(15), 12)
        m = (rng.random(180) < np.where(rng.random(15) < 0.5, 0.6, 0.1)[who])[:, None]
        v = 1.5 * rng.normal(size=15)[who] + rng.normal(size=180)
        i = impacts(make_table(m, {NUMBER: v}, customer=who), NUMBER, ["x"])[0]
        if np.isfinite(i.p):
            assert "wild cluster bootstrap (15 customers)" in i.adjusted.method
            rejected.append(i.p < 0.05)
    assert len(rejected) > 100
    assert 0.01 <= np.mean(rejected) <= 0.10


def test_wild_bootstrap_shortcut_equals_refitting() -> None:
    """The draws from cross-products are those of refitting the regression on every bootstrap sample."""
    rng = np.random.default_rng(0)
    n, groups = 90, 12
    who = rng.integers(0, groups, n)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.4]).astype(float)
    v = x @ [1, 0.5, 0.3] + rng.normal(size=groups)[who] + rng.normal(size=n)
    csr = sp.csr_array(x)
    fit = solve(csr, v, np.arange(3))
    p, se, _ = wild_cluster_p(csr, v, fit, np.array([2]), who, groups, 0.95, draws=199)
    weights = np.random.default_rng(20240229).choice(np.array([-1.0, 1.0]), size=(199, groups))

    def t_of(y):
        b = np.linalg.lstsq(x, y, rcond=None)[0]
        u = np.stack([(x * (y - x @ b)[:, None])[who == g].sum(axis=0) for g in range(groups)])
        inverse = np.linalg.inv(x.T @ x)
        return b[2], np.sqrt((inverse @ u.T @ u @ inverse)[2, 2] * groups / (groups - 1) * (n - 1) / (n - 3))

    b, expected_se = t_of(v)
    assert se[0] == pytest.approx(expected_se)
    null = np.linalg.lstsq(x[:, :2], v, rcond=None)[0]
    fitted = x[:, :2] @ null
    draws = [t_of(fitted + w[who] * (v - fitted)) for w in weights]
    t_star = np.abs([d[0] / d[1] for d in draws])
    assert p[0] == pytest.approx((1 + np.sum(t_star >= abs(b) / expected_se - 1e-9)) / 200)


def test_pain_points_that_cover_everything_leave_out_a_reference(make_table) -> None:
    rng = np.random.default_rng(1)
    label = rng.choice(3, 600, p=[0.5, 0.3, 0.2])
    v = np.array([3.0, 2.0, 1.0])[label] + rng.normal(size=600)
    got = impacts(make_table(np.eye(3)[label], {NUMBER: v}), NUMBER, ["most", "some", "few"])
    assert got[0].adjusted is None
    assert "reference" in got[0].note
    assert got[1].adjusted.value == pytest.approx(-0.3, abs=0.1)
    assert got[2].adjusted.value == pytest.approx(-0.4, abs=0.1)
    assert "most frequent" in got[1].note


def test_twins_and_rare_pain_points_are_left_out_with_a_reason(make_table) -> None:
    rng = np.random.default_rng(2)
    m = rng.random((500, 4)) < [0.2, 0.2, 0.3, 0.0]
    m[:, 1] = m[:, 0]
    m[:19, 3] = True
    got = impacts(make_table(m, {NUMBER: rng.normal(size=500)}), NUMBER, list("abcd"))
    assert [i.adjusted is None for i in got] == [False, True, False, True]
    assert "together" in got[1].note
    assert "fewer than 20" in got[3].note
    assert np.isnan(got[3].q)
    assert got[3].gap.status == "low confidence"  # 19 mentioners still have a gap


def test_small_cells_and_their_complements_are_suppressed(make_table, csat) -> None:
    m = np.zeros((200, 2))
    m[:9, 0] = 1
    m[:192, 1] = 1
    got = impacts(make_table(m, {csat: np.tile([1.0, 4.0, 5.0, 5.0], 50)}), csat, ["rare", "everywhere"])
    for i in got:
        for e in (i.mentioners, i.others, i.gap, i.leave_out):
            assert e.status == "suppressed"
            assert np.isnan([e.value, e.low, e.high]).all()


def test_staff_are_not_customers(make_table, csat) -> None:
    m = np.r_[np.ones(30), np.zeros(70), np.ones(100)][:, None]
    v = np.r_[np.full(30, 2.0), np.full(70, 4.0), np.full(100, 5.0)]
    role = np.r_[np.zeros(100, int), np.ones(100, int)]
    t = make_table(m, {csat: v}, categories={"author_role": role}, levels={"author_role": ("customer", "Staff")})
    i = impacts(t, csat, ["x"])[0]
    assert (i.n_mentioners, i.mentioners.value, i.gap.value) == pytest.approx((30, 2.0, -2.0))


def test_a_random_outcome_is_linked_to_nothing(make_table) -> None:
    clean = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        m = rng.random((1500, 20)) < rng.uniform(0.02, 0.2, 20)
        t = make_table(m, {NUMBER: rng.random(1500)}, words=rng.integers(1, 90, 1500))
        clean += not any(i.q < 0.05 for i in impacts(t, NUMBER, [str(j) for j in range(20)]))
    assert clean >= 19


def test_constant_or_absent_scores_give_no_figures(make_table) -> None:
    m = np.tile([[1, 0], [0, 1]], (60, 1))
    for v in (np.full(120, 4.0), np.full(120, np.nan)):
        for i in impacts(make_table(m, {NUMBER: v}), NUMBER, ["a", "b"]):
            assert i.adjusted is None
            assert np.isnan(i.q)


def test_row_order_does_not_matter(make_table) -> None:
    m, v, who, segment, channel, day, words = frame(3, 300, 3, 60)
    mix = np.random.default_rng(0).permutation(300)
    results = []
    for rows in (np.arange(300), mix):
        t = make_table(
            m[rows], {NUMBER: v[rows]}, customer=who[rows], day=day[rows], words=words[rows],
            categories={"channel": channel[rows], "segment:p": segment[rows]},
        )  # fmt: skip
        results.append([x for i in impacts(t, NUMBER, list("abc")) for x in (i.adjusted.value, i.p, i.gap.low, i.vif)])
    assert results[0] == pytest.approx(results[1], rel=1e-9)


def test_elimination_finds_dependent_columns() -> None:
    x = np.random.default_rng(0).normal(size=(50, 4))
    x[:, 2] = x[:, 0] - 2 * x[:, 1]
    assert list(independent(x.T @ x, np.arange(4))) == [True, True, False, True]
    assert list(independent(x.T @ x, np.array([2, 3, 0, 1]))) == [True, False, True, True]
