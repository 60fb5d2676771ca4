"""What VADER sees in each distinct token: its bare word, looked up once, and the words an emoji stands for."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.sentiment import vader_lexicon as lx

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
    """Look up every distinct token once: ASCII ones by Arrow, the others one by one."""
    emoji = lx.lexicon().emoji
    words = list(tokens)
    try:
        array = pa.array(words, type=pa.large_string())
    except UnicodeEncodeError:  # lone surrogates have no UTF-8; what isn't ASCII is looked at one by one anyway
        array = pa.array([w if w.isascii() else "\u00e9" for w in words], type=pa.large_string())
    foreign = np.flatnonzero(~pc.string_is_ascii(array).to_numpy(zero_copy_only=False)).tolist()
    pictured = [v for v in foreign if not emoji.keys().isdisjoint(words[v])]
    starts = counts = None
    if pictured:
        counts = np.ones(len(words), dtype=np.int64)
        starts = np.arange(len(words), dtype=np.int64)
        for v in pictured:
            # vaderSentiment puts a blank before an emoji's description, none after it
            spelt = "".join(" " + emoji[c] if c in emoji else c for c in words[v]).split()
            starts[v], counts[v] = len(words), len(spelt)
            foreign += [len(words) + k for k, w in enumerate(spelt) if not w.isascii()]
            words += spelt
        fresh = [w if w.isascii() else "\u00e9" for w in words[len(tokens) :]]
        array = pa.concat_arrays([array, pa.array(fresh, type=pa.large_string())])
    return _describe(array, words, foreign, starts, counts)


def _describe(
    array: pa.Array, words: list[str], foreign: list[int], starts: IntArray | None, counts: IntArray | None
) -> WordTable:
    """Fill the word table from ``array``, and from ``words`` where they aren't ASCII (``foreign``)."""
    lexicon = lx.lexicon()
    trimmed = pc.ascii_trim(array, characters=string.punctuation)
    # two characters or fewer are likely an emoticon, kept as it stands
    bare = pc.if_else(pc.greater(pc.binary_length(trimmed), 2), trimmed, array)
    lower = pc.ascii_lower(bare)
    row = pc.fill_null(pc.index_in(lower, value_set=lexicon.words), -1).to_numpy(zero_copy_only=False)
    contracted = pc.match_substring(lower, "n't").to_numpy(zero_copy_only=False)
    upper = pc.ascii_is_upper(bare).to_numpy(zero_copy_only=False)
    marks = [pc.count_substring(array, c).to_numpy(zero_copy_only=False).astype(np.int32) for c in "!?"]
    if foreign:
        row, contracted, upper = row.copy(), contracted.copy(), upper.copy()
        for v in foreign:
            word = words[v].strip(string.punctuation)
            word = words[v] if len(word) <= 2 else word
            low = word.lower()
            row[v], contracted[v], upper[v] = lexicon.rows.get(low, -1), "n't" in low, word.isupper()
            marks[0][v], marks[1][v] = words[v].count("!"), words[v].count("?")
    flags = lexicon.flags[row]
    flags[contracted] |= lx.NEGATION
    flags[upper] |= lx.UPPER
    flags[(marks[0] > 0) | (marks[1] > 0)] |= lx.MARKED
    return WordTable(
        flags, lexicon.valence[row], lexicon.boost[row], lexicon.phrase_id[row], marks[0], marks[1], starts, counts
    )


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
