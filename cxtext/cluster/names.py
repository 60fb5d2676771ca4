"""What to call a group: a clause that its own members wrote and that says what goes wrong.

Candidates are clauses of three to eight words from the most typical members, cut at punctuation and at words that join
statements. A good one is complete, lies near the group's centre, is more probably a complaint or a wish than not, and
is matched by many members and few others. Names are given over all groups at once, so that no two are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import labels, terms
from cxtext.cluster.space import Float32
from cxtext.cluster.terms import WordStream
from cxtext.cluster.words import (
    BETWEEN,
    DEPENDENT,
    ENDINGS,
    FILLERS,
    FUNCTION_WORDS,
    GREETINGS,
    NEGATIONS,
    OPENINGS,
    POINTING,
    PREPOSITIONS,
    SENTIMENT,
    VERBS,
)
from cxtext.schema import TokenTable, Units

if TYPE_CHECKING:
    from cxtext.schema import FloatArray

Judge = Callable[[Sequence[str]], "FloatArray"]
"""How probably each clause is a complaint or a suggestion: float[n], 0..1."""

SHORTEST, LONGEST = 3, 8
TYPICAL = 80  # members of each group that candidates come from
SHORTLIST = 30  # candidates of each group that are compared with all units
COMPARED = 3_000  # units that candidates are compared with
# A unit matches a name when it is more like it than this share of all pairs of names and units.
MATCH = 0.96
LEAST_MATCH, MOST_MATCH = 0.35, 0.6
# Words that stand in fewer units than this are mostly misspelt.
RARE = 3
# Two names more alike than this say the same.
ALIKE = 0.8

_LENGTH = {3: 0.85, 4: 1.0, 5: 1.05, 6: 1.05, 7: 1.0, 8: 0.9}
# How complete a clause is behind "and"; one broken off where a phrase ends, or in the middle of one.
_LISTED, _BROKEN_OFF, _CUT = 0.65, 0.85, 0.35
_FIGURES = 5  # characters: longer figures are somebody's numbers
_SPEAKER = {"i": "I", "i'm": "I'm", "i've": "I've", "i'd": "I'd", "i'll": "I'll"}


@dataclass(frozen=True)
class Names:
    """A name per group ("" where there is none), and the share of members that match it: float64[k], 0..1."""

    names: list[str]
    coverage: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Candidates:
    """Clauses as units of the token table: the ``group`` of each, and how ``complete`` it is, 0..1."""

    units: Units
    group: npt.NDArray[np.int64]
    complete: npt.NDArray[np.float64]

    def take(self, rows: npt.NDArray[np.integer]) -> _Candidates:
        parts = (self.units.response, self.units.first, self.units.last)
        return _Candidates(Units(*(np.asarray(part)[rows] for part in parts)), self.group[rows], self.complete[rows])


def name_groups(
    tokens: TokenTable,
    units: Units,
    points: Float32,
    cluster: npt.NDArray[np.int32],
    similarity: Float32,
    centres: Float32,
    embed: Callable[[WordStream], Float32],
    judge: Judge | None,
) -> Names:
    """Name every group by a clause of its members; ``points``, ``cluster`` and ``similarity`` are those of ``units``.

    ``embed``: the points of word streams; ``judge``: how probably a clause is a complaint or a wish (None: not asked).
    """
    k = len(centres)
    chosen = labels.typical_members(cluster, similarity, k, TYPICAL)
    found = _distinct(tokens, _clauses(tokens, units, chosen, cluster))
    if not len(found.group):
        return Names([""] * k, np.zeros(k))
    clauses = embed(terms.word_stream(tokens, found.units))
    near = exact.similarity(np.einsum("ij,ij->i", clauses, centres[found.group])).astype(np.float64)
    texts = _texts(tokens, found.units)
    bad = np.ones(len(near)) if judge is None else np.round(np.asarray(judge(texts), np.float64), 4)
    shape = _shapes(tokens, found, units)
    value = np.maximum(near, 0.01) * np.maximum(bad, 0.02) * shape
    order = np.lexsort((np.arange(len(value)), -np.round(value, 9), found.group))
    order = order[labels.rank_within(found.group[order]) < SHORTLIST]
    order = order[shape[order] > 0]
    found, clauses, value = found.take(order), clauses[order], value[order]
    covered, elsewhere = _matches(found.group, clauses, points, cluster, k)
    lift = exact.log1p(covered / (elsewhere + 0.01))
    value = np.round(value * np.sqrt(covered) * lift, 9)
    names, coverage = [""] * k, np.zeros(k)
    taken: list[int] = []
    texts = _texts(tokens, found.units)
    for i in np.lexsort((np.arange(len(value)), -value)).tolist():
        j = int(found.group[i])
        if names[j] or value[i] <= 0 or texts[i] in names:
            continue
        if taken and float(exact.similarity(clauses[taken] @ clauses[i]).max()) >= ALIKE:
            continue
        names[j], coverage[j] = texts[i], covered[i]
        taken.append(i)
    return Names(names, coverage)


def _clauses(
    tokens: TokenTable, units: Units, chosen: npt.NDArray[np.int64], cluster: npt.NDArray[np.int32]
) -> _Candidates:
    """Clauses of some units, and runs of words that open or close a clause that is too long."""
    picked = Units(*(np.asarray(part)[chosen] for part in (units.response, units.first, units.last)))
    pieces = labels.clauses(tokens, picked, figures=False)
    bare = [terms.words_of_token(t) for t in tokens.tokens]
    first_word = [words[0] if words else "" for words in bare]
    between = np.array([w in BETWEEN for w in first_word] or [False])
    at = terms.ranges(np.asarray(pieces.first, dtype=np.int64), np.asarray(pieces.last - pieces.first, dtype=np.int64))
    owner = np.repeat(np.asarray(pieces.response), np.asarray(pieces.last) - np.asarray(pieces.first))
    piece = np.repeat(np.arange(len(pieces)), np.asarray(pieces.last) - np.asarray(pieces.first))
    codes = np.asarray(tokens.codes)[at]
    keep = ~between[codes]
    part = np.cumsum(~keep) + piece * (len(at) + 1)
    at, owner, part = at[keep], owner[keep], part[keep]
    if not len(at):
        none = np.zeros(0, dtype=np.int64)
        return _Candidates(Units(none, none, none), none, np.zeros(0))
    begin = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
    end = np.append(begin[1:], len(at))
    first, last, owner = at[begin], at[end - 1] + 1, owner[begin]
    filler = np.array([w in FILLERS for w in first_word] or [False])
    codes = np.asarray(tokens.codes)
    for _ in range(3):
        loose = (last - first > SHORTEST) & filler[codes[first]]
        first = first + loose
    courtesy = np.array([w in GREETINGS for w in first_word] or [False])
    for _ in range(2):
        last = last - ((last - first > SHORTEST) & courtesy[codes[last - 1]])
    length = last - first
    short = np.flatnonzero((length >= SHORTEST) & (length <= LONGEST))
    # A clause behind "and" may be the second half of a list ("between six and midnight"), unless it opens as one.
    opening = np.array([w in OPENINGS for w in first_word] or [False])
    listed = np.array([w in ("and", "or") for w in first_word] or [False])
    behind_list = listed[codes[np.maximum(first - 1, 0)]] & (first > 0) & ~opening[codes[first]]
    begins = np.where(behind_list, _LISTED, 1.0)
    # Words that a phrase may break off in front of without losing its sense.
    breaks = np.array([w in PREPOSITIONS or w in DEPENDENT or w in FILLERS for w in first_word] or [False])
    firsts, lasts, owners, complete = [first[short]], [last[short]], [owner[short]], [begins[short]]
    long = np.flatnonzero(length > LONGEST)
    for n in range(4, LONGEST + 1):
        firsts += [first[long], last[long] - n]
        lasts += [first[long] + n, last[long]]
        owners += [owner[long]] * 2
        complete += [
            begins[long] * np.where(breaks[codes[first[long] + n]], _BROKEN_OFF, _CUT),
            np.where(opening[codes[last[long] - n]], _BROKEN_OFF, 0.0),
        ]
    owner = np.concatenate(owners)
    units_ = Units(owner.astype(np.int32), np.concatenate(firsts), np.concatenate(lasts))
    return _Candidates(units_, cluster[chosen][owner].astype(np.int64), np.concatenate(complete))


def _distinct(tokens: TokenTable, found: _Candidates) -> _Candidates:
    """The candidates with the same words in the same group once, in order of group and words."""
    texts = _texts(tokens, found.units)
    first: dict[tuple[int, str], int] = {}
    for i, (j, text) in enumerate(zip(found.group.tolist(), texts, strict=True)):
        key = (j, text)
        if key not in first or found.complete[i] > found.complete[first[key]]:
            first[key] = i
    return found.take(np.array([first[key] for key in sorted(first)], dtype=np.int64))


def _texts(tokens: TokenTable, units: Units) -> list[str]:
    """Clauses as people read them: lower case but for the speaker, the first letter large, no mark at the end."""
    codes = np.asarray(tokens.codes)
    plain = {}
    out = []
    for first, last in zip(np.asarray(units.first).tolist(), np.asarray(units.last).tolist(), strict=True):
        words = []
        for code in codes[first:last].tolist():
            if code not in plain:
                plain[code] = _plain(tokens.tokens[code])
            words.append(plain[code])
        text = " ".join(word for word in words if word)
        out.append(text[:1].upper() + text[1:])
    return out


def _plain(token: str) -> str:
    word = token.replace("\u2019", "'").strip(".,;:!?\"()[]{}*\u201c\u201d\u2026-\u2013\u2014'").lower()
    return _SPEAKER.get(word, word)


def _shapes(tokens: TokenTable, found: _Candidates, units: Units) -> npt.NDArray[np.float64]:
    """How good each clause is as a name by its form alone: 0 for none, about 1 for a full statement.

    ``units``: all that was said, to know rare words (mostly misspelt ones).
    """
    codes = np.asarray(tokens.codes)
    first, last = np.asarray(found.units.first), np.asarray(found.units.last)
    bare = [terms.words_of_token(t) for t in tokens.tokens]
    one = [words[0] if words else "" for words in bare]

    def of(test: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        return np.array([test(w) for w in one] or [False])

    verb = of(lambda w: w in VERBS or w in NEGATIONS or (len(w) > 4 and w.endswith("ed")))
    empty = FUNCTION_WORDS | GREETINGS | NEGATIONS | SENTIMENT
    content = of(lambda w: len(w) > 1 and w not in empty)
    # A handle, a link, what redaction left, or a run of marks names nothing.
    odd = np.array(
        [
            not words or len(words) > 2 or any(mark in token for mark in "@#_[]<>{}|/\\")
            for words, token in zip(bare, tokens.tokens, strict=True)
        ]
        or [False]
    )
    number = np.array([len(t) <= _FIGURES and t.strip(".,!?;:").isdigit() for t in tokens.tokens] or [False])

    def count(flag: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        running = np.append(0, np.cumsum(flag[codes]))
        return np.asarray(running[last] - running[first])

    length = last - first
    shape = np.array([_LENGTH.get(n, 0.0) for n in range(LONGEST + 1)])[np.clip(length, 0, LONGEST)]
    telling = count(content)
    shape *= np.array([0.0, 0.7, 1.0, 1.05, 1.05, 1.0, 0.95, 0.9, 0.9])[np.clip(telling, 0, 8)]
    shape *= np.where(count(verb) > 0, 1.25, 0.8)
    opening, closing = codes[first], codes[last - 1]
    shape *= found.complete
    shape *= np.where(of(lambda w: w in POINTING)[opening], 0.75, 1.0)
    shape *= np.where(of(lambda w: w in DEPENDENT)[opening], 0.5, 1.0)
    shape[of(lambda w: w in ENDINGS)[closing]] = 0.0
    shape[count(odd & ~number) > 0] = 0.0
    shape *= np.where(count(number) > 0, 0.7, 1.0)
    shape *= np.where(count(of(lambda w: w in DEPENDENT and w not in PREPOSITIONS)) > 0, 0.6, 1.0)
    often = terms.counts(
        stream := terms.word_stream(tokens, units), np.arange(len(stream.words), dtype=np.int32), len(stream.words)
    )
    frequency = dict(zip(stream.words, terms.document_frequency(often).tolist(), strict=True))
    rare = np.array([any(frequency.get(w, 0) < RARE for w in words) for words in bare] or [False])
    shape *= np.where(count(rare) > 0, 0.6, 1.0)
    return np.asarray(shape)


def _matches(
    group: npt.NDArray[np.int64], clauses: Float32, points: Float32, cluster: npt.NDArray[np.int32], k: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The share of a group's members that match each candidate, and that of all other units: float64[C] each."""
    full = np.flatnonzero(points.any(axis=1))[:COMPARED]  # units come in hash order: any first ones are a fair sample
    of = cluster[full]
    near = exact.similarity(clauses @ points[full].T)
    limit = float(np.clip(np.round(np.quantile(near, MATCH), 3), LEAST_MATCH, MOST_MATCH))
    match = near >= limit
    own = of[None, :] == group[:, None]
    inside = (match & own).sum(axis=1)
    size = np.bincount(of[of >= 0], minlength=k)[group]
    outside = match.sum(axis=1) - inside
    return inside / np.maximum(size, 1), outside / np.maximum(len(full) - size, 1)
