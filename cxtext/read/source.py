"""What to read, opened: every file with its encoding, dialect, columns and digest, and its rows in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from cxtext.errors import InputError
from cxtext.read.delimited import Delimited, open_delimited
from cxtext.read.locate import UNPACKING, Entry, Unpacking, digest, locate
from cxtext.read.sql import open_sql
from cxtext.read.structured import Structured, open_json, open_parquet
from cxtext.read.workbook import open_xlsx
from cxtext.schema import FeedbackChunk, RejectedRow

CHUNK_BYTES = 16 << 20
MOST_ROWS = 60_000
SHARE, LEAST_BYTES, MOST_BYTES = 12, 2_500_000, 5_500_000
"""A chunk of unnamed size holds this share of the input within these bounds: enough chunks for a few workers, and each
large enough that looking up its distinct words pays."""
Reader = Delimited | Structured


@dataclass(frozen=True)
class SourceFile:
    """One file (or archive member, or query) as it is read.

    ``name`` is what the user is shown; ``kind`` csv, jsonl, json, parquet, xlsx or sql; ``encoding`` and ``dialect``
    are empty where they mean nothing; ``sha256`` is that of the file on disk and ``n_bytes`` its size there.
    """

    name: str
    kind: str
    encoding: str
    dialect: str
    columns: tuple[str, ...]
    sha256: str
    n_bytes: int
    notes: tuple[str, ...] = ()
    reader: Reader = field(repr=False, compare=False, default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class Source:
    """The whole input: ``files`` in reading order; ``notes`` say what was left out. Can be read any number of times."""

    files: tuple[SourceFile, ...]
    notes: tuple[str, ...] = ()
    chunk_rows: int = 0

    @property
    def limits(self) -> tuple[int, int]:
        """The most rows and the most bytes of a chunk."""
        if self.chunk_rows:
            return self.chunk_rows, CHUNK_BYTES
        share = sum(file.n_bytes for file in self.files) // SHARE
        return MOST_ROWS, min(max(share, LEAST_BYTES), MOST_BYTES)

    def head(self, file: SourceFile, rows: int = 2000) -> pa.Table:
        """The first rows of a file, as they stand there, for finding out what its columns are."""
        tables: list[pa.Table] = []
        count = 0
        for table, _, _ in file.reader.batches():
            tables.append(table)
            count += table.num_rows
            if count >= rows:
                break
        if not tables:
            return pa.table({name: pa.array([], pa.string()) for name in file.columns})
        return pa.concat_tables(tables, promote_options="permissive").slice(0, rows)

    def chunks(self) -> Iterator[FeedbackChunk]:
        """All rows in order, in chunks of one file each: at most ``chunk_rows`` rows or about 16 MB (see ``limits``).

        ``rows`` of a chunk count over the whole input, rejected rows included.
        """
        start = 0
        for file in self.files:
            last = -1
            for table, positions, rejected in self._pieces(file):
                yield FeedbackChunk(file.name, positions + start, table, tuple(rejected), start)
                last = max([last, *positions[-1:].tolist(), *(row.row for row in rejected[-1:])])
            start += last + 1

    def _pieces(self, file: SourceFile) -> Iterator[tuple[pa.Table, np.ndarray, list[RejectedRow]]]:
        """A file's batches, joined and cut to the chunk size."""
        tables: list[pa.Table] = []
        positions: list[np.ndarray] = []
        rejected: list[RejectedRow] = []
        count = size = 0
        rows, room = self.limits
        for table, at, lost in file.reader.batches():
            rejected += lost
            for begin, end in _cuts(table, (rows - count, room - size), (rows, room)):
                tables.append(table.slice(begin, end - begin))
                positions.append(at[begin:end])
                count += end - begin
                size += tables[-1].nbytes
                if count >= rows or size >= room:
                    until = int(positions[-1][-1])
                    yield _joined(tables, positions, [row for row in rejected if row.row <= until])
                    rejected = [row for row in rejected if row.row > until]
                    tables, positions, count, size = [], [], 0, 0
        if count or rejected:
            yield _joined(tables, positions, rejected) if tables else (_no_rows(file), np.empty(0, np.int64), rejected)


def _cuts(table: pa.Table, left: tuple[int, int], whole: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Ranges of rows that fit into what is left of the chunk at hand, then into fresh ones: (rows, bytes) each."""
    begin = 0
    rows, room = left
    while begin < table.num_rows:
        end = min(table.num_rows, begin + rows)
        while end - begin > 1 and table.slice(begin, end - begin).nbytes > 1.25 * max(room, 1 << 20):
            end = begin + (end - begin) // 2
        yield begin, end
        used = table.slice(begin, end - begin).nbytes
        rows, room = rows - (end - begin), room - used
        if rows <= 0 or room <= 0:
            rows, room = whole
        begin = end


def _joined(
    tables: list[pa.Table], positions: list[np.ndarray], rejected: list[RejectedRow]
) -> tuple[pa.Table, np.ndarray, list[RejectedRow]]:
    table = tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()
    return table, np.concatenate(positions), rejected


def _no_rows(file: SourceFile) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in file.columns})


# --------------------------------------------------------------------------------------------- opening


def open_source(
    inputs: Sequence[str],
    *,
    query: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    chunk_rows: int = 0,
    digests: bool = True,
    shown: Mapping[str, str] | None = None,
    unpacking: Unpacking = UNPACKING,
) -> Source:
    """Open files, globs, folders, ``-`` (stdin) or a database address (with `query`) for reading.

    CSV and TSV of any dialect and encoding, JSONL, JSON, Parquet, XLSX, and .gz and .zip of those. Without ``digests``
    the digest of delimited text may be left empty. ``shown`` gives files by their paths another name for people, who
    never saw the file a frame was written to. Packed input may unpack to as much as ``unpacking`` allows: 64 MiB, or
    200 times its size, and 64 GiB at most. Raises InputError, one line that names the file and what to do, for
    anything that can't be read.
    """
    if not inputs:
        raise InputError("name at least one file, folder or pattern to read")
    files: list[SourceFile] = []
    notes: list[str] = []
    for given in inputs:
        if "://" in given:
            reader = open_sql(given, query)
            files.append(_described("sql", reader, reader.entry.name))
    paths = [given for given in inputs if "://" not in given]
    if paths:
        entries, notes = locate(paths, unpacking)
        entries = [replace(entry, name=(shown or {}).get(entry.name, entry.name)) for entry in entries]
        files += [_open(entry, encoding, delimiter, sheet, digests) for entry in entries]
    return Source(tuple(files), tuple(notes), chunk_rows)


def _open(entry: Entry, encoding: str | None, delimiter: str | None, sheet: str | None, digests: bool) -> SourceFile:
    """Recognise a file by its first bytes, then by its name."""
    with entry.open() as stream:
        head = stream.read(4096)
    ending = Path(entry.inner_name).suffix.lower()
    if not head:
        raise InputError(f"{entry.name}: the file is empty")
    if head.startswith(b"PAR1") or ending in (".parquet", ".pq"):
        return _described("parquet", open_parquet(entry), entry.name)
    if head.startswith(b"PK\x03\x04") or ending in (".xlsx", ".xlsm"):
        return _described("xlsx", _xlsx(entry, head, sheet), entry.name)
    kind = _json_kind(head, ending) if delimiter is None else ""
    if kind:
        return _described(kind, open_json(entry, kind == "jsonl", encoding), entry.name)
    return _described("csv", open_delimited(entry, encoding, delimiter, digests), entry.name)


def _xlsx(entry: Entry, head: bytes, sheet: str | None) -> Structured:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{entry.name}: is protected by a password or an old XLS file; save it as plain XLSX or CSV")
    return open_xlsx(entry, sheet)


def _json_kind(head: bytes, ending: str) -> str:
    """``jsonl``, ``json``, or nothing if the bytes look like neither."""
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if ending in (".jsonl", ".ndjson"):
        return "jsonl"
    if ending == ".json":
        first = text.split(b"\n", 1)[0].strip()
        return "jsonl" if first.startswith(b"{") and first.endswith(b"}") and b"\n" in text else "json"
    if ending in (".csv", ".tsv", ".tab", ".psv", ".txt"):
        return ""
    if text.startswith((b'{"', b'{ "')):
        return "jsonl" if text.split(b"\n", 1)[0].strip().endswith(b"}") or b"\n" not in text else "json"
    return "json" if text.startswith(b"[") and text[1:].lstrip().startswith(b"{") else ""


def _described(kind: str, reader: Reader, name: str) -> SourceFile:
    if isinstance(reader, Delimited):
        sha256, size = reader.sha256, reader.n_bytes
        if not reader.entry.plain:  # what was read is the content as it is unpacked
            sha256, size = digest(reader.entry.path) if sha256 else ("", reader.entry.path.stat().st_size)
        how, encoding = reader.layout.dialect.describe(), reader.encoding.name
    else:
        sha256, size, how, encoding = reader.sha256, reader.n_bytes, reader.dialect, reader.encoding
    return SourceFile(name, kind, encoding, how, reader.columns, sha256, size, tuple(reader.notes), reader)
