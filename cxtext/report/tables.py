"""The report as tidy tables: one row per thing, one figure per cell, every column explained.

CSV files and spreadsheets are both written from these, so their numbers agree. Shares are 0..1, NPS is -100..100
points, other figures are in the units of their metric; a figure that can't be given is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable

from cxtext.report.facts import mapping, records
from cxtext.report.table_lists import LISTS
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
from cxtext.schema import Estimate, PainPointReport

__all__ = ["Cell", "Column", "Table", "every_column", "pain_points", "tables"]


def pain_points(report: PainPointReport) -> Table:
    """One row per pain point, in priority order: the columns that other programs rely on."""
    columns = [
        ID,
        LABEL,
        Column("tag", "text", "A short noun for it"),
        Column("theme", "text", "The theme that it belongs to"),
        Column("coverage", "share", "Share of its mentions that match the label (0 to 1)"),
        Column("terms", "text", "Words that set it apart, strongest first, joined by '; '"),
        Column("status", "text", "active, new, retired or ignored"),
        Column("verdict", "text", "How far the group can be trusted"),
        Column("first_seen", "text", "When it was first found"),
        Column("n_mentions", "count", "Responses that surely mention it: all figures rest on them"),
        Column("n_weak", "count", "Responses that may mention it"),
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
        cells: list[Cell] = [point.id, point.label, point.tag, point.theme, number(point.coverage)]
        cells += ["; ".join(point.terms), point.status, point.verdict, point.first_seen]
        cells += [row.n_mentions, row.n_weak, number(row.prevalence), number(row.sentiment)]
        for m in report.metrics:
            impact = row.impacts.get(m.name)
            if impact is None:
                cells += [None] * 11
                continue
            gap, adjusted = impact.gap, estimate_cells(impact.adjusted)
            cells += [impact.n_mentioners, estimate_cells(impact.mentioners)[0], estimate_cells(impact.others)[0]]
            cells += estimate_cells(gap)[:3]
            cells += [estimate_cells(impact.leave_out)[0], *adjusted[:3], number(impact.q)]
        cells += [row.trend.kind if row.trend else "", number(row.trend.q) if row.trend else None]
        rows.append(tuple(cells))
    return Table("pain_points", "Pain points", tuple(columns), tuple(rows))


def _scores(report: PainPointReport) -> Table:
    columns = (
        METRIC,
        Column("kind", "text", "nps, csat, ces, rate or number"),
        Column("better", "text", "Which way is good: higher or lower"),
        *estimate_columns("value", "The score over all responses"),
        Column("method", "text", "Formula of the interval"),
        Column("status", "text", "Empty, 'low confidence' (n < 100) or 'suppressed' (too few)"),
    )
    rows: list[tuple[Cell, ...]] = []
    for m in report.metrics:
        e = report.scores.get(m.name)
        if e is not None:
            way = "higher" if m.high_good else "lower"
            rows.append((m.name, m.kind, way, *estimate_cells(e), e.method, e.status))
    return Table("scores", "Scores", columns, tuple(rows))


def _impacts(report: PainPointReport) -> Table:
    columns = (
        ID,
        LABEL,
        METRIC,
        Column("figure", "text", "mentioners, others, gap, leave_out, adjusted or relative_weight"),
        *estimate_columns("value", "The figure, in points of the metric"),
        Column("method", "text", "Formula behind it"),
        Column("status", "text", "Empty, 'low confidence' (n < 100) or 'suppressed' (too few)"),
        Q_VALUE,
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
                    rows.append((*head, *estimate_cells(e), e.method, e.status, q, impact.note))
    return Table("impacts", "Impact on each score", columns, tuple(rows))


def _trends(report: PainPointReport) -> Table:
    columns = (
        ID,
        LABEL,
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
    columns = (METRIC, Column("period", "text", "Month or week"), *estimate_columns("value", "Score of the period"))
    rows: list[tuple[Cell, ...]] = []
    for name, told in mapping(report.facts.get("movement")).items():
        moved = mapping(told)
        series = [moved.get(key) or () for key in ("values", "lows", "highs", "ns")]
        for period, value, low, high, n in zip(moved.get("periods") or (), *series, strict=False):
            rows.append((name, period, number(value), number(low), number(high), number(n)))
    return Table("score_periods", "Scores over time", columns, tuple(rows))


def _movement(report: PainPointReport) -> Table:
    columns = (
        METRIC,
        Column("from", "text", "Earlier period"),
        Column("to", "text", "Later period"),
        Column("pain_point", "text", "Lasting id, empty for responses without a pain point"),
        LABEL,
        Column("mix", "number", "Change that goes with more or fewer mentions"),
        Column("rate", "number", "Change that goes with better or worse scores of those who mention it"),
        Column("total", "number", "Their sum; the totals of a metric add up to its change exactly"),
    )
    rows: list[tuple[Cell, ...]] = []
    names = labels(report)
    for name, told in mapping(report.facts.get("movement")).items():
        moved = mapping(told)
        for item in records(moved.get("rows")):
            ends = (text(moved.get("from")), text(moved.get("to")))
            parts = tuple(number(item.get(key)) for key in ("mix", "rate", "total"))
            rows.append(
                (
                    name,
                    *ends,
                    text(item.get("pain_point")),
                    names.get(text(item.get("pain_point"))) or text(item.get("label")),
                    *parts,
                )
            )
    return Table("movement", "What the change in a score goes with", columns, tuple(rows))


def _cells(report: PainPointReport) -> Table:
    columns = (
        Column("dimension", "text", "Channel, touchpoint, stage, role or segment column"),
        Column("level", "text", "Its value"),
        ID,
        LABEL,
        Column("n", "count", "Responses at this level"),
        Column("mentions", "count", "Those that mention the pain point"),
        Column("rate", "share", "Their quotient (0 to 1)"),
        Column("residual", "number", "Adjusted residual: how far above or below the other levels (3 is much)"),
        Q_VALUE,
        Column("flag", "text", "Marked where it stands out"),
    )
    rows: list[tuple[Cell, ...]] = []
    names = labels(report)
    for dimension, items in mapping(report.facts.get("cells")).items():
        for item in records(items):
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
        ID,
        METRIC,
        *estimate_columns("mentioners", "Score of those at this level who mention it"),
        *estimate_columns("gap", "Mentioners minus others at this level"),
    )
    rows: list[tuple[Cell, ...]] = []
    for dimension, items in mapping(report.facts.get("cells")).items():
        for item in records(items):
            for name, pair in mapping(item.get("scores")).items():
                head = (dimension, text(item.get("level")), text(item.get("pain_point")), name)
                both = mapping(pair)
                figures = (*estimate_cells(both.get("mentioners")), *estimate_cells(both.get("gap")))
                rows.append((*head, *figures))
    return Table("cell_scores", "Scores by channel and segment", columns, tuple(rows))


_BUILDERS: tuple[Callable[[PainPointReport], Table], ...] = (
    pain_points,
    _scores,
    _impacts,
    _trends,
    _periods,
    _movement,
    _cells,
    _cell_scores,
    *LISTS,
)


def tables(report: PainPointReport, *, empty: bool = False) -> tuple[Table, ...]:
    """Every table that has rows (or, with ``empty``, every table), the pain points first: those are always there."""
    built = (build(report) for build in _BUILDERS)
    return tuple(table for table in built if table.rows or empty or table.name == "pain_points")


def every_column() -> dict[str, tuple[Column, ...]]:
    """All columns of all tables by table name, for the manual (the metric columns of pain_points need metrics)."""
    empty = PainPointReport("", {}, (), {}, ())
    return {table.name: table.columns for table in (build(empty) for build in _BUILDERS)}
