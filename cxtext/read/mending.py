"""Reading a file in which some lines break the rules: Arrow takes the good lines, the forgiving reader the others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc

from cxtext.read.structure import CR, LF, QUOTE
from cxtext.read.tolerant import Dialect, records

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Segment:
    """The records that begin in a stretch of lines, in order.

    ``table`` holds those with as many cells as columns; ``order`` int64: for each of its rows the line it begins on;
    ``odd``: (line, cells) of all other records, blank lines left out.
    """

    table: pa.Table
    order: IntArray
    odd: list[tuple[int, list[str]]]


def segments(blocks: Iterator[bytes], dialect: Dialect, names: tuple[str, ...]) -> Iterator[Segment]:
    """Read UTF-8 `blocks` (which begin at a record) in stretches of whole lines.

    For dialects of one ASCII delimiter, double quotes and no escapes. A record that goes on behind the end of a stretch
    is put off to the next. Lines are counted from 0 in each segment.
    """
    rest = b""
    for block in blocks:
        data = rest + block
        cut = data.rfind(b"\n") + 1
        if not cut:
            rest = data
            continue
        segment, done = _read(data[:cut], dialect, names, final=False)
        rest = data[done:]
        yield segment
    if rest:
        yield _read(rest, dialect, names, final=True)[0]


def _read(data: bytes, dialect: Dialect, names: tuple[str, ...], final: bool) -> tuple[Segment, int]:
    """The records of `data`, and how many of its bytes they take."""
    array = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(array == LF) + 1
    if not len(ends) or ends[-1] < len(array):
        ends = np.append(ends, len(array))
    starts = np.concatenate([[0], ends[:-1]])
    bad = _bad_lines(array, starts, ends, ord(dialect.delimiter))
    keep = np.ones(len(ends), dtype=bool)
    odd: list[tuple[int, list[str]]] = []
    upto = len(ends)
    taken = 0
    for line in np.flatnonzero(bad).tolist():
        if line < taken:
            continue
        cells, used, ran_out = _mend(data, starts, ends, line, dialect, len(names))
        if ran_out and not final:
            upto = line
            break
        taken = line + used
        keep[line:taken] = False
        if used == 1 and len(cells) != len(names):
            odd += [
                (line, each) for each in _at_returns(data[starts[line] : ends[line]], dialect, len(names)) or [cells]
            ]
        else:
            odd.append((line, cells))
    keep[upto:] = False
    lines = np.flatnonzero(keep)
    good = data if keep.all() else array[np.repeat(keep, ends - starts)].tobytes()
    table, ragged = _by_arrow(good, dialect, names)
    if ragged:
        at = [int(lines[number]) for number, _ in ragged]
        odd += [
            (place, next(records([text], dialect, len(names)))[0]) for place, (_, text) in zip(at, ragged, strict=True)
        ]
        lines = np.setdiff1d(lines, at)
    done = int(ends[upto - 1]) if upto else 0
    odd = [(line, cells) for line, cells in odd if len(cells) > 1 or cells[0].strip()]
    return Segment(table, lines, sorted(odd, key=lambda item: item[0])), done


def _bad_lines(array: npt.NDArray[np.uint8], starts: IntArray, ends: IntArray, delimiter: int) -> BoolArray:
    """Lines that aren't a record of their own by the rules: unpaired or misplaced quotes, lone CR, nothing at all."""
    padded = np.concatenate([[np.uint8(LF)], array, [np.uint8(LF)]])
    length = ends - starts
    bad: BoolArray = (length == 1) & (array[starts] == LF)
    returns = np.flatnonzero(array == CR)
    if len(returns):
        bad |= (length == 2) & (array[starts] == CR)
        bad[np.searchsorted(ends, returns[padded[returns + 2] != LF], "right")] = True
    quotes = np.flatnonzero(array == QUOTE)
    if not len(quotes):
        return bad
    line = np.searchsorted(ends, quotes, "right")
    count = np.bincount(line, minlength=len(ends))
    bad |= count % 2 == 1
    first = np.cumsum(count) - count
    opening = (np.arange(len(quotes)) - first[line]) % 2 == 0
    beside = np.where(opening, padded[quotes], padded[quotes + 2])
    fits = (beside == delimiter) | (beside == LF) | (beside == CR) | (beside == QUOTE)
    bad[line[~fits]] = True
    return bad


def _mend(
    data: bytes, starts: IntArray, ends: IntArray, line: int, dialect: Dialect, width: int
) -> tuple[list[str], int, bool]:
    """The record that begins on `line`, how many lines it takes, and whether it looked for more than there are."""
    ran_out = False

    def following() -> Iterator[str]:
        nonlocal ran_out
        for at in range(line, len(ends)):
            yield data[starts[at] : ends[at]].decode("utf-8", "replace")
        ran_out = True

    cells, used = next(records(following(), dialect, width))
    return cells, used, ran_out


def _at_returns(line: bytes, dialect: Dialect, width: int) -> list[list[str]]:
    """The records of a line with carriage returns within, if these end records of the right width; else nothing."""
    if b"\r" not in line.rstrip(b"\r\n"):
        return []
    found = [cells for cells, _ in records(io.StringIO(line.decode("utf-8", "replace"), newline=""), dialect, width)]
    return found if sum(len(cells) == width for cells in found) > len(found) / 2 else []


def _by_arrow(data: bytes, dialect: Dialect, names: tuple[str, ...]) -> tuple[pa.Table, list[tuple[int, str]]]:
    """Lines that keep the rules as a table, and those with too few or too many cells: (number among them, text)."""
    types = {name: pa.string() for name in names}
    if not data:
        return pa.schema(types).empty_table(), []
    ragged: list[tuple[int, str]] = []

    def keep(row: pc.InvalidRow) -> str:
        ragged.append((row.number - 1, row.text))
        return "skip"

    table = pc.read_csv(
        io.BytesIO(data),
        read_options=pc.ReadOptions(column_names=list(names), use_threads=False, block_size=len(data) + 1024),
        parse_options=pc.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=keep),
        convert_options=pc.ConvertOptions(column_types=types),
    )
    return table, ragged
