"""Numbers, dates and the responses table: what each spelling becomes, and what is counted as lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.errors import AmbiguousError
from cxtext.read.dates import to_dates
from cxtext.read.numbers import to_numbers, to_yes_no
from cxtext.read.responses import responses
from cxtext.schema import Choice, Columns, FeedbackChunk, Metric


def _column(*values):
    return pa.chunked_array([pa.array(values, pa.string())])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("-2.5", -2.5),
        ("8,5", 8.5),
        ("1.234,5", 1234.5),
        ("1.234 €", 1234),
        ("$12.500.000", 12_500_000),
        ("€1.25", 1.25),
        ("1.234", 1.234),
        ("1,234.5", 1234.5),
        ("12,345", 12345),
        ("1,5", 1.5),
        ("85 %", 85),
        ("85%", 85),
        ("$12.40", 12.4),
        ("4/5", 4),
        ("4 out of 5", 4),
        ("9 - very likely", 9),
        ("5 (excellent)", 5),
        ("3 stars", 3),
        ("★★★☆☆", 3),
        ("1e3", 1000),
    ],
)
def test_numbers(text, value):
    assert to_numbers(_column(text, None))[0].tolist()[0] == value


@pytest.mark.parametrize("text", ["2025-03-01", "12:30", "abc", "1.2.3", "inf", "+", "nine", "5-6"])
def test_no_numbers(text):
    values, bad = to_numbers(_column(text))
    assert np.isnan(values).all()
    assert bad == 1


@pytest.mark.parametrize("text", ["", "NA", "n/a", "NULL", "None", "-", "nan", "#N/A"])
def test_words_for_missing_are_not_counted_as_bad(text):
    values, bad = to_numbers(_column(text))
    assert np.isnan(values).all()
    assert bad == 0


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), max_size=20))
@settings(deadline=None, max_examples=60)
def test_numbers_written_by_python_come_back(numbers):
    values, bad = to_numbers(_column(*[repr(number) for number in numbers]))
    assert values.tolist() == numbers
    assert bad == 0


def test_yes_no():
    values, bad = to_yes_no(_column("Yes", "no", "TRUE", "0", "maybe", None, "1.0"))
    assert values[[0, 1, 2, 3, 6]].tolist() == [1, 0, 1, 0, 1]
    assert np.isnan(values[[4, 5]]).all()
    assert bad == 1
    assert to_yes_no(pa.chunked_array([[True, False]]))[0].tolist() == [1, 0]


# ----------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-03-09", "2025-03-09T00:00:00"),
        ("2025/3/9", "2025-03-09T00:00:00"),
        ("2025-03-09T08:07:06Z", "2025-03-09T08:07:06"),
        ("2025-03-09 08:07:06.123456", "2025-03-09T08:07:06"),
        ("2025-03-09 23:30:00 -0800", "2025-03-10T07:30:00"),
        ("2025-03-09T01:00+05:30", "2025-03-08T19:30:00"),
        ("20250309", "2025-03-09T00:00:00"),
        ("19/03/2025", "2025-03-19T00:00:00"),
        ("03/19/2025", "2025-03-19T00:00:00"),
        ("19.3.25", "2025-03-19T00:00:00"),
        ("3/19/2025 5:06 PM", "2025-03-19T17:06:00"),
        ("3/19/2025 12:06 am", "2025-03-19T00:06:00"),
        ("19 Mar 2025", "2025-03-19T00:00:00"),
        ("19-Mar-25", "2025-03-19T00:00:00"),
        ("March 19, 2025", "2025-03-19T00:00:00"),
        ("Mar 19, 2025 14:05", "2025-03-19T14:05:00"),
        ("1st February 2024", "2024-02-01T00:00:00"),
        ("19. März 2025", "2025-03-19T00:00:00"),
        ("19 février 2025", "2025-02-19T00:00:00"),
        ("Wed, 19 Mar 2025 10:00:00 GMT", "2025-03-19T10:00:00"),
        ("Wed Mar 19 10:00:00 +0100 2025", "2025-03-19T09:00:00"),
        ("1742378400", "2025-03-19T10:00:00"),
        ("1742378400000", "2025-03-19T10:00:00"),
    ],
)
def test_dates(text, instant):
    assert str(to_dates(_column(text)).values[0]) == instant


@pytest.mark.parametrize("text", ["2025-02-30", "31/31/2025", "soon", "12", "0000-01-01", "99 Mar 2025"])
def test_no_dates(text):
    found = to_dates(_column(text, "2025-01-01", None))
    assert np.isnat(found.values[0])
    assert found.bad == 1


def test_the_whole_column_decides_the_order():
    early = to_dates(_column("03/04/2025", "13/04/2025"))
    assert early.day_first is True
    assert str(early.values[0])[:10] == "2025-04-03"
    late = to_dates(_column("03/04/2025", "03/24/2025"))
    assert late.day_first is False
    assert str(late.values[0])[:10] == "2025-03-04"
    assert to_dates(_column("03/04/2025")).day_first is None


def test_mixed_styles_are_counted():
    found = to_dates(_column("2025-01-02", "2 Jan 2025", "Jan 2, 2025", "2025-01-03", "nope"))
    assert found.styles == {"ISO": 2, "day month": 1, "month day": 1}
    assert found.bad == 1


def test_typed_dates_lose_their_zone():
    zoned = pa.chunked_array([pa.array([1742378400], pa.timestamp("s", "Europe/Berlin"))])
    assert str(to_dates(zoned).values[0]) == "2025-03-19T10:00:00"


@given(st.datetimes())
@settings(deadline=None, max_examples=80)
def test_iso_dates_come_back(moment):
    text = moment.isoformat(timespec="seconds")
    expected = str(np.datetime64(text, "s"))
    found = to_dates(_column(text)).values[0]
    assert str(found) == expected if 1900 <= moment.year < 2200 else np.isnat(found)


# ------------------------------------------------------------------------------------------- responses


def _chunk(start=0, rejected=(), **columns):
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    rows = np.arange(start, start + table.num_rows)
    return FeedbackChunk("r.csv", rows, table, tuple(rejected), start)


COLUMNS = Columns(
    text="said",
    id="id",
    customer="who",
    date="on",
    channel="via",
    segments=("plan",),
    metrics=(Metric("nps", "nps", "nps", True, 0, 10), Metric("fft", "fft", "number", False, 1, 5, (6.0, 7.0))),
)


def test_responses_table():
    chunk = _chunk(
        start=10,
        said=["the lift broke", "", "NA", "too loud"],
        id=["a", "b", "c", "d"],
        who=["1", "2", "", "4"],
        on=["2025-01-01", "soon", "", "2025-01-03"],
        via=["app", "app", "web", ""],
        plan=["x", "x", "y", "y"],
        nps=["9", "3", "", "11"],
        fft=["1", "6", "7", "9"],
    )
    table, rejected, counts = responses(chunk, COLUMNS)
    assert table.column_names == [
        *("row", "source", "response_id", "text", "customer", "date", "channel"),
        *("segment:plan", "metric:nps", "metric:fft"),
    ]
    assert table["row"].to_pylist() == [10, 11, 13]
    assert table["text"].to_pylist() == ["the lift broke", None, "too loud"]
    assert table["metric:nps"].to_pylist() == [9, 3, None]
    assert table["metric:fft"].to_pylist() == [1, None, None]
    assert [(row.row, row.reason) for row in rejected] == [(2, "no text and no score")]
    assert counts == {"date: cells that aren't dates": 1, "nps: values off 0-10": 1, "fft: values off 1-5": 1}
    assert table.schema.field("date").type == pa.timestamp("s")
    assert table.schema.field("metric:nps").type == pa.float64()


def test_a_file_without_some_of_the_columns():
    table, rejected, counts = responses(_chunk(said=["late again"]), COLUMNS)
    assert table.column_names == ["row", "source", "response_id", "text"]
    assert (rejected, counts) == ((), {})


def test_typed_columns_are_read_as_they_are():
    table = pa.table(
        {
            "said": pa.array(["it froze", "it froze again"]).dictionary_encode().cast(pa.large_string()),
            "nps": pa.array([9, None], pa.int32()),
            "who": pa.array([7, 8]),
            "on": pa.array([0, 86400], pa.timestamp("s")),
        }
    )
    made, _, _ = responses(FeedbackChunk("p", np.arange(2), table), COLUMNS)
    assert made["metric:nps"].to_pylist() == [9, None]
    assert made["customer"].to_pylist() == ["7", "8"]
    assert made["text"].type == pa.string()


def test_a_scale_that_turns_out_wrong_further_down():
    chosen = Columns("said", metrics=(Metric("stars", "rating", "number", True, 1, 5),))
    chunk = _chunk(said=["too slow"] * 100, rating=["4"] * 70 + ["9"] * 30)
    with pytest.raises(AmbiguousError, match="rows 1 to 100 lie off the scale of the first rows"):
        responses(chunk, chosen)
    declared = replace(chosen, choices=(Choice("outcome", "rating", "declared", True),))
    assert responses(chunk, declared)[2] == {"stars: values off 1-5": 30}
