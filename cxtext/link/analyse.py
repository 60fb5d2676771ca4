"""All of linking in one call: the pipeline hands over the table of numbers and gets impacts, trends and facts back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from cxtext.link import profile
from cxtext.link.adjusted import MIN_MENTIONERS, adjusted
from cxtext.link.cells import cells
from cxtext.link.contrast import Sample, contrast, sample
from cxtext.link.impact import assemble
from cxtext.link.metrics import MIN_CELL, direction, ease, points, summarise, top_box
from cxtext.link.mismatch import MentionUnits, mismatch
from cxtext.link.movement import movement
from cxtext.link.people import customers, staff_rows
from cxtext.link.trend import trends
from cxtext.link.weights import relative_weights
from cxtext.plain import plain
from cxtext.schema import Estimate, Impact, LinkTable, Metric, PainPoint, Trend, nine

MOST_LEVELS_SHOWN = 11
THREADS = 2
"""Sections at work side by side: arrays let go of the interpreter, and memory is for two."""


@dataclass(frozen=True)
class LinkOptions:
    """How to link. ``min_cell`` smallest group a figure is given for; ``min_mentioners`` for the adjusted model;
    ``covariates`` names of categories plus ``words``, ``commented``, ``period`` (None: the default set); ``period`` by
    which trends are counted (None: chosen from the span); ``top`` where the top box begins, by metric name."""

    confidence: float = 0.95
    min_cell: int = MIN_CELL
    min_mentioners: int = MIN_MENTIONERS
    covariates: tuple[str, ...] | None = None
    period: Literal["day", "week", "month"] | None = None
    top: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkResult:
    """``impacts[metric][j]`` and ``trends[j]`` for pain point j (the table's columns); ``scores[metric]`` the overall
    score of customers; ``order`` positions of the pain points by priority; ``facts`` the sections of the report,
    JSON-ready, sections that can't be given missing."""

    impacts: Mapping[str, tuple[Impact, ...]]
    trends: tuple[Trend, ...]
    scores: Mapping[str, Estimate]
    order: tuple[int, ...]
    facts: Mapping[str, Any]


def analyse(
    table: LinkTable,
    pain_points: Sequence[PainPoint],
    options: LinkOptions | None = None,
    units: MentionUnits | None = None,
    lexicon_sentiment: Any = None,
) -> LinkResult:
    """Tie every pain point to every score, over time and across groups.

    ``pain_points[j]`` belongs to column j of ``table.mentions``. ``units`` (the mentions' sentences) adds the mismatch
    queue; ``lexicon_sentiment`` float[N] is the sentiment to compare scores with if the table's was learned from them.
    Staff are set beside customers and never pooled with them. Same rows in the same order give the same bytes.
    """
    # Linear algebra on one thread: with more, the last digits depend on how many cores there are.
    with threadpool_limits(1):
        return _analyse(table, pain_points, options or LinkOptions(), units, lexicon_sentiment)


def _analyse(
    table: LinkTable, pain_points: Sequence[PainPoint], options: LinkOptions, units: MentionUnits | None, lexicon: Any
) -> LinkResult:
    names = [p.id for p in pain_points]
    own = customers(table)
    staff = staff_rows(table)
    least, sure = options.min_cell, options.confidence
    nps = [m for m in own.metrics if m.kind == "nps"]
    with ThreadPoolExecutor(THREADS) as beside:
        # The models take longest, and too much memory for two of them at a time.
        per_score = beside.submit(lambda: [_impact(own, m, names, options) for m in own.metrics])
        groups = beside.submit(cells, table, names, min_cell=least, confidence=sure)
        clash = beside.submit(mismatch, table, units, names, sentiment=lexicon) if units is not None else None
        moves = [beside.submit(movement, own, m, names, min_cell=least, confidence=sure) for m in own.metrics]
        sides = [beside.submit(profile.promoters_detractors, own, m, names, least, sure) for m in nps]
        told = [beside.submit(score_details, own, m, options) for m in own.metrics]
        timed = beside.submit(_over_time, own, names, options)
        inside = beside.submit(_staff, table, staff, names, options)
        scores = {m.name: summarise(m, own.values[m.name], own.customer, least, sure) for m in own.metrics}
        found = {m.name: one for m, one in zip(own.metrics, per_score.result(), strict=True)}
    impacts = {name: one.impacts for name, one in found.items()}
    spread = {name: one.spread for name, one in found.items()}
    over_time, bursts = timed.result()
    movements = {m.name: one.result() for m, one in zip(own.metrics, moves, strict=True)}
    facts: dict[str, Any] = {
        "score_details": {m.name: one.result() for m, one in zip(own.metrics, told, strict=True)},
        "impact_model": {name: one.model for name, one in found.items()},
        "movement": {name: one for name, one in movements.items() if one},
        "trends": over_time,
        "bursts": bursts,
        **groups.result(),
        "moment_relationship": profile.moment_or_relationship(impacts, own.metrics),
        "quadrants": profile.quadrants(impacts, own.metrics, spread, scores),
        "promoters_detractors": [row for one in sides for row in one.result()],
        "mismatch": clash.result() if clash else None,
        "what_if": profile.what_if(impacts, own.metrics),
        "relative_weights": {name: one.weights for name, one in found.items() if one.weights},
        "vif": {name: one.overlapping for name, one in found.items() if one.overlapping},
        "staff": inside.result(),
    }
    order = profile.priority(pain_points, impacts, own.metrics, spread)
    kinds = {t.pain_point: t.kind for t in over_time}
    facts["headline"], facts["actions"] = profile.actions(order, pain_points, impacts, own.metrics, kinds)
    facts["priority"] = [names[j] for j in order]
    return LinkResult(
        impacts, tuple(over_time), scores, tuple(order), plain({k: v for k, v in facts.items() if v}, nine)
    )


@dataclass(frozen=True)
class _OnOneScore:
    """Impacts on one score, with relative weights, VIF, the score's standard deviation and facts on the model."""

    impacts: tuple[Impact, ...]
    weights: dict[str, Any]
    overlapping: list[dict[str, Any]]
    spread: float
    model: dict[str, Any]


def _impact(table: LinkTable, m: Metric, names: Sequence[str], options: LinkOptions) -> _OnOneScore:
    s: Sample = sample(table, m, points(m, table.values[m.name]))
    c = contrast(s, options.confidence)
    adj = adjusted(
        table,
        s,
        min_mentioners=options.min_mentioners,
        covariates=options.covariates,
        confidence=options.confidence,
    )
    used = np.flatnonzero(np.isfinite(adj.a))
    r2, w = relative_weights(s, used, options.confidence)
    rows = assemble(s, c, adj, names, options.min_cell, w)
    model = {
        "n": len(s),
        "customers": s.n_groups,
        "customers_repeat": s.repeats,
        "tested": int(np.sum(np.isfinite(adj.p))),
        "covariates": list(adj.used),
        "r2": adj.r2,
        "joint_p": adj.joint,
        "method": adj.method,
    }
    shown = {i.pain_point: i.relative_weight for i in rows if i.relative_weight is not None}
    weights = {"r2": r2, "weights": shown} if shown else {}
    spread = float(np.std(s.v)) if len(s) else 0.0
    return _OnOneScore(tuple(rows), weights, profile.overlapping(s, rows), spread, model)


def _staff(table: LinkTable, staff: Any, names: Sequence[str], options: LinkOptions) -> Any:
    if not staff.any():
        return None
    return profile.staff_beside_customers(table, staff, names, options.min_cell, options.confidence)


def _over_time(
    table: LinkTable, names: Sequence[str], options: LinkOptions
) -> tuple[list[Trend], list[dict[str, Any]]]:
    if not (np.asarray(table.day) >= 0).any():
        return [], []
    found, bursts, _ = trends(table, names, options.period)
    return found, bursts


def score_details(table: LinkTable, metric: Metric, options: LinkOptions) -> dict[str, Any]:
    """How the answers to one question are spread, who answered, and the score of commenters and of the others."""
    raw = np.asarray(table.values[metric.name], dtype=np.float64)
    valid = raw.copy()
    for code in metric.missing:
        valid[valid == code] = np.nan
    answered = np.isfinite(valid)
    n = int(answered.sum())
    commented = np.asarray(table.commented)

    def of(rows: Any, **more: Any) -> Estimate:
        return summarise(metric, raw[rows], table.customer[rows], options.min_cell, options.confidence, **more)

    everyone = np.ones(len(raw), dtype=bool)
    few = n < options.min_cell
    said = int((answered & commented).sum())
    # A few who commented, or who didn't, are everybody minus the others: then neither is shown.
    apart = everyone if min(said, n - said) == 0 or min(said, n - said) >= options.min_cell else ~everyone
    out: dict[str, Any] = {
        "kind": metric.kind,
        "high_good": metric.high_good,
        "low": metric.low,
        "high": metric.high,
        "column": metric.column,
        "n": n,
        "missing": int(len(raw) - n),
        **_distribution(valid[answered & (not few)]),
        "mean": _plain_mean(table, metric, options),
        "top_box": None,
        "median": None,
        "commenters": of(commented & apart),
        "non_commenters": of(~commented & apart),
        "comment_share": float(np.mean(commented[answered])) if n else float("nan"),
    }
    cut = top_box(metric, options.top.get(metric.name))
    if cut is not None:
        out["top_box"] = of(everyone, statistic="top box", top=cut)
        out["top_box_from"] = cut if metric.high_good else float((metric.low or 0) + (metric.high or 0) - cut)
    if metric.kind == "number" and metric.low is None:
        out["median"] = of(everyone, statistic="median")
    if metric.kind == "nps" and not few:
        v = points(metric, raw)[answered]
        out.update(promoters=float(np.mean(v > 0)), passives=float(np.mean(v == 0)), detractors=float(np.mean(v < 0)))
    if metric.kind == "ces":
        # Sources disagree on the direction of effort; ease always reads "more is better".
        turned = Metric(metric.name, metric.column, "ces", True, metric.low, metric.high)
        out["ease"] = summarise(turned, ease(metric, raw), table.customer, options.min_cell, options.confidence)
    out["direction"] = "higher is better" if direction(metric) > 0 else "lower is better"
    return out


def _plain_mean(table: LinkTable, metric: Metric, options: LinkOptions) -> Estimate:
    kind: Literal["rate", "number"] = "rate" if metric.kind == "rate" else "number"
    answers = Metric(metric.name, metric.column, kind, metric.high_good, metric.low, metric.high, metric.missing)
    return summarise(answers, table.values[metric.name], table.customer, options.min_cell, options.confidence)


def _distribution(values: Any) -> dict[str, Any]:
    """Counts of each answer if there are at most 11 different ones, else of ten equally wide bins."""
    level, count = np.unique(values, return_counts=True)
    if len(level) <= MOST_LEVELS_SHOWN:
        return {"distribution": [[float(a), int(c)] for a, c in zip(level, count, strict=True)]}
    counts, edges = np.histogram(values, bins=10)
    bins = [[float(edges[i]), float(edges[i + 1]), int(counts[i])] for i in range(10)]
    return {"distribution": [], "bins": bins}
