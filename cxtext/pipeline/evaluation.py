"""Agreement of found groups with labels that people gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.cluster.evaluate import agreement
from cxtext.engine import choose
from cxtext.errors import InputError
from cxtext.pipeline.analysis import first_look
from cxtext.pipeline.fitting import fit_clusters, units_for_fitting
from cxtext.pipeline.inputs import open_inputs
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.rows import AssignChunk
from cxtext.settings import Declared, Settings
from cxtext.store import arrays, shipped
from cxtext.store.registry import ModelFiles, resolve
from cxtext.store.spill import Spill


def evaluate(
    inputs: Sequence[str], label: str, declared: Declared, settings: Settings, progress: Progress
) -> dict[str, Any]:
    """Fit (or load) a clusterer, assign every text of `inputs`, compare with its labels.

    A text with several units takes the pain point of its first unit that has one. Returns AMI, ARI, B-cubed, k, the
    unclustered share and the confusion, JSON-ready. Raises InputError when there is no such column.
    """
    found = open_inputs(inputs, declared, settings, progress, only=("text",))
    for file in found.source.files:
        if label not in file.columns:
            raise InputError(f"{file.name}: there is no column {label!r} for --label; it has {', '.join(file.columns)}")
    engine = choose(settings.engine, settings.jobs, settings.scheduler)
    with Spill() as spill:
        if settings.model:
            model = resolve(Path(settings.models_dir), settings.model)
        else:
            look = first_look(found, settings, engine, spill.path, progress)
            fitted = spill.path / "clusters.npz"
            sample = units_for_fitting(look, spill.path, settings.sample_size)
            arrays.write_model(fitted, fit_clusters(sample, settings))
            model = ModelFiles("", 0, str(fitted), None, settings.unit or "sentence", settings.keep or "complaints")
        work = AssignChunk(
            str(shipped.folder()), settings.unit or model.unit, (settings.keep or model.keep) == "all",
            settings.order_ids, model,
        )  # fmt: skip
        results = engine.map(work, found.chunks())
        out = pa.concat_tables([table for table, _ in progress.over(results, "assigning")])
        gold = np.concatenate([_labels(chunk.table, label) for _, chunk, _ in found.chunks()])
        rows = np.concatenate([chunk.rows for _, chunk, _ in found.chunks()])
    some = out.filter(pc.not_equal(out["pain_point"], ""))
    _, first = np.unique(some["row"].to_numpy(), return_index=True)
    named = dict(
        zip(some["row"].to_numpy()[first].tolist(), some["pain_point"].take(pa.array(first)).to_pylist(), strict=True)
    )
    return agreement(gold, np.array([named.get(row, "") for row in rows.tolist()], object))


def _labels(table: pa.Table, label: str) -> Any:
    return np.asarray(pc.fill_null(pc.cast(table[label], pa.string()), "").to_pylist(), object)


def lines(facts: Mapping[str, Any]) -> list[str]:
    """The figures as lines for a terminal."""
    told = [
        f"AMI {facts['ami']:.3f}   ARI {facts['ari']:.3f}   B-cubed {facts['b_cubed']:.3f}",
        (
            f"{facts['k']} groups found, {facts['k_gold']} labels given, "
            f"{facts['unclustered']:.1%} of {facts['n']} texts unclustered"
        ),
    ]
    for row in facts["confusion"]:
        shares = ", ".join(f"{part['label']} {part['n']}" for part in row["labels"][:3])
        told.append(f"  {row['found'] or '(unclustered)':16s} n {row['n']:6d}  {shares}")
    return told
