"""Packed input that unpacks without end is refused in one line; honest exports, however repetitive, are read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cxtext.errors import InputError
from cxtext.read.locate import UNPACKING, Unpacking
from cxtext.read.source import open_source

SMALL = Unpacking(free=1 << 16, ratio=20, most=1 << 22)
HEAD = b"id,text,csat\n"
ROW = b"1,The gate was shut again,5\n"


def _rows(source) -> int:
    return sum(chunk.table.num_rows for chunk in source.chunks())


def _zip(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def test_a_gzip_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(HEAD + ROW * 100_000))
    with pytest.raises(InputError, match=r"^.*bomb\.csv\.gz: refused: unpacks to more than .* MiB.*unpack it yourself"):
        _rows(open_source([str(path)], unpacking=SMALL))


def test_many_gzips_in_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(HEAD) + gzip.compress(ROW * 40_000) * 10)
    with pytest.raises(InputError, match=r"bomb\.csv\.gz: refused"):
        _rows(open_source([str(path)], unpacking=SMALL))


def test_an_archive_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "bomb.zip", ("a.csv", HEAD + ROW * 50_000), ("b.csv", HEAD + ROW * 50_000))
    with pytest.raises(InputError, match=r"bomb\.zip: refused"):
        open_source([str(path)], unpacking=SMALL)


def test_members_count_together(tmp_path: Path) -> None:
    one = HEAD + ROW * 1_500  # 42 kB: below what is free
    assert len(one) < SMALL.free
    alone = _zip(tmp_path / "one.zip", ("a.csv", one))
    assert _rows(open_source([str(alone)], unpacking=SMALL)) == 1_500
    many = _zip(tmp_path / "many.zip", *((f"{i}.csv", one) for i in range(30)))
    with pytest.raises(InputError, match=r"many\.zip: refused"):
        open_source([str(many)], unpacking=SMALL)


@pytest.mark.parametrize("inside", [False, True])
def test_a_workbook_is_refused_by_what_it_unpacks_to(tmp_path: Path, inside: bool) -> None:
    book = openpyxl.Workbook()
    for _ in range(6_000):
        book.active.append(["The gate was shut again"] * 4)
    path = tmp_path / "bomb.xlsx"
    book.save(path)
    if inside:
        with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_STORED) as archive:
            archive.write(path, "bomb.xlsx")
        path = tmp_path / "outer.zip"
    with pytest.raises(InputError, match=r"bomb\.xlsx|outer\.zip.*refused"):
        open_source([str(path)], unpacking=Unpacking(free=1 << 16, ratio=5))
    assert _rows(open_source([str(path)])) >= 5_999


def test_the_cap_holds_for_any_ratio(tmp_path: Path) -> None:
    path = tmp_path / "large.csv.gz"
    path.write_bytes(gzip.compress(HEAD + ROW * 5_000, 0))
    with pytest.raises(InputError, match="refused"):
        _rows(open_source([str(path)], unpacking=Unpacking(free=1 << 30, ratio=200, most=100_000)))


def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(HEAD)
        for _ in range(64):
            stream.write(b"a" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(InputError, match="refused"):
        _rows(open_source([str(path)], unpacking=Unpacking(free=1 << 20, ratio=20)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20


@pytest.mark.parametrize(
    "row", [b"1,ok,5\n", ROW, b"5" + b"," * 200 + b"\n"], ids=["short rows", "equal rows", "empty cells"]
)
def test_equal_rows_are_honest(tmp_path: Path, row: bytes) -> None:
    path = tmp_path / "equal.csv.gz"
    head = HEAD if row.count(b",") == 2 else b",".join(b"c%d" % i for i in range(201)) + b"\n"
    data = head + row * 20_000
    path.write_bytes(gzip.compress(data))
    assert len(data) > 100 * path.stat().st_size  # far beyond the ratio of most exports
    assert _rows(open_source([str(path)])) == 20_000


def test_the_limits_are_what_the_documentation_says() -> None:
    assert UNPACKING.allowed(1_000) == 64 << 20
    assert UNPACKING.allowed(1_000_000) == 200_000_000
    assert UNPACKING.allowed(1 << 40) == 64 << 30


@pytest.mark.parametrize(
    ("ending", "data"),
    [("bz2", bz2.compress(HEAD)), ("xz", lzma.compress(HEAD)), ("zst", b"\x28\xb5\x2f\xfd" + bytes(20))],
)
def test_other_packing_is_named(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"reviews.csv.{ending}"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"reviews\.csv\..*: is packed with \w+, which isn't read; unpack it first"):
        open_source([str(path)])


def test_damage_is_still_called_damage(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    packed = io.BytesIO(gzip.compress(HEAD + b"".join(b"%d,The gate,5\n" % i for i in range(5_000))))
    path.write_bytes(packed.getvalue()[:-500])
    with pytest.raises(InputError, match="cut off"):
        _rows(open_source([str(path)]))
