"""Text cells that a spreadsheet would take for formulas: one rule for every table that is written.

Text comes from strangers, and a spreadsheet acts on a cell that starts with ``=``. Such cells get an apostrophe in
front. Numbers stay numbers, also where they are written as text, as in delimited files.
"""

from __future__ import annotations

import re
from typing import Any

# What a spreadsheet's parser skips before it looks for the formula sign: blanks and invisible marks.
_SKIPPED = " \u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# The signs, and their full-width forms, which some spreadsheets fold to the plain ones.
_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20"
# Both patterns mean the same to Python and to Arrow (RE2).
FORMULA = rf"^[{_SKIPPED}\x00]*[{_SIGNS}\t\r\n\-]"
NUMBER = r"^ *[+\-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+\-]?[0-9]+)?( ?%)? *$"
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER.removesuffix("$"))


def cell(text: str) -> str:
    """Text for a cell of a CSV, TSV or XLSX file."""
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def cells(column: Any) -> Any:
    """`cell` for every text of an Arrow array or chunked array; null stays null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    risky = pc.fill_null(pc.match_substring_regex(column, FORMULA), False)
    if not pc.any(risky).as_py():
        return column
    risky = pc.and_(risky, pc.invert(pc.fill_null(pc.match_substring_regex(column, NUMBER), False)))
    mark, nothing = pa.scalar("'", column.type), pa.scalar("", column.type)
    return pc.if_else(risky, pc.binary_join_element_wise(mark, column, nothing), column)
