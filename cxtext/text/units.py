"""Sentence and clause units as ranges of the token table.

A token that glues two sentences together ("service.Terrible") stays one token: units are ranges of tokens, and
web addresses, versions and file names look the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable, Units
from cxtext.text import marks as m
from cxtext.words import Traits

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, IntArray

UnitKind = Literal["sentence", "clause", "response"]

# Above this many tokens a sentence is a run-on, cut where a clause could start; pieces aim at half of it.
RUN_ON = 60
# A unit with fewer words than this joins its neighbour: "Terrible." alone has no topic.
MIN_WORDS = 2

_MARKS = Traits(lambda words: (m.token_marks(words),))
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
    if kind != "response" and n_tokens:
        marks = _MARKS.of(table.tokens)[0].take(table.codes)
        text_start = starts[:-1].copy()
        text_end = starts[1:].copy()
        following = _after(marks, text_end)
        inner = _sentence_starts(table, marks, following, text_start, text_end)
        if kind == "clause":
            inner |= _clause_starts(marks, _before(marks, text_start), following, text_start)
        inner |= text_start
        _join_fragments(inner, marks, text_start)
        if _has_run_on(inner):
            previous = _before(marks, text_start)
            _cut_run_ons(inner, _clause_starts(marks, previous, following, text_start))
            _cut_run_ons(inner, _weak_starts(marks, previous, text_start))
        starts[:-1] = inner
    first = np.flatnonzero(starts[:-1])
    last = np.append(first[1:], n_tokens)[: len(first)]
    response = np.searchsorted(table.offsets, first, side="right") - 1
    return Units(response.astype(np.int32), first.astype(np.int64), last.astype(np.int64))


def _before(flags: npt.NDArray[Any], text_start: BoolArray) -> npt.NDArray[Any]:
    """The value at the token before, zero at the start of a text."""
    out = np.zeros_like(flags)
    out[1:] = flags[:-1]
    out[text_start] = 0
    return out


def _after(flags: npt.NDArray[Any], text_end: BoolArray) -> npt.NDArray[Any]:
    """The value at the token after, zero at the end of a text."""
    out = np.zeros_like(flags)
    out[:-1] = flags[1:]
    out[text_end] = 0
    return out


def _sentence_starts(
    table: TokenTable, marks: IntArray, following: IntArray, text_start: BoolArray, text_end: BoolArray
) -> BoolArray:
    """True where a sentence starts inside a text."""
    items = _list_items(table, marks, text_start)
    stop = (marks & m.STOP) != 0
    at = np.flatnonzero((marks & m.NO_STOP_BEFORE_DIGIT) != 0)
    stop[at[(following.take(at) & m.DIGIT) != 0]] = False
    at = np.flatnonzero((marks & m.STOP_IF_CAPITAL) != 0)
    stop[at[(following.take(at) & m.CAPITAL) != 0]] = True
    stop &= ~items  # the stop of "2." belongs to the number
    tail = (marks & m.TAIL) != 0
    if tail.any():
        stop = _move_past_tails(stop, tail, marks, following, text_end)
    starts: BoolArray = _before(stop, text_start)
    starts |= items | ((marks & m.BULLET) != 0)
    opener = (marks & m.OPENER) != 0
    if opener.any():  # a lone opening bracket goes with what it opens: nothing starts right after it
        starts &= ~_before(opener, text_start)
    starts &= ~text_start
    return starts


def _move_past_tails(
    stop: BoolArray, tail: BoolArray, marks: IntArray, following: IntArray, text_end: BoolArray
) -> BoolArray:
    """Let "!!!", a closing quote or an emoji after a stop still belong to the sentence that ended."""
    at = np.flatnonzero(tail)
    run_start = np.append(True, (np.diff(at) > 1) | text_end[at[:-1]])  # runs of tails within one text
    run = np.cumsum(run_start) - 1
    first, last = at[run_start], at[np.append(run_start[1:], True)]
    before = np.where(first > 0, stop[first - 1] & ~text_end[first - 1], False)
    ended = before | (np.bincount(run, weights=stop[at]) > 0)
    smiles = np.bincount(run, weights=(marks[at] & m.SMILEY) != 0) > 0
    ended |= smiles & ((following[last] & m.CAPITAL) != 0)
    out = stop.copy()
    out[at] = False
    out[first[(first > 0) & before] - 1] = False
    out[last[ended]] = True
    return out


def _list_items(table: TokenTable, marks: IntArray, text_start: BoolArray) -> BoolArray:
    """True at the numbers of a list that counts up from 1 ("1. slow 2. dear"); a lone "3." is no item."""
    items = np.zeros(len(marks), dtype=np.bool_)
    at = np.flatnonzero((marks & m.NUMBER) != 0)
    if not len(at):
        return items
    codes = table.codes[at]
    distinct, inverse = np.unique(codes, return_inverse=True)
    value = np.array([m.number_of(table.tokens[c]) for c in distinct.tolist()])[inverse]
    text = np.searchsorted(table.offsets, at, side="right")
    follows = np.append(False, (np.diff(value) == 1) & (np.diff(text) == 0))
    run = np.cumsum(~follows) - 1
    begins_at_one = value[~follows] == 1
    long_enough = np.bincount(run) > 1
    items[at[(begins_at_one & long_enough)[run]]] = True
    return items


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


def _weak_starts(marks: IntArray, previous: IntArray, text_start: BoolArray) -> BoolArray:
    """Where a run-on may be cut for want of anything better: after a comma, before a linking word."""
    starts: BoolArray = ((marks & m.LINKING) != 0) | ((previous & m.COMMA) != 0)
    starts &= ~text_start & ((marks & m.TAIL) == 0)
    return starts


def _join_fragments(starts: BoolArray, marks: IntArray, text_start: BoolArray) -> None:
    """Join units of fewer than two words to the unit before, the first of a text to the one after (in place)."""
    first = np.flatnonzero(starts)
    wordless = np.flatnonzero((marks & m.WORD) == 0)  # few
    words = np.diff(first, append=len(marks)) - np.diff(np.searchsorted(wordless, np.append(first, len(marks))))
    short = words < MIN_WORDS
    opens = text_start[first]
    join = short & ~opens
    join[1:] |= (short & opens)[:-1] & ~opens[1:]
    starts[first[join]] = False


def _has_run_on(starts: BoolArray) -> bool:
    return bool((np.diff(np.append(np.flatnonzero(starts), len(starts))) > RUN_ON).any())


def _cut_run_ons(starts: BoolArray, candidates: BoolArray) -> None:
    """Cut units of more than 60 tokens at candidates about 30 tokens apart (in place)."""
    first = np.flatnonzero(starts)
    length = np.diff(np.append(first, len(starts)))
    at = np.flatnonzero(candidates & ~starts)
    unit = np.searchsorted(first, at, side="right") - 1
    keep = length[unit] > RUN_ON
    at, unit = at[keep], unit[keep]
    step = (at - first[unit]) // (RUN_ON // 2)
    fresh = np.append(True, (np.diff(step) != 0) | (np.diff(unit) != 0))[: len(at)]
    # the first and the last few tokens are not worth a unit of their own
    roomy = (step > 0) & (first[unit] + length[unit] - at > RUN_ON // 6)
    starts[at[fresh & roomy]] = True


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
