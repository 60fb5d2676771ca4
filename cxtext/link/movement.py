"""Why the score moved between two periods: a decomposition by pain point that adds up exactly.

Kitagawa (1955): each part of the responses (a pain point, or none) has a share and a score in both periods. ``mix`` is
what follows from its share having changed, ``rate`` from its score having changed. A response that mentions several
pain points is split equally among them, so that the shares add up to one and the parts to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext.link.cells import suppressed
from cxtext.link.metrics import MIN_CELL, NAN, points, summarise
from cxtext.link.people import customers, nonzeros
from cxtext.link.periods import Unit, periods
from cxtext.schema import LinkTable, Metric

Floats = npt.NDArray[np.float64]
FEW = "pain points with few mentions"


def kitagawa(share0: Floats, mean0: Floats, share1: Floats, mean1: Floats) -> tuple[Floats, Floats]:
    """Mix and rate part of the change of ``sum(share * mean)`` for each group; the two sums add up to the change.

    Shares add up to 1 in both periods. A group that is empty in one period (mean NaN) only has a mix part. Mix is
    counted against the average score, so that a group grows bad news only if it is below average.
    """
    m0 = np.where(np.isnan(mean0), np.where(np.isnan(mean1), 0.0, mean1), mean0)
    m1 = np.where(np.isnan(mean1), m0, mean1)
    average = (float(np.sum(share0 * m0)) + float(np.sum(share1 * m1))) / 2
    mix = (share1 - share0) * ((m0 + m1) / 2 - average)
    rate = (share0 + share1) / 2 * (m1 - m0)
    return mix, rate


def parts(table: LinkTable, rows: npt.NDArray[np.int64], v: Floats) -> tuple[Floats, Floats]:
    """Share and mean score of each pain point and, last, of "no pain point", among the given responses."""
    at, cols = nonzeros(table.mentions[rows])
    size, n = table.mentions.shape[1], len(rows)
    several = np.bincount(at, minlength=n)
    w = 1.0 / several[at]
    weight = np.append(np.bincount(cols, weights=w, minlength=size), np.sum(several == 0)).astype(np.float64)
    total = np.append(np.bincount(cols, weights=w * v[rows][at], minlength=size), np.sum(v[rows][several == 0]))
    with np.errstate(all="ignore"):
        return weight / n, np.where(weight > 0, total / weight, np.nan)


def _mentioners(table: LinkTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many of the given responses mention each pain point and, last, none."""
    at, cols = nonzeros(table.mentions[rows])
    none = len(rows) - len(np.unique(at))
    return np.append(np.bincount(cols, minlength=table.mentions.shape[1]), none).astype(np.int64)


def _part(name: str, label: str, mix: Floats, rate: Floats, n: int) -> dict[str, Any]:
    m, r = float(np.sum(mix)), float(np.sum(rate))
    return {"pain_point": name, "label": label, "mix": m, "rate": r, "total": m + r, "n": n}


def movement(
    table: LinkTable,
    metric: Metric,
    pain_points: Sequence[str],
    *,
    min_cell: int = MIN_CELL,
    unit: Unit | None = None,
    confidence: float = 0.95,
) -> dict[str, Any] | None:
    """The score over time, and the newest complete period against the one before; ``None`` without dates.

    Months if at least two complete ones have enough answers, else weeks, else days. Customers only. Pain points that
    fewer than ``min_cell`` answers of both periods mention share one row.
    """
    table = customers(table)
    v = points(metric, table.values[metric.name])
    units: tuple[Unit, ...] = (unit,) if unit else ("month", "week", "day")
    for chosen in units:
        p = periods(np.where(np.isfinite(v), table.day, -1), chosen)
        enough = np.flatnonzero(p.totals >= min_cell)
        if len(enough) >= 2:
            break
    else:
        return None
    raw = table.values[metric.name]
    ordered = np.argsort(p.index, kind="stable")
    ends = np.searchsorted(p.index[ordered], np.arange(len(p) + 1))
    rows_of = [ordered[ends[i] : ends[i + 1]] for i in range(len(p))]
    scores = [summarise(metric, raw[r], table.customer[r], min_cell, confidence) for r in rows_of]
    last, before = int(enough[-1]), int(enough[-2])
    # Few answers in one period, or in the one that isn't over, are the overall score minus all the others.
    hide = suppressed(p.totals, min_cell, int(np.isfinite(v).sum() - p.totals.sum()), (before, last))
    hide[[before, last]] = False
    mix, rate = kitagawa(*parts(table, rows_of[before], v), *parts(table, rows_of[last], v))
    said = _mentioners(table, rows_of[before]) + _mentioners(table, rows_of[last])
    few = suppressed(said[:-1], min_cell)
    rows: list[dict[str, Any]] = []
    for j, name in enumerate([*pain_points, ""]):
        if j == len(pain_points) or not few[j]:
            rows.append(_part(name, name or "no pain point", mix[[j]], rate[[j]], int(said[j])))
    if few.any():
        # One mention's part is one person's score; together they still add up.
        at = np.flatnonzero(few)
        rows.append(_part("", FEW, mix[at], rate[at], int(said[at].sum())))
    rows.sort(key=lambda row: (row["pain_point"] == "", row["label"] != FEW, -abs(row["total"]), row["pain_point"]))
    change = sum(row["total"] for row in rows)
    return {
        "period": p.unit,
        "periods": list(p.labels),
        "values": [NAN if hidden else s.value for s, hidden in zip(scores, hide, strict=True)],
        "lows": [NAN if hidden else s.low for s, hidden in zip(scores, hide, strict=True)],
        "highs": [NAN if hidden else s.high for s, hidden in zip(scores, hide, strict=True)],
        "ns": [s.n for s in scores],
        "partial_last": bool(p.partial),
        "partial": p.partial,
        "from": p.labels[before],
        "to": p.labels[last],
        "before": scores[before],
        "after": scores[last],
        "change": change,
        "rows": rows,
        "method": "Kitagawa; a response with several pain points is split equally among them",
    }
