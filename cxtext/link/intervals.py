"""Intervals and tests from counts and moments; every function takes scalars or arrays and broadcasts.

Nothing here knows about tables or pain points. Shares and net scores are on 0..1 and -1..1; the caller
turns a net score into NPS points. Sources: Wilson (1927); Newcombe (1998), method 10; Bonett & Price (2012) style
adjusted Wald for a net score; Welch (1947); Benjamini & Hochberg (1995).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Numbers = npt.ArrayLike

# Added to (detractors, passives, promoters) by the adjusted Wald interval: three imaginary respondents.
NPS_PRIOR = (0.75, 1.5, 0.75)


def _f(value: Numbers) -> Floats:
    return np.asarray(value, dtype=np.float64)


def z_value(confidence: float) -> float:
    """The normal quantile of a two-sided interval, 1.96 for .95."""
    return float(special.ndtri(0.5 + confidence / 2))


def t_value(confidence: float, df: Numbers) -> Floats:
    """Student's quantile of a two-sided interval; NaN where there are no degrees of freedom."""
    d = _f(df)
    with np.errstate(all="ignore"):
        return np.where(d > 0, special.stdtrit(np.where(d > 0, d, 1.0), 0.5 + confidence / 2), np.nan)


def normal_p(z: Numbers) -> Floats:
    """Two-sided p-value of a normal deviate."""
    return _f(2 * special.ndtr(-np.abs(_f(z))))


def normal_quantile(p: Numbers) -> Floats:
    """The size of the normal deviate that has two-sided p-value ``p``; 0 for 1."""
    return _f(-special.ndtri(np.maximum(_f(p), 1e-300) / 2))


def student_p(t: Numbers, df: Numbers) -> Floats:
    """Two-sided p-value of Student's t; NaN where there are no degrees of freedom."""
    d = _f(df)
    with np.errstate(all="ignore"):
        return np.where(d > 0, 2 * special.stdtr(np.where(d > 0, d, 1.0), -np.abs(_f(t))), np.nan)


def wilson(k: Numbers, n: Numbers, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """How far a share k/n may be from the truth: Wilson's interval, which stays inside 0..1."""
    k, n, z = _f(k), _f(n), z_value(confidence)
    with np.errstate(all="ignore"):
        p = k / n
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        # At 0 and n the bound is exactly 0 or 1: don't show rounding noise instead.
        low = np.where(k <= 0, 0.0, centre - half)
        high = np.where(k >= n, 1.0, centre + half)
    empty = n <= 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def newcombe(
    k1: Numbers, n1: Numbers, k2: Numbers, n2: Numbers, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """The difference of two shares, k1/n1 - k2/n2, with Newcombe's hybrid interval: (difference, low, high)."""
    k1, n1, k2, n2 = _f(k1), _f(n1), _f(k2), _f(n2)
    l1, u1 = wilson(k1, n1, confidence)
    l2, u2 = wilson(k2, n2, confidence)
    with np.errstate(all="ignore"):
        p1, p2 = k1 / n1, k2 / n2
        d = p1 - p2
        low = d - np.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
        high = d + np.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return d, low, high


def two_rates_p(k1: Numbers, n1: Numbers, k2: Numbers, n2: Numbers) -> Floats:
    """Are two shares the same? The pooled z test, and Fisher's exact test where an expected count is below 5."""
    k1, n1, k2, n2 = (np.atleast_1d(a) for a in np.broadcast_arrays(_f(k1), _f(n1), _f(k2), _f(n2)))
    with np.errstate(all="ignore"):
        pool = (k1 + k2) / (n1 + n2)
        z = (k1 / n1 - k2 / n2) / np.sqrt(pool * (1 - pool) * (1 / n1 + 1 / n2))
        smallest = np.minimum(n1, n2) * np.minimum(pool, 1 - pool)
    p = normal_p(z)
    p = np.where((pool <= 0) | (pool >= 1), 1.0, p)
    for i in np.flatnonzero((smallest < 5) & (pool > 0) & (pool < 1)):
        p[i] = fisher_p(*(int(a[i] + 0.5) for a in (k1, n1, k2, n2)))
    return p


def fisher_p(k1: int, n1: int, k2: int, n2: int) -> float:
    """Fisher's exact two-sided p-value for two shares: all tables with these margins that are no likelier."""
    total = k1 + k2
    k = np.arange(max(0, total - n2), min(n1, total) + 1, dtype=np.float64)
    log_p = _log_choose(n1, k) + _log_choose(n2, total - k)
    p = np.exp(log_p - np.max(log_p))
    # Room for rounding: tables that are exactly as likely count.
    return float(min(1.0, np.sum(p[p <= p[int(k1 - k[0])] * (1 + 1e-7)]) / np.sum(p)))


def _log_choose(n: float, k: Floats) -> Floats:
    return _f(special.gammaln(n + 1.0) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def net_score(detractors: Numbers, passives: Numbers, promoters: Numbers) -> tuple[Floats, Floats, Floats]:
    """Promoters minus detractors as a share, its variance per respondent and n: (x, V, n), x on -1..1."""
    d, pa, pr = _f(detractors), _f(passives), _f(promoters)
    n = d + pa + pr
    with np.errstate(all="ignore"):
        x = (pr - d) / n
        return x, (pr + d) / n - x * x, n


def net_adjusted(
    detractors: Numbers, passives: Numbers, promoters: Numbers, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Adjusted Wald interval of a net score: (centre, low, high), clipped to -1..1.

    The centre is the *adjusted* net score, pulled a little to 0; show the plain one as the value.
    """
    a, b, c = NPS_PRIOR
    x, v, n = net_score(_f(detractors) + a, _f(passives) + b, _f(promoters) + c)
    half = z_value(confidence) * np.sqrt(v / n)
    return x, np.maximum(x - half, -1.0), np.minimum(x + half, 1.0)


def net_wald(detractors: Numbers, passives: Numbers, promoters: Numbers, confidence: float = 0.95) -> tuple[Any, Any]:
    """Plain Wald interval of a net score; kept to show why it isn't used (it covers too little)."""
    x, v, n = net_score(detractors, passives, promoters)
    half = z_value(confidence) * np.sqrt(v / n)
    return x - half, x + half


def net_difference(
    first: tuple[Numbers, Numbers, Numbers], second: tuple[Numbers, Numbers, Numbers], confidence: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Difference of two net scores by adjusted Wald, each given as (detractors, passives, promoters).

    Returns (plain difference, low, high, p); the interval is centred on the difference of the adjusted scores.
    """
    a, b, c = NPS_PRIOR
    x1, _, _ = net_score(*first)
    x2, _, _ = net_score(*second)
    t1, v1, n1 = net_score(_f(first[0]) + a, _f(first[1]) + b, _f(first[2]) + c)
    t2, v2, n2 = net_score(_f(second[0]) + a, _f(second[1]) + b, _f(second[2]) + c)
    se = np.sqrt(v1 / n1 + v2 / n2)
    half = z_value(confidence) * se
    d = t1 - t2
    return x1 - x2, np.maximum(d - half, -2.0), np.minimum(d + half, 2.0), normal_p(d / se)


def respondents_needed(margin: float, variance: float, confidence: float = 0.95) -> float:
    """How many answers give an NPS within +- ``margin`` (a share: .10 for 10 points) at variance V."""
    return z_value(confidence) ** 2 * variance / margin**2 - 3


def mean_interval(mean: Numbers, variance: Numbers, n: Numbers, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Student's interval of a mean; ``variance`` is the sample variance (n - 1 below)."""
    n = _f(n)
    with np.errstate(all="ignore"):
        half = t_value(confidence, n - 1) * np.sqrt(np.maximum(_f(variance), 0.0) / n)
    return _f(mean) - half, _f(mean) + half


def welch(
    m1: Numbers, v1: Numbers, n1: Numbers, m2: Numbers, v2: Numbers, n2: Numbers, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Difference of two means without assuming equal spread: (difference, low, high, p)."""
    with np.errstate(all="ignore"):
        a = np.maximum(_f(v1), 0.0) / _f(n1)
        b = np.maximum(_f(v2), 0.0) / _f(n2)
        se = np.sqrt(a + b)
        df = (a + b) ** 2 / (a * a / (_f(n1) - 1) + b * b / (_f(n2) - 1))
        d = _f(m1) - _f(m2)
        half = t_value(confidence, df) * se
        p = np.where(se > 0, student_p(d / se, df), np.where(d == 0, 1.0, np.nan))
    return d, d - half, d + half, p


def median_interval(values: Floats, confidence: float = 0.95, effect: float = 1.0) -> tuple[float, float, float]:
    """Median and its interval from order statistics: no assumption about the shape, no random numbers.

    The ranks are those of a Bin(n, 1/2) variable; with too few values the interval is the range. ``effect`` (1 or more)
    is by how much repeating customers widen things: ranks are as far out as with n / effect values.
    """
    x = np.sort(values[np.isfinite(values)])
    n = len(x)
    if n == 0:
        return float("nan"), float("nan"), float("nan")
    # k = largest rank with P(Bin(m, 1/2) < k) <= alpha/2, so that [x_(k), x_(m+1-k)] covers at least `confidence`.
    m = max(1, int(n / max(effect, 1.0)))
    ranks = np.arange(0, m // 2 + 1)
    tail = special.bdtr(ranks.astype(np.float64), m, 0.5)
    k = int(np.searchsorted(tail, (1 - confidence) / 2, side="right"))
    k = max(k * n // m, 1)
    return float(np.median(x)), float(x[k - 1]), float(x[n - k])


def benjamini_hochberg(p: Numbers) -> Floats:
    """False discovery rate: the smallest rate at which each test would pass; NaN (not tested) stays NaN."""
    p = _f(p)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    if len(tested) == 0:
        return q
    order = tested[np.argsort(p[tested], kind="stable")]
    m = len(order)
    raised = p[order] * m / np.arange(1, m + 1)
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q
