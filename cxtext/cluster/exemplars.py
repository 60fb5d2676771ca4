"""Units that show what a group is about, and differ from each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster.labels import typical_members
from cxtext.cluster.space import Float32

# Quotes of this many words say enough and still read at a glance.
_SHORT, _LONG = 5, 45
_POOL = 60
_DIVERSITY = 0.5


def choose(
    points: Float32,
    centres: Float32,
    cluster: npt.NDArray[np.int32],
    similarity: Float32,
    n_words: npt.NDArray[np.int64],
    n: int,
) -> list[list[int]]:
    """Positions of up to ``n`` exemplary units per group, best first (maximal marginal relevance).

    Each next one is close to the centre and unlike those already chosen; copies are never chosen twice.
    """
    k = len(centres)
    chosen = typical_members(cluster, similarity, k, _POOL)
    out: list[list[int]] = []
    for j in range(k):
        pool = chosen[cluster[chosen] == j]
        near = similarity[pool].astype(np.float64)
        length = n_words[pool]
        near = near - 0.15 * (length < _SHORT) - 0.15 * (length > _LONG)
        alike = exact.similarity(points[pool] @ points[pool].T).astype(np.float64)
        crowd = np.zeros(len(pool))
        picked: list[int] = []
        free = np.ones(len(pool), dtype=bool)
        while len(picked) < n and free.any():
            value = np.where(free, (1 - _DIVERSITY) * near - _DIVERSITY * crowd, -np.inf)
            best = int(np.round(value, 6).argmax())
            picked.append(int(pool[best]))
            crowd = np.maximum(crowd, alike[best])
            free &= alike[best] < 0.98
            free[best] = False
        out.append(picked)
    return out
