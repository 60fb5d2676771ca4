"""The codebook laid over a clusterer: what people decided counts, the model's file stays as it was trained.

The result is a clusterer again. Its pain points are those shown: renamed, merged, split, seeded, ignored. Three more
arrays say how units get there: ``column_centres`` int16[c, D] and ``column_thresholds`` float32[c], the trained
groups with the seeds after them, and ``column_shown`` int32[c], the pain point that each stands for. ``meta["splits"]``
lists [column, pain point, words]: units of that column with one of the words belong to that pain point instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cxtext import exact
from cxtext.cluster.assign import Assigner
from cxtext.cluster.partition import directions
from cxtext.cluster.space import WordVectors
from cxtext.pipeline.decisions import MOST_TERMS, Shown, apply
from cxtext.schema import ClusterModel, PainPoint, TokenTable, Units
from cxtext.settings import Settings
from cxtext.store.codebook import Codebook, Seed, beside, load, named
from cxtext.text.tokens import token_table

if TYPE_CHECKING:
    from cxtext.cluster.space import Float32
    from cxtext.schema import IntArray
    from cxtext.store.registry import ModelFiles

SEED_TAKES = 0.5
"""A trained group this similar to a seed's centre belongs to the seed as a whole, unless people said otherwise."""
SEED_MARGIN = 1.15
"""A unit must be this many times closer to a seed than to a trained group's limit to be taken in by the seed."""


def codebook_for(settings: Settings, files: ModelFiles | None) -> Codebook:
    """The codebook beside the model, with the one that ``--codebook`` names under it. Raises InputError."""
    book = Codebook()
    if settings.model and files is not None:
        place = beside(Path(settings.models_dir), files.name)
        book = load(place) if place.is_file() else book
    return book.over(named(settings.codebook)) if settings.codebook else book


def overlay(
    settings: Settings, model: ClusterModel, files: ModelFiles | None, vectors: WordVectors | None
) -> ClusterModel:
    """The clusterer with the codebook in force laid over it; the clusterer itself when nothing was decided."""
    return lay_over(codebook_for(settings, files), model, vectors)


def lay_over(book: Codebook, model: ClusterModel, vectors: WordVectors | None) -> ClusterModel:
    """Apply a codebook to a clusterer. The same decisions on the same model give the same bytes."""
    if not book:
        return model
    seeded = with_seeds(book.seeds, model, vectors)
    shown = apply(book, seeded.model.pain_points, seeded.absorbed, seeded.unknown)
    centres = np.asarray(seeded.model.arrays["centres"], np.float32)
    thresholds = np.asarray(seeded.model.arrays["thresholds"], np.float32)
    of = np.asarray(shown.of, np.int32)
    theme = _themes(seeded.model, len(model.pain_points), of, len(shown.pain_points))
    arrays = dict(model.arrays) | {
        "centres": _merged_centres(centres, seeded.model.pain_points, shown),
        "thresholds": _lowest(thresholds, shown),
        "theme": theme,
        "column_centres": centres.astype(np.int16),
        "column_thresholds": thresholds,
        "column_shown": of,
    }
    names = list(model.meta.get("themes", ()))
    points = tuple(
        replace(p, theme=names[theme[j]] if theme[j] < len(names) else p.theme) for j, p in enumerate(shown.pain_points)
    )
    meta = dict(model.meta) | {
        "splits": [[column, point, list(words)] for column, point, words in shown.splits],
        "codebook": [v.recorded() for v in shown.verdicts],
    }
    return ClusterModel(arrays, meta, points)


# ------------------------------------------------------------------------------------------------------- seeds


@dataclass(frozen=True)
class Seeded:
    """A model with the seeds as further columns; ``absorbed``: trained id -> seed; ``unknown``: seeds left out."""

    model: ClusterModel
    absorbed: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def with_seeds(seeds: Sequence[Seed], model: ClusterModel, vectors: WordVectors | None) -> Seeded:
    """Add a column for each seed: its centre is the mean of its words and examples in the model's own space."""
    placed, rows, unknown = [], [], []
    embed = Assigner(model, vectors).embed
    for seed in seeds:
        points = embed(*texts_as_units([*seed.words, *seed.examples]))
        points = points[points.any(axis=1)]
        if len(points):
            placed.append(seed)
            rows.append(directions(points, np.zeros(len(points), np.int32), 1)[0])
        else:
            unknown.append(seed.id)
    if not placed:
        return Seeded(model, unknown=tuple(unknown))
    centres = np.stack(rows).astype(np.float32)
    trained = np.asarray(model.arrays["centres"], np.float32)
    limits = np.asarray(model.arrays["thresholds"], np.float32)
    usual = float(np.median(limits)) if len(limits) else 0.3
    absorbed = {}
    if len(trained):
        near = exact.similarity(trained @ centres.T)
        best = near.argmax(axis=1)
        absorbed = {p.id: placed[best[j]].id for j, p in enumerate(model.pain_points) if near[j, best[j]] >= SEED_TAKES}
    arrays = dict(model.arrays) | {
        "centres": np.concatenate([trained, centres]).astype(np.int16),
        "thresholds": np.concatenate([limits, np.full(len(placed), round(usual * SEED_MARGIN, 4), np.float32)]),
    }
    cards = tuple(
        PainPoint(
            s.id, s.label, s.words[:MOST_TERMS], status="ignored" if s.ignore else "active", owner=s.owner, note=s.note
        )
        for s in placed
    )
    return Seeded(ClusterModel(arrays, model.meta, (*model.pain_points, *cards)), absorbed, tuple(unknown))


def texts_as_units(texts: Sequence[str]) -> tuple[TokenTable, Units]:
    """Texts as a token table, each one a unit."""
    table = token_table(pa.array(texts, pa.string()))
    return table, Units(np.arange(len(texts), dtype=np.int32), table.offsets[:-1].copy(), table.offsets[1:].copy())


def _merged_centres(centres: Float32, columns: Sequence[PainPoint], shown: Shown) -> Float32:
    """One centre per shown pain point: the mean of its columns by size; a part split off has its parent's."""
    total = np.zeros((len(shown.pain_points), centres.shape[1]))
    for j, point in enumerate(columns):
        total[shown.of[j]] += centres[j].astype(np.float64) * max(point.n_units, 1)
    for column, place, _ in shown.splits:
        if not total[place].any():
            total[place] = centres[column]
    length = np.maximum(np.abs(total).max(axis=1, keepdims=True), 1.0)
    return exact.unit_rows(np.rint(total * (exact.UNIT / length))).astype(np.int16)


def _lowest(thresholds: Any, shown: Shown) -> Any:
    lowest = np.full(len(shown.pain_points), np.inf)
    np.minimum.at(lowest, np.asarray(shown.of, np.int64), thresholds)
    for column, point, _ in shown.splits:
        lowest[point] = min(lowest[point], thresholds[column])
    return lowest.astype(np.float32)


def _themes(model: ClusterModel, trained: int, of: IntArray, n: int) -> IntArray:
    """The theme of each shown pain point: its first column's; a seed has that of the trained group closest to it."""
    own = np.asarray(model.arrays["theme"], np.int32)
    centres = np.asarray(model.arrays["centres"], np.float32)
    if not trained:
        return np.zeros(n, np.int32)
    near = (centres[trained:] @ centres[:trained].T).argmax(axis=1)
    every = np.concatenate([own[:trained], own[near]]).astype(np.int32)
    theme = np.zeros(n, np.int32)
    for column in range(len(of) - 1, -1, -1):
        theme[of[column]] = every[column]
    return theme
