"""What all charts share: the palette, the frame, how a row is named, which impact is shown."""

from __future__ import annotations

import json
from typing import Any

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
ROW = 26  # height of a row of a chart, in points
LABEL = 40
MOST = 14  # rows of a chart; what is beyond is in the tables


def _config(limit: int) -> Spec:
    axis: Spec = {"labelColor": PALETTE["muted"], "titleColor": PALETTE["muted"], "gridColor": PALETTE["line"]}
    axis |= {"domainColor": PALETTE["line"], "tickColor": PALETTE["line"], "labelFontSize": 12, "titleFontSize": 12}
    axis |= {"titleFontWeight": "normal", "labelLimit": limit, "titlePadding": 8}
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


def spec(body: Spec, *, height: int, width: int = 1040) -> Spec:
    """A specification with the frame that all charts share; ``width`` holds axes and labels too."""
    fit = {"type": "fit-x", "contains": "padding"}
    # Finding where to cut takes half of the drawing. Latin names were cut by their letters; others may be wider.
    config = _config(0 if json.dumps(body, ensure_ascii=False).isascii() else 320)
    return {"$schema": SCHEMA, "width": width, "height": height, "autosize": fit, "config": config, **body}


def label(row_id: str, text: str) -> str:
    """How a pain point is named on an axis."""
    name = safety.short(" ".join(safety.visible(text).split()), LABEL)
    return f"{name}  {row_id}" if row_id else name


def effect(impact: Impact | None) -> Estimate | None:
    """The impact to show: adjusted where it can be given, else leave-out (unadjusted), else nothing."""
    if impact is None:
        return None
    if figures.known(impact.adjusted):
        return impact.adjusted
    return impact.leave_out if figures.known(impact.leave_out) else None


def effects(report: PainPointReport, metric: str) -> list[tuple[PainPointRow, Estimate]]:
    """The pain points that have an impact to show, with it."""
    pairs = ((row, effect(row.impacts.get(metric))) for row in report.pain_points)
    return [(row, e) for row, e in pairs if e is not None]


def tone(ruler: Ruler, e: Estimate) -> str:
    """Good, bad, or unsure where the interval holds zero."""
    return (ruler.tone(e.value) if figures.sure(e) else "") or "unsure"


def tones() -> Spec:
    """The colour channel for :func:`tone`."""
    scale = {"domain": ["bad", "good", "unsure"], "range": [PALETTE["bad"], PALETTE["good"], PALETTE["flat"]]}
    return {"field": "tone", "type": "nominal", "scale": scale, "legend": None}


def percent(ruler: Ruler, value: float) -> float:
    """The figure as it is drawn: rates in percent, everything else as it is."""
    return 100 * value if ruler.percent else value
