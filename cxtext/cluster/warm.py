"""Training again without reshuffling: old groups move with the texts, new subjects open new ones, ids last.

A fresh fit on a quarter more data would deal a third of the texts out differently. A warm one starts from what the
previous model does with the new sample, so that only texts on the borders change sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster import granularity, match, partition
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.space import Float32
from cxtext.cluster.terms import WordStream
from cxtext.schema import ClusterModel, PainPoint

Labels = npt.NDArray[np.int32]
# A new group must bring its texts this many times closer than the best split of an old group did at the last fit.
NOVELTY = 1.5
# Fewer members than this share of the smallest allowed size, and a group is retired.
LIVING = 0.5
# A new group claims the texts that it is clearly closer to than their old one is.
_CLAIM = 0.1
_MOST_NEW = 20
_GRAPH_UNITS = 10_000


def moved_centres(points: Float32, old: Labels, k: int, smallest: int) -> tuple[Float32, npt.NDArray[np.int64]]:
    """Old groups' centres among new points, found through the texts; and which old groups live on.

    ``old`` int32[U]: what the previous model says of each point (-1: nothing, or claimed by a new group).
    """
    size = np.bincount(old[old >= 0], minlength=k)
    alive = np.flatnonzero(size >= max(2, LIVING * smallest))
    return partition.directions(points, old, k)[alive], alive


def candidates(core: Float32, smoothed: Float32) -> Float32:
    """Centres of many small groups of the points: where a new group could be opened.

    ``smoothed`` float32[U, A] are the points ``core`` float32[U, D] after smoothing.
    """
    tree = partition.grow(smoothed, small=min(400, max(2, len(core) // 8)))
    branches, centres = min(160, len(tree.centres)), []
    for k in sorted({branches, max(1, branches // 3)}):
        group, _ = partition.groups(smoothed, tree, k, steps=3)
        centres.append(partition.directions(core, group, int(group.max()) + 1))
    return np.concatenate(centres)


def best_gain(points: Float32, similarity: Float32, spots: Float32, smallest: int) -> tuple[float, int]:
    """How much closer, per point, one more centre would bring the points; and which of ``spots`` does it (-1: none).

    ``similarity`` float32[U]: to the centre that each point has now.
    """
    gain = np.zeros(len(spots))
    count = np.zeros(len(spots), dtype=np.int64)
    for start in range(0, len(points), 4096):
        near = exact.similarity(points[start : start + 4096] @ spots.T).astype(np.float64)
        closer = np.rint(1e4 * (near - similarity[start : start + 4096, None]))  # whole: sums are exact
        gain += np.maximum(closer, 0.0).sum(axis=0)
        count += (closer > 0).sum(axis=0)
    gain[count < smallest] = 0.0
    gain = np.round(gain / (1e4 * max(1, len(points))), 6)
    best = int(gain.argmax()) if len(gain) else -1
    return (float(gain[best]), best) if best >= 0 and gain[best] > 0 else (0.0, -1)


def open_new(
    points: Float32, similarity: Float32, smallest: int, usual_gain: float, options: ClusterOptions
) -> tuple[Float32, npt.NDArray[np.bool_]]:
    """Centres where texts gather that no old group speaks for; and which points they claim.

    ``similarity``: of each point to its group under the previous model, which knew nothing of the new texts.
    """
    core = points[:_GRAPH_UNITS]
    spots = candidates(core, granularity.smoothed(core, options))
    centres: list[Float32] = []
    claimed = np.zeros(len(points), dtype=bool)
    while len(centres) < _MOST_NEW:
        gain, spot = best_gain(points, similarity, spots, smallest)
        if spot < 0 or gain < NOVELTY * max(usual_gain, 1e-4):
            break
        centre = spots[spot]
        for _ in range(3):
            member = (exact.similarity(points @ centre) > similarity + _CLAIM).astype(np.int32) - 1
            if member.max(initial=-1) < 0:
                break
            centre = partition.directions(points, member, 1)[0]
        near = exact.similarity(points @ centre)
        claimed |= near > similarity + _CLAIM
        similarity = np.maximum(similarity, near)
        spots = np.delete(spots, spot, axis=0)
        if int((near > similarity - 1e-6).sum()) >= smallest:
            centres.append(centre)
    out = np.stack(centres) if centres else np.zeros((0, points.shape[1]), dtype=np.float32)
    return out, claimed


def digest(stream: WordStream, options: ClusterOptions, n_clusters: int | None, ignored: frozenset[str]) -> str:
    """A fingerprint of a sample and the way it is clustered: equal for equal words in equal units."""
    import hashlib
    import json

    order = sorted(range(len(stream.words)), key=stream.words.__getitem__)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    told = hashlib.sha256()
    told.update(json.dumps([options.recorded(), n_clusters, sorted(ignored)], sort_keys=True).encode())
    told.update("\n".join(stream.words[i] for i in order).encode("utf-8", "replace"))
    told.update(rank[stream.codes].astype("<i4").tobytes())
    told.update(stream.offsets.astype("<i8").tobytes())
    return told.hexdigest()


def carry(
    model: ClusterModel, previous: ClusterModel, old: Labels, new: Labels, heirs: Mapping[int, int] | None = None
) -> ClusterModel:
    """Give the groups of a new model the ids, names, owners and notes of those they continue.

    ``old``, ``new``: what both models do with the same texts. ``heirs`` maps new to old groups where that is known;
    otherwise the one-to-one assignment on overlap decides. Lineage and retired pain points go into ``meta``.
    """
    steps = match.match(old, new, n_old=len(previous.pain_points), n_new=len(model.pain_points))
    if heirs is None:
        heirs = {step.new: step.old for step in steps if step.new >= 0 and step.old >= 0}
    next_id = int(previous.meta["next_id"])
    described: list[PainPoint] = []
    for j, point in enumerate(model.pain_points):
        if j in heirs:
            was = previous.pain_points[heirs[j]]
            status = was.status if was.status == "ignored" else "active"
            described.append(
                replace(
                    point, id=was.id, label=was.label, status=status,
                    first_seen=was.first_seen, owner=was.owner, note=was.note,
                )
            )  # fmt: skip
        else:
            described.append(replace(point, id=f"PP-{next_id:03d}", status="new"))
            next_id += 1
    named = dict(zip((p.id for p in model.pain_points), (p.id for p in described), strict=True))
    described = [replace(p, neighbours=tuple(named[i] for i in p.neighbours)) for p in described]
    taken = {previous.pain_points[i].id for i in heirs.values()}
    gone = [{"id": p.id, "label": p.label} for p in previous.pain_points if p.id not in taken]
    retired: list[Any] = [*previous.meta.get("retired", []), *gone]
    lineage = [_named(step, previous.pain_points, described) for step in steps]
    meta = dict(model.meta) | {"next_id": next_id, "retired": retired, "lineage": lineage}
    return ClusterModel(model.arrays, meta, tuple(described))


def _named(step: match.Step, old: tuple[PainPoint, ...], new: list[PainPoint]) -> dict[str, Any]:
    others = new if step.change == "split" else old
    return {
        "change": step.change,
        "old": old[step.old].id if step.old >= 0 else "",
        "new": new[step.new].id if step.new >= 0 else "",
        "label": new[step.new].label if step.new >= 0 else old[step.old].label,
        "overlap": round(step.overlap, 4),
        "n_old": step.n_old,
        "n_new": step.n_new,
        "others": [others[i].id for i in step.others],
    }
