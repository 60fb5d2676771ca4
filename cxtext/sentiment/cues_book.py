"""A phrase book: tables of phrases, compiled once into arrays that tell which phrases to try where.

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

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, IntArray


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Classes of words that no phrase names, and numbers.
OTHER, NUMBER = 0, 1
MAX_SLOTS = 10
NUMBER_PATTERN = r"^[£$€]?\d[\d.,:]*(st|nd|rd|th|x|k)?$"
_IS_NUMBER = re.compile(NUMBER_PATTERN)

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
    numbers = [NUMBER, *(row for word, row in place.items() if _IS_NUMBER.match(word))]
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
