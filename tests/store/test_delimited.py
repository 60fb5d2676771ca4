"""Tables as delimited text: the bytes are those of Arrow's own writer."""

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv

from cxtext.store.delimited import TOGETHER, lines, text_bytes


def by_arrow(table: pa.Table, delimiter: str) -> bytes:
    sink = io.BytesIO()
    csv.write_csv(table, sink, csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="needed"))
    return sink.getvalue()


def ours(table: pa.Table, delimiter: str = ",") -> bytes:
    return bytes(lines([column.combine_chunks() for column in table.columns], delimiter))


CELLS = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
        "figure": st.none() | st.integers(-10_000, 10_000).map(lambda k: k / 10_000) | st.sampled_from([-0.0, 1e-300]),
        "number": st.floats(),
        "small": st.integers(0, 15),
        "tiny": st.integers(0, 2),
        "count": st.none() | st.integers(-(2**40), 2**40),
        "flag": st.none() | st.booleans(),
    }
)


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=20), st.sampled_from([",", "\t"]))
def test_same_bytes_as_arrow(rows: list[dict[str, object]], delimiter: str) -> None:
    table = pa.Table.from_pylist(rows)
    table = table.select([c for c in table.column_names if not pa.types.is_null(table[c].type)])
    assert ours(table, delimiter) == by_arrow(table, delimiter)
    assert ours(table.slice(1), delimiter) == by_arrow(table.slice(1), delimiter)


@pytest.mark.parametrize("columns", [1, TOGETHER, TOGETHER + 1, 3 * TOGETHER + 2])
def test_many_counts_side_by_side(columns: int) -> None:
    made = np.random.default_rng(1).integers(0, 16, (columns, 40))
    table = pa.table({f"c{k}": row for k, row in enumerate(made)})
    assert ours(table) == by_arrow(table, ",")


def test_wide_strings_beside_narrow_ones() -> None:
    table = pa.table({"a": pa.array(['x "y"', None], pa.large_string()), "b": ["é\n", ""], "c": [1.25, None]})
    assert ours(table) == b'"x ""y""","\xc3\xa9\n",1.25\n,"",\n'


def test_bytes_of_a_slice() -> None:
    data, bounds = text_bytes(pa.array(["ab", "c", "", "de"]).slice(1, 3))
    assert data.tobytes() == b"cde"
    assert bounds.tolist() == [0, 1, 1, 3]
