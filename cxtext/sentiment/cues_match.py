"""Find phrases in a token table by array arithmetic: a phrase book, compiled once, and all its matches in the units.

A phrase is one to ten slots separated by blanks; a slot is a word, ``cancel*`` (starts with), ``#`` (a number), ``*``
(any word but a negation) or alternatives ``call|phone|ring*``; a ``?`` at its end makes it optional. ``^`` in front of
a phrase ties it to the start of a unit (dashes, emoji and "@names" aside), ``$`` behind to its end. Words are compared
in lower case, without apostrophes and surrounding punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """The phrases that are looked up by their anchor and by the word ``step`` places from it (0: by the anchor alone).

    ``opens``: they are tied to the start of a unit. ``row`` int32[C]: the row of a class of words that can be an anchor
    here, else -1; ``pairs`` bool[R, C]: may this class stand ``step`` places from that anchor?; ``first`` int64[R+1]
    and ``phrases``: the phrases of each row.
    """

    step: int
    opens: bool
    row: npt.NDArray[np.int32]
    pairs: BoolArray
    first: IntArray
    phrases: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Compiled phrases: K slots, P phrases (one row for each way optional slots may fall), C classes of words.

    ``names``: what is looked for; ``name`` int[P] index into it; ``exception`` bool[P]: a match here cancels those of
    the same name that it overlaps. ``slots`` int[P, 10] rows of ``member`` bool[K, C]; ``length`` and ``anchor``
    int[P]: the slot by which the phrase is looked up; ``closes`` bool[P]: only at the end of a unit. ``lookups``: which
    phrases to try where.
    """

    names: tuple[str, ...]
    words: Any
    prefixes: tuple[tuple[int, Any, npt.NDArray[np.int32]], ...]
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
    slots = np.full((len(rows), width), -1, dtype=np.int32)
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
        member=member,
        slots=slots,
        length=np.array([len(texts) for texts, *_ in rows], dtype=np.int32),
        anchor=np.array([o[0] for o in order], dtype=np.int32),
        name=np.array([r[1] for r in rows], dtype=np.int32),
        exception=np.array([r[2] for r in rows], dtype=np.bool_),
        closes=np.array([r[4] for r in rows], dtype=np.bool_),
        lookups=lookups,
    )


def _lookups(slots: IntArray, ways: Sequence[tuple[int, int, bool]], member: BoolArray) -> tuple[Lookup, ...]:
    """Group phrases by the step from the anchor to the second rarest slot, those tied to the start apart."""
    out = []
    for step, opens in sorted({(step, opens) for _, step, opens in ways}):
        phrases = np.array([p for p, way in enumerate(ways) if way[1:] == (step, opens)], dtype=np.int32)
        anchors = np.array([ways[p][0] for p in phrases.tolist()], dtype=np.int64)
        can_anchor = member[slots[phrases, anchors]]
        can_follow = member[slots[phrases, anchors + step]]
        classes, at = np.nonzero(can_anchor.T)
        used, row_of, counts = np.unique(classes, return_inverse=True, return_counts=True)
        row = np.full(member.shape[1], -1, dtype=np.int32)
        row[used] = np.arange(len(used))
        pairs = np.zeros((len(used), member.shape[1]), dtype=np.bool_)
        np.logical_or.at(pairs, row_of, can_follow[at])
        out.append(Lookup(step, opens, row, pairs, np.concatenate(([0], np.cumsum(counts))), phrases[at]))
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

    def cost(i: int) -> tuple[int, int, int]:
        options = slots[i].split("|")
        common = sum(o in _COMMON for o in options)
        return (100 if "*" in options else common + 3 * ("#" in options), -min(len(o) for o in options), i)

    return sorted((i for i in range(len(slots)) if slots[i] != "*"), key=cost)


def _membership(slots: Sequence[str], exact: Sequence[str], prefixes: Sequence[str]) -> BoolArray:
    """Which classes of words fill which slot: others, numbers, each exact word, each prefix (its longest one)."""
    member = np.zeros((len(slots), 2 + len(exact) + len(prefixes)), dtype=np.bool_)
    for i, slot in enumerate(slots):
        for option in slot.split("|"):
            if option == "*":
                member[i, :2] = member[i, 2 + len(exact) :] = True
                member[i, 2 : 2 + len(exact)] |= [w not in NEGATORS for w in exact]
            elif option == "#":
                member[i, _NUMBER] = True
                member[i, 2 : 2 + len(exact)] |= [_IS_NUMBER.match(w) is not None for w in exact]
            elif option.endswith("*"):
                start = option[:-1]
                member[i, 2:] |= [w.startswith(start) for w in (*exact, *prefixes)]
            else:
                member[i, 2 + exact.index(option)] = True
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
    for size, starts, ids in book.prefixes:  # longest first
        rest = np.flatnonzero(classes == _OTHER)
        heads = pc.binary_slice(raw.take(pa.array(rest)), 0, size)
        hit = pc.fill_null(pc.index_in(heads, value_set=starts), -1).to_numpy(zero_copy_only=False)
        classes[rest[hit >= 0]] = ids[hit[hit >= 0]]
    numbers = pc.match_substring_regex(bare, _NUMBER_PATTERN).to_numpy(zero_copy_only=False)
    classes[(classes == _OTHER) & numbers] = _NUMBER
    return classes


def find(table: TokenTable, units: Units, book: PhraseBook, bare: pa.LargeStringArray | None = None) -> Matches:
    """Find every phrase of the book inside the units: M matches, those that an exception overlaps left out.

    ``units``: any of the table's, in any order, each at most once.
    """
    order = None
    if len(units) and (np.diff(units.first) < 0).any():
        order = np.argsort(units.first, kind="stable")
        units = Units(units.response[order], units.first[order], units.last[order])
    bare = bare_words(table.tokens) if bare is None else bare
    # what stands before a unit's first word without being one: a dash, an emoji, the name in a reply ("@acme")
    silent = np.array([t[0] == "@" for t in table.tokens], dtype=np.bool_)
    silent |= pc.equal(bare, "").to_numpy(zero_copy_only=False)
    m = _without_exceptions(_matches(table.codes, word_classes(bare, book), silent, units, book))
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
    words[MAX_SLOTS : len(codes) + MAX_SLOTS] = classes[codes]
    starts, phrases = [], []
    anchors = np.zeros(book.member.shape[1], dtype=np.bool_)
    for lookup in book.lookups:
        anchors |= (lookup.row >= 0) & (not lookup.opens)
    anywhere = np.flatnonzero(anchors[words])
    opening = _opening(units, silent, codes) + MAX_SLOTS
    places_words = {False: (anywhere, words[anywhere]), True: (opening, words[opening])}
    for lookup in book.lookups:
        places, anchor_words = places_words[lookup.opens]
        row = lookup.row[anchor_words]
        here = np.flatnonzero(row >= 0)
        at, row = places[here], row[here]
        likely = lookup.pairs[row, words[at + lookup.step]]
        at, row = at[likely], row[likely]
        # each place with each phrase that could be there
        fan = lookup.first[row + 1] - lookup.first[row]
        ends = np.cumsum(fan)
        turn = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - fan, fan)
        phrase = lookup.phrases[np.repeat(lookup.first[row], fan) + turn]
        start = np.repeat(at, fan) - book.anchor[phrase]
        for k in range(book.slots.shape[1]):
            slot = book.slots[phrase, k]
            ok = (slot < 0) | book.member[slot, words[start + k]]
            phrase, start = phrase[ok], start[ok]
        starts.append(start - MAX_SLOTS)
        phrases.append(phrase)
    start = np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)
    phrase = np.concatenate(phrases) if phrases else np.zeros(0, dtype=np.int32)
    unit = np.searchsorted(units.first, start, side="right") - 1
    end = start + book.length[phrase]
    if not len(units):
        unit, fits = unit[:0], unit < -1
    else:
        fits = (unit >= 0) & (end <= units.last[unit])
        fits &= ~book.closes[phrase] | (end == units.last[unit])
        unit = unit[fits]
    start, end, phrase = start[fits], end[fits], phrase[fits]
    order = np.lexsort((phrase, start))
    phrase = phrase[order]
    return Matches(unit[order], start[order], end[order], book.name[phrase], book.exception[phrase])


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
    return Matches(m.unit[keep], m.start[keep], m.end[keep], m.name[keep], m.exception[keep])
