"""Vega-Lite specifications of the report's charts, by name: the page, pictures and notebooks draw the same ones.

``charts(report)`` names those the report has facts for: ``impact:M``, ``matrix:M``, ``scores:M`` and ``movement:M``
for a metric M, ``promoters``, ``staff``, and ``trend:PP-001`` for a pain point. Text in them is cleaned and shortened;
colours are roles of :data:`PALETTE`, which the page replaces by its light or dark ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cxtext.errors import RequestError
from cxtext.report import figures
from cxtext.report.chart_change import movement, scores, trend
from cxtext.report.chart_parts import MOST, PALETTE, ROW, Spec, effect, label, spec
from cxtext.report.chart_priority import impact, matrix
from cxtext.schema import PainPointReport

__all__ = [
    "PALETTE",
    "chart",
    "effect",
    "impact",
    "matrix",
    "movement",
    "names",
    "promoters",
    "scores",
    "staff",
    "trend",
]


def _farthest(rows: list[Any], more: str, less: str) -> list[Any]:
    """The rows whose two shares differ most, those where ``more`` is ahead at the top."""

    def ahead(row: Any) -> float:
        shares = [figures.estimate(row.get(side)) for side in (more, less)]
        first, second = (e.value if e is not None and figures.known(e) else 0.0 for e in shares)
        return first - second

    kept = sorted(rows, key=lambda r: (-abs(ahead(r)), r["pain_point"]))[:MOST]
    return sorted(kept, key=lambda r: (-ahead(r), r["pain_point"]))


def _pairs(report: PainPointReport, rows: Any, left: str, right: str, order: tuple[str, str]) -> Spec | None:
    labels = {row.pain_point.id: row.pain_point.label for row in report.pain_points}
    values: list[Spec] = []
    for item in _farthest([r for r in rows or () if r.get("pain_point") in labels], *order):
        name = label(item["pain_point"], labels[item["pain_point"]])
        both = {side: figures.estimate(item.get(side)) for side in (left, right)}
        for side, e in both.items():
            if e is not None and figures.known(e):
                values.append({"pain point": name, "who": side, "share": 100 * e.value, "n": e.n,
                               "low": None if figures.missing(e.low) else 100 * e.low,
                               "high": None if figures.missing(e.high) else 100 * e.high})  # fmt: skip
    if not values:
        return None
    y = {"field": "pain point", "type": "nominal", "sort": None, "title": None}
    x = {"field": "share", "type": "quantitative", "title": "Share who mention it, %", "axis": {"tickCount": 6}}
    who = {"field": "who", "type": "nominal", "title": None}
    colour = {**who, "scale": {"domain": [left, right], "range": [PALETTE["good"], PALETTE["bad"]]}}
    shape = {**who, "scale": {"domain": [left, right], "range": ["circle", "square"]}}
    tooltip = [{"field": "pain point"}, {"field": "who"}, {"field": "n"}]
    tooltip += [{"field": f, "format": ".1f"} for f in ("share", "low", "high")]
    layers = [
        {"mark": {"type": "line", "color": PALETTE["flat"], "strokeWidth": 1.5},
         "encoding": {"x": x, "y": y, "detail": {"field": "pain point"}}},
        {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip}},
    ]  # fmt: skip
    return spec({"data": {"values": values}, "layer": layers}, height=ROW * len({v["pain point"] for v in values}))


def promoters(report: PainPointReport) -> Spec | None:
    """What detractors mention more than promoters."""
    return _pairs(
        report, report.facts.get("promoters_detractors"), "promoters", "detractors", ("detractors", "promoters")
    )


def staff(report: PainPointReport) -> Spec | None:
    """What staff hear about against what customers say."""
    return _pairs(report, (report.facts.get("staff") or {}).get("rows"), "staff", "customers", ("staff", "customers"))


_BY_METRIC: dict[str, Callable[[PainPointReport, str], Spec | None]] = {
    "impact": impact,
    "matrix": matrix,
    "scores": scores,
    "movement": movement,
}
_WHOLE: dict[str, Callable[[PainPointReport], Spec | None]] = {"promoters": promoters, "staff": staff}


def names(report: PainPointReport) -> list[str]:
    """The names of the charts that this report has facts for."""
    result = [f"{kind}:{m.name}" for m in report.metrics for kind, draw in _BY_METRIC.items() if draw(report, m.name)]
    result += [name for name, draw in _WHOLE.items() if draw(report)]
    return result + [f"trend:{row.pain_point.id}" for row in report.pain_points if trend(row)]


def chart(report: PainPointReport, name: str) -> Spec:
    """The Vega-Lite specification of one chart; raises :class:`~cxtext.errors.RequestError` if there is none."""
    kind, _, rest = name.partition(":")
    found: Spec | None = None
    if kind in _BY_METRIC and any(m.name == (rest or m.name) for m in report.metrics):
        found = _BY_METRIC[kind](report, rest or report.metrics[0].name)
    elif kind in _WHOLE:
        found = _WHOLE[kind](report)
    elif kind in ("trend", *(row.pain_point.id for row in report.pain_points)):
        wanted = rest or kind
        found = next((trend(row) for row in report.pain_points if row.pain_point.id == wanted), None)
    if found is None:
        raise RequestError(f"no chart {name!r} in this report; it has {', '.join(names(report)[:12]) or 'none'}")
    return found
