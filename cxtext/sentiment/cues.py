"""Lexical cues that analysts ask for: effort, urgency, churn threats, named emotions, emoji that VADER lacks.

Each cue is a plain table in ``cue_tables/``, one phrase a line, to be read and edited by anyone; a cue says that such a
phrase stands in the unit, no more, and reports mark it "lexical". The grammar of phrases is that of ``cues_book``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cxtext.schema import TokenTable, Units
from cxtext.sentiment.cues_book import NEGATORS
from cxtext.sentiment.cues_match import Matches, bare_words
from cxtext.sentiment.lexical import CUES, TABLES, Lexical, lexical
from cxtext.words import Traits

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, FloatArray, IntArray

EMOJI_CUES = ("emoji_negative", "emoji_positive")
# A negation this many words before a phrase turns it off.
_REACH = 3
_BREAKS = frozenset(["and", "but", "because", "so", "then", "or", "which", "who", "that", "until", "when"])
_STRESSED = frozenset(["so", "such", "this", "more"])  # "never been so disappointed" says that they are
_ONLY = frozenset(["only", "just"])  # "not only rude but slow"

NEGATOR, BREAK, STRESSED, ONLY, NEVER, ENDS = 1, 2, 4, 8, 16, 32


def cues(table: TokenTable, units: Units, found: Lexical | None = None) -> dict[str, BoolArray]:
    """Tell which cues each unit holds: a bool[U] column for each name in CUES and EMOJI_CUES.

    "Third time I call" is ``effort``; "never had to call twice", "not disappointed" and "thanks for nothing" are none.
    Emoji count for the cue that ``emoji.csv`` names, and by the sign of their valence. ``found``: what ``lexical``
    gave for the same units, if at hand.
    """
    found = found or lexical(table, units)
    said = _denied(found.only(CUES), table, units)
    columns = {name: found.holding(name, said) for name in CUES}
    at, token = _emoji_places(table, units)
    traits = _emoji_traits(table.tokens, token)
    for name in CUES:
        columns[name][at[traits[name]]] = True
    for name, sign in (("emoji_negative", -1), ("emoji_positive", 1)):
        columns[name] = np.zeros(len(units), dtype=np.bool_)
        columns[name][at[np.sign(traits["valence"]) == sign]] = True
    return columns


def emoji_valence(table: TokenTable, units: Units) -> FloatArray:
    """Add up the valences of the emoji that VADER has no word for: float64[U], VADER's scale (-4..4 each), 0 if none.

    Source: ``emoji.csv``; emoji whose description VADER scores already ("smiling face") are left to VADER.
    """
    at, token = _emoji_places(table, units)
    valence = _emoji_traits(table.tokens, token)["unscored"]
    out: npt.NDArray[np.float64] = np.bincount(at, weights=valence, minlength=len(units)).astype(np.float64)
    return out


def _denied(m: Matches, table: TokenTable, units: Units) -> Matches:
    """Leave out the matches that a negation up to three words before turns off."""
    marks = _NEGATION.of(table.tokens)[0]
    negated = np.zeros(len(m.unit), dtype=np.bool_)
    cut = np.zeros(len(m.unit), dtype=np.bool_)
    seen = np.zeros(len(m.unit), dtype=np.int32)
    for step in range(1, _REACH + 1):
        at = m.start - step
        here = np.where(at >= units.first[m.unit], marks[table.codes[np.maximum(at, 0)]], ENDS)
        cut |= (here & ENDS) != 0  # a comma after that word: it belongs to another phrase
        no = ((here & NEGATOR) != 0) & ~cut & ((seen & ONLY) == 0)
        negated |= no & ~(((here & NEVER) != 0) & ((seen & STRESSED) != 0))
        seen |= here
        cut |= (here & BREAK) != 0
    return m.where(~negated)


def _negation_marks(tokens: Sequence[str]) -> npt.NDArray[np.int32]:
    """What each distinct token does to a negation: int32[V] of the bits above."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = sorted(NEGATORS | _BREAKS | _STRESSED | _ONLY)
    bits = [
        (w in NEGATORS) * NEGATOR
        + (w in _BREAKS) * BREAK
        + (w in _STRESSED) * STRESSED
        + (w in _ONLY) * ONLY
        + (w == "never") * NEVER
        for w in words
    ]
    row = pc.fill_null(pc.index_in(bare_words(tokens), value_set=pa.array(words, type=pa.large_string())), -1)
    marks: npt.NDArray[np.int32] = np.array([*bits, 0], dtype=np.int32)[row.to_numpy(zero_copy_only=False)]
    marks[[t[-1] in ",;:.!?" for t in tokens]] |= ENDS
    return marks


_NEGATION = Traits(lambda words: (_negation_marks(words),))


def _emoji_places(table: TokenTable, units: Units) -> tuple[IntArray, IntArray]:
    """The unit and the code of every token that holds a listed emoji."""
    holds = _HOLDS_EMOJI.of(table.tokens)[0]
    at = np.flatnonzero(holds[table.codes]) if holds.any() else np.zeros(0, dtype=np.int64)
    order = np.argsort(units.first, kind="stable")
    if not len(at) or not len(order):
        return at[:0], at[:0]
    unit = np.searchsorted(units.first[order], at, side="right") - 1
    inside = (unit >= 0) & (at < units.last[order[unit]])
    return order[unit[inside]], table.codes[at[inside]].astype(np.int64)


def _holds_emoji(tokens: Sequence[str]) -> BoolArray:
    emoji = _emoji().keys()
    return np.array([not (t.isascii() or emoji.isdisjoint(t)) for t in tokens], dtype=np.bool_)


_HOLDS_EMOJI = Traits(lambda words: (_holds_emoji(words),))


def _emoji_traits(tokens: Sequence[str], codes: IntArray) -> dict[str, npt.NDArray[np.generic]]:
    """For each of these tokens: the sum of valences, that of those VADER has no word for, and a bool for each cue."""
    distinct, inverse = np.unique(codes, return_inverse=True)
    listed = _emoji()
    rows = [[listed[c] for c in tokens[v] if c in listed] for v in distinct.tolist()]
    out: dict[str, npt.NDArray[np.generic]] = {
        name: np.array([any(cue == name for _, cue, _ in row) for row in rows], dtype=np.bool_)[inverse]
        for name in CUES
    }
    out["valence"] = np.array([sum(v for v, _, _ in row) for row in rows], dtype=np.float64)[inverse]
    out["unscored"] = np.array([sum(v for v, _, scored in row if not scored) for row in rows])[inverse]
    return out


@lru_cache(maxsize=1)
def _emoji() -> dict[str, tuple[float, str, bool]]:
    """Each listed emoji with its valence, its cue, and whether VADER scores it by itself."""
    with open(TABLES / "emoji.csv", encoding="utf-8", newline="") as f:
        return {row["emoji"]: (float(row["valence"]), row["cue"], row["vader"] == "yes") for row in csv.DictReader(f)}
