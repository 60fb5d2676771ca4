"""What each pain point goes with on one score: gap, unadjusted leave-out, and the headline adjusted contribution.

``A_j = p_j b_j``: the share of responses that mention it, times its coefficient in a regression of the score on all
pain points, segments, channel, length and period. Nothing here is a cause: the wording is "associated with".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.link import intervals as iv
from cxtext.link.contrast import Contrast, Sample, contrast, sample
from cxtext.link.design import default_covariates, design
from cxtext.link.metrics import LOW_CONFIDENCE, MIN_CELL, NAN, estimate, points
from cxtext.link.people import customers
from cxtext.link.regression import Fit, solve, variances_clustered, variances_hc3, wild_cluster_p
from cxtext.schema import Estimate, Impact, LinkTable, Metric

Floats = npt.NDArray[np.float64]

MIN_MENTIONERS = 20
FEW_CUSTOMERS = 30
# Fewer different customers than this behind a pain point can't carry a p-value, however often they wrote.
MIN_VOICES = 10


@dataclass(frozen=True)
class Adjusted:
    """Adjusted figures of P pain points: coefficient ``b`` per mention, contribution ``a`` = share x b, with interval,
    ``p``, ``vif``; NaN where left out, with the reason in ``note``. ``used`` = covariates, ``r2`` share explained."""

    b: Floats
    b_low: Floats
    b_high: Floats
    a: Floats
    low: Floats
    high: Floats
    p: Floats
    vif: Floats
    note: list[str]
    method: str
    used: tuple[str, ...]
    r2: float


def impacts(
    table: LinkTable,
    metric: Metric,
    pain_points: Sequence[str],
    *,
    min_cell: int = MIN_CELL,
    min_mentioners: int = MIN_MENTIONERS,
    covariates: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> list[Impact]:
    """Tie every pain point to one score: one ``Impact`` per id, in the order given (columns of ``table.mentions``).

    Only customers count (rows of staff are left out). ``covariates``: category names, ``words``, ``commented`` and
    ``period``; by default all segments and the channel with those three. Small cells, and cells that could be worked
    out by subtraction, are suppressed. q runs over all pain points tested on this score.
    """
    table = customers(table)
    s = sample(table, metric, points(metric, table.values[metric.name]))
    c = contrast(s, confidence)
    adj = adjusted(table, s, min_mentioners=min_mentioners, covariates=covariates, confidence=confidence)
    return assemble(s, c, adj, pain_points, min_cell)


def assemble(s: Sample, c: Contrast, adj: Adjusted, pain_points: Sequence[str], min_cell: int) -> list[Impact]:
    """Turn the arrays into ``Impact`` rows; statuses and suppression are decided here and only here."""
    q = iv.benjamini_hochberg(adj.p)
    kind = s.metric.kind
    by = ", clustered by customer" if c.clustered else ""
    level = {"nps": "NPS, adjusted Wald", "rate": "rate, Wilson"}.get(kind, "mean, t interval")
    gap_method = {"nps": "NPS difference, adjusted Wald", "rate": "difference of rates, Newcombe"}.get(kind, "Welch")
    if c.clustered:
        level = {"nps": "NPS", "rate": "rate"}.get(kind, "mean") + by
        gap_method = "difference" + by
    out = []
    for j, name in enumerate(pain_points):
        n1, n0 = int(c.n1[j]), int(c.n0[j])
        small = min(n1, n0) < min_cell
        hidden = min_cell if small else 0  # the complement of a suppressed cell is suppressed too
        cases = min(n1, n0)
        notes = [adj.note[j]] if adj.note[j] else []
        if small:
            notes.insert(0, f"fewer than {min_cell} " + ("mention it" if n1 < n0 else "don't mention it"))

        def of(
            n: int, value: float, low: float, high: float, method: str, min_n: int = hidden, few: int = cases
        ) -> Estimate:
            if min_n:
                return Estimate(NAN, NAN, NAN, n, method, "suppressed")
            e = estimate(value, low, high, n, method, 0)
            return replace(e, status="low confidence" if few < LOW_CONFIDENCE else "")

        mine = None
        if np.isfinite(adj.a[j]):
            mine = of(len(s), adj.a[j], adj.low[j], adj.high[j], adj.method)
        out.append(
            Impact(
                pain_point=name,
                metric=s.metric.name,
                n_mentioners=n1,
                mentioners=of(n1, c.mean1[j], c.low1[j], c.high1[j], level, few=n1),
                others=of(n0, c.mean0[j], c.low0[j], c.high0[j], level, few=n0),
                gap=of(n1 + n0, c.gap[j], c.gap_low[j], c.gap_high[j], gap_method),
                leave_out=of(n1 + n0, c.leave_out[j], c.leave_low[j], c.leave_high[j], "leave-out, unadjusted" + by),
                adjusted=mine,
                p=float(adj.p[j]),
                q=float(q[j]),
                vif=float(adj.vif[j]),
                note="; ".join(notes),
            )
        )
    return out


def adjusted(
    table: LinkTable,
    s: Sample,
    *,
    min_mentioners: int = MIN_MENTIONERS,
    covariates: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Adjusted:
    """Regress the score on all pain points with enough mentioners and the covariates; see ``Adjusted``."""
    size, n = s.n_pain_points, len(s)
    nan = np.full(size, np.nan)
    count = np.bincount(s.cols, minlength=size)
    note = [""] * size
    enough = (count >= min_mentioners) & (n - count >= min_mentioners)
    for j in np.flatnonzero(~enough):
        what = "mention" if count[j] < min_mentioners else "don't mention"
        note[j] = f"fewer than {min_mentioners} {what} it: not in the adjusted model"
    blank = Adjusted(nan, nan, nan, nan, nan, nan, nan, nan, note, "", (), NAN)
    names = tuple(default_covariates(table) if covariates is None else covariates)
    if not enough.any() or n < min_mentioners or float(np.ptp(s.v)) == 0.0:
        return blank
    d = design(table, s, np.flatnonzero(enough), names)
    if n - d.x.shape[1] < min_mentioners:
        return _too_wide(blank, enough)
    # Rarest first: where pain points can't be told apart, the most frequent one becomes the reference.
    by_count = np.argsort(count[d.pain_points], kind="stable")
    fit = solve(d.x, s.v, np.r_[np.arange(d.first), d.first + by_count])
    columns = d.first + np.arange(len(d.pain_points))
    live = fit.kept[columns]
    columns, pp = columns[live], d.pain_points[live]
    _explain_dropped(note, d.pain_points[~live], s, enough)
    if len(pp) == 0:
        return replace(blank, note=note)
    b = fit.b[columns]
    p, se, multiple, method = _errors(d.x, s, fit, columns, pp, note, confidence)
    share = count[pp] / n
    # The share is an estimate as well: its variance adds b^2 var(p), clustered like everything else.
    var_share = _share_variance(s, pp, share)
    se_a = np.sqrt((share * se) ** 2 + b**2 * var_share)
    contribution, half, half_a = share * b, multiple * se, multiple * se_a
    vif = np.diag(fit.inverse)[columns] * n * share * (1 - share)

    def full(value: Floats) -> Floats:
        out = nan.copy()
        out[pp] = value
        return out

    spread = s.v - np.mean(s.v)
    r2 = 1.0 - float(np.sum(fit.residual**2)) / float(np.sum(spread**2))
    return Adjusted(
        full(b), full(b - half), full(b + half), full(contribution), full(contribution - half_a),
        full(contribution + half_a), full(p), full(vif), note, method, d.used, r2,
    )  # fmt: skip


def _too_wide(blank: Adjusted, enough: npt.NDArray[np.bool_]) -> Adjusted:
    note = [f"{old}too few answers for the adjusted model" if new and not old else old
            for old, new in zip(blank.note, enough, strict=True)]  # fmt: skip
    return replace(blank, note=note)


def _explain_dropped(note: list[str], dropped: npt.NDArray[np.int64], s: Sample, enough: npt.NDArray[np.bool_]) -> None:
    if len(dropped) == 0:
        return
    mentioned = np.zeros(len(s), dtype=bool)
    mentioned[s.rows[enough[s.cols]]] = True
    covers = bool(mentioned.all()) and len(dropped) == 1
    for j in dropped:
        note[j] = (
            "every response mentions a pain point: this one is the reference the others are measured against"
            if covers
            else "always goes together with other pain points or covariates: no figure of its own"
        )
    if covers:
        for j in np.flatnonzero(enough):
            if j not in dropped:
                note[j] = "every response mentions a pain point: measured against the most frequent one"


def _errors(
    x: sp.csr_array, s: Sample, fit: Fit, columns: npt.NDArray[np.int64], pp: npt.NDArray[np.int64],
    note: list[str], confidence: float,
) -> tuple[Floats, Floats, Floats, str]:  # fmt: skip
    """p-values, standard errors of b and the interval's multiple of them, by the rule that fits the customers."""
    b = fit.b[columns]
    if not s.repeats:
        se = np.sqrt(variances_hc3(x, fit, columns))
        df = len(s) - fit.rank
        with np.errstate(all="ignore"):
            return iv.student_p(b / se, df), se, np.full(len(b), iv.t_value(confidence, df)), "OLS share x b, HC3"
    if s.n_groups < FEW_CUSTOMERS:
        method = f"OLS share x b, wild cluster bootstrap ({s.n_groups} customers)"
        if s.n_groups < 6:
            for j in pp:
                note[j] = note[j] or f"only {s.n_groups} customers: no interval"
            blank = np.full(len(b), np.nan)
            return blank, blank, blank, method
        p, se, multiple = wild_cluster_p(x, s.v, fit, columns, s.group, s.n_groups, confidence)
    else:
        se = np.sqrt(variances_clustered(x, fit, columns, s.group, s.n_groups))
        with np.errstate(all="ignore"):
            p = iv.student_p(b / se, s.n_groups - 1)
        multiple = np.full(len(b), iv.t_value(confidence, s.n_groups - 1))
        method = "OLS share x b, clustered by customer (CR1)"
    voices = _voices(s)[pp]
    for i in np.flatnonzero(voices < MIN_VOICES):
        p[i] = np.nan
        note[pp[i]] = f"only {int(voices[i])} different customers mention it: no p-value"
    return p, se, multiple, method


def _voices(s: Sample) -> npt.NDArray[np.int64]:
    pair = np.unique(s.group[s.rows] * s.n_pain_points + s.cols)
    return np.bincount(pair % s.n_pain_points, minlength=s.n_pain_points)


def _share_variance(s: Sample, pp: npt.NDArray[np.int64], share: Floats) -> Floats:
    n = len(s)
    if not s.repeats:
        return share * (1 - share) / n
    key = s.group[s.rows] * s.n_pain_points + s.cols
    pair, hits = np.unique(key, return_counts=True)
    size = np.bincount(s.group, minlength=s.n_groups).astype(np.float64)
    col, group = pair % s.n_pain_points, pair // s.n_pain_points
    square = np.bincount(col, weights=hits.astype(np.float64) ** 2, minlength=s.n_pain_points)[pp]
    cross = np.bincount(col, weights=hits * size[group], minlength=s.n_pain_points)[pp]
    total = np.maximum(square - 2 * share * cross + share**2 * float(size @ size), 0.0)
    return total * s.n_groups / (s.n_groups - 1) / n**2
