"""Reading files that know their own columns: Parquet, JSON, JSONL."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from cxtext.errors import InputError
from cxtext.read import encoding as enc
from cxtext.read.dialect import column_names
from cxtext.read.locate import Entry, digest, first_line
from cxtext.schema import RejectedRow

BATCH_ROWS = 5_000
JSON_GAP = re.compile(r"[\s,]*")
Batch = tuple[pa.Table, np.ndarray, list[RejectedRow]]
Row = dict[str, Any]


@dataclass
class Structured:
    """A file with columns of its own: `columns` in their order; ``batches`` gives its rows."""

    entry: Entry
    columns: tuple[str, ...]
    sha256: str
    n_bytes: int
    notes: list[str] = field(default_factory=list)
    encoding: str = ""
    dialect: str = ""

    def batches(self) -> Iterator[Batch]:
        """The rows in order: a table, the rows' positions in the file, and rejected rows."""
        raise NotImplementedError


def numbered(tables: Iterable[pa.Table]) -> Iterator[Batch]:
    """Tables with the positions of their rows, counted from 0."""
    start = 0
    for table in tables:
        yield table, np.arange(start, start + table.num_rows, dtype=np.int64), []
        start += table.num_rows


# --------------------------------------------------------------------------------------------- Parquet


@dataclass
class Parquet(Structured):
    """A Parquet file, read in batches; nested columns become JSON text."""

    def batches(self) -> Iterator[Batch]:
        """The rows in order, types as stored."""
        import pyarrow.parquet as pq

        with self.entry.seekable() as stream:
            try:
                batches = pq.ParquetFile(stream).iter_batches(batch_size=BATCH_ROWS)
                yield from numbered(_plain_types(pa.Table.from_batches([batch])) for batch in batches)
            except (pa.ArrowException, OSError) as error:
                raise InputError(f"{self.entry.name}: the Parquet file is damaged ({first_line(error)})") from None


def open_parquet(entry: Entry) -> Parquet:
    """Read a Parquet file's schema; InputError if it can't be read."""
    import pyarrow.parquet as pq

    sha256, size = digest(entry.path)
    with entry.seekable() as stream:
        try:
            schema = pq.ParquetFile(stream).schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{entry.name}: not a readable Parquet file ({first_line(error)})") from None
    return Parquet(entry, tuple(column_names(schema.names)[0]), sha256, size)


def _plain_types(table: pa.Table) -> pa.Table:
    """Dictionaries decoded, all strings of one kind, nested values as JSON text; names made unique."""
    columns = []
    for column in table.columns:
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            column = pa.chunked_array([pa.array([_as_text(value) for value in column.to_pylist()], pa.string())])
        elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            column = column.cast(pa.string())
        elif pa.types.is_decimal(kind):
            column = column.cast(pa.float64())
        elif pa.types.is_null(kind):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=column_names(table.column_names)[0])


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)


# ------------------------------------------------------------------------------------------------ JSON


@dataclass
class Json(Structured):
    """JSONL, or a JSON document that is or holds an array of objects; nested objects become ``outer.inner``."""

    kinds: dict[str, str] = field(default_factory=dict)
    found: enc.Encoding = field(default_factory=lambda: enc.Encoding("utf-8"))
    lines: bool = True

    def batches(self) -> Iterator[Batch]:
        """The rows in order; a line that isn't a JSON object is rejected."""
        rows: list[Row] = []
        at: list[int] = []
        rejected: list[RejectedRow] = []
        used = number = 0
        for number, (row, size, why) in enumerate(_json_rows(self.entry, self.found, self.lines)):
            if row is None:
                rejected.append(RejectedRow(self.entry.name, number, "not a JSON object", why))
            else:
                rows.append(row)
                at.append(number)
            used += size
            if len(rows) >= BATCH_ROWS or used > 8 << 20:
                yield typed_table(rows, self.kinds), np.array(at, dtype=np.int64), rejected
                rows, at, rejected, used = [], [], [], 0
        if rows or rejected:
            yield typed_table(rows, self.kinds), np.array(at, dtype=np.int64), rejected


def open_json(entry: Entry, lines: bool, encoding: str | None) -> Json:
    """Find the keys of all objects and what kind of values they have, in one pass. InputError if it isn't JSON."""
    sha256, size = digest(entry.path)
    check = enc.Utf8Check()
    with entry.open() as stream:
        head = stream.read(4096)
        found = enc.from_bom(head) or enc.from_nuls(head)
        if found is None and encoding is None:
            while head:
                check.feed(head)
                head = stream.read(enc.BLOCK)
            check.feed(b"", final=True)
    if encoding is not None:
        found = enc.Encoding(enc.checked(encoding, entry.name), found.bom if found else 0)
    found = found or check.verdict()
    kinds: dict[str, str] = {}
    good = bad = 0
    first_bad = ""
    for row, _, why in _json_rows(entry, found, lines):
        if row is None:
            bad += 1
            first_bad = first_bad or why
            continue
        good += 1
        for key, value in row.items():
            kind = value_kind(value)
            if kind and kinds.get(key) != kind:
                known = kinds.get(key)
                kinds[key] = kind if known in (None, "") else ("float" if {known, kind} == {"int", "float"} else "str")
            else:
                kinds.setdefault(key, kind)
    if not good:
        what = f"no line holds a JSON object ({first_bad})" if bad else "the file holds no objects"
        raise InputError(f"{entry.name}: {what}; write one object a line, or one array of objects")
    notes = [*found.notes] + ([f"{bad:,} lines aren't JSON objects"] if bad else [])
    return Json(entry, tuple(kinds), sha256, size, notes, found.name, "", kinds, found, lines)


def _json_rows(entry: Entry, found: enc.Encoding, lines: bool) -> Iterator[tuple[Row | None, int, str]]:
    """Each object flattened, its size in characters, and why it can't be used where it is ``None``."""
    if not lines:
        for item in _items(entry, found):
            yield (_flat(item), 64, "") if isinstance(item, dict) else (None, 0, f"{type(item).__name__} in the array")
        return
    rest = ""
    for text in enc.text_blocks(entry.open, found):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            if line.strip():
                yield _json_line(line)
    if rest.strip():
        yield _json_line(rest)


def _items(entry: Entry, found: enc.Encoding) -> Iterator[Any]:
    """The items of a JSON document: one after another if it is an array, all at once if an array lies deeper."""
    blocks = enc.text_blocks(entry.open, found)
    text = ""
    while not text.lstrip() and (block := next(blocks, "")):
        text += block
    text = text.lstrip()
    if not text.startswith("["):
        yield from _array_of(text + "".join(blocks), entry.name)
        return
    decoder, pos, count = json.JSONDecoder(), 1, 0
    while True:
        why = ""
        mark = JSON_GAP.match(text, pos)
        pos = mark.end() if mark else pos
        if text.startswith("]", pos):
            return
        try:
            item, end = decoder.raw_decode(text, pos)
            whole = end < len(text)  # a number at the very end may go on
        except (ValueError, RecursionError) as error:
            item, end, whole, why = None, pos, False, first_line(error)
        if whole:
            yield item
            pos, count = end, count + 1
            continue
        block = next(blocks, "")
        if not block:
            reason = why or "it ends too early"
            raise InputError(f"{entry.name}: not valid JSON after item {count:,} of its array ({reason})")
        text, pos = text[pos:] + block, 0


def _json_line(line: str) -> tuple[Row | None, int, str]:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, len(line), first_line(error)
    return (_flat(item), len(line), "") if isinstance(item, dict) else (None, len(line), f"a {type(item).__name__}")


def _array_of(text: str, name: str) -> list[Any]:
    """The array of objects in a document: itself, or the longest one that it holds under some key."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not valid JSON ({first_line(error)})") from None
    if isinstance(document, list):
        return document
    best: list[Any] = []
    level = [document] if isinstance(document, dict) else []
    for _ in range(3):
        deeper = []
        for item in level:
            for value in item.values():
                if isinstance(value, list) and len(value) > len(best) and any(isinstance(v, dict) for v in value):
                    best = value
                elif isinstance(value, dict):
                    deeper.append(value)
        level = deeper
    return best or ([document] if isinstance(document, dict) else [])


def _flat(item: dict[str, Any]) -> Row:
    row: Row = {}
    for key, value in item.items():
        if isinstance(value, dict):
            for inner, deep in value.items():
                row[f"{key}.{inner}"] = _as_text(deep) if isinstance(deep, dict | list) else deep
        else:
            row[key] = _as_text(value) if isinstance(value, list) else value
    return row


# -------------------------------------------------------------------------------------- values to columns


def value_kind(value: Any) -> str:
    """``int``, ``float``, ``bool``, ``str``, or nothing for no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if abs(value) < 2**53 else "str"
    return "float" if isinstance(value, float | Decimal) else "str"


def typed_table(rows: list[Row], kinds: dict[str, str]) -> pa.Table:
    """Rows as a table with the columns `kinds`: int, float, bool stay what they are, all else is text."""
    types = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
    columns = []
    for name, kind in kinds.items():
        values = [row.get(name) for row in rows]
        if kind == "float":
            values = [None if value is None else float(value) for value in values]
        elif kind not in types:
            values = [cell_text(value) for value in values]
        columns.append(pa.array(values, types.get(kind, pa.string())))
    return pa.table(columns, names=list(kinds))


def cell_text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, dates as ISO, nothing as null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0) and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
