"""The report as one HTML page that needs nothing else: no network, no second file, and at most 3 MB."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxtext.report import charts, figures, vega, views
from cxtext.report.formulas import FORMULAS
from cxtext.report.views import DETAILS, Detail, View, mapping, records, said
from cxtext.schema import PainPointReport

if TYPE_CHECKING:
    from jinja2 import Environment

# Bytes; what is left below 3 MB is for the reader's mail gateway.
LIMIT = 2_900_000
_METRICS = 4  # with charts of their own


def to_html(report: PainPointReport, *, limit: int = LIMIT) -> str:
    """The whole report as one self-contained page (UTF-8, below ``limit`` bytes whatever the input).

    Lists that would make it larger are cut, and the page says how many are not shown. Customers' text is escaped
    everywhere and never stands in a script; a content security policy forbids every request and foreign script.
    """
    drawn = _charts(report)
    page = ""
    for detail in DETAILS:
        page = _page(report, detail, drawn)
        if len(page.encode("utf-8", "replace")) <= limit:
            break
    return page.encode("utf-8", "replace").decode("utf-8")


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader

    return Environment(
        loader=PackageLoader("cxtext.report", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


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


def chart_view(spec: dict[str, Any] | None, name: str, about: str) -> View | None:
    """A chart for the page: its picture, its specification for hover details, and its text alternative."""
    if spec is None:
        return None
    compact = themed(json.dumps(spec, ensure_ascii=False, separators=(",", ":")))
    return {"name": name, "svg": picture(spec, name), "spec": compact, "about": about}


def _charts(report: PainPointReport) -> dict[str, View]:
    result: dict[str, View | None] = {}
    for name, ruler in list(figures.rulers(report.metrics).items())[:_METRICS]:
        short = said(ruler.name, 40)
        about = {
            "matrix": f"Bubbles: share of responses against {short} that goes with each pain point. "
            "The ranked table has the same figures.",
            "scores": f"{short} per period with its 95 % interval. The figures are in the table below.",
            "movement": f"Waterfall: what the change in {short} goes with. The figures are in the table below.",
        }
        result[f"matrix:{name}"] = chart_view(charts.matrix(report, name), f"matrix-{name}", about["matrix"])
        result[f"scores:{name}"] = chart_view(charts.scores(report, name), f"scores-{name}", about["scores"])
        result[f"movement:{name}"] = chart_view(charts.movement(report, name), f"movement-{name}", about["movement"])
    told = "Shares of both groups that mention each pain point. The figures are in the table below."
    result["promoters"] = chart_view(charts.promoters(report), "promoters", told)
    result["staff"] = chart_view(charts.staff(report), "staff", told)
    return {name: view for name, view in result.items() if view is not None}


def _page(report: PainPointReport, detail: Detail, drawn: dict[str, View]) -> str:
    rulers = figures.rulers(report.metrics)
    ranges = views.scale(report)
    labels = {row.pain_point.id: said(row.pain_point.label, 60) for row in report.pain_points}
    scored = [name for name in rulers if any(name in row.impacts for row in report.pain_points)]
    script = text_of("templates/page.js")
    facts = report.facts
    context = {
        "title": said(report.title, 120) or "Pain points",
        "policy": _policy(script),
        "style": Markup(text_of("templates/page.css")),  # ours
        "script": Markup(script),  # ours, holds no data
        "vega": Markup(vega.bundle()) if drawn else "",
        "headline": said(facts.get("headline"), 400),
        "actions": [
            {"id": a.get("pain_point") if a.get("pain_point") in labels else "", "headline": said(a.get("headline"), 160),
             "why": said(a.get("why"), 300)}
            for a in records(facts.get("actions"))[:3]
        ],
        "selection": mapping(facts.get("selection")),
        "anchor": views.anchor,
        "labels": labels,
        "tiles": [views.tile(report, n, r) for n, r in rulers.items() if n in report.scores],
        "moves": [m for m in (views.moved(report, n, r) for n, r in rulers.items()) if m],
        "metrics": [{"key": n, "name": said(rulers[n].name, 40), "anchor": views.anchor(n), "direction": rulers[n].direction,
                     "unit": rulers[n].unit} for n in scored],
        "rows": [views.table_row(report, row, i, ranges) for i, row in enumerate(report.pain_points[: detail.rows], 1)],
        "rows_more": max(0, len(report.pain_points) - detail.rows),
        "sections": [views.section(report, row, detail) for row in report.pain_points[: detail.sections]],
        "charts": drawn,
        "metric_keys": list(rulers),
        "formulas": FORMULAS,
        "settings": [(said(k, 60), said(json.dumps(v, default=str, ensure_ascii=False), 200)) for k, v in report.settings.items()],
        "versions": [(said(k, 60), said(v, 60)) for k, v in report.versions.items()],
        **_sections(report, detail, labels),
    }  # fmt: skip
    return _templates().get_template("page.html.j2").render(context)


def _sections(report: PainPointReport, detail: Detail, labels: dict[str, str]) -> View:
    """The facts of the sections that only some reports have."""
    facts, rulers, share = report.facts, figures.rulers(report.metrics), views.SHARE
    read, mismatch, staff = report.read, mapping(facts.get("mismatch")), mapping(facts.get("staff"))

    def pairs(value: Any) -> list[tuple[str, str]]:
        return [(said(k, 60), figures.count(v)) for k, v in mapping(value).items()]

    def queue(name: str) -> list[View]:
        return [
            {
                "id": said(item.get("response_id"), 60),
                "metric": said(rulers[item["metric"]].name if item.get("metric") in rulers else item.get("metric"), 40),
                "score": figures.decimal(item.get("score"), 2).removesuffix(".00"),
                "sentiment": figures.decimal(item.get("sentiment"), 2, signed=True),
                "pain_point": item.get("pain_point") if item.get("pain_point") in labels else "",
                "text": said(item.get("text"), detail.characters),
            }
            for item in records(mismatch.get(name))[: detail.queue]
        ]

    def groups(rows: Any, left: str, right: str) -> list[View]:
        return [
            {"id": r["pain_point"], "label": labels[r["pain_point"]], "left": views.figure(share, r.get(left)),
             "right": views.figure(share, r.get(right)), "q": figures.q_value(r.get("q"))}
            for r in records(rows) if r.get("pain_point") in labels
        ]  # fmt: skip

    kinds = ("emerging", "rising", "burst", "fading", "gone")
    match = mapping(facts.get("match"))
    return {
        "read": {
            "in": figures.count(read.get("rows_in")), "used": figures.count(read.get("rows_used")),
            "coverage": figures.share(_quotient(read.get("rows_used"), read.get("rows_in"))),
            "first": said(read.get("first_day")), "last": said(read.get("last_day")),
            "units": figures.count(read.get("units")), "complaints": figures.count(read.get("complaints")),
            "clustered": figures.count(read.get("clustered")), "unclustered": figures.share(read.get("unclustered_share")),
            "duplicates": figures.count(read.get("duplicates")), "dropped": pairs(read.get("dropped")),
            "set_aside": pairs(read.get("set_aside")), "languages": pairs(read.get("languages")),
            "redactions": pairs(read.get("redactions")),
            "sources": [
                {"name": said(s.get("name"), 80), "rows": figures.count(s.get("rows")),
                 "columns": [{k: said(c.get(k), 80) for k in ("role", "column", "reason")} | {"declared": bool(c.get("declared"))}
                             for c in records(s.get("columns"))[:60]],
                 "notes": [said(n, 200) for n in s.get("notes") or ()][:20]}
                for s in records(read.get("sources"))[:40]
            ],
        },
        "health": {k: said(mapping(facts.get("health")).get(k), 300) for k in ("verdict", "next_action")}
        | {"value": figures.share(mapping(facts.get("health")).get("value"), 0)},
        "match": {k: figures.count(match.get(k)) for k in ("matched", "unmatched", "many_to_one", "window_days")}
        | {"rate": figures.share(match.get("rate")), "file": said(match.get("file"), 80), "on": said(match.get("on"), 60)},
        "agreement": mapping(facts.get("agreement")),
        "drift": mapping(facts.get("drift")),
        "moving": [
            {"kind": kind, "rows": [i for i, row in enumerate(report.pain_points[: detail.rows])
                                    if row.trend and row.trend.kind == kind][:20]}
            for kind in kinds
        ],
        "bursts": [
            {"label": labels[b["pain_point"]], "id": b["pain_point"], "period": said(b.get("period")),
             "count": figures.count(b.get("count")), "expected": figures.decimal(b.get("expected"), 1),
             "q": figures.q_value(b.get("q"))}
            for b in records(facts.get("bursts")) if b.get("pain_point") in labels
        ][:30],
        "promoters": groups(facts.get("promoters_detractors"), "promoters", "detractors"),
        "staff": groups(staff.get("rows"), "staff", "customers"),
        "n_staff": figures.count(staff.get("n_staff")), "n_customers": figures.count(staff.get("n_customers")),
        "queues": [
            {"key": key, "title": title, "about": about, "n": figures.count(mismatch.get(n_key)), "rows": queue(key)}
            for key, n_key, title, about in (
                ("hidden_complaints", "n_hidden", "Hidden complaints", "A top score, and a sentence that complains."),
                ("praise_from_detractors", "n_praise", "Praise from detractors", "A low score, and something they like."),
                ("check_sentiment", "n_check", "Check sentiment", "A low score with a text that reads well: mostly the "
                 "word list's error."),
            )
            if mismatch.get(n_key) or mismatch.get(key)
        ],
        "consistent": [
            {"name": said(rulers[k].name if k in rulers else k, 40), "spearman": figures.decimal(mapping(v).get("spearman"), 2),
             "n": figures.count(mapping(v).get("n"))}
            for k, v in mapping(mismatch.get("agreement")).items()
        ],
        "themes": [{"name": said(t.get("name"), 60), "ids": [i for i in t.get("pain_points") or () if i in labels][:30]}
                   for t in records(facts.get("themes"))[:40]],
        "suppressed": [(said(k, 40).replace("_", " "), figures.count(v)) for k, v in mapping(facts.get("cells_suppressed")).items() if v],
    }  # fmt: skip


def _quotient(part: Any, whole: Any) -> float | None:
    if figures.missing(part) or figures.missing(whole) or not whole:
        return None
    return float(part) / float(whole)


def fragment(context: View) -> str:
    """A piece of a page for a notebook: its own style, no script."""
    return _templates().get_template("fragment.html.j2").render(context)


def data_url(svg: str) -> str:
    """An SVG picture as the address of an image."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")
