"""Write a number so that it says no more and no less than is known.

A missing number is blank, never zero; a share is 0 % or 100 % only when it is exactly that; a figure that
rounds to nothing keeps one significant digit. Facts hold NaN when fresh and ``None`` after a trip through JSON;
both mean "can't be given".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from cxtext.schema import Estimate, Metric

MINUS = "\N{MINUS SIGN}"
BLANK = ""


def missing(value: Any) -> bool:
    """Whether a figure can't be given: ``None``, NaN, infinite, or no number at all."""
    if type(value) in (float, int):  # what nearly all figures are; the general question takes ten times as long
        return not math.isfinite(value)
    return not isinstance(value, Real) or not math.isfinite(value)


def as_float(value: Any) -> float:
    """The figure as a float, NaN where it can't be given."""
    return math.nan if missing(value) else float(value)


def estimate(value: Any) -> Estimate | None:
    """An :class:`Estimate` from itself or from its JSON form; ``None`` where there is none."""
    if value is None or isinstance(value, Estimate):
        return value
    if not isinstance(value, Mapping):
        return None
    n = value.get("n")
    return Estimate(
        value=as_float(value.get("value")),
        low=as_float(value.get("low")),
        high=as_float(value.get("high")),
        n=0 if missing(n) else int(n or 0),
        method=str(value.get("method") or ""),
        status=str(value.get("status") or ""),
    )


def known(value: Estimate | None) -> bool:
    """Whether an estimate has a value to show."""
    return value is not None and not missing(value.value) and value.status != "suppressed"


def count(value: Any) -> str:
    """A whole number with thousands marks; blank if missing."""
    return BLANK if missing(value) else f"{int(value):,}"


def decimal(value: Any, digits: int, *, signed: bool = False) -> str:
    """A number with so many decimals; one that would round to zero keeps one significant digit instead."""
    if missing(value):
        return BLANK
    size = abs(float(value))
    if size == 0:
        return "0"
    if round(size, digits) == 0:
        places = 1 - math.ceil(math.log10(size)) if size >= 1e-6 else 0
        text = f"{size:.{places}f}".rstrip("0") if places else "<0.000001"
    else:
        text = f"{size:,.{digits}f}"
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + text


def mood(value: Any) -> str:
    """A mean sentiment (-1..1): two decimals and a sign, which is all that it can carry."""
    return BLANK if missing(value) else decimal(round(float(value), 2), 2, signed=True)


def share(value: Any, digits: int = 1) -> str:
    """A share (0..1) as a percentage: 0 % and 100 % only when exactly so, "<0.1 %" and ">99.9 %" otherwise."""
    if missing(value):
        return BLANK
    x = float(value)
    if x in (0.0, 1.0):
        return f"{100 * x:.0f} %"
    smallest = 10.0**-digits
    if x > 0 and round(100 * x, digits) == 0:
        return f"<{smallest:.{digits}f} %"
    if x < 1 and round(100 * x, digits) >= 100:
        return f">{100 - smallest:.{digits}f} %"
    return f"{100 * x:.{digits}f} %".replace("-", MINUS)


def q_value(value: Any) -> str:
    """A false-discovery rate (0..1, smaller is surer): three decimals, "<0.001" below."""
    if missing(value):
        return BLANK
    return "<0.001" if value < 0.001 else f"{float(value):.3f}"


@dataclass(frozen=True, slots=True)
class Ruler:
    """How figures of one metric are written: its name, decimals, unit, and which way is good."""

    name: str
    digits: int
    percent: bool
    high_good: bool
    unit: str
    scale: str

    def value(self, x: Any) -> str:
        """A level of the metric, such as 23.1 or 4.12 or 7.3 %."""
        return share(x) if self.percent else decimal(x, self.digits)

    def change(self, x: Any) -> str:
        """A difference in the metric, always with its sign; rates differ by percentage points."""
        if self.percent and not missing(x):
            return decimal(100 * x, 1, signed=True)
        # On a short scale a small difference needs one more digit to differ from its interval's ends.
        small = self.digits > 1 and not missing(x) and round(abs(x), 3) < 0.1
        return decimal(x, self.digits + small, signed=True)

    def _places(self, e: Estimate) -> int:
        """Decimals that a difference and both ends of its interval share: enough for the largest to have two or so."""
        size = max((abs(x) for x in (e.value, e.low, e.high) if not missing(x)), default=0.0)
        if self.percent:
            size *= 100
        places = self.digits
        while 0 < size < 10.0 ** (int(self.digits > 1) - places) and places < 6:
            places += 1
        ends = [100 * x if self.percent else x for x in (e.low, e.high) if not missing(x)]
        # "−1.4 to −0.0" would leave open whether zero is in it.
        return places + any(x and round(x, places) == 0 for x in ends)

    def _signed(self, x: float, places: int) -> str:
        if self.percent:
            x *= 100
        return f"{MINUS if x < 0 else '+' if x > 0 else ''}{abs(x):,.{places}f}"

    def change_of(self, e: Estimate) -> str:
        """The difference with as many decimals as its interval is written with; blank if it can't be given."""
        if missing(e.value):
            return BLANK
        if missing(e.low) or missing(e.high):
            return self.change(e.value)
        told = self._signed(e.value, self._places(e))
        return told if told.strip(f"+{MINUS}0.") else told.lstrip(f"+{MINUS}")  # nothing has no sign

    def interval(self, e: Estimate | None, *, change: bool = False) -> str:
        """The interval as "low to high", blank if it can't be given; both ends have the same decimals."""
        if e is None or missing(e.low) or missing(e.high):
            return BLANK
        if not change:
            return f"{self.value(e.low)} to {self.value(e.high)}"
        places = self._places(e)
        return f"{self._signed(e.low, places)} to {self._signed(e.high, places)}"

    def tone(self, x: Any) -> str:
        """Whether a difference is "good" or "bad" for the customer or the business, or "" (none)."""
        if missing(x) or x == 0:
            return ""
        return "good" if (x > 0) == self.high_good else "bad"

    @property
    def direction(self) -> str:
        """The sentence that says which way is good."""
        return "higher is better" if self.high_good else "lower is better"


_TIMES = ("hours", "minutes", "seconds", "days", "weeks")


def ruler(metric: Metric) -> Ruler:
    """The way to write figures of this metric, from its kind and scale."""
    name = _name(metric)
    low, high = metric.low, metric.high
    if metric.kind == "nps":
        return Ruler(name, 1, False, True, _points(name), f"{MINUS}100 to 100")
    if metric.kind == "rate":
        return Ruler(name, 1, True, metric.high_good, f"percentage points of {inside(name)}", "0 to 100 %")
    if low is not None and high is not None:
        digits = 2 if high - low <= 20 else 1
        scale = f"{low:g} to {high:g}".replace("-", MINUS)
        return Ruler(name, digits, False, metric.high_good, _points(name), scale)
    unit = inside(name) if name.casefold().endswith(_TIMES) else _points(name)
    return Ruler(name, 2, False, metric.high_good, unit, "no fixed scale")


def _name(metric: Metric) -> str:
    """What people call the score: known abbreviations, else its column where that is the same word, better written."""
    upper = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
    if metric.name.casefold() in upper:
        return upper[metric.name.casefold()]
    column = " ".join(metric.column.replace("_", " ").split())
    name = metric.name.replace("_", " ")
    if "".join(filter(str.isalnum, column)).casefold() == "".join(filter(str.isalnum, name)).casefold():
        name = column
    return name[:1].upper() + name[1:]


def inside(name: str) -> str:
    """The name within a sentence: its capital goes, unless it is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _points(name: str) -> str:
    return f"{name} points" if name.isupper() else "stars" if name == "Stars" else f"points of {inside(name)}"


def rulers(metrics: tuple[Metric, ...]) -> dict[str, Ruler]:
    """The ruler of every metric by its name."""
    return {metric.name: ruler(metric) for metric in metrics}


def sure(e: Estimate | None) -> bool:
    """Whether an estimate's interval leaves out zero."""
    return e is not None and not missing(e.low) and not missing(e.high) and (e.low > 0 or e.high < 0)
