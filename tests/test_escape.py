"""One rule for cells that a spreadsheet would take for formulas, in reports and in tables of any size."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtext.escape import cell, cells
from cxtext.report.safety import cell as report_cell
from cxtext.store.tables import table_writer

RISKY = ("=1+1", "+call", "-call", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx", "  =1", "\ufeff=1", "\uff1d1", "\u200b-x")
PLAIN = ("-3.5", "+4", "-1,5", "+12 %", " -7 ", "1e-5", "a=b", "fine", "", " ", "\u201cquoted\u201d", "x@y")


@pytest.mark.parametrize("text", RISKY)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert cell(text) == report_cell(text) == "'" + text


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert cell(text) == report_cell(text) == text


def test_a_table_on_disk_follows_the_same_rule(tmp_path: Path) -> None:
    texts = [*RISKY, *PLAIN, None]
    schema = pa.schema([("=name", pa.string()), ("number", pa.float64())])
    with table_writer(tmp_path / "out.csv", schema) as writer:
        writer.write(pa.table([texts, [-1.0] * len(texts)], schema=schema))
    from pyarrow import csv

    options = csv.ParseOptions(newlines_in_values=True)
    convert = csv.ConvertOptions(column_types={"'=name": pa.string()}, strings_can_be_null=False)
    back = csv.read_csv(tmp_path / "out.csv", parse_options=options, convert_options=convert)
    assert back["'=name"].to_pylist() == [cell(t or "") for t in texts]
    assert back["number"].to_pylist() == [-1.0] * len(texts)


@given(st.lists(st.none() | st.text(alphabet="=+-@\t\r\n \u00a0\u200b\ufeff\uff1d\0 1.e%aé\u201c", max_size=6)))
def test_many_cells_are_as_each_alone(texts: list[str | None]) -> None:
    expected = [None if t is None else cell(t) for t in texts]
    for kind in (pa.string(), pa.large_string()):
        array = pa.array(["=x", *texts], kind)
        assert cells(array.slice(1)).to_pylist() == expected
        assert cells(pa.chunked_array([array.slice(1), array[:1]])).to_pylist() == [*expected, "'=x"]
