"""Charts that say where to start: impact with its interval, and reach against harm."""

from __future__ import annotations

import math
from typing import Any

from cxtext.report import figures, safety
from cxtext.report.chart_parts import MOST, PALETTE, ROW, Spec, effects, label, percent, spec, tone, tones
from cxtext.report.figures import Ruler
from cxtext.schema import PainPointReport

SMALLEST, LARGEST = 60, 1400  # areas of the bubbles, in square points
_LOG_FROM = 15  # largest share over smallest, from where the small ones would lie on top of each other


def impact(report: PainPointReport, metric: str) -> Spec | None:
    """Impact of the first pain points with intervals, worst at the top as the report ranks them."""
    ruler = figures.rulers(report.metrics)[metric]
    values = [
        {
            "pain point": label(row.pain_point.id, row.pain_point.label),
            "impact": percent(ruler, e.value),
            "low": percent(ruler, e.low) if not figures.missing(e.low) else None,
            "high": percent(ruler, e.high) if not figures.missing(e.high) else None,
            "n": row.n_mentions,
            "tone": tone(ruler, e),
        }
        for row, e in effects(report, metric)[:MOST]
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
        layer["encoding"] |= {"y": y, "color": tones(), "tooltip": tooltip}
    return spec({"data": {"values": values}, "layer": layers}, height=ROW * len(values))


def _between(small: list[float], large: list[float]) -> float | None:
    """The line between two groups, if there is one."""
    if not small or not large or max(small) >= min(large):
        return None
    return (max(small) + min(large)) / 2


def matrix(report: PainPointReport, metric: str) -> Spec | None:
    """Reach against harm: one bubble per pain point, the upper right corner is where to start."""
    ruler = figures.rulers(report.metrics)[metric]
    values = _bubbles(report, metric, ruler)
    if not values:
        return None
    x: Spec = {"field": "share", "type": "quantitative", "title": "Share of responses that mention it, %"}
    x |= {"scale": {"domainMin": 0, "nice": True}, "axis": {"tickCount": 8}}
    shares = [v["share"] for v in values]
    if max(shares) / min(shares) > _LOG_FROM:
        ticks = [t for t in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if min(shares) * 0.7 < t < max(shares) * 1.4]
        x |= {"title": f"{x['title']} (log scale)", "axis": {"values": ticks}}
        x |= {"scale": {"type": "log", "nice": False, "padding": 30}}
    lost = "lost" if ruler.high_good else "added"
    y: Spec = {"field": "harm", "type": "quantitative", "title": f"{ruler.name} {ruler.unit} {lost} that go with it"}
    y |= {"scale": {"padding": 24}, "axis": {"tickCount": 6}}
    most = max(v["mentions"] for v in values)
    size: Spec = {"field": "mentions", "type": "quantitative", "legend": None}
    size |= {"scale": {"domain": [0, most], "range": [SMALLEST, LARGEST]}}
    kinds: Spec = {
        "domain": ["frequent and harmful", "small but harmful", "frequent but harmless", "minor", "not sorted"],
        "range": [PALETTE["bad"], PALETTE["bad"], PALETTE["good"], PALETTE["flat"], PALETTE["flat"]],
    }
    colour: Spec = {"field": "kind", "type": "nominal", "scale": kinds, "legend": None}
    tooltip = [{"field": f} for f in ("id", "pain point", "kind", "mentions")]
    tooltip += [{"field": f, "format": ".2f"} for f in ("share", "harm")]
    bubble = {
        "mark": {"type": "point", "filled": True, "opacity": 0.75, "stroke": PALETTE["ink"], "strokeWidth": 0.6},
        "encoding": {"x": x, "y": y, "size": size, "color": colour, "tooltip": tooltip},
    }
    # Names stand on the side where there is room.
    middle = math.sqrt(max(shares) * min(shares)) if "type" in x["scale"] else max(shares) / 2
    names = [
        {
            "transform": [{"filter": f"datum.share {test} {middle!r}"}],
            "mark": {"type": "text", "fontSize": 11, "align": align, "baseline": "middle", "dx": {"expr": offset}},
            "encoding": {"x": x, "y": y, "text": {"field": "name"}},
        }
        for test, align, offset in (("<=", "left", "datum.radius + 4"), (">", "right", "-datum.radius - 4"))
    ]
    return spec({"data": {"values": values}, "layer": [*_quadrants(values), bubble, *names]}, height=400)


def _bubbles(report: PainPointReport, metric: str, ruler: Ruler) -> list[Spec]:
    facts = report.facts.get("quadrants") or ()
    kinds = {q["pain_point"]: str(q.get("kind") or "") for q in facts if q.get("metric") == metric}
    sign = -1 if ruler.high_good else 1
    values: list[Spec] = [
        {
            "id": row.pain_point.id,
            "pain point": safety.short(" ".join(safety.visible(row.pain_point.label).split()), 60),
            "share": 100 * row.prevalence,
            "harm": sign * percent(ruler, e.value),
            "mentions": row.n_mentions,
            "kind": kinds.get(row.pain_point.id) or "not sorted",
        }
        for row, e in effects(report, metric)
        if not figures.missing(row.prevalence) and row.prevalence > 0
    ]
    most = max((v["mentions"] for v in values), default=0) or 1
    named = {v["id"] for v in sorted(values, key=lambda v: (-v["harm"], v["id"]))[:MOST]}
    for v in values:
        v["radius"] = round(math.sqrt((SMALLEST + (LARGEST - SMALLEST) * v["mentions"] / most) / math.pi), 1)
        v["name"] = safety.short(v["pain point"], 30) if v["id"] in named else ""
    return values


def _quadrants(values: list[Spec]) -> list[Spec]:
    """The lines between small and frequent, harmless and harmful (where the facts draw one), and the corners' names."""

    def of(key: str, *kinds: str) -> list[float]:
        return [v[key] for v in values if v["kind"] in kinds]

    line = {"type": "rule", "strokeDash": [4, 4], "color": PALETTE["flat"]}
    small, large = ("small but harmful", "minor"), ("frequent and harmful", "frequent but harmless")
    x = _between(of("share", *small), of("share", *large))
    y = _between(of("harm", small[1], large[1]), of("harm", small[0], large[0]))
    layers: list[Spec] = []
    for axis, at in (("x", x), ("y", y)):
        if at is not None:
            layers.append({"mark": line, "encoding": {axis: {"datum": at, "type": "quantitative"}}})
    corners: tuple[tuple[str, Any, Any, str, int], ...] = (
        ("small but harmful", 4, 0, "left", 10),
        ("frequent and harmful", "width", 0, "right", 10),
        ("minor", 4, "height", "left", -8),
        ("frequent but harmless", "width", "height", "right", -8),
    )
    for name, left, top, align, dy in corners:
        if of("share", name):
            mark = {"type": "text", "align": align, "baseline": "middle", "dy": dy, "fontStyle": "italic"}
            place = {"x": {"value": left}, "y": {"value": top}, "text": {"value": name}}
            layers.append({"data": {"values": [{}]}, "mark": {**mark, "color": PALETTE["muted"]}, "encoding": place})
    return layers
