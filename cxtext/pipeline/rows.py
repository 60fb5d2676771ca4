"""Answers row by row, in the input's order: ``score`` (one row out per row in) and ``assign`` (one row per unit)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.cluster.vectors import StaticVectors
from cxtext.engine import choose
from cxtext.errors import InputError
from cxtext.pipeline.codebooks import overlay
from cxtext.pipeline.inputs import Inputs, open_inputs
from cxtext.pipeline.passes import COMPLAINT, assigner, learned_sentiment, number, with_columns
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.scoring import Scored, UnitKind, counts_by_response, score_texts
from cxtext.prepare.keys import content_key
from cxtext.read.responses import responses
from cxtext.schema import Columns, FeedbackChunk
from cxtext.sentiment.contrast import response_summary
from cxtext.settings import Declared, Settings
from cxtext.store import arrays, shipped
from cxtext.store.registry import ModelFiles, resolve
from cxtext.store.spill import Spill
from cxtext.store.tables import table_writer
from cxtext.text.units import unit_spans, unit_texts

SCORE_COLUMNS = ("vader_neg", "vader_neu", "vader_pos", "vader_compound", "sentiment", "complaint")
ASSIGN_SCHEMA = pa.schema(
    [
        ("row", pa.int64()), ("response_id", pa.string()), ("unit", pa.int32()), ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()), ("sentiment", pa.float64()), ("complaint", pa.float64()), ("pain_point", pa.string()),
        ("label", pa.string()), ("similarity", pa.float64()),
    ]
)  # fmt: skip


def score(
    inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress, output: Path | None
) -> None:
    """Write the input's columns with the scores appended to `output` (``None``: stdout). Rows keep their order."""
    found = open_inputs(inputs, declared, settings, progress)
    model = resolve(Path(settings.models_dir), settings.model) if settings.model else None
    learned = model.learned if model else None
    work = ScoreChunk(str(shipped.folder()), settings.unit or "sentence", settings.order_ids, learned)
    _run(found, work, settings, progress, output, "scoring")


def assign(
    inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress, output: Path | None
) -> None:
    """Write the pain point of each unit to `output` (``None``: stdout), with a trained model."""
    model = resolve(Path(settings.models_dir), settings.model)
    found = open_inputs(inputs, declared, settings, progress)
    unit, keep = settings.unit or model.unit, settings.keep or model.keep
    with Spill() as spill:
        model = with_codebook(settings, model, spill.path)
        all_, schema = keep == "all", found.response_schema()
        work = AssignChunk(str(shipped.folder()), unit, all_, settings.order_ids, model, schema)
        _run(found, work, settings, progress, output, "assigning")


def with_codebook(settings: Settings, model: ModelFiles, folder: Path) -> ModelFiles:
    """The model with the codebook in force laid over it, in `folder`; the model's own files if nothing was decided."""
    trained = arrays.read_model(Path(model.clusters))
    coded = overlay(settings, trained, model, StaticVectors.load(shipped.folder()))
    if coded is trained:
        return model
    arrays.write_model(folder / "clusters.npz", coded)
    return replace(model, clusters=str(folder / "clusters.npz"))


def _run(found: Inputs, work: Any, settings: Settings, progress: Progress, output: Path | None, stage: str) -> None:
    results = choose(settings.engine, settings.jobs, settings.scheduler).map(work, found.chunks())
    rejected = 0
    first = next(results, None)
    if first is None:
        raise InputError(f"{found.source.files[0].name}: no rows to read")
    with table_writer(output, first[0].schema) as writer:
        writer.write(first[0])
        rejected += first[1]
        for table, lost in progress.over(results, stage):
            writer.write(table.cast(first[0].schema))
            rejected += lost
    if rejected:
        progress.note(f"{rejected} rows could not be read and have no answer; cxtext inspect lists them")


@dataclass(frozen=True)
class ScoreChunk:
    """Score one chunk: its own columns, then the figures."""

    shipped: str
    unit: UnitKind
    order_ids: str | None
    learned: str | None

    def __call__(self, item: tuple[int, FeedbackChunk, Columns]) -> tuple[pa.Table, int]:
        _, chunk, columns = item
        texts = pc.fill_null(pc.cast(chunk.table[columns.text], pa.string()), "").combine_chunks()
        learned = learned_sentiment(self.learned) if self.learned else None
        scored = score_texts(texts, self.unit, self.shipped, self.order_ids, learned)
        table = apart(chunk.table, set(SCORE_COLUMNS))
        for name, column in score_columns(scored).items():
            if name not in table.column_names:
                table = table.append_column(name, column)
        return table.combine_chunks(), len(chunk.rejected)


def apart(table: pa.Table, taken: set[str]) -> pa.Table:
    """Rename input columns that have one of our names: ``sentiment`` becomes ``sentiment_input``."""
    return table.rename_columns([f"{name}_input" if name in taken else name for name in table.column_names])


def score_columns(scored: Scored) -> dict[str, pa.Array]:
    """The figures that `score` appends, in order: the contract's six, then sentences, kinds, language and cues."""
    n = len(scored.text)
    of_units = response_summary(scored.units, scored.unit_sentiment, n)
    columns: dict[str, Any] = {
        f"vader_{name}": pa.array(getattr(scored.whole, name)) for name in ("neg", "neu", "pos", "compound")
    }
    columns["sentiment"] = number(np.where(scored.blank, 0.0, scored.sentiment))
    columns["complaint"] = number(np.where(scored.blank, 0.0, scored.complaint))
    columns["language"] = scored.language
    columns["units"] = pa.array(np.bincount(scored.units.response, minlength=n))
    columns["sentiment_mean"] = number(of_units.mean, np.isnan(of_units.mean))
    columns["sentiment_min"] = number(of_units.minimum, np.isnan(of_units.minimum))
    columns["complaints"] = pa.array(counts_by_response(scored.units, scored.unit_complaint >= COMPLAINT, n))
    columns["questions"] = pa.array(counts_by_response(scored.units, scored.kinds.question, n))
    columns["requests"] = pa.array(counts_by_response(scored.units, scored.kinds.request, n))
    columns |= {
        f"lexical_{name}": pa.array(counts_by_response(scored.units, f, n)) for name, f in sorted(scored.cues.items())
    }
    return columns


@dataclass(frozen=True)
class AssignChunk:
    """Assign one chunk with a trained model."""

    shipped: str
    unit: UnitKind
    keep_all: bool
    order_ids: str | None
    model: ModelFiles
    schema: pa.Schema

    def __call__(self, item: tuple[int, FeedbackChunk, Columns]) -> tuple[pa.Table, int]:
        _, chunk, columns = item
        table, rejected, _ = responses(chunk, columns)
        learned = learned_sentiment(self.model.learned) if self.model.learned else None
        scored = score_texts(table["text"].combine_chunks(), self.unit, self.shipped, self.order_ids, learned)
        clusterer, points = assigner(self.model.clusters, self.shipped)
        found = clusterer.assign(scored.table, scored.units)
        kept = self.keep_all | (scored.unit_complaint >= COMPLAINT)
        aside = np.array([p.status == "ignored" for p in points] + [True])
        cluster = np.where(kept & ~aside[found.cluster], found.cluster, -1)
        ids = pa.array([p.id for p in points] + [""]).take(pa.array(cluster % (len(points) + 1)))
        labels = pa.array([p.label for p in points] + [""]).take(pa.array(cluster % (len(points) + 1)))
        units, pos = scored.units, scored.units.response
        first_of = np.searchsorted(pos, np.arange(len(table)))
        start, end = unit_spans(scored.text, scored.table, units)
        own = response_ids(with_columns(table, self.schema))
        columns_out = [
            pa.array(table["row"].to_numpy()[pos]), own.take(pa.array(pos)), np.arange(len(pos)) - first_of[pos],
            start, end,
            unit_texts(scored.table, units), number(scored.unit_sentiment), number(scored.unit_complaint), ids, labels,
            number(found.similarity),
        ]  # fmt: skip
        arrays_ = [pc.cast(pa.array(c), f.type) for c, f in zip(columns_out, ASSIGN_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays_, schema=ASSIGN_SCHEMA), len(chunk.rejected) + len(rejected)


def response_ids(table: pa.Table) -> pa.Array:
    """The responses' own ids; where there are none, twelve hexadecimal digits made from the content."""
    own = table["response_id"].combine_chunks()
    if not own.null_count:
        return own
    made = pa.array([f"{int(key) >> 16:012x}" for key in content_key(*table.columns)])
    return pc.coalesce(own, made)
