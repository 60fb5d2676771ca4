"""Train a named model, or train it again: the next version starts from the one before and keeps its ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxtext.engine import choose
from cxtext.pipeline.analysis import first_look
from cxtext.pipeline.fitting import fit_clusters, learn_sentiment, units_for_fitting
from cxtext.pipeline.inputs import open_inputs
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.record import versions
from cxtext.settings import Declared, Settings
from cxtext.store.registry import save
from cxtext.store.spill import Spill


def train(
    inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress, *, fresh: bool = False
) -> list[str]:
    """Fit the next version of the model that the settings name; returns the lines that tell what changed."""
    found = open_inputs(inputs, declared, settings, progress)
    unit, keep = settings.unit or "sentence", settings.keep or "complaints"
    engine = choose(settings.engine, settings.jobs, settings.scheduler)
    with Spill() as spill:
        look = first_look(found, settings, engine, spill.path, progress)
        learned = learn_sentiment(found, look, spill.path, unit)
        with progress.stage("finding pain points"):
            model = fit_clusters(units_for_fitting(look, spill.path, settings.sample_size), settings)
    manifest = {
        "unit": unit, "keep": keep, "settings": settings.recorded(), "versions": versions(),
        "trained_on": {"inputs": [{"name": f.name, "sha256": f.sha256} for f in found.source.files], "rows": look.rows_in},
    }  # fmt: skip
    version = save(
        Path(settings.models_dir), str(settings.model), model, learned.model.arrays() if learned.model else None, manifest
    )
    return [f"{settings.model}@{version}: {len(model.pain_points)} pain points"]
