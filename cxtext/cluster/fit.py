"""Learn pain points from a sample of complaint units.

Words get vectors, units become points, points are smoothed over their neighbours, split into groups, and each group's
centre and limit are what later assignment needs. Clustering is deterministic: the same sample in the same order gives
the same bytes on every processor (see `cxtext.exact`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cxtext.cluster import assign, granularity, model, partition, terms
from cxtext.cluster.describe import describe
from cxtext.cluster.names import Judge
from cxtext.cluster.null import Null, deal, null_of
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Float32, TermSpace, WordVectors, build
from cxtext.cluster.together import beside
from cxtext.cluster.warm import best_gain, candidates, carry, digest, moved_centres, open_new
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
# A unit is a sure member when it lies closer to its centre than this share of dealt-out units.
SURE = 0.5


def fit(
    tokens: TokenTable,
    units: Units,
    *,
    weights: FloatArray | None = None,
    vectors: WordVectors | None = None,
    n_clusters: int | None = None,
    options: ClusterOptions | None = None,
    previous: ClusterModel | None = None,
    warm: bool = True,
    stop_valence: frozenset[str] = frozenset(),
    judge: Judge | None = None,
) -> ClusterModel:
    """Find the pain points in some units, which must come in hash order (see the module).

    ``weights`` float[U]: how much each unit pulls at its group's centre; ``vectors``: the shipped word vectors;
    ``n_clusters`` fixes the number of pain points, else it is found. With ``previous`` ids are carried over: ``warm``
    starts from its groups and lets them move, otherwise the groups are made anew. ``stop_valence``: sentiment words
    that say how people feel but not about what, never features. ``judge``: how probably a clause is a complaint or a
    wish, by which names are chosen.
    """
    from threadpoolctl import threadpool_limits

    options = options or ClusterOptions()
    with threadpool_limits(1):
        sample = Units(*(part[: options.n_sample] for part in (units.response, units.first, units.last)))
        stream = terms.word_stream(tokens, sample)
        fingerprint = digest(stream, options, n_clusters, stop_valence)
        if previous is not None and warm and previous.meta.get("fingerprint") == fingerprint:
            return previous  # the same texts, the same way: there is nothing to learn
        space, points = build(stream, vectors, options, stop_valence)
        dealt = beside(lambda: deal(stream, vectors, options, stop_valence))
        full = np.asarray(points.any(axis=1))
        some = points[full]
        smallest = minimum_size(len(some), options)
        pull = None if weights is None else np.rint(16.0 * np.asarray(weights, dtype=np.float64))[: len(full)][full]
        before = None if previous is None else assign.Assigner(previous, vectors).assign_stream(stream)
        heirs: dict[int, int] | None = None
        gain: Callable[[], float] | None = None
        if previous is not None and before is not None and warm and len(previous.pain_points):
            found, heirs = continue_groups(
                some, before.cluster[full], before.similarity[full], previous, smallest, n_clusters, options
            )
        else:
            found, gain = find_groups(space, some, smallest, n_clusters, options, pull)
        chance = null_of(dealt(), options, len(found.centres))
        found = replace(found, next_gain=gain()) if gain else found
        found, kept = with_limits(found, some, chance, smallest, options)
        fitted = assemble(space, found, stop_valence, vectors is not None, options)
        fitted = replace(fitted, meta=dict(fitted.meta) | {"fingerprint": fingerprint})
        result = assign.Assigner(fitted, vectors).assign_points(points)
        fitted = describe(fitted, tokens, sample, stream, points, result, vectors, chance, judge)
        if previous is None or before is None:
            return fitted
        if heirs is not None:
            heirs = {i: heirs[j] for i, j in enumerate(kept.tolist()) if j in heirs}
        return carry(fitted, previous, before.cluster.astype(np.int32), result.cluster.astype(np.int32), heirs)


def continue_groups(
    points: Float32,
    before: npt.NDArray[np.integer],
    similarity: npt.NDArray[np.floating],
    previous: ClusterModel,
    smallest: int,
    n_clusters: int | None,
    options: ClusterOptions,
) -> tuple[Found, dict[int, int]]:
    """The previous groups among new points, with new ones where unheard-of texts gather; which continues which."""
    old, near = np.asarray(before, dtype=np.int32), np.asarray(similarity, dtype=np.float32)
    usual = float(previous.meta["quality"].get("next_gain", 0.0))
    fresh = np.zeros((0, points.shape[1]), dtype=np.float32)
    if n_clusters is None:
        fresh, claimed = open_new(points, near, smallest, usual, options)
        old = np.where(claimed, -1, old).astype(np.int32)
    centres, alive = moved_centres(points, old, len(previous.pain_points), smallest)
    centres = np.concatenate([centres, fresh])
    heirs = {new: int(old) for new, old in enumerate(alive)}
    return Found(centres, np.zeros(len(centres), np.float32), None, next_gain=usual), heirs


def minimum_size(n: int, options: ClusterOptions) -> int:
    """Members that make a pain point: 10 or half a per cent, and fewer in a tiny corpus."""
    if n < 500:
        return max(3, n // 50)
    return max(options.min_size, int(np.ceil(options.min_share * n)))


@dataclass(frozen=True)
class Found:
    """Groups of the sample: ``centres`` float32[k, D], ``thresholds`` float32[k], how k came about."""

    centres: Float32
    thresholds: Float32
    curve: granularity.Curve | None
    sure: float = 0.0
    excess: float = 1.0
    next_gain: float = 0.0


def find_groups(
    space: TermSpace,
    points: Float32,
    smallest: int,
    n_clusters: int | None,
    options: ClusterOptions,
    pull: npt.NDArray[np.float64] | None,
) -> tuple[Found, Callable[[], float] | None]:
    """Group some points; a given number is kept, a free one is found. ``pull``: how much each counts for its centre.

    Also what will give ``next_gain``, which nobody needs before the groups have been described.
    """
    n = len(points)
    if n < 2 * smallest:
        return Found(np.zeros((0, space.matrix.shape[1]), np.float32), np.zeros(0, np.float32), None), None
    curve = None
    core = points[:GRAPH_UNITS]
    smooth = beside(lambda: granularity.smoothed(core, options))
    if n_clusters is None:
        most = max(2, min(options.k_max, n // (2 * smallest)))
        curve = granularity.agreement(space, points[:CHOICE_UNITS], options, most)
        n_clusters = granularity.choose(curve, options.k_sharpness)
    smoothed = smooth()
    group = partition.best_groups(smoothed, n_clusters, small=min(400, max(n_clusters, len(core) // 4)))
    pull = None if pull is None else pull[:GRAPH_UNITS]
    centres = partition.directions(core, group, int(group.max()) + 1, pull)
    centres = without_small(points, centres, smallest)
    near = assign.best_match(points, centres)[1]
    gain = beside(lambda: best_gain(points, near, candidates(core, smoothed), smallest)[0])
    return Found(centres, np.zeros(len(centres), np.float32), curve), gain


def with_limits(
    found: Found, points: Float32, chance: Null, smallest: int, options: ClusterOptions
) -> tuple[Found, npt.NDArray[np.int64]]:
    """Set the similarity below which a unit stays unclustered, by what chance alone gives; and which groups remain.

    A corpus no tighter than its own words dealt out at random has no subjects: there only what beats nearly all of
    chance is taken in. Otherwise only units that fall behind nearly all of chance stay out.
    """
    k = len(found.centres)
    if not k:
        return found, np.zeros(0, dtype=np.int64)
    best, value = assign.best_match(points, found.centres)
    excess = chance.excess(value[: len(chance.similarity)])
    structured = excess >= STRUCTURE
    limit = round(chance.quantile(options.reject if structured else options.reject_noise), 4)
    size = np.bincount(best[value >= limit], minlength=k)
    kept = np.arange(k) if structured else np.flatnonzero(size >= smallest)
    thresholds = np.full(len(kept), limit, dtype=np.float32)
    sure = round(chance.quantile(SURE), 4)
    return replace(found, centres=found.centres[kept], thresholds=thresholds, sure=sure, excess=excess), kept


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
        "centres": found.centres.astype(np.int16),
        "thresholds": found.thresholds.astype(np.float32),
        "theme": np.zeros(k, dtype=np.int32),
    }
    meta = {
        "format": model.FORMAT,
        "views": [[v.name, v.start, v.stop, v.share] for v in space.views],
        "ignored": sorted(ignored),
        "static": static,
        "options": options.recorded(),
        "sure": found.sure,
        "next_id": k + 1,
        "quality": {
            "k": k,
            "excess": round(found.excess, 4),
            "next_gain": round(found.next_gain, 6),
            "curve": found.curve.recorded() if found.curve else None,
        },
    }
    points = tuple(PainPoint(id=pain_point_id(j + 1), label="", terms=()) for j in range(k))
    return ClusterModel(arrays, meta, points)


def pain_point_id(number: int) -> str:
    """``PP-007`` for 7."""
    return f"PP-{number:03d}"
