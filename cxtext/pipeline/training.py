"""Train a named model, or train it again: the next version starts from the one before and keeps its ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from cxtext.cluster.assign import Assigner
from cxtext.cluster.partition import directions
from cxtext.cluster.space import WordVectors
from cxtext.engine import choose, rest
from cxtext.errors import RequestError
from cxtext.pipeline.analysis import first_look, keep_of, unit_of
from cxtext.pipeline.clusterer import read_clusterer
from cxtext.pipeline.codebooks import lay_over, texts_as_units
from cxtext.pipeline.fitting import (
    FittingSample,
    Learned,
    fit_clusters,
    learn_sentiment,
    rows_to_learn_from,
    units_for_fitting,
)
from cxtext.pipeline.inputs import Inputs, open_inputs
from cxtext.pipeline.looks import FirstLook
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.record import versions
from cxtext.pipeline.versions import Change, changes, counted, phrases_record, worse
from cxtext.pipeline.wordvectors import same_choice, still_its_own, word_vectors
from cxtext.schema import ClusterModel, Exemplar, PainPoint
from cxtext.settings import Declared, Settings
from cxtext.store import arrays, shipped
from cxtext.store.codebook import Codebook, beside, load, named
from cxtext.store.manifest import read_manifest, split_spec
from cxtext.store.registry import ModelFiles, next_id, promoted, resolve, save, writing
from cxtext.store.spill import Spill


@dataclass(frozen=True)
class Previous:
    """The promoted version that training starts from."""

    files: ModelFiles
    model: ClusterModel
    manifest: Mapping[str, Any]


def train(
    inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress, *, fresh: bool = False
) -> list[str]:
    """Fit the next version of the model that the settings name; returns the lines that tell what changed.

    Warm unless `fresh`. A version that is worse than the promoted one is kept but not promoted. Raises InputError,
    RequestError or ModelError; then no version is made.
    """
    models_dir, (name, version) = Path(settings.models_dir), split_spec(settings.model or "")
    if version is not None:
        raise RequestError(
            f"train makes the next version of a name; leave @{version} out (it starts from the promoted one)"
        )
    book = load(beside(models_dir, name)) if beside(models_dir, name).is_file() else Codebook()
    book = book.over(named(settings.codebook)) if settings.codebook else book
    with writing(models_dir, name), Spill() as spill:
        previous = _previous(models_dir, name)
        files = previous.files if previous else None
        found = open_inputs(inputs, declared, settings, progress)
        engine = choose(settings.engine, settings.jobs, settings.scheduler)
        look = first_look(found, settings, engine, spill.path, progress, files)
        with progress.stage("finding pain points"):
            rows = rows_to_learn_from(found, look, spill.path, unit_of(settings, files))
            learning = engine.beside(learn_sentiment, rows)
            sample = units_for_fitting(look, spill.path, settings.sample_size)
            trained = _fit(sample, settings, previous, book.pinned(), fresh)
            learned = learning()
        rest()
        shown = lay_over(book, trained.model, trained.vectors)
        quality = _quality(trained, learned)
        reasons = worse(quality, trained.before | _agreement(previous)) if previous else []
        manifest = _manifest(settings, found, look, sample, previous, quality, fresh) | {"why_not_promoted": reasons}
        made = save(
            models_dir, name, trained.model, arrays.read(Path(learned.file)) if learned.file else None, manifest,
            lineage=_lineage(trained.changes, previous, fresh), phrases=phrases_record(sample.tokens, sample.units),
            promote_it=not reasons, held=True,
        )  # fmt: skip
    return _told(name, made, previous, trained, reasons, shown)


def _previous(models_dir: Path, name: str) -> Previous | None:
    if promoted(models_dir, name) is None:
        return None
    files = resolve(models_dir, name)
    model = read_clusterer(files.clusters)
    meta = dict(model.meta)
    if not still_its_own(model, str(shipped.folder())):
        # what it was fitted with isn't here any more: it is fitted again, and speaks for the words it knows
        meta = {**meta, "static": False, "fingerprint": ""}
    # numbers given out by versions that were never promoted aren't given out again
    meta["next_id"] = max(int(meta.get("next_id", 1)), next_id(models_dir, name))
    return Previous(files, replace(model, meta=meta), read_manifest(files.place))


@dataclass(frozen=True)
class Trained:
    """A new version in memory: the model, what became of each pain point, how the old one does on the same texts."""

    model: ClusterModel
    changes: list[Change]
    before: dict[str, Any]
    coverage: float
    vectors: WordVectors


def _fit(
    sample: FittingSample, settings: Settings, previous: Previous | None, pinned: Sequence[str], fresh: bool
) -> Trained:
    if previous is not None:
        settings = replace(settings, vectors=same_choice(previous.model, settings.vectors))
    vectors = word_vectors(str(shipped.folder()), settings.vectors)
    if previous is None:
        model = _with_exemplars(fit_clusters(sample, settings), sample, vectors)
        after = _cluster(model, sample, vectors)
        every = changes(np.full(len(after), -1), after, (), model.pain_points, (), _said(model))
        return Trained(model, every, {}, _share(after), vectors)
    old = previous.model
    before = _cluster(old, sample, vectors)
    model = fit_clusters(sample, settings, old, warm=not fresh)
    if model is not old:
        model = with_pinned(model, old, pinned, before, sample, vectors)
        model = _with_exemplars(model, sample, vectors)
    after = _cluster(model, sample, vectors)
    every = changes(before, after, old.pain_points, model.pain_points, _said(old), _said(model))
    stability = old.meta.get("quality", {}).get("stability")
    return Trained(model, every, {"coverage": _share(before), "stability": stability}, _share(after), vectors)


def _cluster(model: ClusterModel, sample: FittingSample, vectors: WordVectors) -> Any:
    return Assigner(model, vectors).assign(sample.tokens, sample.units).cluster


def _share(cluster: Any) -> float:
    return round(float((cluster >= 0).mean()), 4) if len(cluster) else 0.0


def _said(model: ClusterModel) -> list[str]:
    return [p.exemplars[0].text if p.exemplars else "" for p in model.pain_points]


def with_pinned(
    model: ClusterModel,
    old: ClusterModel,
    pinned: Sequence[str],
    before: Any,
    sample: FittingSample,
    vectors: WordVectors,
) -> ClusterModel:
    """The model with every pinned pain point that the training would have retired.

    Its centre is where its own texts lie now; where no text is about it any more, where its words lie.
    """
    here = {p.id for p in model.pain_points}
    lost = [i for i, p in enumerate(old.pain_points) if p.id in pinned and p.id not in here]
    if not lost:
        return model
    assigner = Assigner(model, vectors)
    points = assigner.embed(sample.tokens, sample.units)
    rows, cards = [], []
    for i in lost:
        own = points[before == i]
        own = own[own.any(axis=1)]
        if not len(own):
            card = old.pain_points[i]
            own = assigner.embed(*texts_as_units([*card.terms, *(e.text for e in card.exemplars)]))
        rows.append(directions(own, np.zeros(len(own), np.int32), 1)[0])
        cards.append(replace(old.pain_points[i], n_units=int((before == i).sum()), neighbours=(), status="active"))
    limits = np.asarray(model.arrays["thresholds"], np.float32)
    usual = np.median(limits) if len(limits) else np.float32(0.0)
    more = {
        "centres": np.concatenate([model.arrays["centres"], np.stack(rows)]).astype(np.int16),
        "thresholds": np.concatenate([limits, np.full(len(lost), usual, np.float32)]),
        "theme": np.concatenate([model.arrays["theme"], np.zeros(len(lost), np.int32)]).astype(np.int32),
    }
    meta = dict(model.meta)
    meta["exemplars"] = [*meta.get("exemplars", []), *([] for _ in lost)]
    kept = {c.id for c in cards}
    meta["retired"] = [r for r in meta.get("retired", []) if r.get("id") not in kept]
    return ClusterModel(dict(model.arrays) | more, meta, (*model.pain_points, *cards))


def _with_exemplars(model: ClusterModel, sample: FittingSample, vectors: WordVectors) -> ClusterModel:
    """The model with what people said on each pain point's card (texts are redacted)."""
    near = Assigner(model, vectors).assign(sample.tokens, sample.units).similarity
    positions = model.meta.get("exemplars", [])

    def card(point: PainPoint, rows: Sequence[int]) -> PainPoint:
        if not rows:
            return point
        return replace(
            point, exemplars=tuple(Exemplar("", sample.texts[i].as_py() or "", round(float(near[i]), 4)) for i in rows)
        )

    return replace(
        model, pain_points=tuple(card(p, rows) for p, rows in zip(model.pain_points, positions, strict=True))
    )


def _quality(trained: Trained, learned: Learned) -> dict[str, Any]:
    told = trained.model.meta.get("quality", {})
    agreement = learned.facts.get("learned") if learned.file else None
    return {
        "pain_points": len(trained.model.pain_points),
        "units": told.get("units"),
        "coverage": trained.coverage,
        "stability": told.get("stability"),
        "null_stability": told.get("null_stability"),
        "agreement": None if agreement is None else round(float(agreement), 4),
    }


def _agreement(previous: Previous | None) -> dict[str, Any]:
    return {"agreement": previous.manifest.get("quality", {}).get("agreement")} if previous else {}


def _manifest(
    settings: Settings, found: Inputs, look: FirstLook, sample: FittingSample, previous: Previous | None,
    quality: Mapping[str, Any], fresh: bool,
) -> dict[str, Any]:  # fmt: skip
    files = previous.files if previous else None
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "unit": unit_of(settings, files),
        "keep": keep_of(settings, files),
        "settings": settings.recorded(),
        "versions": versions(),
        "trained_on": {
            "inputs": sorted(
                ({"name": Path(f.name).name, "sha256": f.sha256} for f in found.source.files),
                key=lambda f: str(f["name"]),
            ),
            "rows": look.rows_in,
            "units": int(look.counts["units"]["units"]),
            "complaints": int(look.counts["units"]["complaints"]),
            "sample": len(sample),
        },
        "quality": dict(quality),
        "parent": previous.files.version if previous else None,
        "fresh": fresh,
    }


def _lineage(found: Sequence[Change], previous: Previous | None, fresh: bool) -> dict[str, Any]:
    return {
        "from": previous.files.version if previous else None,
        "fresh": fresh,
        "changes": [c.recorded() for c in found],
    }


def _told(
    name: str,
    made: int,
    previous: Previous | None,
    trained: Trained,
    reasons: Sequence[str],
    shown: ClusterModel,
) -> list[str]:
    n = len(trained.model.pain_points)
    if previous is None:
        lines = [f"{name}@{made}: {n} pain points"]
    else:
        lines = [f"{name}@{made}: {n} pain points; against {name}@{previous.files.version}: {counted(trained.changes)}"]
    called = {p.id: p.label for p in shown.pain_points}
    lines += [f"  {replace(c, label=called.get(c.id, c.label)).line()}" for c in trained.changes]
    unfit = [v for v in shown.meta.get("codebook", []) if not v["done"]]
    lines += [f"codebook: {v['id']} ({v['decision']}) doesn't fit: {v['why']}" for v in unfit]
    if reasons and previous:
        lines.append(
            f"{name}@{made} is kept but not promoted: {'; '.join(reasons)}. {name}@{previous.files.version} stays; "
            f"to use the new one all the same: cxtext models promote {name}@{made}"
        )
    return lines
