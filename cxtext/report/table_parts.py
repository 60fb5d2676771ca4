"""What every table of the report is made of: columns with their meaning, cells, and how an estimate becomes cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from cxtext.report.figures import estimate, missing
from cxtext.schema import PainPointReport

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


ID = Column("pain_point", "text", "Lasting id of the pain point")
LABEL = Column("label", "text", "Its label, in the customers' own words")
METRIC = Column("metric", "text", "Name of the score")
Q_VALUE = Column("q", "q", "False-discovery rate over all pain points tested (smaller is surer)")


def number(value: Any) -> float | int | None:
    """The figure, or ``None`` where it can't be given."""
    if missing(value):
        return None
    return int(value) if isinstance(value, int) else float(value)


def text(value: Any) -> str:
    """The text of a value, empty for ``None``."""
    return "" if value is None else str(value)


def estimate_columns(prefix: str, meaning: str, kind: Kind = "number") -> tuple[Column, ...]:
    """The four columns of an estimate: value, interval, cases."""
    return (
        Column(prefix, kind, meaning),
        Column(f"{prefix}_low", kind, "Lower end of its 95 % interval"),
        Column(f"{prefix}_high", kind, "Upper end of its 95 % interval"),
        Column(f"{prefix}_n", "count", "Cases behind it"),
    )


def estimate_cells(value: Any) -> tuple[Cell, ...]:
    """The four cells of an estimate, blank where it can't be given."""
    e = estimate(value)
    if e is None:
        return (None, None, None, None)
    hidden = e.status == "suppressed"
    return (None if hidden else number(e.value), number(e.low), number(e.high), e.n)


def labels(report: PainPointReport) -> dict[str, str]:
    """The label of every pain point in the report by its id."""
    return {row.pain_point.id: row.pain_point.label for row in report.pain_points}
