"""Which pain point each unit is about, by one sparse product per chunk.

The answer for a unit depends on its words alone: not on its chunk, its neighbours, or the number of workers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import terms
from cxtext.cluster.model import ignored_words, space_of
from cxtext.cluster.space import Embedder, Float32, WordVectors
from cxtext.cluster.terms import WordStream
from cxtext.schema import Assignment, ClusterModel, TokenTable, Units

ROWS = 16_384


class Assigner:
    """Assigns units to the pain points of a model; small to send to a worker, and the same there as here."""

    def __init__(self, model: ClusterModel, vectors: WordVectors | None) -> None:
        space = space_of(model)
        self._embedder = Embedder(space, vectors if model.meta.get("static") else None, ignored_words(model))
        self._centres = np.ascontiguousarray(model.arrays["centres"], dtype=np.float32)
        self._sure = np.float32(model.meta.get("sure", 0.0))
        self._thresholds = np.asarray(model.arrays["thresholds"], dtype=np.float32)

    def embed(self, tokens: TokenTable, units: Units) -> Float32:
        """Points of units in the model's space: float32[U, D], rows of length one or zero."""
        return self._embedder.points(terms.word_stream(tokens, units))

    def assign(self, tokens: TokenTable, units: Units) -> Assignment:
        """Cluster and similarity of each unit; cluster -1 where nothing fits."""
        return self.assign_stream(terms.word_stream(tokens, units))

    def assign_stream(self, stream: WordStream) -> Assignment:
        """As `assign`, for units already read into words."""
        from threadpoolctl import threadpool_limits

        counts, extra = self._embedder.counts(stream)
        embed = self._embedder.space.embed
        with threadpool_limits(1):
            parts = [
                self.assign_points(embed(counts[start : start + ROWS], extra)) for start in range(0, len(stream), ROWS)
            ]
        none = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32), np.zeros(0, dtype=bool)
        return Assignment(
            np.concatenate([none[0], *(p.cluster for p in parts)]),
            np.concatenate([none[1], *(p.similarity for p in parts)]),
            np.concatenate([none[2], *(p.sure for p in parts)]),
        )

    def assign_points(self, points: Float32) -> Assignment:
        """As `assign`, for units that are points already."""
        if not len(self._centres):
            n = len(points)
            return Assignment(np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32), np.zeros(n, dtype=bool))
        best, value = best_match(points, self._centres)
        some = points.any(axis=1)
        cluster = np.where(some & (value >= self._thresholds[best]), best, -1).astype(np.int32)
        return Assignment(cluster, np.where(some, value, np.float32(0.0)), (cluster >= 0) & (value >= self._sure))


def best_match(points: Float32, centres: Float32) -> tuple[npt.NDArray[np.int32], Float32]:
    """Index of the most similar centre of each point (ties: the lower index), and that similarity."""
    near = points @ centres.T
    best = near.argmax(axis=1).astype(np.int32)
    return best, exact.similarity(near[np.arange(len(near)), best])
