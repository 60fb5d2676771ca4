"""Texts and their nearest neighbours: smoothing a text's point with those of texts like it.

Short texts say little; their neighbours say the rest. A few hops over the neighbour graph, averaged with the start,
pull texts about the same thing together before anything is grouped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster.space import Float32

_BLOCK = 1024
_STRIPES = 96
_FINER = 4096.0
_SHARE = 1024.0


def neighbours(points: Float32, k: int) -> tuple[npt.NDArray[np.int32], Float32]:
    """The k most similar other rows of each row (rows have one length): indices and products [U, k].

    Among equals the lower row comes first.
    """
    n = len(points)
    k = min(k, n - 1)
    index = np.empty((n, k), dtype=np.int32)
    value = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        block = points[start : start + _BLOCK] @ points.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -(exact.LONGEST**2)
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
    """Points along their ``n`` main axes (uncentred principal components), rows scaled to their length again."""
    if n >= points.shape[1]:
        return points
    wide = points.astype(np.float64)
    moment = wide.T @ wide  # exact: at most 2**24 times the number of points
    spare = 26 - int(np.frexp(np.abs(moment).max(initial=1.0) * np.sqrt(len(moment)))[1])
    axes, _ = exact.leading_vectors(np.rint(np.ldexp(moment, min(spare, 0))), n, rounds=10)
    # Rows of length 2**12 times axes of 2**26, in 2**12ths.
    along = wide @ axes
    return exact.unit_rows(np.rint(along * (2.0**-14)))


def smooth(points: Float32, *, k: int, hops: int, damping: float) -> Float32:
    """Points averaged with their neighbours', a few hops far, each mixed with where it started; scaled to length.

    Shares are whole numbers, and points are kept in parts of `_FINER`, so that every sum is exact.
    """
    import scipy.sparse as sp

    n = len(points)
    if n < 3 or hops < 1:
        return points
    index, value = neighbours(points, k)
    width = index.shape[1]
    near = np.maximum(value.astype(np.float64), 0.0) / (exact.UNIT * exact.UNIT)
    weight = np.rint(_SHARE * near * near)
    graph = sp.csr_array((weight.ravel(), index.ravel(), np.arange(0, n * width + 1, width)), shape=(n, n))
    graph = (graph + graph.T).tocsr()
    factor = (damping / np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1.0))[:, None]
    start = points.astype(np.float64) * _FINER
    own = (1.0 - damping) * start
    out = start
    for _ in range(hops):
        out = np.rint(factor * (graph @ out) + own)
    return exact.unit_rows(out)
