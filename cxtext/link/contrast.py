"""Those who mention a pain point against those who don't: sums over all pain points at once, without a dense matrix.

Both the gap D and the leave-out L are means of an influence of the form ``a + d + m (b r + c)`` for each response
(m = mentions it, r = score minus average), so that their variances, clustered by customer or not, follow from ten
sums per pain point over the sparse mentions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.link import intervals as iv
from cxtext.link.people import customer_groups, nonzeros
from cxtext.schema import LinkTable, Metric

FEW = 10
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """The n responses that answered one metric, with the P pain points each mentions.

    ``v`` float64[n] points of the metric; ``rows``/``cols`` the mention pairs, in row order; ``group`` int64[n] the
    customer 0..n_groups-1; ``repeats``: some customer answered more than once; ``kept`` positions in the table.
    """

    metric: Metric
    v: Floats
    rows: Ints
    cols: Ints
    n_pain_points: int
    group: Ints
    n_groups: int
    repeats: bool
    kept: Ints

    def __len__(self) -> int:
        return len(self.v)

    @cached_property
    def pairs(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Customer x pain point pairs: (customer, pain point, times, the pair that each mention belongs to)."""
        key = self.group[self.rows] * self.n_pain_points + self.cols
        order = np.argsort(key, kind="stable")
        new = np.ones(len(key), dtype=bool)
        new[1:] = np.diff(key[order]) > 0
        place = np.empty(len(key), dtype=np.int64)
        place[order] = np.cumsum(new) - 1
        pair = key[order][new]
        return pair // self.n_pain_points, pair % self.n_pain_points, np.bincount(place, minlength=len(pair)), place


def sample(table: LinkTable, metric: Metric, v: Floats) -> Sample:
    """Keep the responses with an answer; ``v`` are the metric's points for all rows of the table (NaN = none)."""
    answered = np.isfinite(v)
    kept = np.flatnonzero(answered)
    mentions = table.mentions if answered.all() else sp.csr_array(table.mentions[kept])
    rows, cols = nonzeros(mentions)
    group, n_groups, repeats = customer_groups(table.customer[kept])
    return Sample(metric, v[kept], rows, cols, table.mentions.shape[1], group, n_groups, repeats, kept)


def subset(s: Sample, rows: npt.NDArray[np.bool_]) -> Sample:
    """The same sample with some of its responses only."""
    place = np.cumsum(rows) - 1
    mine = rows[s.rows]
    group = s.group[rows]
    n_groups = len(group)
    if s.repeats:
        group, n_groups, _ = customer_groups(group)
    else:
        group = np.arange(n_groups)
    return Sample(
        s.metric, s.v[rows], place[s.rows[mine]], s.cols[mine], s.n_pain_points, group.astype(np.int64), n_groups,
        s.repeats and n_groups < len(group), s.kept[rows],
    )  # fmt: skip


@dataclass(frozen=True)
class Contrast:
    """Figures of P pain points on one metric (arrays of length P, points of the metric).

    ``n1``/``n0`` mentioners and others, ``mean1``/``mean0`` their scores with ``low``/``high``; ``gap`` = mean1 - mean0
    and ``leave_out`` = score - score without mentioners, each with interval and, for the gap, p.
    """

    n1: Floats
    n0: Floats
    mean1: Floats
    low1: Floats
    high1: Floats
    mean0: Floats
    low0: Floats
    high0: Floats
    gap: Floats
    gap_low: Floats
    gap_high: Floats
    gap_p: Floats
    leave_out: Floats
    leave_low: Floats
    leave_high: Floats
    clustered: bool
    n_groups: int


def _sum_by(cols: Ints, size: int, weights: Floats | None = None) -> Floats:
    return np.bincount(cols, weights=weights, minlength=size).astype(np.float64)


def contrast(s: Sample, confidence: float = 0.95) -> Contrast:
    """Compare mentioners with non-mentioners for every pain point; customers who repeat are one cluster each."""
    n, size = float(len(s)), s.n_pain_points
    if len(s) == 0:
        return _nobody(size)
    mean = float(np.mean(s.v))
    r = s.v - mean
    rm = r[s.rows]
    n1 = _sum_by(s.cols, size)
    n0 = n - n1
    total = float(np.sum(r))
    with np.errstate(all="ignore"):
        sum1 = _sum_by(s.cols, size, rm)
        r1, r0 = sum1 / n1, (total - sum1) / n0
    sums = _Sums(s, r, rm)
    with np.errstate(all="ignore"):
        share = n1 / n
        # gap: m (r - r1)/n1 - (1 - m)(r - r0)/n0;  leave-out: (r - (1 - m)(r - r0)/(1 - p))/n
        both = 1 / n1 + 1 / n0
        gap_se = np.sqrt(sums.square(-1 / n0, r0 / n0, both, -r1 / n1 - r0 / n0))
        rest = 1 / ((1 - share) * n)
        leave_se = np.sqrt(sums.square(1 / n - rest, r0 * rest, rest, -r0 * rest) * n / (n - 1))
        leave = share * (r1 - r0)
    df = s.n_groups - 1 if s.repeats else n - 1
    leave_half = iv.t_value(confidence, df) * leave_se
    if s.repeats:
        zero = np.zeros(size)
        with np.errstate(all="ignore"):
            fix = np.sqrt(s.n_groups / max(s.n_groups - 1, 1))
            se1 = fix * np.sqrt(sums.square(zero, zero, 1 / n1, -r1 / n1))
            se0 = fix * np.sqrt(sums.square(1 / n0, -r0 / n0, -1 / n0, r0 / n0))
            gap_se = fix * gap_se
            leave_half = leave_half * np.sqrt(max(1.0, s.n_groups / max(s.n_groups - 1, 1) * (n - 1) / n))
            t = iv.t_value(confidence, df)
            gap = r1 - r0
            gap_p = iv.student_p(gap / gap_se, df)
        low1, high1, low0, high0 = r1 - t * se1, r1 + t * se1, r0 - t * se0, r0 + t * se0
        gap_low, gap_high = gap - t * gap_se, gap + t * gap_se
        low1, high1, low0, high0 = (_clip(s.metric, mean + a) for a in (low1, high1, low0, high0))
        if s.metric.kind in ("nps", "rate"):
            few, found = _few_cases(s, n1, n0, se1, se0, confidence)
            told = (low1, high1, low0, high0, gap_low, gap_high, gap_p)
            low1, high1, low0, high0, gap_low, gap_high, gap_p = (
                np.where(few, new, old) for new, old in zip(found, told, strict=True)
            )
    else:
        (low1, high1, low0, high0), (gap, gap_low, gap_high, gap_p) = _independent(s, n1, n0, mean, r, rm, confidence)
    return Contrast(
        n1, n0, mean + r1, low1, high1, mean + r0, low0, high0, gap, gap_low, gap_high, gap_p,
        leave, leave - leave_half, leave + leave_half, clustered=s.repeats, n_groups=s.n_groups,
    )  # fmt: skip


def _nobody(size: int) -> Contrast:
    zero, x = np.zeros(size), np.full(size, np.nan)
    return Contrast(zero, zero, x, x, x, x, x, x, x, x, x, x, x, x, x, clustered=False, n_groups=0)


def _clip(metric: Metric, bound: Floats) -> Floats:
    if metric.kind == "nps":
        return np.clip(bound, -100.0, 100.0)
    if metric.kind == "rate":
        return np.clip(bound, 0.0, 1.0)
    return bound


def _independent(
    s: Sample, n1: Floats, n0: Floats, mean: float, r: Floats, rm: Floats, confidence: float
) -> tuple[tuple[Floats, Floats, Floats, Floats], tuple[Floats, Floats, Floats, Floats]]:
    """Intervals when every response is another customer: adjusted Wald (NPS), Wilson/Newcombe (rates), t/Welch."""
    size = s.n_pain_points
    vm = s.v[s.rows]
    if s.metric.kind == "nps":
        d1, p1 = _sum_by(s.cols, size, (vm < 0).astype(float)), _sum_by(s.cols, size, (vm > 0).astype(float))
        d0, p0 = np.sum(s.v < 0) - d1, np.sum(s.v > 0) - p1
        one, other = (d1, n1 - d1 - p1, p1), (d0, n0 - d0 - p0, p0)
        with np.errstate(all="ignore"):
            _, low1, high1 = iv.net_adjusted(*one, confidence)
            _, low0, high0 = iv.net_adjusted(*other, confidence)
            gap, low, high, p = iv.net_difference(one, other, confidence)
        return (100 * low1, 100 * high1, 100 * low0, 100 * high0), (100 * gap, 100 * low, 100 * high, p)
    if s.metric.kind == "rate":
        k1 = _sum_by(s.cols, size, vm)
        k0 = float(np.sum(s.v)) - k1
        bounds = (*iv.wilson(k1, n1, confidence), *iv.wilson(k0, n0, confidence))
        gap, low, high = iv.newcombe(k1, n1, k0, n0, confidence)
        with np.errstate(all="ignore"):
            return bounds, (gap, low, high, iv.two_rates_p(k1, n1, k0, n0))
    with np.errstate(all="ignore"):
        sum1, square1 = _sum_by(s.cols, size, rm), _sum_by(s.cols, size, rm * rm)
        sum0, square0 = float(np.sum(r)) - sum1, float(np.sum(r * r)) - square1
        m1, m0 = sum1 / n1, sum0 / n0
        var1, var0 = (square1 - n1 * m1 * m1) / (n1 - 1), (square0 - n0 * m0 * m0) / (n0 - 1)
        bounds = (
            *iv.mean_interval(mean + m1, var1, n1, confidence),
            *iv.mean_interval(mean + m0, var0, n0, confidence),
        )
        return bounds, iv.welch(m1, var1, n1, m0, var0, n0, confidence)


def _few_cases(
    s: Sample, n1: Floats, n0: Floats, se1: Floats, se0: Floats, confidence: float
) -> tuple[npt.NDArray[np.bool_], tuple[Floats, ...]]:
    """Where nearly all of a group say the same, the intervals of independent answers with fewer of them.

    That none of 25 left is no certainty, yet the clustered error is 0 there. So counts are divided by the design effect
    (by how often each wrote, if there is no spread at all) and Wilson's, Newcombe's or the adjusted Wald interval is
    used. Returns which pain points (fewer than 10 answers besides the commonest, in either group) and, for all, the
    bounds of mentioners, others and gap, and p.
    """
    size, vm = s.n_pain_points, s.v[s.rows]
    voices = np.bincount(s.pairs[1], minlength=size)
    levels = (-100.0, 0.0, 100.0) if s.metric.kind == "nps" else (0.0, 1.0)
    one = np.stack([_sum_by(s.cols, size, (vm == level).astype(float)) for level in levels])
    other = np.array([[np.sum(s.v == level)] for level in levels], dtype=np.float64) - one
    scale = np.array(levels)[:, None]

    def fewer(counts: Floats, n: Floats, se: Floats, repeated: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        with np.errstate(all="ignore"):
            variance = np.sum(counts * scale**2, axis=0) / n - (np.sum(counts * scale, axis=0) / n) ** 2
            spread = variance > 1e-9 * scale.max() ** 2
            effect = np.maximum(np.where(spread, se**2 * n / np.where(spread, variance, 1.0), repeated), 1.0)
            return counts / effect, (n - counts.max(axis=0)) / effect < FEW

    with np.errstate(all="ignore"):
        one, few1 = fewer(one, n1, se1, n1 / np.maximum(voices, 1))
        other, few0 = fewer(other, n0, se0, np.full(size, len(s) / max(s.n_groups, 1)))
        few = (few1 | few0) & (n1 > 0) & (n0 > 0)
        if s.metric.kind == "nps":
            first, second = (one[0], one[1], one[2]), (other[0], other[1], other[2])
            _, low1, high1 = iv.net_adjusted(*first, confidence)
            _, low0, high0 = iv.net_adjusted(*second, confidence)
            _, low, high, p = iv.net_difference(first, second, confidence)
            return few, (*(100 * x for x in (low1, high1, low0, high0, low, high)), p)
        m1, m0 = one.sum(axis=0), other.sum(axis=0)
        bounds = (*iv.wilson(one[1], m1, confidence), *iv.wilson(other[1], m0, confidence))
        _, low, high = iv.newcombe(one[1], m1, other[1], m0, confidence)
        p = np.ones(size)
        p[few] = iv.two_rates_p(*(np.round(x[few]) for x in (one[1], m1, other[1], m0)))
        return few, (*bounds, low, high, p)


class _Sums:
    """The ten sums over clusters that every variance here is made of (clusters = responses if nobody repeats)."""

    def __init__(self, s: Sample, r: Floats, rm: Floats) -> None:
        size = s.n_pain_points
        cols, a, b = s.cols, rm, np.ones(len(rm))
        big_r, count, r_at, n_at = r, np.ones(len(r)), rm, b
        if s.repeats:
            group, cols, times, place = s.pairs
            a = np.bincount(place, weights=rm, minlength=len(times)).astype(np.float64)
            b = times.astype(np.float64)
            big_r = np.bincount(s.group, weights=r, minlength=s.n_groups).astype(np.float64)
            count = np.bincount(s.group, minlength=s.n_groups).astype(np.float64)
            r_at, n_at = big_r[group], count[group]
        self.rr, self.rn, self.nn = (float(np.sum(x)) for x in (big_r * big_r, big_r * count, count * count))
        self.aa, self.ab, self.bb = (_sum_by(cols, size, x) for x in (a * a, a * b, b * b))
        self.ra, self.rb = _sum_by(cols, size, r_at * a), _sum_by(cols, size, r_at * b)
        self.na, self.nb = _sum_by(cols, size, n_at * a), _sum_by(cols, size, n_at * b)

    def square(self, alpha: Floats, delta: Floats, beta: Floats, gamma: Floats) -> Floats:
        """Sum over clusters of the squared influence ``alpha R + delta N + beta A + gamma B``; never below 0."""
        total = (
            alpha**2 * self.rr + 2 * alpha * delta * self.rn + delta**2 * self.nn
            + beta**2 * self.aa + 2 * beta * gamma * self.ab + gamma**2 * self.bb
            + 2 * (alpha * beta * self.ra + alpha * gamma * self.rb + delta * beta * self.na + delta * gamma * self.nb)
        )  # fmt: skip
        return np.maximum(total, 0.0)
