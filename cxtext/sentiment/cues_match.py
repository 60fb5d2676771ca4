"""Find phrases in a token table by array arithmetic: all matches of a phrase book in the units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable, Units
from cxtext.sentiment.cues_book import MAX_SLOTS, NUMBER, NUMBER_PATTERN, OTHER, Lookup, PhraseBook

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, IntArray

_EDGES = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”„‘’…–—•·«»¡¿"
_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Matches:
    """M matches: ``unit``, token range ``[start, end)``, ``name`` and ``exception`` of the phrase."""

    unit: IntArray
    start: IntArray
    end: IntArray
    name: IntArray
    exception: BoolArray

    def where(self, chosen: BoolArray) -> Matches:
        """Those of the matches that are chosen, bool[M]."""
        return Matches(*(getattr(self, f)[chosen] for f in ("unit", "start", "end", "name", "exception")))


def bare_words(tokens: Sequence[str]) -> pa.LargeStringArray:
    """Distinct tokens as phrases see them: lower case, no apostrophes, no punctuation around."""
    try:
        array = pa.array(tokens, type=pa.large_string())
    except UnicodeEncodeError:
        array = pa.array([t.encode("utf-8", "replace").decode() for t in tokens], type=pa.large_string())
    bare = pc.utf8_trim(pc.utf8_lower(array), characters=_EDGES)
    return pc.replace_substring(pc.replace_substring(bare, "’", ""), "'", "")


def word_classes(bare: pa.LargeStringArray, book: PhraseBook) -> npt.NDArray[np.int32]:
    """The class of each distinct token: int32[V], a column of ``book.member``."""
    found = pc.index_in(bare, value_set=book.words)
    classes: npt.NDArray[np.int32] = pc.fill_null(found, -2).to_numpy(zero_copy_only=False) + np.int32(2)
    raw = bare.cast(pa.large_binary())
    begun = book.begins[_first_bytes(bare)]
    for size, starts, ids in book.prefixes:  # longest first
        rest = np.flatnonzero((classes == OTHER) & begun)
        heads = pc.binary_slice(raw.take(pa.array(rest)), 0, size)
        hit = pc.fill_null(pc.index_in(heads, value_set=starts), -1).to_numpy(zero_copy_only=False)
        classes[rest[hit >= 0]] = ids[hit[hit >= 0]]
    numbers = pc.match_substring_regex(bare, NUMBER_PATTERN).to_numpy(zero_copy_only=False)
    classes[(classes == OTHER) & numbers] = NUMBER
    return classes


def _first_bytes(words: pa.LargeStringArray) -> npt.NDArray[np.uint8]:
    """The first byte of each word, 0 for an empty one: uint8[V]."""
    _, bounds, data = words.buffers()
    out = np.zeros(len(words), np.uint8)
    if len(words) and data is not None:
        ends = np.frombuffer(bounds, np.int64)[words.offset : words.offset + len(words) + 1]
        full = np.flatnonzero(np.diff(ends))
        out[full] = np.frombuffer(data, np.uint8)[ends[full]]
    return out


def word_traits(words: Sequence[str], book: PhraseBook) -> tuple[npt.NDArray[np.int32], BoolArray]:
    """What phrases ask of V distinct tokens: the class of each, int32[V], and whether it says nothing, bool[V].

    The latter may stand before a unit's first word without being one: a dash, an emoji, the name in a reply ("@acme").
    """
    bare = bare_words(words)
    silent = np.array([t[0] == "@" for t in words], dtype=np.bool_)
    silent |= pc.equal(bare, "").to_numpy(zero_copy_only=False)
    return word_classes(bare, book), silent


def find(
    table: TokenTable,
    units: Units,
    book: PhraseBook,
    classes: npt.NDArray[np.int32] | None = None,
    silent: BoolArray | None = None,
) -> Matches:
    """Find every phrase of the book inside the units: M matches, those that an exception overlaps left out.

    ``units``: any of the table's, in any order, each at most once. ``classes`` and ``silent``: the ``word_traits`` of
    the table's tokens, if at hand.
    """
    order = None
    if len(units) and (np.diff(units.first) < 0).any():
        order = np.argsort(units.first, kind="stable")
        units = Units(units.response[order], units.first[order], units.last[order])
    if classes is None or silent is None:
        classes, silent = word_traits(table.tokens, book)
    m = _without_exceptions(_matches(table.codes, classes, silent, units, book))
    return m if order is None else Matches(order[m.unit], m.start, m.end, m.name, m.exception)


def _opening(units: Units, silent: BoolArray, codes: IntArray) -> IntArray:
    """The place of each unit's first word, past up to three tokens that say nothing: int64[U]."""
    place = units.first.astype(np.int64)
    for _ in range(3):
        place += silent[codes[place]] & (place + 1 < units.last)
    return place


def _matches(
    codes: IntArray, classes: npt.NDArray[np.int32], silent: BoolArray, units: Units, book: PhraseBook
) -> Matches:
    # nothing before and after, so that no step runs off the end
    words = np.zeros(len(codes) + 2 * MAX_SLOTS, dtype=np.int32)
    words[MAX_SLOTS : len(codes) + MAX_SLOTS] = classes.take(codes) if len(codes) else 0
    starts: list[IntArray] = []
    phrases: list[IntArray] = []
    members = book.member.ravel()
    for lookup in book.lookups:
        anchors = np.diff(lookup.first) > 0
        places = _opening(units, silent, codes) + MAX_SLOTS if lookup.opens else np.flatnonzero(anchors.take(words))
        at, entry = _likely(lookup, words, places)
        # each of those with each phrase that could be there
        which, turn = _fan(lookup.start, entry)
        phrase, start = lookup.phrases.take(turn), at.take(which)
        step = lookup.step.take(entry).take(which)
        anchor = book.anchor.take(phrase)
        slot = book.slots.ravel().take((anchor + step) * book.slots.shape[1] + phrase)
        ok = np.flatnonzero(members.take(slot * book.member.shape[1] + words.take(start + step)))
        phrase, start = phrase.take(ok), (start - anchor).take(ok)
        for k, slots in enumerate(book.slots):
            ok = members.take(slots.take(phrase) * book.member.shape[1] + words.take(start + k))
            ends = book.length.take(phrase) == k + 1
            for kept, chosen in ((phrases, phrase), (starts, start - MAX_SLOTS)):
                kept.append(chosen[ok & ends])
            more = np.flatnonzero(ok & ~ends)
            if not len(more):
                break
            phrase, start = phrase.take(more), start.take(more)
    start = np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)
    phrase = np.concatenate(phrases) if phrases else np.zeros(0, dtype=np.int32)
    start, phrase = np.divmod(np.sort(start * max(len(book.length), 1) + phrase), max(len(book.length), 1))
    unit = np.searchsorted(units.first, start, side="right") - 1
    end = start + book.length[phrase]
    if not len(units):
        unit, fits = unit[:0], unit < -1
    else:
        fits = (unit >= 0) & (end <= units.last[unit])
        fits &= ~book.closes[phrase] | (end == units.last[unit])
        unit = unit[fits]
    start, end, phrase = start[fits], end[fits], phrase[fits]
    return Matches(unit, start, end, book.name[phrase], book.exception[phrase])


def _likely(lookup: Lookup, words: IntArray, places: IntArray) -> tuple[IntArray, IntArray]:
    """Places of anchors and their entries of which the other word stands where it must."""
    found: list[tuple[IntArray, IntArray]] = [(places[:0], places[:0].astype(np.int32))]
    width, others = lookup.others.shape[1], lookup.others.ravel()
    classes = words.take(places)
    entry, end = lookup.first.take(classes), lookup.first[1:].take(classes)
    while len(places):  # one entry of every place at a time: all at once would not stay in the cache
        more = np.flatnonzero(entry < end)
        if len(more) < len(places):
            places, entry, end = places.take(more), entry.take(more), end.take(more)
        other = words.take(places + lookup.step.take(entry))
        octets = others.take(entry * width + (other >> 3))
        hit = np.flatnonzero((octets & _BIT.take(other & 7)) != 0)
        found.append((places.take(hit), entry.take(hit)))
        entry = entry + 1
    at, entry = (np.concatenate(column) for column in zip(*found, strict=True))
    return at, entry


def _fan(first: IntArray, rows: IntArray) -> tuple[IntArray, IntArray]:
    """What each row holds, ``first[row] .. first[row + 1] - 1``: the position in ``rows`` and what is held."""
    size = first[rows + 1] - first[rows]
    some = np.flatnonzero(size)
    size, begin = size[some], first[rows[some]]
    if not len(some):
        return some, some
    ends = np.cumsum(size, dtype=np.int32)
    turns = np.zeros(ends[-1], dtype=np.int32)
    turns[ends[:-1]] = 1
    row = np.cumsum(turns, dtype=np.int32)  # several times faster than np.repeat
    return some[row], np.arange(len(row), dtype=np.int32) + (begin - ends + size)[row]


def _without_exceptions(m: Matches) -> Matches:
    """Drop matches that overlap an exception of the same name, and the exceptions themselves."""
    keep = ~m.exception
    bad = np.flatnonzero(m.exception)
    if len(bad):
        key = m.unit * (1 + m.name.max()) + m.name
        order = np.argsort(key, kind="stable")
        first = np.searchsorted(key[order], key[bad])
        count = np.searchsorted(key[order], key[bad], side="right") - first
        ends = np.cumsum(count)
        other = order[np.arange(ends[-1]) - np.repeat(ends - count - first, count)]
        bad = np.repeat(bad, count)
        keep[other[(m.start[other] < m.end[bad]) & (m.end[other] > m.start[bad])]] = False
    return m.where(keep)
