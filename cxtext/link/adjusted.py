"""The adjusted contribution: share of responses x regression coefficient, all pain points and covariates at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.exact import nine_digits
from cxtext.link import intervals as iv
from cxtext.link.contrast import Sample
from cxtext.link.design import default_covariates, design
from cxtext.link.metrics import NAN
from cxtext.link.regression import Fit, covariance_clustered, covariance_hc3, joint_p, solve, wild_cluster_p
from cxtext.schema import LinkTable, nine

Floats = npt.NDArray[np.float64]

MIN_MENTIONERS = 20
FEW_CUSTOMERS = 30
# Fewer different customers than this behind a pain point can't carry a p-value, however often they wrote.
MIN_VOICES = 10
JOINT_COUNTS = 3
# Below this many expected cases of a rate among the mentioners, their own spread says too little.
FEW_CASES = 10


@dataclass(frozen=True)
class Adjusted:
    """Adjusted figures of P pain points: coefficient ``b`` per mention, contribution ``a`` = share x b, with interval,
    ``p``, ``vif``; NaN where left out, with the reason in ``note``. ``used`` = covariates, ``r2`` share explained
    by the whole model, ``joint`` p of all pain points together."""

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
    joint: float


def nothing_adjusted(size: int) -> Adjusted:
    """The adjusted figures of ``size`` pain points where none were asked for."""
    nan = np.full(size, np.nan)
    return Adjusted(nan, nan, nan, nan, nan, nan, nan, nan, [""] * size, "", (), NAN, NAN)


def protected_q(p: Floats, joint: float) -> Floats:
    """Benjamini-Hochberg over all tested pain points, never below three times the joint p of all of them together.

    If the pain points as a whole explain no more than chance, none of them is singled out. Where anything real is going
    on the joint p is far below any q that matters; on a score of random numbers it is below .05 once in twenty times,
    and counting it three times makes that once in sixty.
    """
    q = iv.benjamini_hochberg(p)
    return q if np.isnan(joint) else np.maximum(q, min(1.0, JOINT_COUNTS * joint))


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
    blank = Adjusted(nan, nan, nan, nan, nan, nan, nan, nan, note, "", (), NAN, NAN)
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
    p, se, multiple, method, joint = _errors(d.x, s, fit, columns, pp, note, confidence)
    # What a library solved differs in its last digits between processors; what is compared and ranked doesn't.
    b, p, se, joint = nine_digits(b), nine_digits(p), nine_digits(se), nine(joint)
    share = count[pp] / n
    # The share is an estimate as well: its variance adds b^2 var(p), clustered like everything else.
    var_share = _share_variance(s, pp, share)
    se_a = np.sqrt((share * se) ** 2 + b**2 * var_share)
    contribution, half, half_a = share * b, multiple * se, multiple * se_a
    vif = nine_digits(np.diag(fit.inverse)[columns] * n * share * (1 - share))

    def full(value: Floats) -> Floats:
        out = nan.copy()
        out[pp] = value
        return out

    spread = s.v - np.mean(s.v)
    r2 = 1.0 - float(np.sum(fit.residual**2)) / float(np.sum(spread**2))
    return Adjusted(
        full(b), full(b - half), full(b + half), full(contribution), full(contribution - half_a),
        full(contribution + half_a), full(p), full(vif), note, method, d.used, nine(r2), joint,
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
) -> tuple[Floats, Floats, Floats, str, float]:  # fmt: skip
    """p, standard errors of b, the multiple of them in the interval, method, joint p; the customers decide the rule."""
    b = fit.b[columns]
    if not s.repeats:
        covariance = _with_few_cases(covariance_hc3(x, fit, columns), s, fit, columns, pp)
        se, df = np.sqrt(np.diag(covariance)), len(s) - fit.rank
        with np.errstate(all="ignore"):
            p = iv.student_p(b / se, df)
        multiple = np.full(len(b), iv.t_value(confidence, df))
        return p, se, multiple, "OLS share x b, HC3", joint_p(b, covariance, df)
    if s.n_groups < FEW_CUSTOMERS:
        method = f"OLS share x b, wild cluster bootstrap ({s.n_groups} customers)"
        if s.n_groups < 6:
            for j in pp:
                note[j] = note[j] or f"only {s.n_groups} customers: no interval"
            blank = np.full(len(b), np.nan)
            return blank, blank, blank, method, NAN
        p, se, multiple = wild_cluster_p(x, s.v, fit, columns, s.group, s.n_groups, confidence)
        joint = NAN
    else:
        covariance = covariance_clustered(x, fit, columns, s.group, s.n_groups)
        covariance = _with_few_cases(covariance, s, fit, columns, pp)
        se = np.sqrt(np.diag(covariance))
        joint = joint_p(b, covariance, s.n_groups - 1)
        with np.errstate(all="ignore"):
            p = iv.student_p(b / se, s.n_groups - 1)
        multiple = np.full(len(b), iv.t_value(confidence, s.n_groups - 1))
        method = "OLS share x b, clustered by customer (CR1)"
    voices = _voices(s)[pp]
    for i in np.flatnonzero(voices < MIN_VOICES):
        p[i] = np.nan
        note[pp[i]] = f"only {int(voices[i])} different customers mention it: no p-value"
    return p, se, multiple, method, joint


def _with_few_cases(
    covariance: Floats, s: Sample, fit: Fit, columns: npt.NDArray[np.int64], pp: npt.NDArray[np.int64]
) -> Floats:
    """For rates, errors that are no smaller than everybody's spread allows, where few cases are expected.

    If 25 mention a pain point and one in ten customers leaves, none or one may have left by chance; the mentioners' own
    spread is then next to nothing, and robust errors with it (they rejected a null in one of ten samples). Repeating
    mentioners count by how often each wrote.
    """
    if s.metric.kind != "rate":
        return covariance
    rate = float(np.mean(s.v))
    hits = np.bincount(s.cols, minlength=s.n_pain_points)[pp]
    voices = _voices(s)[pp] if s.repeats else hits
    pooled = np.sum(fit.residual**2) / max(len(s) - fit.rank, 1) * np.diag(fit.inverse)[columns] * hits / voices
    own = np.diag(covariance)
    rare = (voices * min(rate, 1 - rate) < FEW_CASES) & (pooled > own) & (own > 0)
    wider = np.sqrt(np.where(rare, pooled / np.where(own > 0, own, 1.0), 1.0))
    return covariance * wider[:, None] * wider[None, :]


def _voices(s: Sample) -> npt.NDArray[np.int64]:
    return np.bincount(s.pairs[1], minlength=s.n_pain_points)


def _share_variance(s: Sample, pp: npt.NDArray[np.int64], share: Floats) -> Floats:
    n = len(s)
    if not s.repeats:
        return share * (1 - share) / n
    group, col, hits, _ = s.pairs
    size = np.bincount(s.group, minlength=s.n_groups).astype(np.float64)
    square = np.bincount(col, weights=hits.astype(np.float64) ** 2, minlength=s.n_pain_points)[pp]
    cross = np.bincount(col, weights=hits * size[group], minlength=s.n_pain_points)[pp]
    total = np.maximum(square - 2 * share * cross + share**2 * float(np.sum(size * size)), 0.0)
    return total * s.n_groups / (s.n_groups - 1) / n**2
