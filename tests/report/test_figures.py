"""Numbers as they are written: never a truth rounded away."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtext.report import figures
from cxtext.schema import Estimate, Metric


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.0004, "<0.1 %"),
        (0.0005001, "0.1 %"),
        (0.9997, ">99.9 %"),
        (0.999, "99.9 %"),
        (0.1234, "12.3 %"),
        (math.nan, ""),
        (None, ""),
    ],
)
def test_share(value: float | None, text: str) -> None:
    assert figures.share(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (0.0, 2, True, "0"),
        (-5.24, 1, True, "\u22125.2"),
        (5.25, 1, True, "+5.2"),
        (0.004, 2, False, "0.004"),
        (-0.00001, 2, True, "\u22120.00001"),
        (0.0449, 1, False, "0.04"),
        (0.00996, 1, False, "0.01"),
        (1e-9, 2, True, "+<0.000001"),
        (1234.5, 0, False, "1,234"),
        (math.inf, 1, False, ""),
    ],
)
def test_decimal(value: float, digits: int, signed: bool, text: str) -> None:
    assert figures.decimal(value, digits, signed=signed) == text


@given(st.floats(0, 1, allow_nan=False))
def test_a_share_is_zero_or_all_only_when_it_is(x: float) -> None:
    assert (figures.share(x) == "0 %") == (x == 0)
    assert (figures.share(x) == "100 %") == (x == 1)


@given(st.floats(-1e6, 1e6, allow_nan=False), st.integers(0, 4))
def test_a_figure_is_written_as_zero_only_when_it_is(x: float, digits: int) -> None:
    text = figures.decimal(x, digits)
    assert (text.strip("\u22120.,") == "") == (x == 0)


@pytest.mark.parametrize(
    ("metric", "value", "change"),
    [
        (Metric("nps", "s", "nps"), "18.1", "\u22120.2"),
        (Metric("csat", "s", "csat", True, 1, 5), "18.12", "\u22120.25"),
        (Metric("score", "s", "csat", True, 0, 100), "18.1", "\u22120.2"),
    ],
)
def test_ruler(metric: Metric, value: str, change: str) -> None:
    ruler = figures.ruler(metric)
    assert (ruler.value(18.12), ruler.change(-0.25)) == (value, change)


def test_rates_are_shares_and_differ_by_percentage_points() -> None:
    ruler = figures.ruler(Metric("reopened", "r", "rate", False))
    assert ruler.value(0.081) == "8.1 %"
    assert ruler.change(0.021) == "+2.1"
    assert ruler.tone(0.021) == "bad"
    assert ruler.direction == "lower is better"


def test_a_suppressed_estimate_has_nothing_to_show() -> None:
    assert not figures.known(Estimate(3.0, 1.0, 5.0, 4, "Wald", "suppressed"))
    assert not figures.known(None)
    assert figures.known(Estimate(3.0, math.nan, math.nan, 40, "Wald", "low confidence"))


@pytest.mark.parametrize(
    ("kind", "value", "low", "high", "text", "interval"),
    [
        ("nps", -2.4, -3.42, -1.37, "\u22122.4", "\u22123.4 to \u22121.4"),
        ("nps", -0.7, -1.36, -0.04, "\u22120.70", "\u22121.36 to \u22120.04"),
        ("csat", 0.0008, -0.0312, 0.0293, "+0.001", "\u22120.031 to +0.029"),
        ("csat", -0.114, -0.158, -0.071, "\u22120.11", "\u22120.16 to \u22120.07"),
        ("csat", -0.25, math.nan, math.nan, "\u22120.25", ""),
        ("rate", 0.01, 0.002, 0.018, "+1.0", "+0.2 to +1.8"),
        ("csat", math.nan, math.nan, math.nan, "", ""),
    ],
)
def test_a_change_and_its_interval_have_the_same_decimals(
    kind: str, value: float, low: float, high: float, text: str, interval: str
) -> None:
    metric = Metric(kind, "s", kind, True, *((1, 5) if kind == "csat" else ()))  # type: ignore[arg-type]
    ruler, e = figures.ruler(metric), Estimate(value, low, high, 40, "t", "")
    assert (ruler.change_of(e), ruler.interval(e, change=True)) == (text, interval)


@pytest.mark.parametrize(
    ("metric", "name", "unit"),
    [
        (Metric("nps", "Q1", "nps"), "NPS", "NPS points"),
        (Metric("csat", "csat", "csat", True, 1, 5), "CSAT", "CSAT points"),
        (Metric("stars", "rating", "number", True, 1, 5), "Stars", "stars"),
        (Metric("resolution_hours", "resolution_hours", "number", False), "Resolution hours", "resolution hours"),
        (Metric("escalated", "Escalated?", "rate", False), "Escalated?", "percentage points of escalated?"),
        (Metric("fft_answer", "FFT answer", "number", False, 1, 5), "FFT answer", "points of FFT answer"),
    ],
)
def test_scores_are_called_what_people_call_them(metric: Metric, name: str, unit: str) -> None:
    ruler = figures.ruler(metric)
    assert (ruler.name, ruler.unit) == (name, unit)
