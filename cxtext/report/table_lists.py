"""Tables of those facts that are lists of records already: each needs its columns named and explained, no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cxtext.report.facts import mapping, records
from cxtext.report.figures import missing
from cxtext.report.table_parts import (
    ID,
    LABEL,
    METRIC,
    Q_VALUE,
    Cell,
    Column,
    Table,
    estimate_cells,
    estimate_columns,
    labels,
    number,
    text,
)
from cxtext.schema import PainPointReport


def _plain_list(
    name: str, title: str, columns: Sequence[Column], items: Callable[[PainPointReport], Any]
) -> Callable[[PainPointReport], Table]:
    """A table of a fact that is already a list of records; estimates are columns that end in ``*``."""

    def build(report: PainPointReport) -> Table:
        wide: list[Column] = []
        for column in columns:
            starred = column.name.endswith("*")
            wide += estimate_columns(column.name[:-1], column.meaning, column.kind) if starred else (column,)
        known, rows = labels(report), []
        for item in records(items(report)):
            cells: list[Cell] = []
            for column in columns:
                if column.name.endswith("*"):
                    cells += estimate_cells(item.get(column.name[:-1]))
                elif column.name == "label":
                    cells.append(known.get(text(item.get("pain_point")), ""))
                elif column.kind == "text":
                    cells.append(_words(item.get(column.name)))
                else:
                    cells.append(number(item.get(column.name)))
            rows.append(tuple(cells))
        return Table(name, title, tuple(wide), tuple(rows))

    return build


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    return text(value)


def _mismatch(report: PainPointReport) -> list[dict[str, Any]]:
    found = mapping(report.facts.get("mismatch"))
    queues = {"hidden_complaints": "hidden complaint", "praise_from_detractors": "praise from a detractor"}
    queues["check_sentiment"] = "check sentiment"
    return [{**item, "queue": what} for key, what in queues.items() for item in records(found.get(key))]


def _fact(name: str) -> Callable[[PainPointReport], Any]:
    return lambda report: report.facts.get(name)


def _staff_rows(report: PainPointReport) -> Any:
    return mapping(report.facts.get("staff")).get("rows")


def _quotes(report: PainPointReport) -> list[dict[str, Any]]:
    return [
        {"pain_point": r.pain_point.id, "response_id": e.response_id, "similarity": e.similarity, "text": e.text}
        for r in report.pain_points
        for e in r.pain_point.exemplars
    ]


def _sentences(report: PainPointReport) -> Any:
    found = records(report.facts.get("mentions"))
    return [{"pain_point": row.pain_point.id, **item} for row in report.pain_points[:1] for item in found]


def _mentions(report: PainPointReport) -> list[dict[str, Any]]:
    return [{"pain_point": r.pain_point.id, "response_id": i} for r in report.pain_points for i in r.mention_ids]


def _coverage(report: PainPointReport) -> list[dict[str, Any]]:
    read = report.read
    keys = ("rows_in", "rows_used", "duplicates", "units", "complaints", "clustered", "unclustered_share")
    rows = [{"what": key.replace("_", " "), "value": read.get(key)} for key in keys if not missing(read.get(key))]
    for key, word in (("dropped", "dropped"), ("set_aside", "set aside"), ("languages", "language")):
        rows += [{"what": f"{word}: {k}", "value": n} for k, n in mapping(read.get(key)).items()]
    rows += [{"what": f"redacted: {k}", "value": n} for k, n in mapping(read.get("redactions")).items()]
    return rows


_RESPONSE = Column("response_id", "text", "Id of the response")
_TEXT = Column("text", "text", "The sentence (redacted)")

LISTS: tuple[Callable[[PainPointReport], Table], ...] = (
    _plain_list(
        "quadrants",
        "Reach and harm",
        (
            ID,
            LABEL,
            METRIC,
            Column("kind", "text", "small but harmful, frequent but harmless, frequent and harmful, minor"),
            Column("hidden_under_good_average", "text", "yes: the score of the whole hides it"),
            Column("why", "text", "The figures behind it"),
        ),
        _fact("quadrants"),
    ),
    _plain_list(
        "promoters_detractors",
        "Promoters against detractors",
        (
            ID,
            LABEL,
            Column("promoters*", "share", "Share of promoters who mention it (0 to 1)"),
            Column("detractors*", "share", "Share of detractors who mention it (0 to 1)"),
            Column(
                "difference*",
                "number",
                "Share of promoters minus share of detractors (below 0: detractors mention it more)",
            ),
            Q_VALUE,
        ),
        _fact("promoters_detractors"),
    ),
    _plain_list(
        "what_if",
        "What if it were mentioned less",
        (
            ID,
            LABEL,
            METRIC,
            Column("reduction", "share", "Share of mentions that would go (0 to 1)"),
            Column("change*", "number", "Change in the score that would go with it, other things equal"),
        ),
        _fact("what_if"),
    ),
    _plain_list(
        "staff",
        "Staff against customers",
        (
            ID,
            LABEL,
            Column("staff*", "share", "Share of staff responses that mention it (0 to 1)"),
            Column("customers*", "share", "Share of customer responses that mention it (0 to 1)"),
            Q_VALUE,
        ),
        _staff_rows,
    ),
    _plain_list(
        "mismatch",
        "Where text and score disagree",
        (
            Column("queue", "text", "hidden complaint, praise from a detractor, or check sentiment"),
            _RESPONSE,
            METRIC,
            Column("score", "number", "The answer given"),
            Column("sentiment", "number", "Sentiment of the text (-1 bad to 1 good)"),
            ID,
            LABEL,
            _TEXT,
        ),
        _mismatch,
    ),
    _plain_list(
        "exemplars",
        "Sentences that show each pain point",
        (ID, LABEL, _RESPONSE, Column("similarity", "number", "Similarity to the centre (-1 to 1)"), _TEXT),
        _quotes,
    ),
    _plain_list("mentions", "Which responses mention it", (ID, _RESPONSE), _mentions),
    _plain_list(
        "sentences",
        "Every sentence that mentions it (of one pain point)",
        (
            ID,
            _RESPONSE,
            Column("unit", "count", "Which sentence of the response, from 0"),
            Column("sentiment", "number", "How it reads (-1 bad to 1 good)"),
            Column("similarity", "number", "Similarity to the centre (-1 to 1)"),
            _TEXT,
        ),
        _sentences,
    ),
    _plain_list(
        "coverage",
        "What was read",
        (Column("what", "text", "What was counted"), Column("value", "number", "How many (shares: 0 to 1)")),
        _coverage,
    ),
)
