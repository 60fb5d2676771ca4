"""What each pain point goes with on one score: gap, unadjusted leave-out, and the headline adjusted contribution.

``A_j = p_j b_j``: the share of responses that mention it, times its coefficient in a regression of the score on all
pain points, segments, channel, length and period. Nothing here is a cause: the wording is "associated with".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from cxtext.link.adjusted import MIN_MENTIONERS, Adjusted, adjusted, protected_q
from cxtext.link.contrast import Contrast, Sample, contrast, sample
from cxtext.link.metrics import LOW_CONFIDENCE, MIN_CELL, NAN, points
from cxtext.link.people import customers
from cxtext.schema import Estimate, Impact, LinkTable, Metric

Floats = npt.NDArray[np.float64]


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


def assemble(
    s: Sample,
    c: Contrast,
    adj: Adjusted,
    pain_points: Sequence[str],
    min_cell: int,
    weights: Mapping[int, Estimate] | None = None,
) -> list[Impact]:
    """Turn the arrays into ``Impact`` rows; statuses and suppression are decided here and only here."""
    q = protected_q(adj.p, adj.joint)
    by = ", clustered by customer" if c.clustered else ""
    level, gap_method = _methods(s.metric, c)
    out = []
    for j, name in enumerate(pain_points):
        n1, n0 = int(c.n1[j]), int(c.n0[j])
        small = min(n1, n0) < min_cell  # the complement of a suppressed cell is suppressed too
        cases = min(n1, n0)
        note = adj.note[j]
        if small:
            note = f"fewer than {min_cell} " + ("mention it" if n1 < n0 else "don't mention it") + ": no figures"

        def of(
            n: int, value: float, low: float, high: float, method: str, few: int = cases, hide: bool = small
        ) -> Estimate:
            return _figure(n, value, low, high, method, few, hide)

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
                relative_weight=None if small else (weights or {}).get(j),
                vif=float(adj.vif[j]),
                note=note,
            )
        )
    return out


def mentioners_and_gap(
    metric: Metric, c: Contrast, min_cell: int, hide: npt.NDArray[np.bool_]
) -> list[dict[str, Estimate]]:
    """Just the mentioners' score and the gap, for one cell of a table; ``hide`` bool[P] adds what else isn't shown."""
    level, gap_method = _methods(metric, c)
    n1, n0 = c.n1.astype(np.int64), c.n0.astype(np.int64)
    cases = np.minimum(n1, n0)
    hidden = hide | (cases < min_cell)
    columns = (n1, n1 + n0, cases, hidden, c.mean1, c.low1, c.high1, c.gap, c.gap_low, c.gap_high)
    return [
        {
            "mentioners": _figure(n, mean, low, high, level, n, small),
            "gap": _figure(both, gap, gap_low, gap_high, gap_method, few, small),
        }
        for n, both, few, small, mean, low, high, gap, gap_low, gap_high in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _methods(metric: Metric, c: Contrast) -> tuple[str, str]:
    """The formulas' names: of a group's score, and of the gap."""
    kind = metric.kind
    if c.clustered:
        by = ", clustered by customer"
        return {"nps": "NPS", "rate": "rate"}.get(kind, "mean") + by, "difference" + by
    return (
        {"nps": "NPS, adjusted Wald", "rate": "rate, Wilson"}.get(kind, "mean, t interval"),
        {"nps": "NPS difference, adjusted Wald", "rate": "difference of rates, Newcombe"}.get(kind, "Welch"),
    )


def _figure(n: int, value: float, low: float, high: float, method: str, few: int, hidden: bool) -> Estimate:
    if hidden:
        return Estimate(NAN, NAN, NAN, n, method, "suppressed")
    return Estimate(float(value), float(low), float(high), n, method, "low confidence" if few < LOW_CONFIDENCE else "")
