"""Tables to a file or to stdout, a chunk at a time: CSV, TSV, JSON lines, Parquet, by the file's ending.

CSV and TSV are opened in spreadsheets: text cells that a spreadsheet would take for a formula get an apostrophe in
front (numbers stay numbers). JSON lines and Parquet keep every text as it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from cxtext import escape
from cxtext.errors import InputError
from cxtext.store import aside
from cxtext.store.delimited import is_text, lines, writable
from cxtext.store.output import check_file, ending_of, is_stdout

FORMATS = ("csv", "tsv", "jsonl", "parquet")
PART_BYTES = 1 << 27  # written at once: far below what 32-bit offsets can hold


class TableWriter(Protocol):
    """Takes tables of one schema, in order."""

    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


@contextmanager
def table_writer(target: Path | None, schema: pa.Schema) -> Iterator[TableWriter]:
    """A writer to `target` (put in place only when the block ends well), or to stdout as CSV for ``None`` and ``-``.

    Raises OutputError for an ending that names no format, or a disk that won't take it.
    """
    check_file(target, FORMATS)
    if target is None or is_stdout(target):
        writer = _open("csv", sys.stdout.buffer, schema)
        yield writer
        writer.close()
        sys.stdout.flush()
        return
    kind = ending_of(target)
    with aside.file(target) as place, place.open("wb") as sink:
        writer = _open(kind, sink, schema)
        yield writer
        writer.close()


def read_parquet(file: Path) -> pa.Table:
    """A Parquet table of ours. Raises InputError, one line, when it is missing or damaged."""
    from pyarrow import parquet

    try:
        return parquet.read_table(file)
    except (OSError, pa.ArrowException):
        raise InputError(f"{file}: missing or damaged; run cxtext analyze again") from None


def _open(kind: str, sink: Any, schema: pa.Schema) -> TableWriter:
    if kind == "parquet":
        return _Parquet(sink, schema)
    return _JsonLines(sink) if kind == "jsonl" else _Delimited(sink, schema, "\t" if kind == "tsv" else ",")


class _Delimited:
    """Delimited text; columns of text, numbers and yes/no by ``delimited.lines``, other types by Arrow's own writer."""

    def __init__(self, sink: Any, schema: pa.Schema, delimiter: str) -> None:
        from pyarrow import csv

        self.schema = pa.schema([pa.field(escape.cell(f.name), f.type) for f in schema])
        self.sink, self.delimiter = sink, delimiter
        self.writer = None
        if all(writable(f.type) for f in schema):
            sink.write(lines([pa.array([f.name], pa.string()) for f in self.schema], delimiter))
        else:
            options = csv.WriteOptions(include_header=True, delimiter=delimiter, quoting_style="needed")
            self.writer = csv.CSVWriter(sink, self.schema, write_options=options)

    def write(self, table: pa.Table) -> None:
        columns = [escape.cells(c) if is_text(c.type) else c for c in table.columns]
        table = pa.Table.from_arrays(columns, schema=self.schema)
        if self.writer is not None:
            self.writer.write_table(table)
            return
        rows = max(1, len(table) * PART_BYTES // max(table.nbytes, PART_BYTES))
        for start in range(0, len(table), rows):
            part = [_one(c) for c in table.slice(start, rows).columns]
            self.sink.write(lines(part, self.delimiter))

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class _JsonLines:
    def __init__(self, sink: Any) -> None:
        self.sink = sink

    def write(self, table: pa.Table) -> None:
        for row in _without_nan(table).to_pylist():
            self.sink.write(
                (json.dumps(row, ensure_ascii=False, default=str, allow_nan=False) + "\n").encode("utf-8", "replace")
            )

    def close(self) -> None:
        self.sink.flush()


def _without_nan(table: pa.Table) -> pa.Table:
    """`cxtext.plain`'s rule for whole columns: numbers that can't be given are null."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(place)
            finite = pc.fill_null(pc.is_finite(column), False)
            table = table.set_column(place, field, pc.if_else(finite, column, pa.scalar(None, field.type)))
    return table


class _Parquet:
    def __init__(self, sink: Any, schema: pa.Schema) -> None:
        from pyarrow import parquet

        self.writer = parquet.ParquetWriter(sink, schema, compression="zstd")

    def write(self, table: pa.Table) -> None:
        self.writer.write_table(table)

    def close(self) -> None:
        self.writer.close()
