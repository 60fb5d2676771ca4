"""Charts that say where to start: impact with its interval, and reach against harm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cxtext.report import figures, safety
from cxtext.report.chart_parts import MOST, PALETTE, ROW, Spec, effects, label, percent, spec, tone, tones
from cxtext.report.figures import Ruler
from cxtext.schema import PainPointReport

SMALLEST, LARGEST = 60, 1400  # areas of the bubbles, in square points
_WIDTH, _HEIGHT = 940, 430  # of the plot, about: the axis labels take the rest
_PHONE = 290  # its width on a phone
_TONES = {
    "frequent and harmful": "harmful",
    "small but harmful": "harmful",
    "frequent but harmless": "harmless",
}
_REST = "minor or too few answers"
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
    title = f"Impact: {ruler.unit} that go with it ({ruler.direction})"
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
    across, up = _axis([v["share"] for v in values], zero=True), _axis([v["harm"] for v in values])
    parted = _parting(values)
    _place_names(values, across, up, parted[0])
    x: Spec = {"field": "share", "type": "quantitative", "title": "Share of responses that mention it, %"}
    x |= {"scale": {"domain": list(across.ends), "nice": False}, "axis": {"tickCount": 8}}
    if across.log:
        ticks = [t for t in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if across.ends[0] < t < across.ends[1]]
        x |= {"title": f"{x['title']} (log scale)", "axis": {"values": ticks}}
        x["scale"]["type"] = "log"
    lost = "lost" if ruler.high_good else "added"
    y: Spec = {"field": "harm", "type": "quantitative", "title": f"{ruler.unit[:1].upper()}{ruler.unit[1:]} {lost}"}
    y |= {"scale": {"domain": list(up.ends), "nice": False}, "axis": {"tickCount": 6}}
    most = max(v["mentions"] for v in values)
    size: Spec = {"field": "mentions", "type": "quantitative", "legend": None}
    size |= {"scale": {"domain": [0, most], "range": [SMALLEST, LARGEST]}}
    colours = {"harmful": PALETTE["bad"], "harmless": PALETTE["good"], _REST: PALETTE["flat"]}
    there = [tone for tone in colours if any(v["tone"] == tone for v in values)]
    colour: Spec = {"field": "tone", "type": "nominal", "title": None}
    colour |= {"scale": {"domain": there, "range": [colours[tone] for tone in there]}}
    colour |= {"legend": {"symbolType": "circle", "symbolSize": 110, "symbolOpacity": 0.75, "labelLimit": 0}}
    tooltip = [{"field": f} for f in ("id", "pain point", "kind", "mentions")]
    tooltip += [{"field": f, "format": ".2f"} for f in ("share", "harm")]
    bubble = {
        "mark": {"type": "point", "filled": True, "opacity": 0.75, "stroke": PALETTE["ink"], "strokeWidth": 0.6},
        "encoding": {"x": x, "y": y, "size": size, "color": colour, "tooltip": tooltip},
    }
    where = {prop: {"expr": f"datum.{prop}"} for prop in ("align", "baseline", "dx", "dy")}
    names = {
        "mark": {"type": "text", "fontSize": 12, **where},
        "encoding": {"x": x, "y": y, "text": {"field": "name"}},
    }
    return spec({"data": {"values": values}, "layer": [*_quadrants(parted), bubble, names]}, height=_HEIGHT)


@dataclass(frozen=True, slots=True)
class _Axis:
    """The ends of an axis and where a value stands between them (0..1)."""

    ends: tuple[float, float]
    log: bool = False

    def at(self, value: float) -> float:
        low, high = self.ends
        if self.log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)


def _axis(values: list[float], *, zero: bool = False) -> _Axis:
    """An axis with room for the bubbles; shares start at zero, or are drawn on a log scale if they differ much."""
    low, high = min(values), max(values)
    if zero and high / low > _LOG_FROM:
        return _Axis((low / 1.4, min(high * 1.4, 100.0)), True)
    low = 0.0 if zero else min(low, 0.0)
    high = max(high, 0.0)
    room = 0.1 * ((high - low) or 1.0)
    return _Axis((low if zero else low - room, high + room))


def _place_names(values: list[Spec], across: _Axis, up: _Axis, line: float | None) -> None:
    """Put each name beside its bubble where it covers no other; names that find no place are left to the tooltip.

    On a phone there is only room for ids: ``narrow`` holds what is different there.
    """
    cut = None if line is None else across.at(line)
    wide = _placed(values, [v["name"] for v in values], across, up, _WIDTH, cut)
    phone = _placed(values, [v["id"] for v in values], across, up, _PHONE, cut)
    for v, there, narrow in zip(values, wide, phone, strict=True):
        v |= {**there, "narrow": narrow}
        del v["radius"]


def _placed(
    values: list[Spec], names: list[str], across: _Axis, up: _Axis, width: float, cut: float | None
) -> list[Spec]:
    """Where each name stands on a plot so wide, the most harmful first; "" where there is no room.

    ``cut``: where the dashed line stands (0..1), which no name may cross.
    """
    at = [(across.at(v["share"]) * width, (1 - up.at(v["harm"])) * _HEIGHT, v["radius"]) for v in values]
    boxes = [(x - r, y - r, x + r, y + r) for x, y, r in at]
    # The names of the corners have been there first.
    boxes += [(0, 0, 120, 18), (width - 140, 0, width, 18)]
    boxes += [(0, _HEIGHT - 18, 50, _HEIGHT), (width - 140, _HEIGHT - 18, width, _HEIGHT)]
    if cut is not None:
        boxes.append((cut * width - 2, 0, cut * width + 2, _HEIGHT))
    result: list[Spec] = [{} for _ in values]
    for i in sorted(range(len(values)), key=lambda i: (-values[i]["harm"], values[i]["id"])):
        cx, cy, r = at[i][0], at[i][1], at[i][2] + 4
        wide, tall = 6.4 * len(names[i]), 14.0
        places = (
            ("left", "middle", r, 0.0, cx + r, cy - tall / 2),
            ("right", "middle", -r, 0.0, cx - r - wide, cy - tall / 2),
            ("center", "bottom", 0.0, -r, cx - wide / 2, cy - r - tall),
            ("center", "top", 0.0, r, cx - wide / 2, cy + r),
        )
        for align, baseline, dx, dy, left, top in places:
            box = (left, top, left + wide, top + tall)
            inside = left >= 0 and top >= 0 and box[2] <= width and box[3] <= _HEIGHT
            if inside and not any(_cross(box, other) for other in boxes):
                result[i] = {"align": align, "baseline": baseline, "dx": dx, "dy": dy, "name": names[i]}
                boxes.append(box)
                break
        else:
            result[i] = {"align": "left", "baseline": "middle", "dx": 0.0, "dy": 0.0, "name": ""}
    return result


def _cross(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


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
    for v in values:
        v["radius"] = round(math.sqrt((SMALLEST + (LARGEST - SMALLEST) * v["mentions"] / most) / math.pi), 1)
        v["name"] = safety.short(v["pain point"], 32)
        v["tone"] = _TONES.get(v["kind"], _REST)
    return values


def _parting(values: list[Spec]) -> tuple[float | None, float | None]:
    """The share that parts small from frequent and the harm that parts harmless from harmful, where one does."""

    def of(key: str, *kinds: str) -> list[float]:
        return [v[key] for v in values if v["kind"] in kinds]

    small, large = ("small but harmful", "minor"), ("frequent and harmful", "frequent but harmless")
    x = _between(of("share", *small), of("share", *large))
    return x, _between(of("harm", small[1], large[1]), of("harm", small[0], large[0]))


def _quadrants(parted: tuple[float | None, float | None]) -> list[Spec]:
    """The names of the corners, and the dashed lines where one parts the groups."""
    line = {"type": "rule", "strokeDash": [4, 4], "color": PALETTE["flat"]}
    layers: list[Spec] = []
    for axis, at in zip("xy", parted, strict=True):
        if at is not None:
            layers.append({"mark": line, "encoding": {axis: {"datum": at, "type": "quantitative"}}})
    corners: tuple[tuple[str, Any, Any, str, int], ...] = (
        ("small but harmful", 4, 0, "left", 10),
        ("frequent and harmful", "width", 0, "right", 10),
        ("minor", 4, "height", "left", -8),
        ("frequent but harmless", "width", "height", "right", -8),
    )
    for name, left, top, align, dy in corners:
        mark = {"type": "text", "align": align, "baseline": "middle", "dy": dy, "fontStyle": "italic"}
        place = {"x": {"value": left}, "y": {"value": top}, "text": {"value": name}}
        layers.append({"data": {"values": [{}]}, "mark": {**mark, "color": PALETTE["muted"]}, "encoding": place})
    return layers
