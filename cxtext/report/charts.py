"""Vega-Lite specifications of the report's charts, by name: the page, pictures and notebooks draw the same ones.

``charts(report)`` names those the report has facts for: ``impact:M``, ``matrix:M``, ``scores:M`` and ``movement:M``
for a metric M, ``promoters``, ``staff``, and ``trend:PP-001`` for a pain point. Text in them is cleaned and shortened;
colours are roles of :data:`PALETTE`, which the page replaces by its light or dark ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cxtext.errors import RequestError
from cxtext.report import figures, safety
from cxtext.report.figures import Ruler
from cxtext.schema import Estimate, Impact, PainPointReport, PainPointRow

Spec = dict[str, Any]

# Blue and orange keep apart for every common kind of colour blindness; text ones reach 4.5:1 on the page.
PALETTE = {
    "ink": "#1b2430",
    "muted": "#566171",
    "line": "#d8dde5",
    "good": "#2158a8",
    "bad": "#b4450e",
    "flat": "#7b8694",
    "band": "#d3dff0",
}
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_LABEL = 34
_SMALLEST, _LARGEST = 60, 1400  # areas of the bubbles, in square points
_MOST = 14  # rows of a chart; what is beyond is in the tables


def _config() -> Spec:
    axis = {"labelColor": PALETTE["muted"], "titleColor": PALETTE["muted"], "gridColor": PALETTE["line"]}
    axis |= {"domainColor": PALETTE["line"], "tickColor": PALETTE["line"], "labelFontSize": 12, "titleFontSize": 12}
    axis |= {"titleFontWeight": "normal", "labelLimit": 260, "titlePadding": 8}
    return {
        "font": "Liberation Sans, Arial, sans-serif",
        "background": "transparent",
        "view": {"stroke": None},
        "axis": axis,
        "text": {"color": PALETTE["ink"], "fontSize": 12},
        "legend": {
            "labelColor": PALETTE["muted"],
            "titleColor": PALETTE["muted"],
            "labelFontSize": 12,
            "orient": "top",
        },
    }


def _spec(body: Spec, *, height: int | Spec, width: int = 860) -> Spec:
    fit = {"type": "fit-x", "contains": "padding"}
    return {"$schema": SCHEMA, "width": width, "height": height, "autosize": fit, "config": _config(), **body}


def _label(row_id: str, label: str) -> str:
    name = safety.short(" ".join(safety.visible(label).split()), _LABEL)
    return f"{name}  {row_id}" if row_id else name


def effect(impact: Impact | None) -> Estimate | None:
    """The impact to show: adjusted where it can be given, else leave-out (unadjusted), else nothing."""
    if impact is None:
        return None
    if figures.known(impact.adjusted):
        return impact.adjusted
    return impact.leave_out if figures.known(impact.leave_out) else None


def _effects(report: PainPointReport, metric: str) -> list[tuple[PainPointRow, Estimate]]:
    pairs = ((row, effect(row.impacts.get(metric))) for row in report.pain_points)
    return [(row, e) for row, e in pairs if e is not None]


def _tone(ruler: Ruler, e: Estimate) -> str:
    return (ruler.tone(e.value) if figures.sure(e) else "") or "unsure"


def _tones(title: str | None = None) -> Spec:
    scale = {"domain": ["bad", "good", "unsure"], "range": [PALETTE["bad"], PALETTE["good"], PALETTE["flat"]]}
    return {"field": "tone", "type": "nominal", "scale": scale, "legend": None, "title": title}


def _percent(ruler: Ruler, value: float) -> float:
    return 100 * value if ruler.percent else value


def impact(report: PainPointReport, metric: str) -> Spec | None:
    """Impact of the first pain points with intervals, worst at the top as the report ranks them."""
    ruler = figures.rulers(report.metrics)[metric]
    values = [
        {
            "pain point": _label(row.pain_point.id, row.pain_point.label),
            "impact": _percent(ruler, e.value),
            "low": _percent(ruler, e.low) if not figures.missing(e.low) else None,
            "high": _percent(ruler, e.high) if not figures.missing(e.high) else None,
            "n": row.n_mentions,
            "tone": _tone(ruler, e),
        }
        for row, e in _effects(report, metric)[:_MOST]
    ]
    if not values:
        return None
    y = {"field": "pain point", "type": "nominal", "sort": None, "title": None}
    title = f"{ruler.name}: {ruler.unit} that go with it ({ruler.direction})"
    x = {"type": "quantitative", "title": title}
    tooltip = [{"field": name} for name in ("pain point", "impact", "low", "high", "n")]
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": PALETTE["flat"]}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}},
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}}},
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": {"field": "impact", **x}},
        },
    ]
    for layer in layers[1:]:
        layer["encoding"] |= {"y": y, "color": _tones(), "tooltip": tooltip}
    return _spec({"data": {"values": values}, "layer": layers}, height={"step": 26})


def _between(small: list[float], large: list[float]) -> float | None:
    """The line between two groups, if there is one."""
    if not small or not large or max(small) >= min(large):
        return None
    return (max(small) + min(large)) / 2


def matrix(report: PainPointReport, metric: str) -> Spec | None:
    """Reach against harm: one bubble per pain point, the upper right corner is where to start."""
    ruler = figures.rulers(report.metrics)[metric]
    facts = report.facts.get("quadrants") or ()
    kinds = {q["pain_point"]: str(q.get("kind") or "") for q in facts if q.get("metric") == metric}
    sign = -1 if ruler.high_good else 1
    values = [
        {
            "id": row.pain_point.id,
            "pain point": safety.short(" ".join(safety.visible(row.pain_point.label).split()), 60),
            "share": 100 * row.prevalence,
            "harm": sign * _percent(ruler, e.value),
            "mentions": row.n_mentions,
            "kind": kinds.get(row.pain_point.id) or "not sorted",
        }
        for row, e in _effects(report, metric)
        if not figures.missing(row.prevalence) and row.prevalence > 0
    ]
    if not values:
        return None
    most = max(v["mentions"] for v in values) or 1
    named = sorted(values, key=lambda v: (-v["harm"], v["id"]))[:_MOST]
    for v in values:
        v["radius"] = math.sqrt((_SMALLEST + (_LARGEST - _SMALLEST) * v["mentions"] / most) / math.pi)
        v["name"] = safety.short(v["pain point"], 26) if v in named else ""
    shares = [v["share"] for v in values]
    log = max(shares) / min(shares) > 15
    lost = "lost" if ruler.high_good else "added"
    x: Spec = {
        "field": "share",
        "type": "quantitative",
        "title": "Share of responses that mention it, %" + " (log scale)" * log,
    }
    x |= {"scale": {"type": "log", "nice": False, "padding": 30} if log else {"domainMin": 0, "nice": True}}
    if log:
        x["axis"] = {
            "values": [v for v in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if min(shares) * 0.7 < v < max(shares) * 1.4]
        }
    y: Spec = {"field": "harm", "type": "quantitative", "title": f"{ruler.name} {ruler.unit} {lost} that go with it"}
    y |= {"scale": {"padding": 24}, "axis": {"tickCount": 6}}
    colours = {
        "domain": ["frequent and harmful", "small but harmful", "frequent but harmless", "minor", "not sorted"],
        "range": [PALETTE["bad"], PALETTE["bad"], PALETTE["good"], PALETTE["flat"], PALETTE["flat"]],
    }
    bubble: Spec = {
        "mark": {"type": "point", "filled": True, "opacity": 0.75, "stroke": PALETTE["ink"], "strokeWidth": 0.6},
        "encoding": {
            "x": x,
            "y": y,
            "size": {
                "field": "mentions",
                "type": "quantitative",
                "legend": None,
                "scale": {"domain": [0, most], "range": [_SMALLEST, _LARGEST]},
            },
            "color": {"field": "kind", "type": "nominal", "scale": colours, "legend": None},
            "tooltip": [{"field": f} for f in ("id", "pain point", "kind", "mentions")]
            + [{"field": f, "format": ".2f"} for f in ("share", "harm")],
        },
    }
    names: Spec = {
        "mark": {
            "type": "text",
            "fontSize": 11,
            "align": "left",
            "baseline": "middle",
            "dx": {"expr": "datum.radius + 4"},
        },
        "encoding": {"x": x, "y": y, "text": {"field": "name"}},
    }
    layers = [*_quadrant_lines(values), bubble, names]
    return _spec({"data": {"values": values}, "layer": layers}, height=400)


def _quadrant_lines(values: list[Spec]) -> list[Spec]:
    def of(kind: str, key: str) -> list[float]:
        return [v[key] for v in values if kind in v["kind"]]

    line = {"type": "rule", "strokeDash": [4, 4], "color": PALETTE["flat"]}
    x = _between(of("small", "share") + of("minor", "share"), of("frequent", "share"))
    y = _between(of("harmless", "harm") + of("minor", "harm"), of("harmful", "harm"))
    layers: list[Spec] = []
    if x is not None:
        layers.append({"mark": line, "encoding": {"x": {"datum": x, "type": "quantitative"}}})
    if y is not None:
        layers.append({"mark": line, "encoding": {"y": {"datum": y, "type": "quantitative"}}})
    corners = (("small but harmful", 4, 10, "left"), ("frequent and harmful", "width", 10, "right"))
    corners += (("minor", 4, "height", "left"), ("frequent but harmless", "width", "height", "right"))
    for name, left, top, align in corners:
        if any(v["kind"] == name for v in values):
            dy = -8 if top == "height" else 0
            mark = {
                "type": "text",
                "align": align,
                "baseline": "middle",
                "color": PALETTE["muted"],
                "fontSize": 12,
                "dy": dy,
            }
            place = {"x": {"value": left}, "y": {"value": top}, "text": {"value": name}}
            layers.append({"data": {"values": [{}]}, "mark": {**mark, "fontStyle": "italic"}, "encoding": place})
    return layers


def _movement_facts(report: PainPointReport, metric: str) -> Mapping[str, Any]:
    found = (report.facts.get("movement") or {}).get(metric)
    return found if isinstance(found, Mapping) else {}


def scores(report: PainPointReport, metric: str) -> Spec | None:
    """A score over time with its interval; a last period that isn't over is hollow."""
    ruler, moved = figures.rulers(report.metrics)[metric], _movement_facts(report, metric)
    periods = list(moved.get("periods") or ())
    keys = ("values", "lows", "highs", "ns")
    series = zip(periods, *(list(moved.get(k) or ()) for k in keys), strict=False)
    last = periods[-1] if periods and moved.get("partial_last") else None
    values = [
        {
            "period": str(period),
            "score": _percent(ruler, value),
            "low": None if figures.missing(low) else _percent(ruler, low),
            "high": None if figures.missing(high) else _percent(ruler, high),
            "n": n,
            "over": period != last,
        }
        for period, value, low, high, n in series
        if not figures.missing(value)
    ]
    if len(values) < 2:
        return None
    x = {
        "field": "period",
        "type": "ordinal",
        "title": None,
        "axis": {"labelAngle": 0, "labelOverlap": True, "grid": False},
    }
    y = {"type": "quantitative", "title": f"{ruler.name} ({ruler.direction})", "scale": {"zero": False}}
    hollow = {"condition": {"test": "datum.over", "value": PALETTE["good"]}, "value": "transparent"}
    layers = [
        {"mark": {"type": "area", "fill": PALETTE["band"], "opacity": 0.7},
         "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "color": PALETTE["good"], "strokeWidth": 2}, "encoding": {"x": x, "y": {"field": "score", **y}}},
        {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "stroke": PALETTE["good"]},
         "encoding": {"x": x, "y": {"field": "score", **y}, "fill": hollow,
                      "tooltip": [{"field": f} for f in ("period", "score", "low", "high", "n")]}},
    ]  # fmt: skip
    return _spec({"data": {"values": values}, "layer": layers}, height=220)


def steps(report: PainPointReport, metric: str) -> list[Spec]:
    """The steps of a waterfall from one period's score to another's; they add up to the change exactly.

    Largest first; what is beyond the limit is pooled into one step; responses without a pain point come last.
    """
    ruler, moved = figures.rulers(report.metrics)[metric], _movement_facts(report, metric)
    before = figures.estimate(moved.get("before"))
    rows = [r for r in moved.get("rows") or () if not figures.missing(r.get("total"))]
    if not figures.known(before) or before is None or not rows:
        return []
    named = sorted((r for r in rows if r.get("pain_point")), key=lambda r: (-abs(r["total"]), str(r["pain_point"])))
    parts = [(_label(str(r["pain_point"]), str(r.get("label") or "")), float(r["total"])) for r in named[:10]]
    if len(named) > 10:
        parts.append((f"{len(named) - 10} other pain points", float(sum(r["total"] for r in named[10:]))))
    parts += [
        (_label("", str(r.get("label") or "no pain point")), float(r["total"])) for r in rows if not r.get("pain_point")
    ]
    level, result = (
        before.value,
        [_step(f"{ruler.name} in {moved.get('from')}", before.value, before.value, "score", ruler)],
    )
    for name, change in parts:
        result.append(_step(name, level, level + change, ruler.tone(change) or "unsure", ruler))
        level += change
    after = before.value + float(moved["change"])
    return [*result, _step(f"{ruler.name} in {moved.get('to')}", after, after, "score", ruler)]


def _step(name: str, start: float, end: float, tone: str, ruler: Ruler) -> Spec:
    score = tone == "score"
    text = ruler.value(end) if score else ruler.change(end - start)
    low, high = sorted((_percent(ruler, start), _percent(ruler, end)))
    return {"step": name, "from": low, "to": high, "tone": tone, "figure": text}


def movement(report: PainPointReport, metric: str) -> Spec | None:
    """A waterfall: what the change in a score between two periods goes with, adding up exactly."""
    ruler, values = figures.rulers(report.metrics)[metric], steps(report, metric)
    if not values:
        return None
    y = {"field": "step", "type": "nominal", "sort": None, "title": None}
    x = {"type": "quantitative", "title": f"{ruler.name} ({ruler.direction})", "scale": {"zero": False, "padding": 44}}
    tones = {
        "field": "tone", "type": "nominal", "legend": None,
        "scale": {"domain": ["score", "bad", "good", "unsure"],
                  "range": [PALETTE["ink"], PALETTE["bad"], PALETTE["good"], PALETTE["flat"]]},
    }  # fmt: skip
    ends = {"x": {"field": "from", **x}, "x2": {"field": "to"}, "y": y, "color": tones}
    tooltip = [{"field": "step"}, {"field": "figure", "title": "change or score"}]
    layers = [
        {"mark": {"type": "bar", "height": 14}, "encoding": {**ends, "tooltip": tooltip}},
        {"transform": [{"filter": "datum.tone == 'score'"}], "mark": {"type": "tick", "thickness": 4, "size": 20},
         "encoding": {"x": {"field": "to", **x}, "y": y, "color": tones, "tooltip": tooltip}},
        {"mark": {"type": "text", "align": "left", "dx": 6}, "encoding": {"x": {"field": "to", **x}, "y": y, "text": {"field": "figure"}}},
    ]  # fmt: skip
    return _spec({"data": {"values": values}, "layer": layers}, height={"step": 26})


def _pairs(report: PainPointReport, rows: Any, left: str, right: str) -> Spec | None:
    labels = {row.pain_point.id: row.pain_point.label for row in report.pain_points}
    values: list[Spec] = []
    for item in [r for r in rows or () if r.get("pain_point") in labels][:_MOST]:
        name = _label(item["pain_point"], labels[item["pain_point"]])
        both = {side: figures.estimate(item.get(side)) for side in (left, right)}
        for side, e in both.items():
            if e is not None and figures.known(e):
                values.append({"pain point": name, "who": side, "share": 100 * e.value, "n": e.n,
                               "low": None if figures.missing(e.low) else 100 * e.low,
                               "high": None if figures.missing(e.high) else 100 * e.high})  # fmt: skip
    if not values:
        return None
    y = {"field": "pain point", "type": "nominal", "sort": None, "title": None}
    x = {"field": "share", "type": "quantitative", "title": "Share who mention it, %"}
    who = {"field": "who", "type": "nominal", "title": None}
    colour = {**who, "scale": {"domain": [left, right], "range": [PALETTE["good"], PALETTE["bad"]]}}
    shape = {**who, "scale": {"domain": [left, right], "range": ["circle", "square"]}}
    tooltip = [{"field": "pain point"}, {"field": "who"}, {"field": "n"}]
    tooltip += [{"field": f, "format": ".1f"} for f in ("share", "low", "high")]
    layers = [
        {"mark": {"type": "line", "color": PALETTE["flat"], "strokeWidth": 1.5}, "encoding": {"x": x, "y": y, "detail": {"field": "pain point"}}},
        {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip}},
    ]  # fmt: skip
    return _spec({"data": {"values": values}, "layer": layers}, height={"step": 26})


def promoters(report: PainPointReport) -> Spec | None:
    """What detractors mention more than promoters."""
    return _pairs(report, report.facts.get("promoters_detractors"), "promoters", "detractors")


def staff(report: PainPointReport) -> Spec | None:
    """What staff hear about against what customers say."""
    return _pairs(report, (report.facts.get("staff") or {}).get("rows"), "staff", "customers")


def trend(row: PainPointRow) -> Spec | None:
    """The share of each period's responses that mention one pain point."""
    if row.trend is None or len(row.trend.periods) < 2:
        return None
    series = zip(row.trend.periods, row.trend.counts, row.trend.totals, strict=False)
    values = [{"period": p, "share": 100 * k / n if n else None, "mentions": k, "responses": n} for p, k, n in series]
    encoding = {
        "x": {"field": "period", "type": "ordinal", "title": None, "axis": {"labelAngle": 0, "labelOverlap": True}},
        "y": {"field": "share", "type": "quantitative", "title": "Share of responses, %"},
        "tooltip": [
            {"field": "period"},
            {"field": "mentions"},
            {"field": "responses"},
            {"field": "share", "format": ".2f"},
        ],
    }
    mark = {"type": "bar", "color": PALETTE["good"]}
    return _spec({"data": {"values": values}, "mark": mark, "encoding": encoding}, height=180)


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
    spec: Spec | None = None
    if kind in _BY_METRIC and any(m.name == (rest or m.name) for m in report.metrics):
        spec = _BY_METRIC[kind](report, rest or report.metrics[0].name)
    elif kind in _WHOLE:
        spec = _WHOLE[kind](report)
    elif kind in ("trend", *(row.pain_point.id for row in report.pain_points)):
        wanted = rest or kind
        spec = next((trend(row) for row in report.pain_points if row.pain_point.id == wanted), None)
    if spec is None:
        raise RequestError(f"no chart {name!r} in this report; it has {', '.join(names(report)[:12]) or 'none'}")
    return spec
