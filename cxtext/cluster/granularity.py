"""How many groups there are: as many as two independent looks at the same texts agree on.

At each number of groups the texts are grouped twice, once by the shipped word vectors and once by what this corpus
alone says about its words, and the two are compared by adjusted mutual information (0 for chance). Agreement rises
until the real groups are told apart and is flat after that, so the answer is the middle of the numbers that agree
nearly as well as the best one. Without shipped vectors two disjoint halves of the vocabulary's views serve instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import graph, partition
from cxtext.cluster.mutual import adjusted_mutual_information
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Float32, TermSpace
from cxtext.cluster.together import side_by_side

_SPLITS = 3


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


def grid(least: int, most: int) -> list[int]:
    """Numbers of groups worth trying: each about a quarter larger than the one before."""
    out, k = [], least
    while k <= most:
        out.append(k)
        k = max(round(k * 1.25), k + 1)
    return out


def view_points(space: TermSpace, points: Float32) -> tuple[Float32, Float32]:
    """The same texts seen by two disjoint sets of views."""
    if len(space.views) < 2:
        half = points.shape[1] // 2
        return exact.unit_rows(points[:, :half]), exact.unit_rows(points[:, half:])
    cut = space.views[0].stop
    return exact.unit_rows(points[:, :cut]), exact.unit_rows(points[:, cut:])


def agreement(space: TermSpace, points: Float32, options: ClusterOptions, most: int) -> Curve:
    """The curve over the numbers of groups up to ``most``, on some points (rows in hash order)."""
    n = len(points)
    small = min(250, n // 4)
    # Smoothing makes any two groupings agree more, real groups or not: look at the points as they are.
    options = replace(options, hops=0)
    pair = view_points(space, points)
    ks = [k for k in grid(min(options.k_min, most), most) if k <= small // 2]
    if not ks:  # too few texts to compare two looks at them
        return Curve((), (), ())

    def views(turn: int) -> list[float]:
        one, other = (_Sample(view, options, small, turn) for view in pair)
        return [adjusted_mutual_information(one.group(k), other.group(k)) for k in ks]

    def halves(turn: int) -> list[float]:
        # Rows come in hash order, so that any fixed pattern of them is a random half.
        side = (np.arange(n) >> turn) % 2 == 0
        one, other = (_Sample(points[half], options, small // 2) for half in (side, ~side))
        return [adjusted_mutual_information(one.extend(points, k), other.extend(points, k)) for k in ks]

    looks = side_by_side(lambda look: look[0](look[1]), [(f, turn) for f in (views, halves) for turn in range(_SPLITS)])
    by_views, by_halves = (np.mean(part, axis=0).tolist() for part in (looks[:_SPLITS], looks[_SPLITS:]))
    return Curve(tuple(ks), tuple(by_views), tuple(by_halves))


class _Sample:
    """Some points, smoothed and ready to be cut into any number of groups."""

    def __init__(self, points: Float32, options: ClusterOptions, small: int, turn: int = 0) -> None:
        self.points = points
        self.smoothed = smoothed(points, options)
        self.tree = partition.grow(self.smoothed, small=small, steps=5, turn=turn)

    def group(self, k: int) -> partition.Labels:
        return partition.groups(self.smoothed, self.tree, k, steps=5)[0]

    def extend(self, others: Float32, k: int) -> partition.Labels:
        """Groups of other points, by the centres found here."""
        group = self.group(k)
        return partition.nearest(others, partition.directions(self.points, group, int(group.max()) + 1))


def smoothed(points: Float32, options: ClusterOptions) -> Float32:
    """Points along their main axes, smoothed over the neighbour graph."""
    axes = graph.main_axes(points, options.axes)
    return graph.smooth(axes, k=options.neighbours, hops=options.hops, damping=options.damping)


def choose(curve: Curve, sharpness: int) -> int:
    """The mean (on a log scale) of the numbers of groups, each weighed by its agreement; 1 if there is no curve.

    ``sharpness``: the power of the agreement that a number counts by. A single best number would sit on a knife's edge
    where the curve is flat; the mean moves little when the texts do.

    Agreement across views grows with fine groups even where they are arbitrary, agreement across half samples with
    coarse ones even where they mix subjects, so both count; views count three times, being the closer to independent.
    Each number is judged together with its neighbours on the grid, which evens out the luck of single cuts.
    """
    if not curve.ks:
        return 1
    views, halves = (_with_neighbours(_with_neighbours(np.maximum(part, 0.0))) for part in (curve.views, curve.halves))
    score = views * views * views * halves
    if not score.max() > 0:
        return int(curve.ks[0])
    place = exact.log(np.array(curve.ks, dtype=np.float64))
    width = np.gradient(place) if len(place) > 1 else np.ones(1)
    weight = width * np.multiply.reduce([score / score.max()] * sharpness)
    return int(np.rint(exact.exp(exact.total(weight * place) / exact.total(weight))))


def _with_neighbours(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    padded = np.concatenate([values[:1], values, values[-1:]])
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
