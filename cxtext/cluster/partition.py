"""Splitting points into groups, deterministically: many small groups, merged by Ward, refined by k-means.

One run of small groups serves every number of clusters, so trying many of them is cheap. Points and centres are whole
numbers (see `cxtext.exact`), so that no comparison depends on how a processor adds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster.space import Float32
from cxtext.cluster.together import side_by_side

Labels = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]
_BLOCK = 4096
# Means are worked with in parts of this before they are scaled to length.
_FINER = 4096.0
# Splits that start from different rows; the tightest is kept.
_STARTS = 4


def nearest(points: Float32, centres: Float32) -> Labels:
    """Index of the closest centre (Euclidean) of each point; ties go to the lower index."""
    half = (0.5 * exact.square_lengths(centres)).astype(np.float32)
    out = np.empty(len(points), dtype=np.int32)
    for start in range(0, len(points), _BLOCK):
        out[start : start + _BLOCK] = np.argmax(points[start : start + _BLOCK] @ centres.T - half, axis=1)
    return out


def sums(points: Float32, labels: Labels, k: int, weights: Float64 | None = None) -> tuple[Float64, Float64]:
    """Sum of the points and total weight of each of k groups, exact: float64[k, D] and float64[k].

    Label -1 belongs to none. ``weights``: whole numbers.
    """
    import scipy.sparse as sp

    member = np.flatnonzero(labels >= 0)
    w = np.ones(len(member)) if weights is None else weights[member].astype(np.float64)
    pick = sp.csr_array((w, (labels[member], member)), shape=(k, len(points)))
    return pick @ points.astype(np.float64), np.bincount(labels[member], weights=w, minlength=k).astype(np.float64)


def means(points: Float32, labels: Labels, k: int, weights: Float64 | None = None) -> tuple[Float32, Float64]:
    """Mean point, rounded to whole numbers, and total weight of each of k groups. Empty groups get a zero row."""
    added, mass = sums(points, labels, k, weights)
    return np.rint(added / np.maximum(mass, 1.0)[:, None]).astype(np.float32), mass


def directions(points: Float32, labels: Labels, k: int, weights: Float64 | None = None) -> Float32:
    """The mean of each of k groups, scaled to the length of a point: float32[k, D]; empty groups get a zero row."""
    added, mass = sums(points, labels, k, weights)
    return exact.unit_rows(np.rint(added * (_FINER / np.maximum(mass, 1.0))[:, None]))


def refine(points: Float32, centres: Float32, *, steps: int, weights: Float64 | None = None) -> tuple[Labels, Float32]:
    """Lloyd's k-means from given centres: labels int32[U] and centres. A group that empties keeps its centre."""
    labels = nearest(points, centres)
    for _ in range(steps):
        moved, mass = means(points, labels, len(centres), weights)
        centres = np.where((mass > 0)[:, None], moved, centres).astype(np.float32)
        fresh = nearest(points, centres)
        if np.array_equal(fresh, labels):
            break
        labels = fresh
    return labels, centres


@dataclass(frozen=True)
class Tree:
    """Small groups and the order in which Ward's method merges them.

    ``centres`` float32[M, D], ``mass`` float64[M]; ``merges`` int32[M-1, 2]: the two groups (by their lowest member)
    that are joined at each step; the result keeps the first one's name.
    """

    centres: Float32
    mass: Float64
    merges: npt.NDArray[np.int32]

    def cut(self, k: int) -> Labels:
        """Which of k branches each small group belongs to: int32[M]."""
        m = len(self.centres)
        name = np.arange(m, dtype=np.int32)
        for a, b in self.merges[: max(0, m - k)]:
            name[name == b] = a
        return np.unique(name, return_inverse=True)[1].astype(np.int32)

    def branch_centres(self, k: int) -> Float32:
        """Centre of each of k branches: float32[k, D]."""
        label = self.cut(k)
        return means(self.centres, label, int(label.max()) + 1, self.mass)[0]


def ward(centres: Float32, mass: Float64) -> npt.NDArray[np.int32]:
    """Merge order of weighted points by least growth of the within-group sum of squares: int32[M-1, 2].

    ``centres``, ``mass``: whole numbers. Merged centres are rounded to parts of `_FINER`.
    """
    m = len(centres)
    point = centres.astype(np.float64) * _FINER
    weight = mass.astype(np.float64).copy()
    square = exact.square_lengths(point)
    gap = square[:, None] + square[None, :] - 2.0 * point @ point.T
    cost = (
        np.maximum(gap, 0.0)
        * (weight[:, None] * weight[None, :])
        / np.maximum(weight[:, None] + weight[None, :], 1e-12)
    )
    np.fill_diagonal(cost, np.inf)
    best = cost.argmin(axis=1)
    low = cost[np.arange(m), best]
    merges = np.empty((max(0, m - 1), 2), dtype=np.int32)
    alive = np.ones(m, dtype=bool)
    for step in range(m - 1):
        i = int(low.argmin())
        j = int(best[i])
        a, b = (i, j) if i < j else (j, i)
        merges[step] = a, b
        total = weight[a] + weight[b]
        point[a] = np.rint((weight[a] * point[a] + weight[b] * point[b]) / total)
        weight[a] = total
        alive[b] = False
        cost[b, :] = cost[:, b] = np.inf
        low[b] = np.inf
        gap_a = np.einsum("ij,ij->i", point - point[a], point - point[a])
        row = np.where(alive, gap_a * weight * total / (weight + total), np.inf)
        row[a] = np.inf
        cost[a, :] = cost[:, a] = row
        stale = alive & ((best == a) | (best == b))
        stale[a] = True
        for s in np.flatnonzero(stale):
            best[s] = cost[s].argmin()
            low[s] = cost[s, best[s]]
        closer = alive & (row < low)
        best[closer] = a
        low[closer] = row[closer]
    return merges


def grow(points: Float32, *, small: int, steps: int = 6, turn: int = 0) -> Tree:
    """Small groups of some points and their merge order.

    Rows come in hash order, so any fixed choice of them is a random one: ``small`` rows start the groups, others for
    each ``turn``.
    """
    small = min(small, len(points))
    start = (np.arange(small) + turn * small) % len(points)
    labels, centres = refine(points, points[start].copy(), steps=steps)
    centres, mass = means(points, labels, small)
    filled = mass > 0
    centres, mass = centres[filled], mass[filled]
    return Tree(centres, mass, ward(centres, mass))


def groups(
    points: Float32, tree: Tree, k: int, *, steps: int = 10, weights: Float64 | None = None
) -> tuple[Labels, Float32]:
    """k groups of the points: the tree's k branches, refined by k-means."""
    return refine(points, tree.branch_centres(k), steps=steps, weights=weights)


def best_groups(points: Float32, k: int, *, small: int) -> Labels:
    """The tightest of a few splits into at most k groups, each from other starting rows: int32[U]."""

    def split(turn: int) -> tuple[float, Labels]:
        tree = grow(points, small=small, turn=turn)
        group, _ = groups(points, tree, min(k, len(tree.centres)))
        centres, mass = means(points, group, int(group.max()) + 1)
        return float(mass @ exact.square_lengths(centres)), group

    found = side_by_side(split, range(_STARTS))
    return max(found, key=lambda one: one[0])[1]
