"""Texts and their nearest neighbours: smoothing a text's point with those of texts like it.

Short texts say little; their neighbours say the rest. A few hops over the neighbour graph, averaged with the start,
pull texts about the same thing together before anything is grouped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxtext.cluster.space import Float32, unit_rows

_BLOCK = 2048


def neighbours(points: Float32, k: int) -> tuple[npt.NDArray[np.int32], Float32]:
    """The k most similar other rows of each row (cosine; rows have length one): indices and similarities [U, k]."""
    n = len(points)
    k = min(k, n - 1)
    index = np.empty((n, k), dtype=np.int32)
    value = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        block = points[start : start + _BLOCK] @ points.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -2.0
        best = np.argpartition(block, n - k, axis=1)[:, n - k :]
        best.sort(axis=1)
        index[start : start + len(block)] = best
        value[start : start + len(block)] = np.take_along_axis(block, best, axis=1)
    return index, value


def main_axes(points: Float32, n: int) -> Float32:
    """Points along their ``n`` main axes (uncentred principal components), rows scaled to length one again."""
    if n >= points.shape[1]:
        return points
    moment = (points.T @ points).astype(np.float64)
    _, axes = np.linalg.eigh(moment)
    return unit_rows(points @ axes[:, ::-1][:, :n].astype(np.float32))


def smooth(points: Float32, *, k: int, hops: int, damping: float) -> Float32:
    """Points averaged with their neighbours', a few hops far, each mixed with where it started: rows of length one."""
    import scipy.sparse as sp

    n = len(points)
    if n < 3 or hops < 1:
        return points
    index, value = neighbours(points, k)
    width = index.shape[1]
    weight = np.maximum(value, 0.0) ** 2
    graph = sp.csr_array((weight.ravel(), index.ravel(), np.arange(0, n * width + 1, width)), shape=(n, n))
    graph = (graph + graph.T).tocsr()
    total = np.asarray(graph.sum(axis=1)).ravel()
    graph = sp.diags_array((1.0 / np.maximum(total, 1e-9)).astype(np.float32)) @ graph
    out = points
    for _ in range(hops):
        out = damping * (graph @ out) + (1.0 - damping) * points
    return unit_rows(out.astype(np.float32))
