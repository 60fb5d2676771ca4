"""Reading dates of many styles, a whole column at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.read.numbers import one_array, strings, to_numbers

TIME = r"(?:[T ,]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?[ ]?(?P<ap>[AaPp]\.?[Mm]\.?)?)?"
ZONE = r"[ ]?(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
WORD = r"(?P<b>[A-Za-zÀ-ÿ]{3,10})\.?"
LEAD = r"^(?:[A-Za-z]{2,9}\.?,? +|[A-Za-z ]+ on )?"
ISO = rf"^(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){TIME}{ZONE}$"
COMPACT = rf"^(?P<y>(?:19|20)\d{{2}})(?P<m>[01]\d)(?P<d>[0-3]\d){TIME}{ZONE}$"
NUMERIC = rf"^(?P<a>\d{{1,2}})[-/. ](?P<c>\d{{1,2}})[-/. ](?P<y>\d{{4}}|\d{{2}}){TIME}{ZONE}$"
DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?"
DAY_WORD = rf"{LEAD}{DAY}[-/ ](?:of |de )?{WORD}[-/, ]+(?:de )?'?(?P<y>\d{{4}}|\d{{2}}){TIME}{ZONE}$"
WORD_DAY = rf"{LEAD}{WORD}[-/ ](?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[-/ ]+'?(?P<y>\d{{4}}){TIME}{ZONE}$"
CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2}):(?P<s>\d{2})"
CTIME = rf"^(?:[A-Za-z]{{3}},? +)?{WORD} +(?P<d>\d{{1,2}}) +{CLOCK}{ZONE} +(?P<y>\d{{4}})$"
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier januar enero janv",
            "feb february fevrier février februar febrero fév",
            "mar march mars märz marzo mär",
            "apr april avril abril avr",
            "may mai mayo",
            "jun june juin juni junio",
            "jul july juillet juli julio juil",
            "aug august août aout agosto",
            "sep sept september septembre septiembre",
            "oct october octobre oktober octubre okt",
            "nov november novembre noviembre",
            "dec december décembre decembre dezember diciembre dez déc",
        ),
        1,
    )
    for name in names.split()
}
NOT_A_DATE = np.datetime64("NaT", "s")
DateArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Dates:
    """A column's dates: ``values`` datetime64[s] in naive UTC, NaT where there is none; ``bad`` cells unreadable.

    ``styles`` counts the cells of each style. ``day_first``: what all-number dates showed (``None``: not decidable).
    """

    values: DateArray
    bad: int
    styles: dict[str, int]
    day_first: bool | None


def to_dates(column: pa.ChunkedArray, day_first: bool | None = None, *, numbers: bool = True) -> Dates:
    """Read ISO, day-first and month-first, month names, compact and epoch (s, ms, µs) dates; zones become UTC.

    `day_first` reads 03/04/2025 as 3 April; when ``None`` the column itself decides, and if it can't, day first is
    used and ``Dates.day_first`` is ``None``. With `numbers` plain numbers count as epochs or spreadsheet days.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        array = one_array(column)
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            array = array.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.timestamp(kind.unit))
        values = array.cast(pa.timestamp("s"), safe=False).to_numpy(zero_copy_only=False).astype("datetime64[s]")
        return Dates(values, 0, {"typed": len(values) - array.null_count}, None)
    size = len(column)
    values = np.full(size, NOT_A_DATE)
    if not pa.types.is_string(kind):
        if not numbers:
            return Dates(values, size - column.null_count, {}, None)
        values = _from_numbers(to_numbers(column)[0])
        good = int((~np.isnat(values)).sum())
        return Dates(values, size - column.null_count - good, {"epoch": good} if good else {}, None)
    coded = strings(column).dictionary_encode()
    texts = coded.dictionary
    parsed, styles, shown = _parse(texts, day_first, numbers)
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    known = codes >= 0
    values[known] = parsed[codes[known]]
    counts = np.bincount(codes[known], minlength=len(texts)) if known.any() else np.zeros(len(texts), np.int64)
    by_style = {name: int(counts[mask].sum()) for name, mask in styles.items() if mask.any()}
    return Dates(values, int((known & np.isnat(values)).sum()), by_style, shown)


def _parse(
    texts: pa.Array, day_first: bool | None, numbers: bool
) -> tuple[DateArray, dict[str, npt.NDArray[np.bool_]], bool | None]:
    """Distinct spellings to dates; which spelling has which style; what the all-number dates say about their order."""
    values = np.full(len(texts), NOT_A_DATE)
    styles: dict[str, npt.NDArray[np.bool_]] = {}
    left = np.ones(len(texts), dtype=bool)
    shown = day_first
    patterns = (("ISO", ISO), ("compact", COMPACT), ("numeric", NUMERIC), ("day month", DAY_WORD))
    for name, pattern in (*patterns, ("month day", WORD_DAY), ("weekday month day", CTIME)):
        if not left.any():
            break
        at = np.flatnonzero(left)
        parts = pc.extract_regex(texts.take(pa.array(at)), pattern)
        hit = parts.is_valid().to_numpy(zero_copy_only=False)
        if not hit.any():
            continue
        at, parts = at[hit], parts.filter(pa.array(hit))
        names = {field.name for field in parts.type}
        if name == "numeric":
            first, second = _ints(parts.field("a")), _ints(parts.field("c"))
            if shown is None:
                shown = True if (first > 12).any() and not (second > 12).any() else shown
                shown = False if (second > 12).any() and not (first > 12).any() else shown
            prefer_day = shown is not False
            swap = np.where(prefer_day, second > 12, first <= 12)  # a month of 13 can only be the other order
            day, month = np.where(swap, second, first), np.where(swap, first, second)
        else:
            day = _ints(parts.field("d"))
            month = _month_numbers(parts.field("b")) if "b" in names else _ints(parts.field("m"))
        values[at] = _instants(_ints(parts.field("y")), month, day, parts)
        style = np.zeros(len(texts), dtype=bool)
        style[at[~np.isnat(values[at])]] = True
        styles[name] = style
        left &= np.isnat(values)
    if numbers and left.any():
        at = np.flatnonzero(left)
        values[at] = _from_numbers(to_numbers(pa.chunked_array([texts.take(pa.array(at))]))[0])
        style = np.zeros(len(texts), dtype=bool)
        style[at[~np.isnat(values[at])]] = True
        styles["epoch"] = style
    return values, styles, shown


def _ints(column: pa.Array) -> npt.NDArray[np.int64]:
    """Captured digits as integers, 0 where nothing was captured."""
    filled = pc.if_else(pc.equal(column, ""), pa.scalar("0"), column)
    return np.asarray(filled.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def _month_numbers(column: pa.Array) -> npt.NDArray[np.int64]:
    coded = pc.utf8_lower(column).dictionary_encode()
    numbers = np.array([MONTHS.get(name, MONTHS.get(name[:3], 0)) for name in coded.dictionary.to_pylist()], np.int64)
    return np.asarray(numbers[coded.indices.to_numpy()], dtype=np.int64)


def _instants(
    year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], day: npt.NDArray[np.int64], parts: pa.Array
) -> DateArray:
    """Calendar parts, and what `parts` says of time of day and zone, as UTC instants; impossible dates are NaT."""
    two_digits = pc.equal(pc.utf8_length(parts.field("y")), 2).to_numpy(zero_copy_only=False)
    year = np.where(two_digits, np.where(year < 70, 2000 + year, 1900 + year), year)
    ok = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1900) & (year < 2200)
    months = (np.where(ok, year, 1970) - 1970) * 12 + np.where(ok, month, 1) - 1
    start = months.astype("datetime64[M]").astype("datetime64[D]")
    days = start + (np.where(ok, day, 1) - 1).astype("timedelta64[D]")
    ok &= days.astype("datetime64[M]") == start.astype("datetime64[M]")
    hour, minute, second = _ints(parts.field("h")), _ints(parts.field("mi")), _ints(parts.field("s"))
    if any(field.name == "ap" for field in parts.type):
        half = pc.utf8_lower(pc.utf8_slice_codeunits(parts.field("ap"), 0, 1)).to_numpy(zero_copy_only=False)
        hour = np.where((half == "p") & (hour < 12), hour + 12, np.where((half == "a") & (hour == 12), 0, hour))
    ok &= (hour <= 24) & (minute < 60) & (second <= 60)
    zone = parts.field("z").dictionary_encode()
    offsets = np.array([_zone_minutes(text) for text in zone.dictionary.to_pylist()], dtype=np.int64)
    shift = offsets[zone.indices.to_numpy()]
    total = hour * 3600 + minute * 60 + second - shift * 60
    values: DateArray = days.astype("datetime64[s]") + total.astype("timedelta64[s]")
    values[~ok] = NOT_A_DATE
    return values


def _zone_minutes(text: str) -> int:
    """``+05:30`` -> 330, ``Z`` and nothing -> 0."""
    if not text or text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if text[0] == "-" else minutes


def _from_numbers(numbers: npt.NDArray[np.float64]) -> DateArray:
    """Epoch seconds, milliseconds or microseconds, or days since 1899-12-30 as spreadsheets count them."""
    values = np.full(len(numbers), NOT_A_DATE)
    for low, high, factor in ((3e8, 5e9, 1.0), (3e11, 5e12, 1e-3), (3e14, 5e15, 1e-6)):
        mask = (numbers >= low) & (numbers < high)
        values[mask] = np.floor(numbers[mask] * factor).astype(np.int64).astype("datetime64[s]")
    mask = (numbers >= 25_000) & (numbers < 75_000)
    values[mask] = np.round((numbers[mask] - 25_569) * 86_400).astype(np.int64).astype("datetime64[s]")
    return values
