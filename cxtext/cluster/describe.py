"""What people need to know about each group: name, terms, theme, exemplars, and how far to trust it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext.cluster import exemplars, labels, names, quality
from cxtext.cluster.model import ignored_words, space_of
from cxtext.cluster.names import Judge
from cxtext.cluster.null import Null
from cxtext.cluster.options import ClusterOptions
from cxtext.cluster.partition import ward
from cxtext.cluster.space import Embedder, Float32, WordVectors
from cxtext.cluster.terms import WordStream
from cxtext.cluster.words import NEGATIONS
from cxtext.schema import Assignment, ClusterModel, TokenTable, Units

# Stability shows on this many units.
_STABILITY_UNITS = 4_000


def describe(
    model: ClusterModel,
    tokens: TokenTable,
    units: Units,
    stream: WordStream,
    points: Float32,
    result: Assignment,
    vectors: WordVectors | None,
    null: Null,
    judge: Judge | None = None,
) -> ClusterModel:
    """The model with its pain points described from the sample it was fitted on (positions refer to ``units``)."""
    k = len(model.pain_points)
    options = ClusterOptions(**model.meta["options"])
    cluster = np.asarray(result.cluster, dtype=np.int32)
    similarity = np.asarray(result.similarity, dtype=np.float32)
    centres = np.asarray(model.arrays["centres"], dtype=np.float32)
    size = np.bincount(cluster[cluster >= 0], minlength=k)
    full = points.any(axis=1)
    coverage = float((cluster >= 0).sum() / max(1, len(cluster)))
    whole: dict[str, Any] = dict(model.meta["quality"]) | {
        "units": len(cluster), "coverage": round(coverage, 4), "blank": int((~full).sum())
    }  # fmt: skip
    if not k:
        return ClusterModel(model.arrays, dict(model.meta) | {"quality": whole, "themes": [], "exemplars": []}, ())
    embedder = Embedder(space_of(model), vectors, ignored_words(model))
    tags = labels.label_phrases(tokens, units, cluster, similarity, centres, embedder.points)
    words = labels.top_terms(stream, cluster, k, options.label_terms)
    tags = [labels.explained(tag, words[j]) or _fallback(words[j], j) for j, tag in enumerate(tags)]
    named = names.name_groups(tokens, units, points, cluster, similarity, centres, embedder.points, judge)
    shown = exemplars.choose(points, centres, cluster, similarity, np.diff(stream.offsets), options.exemplars)
    tight = quality.cohesion(cluster, similarity, k)
    apart, near = quality.separation(centres)
    some = np.flatnonzero(full)[:_STABILITY_UNITS]
    stable = quality.stability(points[some], cluster[some], k, options)
    empty = quality.empty_talk(stream, cluster, k)
    same = quality.sameness(stream, cluster, k)
    verdict = quality.verdicts(empty, same, stable, null.stability, words)
    if judge is not None:  # without one, names say little about their groups
        verdict = ["boilerplate" if c < quality.MIXED else v for c, v in zip(named.coverage, verdict, strict=True)]
    theme, theme_names = themes(centres, size, words)
    described = tuple(
        replace(
            p,
            label=named.names[j] or tags[j],
            tag=tags[j],
            coverage=round(float(named.coverage[j]), 4),
            terms=words[j],
            theme=theme_names[theme[j]],
            n_units=int(size[j]),
            cohesion=round(float(tight[j]), 4),
            separation=round(float(apart[j]), 4),
            stability=round(float(stable[j]), 4),
            null_stability=round(null.stability, 4),
            verdict=verdict[j],
            neighbours=tuple(model.pain_points[i].id for i in near[j][:3]),
        )
        for j, p in enumerate(model.pain_points)
    )
    whole["stability"] = round(float(np.average(stable, weights=np.maximum(size, 1))), 4)
    whole["null_stability"] = round(null.stability, 4)
    meta = dict(model.meta) | {"quality": whole, "themes": theme_names, "exemplars": shown}
    return ClusterModel(dict(model.arrays) | {"theme": theme}, meta, described)


def _fallback(words: tuple[str, ...], j: int) -> str:
    return ", ".join(words[:3]) or f"group {j + 1}"


def themes(
    centres: Float32, size: npt.NDArray[np.int64], words: list[tuple[str, ...]]
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """A coarser level over the groups: theme of each group int32[k], and a name of two words per theme."""
    k = len(centres)
    n_themes = max(1, min(12, round(np.sqrt(k) * 1.2))) if k > 3 else 1
    name = np.arange(k, dtype=np.int32)
    for a, b in ward(centres, np.maximum(size, 1).astype(np.float64))[: max(0, k - n_themes)]:
        name[name == b] = a
    theme = np.unique(name, return_inverse=True)[1].astype(np.int32)
    titles: list[str] = []
    for t in range(int(theme.max()) + 1):
        members = np.flatnonzero(theme == t)
        weight: dict[str, float] = {}
        for j in members:
            for rank, word in enumerate(words[j][:5]):
                weight[word] = weight.get(word, 0.0) + float(size[j]) / (rank + 1.0)
        # "not" and the like tell groups apart, but name nothing
        best = sorted(weight, key=lambda w: (w in NEGATIONS, -round(weight[w], 6), w))
        title = " & ".join(best[:2]) or f"theme {t + 1}"
        while title in titles:
            title += " & " + (best[len(title.split(" & "))] if len(best) > len(title.split(" & ")) else str(t + 1))
        titles.append(title)
    return theme, titles
