"""Whatever can't be read ends in one line that names the file and says what to do."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxtext.errors import AmbiguousError, CxtextError, InputError, RequestError
from cxtext.read.columns import choose_all, choose_columns
from cxtext.read.source import open_source
from cxtext.settings import Declared


def _read(path, **options):
    """Open a file, choose its columns and read it to the end."""
    source = open_source([str(path)], **options)
    for file in source.files:
        choose_columns(source.head(file), Declared(), source=file.name)
    return list(source.chunks())


def _noise(size=4000):
    return random.Random(3).randbytes(size)


def _xlsx(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _parquet():
    out = io.BytesIO()
    pq.write_table(pa.table({"text": [f"it broke again on day {i}" for i in range(500)]}), out)
    return out.getvalue()


def _zip(data, name="reviews.csv"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


TEXT = "".join(f"{i},The lift on floor {i % 9} is out of order again\n" for i in range(3000)).encode()
BAD = {
    "empty.csv": b"",
    "blank.csv": b"\n\n  \n",
    "empty.jsonl": b"",
    "numbers.csv": b"score\n" + b"".join(b"%d\n" % (i % 10) for i in range(50)),
    "noise.csv": _noise(),
    "one_endless_word.csv": b"y" * 5000,
    "picture.csv": b"\x89PNG\r\n\x1a\n" + _noise(),
    "report.csv": b"%PDF-1.7\n" + _noise(),
    "reviews.parquet": b"PAR1" + _noise(),
    "cut.parquet": _parquet()[:-200],
    "text.parquet": b"this is no parquet file at all",
    "reviews.csv.gz": gzip.compress(TEXT)[:-3000],
    "noise.csv.gz": b"\x1f\x8b\x08\x00" + _noise(),
    "reviews.zip": _zip(TEXT)[:-200],
    "pictures.zip": _zip(b"abc", "picture.png"),
    "broken.xlsx": _xlsx([["text"], ["the app froze"]])[:-300],
    "old.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + _noise(),
    "empty.xlsx": _xlsx([]),
    "text.xlsx": b"no workbook",
    "broken.json": b'[{"text": "it broke"}, {"text": ',
    "numbers.json": b"[1, 2, 3]",
    "lines.jsonl": b"not json\nnor this\n",
}


@pytest.mark.parametrize("name", BAD)
def test_one_line_that_names_the_file(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(InputError) as caught:
        _read(path)
    message = str(caught.value)
    assert name in message
    assert "\n" not in message
    assert len(message) < 60 + len(str(path)) + 300


def test_damage_inside_a_zip_member(tmp_path):
    data = bytearray(_zip(TEXT))
    data[400:600] = bytes(200)
    path = tmp_path / "reviews.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"reviews\.zip"):
        _read(path)


def test_damage_inside_a_workbook(tmp_path):
    data = _xlsx([["id", "text"], *[[i, f"the printer jammed {i} times today"] for i in range(3000)]])
    for place in range(40, len(data), len(data) // 25):
        broken = bytearray(data)
        broken[place : place + 12] = b"x" * 12
        path = tmp_path / "a.xlsx"
        path.write_bytes(bytes(broken))
        with contextlib.suppress(InputError):  # some places don't matter
            _read(path)


def test_password_protected_zip(tmp_path):
    data = bytearray(_zip(TEXT))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1  # the flag that says "encrypted"
    path = tmp_path / "reviews.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="password"):
        _read(path)


@pytest.mark.parametrize(
    ("given", "words"),
    [("nowhere.csv", "no such file"), ("none*.csv", "no file matches"), ("folder", "no readable file")],
)
def test_names_that_lead_nowhere(given, words, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "README.md").write_text("read me")
    (tmp_path / "folder" / ".hidden.csv").write_text("a,b\n")
    with pytest.raises(InputError, match=words):
        open_source([str(tmp_path / given)])


def test_database_needs_a_query():
    with pytest.raises(RequestError, match="--query"):
        open_source(["sqlite:///nowhere.db"])


def test_database_errors_hide_the_password():
    with pytest.raises(CxtextError) as caught:
        open_source(["postgresql+nodriver://me:topsecret@host/db"], query="select 1")
    assert "topsecret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_names_of_columns_and_encodings(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(b"id,review_text\n" + TEXT)
    source = open_source([str(path)])
    head = source.head(source.files[0])
    with pytest.raises(InputError, match="did you mean 'review_text'"):
        choose_columns(head, Declared(text="reviewtext"), source="r.csv")
    with pytest.raises(InputError, match="--csat 'csta': there is no such column"):
        choose_columns(head, Declared(csat="csta:1-5"), source="r.csv")
    with pytest.raises(InputError, match="--encoding"):
        open_source([str(path)], encoding="utf-99")
    with pytest.raises(InputError, match="wants numbers"):
        choose_columns(head, Declared(nps="review_text", text="id"), source="r.csv")


def test_declared_column_in_one_of_two_files():
    first = pa.table({"text": [f"the bus was late by {i} minutes" for i in range(20)], "csat": ["4", "5"] * 10})
    other = pa.table({"comment": [f"the train was late by {i} minutes" for i in range(20)]})
    chosen = choose_all({"a.csv": first, "b.csv": other}, Declared(text="text"))
    assert (chosen["a.csv"].text, chosen["b.csv"].text) == ("text", "comment")
    with pytest.raises(InputError, match="'txt'"):
        choose_all({"a.csv": first, "b.csv": other}, Declared(text="txt"))


def test_two_texts_ask_for_the_flag():
    head = pa.table(
        {
            "liked": [f"I liked the quick reply number {i} very much" for i in range(30)],
            "disliked": [f"I disliked the slow site number {i} very much" for i in range(30)],
        }
    )
    with pytest.raises(AmbiguousError, match='--text "disliked" or --text "liked"'):
        choose_columns(head, Declared(), source="pros.csv")


# ---------------------------------------------------------------------------------------- hostile sizes


def test_a_cell_of_ten_megabytes(tmp_path):
    for name, cell in (
        ("plain", "late again " * 900_000),
        ("lines", "late again\n" * 900_000),
        ("quotes", 'so "late" ' * 10**6),
    ):
        path = tmp_path / f"{name}.csv"
        path.write_text('id,text\n1,short one\n2,"' + cell.replace('"', '""') + '"\n3,short two\n', newline="")
        rows = [row for chunk in open_source([str(path)]).chunks() for row in chunk.table.to_pylist()]
        assert [row["id"] for row in rows] == ["1", "2", "3"]
        assert rows[1]["text"] == cell


def test_five_thousand_columns(tmp_path):
    path = tmp_path / "wide.csv"
    names = ",".join(f"q{i}" for i in range(4999)) + ",comment"
    rows = "".join(
        ",".join("3" for _ in range(4999)) + f",the form asked far too many questions ({i})\n" for i in range(20)
    )
    path.write_text(names + "\n" + rows)
    source = open_source([str(path)])
    assert choose_columns(source.head(source.files[0]), Declared(), source="wide.csv").text == "comment"
    assert sum(chunk.table.num_rows for chunk in source.chunks()) == 20
