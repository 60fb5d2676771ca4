"""What VADER sees in each distinct token: its bare word, looked up once, and the words an emoji stands for."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.sentiment import vader_lexicon as lx
from cxtext.words import Traits

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import IntArray


@dataclass(frozen=True, slots=True)
class WordTable:
    """VADER's view of V distinct tokens, which yield W >= V distinct words (an emoji yields its description).

    ``flags`` int32[W], ``valence`` and ``boost`` float64[W], ``phrase_id`` uint8[W], ``exclamations`` and ``questions``
    int32[W] describe words. ``starts`` and ``counts`` int64[V] say which words a token becomes; ``None`` where each is
    its own.
    """

    flags: npt.NDArray[np.int32]
    valence: npt.NDArray[np.float64]
    boost: npt.NDArray[np.float64]
    phrase_id: npt.NDArray[np.uint8]
    exclamations: npt.NDArray[np.int32]
    questions: npt.NDArray[np.int32]
    starts: IntArray | None = None
    counts: IntArray | None = None


def word_table(tokens: Sequence[str]) -> WordTable:
    """What VADER sees in each of V distinct tokens; a token with emoji yields the words of their descriptions."""
    known = [*_SEEN.of(tokens)]
    pictured = np.flatnonzero(known.pop())
    if not len(pictured):
        return _table(known)
    emoji = lx.lexicon().emoji
    counts, starts = np.ones(len(tokens), dtype=np.int64), np.arange(len(tokens), dtype=np.int64)
    words: list[str] = []
    for v in pictured.tolist():
        # vaderSentiment puts a blank before an emoji's description, none after it
        spelt = "".join(" " + emoji[c] if c in emoji else c for c in tokens[v]).split()
        starts[v], counts[v] = len(tokens) + len(words), len(spelt)
        words += spelt
    return _table([np.concatenate(pair) for pair in zip(known, _seen(words), strict=False)], starts, counts)


def _table(known: Sequence[npt.NDArray[Any]], *expanded: IntArray) -> WordTable:
    row, flags, exclamations, questions = known
    lexicon = lx.lexicon()
    valence, boost, phrase_id = lexicon.valence[row], lexicon.boost[row], lexicon.phrase_id[row]
    return WordTable(flags, valence, boost, phrase_id, exclamations, questions, *expanded)


def _seen(words: list[str]) -> tuple[npt.NDArray[Any], ...]:
    """Look up distinct words, ASCII ones by Arrow, the others one by one.

    Gives the row in the lexicon, the flags, the exclamation marks, the question marks, whether it holds an emoji.
    """
    lexicon = lx.lexicon()
    try:
        array = pa.array(words, type=pa.large_string())
    except UnicodeEncodeError:  # lone surrogates have no UTF-8; what isn't ASCII is looked at one by one anyway
        array = pa.array([w if w.isascii() else "\u00e9" for w in words], type=pa.large_string())
    trimmed = pc.ascii_trim(array, characters=string.punctuation)
    # two characters or fewer are likely an emoticon, kept as it stands
    bare = pc.if_else(pc.greater(pc.binary_length(trimmed), 2), trimmed, array)
    lower = pc.ascii_lower(bare)
    row = np.fromiter(map(lexicon.rows.get, lower.to_pylist(), repeat(-1)), np.int32, len(words))
    contracted = np.array(pc.match_substring(lower, "n't"))
    upper = np.array(pc.ascii_is_upper(bare))
    marks = [np.array(pc.count_substring(array, c)).astype(np.int32) for c in "!?"]
    pictured = np.zeros(len(words), dtype=np.bool_)
    for v in np.flatnonzero(~np.array(pc.string_is_ascii(array), dtype=np.bool_)).tolist():
        word = words[v].strip(string.punctuation)
        word = words[v] if len(word) <= 2 else word
        low = word.lower()
        row[v], contracted[v], upper[v] = lexicon.rows.get(low, -1), "n't" in low, word.isupper()
        marks[0][v], marks[1][v] = words[v].count("!"), words[v].count("?")
        pictured[v] = not lexicon.emoji.keys().isdisjoint(words[v])
    flags = lexicon.flags[row]
    flags[contracted] |= lx.NEGATION
    flags[upper] |= lx.UPPER
    flags[(marks[0] > 0) | (marks[1] > 0)] |= lx.MARKED
    return row, flags, *marks, pictured


_SEEN = Traits(_seen)


def expand(codes: IntArray, offsets: IntArray, words: WordTable) -> tuple[IntArray, IntArray]:
    """Turn token codes into word codes: the same arrays where no emoji occurs."""
    if words.counts is None or words.starts is None:
        return codes, offsets
    at = np.flatnonzero((words.starts >= len(words.starts))[codes])  # few tokens hold an emoji
    if not len(at):
        return codes, offsets
    counts, starts = words.counts[codes[at]], words.starts[codes[at]]
    width = np.ones(len(codes), dtype=np.int64)
    width[at] = counts
    out = np.repeat(codes, width)
    ends = np.cumsum(counts)
    grown = np.concatenate(([0], ends - np.arange(1, len(at) + 1)))  # words gained before each of them, and at the end
    turn = np.arange(ends[-1]) - np.repeat(ends - counts, counts)  # 0, 1, ... within each description
    out[np.repeat(at + grown[:-1], counts) + turn] = np.repeat(starts, counts) + turn
    return out, offsets + grown[np.searchsorted(at, offsets)]
