"""Every file of the messy corpus is read as a careful person would read it."""

from __future__ import annotations

import gzip
import importlib.util
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtext.errors import CxtextError
from cxtext.read.columns import choose_all
from cxtext.read.inspection import inspect
from cxtext.read.source import Source, open_source
from cxtext.settings import Declared


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


CORPUS = _load("messy_files").corpus()


def _all_rows(source: Source) -> tuple[list[tuple[str, ...]], list[int], int]:
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    rejected = 0
    for chunk in source.chunks():
        rows += [tuple((cell or "").strip() for cell in row.values()) for row in chunk.table.to_pylist()]
        numbers += chunk.rows.tolist()
        rejected += len(chunk.rejected)
    return rows, numbers, rejected


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_messy_file(case, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(case.data)
    source = open_source([str(path)])
    columns = source.files[0].columns
    assert len(columns) == len(case.columns)
    for found, expected in zip(columns, case.columns, strict=True):
        assert found == expected or not expected or case.columns.count(expected) > 1
    assert len(set(columns)) == len(columns)
    rows, numbers, rejected = _all_rows(source)
    assert rows == [tuple(cell.strip() for cell in row) for row in case.rows]
    assert rejected == case.rejected
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("case", CORPUS[::5], ids=lambda case: case.name)
@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_packed_reads_the_same(case, packing, tmp_path):
    path = tmp_path / f"export.csv.{packing}"
    if packing == "gz":
        path.write_bytes(gzip.compress(case.data))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("export.csv", case.data)
    rows, _, rejected = _all_rows(open_source([str(path)]))
    assert rows == [tuple(cell.strip() for cell in row) for row in case.rows]
    assert rejected == case.rejected


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_chunk_size_changes_nothing(case, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(case.data)
    whole = _all_rows(open_source([str(path)]))
    assert _all_rows(open_source([str(path)], chunk_rows=5)) == whole


def test_the_corpus_tells_right_from_wrong():
    """The expected tables hold what was written, so a reader that loses a row can't pass."""
    assert len(CORPUS) >= 25
    assert all(len(row) == len(case.columns) for case in CORPUS for row in case.rows)
    assert all(len(case.rows) + case.rejected in (36, 37) for case in CORPUS)


MARKS = (b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b'""', b";", b"\\", b"\t", b"\x85", b"\xe2\x80\xa8")


@given(st.sampled_from(CORPUS), st.lists(st.tuples(st.floats(0, 1), st.sampled_from(MARKS), st.booleans()), max_size=6))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_read_or_refused_in_one_line(tmp_path, case, damage):
    data = bytearray(case.data)
    for where, mark, cut in damage:
        place = int(where * len(data))
        data[place : place + 5 * cut] = mark
    path = tmp_path / "export.csv"
    path.write_bytes(bytes(data))
    refused = ""
    try:
        source = open_source([str(path)])
        heads = {file.name: source.head(file) for file in source.files}
        facts = inspect(source, choose_all(heads, Declared(csat="none")))
        assert facts["used"] + sum(facts["rejected"].values()) == facts["rows"]
    except CxtextError as error:
        refused = str(error)
    assert "\n" not in refused
