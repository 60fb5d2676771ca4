"""What the page shows, as plain dictionaries: every figure already written, so that the templates only place them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from cxtext.report import charts, figures, safety, sparks, told
from cxtext.report.facts import mapping, records
from cxtext.report.figures import Ruler
from cxtext.schema import Estimate, Impact, PainPointReport, PainPointRow

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of the lists is shown, so that the page stays small whatever the input."""

    sections: int = 80
    quotes: int = 8
    characters: int = 600
    ids: int = 40
    queue: int = 25
    cells: int = 8
    rows: int = 300


# From generous to bare; the page takes the first that fits.
DETAILS = (
    Detail(),
    Detail(sections=60, quotes=5, characters=400, ids=20, queue=15, cells=5, rows=200),
    Detail(sections=40, quotes=3, characters=240, ids=10, queue=10, cells=3, rows=120),
    Detail(sections=20, quotes=2, characters=160, ids=5, queue=5, cells=2, rows=60),
    Detail(sections=5, quotes=1, characters=80, ids=0, queue=0, cells=0, rows=20),
)


def said(text: Any, limit: int = 120) -> str:
    """Customers' text cleaned and cut for the page (the template escapes it)."""
    return safety.short(safety.visible("" if text is None else str(text)), limit)


def anchor(name: str) -> str:
    """An id that is safe in a link."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)


def figure(ruler: Ruler, value: Any, *, change: bool = False) -> View:
    """An estimate written out: text, interval, n, status, and the number to sort by."""
    e = figures.estimate(value)
    if e is None or not figures.known(e):
        few = e is not None and e.status == "suppressed"
        return {"text": "", "interval": "", "n": count(e), "status": "too few" if few else "", "sort": None, "tone": ""}
    return {
        "text": ruler.change_of(e) if change else ruler.value(e.value),
        "interval": ruler.interval(e, change=change),
        "n": count(e),
        "status": e.status,
        "sort": e.value,
        "tone": ruler.tone(e.value) if change and figures.sure(e) else "",
    }


def count(e: Estimate | None) -> str:
    """The number of cases behind an estimate."""
    return figures.count(e.n) if e is not None else ""


# Over several scores, the worst one counts.
_KINDS = ("frequent and harmful", "small but harmful", "frequent but harmless", "minor")
SHARE = Ruler("share", 1, True, False, "percentage points", "0 to 100 %")


def scale(report: PainPointReport) -> dict[str, tuple[float, float]]:
    """The range of each metric's whiskers."""
    return {
        m.name: sparks.reach(charts.effect(row.impacts.get(m.name)) for row in report.pain_points)
        for m in report.metrics
    }


def effect(impact: Impact | None, ruler: Ruler, span: tuple[float, float]) -> View:
    """The impact column of one metric: the adjusted figure, else the unadjusted one and a mark that says so."""
    e = charts.effect(impact)
    view = figure(ruler, e, change=True)
    view["whisker"] = sparks.whisker(e, span, ruler)
    view["adjusted"] = impact is not None and figures.known(impact.adjusted)
    view["q"] = figures.q_value(impact.q) if impact is not None else ""
    view["note"] = said(impact.note) if impact is not None else ""
    if impact is not None and e is None:
        view["status"] = "too few"
    return view


def tile(report: PainPointReport, name: str, ruler: Ruler) -> View:
    """A score with its interval, the answers given, and the score of commenters and others."""
    details = mapping(mapping(report.facts.get("score_details")).get(name))
    view = figure(ruler, report.scores.get(name))
    view |= {"metric": name, "name": said(ruler.name, 40), "direction": ruler.direction, "scale": ruler.scale}
    view["key"] = "nps" if details.get("kind") == "nps" or ruler.name == "NPS" else "csat"
    view["column"] = said(details.get("column"), 60)
    view["missing"] = figures.count(details.get("missing"))
    view["answers"] = sparks.answers(
        details.get("distribution") or details.get("bins") or (),
        _nps_group if details.get("kind") == "nps" else lambda _: "",
        names=("no", "yes") if details.get("kind") == "rate" else (),
    )
    view["median"] = figure(ruler, details.get("median"))
    view["top_box"] = figure(SHARE, details.get("top_box"))
    shares = [(word, figures.share(details.get(word))) for word in ("promoters", "passives", "detractors")]
    view["shares"] = [pair for pair in shares if pair[1]]
    view["moved"] = told.moved(report, name)
    view["commenters"] = figure(ruler, details.get("commenters"))
    view["others"] = figure(ruler, details.get("non_commenters"))
    view["comment_share"] = figures.share(details.get("comment_share"))
    return view


def _nps_group(answer: float) -> str:
    return "bad" if answer <= 6 else "good" if answer >= 9 else "unsure"


def moved(report: PainPointReport, name: str, ruler: Ruler) -> View | None:
    """A score's change between two periods and its rows, which add up to it."""
    facts = mapping(mapping(report.facts.get("movement")).get(name))
    if not facts or figures.missing(facts.get("change")):
        return None
    moving = [
        r for r in records(facts.get("rows")) if any(figures.as_float(r.get(k)) for k in ("mix", "rate", "total"))
    ]
    rows = sorted(moving, key=lambda r: -abs(figures.as_float(r.get("total"))))
    known = {row.pain_point.id: row.pain_point.label for row in report.pain_points}
    return {
        "metric": name,
        "name": said(ruler.name, 40),
        "from": said(facts.get("from")),
        "to": said(facts.get("to")),
        "before": figure(ruler, facts.get("before")),
        "after": figure(ruler, facts.get("after")),
        "change": ruler.change(facts["change"]),
        "unit": said(ruler.unit, 60),
        "tone": ruler.tone(facts["change"]),
        "partial": bool(facts.get("partial_last")),
        "blurred": told.blurred(facts),
        "rows": [
            {
                "id": r.get("pain_point") if r.get("pain_point") in known else "",
                "label": said(known.get(r.get("pain_point", "")) or r.get("label") or "no pain point"),
                "mix": ruler.change(r.get("mix")),
                "rate": ruler.change(r.get("rate")),
                "total": ruler.change(r.get("total")),
            }
            for r in rows[:60]
        ],
        "more": max(0, len(rows) - 60),
        "periods": [
            [said(p), ruler.value(v), figures.count(n)]
            for p, v, n in zip(
                facts.get("periods") or (), facts.get("values") or (), facts.get("ns") or (), strict=False
            )
        ][-60:],
    }


def marked(text: str, terms: tuple[str, ...], limit: int) -> Markup:
    """An exemplar with the pain point's terms marked; everything in it is escaped."""
    text = said(text, limit)
    words = [re.escape(safety.visible(t)) for t in terms[:12] if t and len(t) <= 60]
    if not words:
        return Markup.escape(text)
    pattern = re.compile(rf"(?<!\w)({'|'.join(sorted(words, key=len, reverse=True))})(?!\w)", re.IGNORECASE)
    parts = pattern.split(text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(p) if i % 2 else Markup.escape(p) for i, p in enumerate(parts)
    )


def table_row(
    report: PainPointReport, row: PainPointRow, place: int, ranges: Mapping[str, tuple[float, float]]
) -> View:
    """One line of the ranked table."""
    rulers = figures.rulers(report.metrics)
    point = row.pain_point
    placed = [q for q in records(report.facts.get("quadrants")) if q.get("pain_point") == point.id]
    kinds = [q["kind"] for q in placed if q.get("kind") in _KINDS]
    return {
        "place": place,
        "id": said(point.id, 40),
        "anchor": anchor(point.id),
        "label": said(point.label, 90),
        "theme": said(point.theme, 40),
        "n": row.n_mentions,
        "n_text": figures.count(row.n_mentions),
        "share": figures.share(row.prevalence),
        "prevalence": None if figures.missing(row.prevalence) else row.prevalence,
        "sentiment": figures.mood(row.sentiment),
        "sentiment_sort": None if figures.missing(row.sentiment) else row.sentiment,
        "elsewhere": _worst(row, rulers),
        "effects": {name: effect(row.impacts.get(name), ruler, ranges[name]) for name, ruler in rulers.items()},
        "trend": row.trend.kind if row.trend else "",
        # A burst is judged by its own period, not by the whole series.
        "trend_q": figures.q_value(row.trend.q) if row.trend and row.trend.kind != "burst" else "",
        "spark": sparks.spark(row.trend),
        "kind": _KINDS[min(map(_KINDS.index, kinds))] if kinds else "",
        "hidden": any(q.get("hidden_under_good_average") for q in placed),
        "verdict": point.verdict,
        "status": point.status,
        "terms": [said(t, 40) for t in point.terms[:6]],
    }


def _worst(row: PainPointRow, rulers: Mapping[str, Ruler]) -> View | None:
    """The first score that is worse with it beyond doubt: where the score shown has too few answers, this one tells."""
    for name, ruler in rulers.items():
        impact = row.impacts.get(name)
        e = impact.adjusted if impact is not None else None
        if e is not None and figures.known(e) and figures.sure(e) and ruler.tone(e.value) == "bad":
            return {"key": name, "name": said(ruler.name, 40), "text": ruler.change_of(e), "tone": "bad"}
    return None


def section(report: PainPointReport, row: PainPointRow, detail: Detail) -> View:
    """Everything the page says about one pain point below its line of the table."""
    rulers = figures.rulers(report.metrics)
    point, known = row.pain_point, {r.pain_point.id: r.pain_point.label for r in report.pain_points}
    impacts = []
    for name, ruler in rulers.items():
        impact = row.impacts.get(name)
        if impact is None:
            continue
        impacts.append(
            {
                "name": said(ruler.name, 40),
                "direction": f"{'gaps in percentage points, ' if ruler.percent else ''}{ruler.direction}",
                "n": figures.count(impact.n_mentioners),
                "mentioners": figure(ruler, impact.mentioners),
                "others": figure(ruler, impact.others),
                "gap": figure(ruler, impact.gap, change=True),
                "leave_out": figure(ruler, impact.leave_out, change=True),
                "adjusted": figure(ruler, impact.adjusted, change=True),
                "q": figures.q_value(impact.q),
                "weight": figure(SHARE, impact.relative_weight),
                "note": said(impact.note, 200),
            }
        )
    facts = report.facts
    moment = next((m for m in records(facts.get("moment_relationship")) if m.get("pain_point") == point.id), {})
    return {
        "terms": [said(t, 40) for t in point.terms[:12]],
        "quotes": [
            {"id": said(e.response_id, 60), "text": marked(e.text, point.terms, detail.characters)}
            for e in point.exemplars[: detail.quotes]
        ],
        "impacts": impacts,
        "bars": sparks.bars(row.trend),
        "trend_note": said(row.trend.note) if row.trend else "",
        "cells": [
            {"dimension": said(name, 40).replace("_", " "),
             "rows": [_cell(c) for c in _telling(cells)[: detail.cells]],
             "out": [_cell(c) for c in _telling(cells) if c.get("flag")][:6],
             "more": max(0, len(cells) - detail.cells)}
            for name, cells in row.cells.items() if cells
        ],
        "neighbours": [
            {"anchor": anchor(i), "label": said(known[i], 60)} for i in point.neighbours[:6] if i in known
        ],
        "owner": said(point.owner, 80),
        "note": said(point.note, 300),
        "first_seen": said(point.first_seen, 20),
        "cues": [(said(k, 40).replace("_", " "), figures.count(v)) for k, v in row.cues.items() if v],
        "quality": [
            (word, figures.decimal(value, 2))
            for word, value in (("cohesion", point.cohesion), ("separation", point.separation),
                                ("stability", point.stability), ("that of shuffled words", point.null_stability))
            if not figures.missing(value)
        ],
        "moment": said(moment.get("kind")),
        "moment_why": said(moment.get("why"), 200),
        "what_if": [
            {"unit": said(rulers[w["metric"]].unit, 60), "cut": figures.share(w.get("reduction"), 0),
             "change": figure(rulers[w["metric"]], w.get("change"), change=True)}
            for w in records(facts.get("what_if"))
            if w.get("pain_point") == point.id and w.get("metric") in rulers
            and figures.sure(figures.estimate(w.get("change")))
        ],
        "consistency": [
            {"dimension": said(c.get("dimension"), 40).replace("_", " "), "v": figures.decimal(c.get("cramers_v"), 2),
             "q": figures.q_value(c.get("q"))}
            for c in records(facts.get("consistency"))
            if c.get("pain_point") == point.id and figures.as_float(c.get("q")) < 0.05
        ],
        "ids": [said(i, 60) for i in row.mention_ids[: detail.ids]],
        "ids_more": figures.count(more) if (more := row.n_mentions - min(detail.ids, len(row.mention_ids))) > 0 else "",
        "units": figures.count(point.n_units) if point.n_units else "",
    }  # fmt: skip


def _telling(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The levels that differ most from the others first."""

    def far(cell: Mapping[str, Any]) -> float:
        return 0.0 if figures.missing(cell.get("residual")) else abs(float(cell["residual"]))

    return sorted(cells, key=lambda c: (-far(c), str(c.get("level"))))


def _cell(cell: Mapping[str, Any]) -> View:
    more = figures.as_float(cell.get("residual")) > 0
    flag = ("more here" if more else "less here") if cell.get("flag") else ""
    return {
        "up": more,
        "level": said(cell.get("level"), 60),
        "n": figures.count(cell.get("n")),
        "mentions": figures.count(cell.get("mentions")),
        "rate": figures.share(cell.get("rate")),
        "residual": figures.decimal(cell.get("residual"), 1, signed=True),
        "flag": flag,
    }
