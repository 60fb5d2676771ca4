"""What to make of the figures: order of priority, what each pain point hurts, what-if, and up to three actions.

Every sentence says "goes with": these are associations, adjusted for what was measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cxtext.link.contrast import Sample
from cxtext.link.metrics import direction, points
from cxtext.link.people import take
from cxtext.link.prevalence import differences, rates, share
from cxtext.schema import Estimate, Impact, LinkTable, Metric, PainPoint

SURE = 0.05
# Below a fifth of a standard deviation per mention an effect counts as small (Cohen's d).
SMALL = 0.2
STARS = re.compile(r"rating|stars?\b", re.IGNORECASE)
Impacts = Mapping[str, Sequence[Impact]]


def experience(metrics: Sequence[Metric]) -> list[Metric]:
    """The scores that customers gave (NPS, CSAT, CES, ratings on a scale); all scores if there is none of these.

    They decide what to look at first. Hours, churn and the like are shown beside them: some lead to a complaint rather
    than follow from it, and one dump may hold many.
    """
    given = [m for m in metrics if m.kind in ("nps", "csat", "ces") or (m.kind == "number" and m.high is not None)]
    return given or list(metrics)


def harm(i: Impact, metric: Metric) -> Estimate | None:
    """The adjusted figure turned so that more is worse, in points of the metric; ``None`` where there is none."""
    a = i.adjusted
    if a is None or not np.isfinite(a.value):
        return None
    if metric.high_good:
        return Estimate(-a.value, -a.high, -a.low, a.n, a.method, a.status)
    return a


def hurts(i: Impact, metric: Metric) -> bool:
    """Does this pain point go with a worse score, other things equal, at q < .05?"""
    h = harm(i, metric)
    return h is not None and h.value > 0 and i.q < SURE


def priority(
    pain_points: Sequence[PainPoint], impacts: Impacts, metrics: Sequence[Metric], spread: Mapping[str, float]
) -> list[int]:
    """Positions of the pain points, the one to look at first in front.

    Adjusted harm in standard deviations of each score, pulled to 0 by its own uncertainty (value x (1 - se^2/value^2),
    at least 0), averaged over the scores that customers gave (``experience``). Where a pain point is too rare to be
    adjusted, half its leave-out stands in: unadjusted figures overstate. Then how many mention it, then the id.
    """

    def certain(value: float, low: float, high: float) -> float:
        if not np.isfinite(value) or value <= 0:
            return 0.0
        se = (high - low) / (2 * 1.96) if np.isfinite(high - low) else value
        return value * max(0.0, 1 - (se / value) ** 2)

    keys = []
    metrics = experience(metrics)
    for j, p in enumerate(pain_points):
        found, count = 0.0, 0
        for m in metrics:
            i, sd = impacts[m.name][j], spread[m.name]
            count = max(count, i.n_mentioners)
            h, raw = harm(i, m), i.leave_out
            if sd <= 0:
                continue
            if h is not None:
                found += certain(h.value, h.low, h.high) / sd
            else:
                found += 0.5 * certain(-direction(m) * raw.value, raw.low, raw.high) / sd
        keys.append((-found / max(len(metrics), 1), -count, p.id, j))
    return [k[-1] for k in sorted(keys)]


def what_if(impacts: Impacts, metrics: Sequence[Metric], reduction: float = 0.5) -> list[dict[str, Any]]:
    """If mentions fell by ``reduction``: the change of the score that goes with it, other things equal."""
    rows: list[dict[str, Any]] = []
    for m in metrics:
        for i in impacts[m.name]:
            a = i.adjusted
            if a is None or not np.isfinite(a.value):
                continue
            less = -reduction
            change = Estimate(less * a.value, less * a.high, less * a.low, a.n, "adjusted, associational", a.status)
            rows.append({"pain_point": i.pain_point, "metric": m.name, "reduction": reduction, "change": change})
    return rows


def moment_or_relationship(impacts: Impacts, metrics: Sequence[Metric]) -> list[dict[str, Any]]:
    """Does a pain point go with a bad moment (CSAT, CES), a bad relationship (NPS), both or neither?

    Empty unless both kinds of score are there. "neither" means tested and not shown (figures and q are in ``why``);
    a pain point too rare to be tested on one of them is only listed if it hurts the other.
    """
    asked = [m for m in metrics if m.kind in ("csat", "ces") and not STARS.search(m.name)]
    # Stars judge a product, not a contact: they stand for the moment only if nothing else does.
    moment = asked or [
        m for m in metrics
        if STARS.search(m.name) and (m.kind in ("csat", "ces") or (m.kind == "number" and m.high is not None))
    ]  # fmt: skip
    relation = [m for m in metrics if m.kind == "nps"]
    if not moment or not relation:
        return []
    rows: list[dict[str, Any]] = []
    for j, first in enumerate(impacts[moment[0].name]):
        a = next((m for m in moment if hurts(impacts[m.name][j], m)), None)
        b = next((m for m in relation if hurts(impacts[m.name][j], m)), None)
        kind = {(True, True): "both", (True, False): "moment", (False, True): "relationship"}.get(
            (a is not None, b is not None), "neither"
        )
        shown = [impacts[(a or moment[0]).name][j], impacts[(b or relation[0]).name][j]]
        if kind == "neither" and any(i.adjusted is None for i in shown):
            continue  # too few mention it to say so
        why = "; ".join(_told(i) for i in shown)
        rows.append(
            {"pain_point": first.pain_point, "kind": kind, "csat": a.name if a else None, "nps": b.name if b else None,
             "why": why}
        )  # fmt: skip
    return rows


def _told(i: Impact) -> str:
    a = i.adjusted
    if a is None or not np.isfinite(a.value):
        return f"{i.metric}: {i.note or 'no adjusted figure'}"
    q = "q < 0.001" if i.q < 0.001 else f"q = {i.q:.3f}" if np.isfinite(i.q) else "not tested"
    return f"{i.metric} {spoken(a)}, {q}"


def quadrants(
    impacts: Impacts, metrics: Sequence[Metric], spread: Mapping[str, float], scores: Mapping[str, Estimate]
) -> list[dict[str, Any]]:
    """Frequent or small, harmful or harmless, for every score; and whether a good average hides it.

    Frequent: mentioned at least as often as the median pain point. Harmful: q < .05 and at least a fifth of a standard
    deviation worse per mention. Hidden: harmful, while the overall score is in the good part of its scale.
    """
    rows: list[dict[str, Any]] = []
    for m in metrics:
        counts = [i.n_mentioners for i in impacts[m.name]]
        middle = float(np.median(counts)) if counts else 0.0
        good = good_average(m, scores.get(m.name))
        for i in impacts[m.name]:
            h = harm(i, m)
            if h is None or spread[m.name] <= 0:
                continue
            per_mention = h.value / max(i.n_mentioners / max(h.n, 1), 1e-12)
            harmful = hurts(i, m) and per_mention >= SMALL * spread[m.name]
            frequent = i.n_mentioners >= middle
            kind = ("frequent and harmful" if frequent else "small but harmful") if harmful else (
                "frequent but harmless" if frequent else "minor")  # fmt: skip
            reach = i.n_mentioners / max(h.n, 1)
            rows.append(
                {
                    "pain_point": i.pain_point,
                    "metric": m.name,
                    "kind": kind,
                    "hidden_under_good_average": bool(harmful and good and not _in_good_part(m, i.mentioners.value)),
                    "why": f"mentioned by {reach:.1%}; {_told(i)}",
                }
            )
    return rows


def _in_good_part(m: Metric, value: float) -> bool:
    """Is a score in the better part of its scale: NPS 30 or more, the best third of a rating, a rate below 10 %?"""
    if not np.isfinite(value):
        return False
    if m.kind == "nps":
        return value >= 30
    if m.kind == "rate":
        return value >= 0.9 if m.high_good else value <= 0.1
    if m.low is None or m.high is None:
        return False
    part = (value - m.low) / (m.high - m.low)
    return part >= 2 / 3 if m.high_good else part <= 1 / 3


def good_average(m: Metric, score: Estimate | None) -> bool:
    """Would a reader of the overall score alone see nothing wrong?"""
    return score is not None and _in_good_part(m, score.value)


def promoters_detractors(
    table: LinkTable, metric: Metric, pain_points: Sequence[str], min_cell: int, confidence: float = 0.95
) -> list[dict[str, Any]]:
    """Shares of promoters and of detractors that mention each pain point; a difference below 0: detractors more."""
    v = points(metric, table.values[metric.name])
    high, low = rates(table, v > 0), rates(table, v < 0)
    d, _, q = differences(high, low, min_cell, confidence)
    return [
        {
            "pain_point": name,
            "metric": metric.name,
            "promoters": share(high, j, min_cell, confidence),
            "detractors": share(low, j, min_cell, confidence),
            "difference": d[j],
            "q": float(q[j]),
        }
        for j, name in enumerate(pain_points)
    ]


def staff_beside_customers(
    everybody: LinkTable, staff: Any, pain_points: Sequence[str], min_cell: int, confidence: float = 0.95
) -> dict[str, Any]:
    """How often staff and customers mention each pain point; never added together."""
    a, b = rates(take(everybody, staff)), rates(take(everybody, ~staff))
    _, _, q = differences(a, b, min_cell, confidence)
    rows = [
        {"pain_point": name, "staff": share(a, j, min_cell, confidence), "customers": share(b, j, min_cell, confidence),
         "q": float(q[j])}
        for j, name in enumerate(pain_points)
    ]  # fmt: skip
    return {"n_staff": a.n, "n_customers": b.n, "rows": rows}


def overlapping(s: Sample, impacts: Sequence[Impact], limit: float = 5.0) -> list[dict[str, Any]]:
    """Pain points that the regression can hardly tell apart (VIF above 5), with the one to merge each with, if any."""
    high = [j for j, i in enumerate(impacts) if i.vif > limit]
    if not high:
        return []
    size, n = s.n_pain_points, len(s)
    m = np.zeros((len(high), size))
    for at, j in enumerate(high):
        mine = np.zeros(n, dtype=bool)
        mine[s.rows[s.cols == j]] = True
        m[at] = np.bincount(s.cols[mine[s.rows]], minlength=size)
    p = np.bincount(s.cols, minlength=size) / n
    rows = []
    for at, j in enumerate(high):
        with np.errstate(all="ignore"):
            r = (m[at] / n - p * p[j]) / np.sqrt(p * (1 - p) * p[j] * (1 - p[j]))
        r[j] = -np.inf
        best = int(np.nanargmax(r))
        rows.append({"pain_point": impacts[j].pain_point, "vif": impacts[j].vif,
                     "merge_with": impacts[best].pain_point if r[best] > 0.3 else None})  # fmt: skip
    return rows


def actions(
    order: Sequence[int], pain_points: Sequence[PainPoint], impacts: Impacts, metrics: Sequence[Metric],
    kinds: Mapping[str, str],
) -> tuple[str, list[dict[str, Any]]]:  # fmt: skip
    """A headline and up to three pain points to act on first, in plain words; ``kinds``: trend kind by id.

    Loose groups wait until the others are through: who acts on a group should be able to say what it is about.
    """
    order = sorted(order, key=lambda j: pain_points[j].verdict == "loose")
    chosen: list[dict[str, Any]] = []
    first_of_all = experience(metrics)
    metrics = [*first_of_all, *(m for m in metrics if m not in first_of_all)]
    for j in order:
        p = pain_points[j]
        found = [(m, impacts[m.name][j]) for m in metrics if hurts(impacts[m.name][j], m)]
        kind = kinds.get(p.id, "")
        growing = kind in ("emerging", "rising")  # a burst alone may be over
        if not found and not growing:
            continue
        why = "; ".join(
            f"goes with {spoken(i.adjusted, unit_words(m))}, other pain points and covariates equal"
            for m, i in found[:2]
            if i.adjusted is not None
        )
        trend = {"emerging": "new and growing", "rising": "growing", "burst": "had a burst"}.get(kind, "")
        why = "; ".join(x for x in (why, trend) if x)
        verb = "Look first at" if not chosen else "Then look at"
        chosen.append({"pain_point": p.id, "headline": f"{verb} “{p.label}”", "why": why})
        if len(chosen) == 3:
            break
    if not chosen:
        return "No pain point goes with a worse score more than chance would explain.", []
    first = chosen[0]
    label = next(p.label for p in pain_points if p.id == first["pain_point"])
    told = first["why"].split("; ")[0]
    return f"“{label}” {told if told.startswith('goes with') else 'is ' + told}.", chosen


def spoken(e: Estimate, unit: str = "") -> str:
    """A change with its interval in words: two decimals from 1 up, three below."""
    digits = 2 if max(abs(e.value), abs(e.low), abs(e.high)) >= 1 else 3
    value, low, high = (f"{x:+.{digits}f}" for x in (e.value, e.low, e.high))
    return f"{value} [{low}, {high}]{' ' + unit if unit else ''}"


def unit_words(m: Metric) -> str:
    """How a difference in this metric is spoken of."""
    if m.kind == "nps":
        return "NPS points"
    words = {"rate": f"in the rate of {m.name}", "number": f"in {m.name}"}.get(m.kind, f"points of {m.name}")
    return words if m.high_good else f"{words} (lower is better)"
