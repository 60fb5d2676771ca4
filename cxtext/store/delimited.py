"""Rows as delimited text, put together a column at a time: the same bytes as Arrow's writer, several times faster.

Text stands in quotes, numbers don't; a missing value leaves its cell empty. Most of what cxtext writes are figures of
four digits and small counts, so that their cells are looked up rather than spelt out again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DIGITS = 10_000
"""Figures between -1 and 1 with four digits are looked up."""
SMALL = 4
"""Counts below ``1 << SMALL`` that stand side by side are looked up together."""
TOGETHER = 15


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def text_bytes(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of N texts one after another, uint8, and where each starts and ends in them, int[N+1]."""
    _, bounds, data = column.buffers()
    if bounds is None or data is None or not len(column):
        return np.zeros(0, np.uint8), np.zeros(len(column) + 1, np.int32)
    kind = np.int64 if pa.types.is_large_string(column.type) else np.int32
    ends = np.frombuffer(bounds, kind)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]], ends - ends[0]


def writable(kind: pa.DataType) -> bool:
    """Can ``lines`` write columns of this type?"""
    numeric = pa.types.is_integer(kind) or pa.types.is_float64(kind) or pa.types.is_float32(kind)
    return is_text(kind) or bool(numeric or pa.types.is_boolean(kind))


def lines(columns: Sequence[pa.Array], delimiter: str) -> pa.Buffer:
    """The rows of N cells each as UTF-8, every line ended by LF. ``columns`` have types that are ``writable``."""
    cells = list(_cells(columns, delimiter))
    wide = any(pa.types.is_large_string(c.type) for c in cells)
    if wide:
        cells = [c.cast(pa.large_string()) for c in cells]
    between, end, nothing = (pa.scalar(s, cells[0].type) for s in (delimiter, "\n", ""))
    cells[-1] = pc.binary_join_element_wise(cells[-1], end, nothing, null_handling="replace")
    if len(cells) > 1:
        cells[0] = pc.binary_join_element_wise(*cells, between, null_handling="replace")
    return pa.py_buffer(text_bytes(cells[0])[0])


def _cells(columns: Sequence[pa.Array], delimiter: str) -> Iterator[pa.Array]:
    """Each column's cells as text; neighbouring columns of small counts as one, delimiters included."""
    counts: list[np.ndarray] = []
    for column in columns:
        count = _count(column)
        if counts and (count is None or len(counts) == TOGETHER):
            yield _together(counts, delimiter)
            counts = []
        if count is not None:
            counts.append(count)
        elif is_text(column.type):
            yield _quoted(column)
        elif pa.types.is_float64(column.type):
            yield _figures(column)
        else:
            yield pc.cast(column, pa.string())
    if counts:
        yield _together(counts, delimiter)


def _quoted(column: pa.Array) -> pa.Array:
    if (text_bytes(column)[0] == ord('"')).any():
        column = pc.replace_substring(column, '"', '""')
    mark, nothing = (pa.scalar(s, column.type) for s in ('"', ""))
    return pc.binary_join_element_wise(mark, column, mark, nothing)


def _count(column: pa.Array) -> np.ndarray | None:
    """The column's whole numbers, if all are small and none is missing."""
    if not pa.types.is_integer(column.type) or column.null_count or not len(column):
        return None
    values: np.ndarray = column.to_numpy()
    return values if values.min() >= 0 and values.max() < 1 << SMALL else None


def _together(counts: list[np.ndarray], delimiter: str) -> pa.Array:
    packed = np.zeros(len(counts[0]), np.int64)
    for count in counts:
        packed = packed << SMALL | count.astype(np.int64)
    encoded = pa.array(packed).dictionary_encode()
    shifts = range(SMALL * (len(counts) - 1), -1, -SMALL)
    spelt = [delimiter.join(str(row >> s & (1 << SMALL) - 1) for s in shifts) for row in encoded.dictionary.to_pylist()]
    return pa.array(spelt, pa.string()).take(encoded.indices)


def _figures(column: pa.Array) -> pa.Array:
    """Looked up where all are within -1..1 and have four digits at most."""
    values = pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.rint(values * DIGITS)
        usable = bool(((np.abs(values) <= 1) & (scaled / DIGITS == values)).all())
    if not usable:
        return pc.cast(column, pa.string())
    place = scaled.astype(np.int32) + DIGITS
    place[(values == 0) & np.signbit(values)] = 2 * DIGITS + 1
    missing = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    return _spelt().take(pa.array(place, mask=missing))


@lru_cache(maxsize=1)
def _spelt() -> pa.Array:
    """-1, -0.9999, ... 1 and -0 as Arrow spells them."""
    return pc.cast(pa.array([*(np.arange(-DIGITS, DIGITS + 1) / DIGITS), -0.0]), pa.string())
