"""The phrase tables in ``cue_tables/``, compiled into one book, so that a text is searched once for all of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cxtext.schema import TokenTable, Units
from cxtext.sentiment.cues_book import PhraseBook, phrase_book
from cxtext.sentiment.cues_match import Matches, find, word_traits
from cxtext.words import Traits

if TYPE_CHECKING:
    from cxtext.schema import BoolArray

CUES = (
    "effort",
    "urgency",
    "churn_threat",
    "frustrated",
    "ignored",
    "disrespected",
    "disappointed",
    "delighted",
    "grateful",
)
KINDS = ("concession", "contrast", "contrast_inside", "question", "request")
TABLES = Path(__file__).parent / "cue_tables"


@dataclass(frozen=True, slots=True)
class Lexical:
    """The phrases of all tables found in the U units of a token table."""

    matches: Matches
    n_units: int

    def only(self, names: tuple[str, ...]) -> Matches:
        """The matches of these tables alone."""
        wanted = np.isin(np.array(_book().names), names)[self.matches.name]
        return self.matches.where(wanted)

    def holding(self, name: str, among: Matches) -> BoolArray:
        """Which units hold one of the matches of this table: bool[U]."""
        out = np.zeros(self.n_units, dtype=np.bool_)
        out[among.unit[among.name == _book().names.index(name)]] = True
        return out


def lexical(table: TokenTable, units: Units) -> Lexical:
    """Find the phrases of all tables, for units in any order."""
    return Lexical(find(table, units, _book(), *_traits().of(table.tokens)), len(units))


def read_phrases(path: Path) -> list[tuple[str, bool]]:
    """Read a cue table, ``phrase,use`` a line: the phrase, and whether it is an exception (``use`` = except)."""
    with open(path, encoding="utf-8", newline="") as f:
        return [(row["phrase"], row["use"] == "except") for row in csv.DictReader(f)]


@lru_cache(maxsize=1)
def _book() -> PhraseBook:
    tables = {name: read_phrases(TABLES / f"{name}.csv") for name in (*CUES, *KINDS) if name != "contrast_inside"}
    inside = "but|however|although|though|whereas|nevertheless|nonetheless"
    tables["contrast_inside"] = [(f"* {inside} *", False), ("not only *? *? *? but", True), ("nothing but", True)]
    return phrase_book(tables)


@lru_cache(maxsize=1)
def _traits() -> Traits:
    book = _book()
    return Traits(lambda words: word_traits(words, book))
