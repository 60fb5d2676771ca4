"""Charts over time: a score, what its movement goes with, and the mentions of one pain point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxtext.report import figures
from cxtext.report.chart_parts import PALETTE, ROW, Spec, label, percent, spec
from cxtext.report.figures import Ruler
from cxtext.schema import PainPointReport, PainPointRow


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
            "score": percent(ruler, value),
            "low": None if figures.missing(low) else percent(ruler, low),
            "high": None if figures.missing(high) else percent(ruler, high),
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
        "axis": {"labelAngle": 0, "labelOverlap": True, "labelSeparation": 8, "grid": False},
    }
    y = {"type": "quantitative", "title": f"{ruler.name} ({ruler.direction})", "scale": {"zero": False}}
    hollow = {"condition": {"test": "datum.over", "value": PALETTE["good"]}, "value": "transparent"}
    layers = [
        {"mark": {"type": "area", "fill": PALETTE["band"], "opacity": 0.7},
         "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "color": PALETTE["good"], "strokeWidth": 2},
         "encoding": {"x": x, "y": {"field": "score", **y}}},
        {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "stroke": PALETTE["good"]},
         "encoding": {"x": x, "y": {"field": "score", **y}, "fill": hollow,
                      "tooltip": [{"field": f} for f in ("period", "score", "low", "high", "n")]}},
    ]  # fmt: skip
    return spec({"data": {"values": values}, "layer": layers}, height=260)


def steps(report: PainPointReport, metric: str) -> list[Spec]:
    """The steps of a waterfall from one period's score to another's; they add up to the change exactly.

    Largest first; what is beyond the limit is pooled into one step; responses without a pain point come last.
    """
    ruler, moved = figures.rulers(report.metrics)[metric], _movement_facts(report, metric)
    before = figures.estimate(moved.get("before"))
    rows = [r for r in moved.get("rows") or () if not figures.missing(r.get("total"))]
    if not figures.known(before) or before is None or not rows:
        return []
    # A pain point that nothing goes with would be a step of no height.
    moving = [r for r in rows if r.get("pain_point") and abs(r["total"]) > 1e-12]
    named = sorted(moving, key=lambda r: (-abs(r["total"]), str(r["pain_point"])))
    known = {row.pain_point.id: row.pain_point.label for row in report.pain_points}
    names = {r["pain_point"]: known.get(r["pain_point"]) or str(r.get("label") or "") for r in named}
    parts = [(label(r["pain_point"], names[r["pain_point"]]), float(r["total"])) for r in named[:10]]
    if len(named) > 10:
        rest = [float(r["total"]) for r in named[10:]]
        parts.append((f"{len(rest)} other pain point{'s' if len(rest) > 1 else ''}", sum(rest)))
    parts += [
        (label("", str(r.get("label") or "no pain point")), float(r["total"])) for r in rows if not r.get("pain_point")
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
    low, high = sorted((percent(ruler, start), percent(ruler, end)))
    return {"step": name, "from": low, "to": high, "tone": tone, "figure": text}


def movement(report: PainPointReport, metric: str) -> Spec | None:
    """A waterfall: what the change in a score between two periods goes with, adding up exactly."""
    ruler, values = figures.rulers(report.metrics)[metric], steps(report, metric)
    if not values:
        return None
    y = {"field": "step", "type": "nominal", "sort": None, "title": None}
    x: Spec = {"type": "quantitative", "title": f"{ruler.name} ({ruler.direction})"}
    x |= {"scale": {"zero": False, "padding": 44}, "axis": {"tickCount": 8}}
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
        {"mark": {"type": "text", "align": "left", "dx": 6},
         "encoding": {"x": {"field": "to", **x}, "y": y, "text": {"field": "figure"}}},
    ]  # fmt: skip
    return spec({"data": {"values": values}, "layer": layers}, height=ROW * len(values))


def trend(row: PainPointRow) -> Spec | None:
    """The share of each period's responses that mention one pain point."""
    if row.trend is None or len(row.trend.periods) < 2:
        return None
    series = zip(row.trend.periods, row.trend.counts, row.trend.totals, strict=False)
    values = [{"period": p, "share": 100 * k / n if n else None, "mentions": k, "responses": n} for p, k, n in series]
    encoding = {
        "x": {
            "field": "period",
            "type": "ordinal",
            "title": None,
            "axis": {"labelAngle": 0, "labelOverlap": True, "labelSeparation": 8},
        },
        "y": {"field": "share", "type": "quantitative", "title": "Share of responses, %"},
        "tooltip": [
            {"field": "period"},
            {"field": "mentions"},
            {"field": "responses"},
            {"field": "share", "format": ".2f"},
        ],
    }
    mark = {"type": "bar", "color": PALETTE["good"]}
    return spec({"data": {"values": values}, "mark": mark, "encoding": encoding}, height=180)
