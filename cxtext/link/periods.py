"""Calendar periods: days, weeks (from Monday) or months, by the span; a last one that isn't over is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Unit = Literal["day", "week", "month"]

# A span up to six weeks is read by the day, up to two years by the week, a longer one by the month.
LONGEST_DAYS = 42
LONGEST_WEEKS = 731
# A finer unit is only used if half of its periods have at least this many responses.
ENOUGH = 10


@dataclass(frozen=True)
class Periods:
    """T complete periods in order. ``index`` int64[N]: the period of each response, -1 when its day is unknown or falls
    in the partial last period, whose label is ``partial`` ("" if the last one is complete). ``labels``: the first day
    of a day or week (2025-03-31), or the month (2025-03). ``totals`` responses in each."""

    unit: Unit
    labels: tuple[str, ...]
    index: Ints
    totals: Ints
    partial: str

    def __len__(self) -> int:
        return len(self.labels)


def numbers(day: npt.NDArray[np.integer[Any]], unit: Unit) -> Ints:
    """Number of the period each day falls in, counted from 1970; the day must be known."""
    d = np.asarray(day, dtype=np.int64)
    if unit == "day":
        return d
    if unit == "week":
        return (d + 3) // 7  # 1970-01-01 was a Thursday
    return d.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def first_day(number: int, unit: Unit) -> int:
    """The day on which a period begins, as days since 1970-01-01."""
    if unit == "day":
        return number
    if unit == "week":
        return 7 * number - 3
    return int(np.datetime64(number, "M").astype("datetime64[D]").astype(np.int64))


def label(number: int, unit: Unit) -> str:
    """2025-03 for a month, else the date of its first day."""
    if unit == "month":
        return str(np.datetime64(number, "M"))
    return str(np.datetime64(first_day(number, unit), "D"))


def choose_unit(day: npt.NDArray[np.integer[Any]]) -> Unit:
    """The finest unit that suits the span and still has responses enough in most of its periods."""
    known = np.asarray(day)[np.asarray(day) >= 0]
    if len(known) == 0:
        return "month"
    span = int(known.max() - known.min()) + 1
    units: tuple[tuple[Unit, int], ...] = (("day", LONGEST_DAYS), ("week", LONGEST_WEEKS))
    for unit, longest in units:
        number = numbers(known, unit)
        if span <= longest and np.median(np.bincount(number - number.min())) >= ENOUGH:
            return unit
    return "month"


def periods(day: npt.NDArray[np.integer[Any]], unit: Unit | None = None) -> Periods:
    """Sort responses into periods; ``day`` int32[N] days since 1970, -1 unknown."""
    day = np.asarray(day)
    unit = unit or choose_unit(day)
    known = day >= 0
    index = np.full(len(day), -1, dtype=np.int64)
    if not known.any():
        return Periods(unit, (), index, np.zeros(0, dtype=np.int64), "")
    number = numbers(day[known], unit)
    first = int(number.min())
    index[known] = number - first
    totals = np.bincount(index[known])
    partial = ""
    if len(totals) > 1 and _unfinished(day[known], totals, first + len(totals) - 1, unit):
        partial = label(first + len(totals) - 1, unit)
        index[index == len(totals) - 1] = -1
        totals = totals[:-1]
    if unit == "day" and len(totals) > 1 and _thin(totals[::-1]):
        # The first day of an export often begins in the evening.
        first, index, totals = first + 1, np.maximum(index - 1, -1), totals[1:]
    labels = tuple(label(first + i, unit) for i in range(len(totals)))
    return Periods(unit, labels, index, totals.astype(np.int64), partial)


def _unfinished(day: npt.NDArray[np.integer[Any]], totals: Ints, last: int, unit: Unit) -> bool:
    """Is the last period cut off? Days on end without a response are only suspicious if they are unusual before it."""
    if unit == "day":
        return _thin(totals)
    missing = first_day(last + 1, unit) - 1 - int(day.max())
    active = np.unique(day)
    gaps = np.diff(active) - 1
    usual_gap = float(np.quantile(gaps, 0.95)) if len(gaps) >= 10 else 0.0
    return missing > usual_gap


def _thin(totals: Ints) -> bool:
    """Has the last of these days less than half the responses that days usually have?"""
    usual = float(np.median(totals[:-1]))
    return bool(usual >= 20 and totals[-1] < usual / 2)
