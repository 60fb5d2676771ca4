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
    pieces = list(_merged(_pieces(columns, delimiter)))
    kind = pa.large_string() if any(_is_wide(p) for p in pieces) else pa.string()
    pieces = [pa.scalar(p, kind) if isinstance(p, str) else p if p.type == kind else p.cast(kind) for p in pieces]
    rows = pc.binary_join_element_wise(*pieces, pa.scalar("", kind)) if len(pieces) > 1 else pieces[0]
    return pa.py_buffer(text_bytes(rows)[0])


def _is_wide(piece: pa.Array | str) -> bool:
    return not isinstance(piece, str) and bool(pa.types.is_large_string(piece.type))


def _merged(pieces: Iterator[pa.Array | str]) -> Iterator[pa.Array | str]:
    """The same with constants that stand side by side as one."""
    constant = ""
    for piece in pieces:
        if isinstance(piece, str):
            constant += piece
            continue
        if constant:
            yield constant
            constant = ""
        yield piece
    if constant:
        yield constant


def _pieces(columns: Sequence[pa.Array], delimiter: str) -> Iterator[pa.Array | str]:
    """What a row is put together from: arrays without nulls, and constants; what follows each cell is part of it.

    Neighbouring columns of small counts are one piece.
    """
    counts: list[np.ndarray] = []
    for place, column in enumerate(columns, 1):
        count = _count(column)
        if counts and (count is None or len(counts) == TOGETHER):
            yield _together(counts, delimiter, delimiter)
            counts = []
        after = delimiter if place < len(columns) else "\n"
        if count is not None:
            counts.append(count)
        elif is_text(column.type):
            yield from _quoted(column, after)
        elif pa.types.is_float64(column.type):
            yield from _figures(column, after)
        else:
            yield from _plain(column, after)
    if counts:
        yield _together(counts, delimiter, "\n")


def _quoted(column: pa.Array, after: str) -> Iterator[pa.Array | str]:
    if (text_bytes(column)[0] == ord('"')).any():
        column = pc.replace_substring(column, '"', '""')
    if not column.null_count:
        yield from ('"', column, f'"{after}')
        return
    mark, end, nothing = (pa.scalar(s, column.type) for s in ('"', f'"{after}', ""))
    yield pc.fill_null(pc.binary_join_element_wise(mark, column, end, nothing), after)


def _plain(column: pa.Array, after: str) -> Iterator[pa.Array | str]:
    yield pc.fill_null(pc.cast(column, pa.string()), "")
    yield after


def _count(column: pa.Array) -> np.ndarray | None:
    """The column's whole numbers, if all are small and none is missing."""
    if not pa.types.is_integer(column.type) or column.null_count or not len(column):
        return None
    values: np.ndarray = column.to_numpy()
    return values if values.min() >= 0 and values.max() < 1 << SMALL else None


def _together(counts: list[np.ndarray], delimiter: str, after: str) -> pa.Array:
    packed = np.zeros(len(counts[0]), np.int64)
    for count in counts:
        packed = packed << SMALL | count.astype(np.int64)
    encoded = pa.array(packed).dictionary_encode()
    shifts = range(SMALL * (len(counts) - 1), -1, -SMALL)
    rows = encoded.dictionary.to_pylist()
    spelt = [delimiter.join(str(row >> s & (1 << SMALL) - 1) for s in shifts) + after for row in rows]
    return pa.array(spelt, pa.string()).take(encoded.indices)


def _figures(column: pa.Array, after: str) -> Iterator[pa.Array | str]:
    """Looked up where all are within -1..1 and have four digits at most."""
    values = pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.rint(values * DIGITS)
        usable = bool(((np.abs(values) <= 1) & (scaled / DIGITS == values)).all())
    if not usable:
        yield from _plain(column, after)
        return
    place = scaled.astype(np.int32) + DIGITS
    place[(values == 0) & np.signbit(values)] = 2 * DIGITS + 1
    if column.null_count:
        place[column.is_null().to_numpy(zero_copy_only=False)] = 2 * DIGITS + 2
    yield _spelt(after).take(pa.array(place))


@lru_cache(maxsize=4)
def _spelt(after: str) -> pa.Array:
    """-1, -0.9999, ... 1 and -0 as Arrow spells them, and nothing, each with what follows it."""
    spelt = pc.cast(pa.array([*(np.arange(-DIGITS, DIGITS + 1) / DIGITS), -0.0]), pa.string())
    nothing, end = pa.array([""], pa.string()), pa.scalar(after, pa.string())
    return pc.binary_join_element_wise(pa.concat_arrays([spelt, nothing]), end, pa.scalar("", pa.string()))
