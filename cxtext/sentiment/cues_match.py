"""Find phrases in a token table by array arithmetic: a phrase book, compiled once, and all its matches in the units.

A phrase is one to ten slots separated by blanks; a slot is a word, ``cancel*`` (starts with), ``#`` (a number), ``*``
(any word) or alternatives ``call|phone|ring*``; a ``?`` at its end makes it optional; ``^`` in front ties the phrase to
the start of a unit. Words are compared in lower case, without apostrophes and surrounding punctuation.
"""

from __future__ import annotations

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
# Classes of words that no phrase names, and numbers.
_OTHER, _NUMBER = 0, 1

# Words too frequent to look a phrase up by, if it has any other.
_COMMON = frozenset(
    (
        "a about after again all am an and any are as at be been before but by can cant could did didnt do does doesnt dont "
        "even ever every few for from get going got had has have having he her here his how i id if ill im in is isnt it "
        "its ive just last like made make many me more most much my never no not of off on one only or our out over same "
        "she should so some still such than that the their them then there these they this those time times to too two "
        "up us very want wanted was wasnt we were what when where which who why will with wont would you your"
    ).split(" ")
)


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Compiled phrases: K slots, P phrases (one row for each way optional slots may fall), C classes of words.

    ``names``: what is looked for; ``name`` int[P] index into it; ``exception`` bool[P]: a match here cancels overlapping
    ones of the same name. ``slots`` int[P, 10] rows of ``member`` bool[K, C]; ``length``, ``anchor`` int[P]: the slot by
    which the phrase is looked up; ``opens`` bool[P]: only at the start of a unit. ``first_phrase`` int[C+1] and
    ``phrases_of`` list the phrases whose anchor a class of words can fill.
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
    opens: BoolArray
    first_phrase: IntArray
    phrases_of: npt.NDArray[np.int32]


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
    rows: list[tuple[tuple[str, ...], int, bool, bool]] = []
    for number, name in enumerate(names):
        for phrase, exception in tables[name]:
            rows += [(slots, number, exception, opens) for slots, opens in _variants(phrase)]
    rows = sorted(set(rows))
    slot_texts = sorted({s for slots, *_ in rows for s in slots})
    atoms = sorted({a for s in slot_texts for a in s.split("|")} - {"*", "#"})
    exact = [a for a in atoms if not a.endswith("*")]
    prefixes = [a[:-1] for a in atoms if a.endswith("*")]
    member = _membership(slot_texts, exact, prefixes)
    slot_row = {s: i for i, s in enumerate(slot_texts)}

    width = max((len(slots) for slots, *_ in rows), default=1)
    slots = np.full((len(rows), width), -1, dtype=np.int32)
    for i, (texts, *_) in enumerate(rows):
        slots[i, : len(texts)] = [slot_row[t] for t in texts]
    anchor = np.array([_anchor(texts) for texts, *_ in rows], dtype=np.int32)
    can_anchor = member[slots[np.arange(len(rows)), anchor]] if rows else np.zeros((0, member.shape[1]), dtype=np.bool_)
    classes, phrases_of = np.nonzero(can_anchor.T)
    lengths = sorted({len(p) for p in prefixes}, reverse=True)
    first_id = 2 + len(exact)
    return PhraseBook(
        names=names,
        words=pa.array(exact, type=pa.large_string()),
        prefixes=tuple(
            (
                n,
                pa.array([p for p in prefixes if len(p) == n], type=pa.large_string()),
                np.array([first_id + i for i, p in enumerate(prefixes) if len(p) == n], dtype=np.int32),
            )
            for n in lengths
        ),
        member=member,
        slots=slots,
        length=np.array([len(texts) for texts, *_ in rows], dtype=np.int32),
        anchor=anchor,
        name=np.array([r[1] for r in rows], dtype=np.int32),
        exception=np.array([r[2] for r in rows], dtype=np.bool_),
        opens=np.array([r[3] for r in rows], dtype=np.bool_),
        first_phrase=np.concatenate(([0], np.cumsum(np.bincount(classes, minlength=member.shape[1])))),
        phrases_of=phrases_of.astype(np.int32),
    )


def _variants(phrase: str) -> list[tuple[tuple[str, ...], bool]]:
    """A phrase with its optional slots left out in every way, and whether it is tied to the start."""
    text = phrase.lower().replace("’", "'").replace("'", "")
    opens = text.startswith("^")
    parts = text.removeprefix("^").split()
    ways = [((), (p[:-1],)) if p.endswith("?") else ((p,),) for p in parts]
    out = sorted({sum(way, ()) for way in product(*ways)})
    for slots in out:
        if not 0 < len(slots) <= 10 or all(s == "*" for s in slots):
            raise ValueError(f"a phrase needs one to ten words, one of them not a wildcard: {phrase!r}")
    return [(slots, opens) for slots in out]


def _anchor(slots: Sequence[str]) -> int:
    """The slot least likely to be met: no wildcard, few alternatives, rather long words."""

    def cost(i: int) -> tuple[int, int, int]:
        options = slots[i].split("|")
        common = sum(o in _COMMON for o in options)
        return (100 if "*" in options else common + 3 * ("#" in options), -min(len(o) for o in options), i)

    return min(range(len(slots)), key=cost)


def _membership(slots: Sequence[str], exact: Sequence[str], prefixes: Sequence[str]) -> BoolArray:
    """Which classes of words fill which slot: others, numbers, each exact word, each prefix (its longest one)."""
    member = np.zeros((len(slots), 2 + len(exact) + len(prefixes)), dtype=np.bool_)
    for i, slot in enumerate(slots):
        for option in slot.split("|"):
            if option == "*":
                member[i] = True
            elif option == "#":
                member[i, _NUMBER] = True
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
    for size, starts, ids in book.prefixes:  # longest first
        rest = np.flatnonzero(classes == _OTHER)
        heads = pc.utf8_slice_codeunits(bare.take(pa.array(rest)), 0, size)
        hit = pc.fill_null(pc.index_in(heads, value_set=starts), -1).to_numpy(zero_copy_only=False)
        classes[rest[hit >= 0]] = ids[hit[hit >= 0]]
    numbers = pc.match_substring_regex(bare, r"^[£$€]?\d[\d.,:]*(st|nd|rd|th|x|k)?$").to_numpy(zero_copy_only=False)
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
    classes = word_classes(bare_words(table.tokens) if bare is None else bare, book)
    m = _without_exceptions(_matches(table.codes, classes, units, book))
    return m if order is None else Matches(order[m.unit], m.start, m.end, m.name, m.exception)


def _matches(codes: IntArray, classes: npt.NDArray[np.int32], units: Units, book: PhraseBook) -> Matches:
    fans = np.diff(book.first_phrase)
    at = np.flatnonzero((fans > 0)[classes][codes])
    unit = np.searchsorted(units.first, at, side="right") - 1
    inside = unit >= 0
    inside[inside] = at[inside] < units.last[unit[inside]]
    at, unit = at[inside], unit[inside]
    # every place with every phrase that could be there by its anchor
    words = classes[codes[at]]
    fan = fans[words]
    ends = np.cumsum(fan)
    turn = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - fan, fan)
    phrase = book.phrases_of[np.repeat(book.first_phrase[words], fan) + turn]
    unit = np.repeat(unit, fan)
    start = np.repeat(at, fan) - book.anchor[phrase]
    fits = (start >= units.first[unit]) & (start + book.length[phrase] <= units.last[unit])
    fits &= ~book.opens[phrase] | (start == units.first[unit])
    phrase, unit, start = phrase[fits], unit[fits], start[fits]
    for k in range(book.slots.shape[1]):
        slot = book.slots[phrase, k]
        ok = slot < 0
        here = np.flatnonzero(~ok)
        ok[here] = book.member[slot[here], classes[codes[start[here] + k]]]
        phrase, unit, start = phrase[ok], unit[ok], start[ok]
    return Matches(unit, start, start + book.length[phrase], book.name[phrase], book.exception[phrase])


def _without_exceptions(m: Matches) -> Matches:
    """Drop matches that overlap an exception of the same name, and the exceptions themselves."""
    keep = ~m.exception
    for i in np.flatnonzero(m.exception).tolist():
        near = slice(*np.searchsorted(m.unit, (m.unit[i], m.unit[i] + 1)))
        apart = (m.name[near] != m.name[i]) | (m.start[near] >= m.end[i]) | (m.end[near] <= m.start[i])
        keep[near] &= apart
    return Matches(m.unit[keep], m.start[keep], m.end[keep], m.name[keep], m.exception[keep])
