"""Reading numbers and yes/no answers out of columns of any kind, whatever the locale wrote them in."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FloatArray = npt.NDArray[np.float64]

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", ".", "<na>", "missing"})
YES = frozenset({"1", "1.0", "yes", "y", "true", "t", "ja", "oui", "si", "sí", "wahr", "vrai"})
NO = frozenset({"0", "0.0", "no", "n", "false", "f", "nein", "non", "falsch", "faux"})
PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
LABELLED = re.compile(
    r"^([+-]?\d+(?:[.,]\d+)?)\s*(?:/\s*\d+|out of \d+|von \d+|sur \d+|stars?\b.*|points?|pts|[-–:=(]\s*[^\W\d].*)$",
    re.I,
)
STARS = re.compile(r"^([★⭐]+)[☆✩]*$")
GROUPED_POINT = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
CURRENCY = re.compile("[$€£¥₹]|USD|EUR|GBP")
GROUPED_MONEY = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+$")
GROUPED_COMMA = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$")


def strings(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array of trimmed strings; blanks and usual words for "missing" are null."""
    array = one_array(column)
    if not pa.types.is_string(array.type):
        array = (
            array.cast(pa.string()) if not pa.types.is_boolean(array.type) else array.cast(pa.int8()).cast(pa.string())
        )
    array = pc.utf8_trim_whitespace(array)
    short = pc.less_equal(pc.binary_length(array), 7)
    if pc.any(short).as_py():
        lowered = pc.utf8_lower(pc.if_else(short, array, pa.scalar("x")))
        array = pc.if_else(pc.is_in(lowered, pa.array(sorted(MISSING))), pa.scalar(None, pa.string()), array)
    return array


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The same values as one contiguous array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def to_numbers(column: pa.ChunkedArray) -> tuple[FloatArray, int]:
    """Float64 values, NaN where there is none, and how many cells hold something that isn't a number.

    Understands ``8,5``, ``1.234,5``, ``1,234.5``, ``85 %``, ``$12``, ``4/5``, ``9 - very likely``, ``5 stars``, ★★★.
    """
    kind = column.type
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
    ):
        array = one_array(column)
        array = array.cast(pa.int8()) if pa.types.is_boolean(kind) else array
        return np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64), 0
    if pa.types.is_temporal(kind):
        return np.full(len(column), np.nan), len(column) - column.null_count
    return numbers_in(strings(column))


def numbers_in(array: pa.Array) -> tuple[FloatArray, int]:
    """`to_numbers` for strings that are trimmed already, missing ones null."""
    plain = pc.match_substring_regex(array, PLAIN)
    values = np.array(
        pc.if_else(plain, array, pa.scalar(None, pa.string())).cast(pa.float64()).to_numpy(zero_copy_only=False),
        dtype=np.float64,
    )
    odd = np.flatnonzero(pc.fill_null(pc.invert(plain), False).to_numpy(zero_copy_only=False))
    if len(odd):
        coded = array.take(pa.array(odd)).dictionary_encode()
        parsed = np.array([_number(text) for text in coded.dictionary.to_pylist()], dtype=np.float64)
        values[odd] = parsed[coded.indices.to_numpy()]
    return values, int(np.isnan(values[odd]).sum())


def _number(text: str) -> float:
    """One odd spelling of a number, NaN if it isn't one."""
    stars = STARS.match(text)
    if stars:
        return float(len(stars[1]))
    labelled = LABELLED.match(text)
    bare = labelled[1] if labelled else re.sub(r"[\s\u00a0\u202f'’$€£¥₹%]|(?:USD|EUR|GBP)", "", text)
    if not labelled and bare != text and GROUPED_MONEY.match(bare) and CURRENCY.search(text):
        bare = bare.replace(".", "")  # no currency in use here has thousandths
    elif GROUPED_COMMA.match(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif GROUPED_POINT.match(bare):
        bare = bare.replace(",", "")
    elif bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    try:
        value = float(bare)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")


def to_yes_no(column: pa.ChunkedArray) -> tuple[FloatArray, int]:
    """1.0 for yes, 0.0 for no (also true/false, 1/0), NaN else; and how many cells are neither."""
    if not (pa.types.is_string(column.type) or pa.types.is_boolean(column.type)):
        values, bad = to_numbers(column)
        off = ~np.isnan(values) & (values != 0) & (values != 1)
        return np.where(off, np.nan, values), bad + int(off.sum())
    coded = pc.utf8_lower(strings(column)).dictionary_encode()
    meaning = np.array([1.0 if word in YES else 0.0 if word in NO else np.nan for word in coded.dictionary.to_pylist()])
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.float64)
    known = ~np.isnan(codes)
    values = np.full(len(codes), np.nan)
    if len(meaning):
        values[known] = meaning[codes[known].astype(np.int64)]
    return values, int((known & np.isnan(values)).sum())


def is_text_like(kind: Any) -> bool:
    """True for string columns."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
