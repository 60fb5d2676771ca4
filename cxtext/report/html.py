"""The report as one HTML page that needs nothing else: no network, no second file, and at most 3 MB."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxtext.report import charts, figures, sections, told, vega, views
from cxtext.report.facts import mapping
from cxtext.report.formulas import formulas
from cxtext.report.views import DETAILS, Detail, View, said
from cxtext.schema import PainPointReport

if TYPE_CHECKING:
    from jinja2 import Environment

# Bytes; what is left below 3 MB is for the reader's mail gateway.
LIMIT = 2_900_000
_HYPHENATED = re.compile(r"\b(?:\d{4}-\d\d(?:-\d\d)?|PP-\d+)\b")
# "89.5 %" and "n 713" stay on one line. Attributes and scripts hold nothing that this would change.
_FIGURES = re.compile(r"(?<=\d) (?=%)|(?<=\bn) (?=\d)")
_METRICS = 4  # with charts of their own ...
_DRAWN = 2  # ... and with pictures of them: a picture takes longer to make than the rest of the page


def to_html(report: PainPointReport, *, limit: int = LIMIT) -> str:
    """The whole report as one self-contained page (UTF-8, below ``limit`` bytes whatever the input).

    Lists that would make it larger are cut, and the page says how many are not shown. Customers' text is escaped
    everywhere and never stands in a script; a content security policy forbids every request and foreign script.
    """
    # The engine that draws leaves Python free meanwhile.
    with ThreadPoolExecutor(max_workers=1) as pool:
        drawing = pool.submit(_charts, report)
        context = _context(report, DETAILS[0])
        for name in _templates().list_templates(extensions=["j2"]):
            _templates().get_template(name)  # compiled while others draw
        charts_drawn = drawing.result()
    page = ""
    for detail in DETAILS:
        if detail is not DETAILS[0]:
            context = _context(report, detail)
        page = _page(context, charts_drawn)
        if len(page.encode("utf-8", "replace")) <= limit:
            break
    return page.encode("utf-8", "replace").decode("utf-8")


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader

    found = Environment(
        loader=PackageLoader("cxtext.report", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    found.filters["whole"] = _unbroken
    return found


@cache
def text_of(name: str) -> str:
    """A file that is shipped in this package, such as the page's style."""
    return resources.files("cxtext.report").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """Only our script runs, nothing is fetched. Vega compiles its expressions, hence unsafe-eval."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}' 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _unbroken(title: str) -> Markup:
    """The escaped text with its dates and ids of pain points kept on one line."""
    return Markup(_HYPHENATED.sub(r'<span class="nb">\g<0></span>', str(Markup.escape(title))))


def themed(text: str) -> str:
    """A chart with the roles of the page's palette in the place of colours, so that it follows light and dark."""
    for role, colour in charts.PALETTE.items():
        text = text.replace(f'"{colour}"', f'"var(--{role})"')
    return text


def picture(spec: dict[str, Any], name: str) -> Markup:
    """The chart as inline SVG that scales with its place; ids in it are made unique on the page."""
    svg = themed(vega.svg(spec))
    mark = views.anchor(name)
    svg = re.sub(r'id="(clip|gradient)', rf'id="{mark}-\1', svg)
    svg = re.sub(r"url\(#(clip|gradient)", rf"url(#{mark}-\1", svg)
    # The figure carries one text alternative; hundreds of focusable marks would only be in the way.
    svg = re.sub(r' (?:role|aria-roledescription|aria-label)="[^"]*"', "", svg)
    return Markup(svg)  # Vega escapes the text in it


def chart_view(spec: dict[str, Any] | None, name: str, about: str, drawn: bool = True) -> View | None:
    """A chart for the page: its picture, its specification for hover details, and its text alternative.

    Without a picture (``drawn=False``) the page's script draws it when its place is opened.
    """
    if spec is None:
        return None
    compact = themed(json.dumps(spec, ensure_ascii=False, separators=(",", ":")))
    return {"name": name, "svg": picture(spec, name) if drawn else "", "spec": compact, "about": about}


def _charts(report: PainPointReport) -> dict[str, View]:
    asked: dict[str, tuple[dict[str, Any] | None, str, str, bool]] = {}
    for place, (name, ruler) in enumerate(list(figures.rulers(report.metrics).items())[:_METRICS]):
        short = said(ruler.name, 40)
        asked[f"matrix:{name}"] = (
            charts.matrix(report, name),
            f"matrix-{name}",
            f"Bubbles: share of responses against {short} that goes with each pain point; figures in the ranked table.",
            place == 0,
        )
        asked[f"scores:{name}"] = (
            charts.scores(report, name),
            f"scores-{name}",
            f"{short} per period with its 95 % interval. The figures are in the table below.",
            place < _DRAWN,
        )
        asked[f"movement:{name}"] = (
            charts.movement(report, name),
            f"movement-{name}",
            f"Waterfall: what the change in {short} goes with. The figures are in the table below.",
            place < _DRAWN,
        )
    shares = "Shares of both groups that mention each pain point. The figures are in the table below."
    asked["promoters"] = (charts.promoters(report), "promoters", shares, True)
    asked["staff"] = (charts.staff(report), "staff", shares, True)
    with ThreadPoolExecutor(vega.PROCESSES) as pool:
        found = dict(zip(asked, pool.map(lambda one: chart_view(*one), asked.values()), strict=True))
    return {name: view for name, view in found.items() if view is not None}


def _page(context: View, drawn: dict[str, View]) -> str:
    pictures: View = {"charts": drawn, "vega": "", "licences": ""}
    if drawn:
        pictures |= {"vega": Markup(vega.bundle()), "licences": text_of("static/NOTICE")}
    return _FIGURES.sub("\u00a0", _templates().get_template("page.html.j2").render(context | pictures))


def _context(report: PainPointReport, detail: Detail) -> View:
    """Everything that the templates place, but the charts."""
    rulers = figures.rulers(report.metrics)
    ranges = views.scale(report)
    facts, points = report.facts, report.pain_points
    scored = [name for name in rulers if any(name in row.impacts for row in points)]
    script = text_of("templates/page.js")
    staff = mapping(facts.get("staff"))
    return {
        "title": said(report.title, 120) or "Pain points",
        "heading": _unbroken(said(report.title, 120) or "Pain points"),
        "policy": _policy(script),
        "style": Markup(text_of("templates/page.css")),  # ours
        "script": Markup(script),  # ours, holds no data
        "anchor": views.anchor,
        "labels": sections.labels(report),
        "headline": said(told.headline(report), 400),
        "actions": sections.actions(report),
        "selection": mapping(facts.get("selection")),
        "read": sections.what_was_read(report),
        **sections.trust(report),
        "tiles": [views.tile(report, n, r) for n, r in rulers.items() if n in report.scores],
        "moves": [m for m in (views.moved(report, n, r) for n, r in rulers.items()) if m],
        "metrics": [
            {
                "key": n,
                "name": said(rulers[n].name, 40),
                "direction": rulers[n].direction,
                "unit": said(rulers[n].unit, 60),
            }
            for n in scored
        ],
        "rows": [views.table_row(report, row, i, ranges) for i, row in enumerate(points[: detail.rows], 1)],
        "rows_more": max(0, len(points) - detail.rows),
        "themes": sections.themes(report),
        "moving": sections.moving(report, detail.rows),
        "bursts": sections.bursts(report),
        "sections": [views.section(report, row, detail) for row in points[: detail.sections]],
        "promoters": sections.compared(report, facts.get("promoters_detractors"), "promoters", "detractors"),
        "queues": sections.queues(report, detail),
        "consistent": sections.rank_correlations(report),
        "staff": sections.compared(report, staff.get("rows"), "staff", "customers"),
        "n_staff": figures.count(staff.get("n_staff")),
        "n_customers": figures.count(staff.get("n_customers")),
        "formulas": formulas(report),
        "settings": sections.settings(report),
    }


def fragment(context: View) -> str:
    """A piece of a page for a notebook: its own style, no script."""
    return _templates().get_template("fragment.html.j2").render(context)


def data_url(svg: str) -> str:
    """An SVG picture as the address of an image."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")
