"""Every kind of input gives the same rows; folders, globs, archives, stdin and databases are read as asked."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import sqlite3
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.errors import InputError
from cxtext.read import encoding
from cxtext.read.columns import choose_columns
from cxtext.read.mending import segments
from cxtext.read.source import open_source
from cxtext.read.structure import QuoteCheck
from cxtext.read.tolerant import Dialect, records
from cxtext.settings import Declared

ROWS = [
    {"id": str(i), "text": f"The gate at stop {i % 7} was shut, again", "csat": str(i % 5 + 1), "day": "2025-01-05"}
    for i in range(50)
]


def _csv(rows=ROWS):
    return "id,text,csat,day\n" + "".join(f'{r["id"]},"{r["text"]}",{r["csat"]},{r["day"]}\n' for r in rows)


def _table(source):
    return pa.concat_tables([chunk.table for chunk in source.chunks()]).to_pylist()


def _xlsx(path, before=()):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Answers")
    for line in before:
        sheet.append(line)
    sheet.append(["id", "text", "csat", "day"])
    for row in ROWS:
        sheet.append([int(row["id"]), row["text"], float(row["csat"]), dt.date(2025, 1, 5)])
        if row["id"] == "9":
            sheet.append([None, None, None, None])
    book.save(path)


def _written(folder: Path, kind: str) -> Path:
    path = folder / f"answers.{kind}"
    if kind == "csv":
        path.write_text(_csv())
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(_csv().encode()))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner/answers.csv", _csv())
            archive.writestr("readme.txt", "not this one")
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in ROWS))
    elif kind == "json":
        path.write_text(json.dumps({"meta": {"n": 50}, "data": {"items": ROWS}}))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    elif kind == "xlsx":
        _xlsx(path, before=(["Export of answers"], []))
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "zip", "jsonl", "json", "parquet", "xlsx"])
def test_every_kind_gives_the_same_rows(kind, tmp_path):
    path = _written(tmp_path, kind)
    source = open_source([str(path)], chunk_rows=7)
    assert _table(source) == ROWS
    assert _table(source) == ROWS  # it can be read again
    (file,) = source.files
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file.n_bytes == path.stat().st_size
    assert file.columns == ("id", "text", "csat", "day")
    chunks = list(source.chunks())
    assert all(chunk.table.num_rows <= 7 for chunk in chunks)
    assert np.concatenate([chunk.rows for chunk in chunks]).tolist() == list(range(50))
    assert source.head(file, 5).num_rows == 5


def test_json_values_keep_their_kind_whatever_the_chunk(tmp_path):
    rows = [{"text": "it froze", "n": 1, "x": 1, "ok": True, "who": {"id": 7}, "tags": ["a"]} for _ in range(3)]
    rows += [{"text": "it froze", "x": 2.5, "m": 1}, {"n": None, "m": "two", "who": {"id": 8}}]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\nbroken {\n[1]\n")
    source = open_source([str(path)], chunk_rows=2)
    schemas = {chunk.table.schema for chunk in source.chunks() if chunk.table.num_rows}
    assert len(schemas) == 1
    kinds = {field.name: str(field.type) for field in schemas.pop()}
    assert kinds == {
        "text": "string",
        "n": "int64",
        "x": "double",
        "ok": "bool",
        "who.id": "int64",
        "tags": "string",
        "m": "string",
    }
    lost = [row for chunk in source.chunks() for row in chunk.rejected]
    assert [row.row for row in lost] == [5, 6]


def test_a_long_json_array_comes_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "BLOCK", 97)
    path = tmp_path / "a.json"
    path.write_text("\n [" + ",\n ".join(json.dumps(row, indent=1) for row in ROWS) + " , 7 ]\n")
    source = open_source([str(path)])
    assert _table(source) == ROWS
    assert [row.row for chunk in source.chunks() for row in chunk.rejected] == [50]
    path.write_text(path.read_text()[:-40])
    with pytest.raises(InputError, match="after item"):
        open_source([str(path)])


def test_xlsx_sheet(tmp_path):
    path = tmp_path / "a.xlsx"
    _xlsx(path)
    assert any("Answers" in note for note in open_source([str(path)]).files[0].notes)
    with pytest.raises(InputError, match="it has Cover, Answers"):
        open_source([str(path)], sheet="Answer")


def test_folder_glob_and_twice(tmp_path):
    for name in ("b.csv", "a.csv", "README.md", "notes.docx", ".hidden.csv"):
        (tmp_path / name).write_text(_csv(ROWS[:3]))
    (tmp_path / "deeper").mkdir()
    folder = open_source([str(tmp_path)])
    assert [Path(file.name).name for file in folder.files] == ["a.csv", "b.csv"]
    assert any("notes.docx" in note and "README.md" in note for note in folder.notes)
    assert [chunk.rows.tolist() for chunk in folder.chunks()] == [[0, 1, 2], [3, 4, 5]]
    assert [chunk.start for chunk in folder.chunks()] == [0, 3]
    globbed = open_source([str(tmp_path / "?.csv"), str(tmp_path / "a.csv")])
    assert len(globbed.files) == 2
    assert any("twice" in note for note in globbed.notes)


def test_stdin(monkeypatch):
    class _In:
        buffer = io.BytesIO(_csv().encode())

    monkeypatch.setattr(sys, "stdin", _In)
    source = open_source(["-"])
    assert source.files[0].name == "stdin"
    assert _table(source) == ROWS
    assert _table(source) == ROWS


def test_database(tmp_path):
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as base:
        base.execute("create table t (id integer, text text, spent real)")
        base.executemany("insert into t values (?, ?, ?)", [(i, "too slow again", i / 2) for i in range(9)])
    source = open_source([f"sqlite:///{path}"], query="select id, text, spent from t order by id")
    table = pa.concat_tables([chunk.table for chunk in source.chunks()])
    assert table["spent"].to_pylist() == [i / 2 for i in range(9)]
    assert str(table.schema.field("id").type) == "int64"
    with pytest.raises(InputError, match="the query failed"):
        open_source([f"sqlite:///{path}"], query="select nope from t")


def test_declared_delimiter_and_encoding(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id#text\n1#Grüße, zu spät\n".encode("utf-16-le"))
    source = open_source([str(path)], encoding="utf-16-le", delimiter="#")
    assert _table(source) == [{"id": "1", "text": "Grüße, zu spät"}]


def test_rejected_rows_keep_their_place(tmp_path):
    lines = _csv(ROWS[:6]).splitlines()
    lines[3] += ",one,two"
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    (chunk,) = open_source([str(path)]).chunks()
    assert chunk.rows.tolist() == [0, 1, 3, 4, 5]
    assert [(row.row, row.reason, row.detail) for row in chunk.rejected] == [
        (2, "too many cells", "6 cells where the header has 4")
    ]


def test_chunks_hold_no_more_than_their_bytes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f'{i},"{"late again " * 60_000}"\n' for i in range(60)))
    sizes = [chunk.table.nbytes for chunk in open_source([str(path)]).chunks()]
    assert max(sizes) < 24 << 20
    assert len(sizes) > 1


@pytest.mark.shared
def test_french_file_is_read_with_its_accents():
    path = Path(__file__).resolve().parents[2] / "../shared/data/reviews/nps_french_cp1252.csv"
    if not path.exists():
        pytest.skip("the measuring data isn't beside the checkout")
    source = open_source([str(path)])
    assert source.files[0].encoding == "windows-1252"
    columns = choose_columns(source.head(source.files[0]), Declared(csat="none"), source="nps.csv")
    assert (columns.text, [metric.name for metric in columns.metrics]) == ("explication", ["nps"])
    text = " ".join(row["explication"] for chunk in source.chunks() for row in chunk.table.to_pylist())
    assert text.count("é") > 3_000
    assert text.count("Ã©") == 0


# ---------------------------------------------------------------------------------------------- pieces

LINE = st.text(st.sampled_from('ab 1,"'), max_size=9)


@given(st.lists(LINE, min_size=2, max_size=12), st.sampled_from(["\n", "\r\n"]), st.integers(1, 40))
@settings(deadline=None, max_examples=200)
def test_mending_gives_what_the_forgiving_reader_gives(lines, end, size):
    text = end.join(lines) + end
    dialect, names = Dialect(","), ("x", "y")
    slow = [cells for cells, _ in records(io.StringIO(text, newline=""), dialect, 2)]
    data = text.encode()
    blocks = iter([data[i : i + size] for i in range(0, len(data), size)])
    mended = []
    for segment in segments(blocks, dialect, names):
        columns = [column.to_pylist() for column in segment.table.columns]
        rows = [(line, list(cells)) for line, cells in zip(segment.order, zip(*columns, strict=True), strict=True)]
        mended += [cells for _, cells in sorted(rows + segment.odd)]
    assert mended == [cells for cells in slow if len(cells) > 1 or cells[0].strip()]


def test_returns_end_a_row_only_where_that_fits(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n1,broken in\rtwo places\n2,fine\r3,fine too\n4,last\n")
    assert _table(open_source([str(path)])) == [
        {"id": "1", "text": "broken in\rtwo places"},
        {"id": "2", "text": "fine"},
        {"id": "3", "text": "fine too"},
        {"id": "4", "text": "last"},
    ]


CELL = st.text(st.sampled_from('ab",;\n\r x'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from([",", ";"]))
@settings(deadline=None, max_examples=150)
def test_quoted_cells_come_back_whatever_they_hold(rows, delimiter):
    text = "".join(delimiter.join('"' + c.replace('"', '""') + '"' for c in row) + "\n" for row in rows)
    check = QuoteCheck(delimiter)
    for start in range(0, len(text), 7):  # blocks cut anywhere
        check.feed(text[start : start + 7].encode())
    check.finish()
    assert check.well_formed
    assert check.rows == len(rows)
    lines = encoding.lines_of(iter([text[i : i + 5] for i in range(0, len(text), 5)]))
    cells = [row for row, _ in records(lines, Dialect(delimiter), 3)]
    # a forgiving reader may take a cell that itself looks like the end of a cell for one: only those may differ
    if not any(mark in cell for row in rows for cell in row for mark in ('"', "\n", "\r")):
        assert cells == rows
    assert len("".join("".join(row) for row in cells)) <= len(text)


@pytest.mark.parametrize(
    "text",
    ['a,b\n1,x "y" z\n', 'a,b\n1,"x" y\n', 'a,b\n1,"x\n', 'a,b\n1, "x"\n', "a,b\r1,2\r", 'a,b\n1,"x"y"\n'],
)
def test_text_that_breaks_the_rules_is_noticed(text):
    for size in (1, 3, 100):
        check = QuoteCheck(",")
        for start in range(0, len(text), size):
            check.feed(text[start : start + size].encode())
        check.finish()
        assert not check.well_formed


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_encoding_verdict_does_not_depend_on_blocks(size):
    for text, name in (("naïve – über", "utf-8"), ("plain", "utf-8")):
        check = encoding.Utf8Check()
        data = text.encode()
        for start in range(0, len(data), size):
            check.feed(data[start : start + size])
        check.feed(b"", final=True)
        assert check.verdict().name == name
    for data, name in (
        ("café crème brûlée".encode("cp1252"), "windows-1252"),
        (b"caf\xe9 caf\xc3\xa9", encoding.MIXED),
    ):
        check = encoding.Utf8Check()
        for start in range(0, len(data), size):
            check.feed(data[start : start + size])
        check.feed(b"", final=True)
        assert check.verdict().name == name


_ODD_BYTES = st.sampled_from(
    [
        "é".encode(),
        "–".encode(),
        "🙂".encode(),
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"\x80",
        b"ok",
    ]
)


@given(st.one_of(st.binary(max_size=40), st.lists(_ODD_BYTES, max_size=8).map(b"".join)))
@settings(max_examples=300)
def test_what_is_utf8_is_what_python_decodes(data):
    try:
        data.decode("utf-8")
        valid = True
    except UnicodeDecodeError:
        valid = False
    assert encoding.is_utf8(data) == valid


@given(st.text(max_size=30), st.integers(1, 7))
def test_characters_beyond_ascii_are_counted_whatever_the_blocks(text, size):
    data = text.encode("utf-8")
    check = encoding.Utf8Check()
    for start in range(0, len(data), size):
        check.feed(data[start : start + size])
    check.feed(b"", final=True)
    assert (check.valid, check.invalid) == (sum(not c.isascii() for c in text), 0)


def test_without_digests_a_file_is_the_same_but_for_them(tmp_path: Path) -> None:
    plain, packed = tmp_path / "in.csv", tmp_path / "in.csv.gz"
    plain.write_text("text,score\n" + "The lift was broken again,1\n" * 50, encoding="utf-8")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for file in (plain, packed):
        with_, without = (open_source([str(file)], digests=digests).files[0] for digests in (True, False))
        assert (without.sha256, len(with_.sha256)) == ("", 64)
        assert replace(with_, sha256="") == without
        assert without.n_bytes == file.stat().st_size
