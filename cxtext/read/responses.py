"""From rows as they stand in the input to the typed responses table that all later stages use."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.errors import AmbiguousError
from cxtext.read.dates import to_dates
from cxtext.read.numbers import strings, to_numbers, to_yes_no
from cxtext.schema import METRIC_PREFIX, SEGMENT_PREFIX, Columns, FeedbackChunk, Metric, RejectedRow

ROLES = ("customer", "channel", "touchpoint", "stage", "author_role")


def responses(chunk: FeedbackChunk, columns: Columns) -> tuple[pa.Table, tuple[RejectedRow, ...], dict[str, int]]:
    """The responses table of a chunk, the rows that can't be used, and counts of values set to null by reason.

    Rows without text are kept, text null, when they carry a score; rows with neither are rejected. Values off a
    metric's scale and cells that aren't numbers or dates become null and are counted, e.g.
    ``{"nps: values off 0-10": 3}``.
    """
    table, counts = chunk.table, {}
    made: dict[str, pa.Array] = {"row": pa.array(chunk.rows, pa.int64())}
    made["source"] = pa.array([chunk.source], pa.string()).take(pa.array(np.zeros(len(chunk.rows), np.int64)))
    have = set(table.column_names)
    empty = pa.nulls(len(chunk.rows), pa.string())
    made["response_id"] = strings(table[columns.id]) if columns.id in have else empty
    text = strings(table[columns.text]) if columns.text in have else empty
    made["text"] = text
    for role in ROLES:
        name = getattr(columns, role)
        if name in have:
            made[role] = strings(table[name])
    if columns.date in have:
        dates = to_dates(table[columns.date], columns.day_first)
        made["date"] = pa.array(dates.values, pa.timestamp("s"))
        if dates.bad:
            counts["date: cells that aren't dates"] = dates.bad
    for name in columns.segments:
        if name in have:
            made[SEGMENT_PREFIX + name] = strings(table[name])
    scored = np.zeros(len(chunk.rows), dtype=bool)
    for metric in columns.metrics:
        if metric.column in have:
            values = metric_values(table[metric.column], metric, counts)
            _doubt_scale(chunk, columns, metric, values, counts)
            scored |= ~np.isnan(values)
            made[METRIC_PREFIX + metric.name] = pa.array(values, pa.float64(), from_pandas=True)
    usable = scored | pc.is_valid(text).to_numpy(zero_copy_only=False)
    order = ["row", "source", "response_id", "text", "customer", "date", *ROLES[1:]]
    names = [name for name in order if name in made] + [name for name in made if ":" in name]
    result = pa.table({name: made[name] for name in names})
    if usable.all():
        return result, (), counts
    why = "no text and no score" if columns.metrics else "no text"
    gone = tuple(RejectedRow(chunk.source, int(row) - chunk.start, why) for row in chunk.rows[~usable])
    return result.filter(pa.array(usable)), gone, counts


def _doubt_scale(
    chunk: FeedbackChunk, columns: Columns, metric: Metric, values: np.ndarray, counts: dict[str, int]
) -> None:
    """AmbiguousError where a scale that was told from the first rows turns out wrong further down."""
    off = sum(count for why, count in counts.items() if why.startswith(f"{metric.name}: values off"))
    declared = any(choice.column == metric.column and choice.declared for choice in columns.choices)
    if declared or off < 20 or off < 0.01 * np.count_nonzero(~np.isnan(values)):
        return
    first, last = int(chunk.rows[0]) - chunk.start + 1, int(chunk.rows[-1]) - chunk.start + 1
    raise AmbiguousError(
        f"{chunk.source}, column {metric.column!r}: {off:,} values in rows {first:,} to {last:,} lie off the scale of "
        f"the first rows ({metric.low:g}-{metric.high:g}); declare it, as in "
        f'--outcome "{metric.column}:number:high-good:{metric.low:g}-{metric.high:g}", or --csat none to leave it out'
    )


def metric_values(column: pa.ChunkedArray, metric: Metric, counts: dict[str, int]) -> np.ndarray:
    """Float64 raw scale values: codes for "no answer" and values off the scale are NaN, the latter counted."""
    if metric.kind == "rate":
        values, bad = to_yes_no(column)
        if bad and metric.missing:
            coded, _ = to_numbers(column)
            bad -= int(np.isin(coded, metric.missing).sum())
    else:
        values, bad = to_numbers(column)
    if metric.missing:
        values = np.where(np.isin(values, metric.missing), np.nan, values)
    if bad:
        what = "yes or no" if metric.kind == "rate" else "numbers"
        counts[f"{metric.name}: cells that aren't {what}"] = bad
    if metric.kind != "rate" and metric.low is not None and metric.high is not None:
        with np.errstate(invalid="ignore"):
            off = (values < metric.low) | (values > metric.high)
        if off.any():
            counts[f"{metric.name}: values off {metric.low:g}-{metric.high:g}"] = int(off.sum())
            values = np.where(off, np.nan, values)
    return values
