"""What a word is to a model of complaints: its number in a vocabulary, whether it negates, how it is punctuated.

Looked up once for each distinct token; a text is then a row of small integers, and its score a sum over them. All
sums are of integers, so they are exact and do not depend on chunks or on the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable, Units

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, IntArray

# Words that stand for a class; a vocabulary begins with them, so that their numbers are fixed.
CLASSES = ("<none>", "<unknown>", "<number>", "<money>", "<mention>", "<link>", "<span>", "<start>", "<end>")
NONE, UNKNOWN, NUMBER, MONEY, MENTION, LINK, SPAN, START, END = range(len(CLASSES))
_UNKNOWN_KINDS: tuple[tuple[int, str], ...] = (
    (MONEY, r"^[-+(]*[£$€₹¥]\s?\d|\d[£$€₹]$|^rs\.?\d|^\d[\d.,]*(usd|eur|gbp|inr|dollars?|pounds?|euros?)$"),
    (NUMBER, r"^[\d.,:/%x+-]*\d[\d.,:/%x+-]*(st|nd|rd|th|am|pm|k)?$"),
    (
        SPAN,
        r"^\d+[.,+-]?\d*-?(s|sec|secs|seconds?|m|min|mins|minutes?|h|hr|hrs|hours?|d|days?|w|wk|wks|weeks?|months?|y|yr|yrs|years?)$",
    ),
    (LINK, r"^(https?:|www\.)"),
    (MENTION, r"^@\w"),
)
_EDGES = "!\"#%&'()*+,-./:;<=>?[\\]^_`{|}~“”„‘…–—•·«»¡¿$£€₹@ \ufe0f"
NO_PAIR = 0xFFFFFFFF
FLAGS = ("question", "exclamation", "capitals", "ellipsis")  # bit 0, 1, 2, 3 of TokenTraits.flags
_NEGATORS = pa.array(
    [
        *("not", "no", "never", "none", "nothing", "neither", "nor", "nobody", "nowhere", "without", "unable"),
        *("hardly", "barely", "scarcely", "cannot", "cant", "wont", "dont", "doesnt", "didnt", "isnt", "wasnt"),
        *("arent", "werent", "aint", "couldnt", "wouldnt", "shouldnt", "hasnt", "havent", "hadnt"),
    ]
)


@dataclass(frozen=True, slots=True)
class TokenTraits:
    """Traits of the V distinct tokens of a table.

    ``word`` int32[V]: number in the vocabulary; ``negator`` bool[V]; ``stop`` bool[V]: a phrase ends after it;
    ``flags`` uint8[V]: one bit for each name in FLAGS.
    """

    word: IntArray
    negator: BoolArray
    stop: BoolArray
    flags: IntArray

    def columns(self) -> tuple[IntArray, BoolArray, BoolArray, IntArray]:
        """The arrays in the order of the fields."""
        return self.word, self.negator, self.stop, self.flags


@dataclass(frozen=True, slots=True)
class Spans:
    """The words of U units in order: what the sums run over.

    ``word`` int32[T]; ``negated`` bool[T]: up to three words after a negation in the same phrase; ``joined`` bool[T]:
    the next token belongs to the same unit; ``first``/``last`` int64[U].
    """

    word: IntArray
    negated: BoolArray
    joined: BoolArray
    first: IntArray
    last: IntArray


def bare_words(tokens: Sequence[str] | pa.Array) -> pa.Array:
    """Lower-case tokens and strip the punctuation around them; what holds no letter or digit stays as it is."""
    return _lower_and_bare(tokens if isinstance(tokens, pa.Array) else _arrow(tokens))[1]


def _lower_and_bare(whole: pa.Array) -> tuple[pa.Array, pa.Array]:
    lower = pc.replace_substring(pc.utf8_lower(whole), "’", "'")
    bare = pc.utf8_trim(lower, _EDGES)
    return lower, pc.if_else(pc.equal(bare, ""), lower, bare)


def _arrow(tokens: Sequence[str]) -> pa.Array:
    try:
        return pa.array(tokens, pa.string())
    except UnicodeEncodeError:  # lone surrogates: what Arrow can't hold is an unknown word
        return pa.array([t.encode("utf-8", "replace").decode("utf-8") for t in tokens], pa.string())


def token_traits(tokens: Sequence[str], vocabulary: pa.Array | Mapping[str, int]) -> TokenTraits:
    """Look up each distinct token once: its number in the vocabulary, which begins with CLASSES, and its traits.

    A vocabulary given as words with their numbers is quicker for a few tokens.
    """
    whole = _arrow(tokens)
    lower, bare = _lower_and_bare(whole)
    if isinstance(vocabulary, pa.Array):
        word = pc.fill_null(pc.index_in(bare, value_set=vocabulary), -1).to_numpy(zero_copy_only=False).astype(np.int32)
    else:
        word = np.fromiter(map(vocabulary.get, bare.to_pylist(), repeat(-1)), np.int32, len(bare))
    missing = np.flatnonzero(word < 0)
    if len(missing):
        some, its_bare = lower.take(pa.array(missing)), bare.take(pa.array(missing))
        # figures with nothing but stops and brackets around them need no closer look
        figure = pc.and_(pc.ascii_is_decimal(its_bare), pc.equal(pc.ascii_trim(some, ".,;:!?()"), its_bare))
        word[missing[_bool(figure)]] = NUMBER
        rest = np.flatnonzero(~_bool(figure))
        if len(rest):
            word[missing[rest]] = _kinds(its_bare.take(pa.array(rest)), some.take(pa.array(rest)))
    flags = np.zeros(len(word), np.uint8)
    stop = np.zeros(len(word), bool)
    edged = np.flatnonzero(_bool(pc.not_equal(lower, bare)) | (word == NONE))  # only these can end in a mark
    ends = whole.take(pa.array(edged))
    stop[edged] = _ends_in(pc.ascii_rtrim(ends, "\"'"), *".,;:!?)…–—-")
    upper = np.flatnonzero(_bool(pc.utf8_is_upper(whole)))
    told = {
        "question": (edged, _ends_in(pc.ascii_rtrim(ends, "\"')!"), "?")),
        "exclamation": (edged, _ends_in(pc.ascii_rtrim(ends, "\"')?"), "!")),
        "capitals": (upper, _bool(pc.match_substring_regex(whole.take(pa.array(upper)), _CAPITALS))),
        "ellipsis": (edged, _ends_in(ends, "..", "…")),
    }
    for bit, name in enumerate(FLAGS):
        where, holds = told[name]
        flags[where] |= holds.astype(np.uint8) << bit
    negator = pc.or_(pc.is_in(pc.replace_substring(bare, "'", ""), value_set=_NEGATORS), pc.ends_with(bare, "n't"))
    return TokenTraits(word, _bool(negator), stop, flags)


_CAPITALS = r"^[^a-z]*[A-Z]{3,}[^a-z]*$"


def _ends_in(words: pa.Array, *ends: str) -> BoolArray:
    """Which words end in one of these."""
    found = np.zeros(len(words), bool)
    for end in ends if len(words) else ():
        found |= _bool(pc.ends_with(words, end))
    return found


def _bool(values: Any) -> BoolArray:
    return np.array(values.to_numpy(zero_copy_only=False), dtype=bool)


def _kinds(bare: pa.Array, lower: pa.Array) -> IntArray:
    """The class of words that are not in the vocabulary: number, money, mention, link, span, none, unknown."""
    kind = np.full(len(bare), UNKNOWN, np.int32)
    worded = _bool(pc.match_substring_regex(bare, "[A-Za-z0-9]"))
    foreign = np.flatnonzero(~worded & ~_bool(pc.string_is_ascii(bare)))
    if len(foreign):  # a class of all letters takes long to compile
        worded[foreign] = _bool(pc.match_substring_regex(bare.take(pa.array(foreign)), r"[\pL\pN]"))
    kind[~worded] = NONE
    for number, pattern in reversed(_UNKNOWN_KINDS):  # the first that matches wins
        subject = lower if number in (MENTION, MONEY) else bare
        kind[_bool(pc.match_substring_regex(subject, pattern))] = number
    return kind


def spans(table: TokenTable, units: Units, traits: TokenTraits) -> Spans:
    """Turn units into rows of word numbers, with the words marked that a negation reaches."""
    codes = table.codes
    count = len(codes)
    joined = np.ones(count, bool)
    last = np.asarray(units.last)
    joined[last[last > units.first] - 1] = False
    if not len(table.tokens):
        none = np.zeros(0, np.int32)
        return Spans(none, none.astype(bool), joined, units.first, units.last)
    negated = np.zeros(count, bool)
    at = np.flatnonzero(traits.negator.take(codes))  # few: followed one by one rather than in whole rows
    for _ in range(3):
        at = at[joined[at] & ~traits.stop[codes[at]]] + 1
        at = at[at < count]
        negated[at] = True
    return Spans(traits.word.take(codes), negated, joined, units.first, units.last)


def pairs(row: Spans, words: int) -> tuple[IntArray, IntArray]:
    """Adjacent words of each unit as numbers: a pair (a, b) is ``a * words + b``, and NO_PAIR where there is none.

    Those inside uint32[T], at their first word (so NO_PAIR where a unit ends); and uint32[2, U], the opening
    (start, first word) and the closing (last word, end) of each unit. ``words`` is at most 65,535.
    """
    word = row.word.view(np.uint32)
    size = np.uint32(words)
    full = row.last > row.first
    inside = np.empty(len(word), np.uint32)
    if len(word):
        np.multiply(word[:-1], size, out=inside[:-1])
        inside[:-1] += word[1:]
        inside[-1] = NO_PAIR
        inside[row.last[full] - 1] = NO_PAIR
    edges = np.full((2, len(row.first)), NO_PAIR, np.uint32)
    edges[0, full] = np.uint32(START) * size + word[row.first[full]]
    edges[1, full] = word[row.last[full] - 1] * size + np.uint32(END)
    return inside, edges


def range_sums(values: IntArray, first: IntArray, last: IntArray) -> IntArray:
    """Sum integers over ascending ranges [first, last) that don't overlap: exact, int64[U]; 0 for an empty range."""
    total = np.zeros(len(first), np.int64)
    full = np.flatnonzero(last > first)
    if not len(full):
        return total
    start, end = first[full], last[full]
    if np.array_equal(start[1:], end[:-1]):
        total[full] = np.add.reduceat(values[: end[-1]], start, dtype=np.int64)
        return total
    edges = np.empty(2 * len(full), np.int64)
    edges[0::2], edges[1::2] = start, end
    padded = np.append(values, values.dtype.type(0))
    total[full] = np.add.reduceat(padded, edges, dtype=np.int64)[0::2]
    return total
