"""Relative weights against published values for two classic data sets, and the bootstrap around them."""

from __future__ import annotations

import numpy as np
import pytest

from cxtext.link.contrast import sample
from cxtext.link.weights import johnson, lmg, relative_weights
from cxtext.schema import Metric

# Motor Trend 1974: miles per gallon, cylinders, displacement, horsepower, forward gears.
CARS = np.array("""
21.0 6 160 110 4|21.0 6 160 110 4|22.8 4 108 93 4|21.4 6 258 110 3|18.7 8 360 175 3|18.1 6 225 105 3|14.3 8 360 245 3
24.4 4 146.7 62 4|22.8 4 140.8 95 4|19.2 6 167.6 123 4|17.8 6 167.6 123 4|16.4 8 275.8 180 3|17.3 8 275.8 180 3
15.2 8 275.8 180 3|10.4 8 472 205 3|10.4 8 460 215 3|14.7 8 440 230 3|32.4 4 78.7 66 4|30.4 4 75.7 52 4|33.9 4 71.1 65 4
21.5 4 120.1 97 3|15.5 8 318 150 3|15.2 8 304 150 3|13.3 8 350 245 3|19.2 8 400 175 3|27.3 4 79 66 4|26.0 4 120.3 91 5
30.4 4 95.1 113 5|15.8 8 351 264 5|19.7 6 145 175 5|15.0 8 301 335 5|21.4 4 121 109 4
""".replace("|", " ").split(), dtype=float).reshape(32, 5)  # fmt: skip

# Swiss districts in 1888: fertility, agriculture, examination, education, Catholic, infant mortality.
SWISS = np.array("""
80.2 17.0 15 12 9.96 22.2|83.1 45.1 6 9 84.84 22.2|92.5 39.7 5 5 93.40 20.2|85.8 36.5 12 7 33.77 20.3
76.9 43.5 17 15 5.16 20.6|76.1 35.3 9 7 90.57 26.6|83.8 70.2 16 7 92.85 23.6|92.4 67.8 14 8 97.16 24.9
82.4 53.3 12 7 97.67 21.0|82.9 45.2 16 13 91.38 24.4|87.1 64.5 14 6 98.61 24.5|64.1 62.0 21 12 8.52 16.5
66.9 67.5 14 7 2.27 19.1|68.9 60.7 19 12 4.43 22.7|61.7 69.3 22 5 2.82 18.7|68.3 72.6 18 2 24.20 21.2
71.7 34.0 17 8 3.30 20.0|55.7 19.4 26 28 12.11 20.2|54.3 15.2 31 20 2.15 10.8|65.1 73.0 19 9 2.84 20.0
65.5 59.8 22 10 5.23 18.0|65.0 55.1 14 3 4.52 22.4|56.6 50.9 22 12 15.14 16.7|57.4 54.1 20 6 4.20 15.3
72.5 71.2 12 1 2.40 21.0|74.2 58.1 14 8 5.23 23.8|72.0 63.5 6 3 2.56 18.0|60.5 60.8 16 10 7.72 16.3
58.3 26.8 25 19 18.46 20.9|65.4 49.5 15 8 6.10 22.5|75.5 85.9 3 2 99.71 15.1|69.3 84.9 7 6 99.68 19.8
77.3 89.7 5 2 100.00 18.3|70.5 78.2 12 6 98.96 19.4|79.4 64.9 7 3 98.22 20.2|65.0 75.9 9 9 99.06 17.8
92.2 84.6 3 3 99.46 16.3|79.3 63.1 13 13 96.83 18.1|70.4 38.4 26 12 5.62 20.3|65.7 7.7 29 11 13.79 20.5
72.7 16.7 22 13 11.22 18.9|64.4 17.6 35 32 16.92 23.0|77.6 37.6 15 7 4.97 20.0|67.6 18.7 25 7 8.65 19.5
35.0 1.2 37 53 42.34 18.0|44.7 46.6 16 29 50.43 18.2|42.8 27.7 22 29 58.33 19.3
""".replace("|", " ").split(), dtype=float).reshape(47, 6)  # fmt: skip


def correlations(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r = np.corrcoef(data, rowvar=False)
    return r[1:, 1:], r[1:, 0]


def test_johnson_on_cars() -> None:
    assert johnson(*correlations(CARS)) == pytest.approx([0.2284797, 0.2221469, 0.2321744, 0.0963886], abs=1e-6)


def test_johnson_on_swiss() -> None:
    w = johnson(*correlations(SWISS))
    assert w == pytest.approx([0.048417, 0.154708, 0.271964, 0.114680, 0.116966], abs=1e-6)
    assert w.sum() == pytest.approx(0.706735, abs=1e-6)


def test_lmg_on_swiss() -> None:
    w = lmg(*correlations(SWISS))
    assert w == pytest.approx([0.057091, 0.171173, 0.260135, 0.105570, 0.112766], abs=1e-6)
    assert w.sum() == pytest.approx(0.706735, abs=1e-6)


@pytest.mark.parametrize("shares", [johnson, lmg])
def test_batches_give_what_single_ones_give(shares) -> None:
    pairs = [correlations(SWISS), correlations(SWISS[:30])]
    batch = shares(np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs]))
    for row, p in zip(batch, pairs, strict=True):
        assert row == pytest.approx(shares(*p), rel=1e-9)


def test_lmg_refuses_too_many() -> None:
    with pytest.raises(ValueError, match="12"):
        lmg(np.eye(13), np.zeros(13))


def linked(make_table, k: int, n: int = 1200, seed: int = 0, customers: int | None = None):
    rng = np.random.default_rng(seed)
    m = rng.random((n, k)) < 0.15
    m[:, 1] |= m[:, 0] & (rng.random(n) < 0.3)
    metric = Metric("m", "m", "number")
    v = m @ np.r_[-2.0, -1.0, np.zeros(k - 2)] + rng.normal(size=n)
    who = np.arange(n) if customers is None else rng.integers(0, customers, n)
    return m, v, sample(make_table(m, {metric: v}, customer=who), metric, v)


@pytest.mark.parametrize(("k", "method"), [(5, "LMG"), (15, "Johnson")])
def test_weights_of_pain_points(make_table, k, method) -> None:
    m, v, s = linked(make_table, k)
    r2, w = relative_weights(s, np.arange(k))
    r = np.corrcoef(np.column_stack([v, m]), rowvar=False)
    assert [w[j].value for j in range(k)] == pytest.approx((lmg if k <= 12 else johnson)(r[1:, 1:], r[1:, 0]))
    x = np.column_stack([np.ones(len(v)), m])
    e = v - x @ np.linalg.lstsq(x, v, rcond=None)[0]
    assert r2 == pytest.approx(1 - e.var() / v.var())
    assert w[0].method.startswith(method)
    assert w[0].low < w[0].value < w[0].high
    assert w[0].value > w[1].value > w[2].value


def test_bootstrap_intervals_are_about_right(make_table) -> None:
    """The block bootstrap's spread is that of fresh samples."""
    values = [relative_weights(linked(make_table, 4, seed=i)[2], np.arange(4), draws=2)[1][0].value for i in range(120)]
    _, w = relative_weights(linked(make_table, 4)[2], np.arange(4))
    assert w[0].high - w[0].low == pytest.approx(3.92 * np.std(values), rel=0.3)


def test_same_input_same_bytes(make_table) -> None:
    s = linked(make_table, 6, customers=300)[2]
    assert relative_weights(s, np.arange(6)) == relative_weights(s, np.arange(6))


def test_nothing_to_explain(make_table) -> None:
    metric = Metric("m", "m", "number")
    v = np.full(50, 3.0)
    s = sample(make_table(np.ones((50, 2)), {metric: v}), metric, v)
    assert relative_weights(s, np.arange(2))[1] == {}
