"""How many groups there are: as many as two independent looks at the same texts agree on.

At each number of groups the texts are grouped twice, once by the shipped word vectors and once by what this corpus
alone says about its words, and the two are compared by adjusted mutual information (0 for chance). Agreement rises
until the real groups are told apart and is flat after that, so the answer is the smallest number within a few per
cent of the best. Without shipped vectors two disjoint halves of the vocabulary's views serve instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cxtext.cluster import graph, partition
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Float32, TermSpace, unit_rows


@dataclass(frozen=True)
class Curve:
    """Agreement at each number of groups: ``ks``, ``views`` (two views), ``halves`` (two half samples); AMI each."""

    ks: tuple[int, ...]
    views: tuple[float, ...]
    halves: tuple[float, ...]

    def recorded(self) -> dict[str, Any]:
        """JSON-ready, rounded to four digits."""
        return {
            "k": list(self.ks),
            "views": [round(v, 4) for v in self.views],
            "halves": [round(v, 4) for v in self.halves],
        }


def grid(most: int) -> list[int]:
    """Numbers of groups worth trying: each about a fifth larger than the one before."""
    out, k = [], 3.0
    while round(k) <= most:
        out.append(round(k))
        k = max(k * 1.22, k + 1)
    return out


def view_points(space: TermSpace, points: Float32) -> tuple[Float32, Float32]:
    """The same texts seen by two disjoint sets of views."""
    if len(space.views) < 2:
        half = points.shape[1] // 2
        return unit_rows(points[:, :half]), unit_rows(points[:, half:])
    cut = space.views[0].stop
    return unit_rows(points[:, :cut]), unit_rows(points[:, cut:])


def agreement(space: TermSpace, points: Float32, options: ClusterOptions, most: int) -> Curve:
    """The curve over the numbers of groups up to ``most``, on some points (rows in hash order)."""
    from sklearn.metrics import adjusted_mutual_info_score

    n = len(points)

    def smoothed(x: Float32) -> Float32:
        return graph.smooth(x, k=options.neighbours, hops=options.hops, damping=options.damping)

    first, second = (smoothed(x) for x in view_points(space, points))
    small = min(300, n // 4)
    tree_a, tree_b = partition.grow(first, small=small), partition.grow(second, small=small)
    even, odd = points[0::2], points[1::2]
    half_a, half_b = smoothed(even), smoothed(odd)
    half_tree_a, half_tree_b = partition.grow(half_a, small=small // 2), partition.grow(half_b, small=small // 2)
    ks = [k for k in grid(most) if k <= small // 2]
    views, halves = [], []
    for k in ks:
        a, _ = partition.groups(first, tree_a, k)
        b, _ = partition.groups(second, tree_b, k)
        views.append(float(adjusted_mutual_info_score(a, b)))
        a, _ = partition.groups(half_a, half_tree_a, k)
        b, _ = partition.groups(half_b, half_tree_b, k)
        by_a = partition.nearest(points, unit_rows(partition.means(even, a, k)[0]))
        by_b = partition.nearest(points, unit_rows(partition.means(odd, b, k)[0]))
        halves.append(float(adjusted_mutual_info_score(by_a, by_b)))
    return Curve(tuple(ks), tuple(views), tuple(halves))


def choose(curve: Curve, tolerance: float) -> int:
    """The smallest number of groups whose agreement is within ``tolerance`` of the best; 1 if there is no curve."""
    if not curve.ks:
        return 1
    score = np.asarray(curve.views)
    good = np.flatnonzero(score >= score.max() - tolerance * abs(score.max()))
    return int(curve.ks[good[0]])
