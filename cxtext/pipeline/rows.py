"""The pain point of each unit, in the input's order: what ``assign`` writes, one row per unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.cluster.terms import has_subject
from cxtext.pipeline.clusterer import read_clusterer
from cxtext.pipeline.codebooks import codebook_for, lay_over
from cxtext.pipeline.ids import ROW_KEY, Ids, with_row_keys
from cxtext.pipeline.inputs import open_inputs
from cxtext.pipeline.passes import assigner, learned_sentiment
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.scores import run
from cxtext.pipeline.scoring import UnitKind, grievances, kind_names, number, score_texts
from cxtext.pipeline.wordvectors import vectors_of
from cxtext.read.responses import responses
from cxtext.schema import Columns, FeedbackChunk
from cxtext.settings import Declared, Settings
from cxtext.store import arrays, shipped
from cxtext.store.output import check_file
from cxtext.store.registry import ModelFiles, resolve
from cxtext.store.spill import Spill
from cxtext.store.tables import FORMATS
from cxtext.text.units import unit_spans, unit_texts

ASSIGN_ROWS = 6_000
"""Rows read at a time by `assign`, which writes a row per sentence: two workers then stay below 1 GiB together."""
ASSIGN_SCHEMA = pa.schema(
    [
        ("row", pa.int64()), ("response_id", pa.string()), ("unit", pa.int32()), ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()), ("kind", pa.string()), ("sentiment", pa.float64()), ("complaint", pa.float64()),
        ("pain_point", pa.string()),
        ("label", pa.string()), ("similarity", pa.float64()), ("sure", pa.bool_()),
    ]
)  # fmt: skip
CHUNK_SCHEMA = ASSIGN_SCHEMA.append(pa.field(ROW_KEY, pa.uint64()))
"""What workers give back: ids are completed where all chunks come together, in the input's order."""


def assign(
    inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress, output: Path | None
) -> None:
    """Write the pain point of each unit to `output` (``None``: stdout), with a trained model."""
    check_file(output, FORMATS)
    model = resolve(Path(settings.models_dir), settings.model)
    smaller = replace(settings, chunk_rows=min(settings.chunk_rows or ASSIGN_ROWS, ASSIGN_ROWS))
    found = open_inputs(inputs, declared, smaller, progress, only=("text", "id"))
    unit, keep = settings.unit or model.unit, settings.keep or model.keep
    with Spill() as spill:
        model = with_codebook(settings, model, spill.path)
        work = AssignChunk(str(shipped.folder()), unit, keep == "all", settings.order_ids, model)
        run(found, work, settings, progress, output, "assigning", Completed().of)


class Completed:
    """Completes the ids of assigned units, chunk by chunk in the input's order."""

    def __init__(self) -> None:
        self.ids = Ids()

    def of(self, table: pa.Table) -> pa.Table:
        """A table of `CHUNK_SCHEMA` as one of `ASSIGN_SCHEMA`."""
        rows = table["row"].to_numpy()
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        responses = table.select(["response_id", ROW_KEY]).take(pa.array(first))
        ids = self.ids.complete(responses["response_id"], responses[ROW_KEY])
        place = ASSIGN_SCHEMA.get_field_index("response_id")
        own = ids.take(pa.array(np.searchsorted(first, np.arange(len(rows)), side="right") - 1))
        return table.drop_columns([ROW_KEY]).set_column(place, ASSIGN_SCHEMA.field(place), own)


def with_codebook(settings: Settings, model: ModelFiles, folder: Path) -> ModelFiles:
    """The model with the codebook in force laid over it, in `folder`; the model's own files if nothing was decided."""
    book = codebook_for(settings, model)
    if not book:
        return model
    trained = read_clusterer(model.clusters)
    coded = lay_over(book, trained, vectors_of(trained, str(shipped.folder())))
    arrays.write_model(folder / "clusters.npz", coded)
    return replace(model, clusters=str(folder / "clusters.npz"))


@dataclass(frozen=True)
class AssignChunk:
    """Assign one chunk with a trained model."""

    shipped: str
    unit: UnitKind
    keep_all: bool
    order_ids: str | None
    model: ModelFiles

    def __call__(self, item: tuple[int, FeedbackChunk, Columns]) -> tuple[pa.Table, int]:
        _, chunk, columns = item
        table, rejected, _ = responses(chunk, columns)
        learned = learned_sentiment(self.model.learned) if self.model.learned else None
        scored = score_texts(table["text"].combine_chunks(), self.unit, self.shipped, self.order_ids, learned)
        clusterer, points = assigner(self.model.clusters, self.shipped)
        found = clusterer.assign(scored.table, scored.units)
        kept = grievances(scored).kept
        if self.keep_all:
            kept = has_subject(scored.table, scored.units)
        aside = np.array([p.status == "ignored" for p in points] + [True])
        cluster = np.where(kept & ~aside[found.cluster], found.cluster, -1)
        ids = pa.array([p.id for p in points] + [""]).take(pa.array(cluster % (len(points) + 1)))
        labels = pa.array([p.label for p in points] + [""]).take(pa.array(cluster % (len(points) + 1)))
        units, pos = scored.units, scored.units.response
        first_of = np.searchsorted(pos, np.arange(len(table)))
        start, end = unit_spans(scored.text, scored.table, units)
        known = with_row_keys(table, chunk)
        columns_out = [
            pa.array(table["row"].to_numpy()[pos]), known["response_id"].take(pa.array(pos)),
            np.arange(len(pos)) - first_of[pos], start, end,
            unit_texts(scored.table, units), kind_names(scored.unit_kinds), number(scored.unit_sentiment),
            number(scored.unit_complaint), ids, labels,
            number(found.similarity), found.sure & (cluster >= 0), known[ROW_KEY].take(pa.array(pos)),
        ]  # fmt: skip
        arrays_ = [pc.cast(_array(c), f.type) for c, f in zip(columns_out, CHUNK_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays_, schema=CHUNK_SCHEMA), len(chunk.rejected) + len(rejected)


def _array(column: Any) -> Any:
    return column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column)
