"""The sections of the page that only some reports have facts for, as plain dictionaries for the templates."""

from __future__ import annotations

import json
from typing import Any

from cxtext.report import figures, told, views
from cxtext.report.facts import mapping, records
from cxtext.report.views import SHARE, Detail, View, said
from cxtext.schema import PainPointReport

_QUEUES = (
    ("hidden_complaints", "n_hidden", "Hidden complaints", "A top score, and a sentence that complains."),
    ("praise_from_detractors", "n_praise", "Praise from detractors", "A low score, and something they like."),
    ("check_sentiment", "n_check", "Check sentiment", "A low score with a text that reads well: mostly misread words."),
)


def labels(report: PainPointReport) -> dict[str, str]:
    """The label of every pain point as it is shown in a link."""
    return {row.pain_point.id: said(row.pain_point.label, 60) for row in report.pain_points}


def actions(report: PainPointReport) -> list[View]:
    """The three things to do first."""
    return [
        {
            "id": action.pain_point,
            "headline": said(action.headline, 160),
            "quote": said(action.quote, 160),
            "reasons": [said(reason, 300) for reason in action.reasons if reason],
        }
        for action in told.actions(report)
    ]


def what_was_read(report: PainPointReport) -> View:
    """Rows read, used and dropped, by reason; languages; personal data; the files and their columns."""
    read = report.read

    def pairs(name: str) -> list[tuple[str, str]]:
        return [(said(key, 60), figures.count(n)) for key, n in mapping(read.get(name)).items()]

    counted = ("rows_in", "rows_used", "units", "complaints", "clustered", "duplicates")
    view: View = {name: figures.count(read.get(name)) for name in counted}
    view |= {name: pairs(name) for name in ("dropped", "set_aside", "languages", "redactions")}
    view["languages"] = [("undetermined" if code == "und" else code, n) for code, n in view["languages"]]
    view["coverage"] = figures.share(_quotient(read.get("rows_used"), read.get("rows_in")))
    view["unclustered"] = figures.share(read.get("unclustered_share"))
    view |= {"first": said(read.get("first_day")), "last": said(read.get("last_day"))}
    view["sources"] = [_source(item) for item in records(read.get("sources"))[:40]]
    return view


def _source(item: Any) -> View:
    columns = [
        {**{key: said(c.get(key), 80) for key in ("role", "column", "reason")}, "declared": bool(c.get("declared"))}
        for c in records(item.get("columns"))[:60]
    ]
    notes = [said(note, 200) for note in item.get("notes") or ()][:20]
    return {
        "name": said(item.get("name"), 80),
        "rows": figures.count(item.get("rows")),
        "columns": columns,
        "notes": notes,
    }


def _quotient(part: Any, whole: Any) -> float | None:
    if figures.missing(part) or figures.missing(whole) or not whole:
        return None
    return float(part) / float(whole)


def trust(report: PainPointReport) -> View:
    """How far to trust it: health, the join of the scores, the sentiment's origin, the model's fit."""
    facts = report.facts
    health = mapping(facts.get("health"))
    matches = records(facts.get("matches")) or [mapping(facts.get("match"))]
    agreement = mapping(facts.get("agreement"))
    return {
        "health": {
            "value": figures.share(health.get("value"), 0),
            "verdict": said(health.get("verdict"), 300),
            "next_action": said(health.get("next_action"), 300),
        },
        "matches": [
            {
                **{key: figures.count(match.get(key)) for key in ("matched", "unmatched", "many_to_one")},
                "rate": figures.share(match.get("rate")),
                "file": said(match.get("file"), 80),
                "on": said(match.get("on"), 60),
            }
            for match in matches
            if match.get("rate") is not None
        ],
        "agreement": {
            "metric": said(told.metric_names(report, agreement.get("metric")), 80),
            "used": bool(agreement.get("used")),
            "why": said(agreement.get("why"), 200),
        },
        "fit": said(told.model_fit(report), 600),
        "decisions": {key: [said(d, 200) for d in told.decisions(report, key)] for key in ("applied", "unfitting")},
        "suppressed": [
            (said(key, 40).replace("_", " "), figures.count(n))
            for key, n in mapping(facts.get("cells_suppressed")).items()
            if n
        ],
    }


def moving(report: PainPointReport, shown: int) -> list[View]:
    """Which pain points move, by kind; ``rows`` are positions among the ``shown`` first."""
    kinds = [row.trend.kind if row.trend else "" for row in report.pain_points[:shown]]
    return [
        {"kind": kind, "rows": [i for i, own in enumerate(kinds) if own == kind][:20]}
        for kind in ("emerging", "rising", "burst", "fading", "gone")
    ]


def bursts(report: PainPointReport) -> list[View]:
    """Times with far more mentions of a pain point than expected, in linking's order: most beyond chance first."""
    known = labels(report)
    trends = {row.pain_point.id: row.trend for row in report.pain_points}
    return [
        {
            "id": item["pain_point"],
            "label": known[item["pain_point"]],
            "period": said(told.period(trends[item["pain_point"]], item.get("period")), 40).removeprefix("the "),
            "count": figures.count(item.get("count")),
            "expected": figures.decimal(item.get("expected"), 1),
            "q": figures.q_value(item.get("share_q", item.get("q"))),
        }
        for item in told.bursts(report)
        if item.get("pain_point") in known
    ]


def themes(report: PainPointReport) -> list[View]:
    """The themes that pain points are grouped under."""
    known = labels(report)
    found = [
        {"name": said(item.get("name"), 60), "ids": [i for i in item.get("pain_points") or () if i in known][:30]}
        for item in records(report.facts.get("themes"))[:40]
    ]
    return [theme for theme in found if theme["ids"]]


def compared(report: PainPointReport, rows: Any, left: str, right: str) -> list[View]:
    """Shares of two groups that mention each pain point."""
    known = labels(report)
    return [
        {
            "id": item["pain_point"],
            "label": known[item["pain_point"]],
            "left": views.figure(SHARE, item.get(left)),
            "right": views.figure(SHARE, item.get(right)),
            "q": figures.q_value(item.get("q")),
        }
        for item in records(rows)
        if item.get("pain_point") in known
    ][:100]


def queues(report: PainPointReport, detail: Detail) -> list[View]:
    """The lists of responses whose text and score disagree, for people to read."""
    rulers, known = figures.rulers(report.metrics), labels(report)
    facts = mapping(report.facts.get("mismatch"))

    def line(item: Any) -> View:
        ruler = rulers.get(item.get("metric"))
        return {
            "id": said(item.get("response_id"), 60),
            "metric": said(ruler.name if ruler else item.get("metric"), 40),
            "score": "" if figures.missing(item.get("score")) else f"{item['score']:g}",
            "sentiment": figures.decimal(item.get("sentiment"), 2, signed=True),
            "pain_point": item.get("pain_point") if item.get("pain_point") in known else "",
            "text": said(item.get("text"), detail.characters),
        }

    return [
        {
            "title": title,
            "about": about,
            "named": any(item.get("pain_point") in known for item in records(facts.get(key))[: detail.queue]),
            "n": figures.count(facts.get(total)) or figures.count(len(records(facts.get(key)))),
            "rows": [line(item) for item in records(facts.get(key))[: detail.queue]],
        }
        for key, total, title, about in _QUEUES
        if facts.get(total) or facts.get(key)
    ]


def rank_correlations(report: PainPointReport) -> list[View]:
    """How well the text's sentiment and each score go together."""
    rulers = figures.rulers(report.metrics)
    found = mapping(mapping(report.facts.get("mismatch")).get("agreement"))
    return [
        {
            "name": said(rulers[name].name if name in rulers else name, 40),
            "spearman": figures.decimal(mapping(item).get("spearman"), 2),
            "n": figures.count(mapping(item).get("n")),
        }
        for name, item in found.items()
    ]


def settings(report: PainPointReport) -> list[tuple[str, str]]:
    """Settings and versions, one line each."""
    chosen = [
        (said(key, 60), said(value if isinstance(value, str) else json.dumps(value, default=str), 200))
        for key, value in report.settings.items()
        if value not in (None, [], ())
    ]
    rest = [said(key, 60) for key, value in report.settings.items() if value in (None, [], ())]
    chosen += [("left at its default", ", ".join(rest))] if rest else []
    return chosen + [(said(key, 60), said(value, 60)) for key, value in report.versions.items()]
