"""What a column looks like: the facts from which its role is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.read.dates import Dates, to_dates
from cxtext.read.numbers import NO, YES, numbers_in, strings, to_numbers


@dataclass(frozen=True)
class Profile:
    """One column of the first rows.

    ``words`` of the header, lower case; ``filled`` share of rows with a value; ``distinct`` values among them;
    ``mean_words`` per filled cell; ``values`` float64[rows] as numbers, ``numeric`` their share of filled cells;
    ``dated`` the share that reads as a date; ``yes_no``: all values are; ``levels`` the most frequent values.
    """

    name: str
    words: tuple[str, ...]
    rows: int
    filled: float
    distinct: int
    mean_words: float
    values: npt.NDArray[np.float64]
    numeric: float
    dates: Dates | None
    dated: float
    yes_no: bool
    levels: tuple[str, ...]

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The numbers there are."""
        return self.values[~np.isnan(self.values)]

    @property
    def count(self) -> int:
        """Cells with a value."""
        return round(self.filled * self.rows)

    @property
    def whole(self) -> bool:
        """All numbers are whole."""
        return bool(len(self.numbers)) and bool((self.numbers == np.round(self.numbers)).all())

    @property
    def low(self) -> float:
        """The smallest number, NaN without any."""
        return float(self.numbers.min()) if len(self.numbers) else float("nan")

    @property
    def high(self) -> float:
        """The largest number, NaN without any."""
        return float(self.numbers.max()) if len(self.numbers) else float("nan")


def header_words(name: str) -> tuple[str, ...]:
    """A header as lower-case words: ``reviewText``, ``review_text`` and ``Review Text`` are the same."""
    spaced = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[a-zà-ÿ]+|\d+", spaced.lower()))


def profile(name: str, column: pa.ChunkedArray) -> Profile:
    """Look at a column once."""
    rows = len(column)
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        dates = to_dates(column)
        filled = 1 - column.null_count / max(1, rows)
        unique = len(pc.unique(column).drop_null())
        return Profile(name, header_words(name), rows, filled, unique, 1.0, np.empty(0), 0.0, dates, 1.0, False, ())
    array = strings(column)
    count = rows - array.null_count
    counts = pc.value_counts(array.drop_null())
    different, tally = counts.field("values"), counts.field("counts").to_numpy()
    order = np.lexsort((np.arange(len(different)), -tally))[:60]
    levels = tuple(str(different[int(i)].as_py()) for i in order)
    trimmed = array.drop_null()
    spaces = pc.count_substring_regex(trimmed, r"\s+") if count else None
    mean_words = 1.0 + float(pc.mean(spaces).as_py()) if spaces is not None else 0.0
    values, _ = numbers_in(array) if pa.types.is_string(kind) else to_numbers(column)
    numbers = values[~np.isnan(values)]
    found: Dates | None = None
    dated = 0.0
    plain = len(numbers) == count and (numbers < 1e7).all()  # can be no date, unless it is a spreadsheet's day number
    if count and mean_words < 8 and not plain:
        found = to_dates(column, numbers=not pa.types.is_string(kind))
        dated = float((~np.isnat(found.values)).sum()) / count
    small = {level.lower() for level in levels}
    return Profile(
        name,
        header_words(name),
        rows,
        count / max(1, rows),
        len(different),
        mean_words,
        values,
        len(numbers) / count if count else 0.0,
        found,
        dated,
        0 < len(different) <= 4 and small <= YES | NO,
        levels,
    )
