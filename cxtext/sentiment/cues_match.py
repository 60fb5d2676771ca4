"""Find phrases in a token table by array arithmetic: a phrase book, compiled once, and all its matches in the units.

A phrase is one to ten slots separated by blanks; a slot is a word, ``cancel*`` (starts with), ``#`` (a number), ``*``
(any word but a negation) or alternatives ``call|phone|ring*``; a ``?`` at its end makes it optional. ``^`` in front of
a phrase ties it to the start of a unit (dashes, emoji and "@names" aside), ``$`` behind to its end. Words are compared
in lower case, without apostrophes and surrounding punctuation.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable, Units

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, IntArray

_EDGES = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”„‘’…–—•·«»¡¿"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)
# Classes of words that no phrase names, and numbers.
_OTHER, _NUMBER = 0, 1
MAX_SLOTS = 10
_NUMBER_PATTERN = r"^[£$€]?\d[\d.,:]*(st|nd|rd|th|x|k)?$"
_IS_NUMBER = re.compile(_NUMBER_PATTERN)

# A wildcard never stands for these, and before a phrase they turn it off.
NEGATORS = _words(
    "not no never none neither nor without nothing nobody noone hardly barely scarcely cannot cant couldnt dont "
    "doesnt didnt isnt wasnt arent werent aint wont wouldnt shouldnt hasnt havent hadnt zero"
)

# Words too frequent to look a phrase up by, if it has any other.
_COMMON = _words(
    "a about after again all am an and any are as at be been before but by can cant could did didnt do does "
    "doesnt dont even ever every few for from get going got had has have having he her here his how i id if ill "
    "im in is isnt it its ive just last like made make many me more most much my never no not of off on one only "
    "or our out over same she should so some still such than that the their them then there these they this those "
    "time times to too two up us very want wanted was wasnt we were what when where which who why will with wont "
    "would you your"
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """The phrases tied to the start of a unit (``opens``), or all others, by the class of their anchor.

    A phrase is looked up by its anchor and by the word some places from it (0: by the anchor alone). ``first``
    int32[C+1]: the entries of each class that can be an anchor; of entry e, ``step[e]`` says how far the other word
    stands, bit d of ``others[e]`` (uint8[E, C/8]) whether it may be of class d, and ``start`` int32[E+1] where its
    ``phrases`` are.
    """

    opens: bool
    first: IntArray
    step: npt.NDArray[np.int32]
    others: npt.NDArray[np.uint8]
    start: IntArray
    phrases: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Compiled phrases: K slots, P phrases (one for each way optional slots may fall), C classes of words.

    ``names``: what is looked for; ``name`` int[P] index into it; ``exception`` bool[P]: a match here cancels those of
    the same name that it overlaps. ``slots`` int[10, P]: rows of ``member`` bool[K+1, C], the last row beyond a
    phrase's ``length`` int[P]; ``anchor`` int[P]: the slot by which the phrase is looked up; ``closes`` bool[P]: only
    at the end of a unit. ``lookups``: which phrases to try where. ``begins`` bool[256]: first bytes of ``prefixes``.
    """

    names: tuple[str, ...]
    words: Any
    prefixes: tuple[tuple[int, Any, npt.NDArray[np.int32]], ...]
    begins: BoolArray
    member: BoolArray
    slots: npt.NDArray[np.int32]
    length: npt.NDArray[np.int32]
    anchor: npt.NDArray[np.int32]
    name: npt.NDArray[np.int32]
    exception: BoolArray
    closes: BoolArray
    lookups: tuple[Lookup, ...]


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


def phrase_book(tables: Mapping[str, Iterable[tuple[str, bool]]]) -> PhraseBook:
    """Compile ``{name: [(phrase, is_exception), ...]}``; raises ValueError for a phrase that can't be read."""
    names = tuple(sorted(tables))
    found = {
        (slots, number, exception, opens, closes)
        for number, name in enumerate(names)
        for phrase, exception in tables[name]
        for slots, opens, closes in _variants(phrase)
    }
    rows = sorted(found)
    slot_texts = sorted({s for slots, *_ in rows for s in slots})
    atoms = sorted({a for s in slot_texts for a in s.split("|")} - {"*", "#"})
    exact = sorted({a for a in atoms if not a.endswith("*")} | NEGATORS)
    prefixes = [a[:-1] for a in atoms if a.endswith("*")]
    member = _membership(slot_texts, exact, prefixes)
    slot_row = {s: i for i, s in enumerate(slot_texts)}

    width = max((len(slots) for slots, *_ in rows), default=1)
    slots = np.full((len(rows), width), len(slot_texts), dtype=np.int32)
    for i, (texts, *_) in enumerate(rows):
        slots[i, : len(texts)] = [slot_row[t] for t in texts]
    order = [_by_rarity(texts) for texts, *_ in rows]
    # a phrase tied to the start of a unit is looked up there
    order = [[0, *(i for i in o if i)] if row[3] else o for o, row in zip(order, rows, strict=True)]
    ways = [(o[0], o[1] - o[0] if len(o) > 1 else 0, row[3]) for o, row in zip(order, rows, strict=True)]
    lookups = _lookups(slots, ways, member)
    lengths = sorted({len(p) for p in prefixes}, reverse=True)
    first_id = 2 + len(exact)
    return PhraseBook(
        names=names,
        words=pa.array(exact, type=pa.large_string()),
        prefixes=tuple(
            (
                n,
                pa.array([p.encode() for p in prefixes if len(p) == n], type=pa.large_binary()),
                np.array([first_id + i for i, p in enumerate(prefixes) if len(p) == n], dtype=np.int32),
            )
            for n in lengths
        ),
        begins=np.isin(np.arange(256), [p.encode()[0] for p in prefixes if p]) | ("" in prefixes),
        member=np.append(member, np.ones((1, member.shape[1]), dtype=np.bool_), axis=0),
        slots=np.ascontiguousarray(slots.T),
        length=np.array([len(texts) for texts, *_ in rows], dtype=np.int32),
        anchor=np.array([o[0] for o in order], dtype=np.int32),
        name=np.array([r[1] for r in rows], dtype=np.int32),
        exception=np.array([r[2] for r in rows], dtype=np.bool_),
        closes=np.array([r[4] for r in rows], dtype=np.bool_),
        lookups=lookups,
    )


def _lookups(slots: IntArray, ways: Sequence[tuple[int, int, bool]], member: BoolArray) -> tuple[Lookup, ...]:
    """Enter each phrase under every class that its anchor can have; entries of one class and one step are one."""
    bits = np.zeros((len(member), -(-member.shape[1] // 64)), dtype=np.uint64)  # put together eight octets at a time
    packed = np.packbits(member, axis=1, bitorder="little")
    bits.view(np.uint8)[:, : packed.shape[1]] = packed
    out = []
    for opens in sorted({way[2] for way in ways}):
        phrases = np.array([p for p, way in enumerate(ways) if way[2] == opens], dtype=np.int32)
        anchors, steps = np.array([ways[p][:2] for p in phrases.tolist()], dtype=np.int64).T
        at, classes = np.divmod(np.flatnonzero(member[slots[phrases, anchors]]), member.shape[1])
        order = np.lexsort((at, steps[at], classes))
        at, classes, step = at[order], classes[order], steps[at[order]]
        start = np.flatnonzero(np.append(True, (np.diff(classes) != 0) | (np.diff(step) != 0)))
        others = np.bitwise_or.reduceat(bits[slots[phrases, anchors + steps][at]], start, axis=0)
        first = np.searchsorted(classes[start], np.arange(member.shape[1] + 1)).astype(np.int32)
        ends = np.append(start, len(at)).astype(np.int32)
        out.append(Lookup(opens, first, step[start].astype(np.int32), others.view(np.uint8), ends, phrases[at]))
    return tuple(out)


def _variants(phrase: str) -> list[tuple[tuple[str, ...], bool, bool]]:
    """A phrase with its optional slots left out in every way, and whether it is tied to the start or the end."""
    text = phrase.lower().replace("’", "'").replace("'", "")
    parts = text.removeprefix("^").removesuffix("$").split()
    ways = [((), (p[:-1],)) if p.endswith("?") else ((p,),) for p in parts]
    out = sorted({sum(way, ()) for way in product(*ways)})
    for slots in out:
        if not 0 < len(slots) <= MAX_SLOTS or all(s == "*" for s in slots):
            raise ValueError(f"a phrase needs one to ten words, one of them not a wildcard: {phrase!r}")
    return [(slots, text.startswith("^"), text.endswith("$")) for slots in out]


def _by_rarity(slots: Sequence[str]) -> list[int]:
    """The slots, least likely to be met first: no wildcard, few common alternatives, rather long words."""

    return sorted((i for i in range(len(slots)) if slots[i] != "*"), key=lambda i: (_rarity(slots[i]), i))


@lru_cache(maxsize=4096)
def _rarity(slot: str) -> tuple[int, int]:
    options = slot.split("|")
    common = sum(o in _COMMON for o in options)
    return 100 if "*" in options else common + 3 * ("#" in options), -min(map(len, options))


def _membership(slots: Sequence[str], exact: Sequence[str], prefixes: Sequence[str]) -> BoolArray:
    """Which classes of words fill which slot: others, numbers, each exact word, each prefix (its longest one)."""
    member = np.zeros((len(slots), 2 + len(exact) + len(prefixes)), dtype=np.bool_)
    place = {word: 2 + i for i, word in enumerate(exact)}
    listed = sorted([(word, 2 + i) for i, word in enumerate((*exact, *prefixes))])
    words, classes = [word for word, _ in listed], np.array([row for _, row in listed])
    anything = np.ones(member.shape[1], dtype=np.bool_)
    anything[[place[word] for word in NEGATORS]] = False
    numbers = [_NUMBER, *(row for word, row in place.items() if _IS_NUMBER.match(word))]
    for i, slot in enumerate(slots):
        for option in slot.split("|"):
            if option == "*":
                member[i] |= anything
            elif option == "#":
                member[i, numbers] = True
            elif option.endswith("*"):  # words that start alike are neighbours
                start = option[:-1]
                member[i, classes[bisect_left(words, start) : bisect_left(words, start + chr(0x10FFFF))]] = True
            else:
                member[i, place[option]] = True
    return member


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
        rest = np.flatnonzero((classes == _OTHER) & begun)
        heads = pc.binary_slice(raw.take(pa.array(rest)), 0, size)
        hit = pc.fill_null(pc.index_in(heads, value_set=starts), -1).to_numpy(zero_copy_only=False)
        classes[rest[hit >= 0]] = ids[hit[hit >= 0]]
    numbers = pc.match_substring_regex(bare, _NUMBER_PATTERN).to_numpy(zero_copy_only=False)
    classes[(classes == _OTHER) & numbers] = _NUMBER
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
    starts, phrases = [], []
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
        for k, slots in enumerate(book.slots[: book.length.take(phrase).max(initial=0)]):
            ok = np.flatnonzero(members.take(slots.take(phrase) * book.member.shape[1] + words.take(start + k)))
            phrase, start = phrase.take(ok), start.take(ok)
        starts.append(start - MAX_SLOTS)
        phrases.append(phrase)
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
