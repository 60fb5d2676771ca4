"""How far a group can be trusted: tightness, distance to its neighbour, and whether it comes back on other samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import granularity, partition
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Float32
from cxtext.cluster.terms import WordStream
from cxtext.cluster.together import side_by_side
from cxtext.cluster.words import FUNCTION_WORDS, GREETINGS, SENTIMENT
from cxtext.schema import ClusterModel, Verdict

Labels = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]
# Mean Jaccard of a group with its best match on other samples (Hennig 2007): below this it isn't to be trusted.
STABLE = 0.6
# A group is boilerplate when this share of its telling words is feeling or courtesy, or of its members are copies.
EMPTY, COPIES = 0.6, 0.5
# A group is no pain point when no name fits more of its members than this share: they have no subject in common.
MIXED = 0.2


def cohesion(cluster: Labels, similarity: Float32, k: int) -> Float64:
    """Mean similarity of each group's members to its centre (-1..1, higher is tighter): float64[k], NaN if empty."""
    member = cluster >= 0
    size = np.bincount(cluster[member], minlength=k).astype(np.float64)
    # Similarities have four digits: whole numbers of ten-thousandths add up exactly, in any order.
    whole = np.rint(similarity[member].astype(np.float64) * 1e4)
    total = np.bincount(cluster[member], weights=whole, minlength=k)
    mean: Float64 = np.divide(total, size * 1e4, out=np.full(k, np.nan), where=size > 0)
    return mean


def separation(centres: Float32) -> tuple[Float64, npt.NDArray[np.integer]]:
    """1 minus the similarity to the nearest other centre, and all others, nearest first [k, k-1]."""
    k = len(centres)
    if k < 2:
        return np.ones(k), np.zeros((k, 0), dtype=np.int64)
    alike = exact.similarity(centres @ centres.T).astype(np.float64)
    np.fill_diagonal(alike, -9.0)
    order = np.argsort(-alike, axis=1, kind="stable")[:, : k - 1]
    apart: Float64 = (1.0 - alike[np.arange(k), order[:, 0]]).astype(np.float64)
    return apart, order


def jaccard(a: Labels, b: Labels, k_a: int, k_b: int) -> Float64:
    """For each group of ``a`` the largest share of members it has in common with a group of ``b`` (0..1)."""
    both = (a >= 0) & (b >= 0)
    joint = np.zeros((k_a, k_b))
    np.add.at(joint, (a[both], b[both]), 1.0)
    size_a = np.bincount(a[a >= 0], minlength=k_a).astype(np.float64)
    size_b = np.bincount(b[b >= 0], minlength=k_b).astype(np.float64)
    union = size_a[:, None] + size_b[None, :] - joint
    share = np.divide(joint, union, out=np.zeros_like(joint), where=union > 0)
    best: Float64 = share.max(axis=1, initial=0.0)
    return best


def stability(
    points: Float32, cluster: Labels, k: int, options: ClusterOptions, *, rounds: int | None = None
) -> Float64:
    """Mean Jaccard of each group with its best match when other samples are grouped from scratch: float64[k].

    Each round groups a bootstrap sample (a fixed sequence of draws), assigns all points to it and compares.
    """
    n = len(points)
    rounds = options.bootstraps if rounds is None else rounds
    if k < 1 or n < 2 * k or rounds < 1:
        return np.full(k, np.nan)
    draw = np.random.default_rng(20250101)
    draws = [np.unique(draw.integers(0, n, n)) for _ in range(rounds)]

    def again(rows: npt.NDArray[np.int64]) -> Float64:
        some = points[rows]
        smoothed = granularity.smoothed(some, options)
        tree = partition.grow(smoothed, small=min(300, max(k, len(rows) // 4)), steps=4)
        group, _ = partition.groups(smoothed, tree, k, steps=5)
        count = int(group.max()) + 1
        centres = partition.directions(some, group, count)
        return jaccard(cluster, np.argmax(points @ centres.T, axis=1).astype(np.int32), k, count)

    mean: Float64 = np.sum(side_by_side(again, draws), axis=0) / rounds
    return mean


def empty_talk(stream: WordStream, cluster: Labels, k: int) -> Float64:
    """Share of each group's telling words that are only feeling, greeting or signature: float64[k] (0..1)."""
    content = np.array([w not in FUNCTION_WORDS for w in stream.words] or [False])
    empty = np.array([w in SENTIMENT or w in GREETINGS for w in stream.words] or [False])
    group = np.repeat(cluster, np.diff(stream.offsets))
    counted = (group >= 0) & content[stream.codes]
    total = np.bincount(group[counted], minlength=k).astype(np.float64)
    some = counted & empty[stream.codes]
    return np.divide(np.bincount(group[some], minlength=k), total, out=np.ones(k), where=total > 0)


def sameness(stream: WordStream, cluster: Labels, k: int) -> Float64:
    """Share of each group's members that are word for word the same as another member: float64[k] (0..1)."""
    n = len(stream)
    key = np.zeros(n, dtype=np.uint64)
    position = np.arange(len(stream.codes)) - np.repeat(stream.offsets[:-1], np.diff(stream.offsets))
    # A sum of mixed (word, position) pairs identifies a text well enough to count copies.
    mixed = stream.codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + position.astype(np.uint64)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    np.add.at(key, np.repeat(np.arange(n), np.diff(stream.offsets)), mixed)
    member = np.flatnonzero(cluster >= 0)
    order = member[np.lexsort((key[member], cluster[member]))]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (key[order[1:]] != key[order[:-1]]) | (cluster[order[1:]] != cluster[order[:-1]])
    size = np.bincount(cluster[order], minlength=k).astype(np.float64)
    distinct = np.bincount(cluster[order[fresh]], minlength=k)
    return np.divide(size - distinct, size, out=np.zeros(k), where=size > 0)


def hollow(words: Sequence[str]) -> bool:
    """Whether what sets a group apart is only feeling or courtesy: three of its four strongest terms."""
    return sum(word in SENTIMENT or word in GREETINGS for word in words[:4]) >= 3


def verdicts(
    empty: Float64, same: Float64, stable: Float64, null: float, terms: Sequence[Sequence[str]]
) -> list[Verdict]:
    """A plain word per group: boilerplate (says nothing, or is copies), loose (read before use), or solid.

    Solid groups come back on other samples: in `STABLE` and no less than the average group found in noise.
    """
    chance = null if np.isfinite(null) else 0.0
    out: list[Verdict] = []
    for j in range(len(empty)):
        if empty[j] > EMPTY or same[j] > COPIES or hollow(terms[j]):
            out.append("boilerplate")
        else:
            out.append("solid" if stable[j] >= max(STABLE, chance) else "loose")
    return out


def health(model: ClusterModel) -> Mapping[str, Any]:
    """One figure (0..1) for the whole model, a plain verdict, and what would help most.

    The figure is the share of the sample's units that sit in a solid pain point.
    """
    units = sum(p.n_units for p in model.pain_points)
    coverage = float(model.meta.get("quality", {}).get("coverage", 0.0))
    solid = sum(p.n_units for p in model.pain_points if p.verdict == "solid")
    loose = [p for p in model.pain_points if p.verdict == "loose"]
    boilerplate = sum(p.n_units for p in model.pain_points if p.verdict == "boilerplate")
    value = round(coverage * solid / units, 4) if units else 0.0
    if not units:
        return {
            "value": 0.0,
            "verdict": "nothing recurs",
            "next_action": "Collect more feedback: no subject comes up often enough.",
        }
    if coverage < 0.4:
        action = "Over half of the units fit no pain point: train on more, or on more recent, feedback."
    elif boilerplate > 0.2 * units:
        action = "A fifth of the units is boilerplate: strip signatures and templates before analysing."
    elif loose and sum(p.n_units for p in loose) > 0.3 * units:
        worst = min(loose, key=lambda p: (p.stability, p.id))
        action = f"Read the exemplars of the loose pain points, {worst.id} first: split or merge them in the codebook."
    elif value >= 0.6:
        action = "None needed: name the pain points in the codebook and assign owners."
    else:
        action = "Read the loose pain points before quoting their figures."
    verdict = "good" if value >= 0.6 else "usable" if value >= 0.35 else "weak"
    return {"value": value, "verdict": verdict, "next_action": action}
