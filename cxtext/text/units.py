"""Sentence and clause units as ranges of the token table.

A token that glues two sentences together ("service.Terrible") stays one token: units are ranges of tokens, and
web addresses, versions and file names look the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable, Units
from cxtext.text import marks as m
from cxtext.words import Traits

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, IntArray

UnitKind = Literal["sentence", "clause", "response"]

# Above this many tokens a sentence is a run-on, cut where a clause could start; pieces aim at half of it.
RUN_ON = 60
# A unit with fewer words than this joins its neighbour: "Terrible." alone has no topic.
MIN_WORDS = 2

_MARKS = Traits(m.telling_marks)
_BLANK = np.zeros(256, dtype=np.bool_)
_BLANK[[*range(9, 14), *range(28, 33)]] = True


def split_units(table: TokenTable, kind: UnitKind = "sentence") -> Units:
    """Cut texts into sentences, clauses, or leave them whole; each token is in exactly one unit.

    ``sentence`` ends at a stop that isn't an abbreviation's, at an emoji before a capital, or before a list item;
    one-word fragments join the sentence before (or after, at the start), and sentences of more than 60 tokens are cut
    where a clause starts. ``clause`` cuts before "but", "however" and the like as well, after semicolons, dashes and
    ellipses, and at a comma before "and they ...". ``response`` makes one unit a text. Blank texts have no unit.
    """
    n_tokens = len(table.codes)
    starts = np.zeros(n_tokens + 1, dtype=np.bool_)  # starts[t]: a unit starts at token t
    starts[table.offsets] = True  # blank texts share their offset with the next one
    if kind == "response" or not n_tokens:
        return _units(np.flatnonzero(starts[:-1]), table)
    of_word, telling = _MARKS.of(table.tokens)
    at = np.flatnonzero(telling.take(table.codes))
    seen = _Seen(at, of_word.take(table.codes.take(at)), of_word, table.codes, starts.copy())
    starts[_sentence_starts(table, seen)] = True
    if kind == "clause":
        everywhere = np.arange(n_tokens)
        starts[everywhere[_clause_starts(*seen.around(everywhere))]] = True
    first = _without_fragments(np.flatnonzero(starts[:-1]), seen)
    for possible in (_clause_starts, _weak_starts):
        long = np.diff(first, append=n_tokens) > RUN_ON
        if long.any():
            inside = token_positions(first[long], np.append(first, n_tokens)[1:][long])
            first = _cut_run_ons(first, inside[possible(*seen.around(inside))], n_tokens)
    return _units(first, table)


def _units(first: IntArray, table: TokenTable) -> Units:
    """The units that start at these tokens."""
    last = np.append(first[1:], len(table.codes))[: len(first)]
    written = np.flatnonzero(np.diff(table.offsets))  # each of these texts starts a unit
    opens = np.zeros(len(table.codes) + 1, dtype=np.bool_)
    opens[table.offsets[written]] = True
    response = written.take(np.cumsum(opens.take(first)) - 1)
    return Units(response.astype(np.int32), first.astype(np.int64), last.astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The T tokens of a table with their marks, looked at where these tell something: at few places.

    ``at`` int64[A]: the places of the tokens with a telling mark, and ``here`` int32[A] their marks; ``of_word``: the
    marks of each distinct token; ``codes`` int32[T]; ``text_starts`` bool[T+1]: a text starts here (or ended before).
    """

    at: IntArray
    here: IntArray
    of_word: IntArray
    codes: IntArray
    text_starts: BoolArray

    def places(self, bit: int) -> IntArray:
        """Where tokens with this mark stand."""
        found: IntArray = self.at[(self.here & bit) != 0]
        return found

    def marks(self, at: IntArray) -> IntArray:
        """The marks of the tokens at these places."""
        found: IntArray = self.of_word.take(self.codes.take(at))
        return found

    def following(self, at: IntArray) -> IntArray:
        """The marks of the tokens right after these places; zero at the end of a text."""
        ahead = self.marks(np.minimum(at + 1, len(self.codes) - 1))
        ahead[self.text_starts.take(at + 1)] = 0
        return ahead

    def around(self, at: IntArray) -> tuple[IntArray, IntArray, IntArray, BoolArray]:
        """The marks of the tokens at these places, of those before and after in its text, and whether a text starts."""
        opens = self.text_starts.take(at)
        previous = self.marks(np.maximum(at, 1) - 1)
        previous[opens] = 0
        return self.marks(at), previous, self.following(at), opens


def _sentence_starts(table: TokenTable, seen: _Seen) -> IntArray:
    """Where a sentence starts after another one, in any order; starts of texts may be among them."""
    items = _list_items(table, seen)
    following = seen.following(seen.at)
    stop = (seen.here & m.STOP) != 0
    stop &= ((seen.here & m.NO_STOP_BEFORE_DIGIT) == 0) | ((following & m.DIGIT) == 0)
    stop |= ((seen.here & m.STOP_IF_CAPITAL) != 0) & ((following & m.CAPITAL) != 0)
    if len(items):
        stop &= ~np.isin(seen.at, items)  # the stop of "2." belongs to the number
    ends = seen.at[stop]
    tails = seen.places(m.TAIL)
    if len(tails):
        ends = _moved_past_tails(ends, tails, seen)
    fresh = np.concatenate([ends + 1, items, seen.places(m.BULLET)])
    openers = seen.places(m.OPENER)
    # a lone opening bracket goes with what it opens: nothing starts right after it
    return fresh[~np.isin(fresh, openers + 1)] if len(openers) else fresh


def _moved_past_tails(ends: IntArray, at: IntArray, seen: _Seen) -> IntArray:
    """Let "!!!", a closing quote or an emoji after a stop still belong to the sentence that ended."""
    text_end = seen.text_starts[1:]
    stop = np.zeros(len(seen.codes), dtype=np.bool_)
    stop[ends] = True
    run_start = np.append(True, (np.diff(at) > 1) | text_end[at[:-1]])  # runs of tails within one text
    run = np.cumsum(run_start) - 1
    first, last = at[run_start], at[np.append(run_start[1:], True)]
    before = np.where(first > 0, stop[first - 1] & ~text_end[first - 1], False)
    ended = before | (np.bincount(run, weights=stop[at]) > 0)
    smiles = np.bincount(run, weights=(seen.marks(at) & m.SMILEY) != 0) > 0
    ended |= smiles & ((seen.following(last) & m.CAPITAL) != 0)
    stop[at] = False
    stop[first[(first > 0) & before] - 1] = False
    stop[last[ended]] = True
    return np.flatnonzero(stop)


def _list_items(table: TokenTable, seen: _Seen) -> IntArray:
    """Where the numbers of a list stand that counts up from 1 ("1. slow 2. dear"); a lone "3." is no item."""
    at = seen.places(m.NUMBER)
    if not len(at):
        return at
    codes = table.codes[at]
    distinct, inverse = np.unique(codes, return_inverse=True)
    value = np.array([m.number_of(table.tokens[c]) for c in distinct.tolist()])[inverse]
    text = np.searchsorted(table.offsets, at, side="right")
    follows = np.append(False, (np.diff(value) == 1) & (np.diff(text) == 0))
    run = np.cumsum(~follows) - 1
    begins_at_one = value[~follows] == 1
    long_enough = np.bincount(run) > 1
    chosen: IntArray = at[(begins_at_one & long_enough)[run]]
    return chosen


def _clause_starts(marks: IntArray, previous: IntArray, following: IntArray, text_start: BoolArray) -> BoolArray:
    """True where a clause starts inside a sentence."""
    comma = (previous & m.COMMA) != 0
    starts: BoolArray = (marks & m.CONTRAST) != 0
    starts |= ((marks & m.CONTRAST_AFTER_COMMA) != 0) & comma
    starts |= ((marks & m.LINKING) != 0) & comma & ((following & m.SUBJECT) != 0)
    starts |= (previous & (m.SEMICOLON | m.ELLIPSIS | m.DASH)) != 0
    # "; but" and "- but" start where the mark stands already; "and but" has no clause of its own
    starts &= ~text_start & ((marks & m.TAIL) == 0)
    return starts


def _weak_starts(marks: IntArray, previous: IntArray, following: IntArray, text_start: BoolArray) -> BoolArray:
    """Where a run-on may be cut for want of anything better: after a comma, before a linking word."""
    starts: BoolArray = ((marks & m.LINKING) != 0) | ((previous & m.COMMA) != 0)
    starts &= ~text_start & ((marks & m.TAIL) == 0)
    return starts


def _without_fragments(first: IntArray, seen: _Seen) -> IntArray:
    """Join units of fewer than two words to the unit before, the first of a text to the one after."""
    signs = np.searchsorted(first, seen.places(m.NO_WORD), side="right") - 1
    words = np.diff(first, append=len(seen.codes)) - np.bincount(signs, minlength=len(first))
    short = words < MIN_WORDS
    opens = seen.text_starts[first]
    join = short & ~opens
    join[1:] |= (short & opens)[:-1] & ~opens[1:]
    return first[~join]


def _cut_run_ons(first: IntArray, at: IntArray, n_tokens: int) -> IntArray:
    """Cut units of more than 60 tokens at candidates about 30 tokens apart."""
    length = np.diff(first, append=n_tokens)
    unit = np.searchsorted(first, at, side="right") - 1
    keep = (length[unit] > RUN_ON) & (first[unit] < at)
    at, unit = at[keep], unit[keep]
    step = (at - first[unit]) // (RUN_ON // 2)
    fresh = np.append(True, (np.diff(step) != 0) | (np.diff(unit) != 0))[: len(at)]
    # the first and the last few tokens are not worth a unit of their own
    roomy = (step > 0) & (first[unit] + length[unit] - at > RUN_ON // 6)
    return np.sort(np.concatenate([first, at[fresh & roomy]]))


def unit_texts(table: TokenTable, units: Units, which: IntArray | None = None) -> pa.StringArray:
    """Give the units' words, joined by single blanks: a string for each unit, or for those in ``which``."""
    first, last = _chosen(units, which)
    sizes = last - first
    if len(first) and np.array_equal(first[1:], last[:-1]):
        codes = table.codes[first[0] : last[-1]]
    else:
        codes = table.codes[token_positions(first, last)]
    ends = np.concatenate(([0], np.cumsum(sizes)))
    try:
        tokens = pa.array(table.tokens, type=pa.string())
    except UnicodeEncodeError:  # lone surrogates have no UTF-8 form
        clean = [t.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for t in table.tokens]
        tokens = pa.array(clean, type=pa.string())
    words = tokens.take(pa.array(codes))
    lists = pa.ListArray.from_arrays(pa.array(ends, type=pa.int32()), words)
    return pc.binary_join(lists, " ")


def token_positions(first: IntArray, last: IntArray) -> IntArray:
    """List the positions of the ranges ``[first, last)`` one after another: int64[sum of their lengths]."""
    sizes = last - first
    ends = np.cumsum(sizes)
    if not len(ends):
        return np.zeros(0, dtype=np.int64)
    return np.repeat(first - ends + sizes, sizes) + np.arange(ends[-1])


def unit_spans(
    texts: Sequence[str | None] | pa.Array, table: TokenTable, units: Units, which: IntArray | None = None
) -> tuple[IntArray, IntArray]:
    """Find the units in their texts: ``start`` and ``end`` int64, in characters: the unit is ``text[start:end]``.

    ``texts`` are those the table was made from. Exact for any white space; ``which`` picks units.
    """
    first, last = _chosen(units, which)
    response = units.response if which is None else units.response[which]
    start, end = np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=np.int64)
    if not len(first):
        return start, end
    width = np.array([len(t) for t in table.tokens], dtype=np.int64)
    # where tokens would stand, and the texts would end, were all white space single blanks
    ends = np.concatenate(([0], np.cumsum(width[table.codes] + 1)))
    base = ends[table.offsets]
    start = ends[first] - base[response]
    end = ends[last] - 1 - base[response]
    wanted = np.unique(response)
    length = _lengths(texts, wanted)
    odd = wanted[length != base[wanted + 1] - base[wanted] - 1]
    if len(odd):
        chosen = np.flatnonzero(np.isin(response, odd))
        begins, stops = _token_spans(texts, table, odd)
        row = np.searchsorted(odd, response[chosen])
        base = np.cumsum(np.diff(table.offsets)[odd]) - np.diff(table.offsets)[odd]  # tokens in the odd texts before
        shift = base[row] - table.offsets[odd][row]
        start[chosen] = begins[first[chosen] + shift]
        end[chosen] = stops[last[chosen] - 1 + shift]
    return start, end


def _chosen(units: Units, which: IntArray | None) -> tuple[IntArray, IntArray]:
    return (units.first, units.last) if which is None else (units.first[which], units.last[which])


def _token_spans(texts: Any, table: TokenTable, which: IntArray) -> tuple[IntArray, IntArray]:
    """Where each token of the texts ``which`` starts and ends, in characters of its text: one text after another.

    White space is found in the bytes of all texts at once; texts where that isn't exact (white space beyond ASCII,
    lone surrogates) are read again, one by one.
    """
    arrow = isinstance(texts, pa.Array | pa.ChunkedArray)
    own = pc.take(texts, pa.array(which)).to_pylist() if arrow else [texts[i] for i in which.tolist()]
    # a blank between the texts keeps their tokens apart
    data = np.frombuffer(" ".join(["", *own, ""]).encode("utf-8", "surrogatepass"), dtype=np.uint8)
    blank = _BLANK[data]
    edges = np.diff(blank.astype(np.int8))
    begins, stops = np.flatnonzero(edges == -1) + 1, np.flatnonzero(edges == 1) + 1
    lengths = np.array([len(t) for t in own], dtype=np.int64)
    text_at = np.cumsum(lengths + 1) - lengths  # in characters of the joined text
    if len(data) > text_at[-1] + lengths[-1] + 1:  # characters before a byte: those that don't continue another
        characters = np.cumsum((data & 0xC0) != 0x80) - ((data & 0xC0) != 0x80)
        begins, stops = characters[begins], characters[stops]
    seen = np.searchsorted(begins, np.append(text_at, text_at[-1] + lengths[-1] + 1))
    counts = np.diff(table.offsets)[which]
    ends = np.cumsum(counts)
    out = np.zeros((2, ends[-1]), dtype=np.int64)
    right = np.flatnonzero(np.diff(seen) == counts)
    into = token_positions((ends - counts)[right], ends[right])
    source = token_positions(seen[right], seen[right + 1])
    out[:, into] = np.stack((begins[source], stops[source])) - np.repeat(text_at[right], counts[right])
    codes = table.codes[token_positions(table.offsets[which], table.offsets[which + 1])]
    wrong = np.flatnonzero(out[1] - out[0] != np.array([len(t) for t in table.tokens], dtype=np.int64)[codes])
    for i in np.unique(np.searchsorted(ends, wrong, side="right")).tolist():
        out[:, ends[i] - counts[i] : ends[i]] = np.array([w.span() for w in re.finditer(r"\S+", own[i])]).T
    return out[0], out[1]


def _lengths(texts: Any, wanted: IntArray) -> IntArray:
    """Characters in each of the wanted texts."""
    if isinstance(texts, pa.Array | pa.ChunkedArray):
        found = pc.utf8_length(pc.take(texts, pa.array(wanted)))
        lengths: IntArray = np.asarray(found)
        return lengths
    return np.array([len(texts[i]) for i in wanted.tolist()], dtype=np.int64)
