"""What kind of unit it is: a question, a request, or the side of a contrast that carries the point.

A request ("please add a dark mode") asks for something that isn't there; a complaint says what went wrong, praise what
went right. A unit can be a request and a complaint at once. Kinds are read off phrase tables in ``cue_tables/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxtext.schema import TokenTable, Units
from cxtext.sentiment.lexical import KINDS, Lexical, lexical
from cxtext.words import Traits

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray

_CLOSERS = "\"'`”’»)]}>*_~ "


@dataclass(frozen=True, slots=True)
class UnitKinds:
    """Facts about U units, bool[U] each.

    ``question``: asks something (ends with "?" or opens like a question). ``request``: asks for something to be done,
    added or changed. ``contrast_after``: carries the point of a contrast, such as the clause after "but";
    ``contrast_before``: is the side it is set against ("great app"), or a concession ("although the food was good").
    ``contrast_inside``: holds both sides, as sentences do that were not cut into clauses.
    """

    question: BoolArray
    request: BoolArray
    contrast_after: BoolArray
    contrast_before: BoolArray
    contrast_inside: BoolArray


def unit_kinds(table: TokenTable, units: Units, found: Lexical | None = None) -> UnitKinds:
    """Tell questions, requests and the two sides of a contrast apart, for units in text order.

    The side before is the unit that precedes "but ..." in the same response; after "although ..." in mid-sentence the
    point is made before it. Meant for clauses; sentences that begin with "But" or "However" work as well.
    ``found``: what ``lexical`` gave for the same units, if at hand.
    """
    found = found or lexical(table, units)
    held = {name: found.holding(name, found.matches) for name in KINDS}
    question = held["question"]
    ends_asking = _ASKING.of(table.tokens)[0]
    question |= ends_asking[table.codes[units.last - 1]] if len(units) else question
    after, before = held["contrast"].copy(), held["concession"].copy()
    follows = np.zeros(len(units), dtype=np.bool_)  # directly follows a unit of the same response
    follows[1:] = (units.response[1:] == units.response[:-1]) & (units.first[1:] == units.last[:-1])
    against = np.flatnonzero(after & follows)
    before[against - 1] = True
    conceded = np.flatnonzero(held["concession"] & follows)
    after[conceded[~before[conceded - 1]] - 1] = True
    before &= ~after  # "but although": the later word decides
    return UnitKinds(question, held["request"], after, before, held["contrast_inside"])


def _ends_with_question_mark(tokens: Sequence[str]) -> npt.NDArray[np.bool_]:
    """For each distinct token: does it end with a question mark, closing quotes and "!" aside?"""
    asking = ("?", "？", "؟", "⁇", "⁈")
    candidates = np.array(["?" in t or not t.isascii() for t in tokens], dtype=np.bool_)
    for v in np.flatnonzero(candidates).tolist():
        candidates[v] = tokens[v].rstrip(_CLOSERS + "!").endswith(asking)
    return candidates


_ASKING = Traits(lambda words: (_ends_with_question_mark(words),))
