"""What chance alone would give: the same words dealt out at random, clustered the same way.

Any method finds groups in noise, and they even come back on other samples. So every figure is held against a corpus
with the same words, in as many units of the same lengths, but without subjects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import granularity, partition, quality
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Float32, WordVectors, build
from cxtext.cluster.terms import WordStream, ranges

# Chance shows on this many units.
UNITS = 4_000


@dataclass(frozen=True)
class Null:
    """``similarity`` float32[n], sorted: units of the dealt-out corpus to their centre; ``stability``: mean Jaccard."""

    similarity: Float32
    stability: float

    def quantile(self, share: float) -> float:
        """The similarity that a share of the dealt-out units stays below."""
        return float(np.quantile(self.similarity, share)) if len(self.similarity) else 0.0

    def excess(self, similarity: Float32) -> float:
        """Chance that a real unit is closer to its centre than a dealt-out one (0.5: no structure, 1: all of it)."""
        if not len(self.similarity) or not len(similarity):
            return 0.5
        below = np.searchsorted(self.similarity, similarity, side="left")
        upto = np.searchsorted(self.similarity, similarity, side="right")
        return float((below + upto).mean() / (2.0 * len(self.similarity)))


@dataclass(frozen=True)
class Dealt:
    """Units of a corpus dealt out at random: ``points`` float32[n, D] and ``smoothed`` float32[n, A]."""

    points: Float32
    smoothed: Float32


def deal(stream: WordStream, vectors: WordVectors | None, options: ClusterOptions, ignored: frozenset[str]) -> Dealt:
    """Deal out the words of some units, and build a term space from that as if it were a corpus."""
    dealt = shuffled(take(stream, np.arange(min(UNITS, len(stream)))))
    _, points = build(dealt, vectors, options, ignored)
    points = points[points.any(axis=1)]
    return Dealt(points, granularity.smoothed(points, options) if len(points) else points)


def null_of(dealt: Dealt, options: ClusterOptions, k: int) -> Null:
    """Put dealt-out units into k groups, and look at them."""
    points, smoothed = dealt.points, dealt.smoothed
    if k < 1 or len(points) < 2 * k:
        return Null(np.zeros(0, dtype=np.float32), float("nan"))
    tree = partition.grow(smoothed, small=min(300, max(k, len(points) // 4)))
    group, _ = partition.groups(smoothed, tree, k)
    count = int(group.max()) + 1
    near = points @ partition.directions(points, group, count).T
    own = near.argmax(axis=1).astype(np.int32)
    stable = quality.stability(points, own, count, options, rounds=min(2, options.bootstraps))
    return Null(np.sort(exact.similarity(near[np.arange(len(near)), own])), float(np.mean(stable)))


def shuffled(stream: WordStream) -> WordStream:
    """The same words in the same number of units of the same lengths, dealt out at random (a fixed sequence)."""
    order = np.random.default_rng(20250102).permutation(len(stream.codes))
    return WordStream(stream.codes[order], stream.offsets, stream.words)


def take(stream: WordStream, rows: npt.NDArray[np.int64]) -> WordStream:
    """The word stream of some units only."""
    length = np.diff(stream.offsets)[rows]
    at = ranges(stream.offsets[:-1][rows], length)
    return WordStream(stream.codes[at], np.concatenate([[0], np.cumsum(length)]).astype(np.int64), stream.words)
