"""Which pain point each unit is about, by one sparse product per chunk.

The answer for a unit depends on its words alone: not on the chunk it comes in, its neighbours, or the number of workers.
"""

from __future__ import annotations

import numpy as np

from cxtext.cluster import terms
from cxtext.cluster.model import space_of
from cxtext.cluster.space import Float32, TermSpace, WordVectors
from cxtext.cluster.terms import WordStream
from cxtext.cluster.words import FUNCTION_WORDS
from cxtext.schema import Assignment, ClusterModel, TokenTable, Units

# Matrix products are done on blocks of exactly this many rows (padded with zeros), so that no row is ever handled
# by the special code that linear algebra libraries keep for the ragged edge.
BLOCK = 1024


def fixed_product(points: Float32, centres: Float32) -> Float32:
    """``points @ centres.T``, each entry the same to the last bit wherever its row stands; rounded to 4 digits."""
    out = np.empty((len(points), len(centres)), dtype=np.float32)
    wide = np.zeros((-(-max(1, len(centres)) // 16) * 16, centres.shape[1]), dtype=np.float32)
    wide[: len(centres)] = centres
    wide = np.ascontiguousarray(wide.T)
    block = np.zeros((BLOCK, centres.shape[1]), dtype=np.float32)
    for start in range(0, len(points), BLOCK):
        part = points[start : start + BLOCK]
        block[: len(part)] = part
        block[len(part) :] = 0.0
        out[start : start + BLOCK] = (block @ wide)[: len(part), : len(centres)]
    return np.round(out, 4)


def unknown_words(space: TermSpace, words: list[str], vectors: WordVectors | None, place: terms.Int32) -> Float32:
    """Give words outside the vocabulary a row from the static view; ``place`` is updated to point there."""
    if vectors is None or space.views[0].name != "static":
        return np.empty((0, space.matrix.shape[1]), dtype=np.float32)
    fresh = [i for i in np.flatnonzero(place < 0).tolist() if words[i] not in FUNCTION_WORDS]
    rows = np.zeros((len(fresh), space.matrix.shape[1]), dtype=np.float32)
    if fresh:
        names = [words[i] for i in fresh]
        static = (vectors.vectors(names) * vectors.weights(names)[:, None]).astype(np.float16)
        rows[:, : static.shape[1]] = static
        # A text's words are added up in the order of their columns: number the new ones by spelling, so that the
        # sum doesn't depend on which other texts came along.
        order = sorted(range(len(fresh)), key=names.__getitem__)
        rows = rows[order]
        place[np.asarray(fresh)[order]] = len(space.words) + np.arange(len(fresh), dtype=np.int32)
    return rows


class Assigner:
    """Assigns units to the pain points of a model. Small to send to a worker: the arrays of the model, no caches."""

    def __init__(self, model: ClusterModel, vectors: WordVectors | None) -> None:
        self._space = space_of(model)
        self._place = self._space.place
        self._centres = np.ascontiguousarray(model.arrays["centres"], dtype=np.float32)
        self._thresholds = np.asarray(model.arrays["thresholds"], dtype=np.float32)
        self._ignored = frozenset(model.meta.get("ignored", ()))
        self._vectors = vectors if model.meta.get("static") else None

    def embed(self, stream: WordStream) -> Float32:
        """Points of units in the model's space: float32[U, D], rows of length one or zero."""
        from threadpoolctl import threadpool_limits

        place = terms.look_up(stream.words, self._place)
        hidden = [i for i, word in enumerate(stream.words) if word in self._ignored]
        extra = unknown_words(self._space, stream.words, self._vectors, place)
        place[hidden] = -1
        with threadpool_limits(1):
            return self._space.embed(terms.counts(stream, place, len(self._space.words) + len(extra)), extra)

    def assign(self, tokens: TokenTable, units: Units) -> Assignment:
        """Cluster and similarity of each unit; -1 where nothing fits."""
        from threadpoolctl import threadpool_limits

        stream = terms.word_stream(tokens, units)
        n = len(stream)
        cluster = np.full(n, -1, dtype=np.int32)
        similarity = np.zeros(n, dtype=np.float32)
        if not len(self._centres) or not n:
            return Assignment(cluster, similarity)
        place = terms.look_up(stream.words, self._place)
        hidden = [i for i, word in enumerate(stream.words) if word in self._ignored]
        extra = unknown_words(self._space, stream.words, self._vectors, place)
        place[hidden] = -1
        counts = terms.counts(stream, place, len(self._space.words) + len(extra))
        rows = 16 * BLOCK
        with threadpool_limits(1):
            for start in range(0, n, rows):
                points = self._space.embed(counts[start : start + rows], extra)
                near = fixed_product(points, self._centres)
                best = near.argmax(axis=1).astype(np.int32)
                value = near[np.arange(len(near)), best]
                some = points.any(axis=1)
                cluster[start : start + rows] = np.where(some & (value >= self._thresholds[best]), best, -1)
                similarity[start : start + rows] = np.where(some, value, 0.0)
        return Assignment(cluster, similarity)
