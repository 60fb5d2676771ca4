"""The report as tidy tables: one row per thing, one figure per cell, every column explained.

CSV files and spreadsheets are both written from these, so their numbers agree. Shares are 0..1, NPS is -100..100
points, other figures are in the units of their metric; a figure that can't be given is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cxtext.report.figures import estimate, missing
from cxtext.schema import Estimate, PainPointReport

Kind = Literal["text", "count", "share", "number", "q"]
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, what kind of value it holds, and what it means."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; every row has one cell per column."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


_ID = Column("pain_point", "text", "Lasting id of the pain point")
_LABEL = Column("label", "text", "Its label, in the customers' own words")
_METRIC = Column("metric", "text", "Name of the score")
_Q = Column("q", "q", "False-discovery rate over all pain points tested (smaller is surer)")


def number(value: Any) -> float | int | None:
    """The figure, or ``None`` where it can't be given."""
    if missing(value):
        return None
    return int(value) if isinstance(value, int) else float(value)


def text(value: Any) -> str:
    """The text of a value, empty for ``None``."""
    return "" if value is None else str(value)


def _estimate_columns(prefix: str, meaning: str, kind: Kind = "number") -> tuple[Column, ...]:
    return (
        Column(prefix, kind, meaning),
        Column(f"{prefix}_low", kind, "Lower end of its 95 % interval"),
        Column(f"{prefix}_high", kind, "Upper end of its 95 % interval"),
        Column(f"{prefix}_n", "count", "Cases behind it"),
    )


def _estimate_cells(value: Any) -> tuple[Cell, ...]:
    e = estimate(value)
    if e is None:
        return (None, None, None, None)
    hidden = e.status == "suppressed"
    return (None if hidden else number(e.value), number(e.low), number(e.high), e.n)


def _records(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, (list, tuple)):
        yield from (item for item in value if isinstance(item, Mapping))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def labels(report: PainPointReport) -> dict[str, str]:
    """The label of every pain point in the report by its id."""
    return {row.pain_point.id: row.pain_point.label for row in report.pain_points}


def pain_points(report: PainPointReport) -> Table:
    """One row per pain point, in priority order: the columns that other programs rely on."""
    columns = [
        _ID,
        _LABEL,
        Column("terms", "text", "Words that set it apart, strongest first, joined by '; '"),
        Column("status", "text", "active, new, retired or ignored"),
        Column("first_seen", "text", "When it was first found"),
        Column("n_mentions", "count", "Responses that mention it"),
        Column("prevalence", "share", "Share of all responses that mention it (0 to 1)"),
        Column("sentiment", "number", "Mean sentiment of its mentions (-1 bad to 1 good)"),
    ]
    for m in report.metrics:
        name, way = m.name, "higher is better" if m.high_good else "lower is better"
        columns += [
            Column(f"{name}_n", "count", f"Mentioners with a {name} answer"),
            Column(f"{name}_mentioners", "number", f"{name} of those who mention it ({way})"),
            Column(f"{name}_others", "number", f"{name} of those who don't ({way})"),
            Column(f"{name}_gap", "number", "Mentioners minus others"),
            Column(f"{name}_gap_low", "number", "Lower end of the gap's 95 % interval"),
            Column(f"{name}_gap_high", "number", "Upper end of the gap's 95 % interval"),
            Column(f"{name}_impact", "number", f"{name} minus {name} without mentioners (unadjusted, leave-out)"),
            Column(f"{name}_adjusted", "number", "Prevalence x regression coefficient, other things equal"),
            Column(f"{name}_adjusted_low", "number", "Lower end of its 95 % interval"),
            Column(f"{name}_adjusted_high", "number", "Upper end of its 95 % interval"),
            Column(f"{name}_q", "q", "False-discovery rate of the adjusted impact"),
        ]
    columns += [
        Column("trend", "text", "emerging, rising, burst, steady, fading, gone or too few"),
        Column("trend_q", "q", "False-discovery rate of the trend"),
    ]
    rows: list[tuple[Cell, ...]] = []
    for row in report.pain_points:
        point = row.pain_point
        cells: list[Cell] = [point.id, point.label, "; ".join(point.terms), point.status, point.first_seen]
        cells += [row.n_mentions, number(row.prevalence), number(row.sentiment)]
        for m in report.metrics:
            impact = row.impacts.get(m.name)
            if impact is None:
                cells += [None] * 11
                continue
            gap, adjusted = impact.gap, _estimate_cells(impact.adjusted)
            cells += [impact.n_mentioners, _estimate_cells(impact.mentioners)[0], _estimate_cells(impact.others)[0]]
            cells += _estimate_cells(gap)[:3]
            cells += [_estimate_cells(impact.leave_out)[0], *adjusted[:3], number(impact.q)]
        cells += [row.trend.kind if row.trend else "", number(row.trend.q) if row.trend else None]
        rows.append(tuple(cells))
    return Table("pain_points", "Pain points", tuple(columns), tuple(rows))


def _scores(report: PainPointReport) -> Table:
    columns = (
        _METRIC,
        Column("kind", "text", "nps, csat, ces, rate or number"),
        Column("better", "text", "Which way is good: higher or lower"),
        *_estimate_columns("value", "The score over all responses"),
        Column("method", "text", "Formula of the interval"),
        Column("status", "text", "Empty, 'low confidence' (n < 100) or 'suppressed' (too few)"),
    )
    rows: list[tuple[Cell, ...]] = []
    for m in report.metrics:
        e = report.scores.get(m.name)
        if e is not None:
            way = "higher" if m.high_good else "lower"
            rows.append((m.name, m.kind, way, *_estimate_cells(e), e.method, e.status))
    return Table("scores", "Scores", columns, tuple(rows))


def _impacts(report: PainPointReport) -> Table:
    columns = (
        _ID,
        _LABEL,
        _METRIC,
        Column("figure", "text", "mentioners, others, gap, leave_out, adjusted or relative_weight"),
        *_estimate_columns("value", "The figure, in points of the metric"),
        Column("method", "text", "Formula behind it"),
        Column("status", "text", "Empty, 'low confidence' (n < 100) or 'suppressed' (too few)"),
        _Q,
        Column("note", "text", "Why a figure is missing or doubtful"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in report.pain_points:
        for name, impact in row.impacts.items():
            for figure in ("mentioners", "others", "gap", "leave_out", "adjusted", "relative_weight"):
                e: Estimate | None = getattr(impact, figure)
                if e is not None:
                    q = number(impact.q) if figure == "adjusted" else None
                    head = (row.pain_point.id, row.pain_point.label, name, figure)
                    rows.append((*head, *_estimate_cells(e), e.method, e.status, q, impact.note))
    return Table("impacts", "Impact on each score", columns, tuple(rows))


def _trends(report: PainPointReport) -> Table:
    columns = (
        _ID,
        _LABEL,
        Column("period", "text", "Month or week"),
        Column("mentions", "count", "Responses of the period that mention it"),
        Column("responses", "count", "Responses of the period"),
        Column("rate", "share", "Their quotient (0 to 1)"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in report.pain_points:
        if row.trend is not None:
            for period, k, n in zip(row.trend.periods, row.trend.counts, row.trend.totals, strict=False):
                rows.append((row.pain_point.id, row.pain_point.label, period, k, n, k / n if n else None))
    return Table("trends", "Mentions over time", columns, tuple(rows))


def _periods(report: PainPointReport) -> Table:
    columns = (_METRIC, Column("period", "text", "Month or week"), *_estimate_columns("value", "Score of the period"))
    rows: list[tuple[Cell, ...]] = []
    for name, moved in _mapping(report.facts.get("movement")).items():
        series = [moved.get(key) or () for key in ("values", "lows", "highs", "ns")]
        for period, value, low, high, n in zip(moved.get("periods") or (), *series, strict=False):
            rows.append((name, period, number(value), number(low), number(high), number(n)))
    return Table("score_periods", "Scores over time", columns, tuple(rows))


def _movement(report: PainPointReport) -> Table:
    columns = (
        _METRIC,
        Column("from", "text", "Earlier period"),
        Column("to", "text", "Later period"),
        Column("pain_point", "text", "Lasting id, empty for responses without a pain point"),
        _LABEL,
        Column("mix", "number", "Change that goes with more or fewer mentions"),
        Column("rate", "number", "Change that goes with better or worse scores of those who mention it"),
        Column("total", "number", "Their sum; the totals of a metric add up to its change exactly"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, moved in _mapping(report.facts.get("movement")).items():
        for item in _records(moved.get("rows")):
            ends = (text(moved.get("from")), text(moved.get("to")))
            parts = tuple(number(item.get(key)) for key in ("mix", "rate", "total"))
            rows.append((name, *ends, text(item.get("pain_point")), text(item.get("label")), *parts))
    return Table("movement", "What the change in a score goes with", columns, tuple(rows))


def _cells(report: PainPointReport) -> Table:
    columns = (
        Column("dimension", "text", "Channel, touchpoint, stage, role or segment column"),
        Column("level", "text", "Its value"),
        _ID,
        _LABEL,
        Column("n", "count", "Responses at this level"),
        Column("mentions", "count", "Those that mention the pain point"),
        Column("rate", "share", "Their quotient (0 to 1)"),
        Column("residual", "number", "Adjusted residual: how far above or below the other levels (3 is much)"),
        _Q,
        Column("flag", "text", "Marked where it stands out"),
    )
    rows: list[tuple[Cell, ...]] = []
    names = labels(report)
    for dimension, items in _mapping(report.facts.get("cells")).items():
        for item in _records(items):
            head = (dimension, text(item.get("level")), text(item.get("pain_point")))
            figures = tuple(number(item.get(key)) for key in ("n", "mentions", "rate", "residual", "q"))
            flag = item.get("flag")
            mark = ("yes" if flag else "") if isinstance(flag, bool) else text(flag)
            rows.append((*head, names.get(head[2], ""), *figures, mark))
    return Table("cells", "Pain points by channel and segment", columns, tuple(rows))


def _cell_scores(report: PainPointReport) -> Table:
    columns = (
        Column("dimension", "text", "Channel, touchpoint, stage, role or segment column"),
        Column("level", "text", "Its value"),
        _ID,
        _METRIC,
        *_estimate_columns("mentioners", "Score of those at this level who mention it"),
        *_estimate_columns("gap", "Mentioners minus others at this level"),
    )
    rows: list[tuple[Cell, ...]] = []
    for dimension, items in _mapping(report.facts.get("cells")).items():
        for item in _records(items):
            for name, pair in _mapping(item.get("scores")).items():
                head = (dimension, text(item.get("level")), text(item.get("pain_point")), name)
                figures = (*_estimate_cells(pair.get("mentioners")), *_estimate_cells(pair.get("gap")))
                rows.append((*head, *figures))
    return Table("cell_scores", "Scores by channel and segment", columns, tuple(rows))


def _plain_list(
    name: str, title: str, columns: Sequence[Column], items: Callable[[PainPointReport], Any]
) -> Callable[[PainPointReport], Table]:
    """A table of a fact that is already a list of records; estimates are columns that end in ``*``."""

    def build(report: PainPointReport) -> Table:
        wide: list[Column] = []
        for column in columns:
            starred = column.name.endswith("*")
            wide += _estimate_columns(column.name[:-1], column.meaning, column.kind) if starred else (column,)
        known, rows = labels(report), []
        for item in _records(items(report)):
            cells: list[Cell] = []
            for column in columns:
                if column.name.endswith("*"):
                    cells += _estimate_cells(item.get(column.name[:-1]))
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
    found = _mapping(report.facts.get("mismatch"))
    queues = {"hidden_complaints": "hidden complaint", "praise_from_detractors": "praise from a detractor"}
    queues["check_sentiment"] = "check sentiment"
    return [{**item, "queue": what} for key, what in queues.items() for item in _records(found.get(key))]


def _fact(name: str) -> Callable[[PainPointReport], Any]:
    return lambda report: report.facts.get(name)


def _staff_rows(report: PainPointReport) -> Any:
    return _mapping(report.facts.get("staff")).get("rows")


def _quotes(report: PainPointReport) -> list[dict[str, Any]]:
    return [
        {"pain_point": r.pain_point.id, "response_id": e.response_id, "similarity": e.similarity, "text": e.text}
        for r in report.pain_points
        for e in r.pain_point.exemplars
    ]


def _mentions(report: PainPointReport) -> list[dict[str, Any]]:
    return [{"pain_point": r.pain_point.id, "response_id": i} for r in report.pain_points for i in r.mention_ids]


def _coverage(report: PainPointReport) -> list[dict[str, Any]]:
    read = report.read
    keys = ("rows_in", "rows_used", "duplicates", "units", "complaints", "clustered", "unclustered_share")
    rows = [{"what": key.replace("_", " "), "value": read.get(key)} for key in keys if not missing(read.get(key))]
    for key, word in (("dropped", "dropped"), ("set_aside", "set aside"), ("languages", "language")):
        rows += [{"what": f"{word}: {k}", "value": n} for k, n in _mapping(read.get(key)).items()]
    rows += [{"what": f"redacted: {k}", "value": n} for k, n in _mapping(read.get("redactions")).items()]
    return rows


_RESPONSE = Column("response_id", "text", "Id of the response")
_TEXT = Column("text", "text", "The sentence (redacted)")
_BUILDERS: tuple[Callable[[PainPointReport], Table], ...] = (
    pain_points,
    _scores,
    _impacts,
    _trends,
    _periods,
    _movement,
    _cells,
    _cell_scores,
    _plain_list(
        "quadrants",
        "Reach and harm",
        (
            _ID,
            _LABEL,
            _METRIC,
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
            _ID,
            _LABEL,
            Column("promoters*", "share", "Share of promoters who mention it (0 to 1)"),
            Column("detractors*", "share", "Share of detractors who mention it (0 to 1)"),
            Column("difference*", "number", "Detractors minus promoters, as the interval's method says"),
            _Q,
        ),
        _fact("promoters_detractors"),
    ),
    _plain_list(
        "what_if",
        "What if it were mentioned less",
        (
            _ID,
            _LABEL,
            _METRIC,
            Column("reduction", "share", "Share of mentions that would go (0 to 1)"),
            Column("change*", "number", "Change in the score that would go with it, other things equal"),
        ),
        _fact("what_if"),
    ),
    _plain_list(
        "staff",
        "Staff against customers",
        (
            _ID,
            _LABEL,
            Column("staff*", "share", "Share of staff responses that mention it (0 to 1)"),
            Column("customers*", "share", "Share of customer responses that mention it (0 to 1)"),
            _Q,
        ),
        _staff_rows,
    ),
    _plain_list(
        "mismatch",
        "Where text and score disagree",
        (
            Column("queue", "text", "hidden complaint, praise from a detractor, or check sentiment"),
            _RESPONSE,
            _METRIC,
            Column("score", "number", "The answer given"),
            Column("sentiment", "number", "Sentiment of the text (-1 bad to 1 good)"),
            _ID,
            _LABEL,
            _TEXT,
        ),
        _mismatch,
    ),
    _plain_list(
        "exemplars",
        "Sentences that show each pain point",
        (_ID, _LABEL, _RESPONSE, Column("similarity", "number", "Similarity to the centre (-1 to 1)"), _TEXT),
        _quotes,
    ),
    _plain_list("mentions", "Which responses mention it", (_ID, _RESPONSE), _mentions),
    _plain_list(
        "coverage",
        "What was read",
        (Column("what", "text", "What was counted"), Column("value", "number", "How many (shares: 0 to 1)")),
        _coverage,
    ),
)


def tables(report: PainPointReport) -> tuple[Table, ...]:
    """Every table that has rows, the pain points first (they are there even when none was found)."""
    built = (build(report) for build in _BUILDERS)
    return tuple(table for table in built if table.rows or table.name == "pain_points")


def every_column() -> dict[str, tuple[Column, ...]]:
    """All columns of all tables by table name, for the manual (the metric columns of pain_points need metrics)."""
    empty = PainPointReport("", {}, (), {}, ())
    return {table.name: table.columns for table in (build(empty) for build in _BUILDERS)}
