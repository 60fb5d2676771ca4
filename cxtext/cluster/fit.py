"""Learn pain points from a sample of complaint units.

Words get vectors, units become points, points are smoothed over their neighbours, split into groups, and each group's
centre and limit are what later assignment needs. Nothing here rolls dice: the same sample in the same order gives the
same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cxtext.cluster import assign, granularity, model, partition, terms
from cxtext.cluster.describe import describe
from cxtext.cluster.null import Null, null_of
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Embedder, Float32, TermSpace, WordVectors, build, unit_rows
from cxtext.schema import ClusterModel, PainPoint, TokenTable, Units

if TYPE_CHECKING:
    from cxtext.schema import FloatArray

Labels = npt.NDArray[np.int32]
# The neighbour graph compares all pairs: beyond this many units only the centres look at the rest.
GRAPH_UNITS = 10_000
# The number of groups shows on a smaller sample already.
CHOICE_UNITS = 4_000
# Real units must be closer to their centres than dealt-out ones this often (0.5 is chance) to count as structured.
STRUCTURE = 0.54


def fit(
    tokens: TokenTable,
    units: Units,
    *,
    weights: FloatArray | None = None,
    vectors: WordVectors | None = None,
    n_clusters: int | None = None,
    options: ClusterOptions | None = None,
    previous: ClusterModel | None = None,
    stop_valence: frozenset[str] = frozenset(),
) -> ClusterModel:
    """Find the pain points in some units, which must come in hash order (see the module).

    ``weights`` float[U] how much each unit counts; ``vectors`` the shipped word vectors; ``n_clusters`` fixes the
    number of pain points, else it is found; ``previous`` makes it a warm refit that keeps ids; ``stop_valence`` are
    sentiment words that say how people feel but not about what: never features.
    """
    from threadpoolctl import threadpool_limits

    options = options or ClusterOptions()
    with threadpool_limits(1):
        sample = Units(*(part[: options.n_sample] for part in (units.response, units.first, units.last)))
        stream = terms.word_stream(tokens, sample)
        space = build(stream, vectors, options, stop_valence)
        points = Embedder(space, vectors, stop_valence).points(stream)
        full = points.any(axis=1)
        smallest = minimum_size(int(full.sum()), options)
        found = find_groups(space, points[full], smallest, n_clusters, options)
        chance = null_of(stream, vectors, options, stop_valence, len(found.centres))
        found = with_limits(found, points[full], chance, smallest, options)
        cluster_model = assemble(space, found, stop_valence, vectors is not None, options)
        result = assign.Assigner(cluster_model, vectors).assign_stream(stream)
        return describe(cluster_model, tokens, sample, stream, points, result, vectors, chance)


def minimum_size(n: int, options: ClusterOptions) -> int:
    """Members that make a pain point: 10 or half a per cent, and fewer in a tiny corpus."""
    if n < 500:
        return max(3, n // 50)
    return max(options.min_size, int(np.ceil(options.min_share * n)))


@dataclass(frozen=True)
class Found:
    """Groups of the sample: ``centres`` float32[k, D] of length one, ``thresholds`` float32[k], how k came about."""

    centres: Float32
    thresholds: Float32
    curve: granularity.Curve | None
    excess: float = 1.0


def find_groups(
    space: TermSpace, points: Float32, smallest: int, n_clusters: int | None, options: ClusterOptions
) -> Found:
    """Group some points; a given number is kept, a free one is found."""
    n = len(points)
    if n < 2 * smallest:
        return Found(np.zeros((0, space.matrix.shape[1]), np.float32), np.zeros(0, np.float32), None)
    curve = None
    if n_clusters is None:
        most = max(2, min(options.k_max, n // (2 * smallest)))
        curve = granularity.agreement(space, points[:CHOICE_UNITS], options, most)
        n_clusters = granularity.choose(curve, options.k_tolerance)
    core = points[:GRAPH_UNITS]
    smoothed = granularity.smoothed(core, options)
    tree = partition.grow(smoothed, small=min(400, max(n_clusters, len(core) // 4)))
    group, _ = partition.groups(smoothed, tree, min(n_clusters, len(tree.centres)))
    centres = unit_rows(partition.means(core, group, int(group.max()) + 1)[0])
    centres = without_small(points, centres, smallest)
    return Found(centres, np.zeros(len(centres), np.float32), curve)


def with_limits(found: Found, points: Float32, chance: Null, smallest: int, options: ClusterOptions) -> Found:
    """Set the similarity below which a unit stays unclustered, by what chance alone gives.

    A corpus no tighter than its own words dealt out at random has no subjects: there only what beats nearly all of
    chance is taken in. Otherwise only units that fall behind nearly all of chance stay out.
    """
    if not len(found.centres):
        return found
    best, value = assign.best_match(points, found.centres)
    excess = chance.excess(value[: len(chance.similarity)])
    limit = chance.quantile(options.reject if excess >= STRUCTURE else options.reject_noise)
    kept = np.bincount(best[value >= limit], minlength=len(found.centres)) >= smallest
    thresholds = np.full(len(found.centres), round(limit, 4), dtype=np.float32)
    if excess < STRUCTURE:
        return replace(found, centres=found.centres[kept], thresholds=thresholds[kept], excess=excess)
    return replace(found, thresholds=thresholds, excess=excess)


def without_small(points: Float32, centres: Float32, smallest: int) -> Float32:
    """Drop the smallest centre until every one has enough members; largest first."""
    while True:
        best, _ = assign.best_match(points, centres)
        size = np.bincount(best, minlength=len(centres))
        if len(centres) <= 1 or size.min() >= smallest:
            return centres[np.argsort(-size, kind="stable")]
        centres = np.delete(centres, int(size.argmin()), axis=0)


def assemble(
    space: TermSpace, found: Found, ignored: frozenset[str], static: bool, options: ClusterOptions
) -> ClusterModel:
    """A model without words for people yet: arrays, settings, numbered pain points."""
    k = len(found.centres)
    arrays = model.pack_space(space) | {
        "centres": found.centres.astype(np.float32),
        "thresholds": found.thresholds.astype(np.float32),
        "theme": np.zeros(k, dtype=np.int32),
    }
    meta = {
        "format": model.FORMAT,
        "views": [[v.name, v.start, v.stop, v.share] for v in space.views],
        "ignored": sorted(ignored),
        "static": static,
        "options": options.recorded(),
        "next_id": k + 1,
        "quality": {
            "k": k,
            "excess": round(found.excess, 4),
            "curve": found.curve.recorded() if found.curve else None,
        },
    }
    points = tuple(PainPoint(id=pain_point_id(j + 1), label="", terms=()) for j in range(k))
    return ClusterModel(arrays, meta, points)


def pain_point_id(number: int) -> str:
    """``PP-007`` for 7."""
    return f"PP-{number:03d}"
