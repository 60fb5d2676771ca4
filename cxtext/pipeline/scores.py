"""The figures of each row, in the input's order: what ``score`` writes, one row out per row in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.engine import choose
from cxtext.errors import InputError
from cxtext.pipeline.inputs import Inputs, open_inputs
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.scoring import COMPLAINT, Scored, UnitKind, counts_by_response, kind_names, number, score_texts
from cxtext.sentiment.complaint_words import ByResponse
from cxtext.settings import Declared, Settings
from cxtext.store import shipped
from cxtext.store.output import check_file
from cxtext.store.tables import FORMATS, table_writer

if TYPE_CHECKING:
    from cxtext.schema import Columns, FeedbackChunk

MOSTLY_NEW = 0.9
"""Where more of a chunk's texts than this differ from each other, each is scored as it comes."""
SCORE_COLUMNS = (
    "vader_neg",
    "vader_neu",
    "vader_pos",
    "vader_compound",
    "sentiment",
    "complaint",
    "suggestion",
    "kind",
)


def score(
    inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress, output: Path | None
) -> None:
    """Write the input's columns with the scores appended to `output` (``None``: stdout). Rows keep their order."""
    check_file(output, FORMATS)
    found = open_inputs(inputs, declared, settings, progress, only=("text",))
    learned = None
    if settings.model:
        from cxtext.store.registry import resolve

        learned = resolve(Path(settings.models_dir), settings.model).learned
    work = ScoreChunk(str(shipped.folder()), settings.unit or "sentence", settings.order_ids, learned)
    run(found, work, settings, progress, output, "scoring")


def run(
    found: Inputs, work: Any, settings: Settings, progress: Progress, output: Path | None, stage: str,
    finish: Callable[[pa.Table], pa.Table] = lambda table: table,
) -> None:  # fmt: skip
    """Map `work` over the input's chunks and write the tables it gives; a table is written while the next is made.

    `finish` is given each table in the input's order, for what needs to know the tables before.
    """
    answers = choose(settings.engine, settings.jobs, settings.scheduler).map(work, found.chunks())
    results = ((finish(table), lost) for table, lost in answers)
    rejected = 0
    first = next(results, None)
    if first is None:
        raise InputError(f"{found.source.files[0].name}: no rows to read")
    with table_writer(output, first[0].schema) as writer, ThreadPoolExecutor(1) as aside:
        writing = aside.submit(writer.write, first[0])
        rejected += first[1]
        for table, lost in progress.over(results, stage):
            writing.result()
            writing = aside.submit(writer.write, table.cast(first[0].schema))
            rejected += lost
        writing.result()
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
        learned = None
        if self.learned:
            from cxtext.pipeline.passes import learned_sentiment

            learned = learned_sentiment(self.learned)
        distinct = texts.dictionary_encode()
        repeats = len(distinct.dictionary) < MOSTLY_NEW * len(texts)  # "Nothing.", "Good app": each is scored once
        once = distinct.dictionary if repeats else texts
        found = pa.table(score_columns(score_texts(once, self.unit, self.shipped, self.order_ids, learned)))
        found = found.take(distinct.indices) if repeats else found
        table = apart(chunk.table, set(SCORE_COLUMNS))
        for name in found.column_names:
            if name not in table.column_names:
                table = table.append_column(name, found[name])
        return table.combine_chunks(), len(chunk.rejected)


def apart(table: pa.Table, taken: set[str]) -> pa.Table:
    """Rename input columns that have one of our names: ``sentiment`` becomes ``sentiment_input``."""
    return table.rename_columns([f"{name}_input" if name in taken else name for name in table.column_names])


def score_columns(scored: Scored) -> dict[str, pa.Array]:
    """The figures that `score` appends, in order: the contract's eight, then sentences, kinds, language and cues."""
    n = len(scored.text)
    of_units, counts = ByResponse(scored.units.response, n), np.bincount(scored.units.response, minlength=n)
    columns: dict[str, Any] = {
        f"vader_{name}": pa.array(getattr(scored.whole, name)) for name in ("neg", "neu", "pos", "compound")
    }
    columns["sentiment"] = number(np.where(scored.blank, 0.0, scored.sentiment))
    columns["complaint"] = number(np.where(scored.blank, 0.0, scored.complaint))
    columns["suggestion"] = number(np.where(scored.blank, 0.0, scored.kinds.suggestion))
    columns["kind"] = kind_names(scored.kinds)
    columns["language"] = scored.language
    columns["units"] = pa.array(counts)
    columns["sentiment_mean"] = number(of_units.mean(scored.unit_sentiment), counts == 0)
    columns["sentiment_min"] = number(of_units.lowest(scored.unit_sentiment), counts == 0)
    columns["complaints"] = pa.array(counts_by_response(scored.units, scored.unit_complaint >= COMPLAINT, n))
    columns["questions"] = pa.array(counts_by_response(scored.units, scored.forms.question, n))
    columns["requests"] = pa.array(counts_by_response(scored.units, scored.forms.request, n))
    columns |= {
        f"lexical_{name}": pa.array(counts_by_response(scored.units, f, n)) for name, f in sorted(scored.cues.items())
    }
    return columns
