"""What to call a group: a phrase its own members use, that no other group is called by.

Candidates are runs of up to five words inside a clause of the most typical members, in the customers' wording. A good
one is used by many members, seldom elsewhere, and means what the group's centre means. Beside it stand the terms that
set the group apart (class-based TF-IDF).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import terms
from cxtext.cluster.space import Float32
from cxtext.cluster.terms import WordStream
from cxtext.cluster.words import FUNCTION_WORDS, GREETINGS, NEGATIONS, SENTIMENT
from cxtext.schema import TokenTable, Units

Labels = npt.NDArray[np.int32]
LONGEST = 5
TYPICAL = 150  # members of each group that candidates come from, the closest to the centre first
SHORTLIST = 40
_CONNECTING = frozenset({"unfortunately", "sadly", "however", "although", "though", "really", "also", "even", "still"})
_BREAKS = frozenset(".,;:!?)(\u2026\u2014\u2013")
# Words that join two statements: a name holds one.
_JOINING = frozenset(
    {"and", "or", "but", "nor", "so", "yet", "because", "although", "though", "while", "whereas", "unless", "whether"}
    | {"if", "when", "where", "why", "how", "who", "whom", "which", "that", "than", "as", "then", "else"}
    | {"i", "we", "you", "he", "she", "it", "they", "i'm", "i've", "i'd", "i'll", "we're", "we've", "they're"}
    | {"you're", "it's", "that's", "there's"}
)
_COURTESY = frozenset({"please", "pls", "plz", "thanks", "thank", "sorry", "kindly"})
PART = 0.8  # a phrase that is used within a longer one this often is only a part of that one


def typical_members(cluster: Labels, similarity: Float32, k: int, most: int = TYPICAL) -> npt.NDArray[np.int64]:
    """Positions of each group's members closest to the centre, at most ``most`` a group, in order of position."""
    order = np.lexsort((np.arange(len(cluster)), -similarity, cluster))
    order = order[cluster[order] >= 0]
    size = np.bincount(cluster[order], minlength=k)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    return np.sort(order[rank < most])


def clauses(tokens: TokenTable, units: Units, figures: bool = True) -> Units:
    """Units cut after every token that ends in punctuation, and around signs and, if asked for, ``figures``.

    ``response`` gives the position of the unit.
    """
    stops = np.fromiter((t[-1] in _BREAKS for t in tokens.tokens), dtype=bool, count=len(tokens.tokens))
    inside = str.isalpha if figures else str.isalnum
    alone = np.fromiter((not any(map(inside, t)) for t in tokens.tokens), dtype=bool, count=len(tokens.tokens))
    first = np.asarray(units.first, dtype=np.int64)
    length = np.asarray(units.last, dtype=np.int64) - first
    at = terms.ranges(first, length)
    unit = np.repeat(np.arange(len(first)), length)
    cut = np.ones(len(at), dtype=bool)
    codes = np.asarray(tokens.codes)[at]
    cut[1:] = (unit[1:] != unit[:-1]) | stops[codes[:-1]] | alone[codes[:-1]] | alone[codes[1:]]
    begin = np.flatnonzero(cut)
    end = np.append(begin[1:], len(at))
    return Units(unit[begin].astype(np.int32), at[begin], (at[begin] + (end - begin)).astype(np.int64))


def phrases(stream: WordStream) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """For n = 1..5: start positions of n-word runs that may be labels, and a number per distinct run."""
    codes = stream.codes.astype(np.int64)
    n_words = max(1, len(stream.words))
    clause = np.repeat(np.arange(len(stream)), np.diff(stream.offsets))
    opening = (FUNCTION_WORDS | _COURTESY) - NEGATIONS
    empty = np.array([w in opening for w in stream.words] or [False], dtype=bool)
    closing = np.array([w in FUNCTION_WORDS or w in NEGATIONS for w in stream.words] or [False], dtype=bool)
    joining = np.array([w in _JOINING for w in stream.words] or [False], dtype=bool)
    joints = np.append(0, np.cumsum(joining[codes]))
    out = []
    number = codes.copy()
    for n in range(1, LONGEST + 1):
        if n > 1:
            if len(number) < 2:
                break
            number = np.unique(number[:-1] * n_words + codes[n - 1 :], return_inverse=True)[1].astype(np.int64)
        start = np.arange(len(number))
        good = clause[start] == clause[start + n - 1]
        good &= ~empty[codes[start]] & ~closing[codes[start + n - 1]]
        good &= joints[start + n] == joints[start]  # one thing is named, not two that are joined
        out.append((start[good], number[good]))
    return out


def top_terms(stream: WordStream, cluster: Labels, k: int, n_terms: int) -> list[tuple[str, ...]]:
    """The words that set each group apart, strongest first (class-based TF-IDF over units)."""
    content = [w for w in stream.words if w not in FUNCTION_WORDS and w not in GREETINGS and len(w) > 1]
    vocabulary = terms.sorted_vocabulary(content)
    names = list(vocabulary)
    counts = terms.counts(stream, terms.look_up(stream.words, vocabulary), len(names))
    counts.data[:] = 1.0
    member = np.flatnonzero(cluster >= 0)
    import scipy.sparse as sp

    pick = sp.csr_array((np.ones(len(member), np.float32), (cluster[member], member)), shape=(k, len(stream)))
    inside = (pick @ counts).tocsr()
    inside.sort_indices()
    total = np.asarray(counts.sum(axis=0)).ravel()
    size = np.maximum(np.bincount(cluster[member], minlength=k), 1)
    out: list[tuple[str, ...]] = []
    for j in range(k):
        row = slice(inside.indptr[j], inside.indptr[j + 1])
        word, n = inside.indices[row], inside.data[row].astype(np.float64)
        share = n / size[j]
        elsewhere = (total[word] - n + 0.5) / (len(stream) - size[j] + 1.0)
        strength = share * exact.log1p(share / elsewhere) * (n >= min(2, size[j]))
        best = np.lexsort((word, -np.round(strength, 9)))[:n_terms]
        out.append(tuple(names[word[i]] for i in best if strength[i] > 0))
    return out


def label_phrases(
    tokens: TokenTable,
    units: Units,
    cluster: Labels,
    similarity: Float32,
    centres: Float32,
    embed: Callable[[WordStream], Float32],
) -> list[str]:
    """One phrase per group, no two alike; a group without a usable phrase gets an empty string."""
    k = len(centres)
    chosen = typical_members(cluster, similarity, k)
    if not len(chosen):
        return [""] * k
    group = cluster[chosen].astype(np.int64)
    picked = Units(*(np.asarray(part)[chosen] for part in (units.response, units.first, units.last)))
    pieces = clauses(tokens, picked)
    stream = terms.word_stream(tokens, pieces)
    unit_at = np.repeat(np.asarray(pieces.response, dtype=np.int64), np.diff(stream.offsets))
    size = np.bincount(group, minlength=k).astype(np.float64)
    candidates: list[Candidate] = []
    for n, (start, number) in enumerate(phrases(stream), start=1):
        if not len(start):
            continue
        unit = unit_at[start]
        base = int(number.max()) + 1
        seen, first = np.unique(unit * base + number, return_index=True)
        phrase = seen % base
        in_group = group[seen // base]
        pair, at, members = np.unique(in_group * base + phrase, return_index=True, return_counts=True)
        everywhere = np.bincount(phrase, minlength=base)
        j, ph = pair // base, pair % base
        share = members / size[j]
        rest = (everywhere[ph] - members + 0.5) / (size.sum() - size[j] + 1.0)
        lift = exact.log1p(share / rest)
        value = share * lift
        keep = members >= np.maximum(2, 0.02 * size[j])
        order = np.lexsort((ph, -np.round(value, 9), j))
        order = order[keep[order]]
        rank = rank_within(j[order])
        for i in order[rank < SHORTLIST].tolist():
            where = int(start[first[at[i]]])
            words = [stream.words[c] for c in stream.codes[where : where + n]]
            candidates.append(Candidate(int(j[i]), tuple(words), float(share[i]), float(lift[i])))
    return _pick(_wholes(candidates), k, centres, embed)


def explained(label: str, telling: Sequence[str]) -> str:
    """A label of one word is vague ("lounge"): two of the group's other terms say what about it."""
    if not label or " " in label:
        return label
    stem, vague = label[:4], SENTIMENT | NEGATIONS | _CONNECTING
    others = [term for term in telling if len(term) > 2 and term[:4] != stem and term not in vague][:2]
    return f"{label} ({', '.join(others)})" if others else label


def rank_within(sorted_groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0, 1, 2 ... restarting where the (sorted) group changes."""
    if not len(sorted_groups):
        return np.zeros(0, dtype=np.int64)
    fresh = np.r_[True, sorted_groups[1:] != sorted_groups[:-1]]
    begin = np.flatnonzero(fresh)
    return np.arange(len(sorted_groups)) - np.repeat(begin, np.diff(np.append(begin, len(sorted_groups))))


def stream_of(texts: Sequence[str]) -> WordStream:
    """Phrases of lower-case words as a word stream."""
    index: dict[str, int] = {}
    split = [text.split() for text in texts]
    codes = [index.setdefault(word, len(index)) for words in split for word in words]
    offsets = np.cumsum([0, *(len(words) for words in split)])
    return WordStream(np.asarray(codes, dtype=np.int32), offsets.astype(np.int64), list(index))


# How good a run of n words is as a name, other things equal: one word is vague, five are a mouthful.
_LENGTH = {1: 0.45, 2: 1.0, 3: 1.15, 4: 1.05, 5: 0.9}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of words that may name a group: the ``share`` of its members that use it, and how telling it is."""

    group: int
    words: tuple[str, ...]
    share: float
    lift: float


def _wholes(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that aren't, nearly always, a part of a longer candidate of the same group: "older" of "older phones"."""
    share = {(c.group, c.words): c.share for c in candidates}
    parts = {
        (c.group, part)
        for c in candidates
        for part in (c.words[1:], c.words[:-1])
        if part and c.share >= PART * share.get((c.group, part), np.inf)
    }
    return [c for c in candidates if (c.group, c.words) not in parts]


def _pick(
    candidates: Sequence[Candidate],
    k: int,
    centres: Float32,
    embed: Callable[[WordStream], Float32],
) -> list[str]:
    distinct = sorted({" ".join(c.words) for c in candidates})
    place = {phrase: i for i, phrase in enumerate(distinct)}
    points = embed(stream_of(distinct)) if distinct else np.zeros((0, centres.shape[1]), np.float32)
    scored = []
    for c in candidates:
        phrase = " ".join(c.words)
        content = [w for w in c.words if w not in FUNCTION_WORDS and w not in SENTIMENT and w not in GREETINGS]
        if not content or len(set(content)) < len(content):
            continue
        near = float(exact.similarity(points[place[phrase]] @ centres[c.group]))
        dull = len(content) / len([w for w in c.words if w not in FUNCTION_WORDS or w in NEGATIONS])
        value = max(near, 0.01) * math.sqrt(max(near, 0.01) * c.share) * c.lift * _LENGTH[len(c.words)] * dull
        scored.append((-round(value, 6), c.group, phrase, frozenset(map(_singular, content))))
    out = [""] * k
    taken: set[frozenset[str]] = set()
    for _, j, phrase, key in sorted(scored, key=lambda s: s[:3]):
        if not out[j] and key not in taken:
            out[j] = phrase
            taken.add(key)
    return out


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
