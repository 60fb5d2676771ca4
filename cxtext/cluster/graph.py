"""Texts and their nearest neighbours: smoothing a text's point with those of texts like it.

Short texts say little; their neighbours say the rest. A few hops over the neighbour graph, averaged with the start,
pull texts about the same thing together before anything is grouped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxtext.cluster.space import Float32, unit_rows

_BLOCK = 1024
_STRIPES = 96


def neighbours(points: Float32, k: int) -> tuple[npt.NDArray[np.int32], Float32]:
    """The k most similar other rows of each row (cosine; rows have length one): indices and similarities [U, k].

    Among equals the lower row comes first.
    """
    n = len(points)
    k = min(k, n - 1)
    index = np.empty((n, k), dtype=np.int32)
    value = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        block = points[start : start + _BLOCK] @ points.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -2.0
        row, column = np.divmod(np.flatnonzero(block >= _kth_floor(block, k)[:, None]), n)
        near = block[row, column]
        order = np.lexsort((column, -near, row))
        first = np.searchsorted(row[order], rows)
        pick = order[first[:, None] + np.arange(k)]
        index[start : start + len(block)] = column[pick]
        value[start : start + len(block)] = near[pick]
    return index, value


def _kth_floor(block: Float32, k: int) -> Float32:
    """A value per row that at least k entries reach, and not many more: the k-th best of the maxima of stripes.

    Comparing with it is several times faster than partially sorting whole rows.
    """
    width = block.shape[1] // max(_STRIPES, 4 * k)
    if width < 2:
        floor: Float32 = np.partition(block, block.shape[1] - k, axis=1)[:, block.shape[1] - k]
        return floor
    stripes = block.shape[1] // width
    tops = block[:, : stripes * width].reshape(len(block), width, stripes).max(axis=1)
    best: Float32 = np.partition(tops, stripes - k, axis=1)[:, stripes - k]
    return best


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
