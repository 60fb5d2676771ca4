"""The two maps over chunks: read and score every response, then give every kept unit its pain point.

The first pass spills two tables per chunk, sorted by content key: the responses and the units that are kept for
clustering. The second pass reads the units back. What returns to the parent is small: keys, counts, signatures.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.cluster.terms import has_subject
from cxtext.pipeline.clusterer import read_clusterer
from cxtext.pipeline.coded import CodedAssigner
from cxtext.pipeline.ids import ROW_KEY, sort_keys, with_row_keys
from cxtext.pipeline.looks import JOIN_KEY, ChunkFacts
from cxtext.pipeline.scoring import (
    COMPLAINT,
    Grievances,
    Scored,
    UnitKind,
    grievances,
    kind_names,
    number,
    score_texts,
)
from cxtext.pipeline.wordvectors import vectors_of
from cxtext.prepare.duplicates import signed
from cxtext.prepare.keys import content_key, mix
from cxtext.read.responses import responses
from cxtext.schema import Columns, FeedbackChunk, PainPoint, Polarity, TokenTable, Units
from cxtext.sentiment.learn import LearnedSentiment
from cxtext.sentiment.vader import unit_polarity
from cxtext.store import arrays, spill
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units, unit_spans, unit_texts

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, FloatArray, IntArray

READABLE = ("en", "und")
"""Languages that the lexicon and the shipped weights can read; "und" is too short to tell."""
SHOWN_REJECTS = 200
"""Rejected rows that a run lists one by one; all are counted."""


@dataclass(frozen=True)
class FirstPass:
    """Read, clean and score one chunk. Picklable: it carries paths and options, not models."""

    folder: str
    shipped: str
    schema: pa.Schema
    unit: UnitKind
    keep_all: bool
    order_ids: str | None = None
    on: str | None = None

    def __call__(self, item: tuple[int, FeedbackChunk, Columns]) -> ChunkFacts:
        number, chunk, columns = item
        table, rejected, warnings = responses(chunk, columns)
        rejected = (*chunk.rejected, *rejected)
        if self.on is not None and self.on in chunk.table.column_names:
            rows = np.searchsorted(chunk.rows, table["row"].to_numpy())
            keys = pc.cast(chunk.table[self.on], pa.string())
            table = table.append_column(JOIN_KEY, keys.take(pa.array(rows)))
        row_keys = with_row_keys(table, chunk)[ROW_KEY]
        table = with_columns(table, self.schema)
        keys = np.asarray(content_key(*table.columns))
        table = table.append_column(ROW_KEY, row_keys)
        # rows that are alike in all columns in use may still have ids of their own
        order = np.lexsort((sort_keys(table), keys))
        table, keys = table.take(pa.array(order)), keys[order]
        scored = score_texts(table["text"].combine_chunks(), self.unit, self.shipped, self.order_ids)
        foreign = ~pc.is_in(scored.language, pa.array(READABLE)).to_numpy(zero_copy_only=False)
        sorted_out = grievances(scored)
        kept = kept_units(scored, sorted_out, foreign, self.keep_all)
        spill.put(Path(self.folder) / f"responses-{number}.arrow", response_table(table, keys, scored))
        units = unit_table(scored, kept)
        spill.put(Path(self.folder) / f"units-{number}.arrow", units)
        pos = units["pos"].to_numpy()
        own = mix(keys[pos] + units["unit"].to_numpy().astype(np.uint64))
        counts = {
            "sources": Counter({chunk.source: len(chunk.rows)}),
            "dropped": Counter(r.reason for r in rejected),
            "warnings": Counter(warnings),
            "languages": Counter(pc.filter(scored.language, pa.array(~scored.blank)).to_pylist()),
            "redactions": Counter(scored.redactions),
            "aside": Counter(
                {} if self.keep_all else {reason: int(some.sum()) for reason, some in sorted_out.aside.items()}
            ),
            "lexical": Counter({name: len(np.unique(scored.units.response[f])) for name, f in scored.cues.items()}),
            "units": Counter(
                units=len(scored.units),
                complaints=int((scored.unit_complaint >= COMPLAINT).sum()),
                responses=len(keys),
                texts=int((~scored.blank).sum()),
            ),
        }
        return ChunkFacts(
            number, len(chunk.rows) + len(chunk.rejected), keys, _known(table), *signed(scored.table),
            own, pos.astype(np.int32), foreign[pos], counts, rejected[:SHOWN_REJECTS],
        )  # fmt: skip


def _known(table: pa.Table) -> IntArray:
    """`sort_keys`, or nothing where every response has an id of its own."""
    keys: IntArray = sort_keys(table)
    return keys if keys.any() else keys[:0].copy()


def with_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with exactly the columns of `schema`, null where it has none."""
    columns = [
        pc.cast(table[f.name], f.type) if f.name in table.column_names else pa.nulls(len(table), f.type) for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def kept_units(scored: Scored, sorted_out: Grievances, foreign: BoolArray, keep_all: bool) -> IntArray:
    """Which units may be clustered: complaints and wishes with something concrete in them, or all with a subject.

    Of texts in another language, all.
    """
    if keep_all:
        # A complaint has been judged already; of everything that was said, "Nothing." is no more than a blank cell.
        return np.flatnonzero(has_subject(scored.table, scored.units) | foreign[scored.units.response])
    return np.flatnonzero(sorted_out.kept | foreign[scored.units.response])


def response_table(table: pa.Table, keys: IntArray, scored: Scored) -> pa.Table:
    """The responses with their figures, as they are spilled and, in the end, written to ``responses.parquet``."""
    text = pc.if_else(pa.array(scored.blank), pa.scalar(None, pa.string()), scored.text)
    table = table.set_column(table.column_names.index("text"), "text", text)
    blank = scored.blank
    figures: dict[str, Any] = {
        "language": pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), scored.language),
        "words": pa.array(np.diff(scored.table.offsets).astype(np.int32)),
        "vader_neg": number(scored.whole.neg, blank),
        "vader_neu": number(scored.whole.neu, blank),
        "vader_pos": number(scored.whole.pos, blank),
        "vader_compound": number(scored.whole.compound, blank),
        "sentiment": number(scored.sentiment, blank),
        "complaint": number(scored.complaint, blank),
        "key": pa.array(keys),
    }
    for name, column in figures.items():
        table = table.append_column(name, column)
    return table


def unit_table(scored: Scored, kept: IntArray) -> pa.Table:
    """The kept units with text, place and figures: what the second pass and ``mentions.parquet`` need."""
    units = scored.units
    pos = units.response[kept]
    first_of = np.searchsorted(units.response, np.arange(len(scored.text)))
    start, end = unit_spans(scored.text, scored.table, units, kept)
    columns: dict[str, Any] = {
        "pos": pa.array(pos.astype(np.int32)),
        "unit": pa.array((kept - first_of[pos]).astype(np.int32)),
        "start": pa.array(start.astype(np.int32)),
        "end": pa.array(end.astype(np.int32)),
        "text": pa.array(unit_texts(scored.table, units, kept), pa.string()),
        "sentiment": number(scored.unit_sentiment[kept]),
        "complaint": number(scored.unit_complaint[kept]),
        "kind": kind_names(scored.unit_kinds).take(pa.array(kept)),
        "vader_compound": number(scored.unit_polarity.compound[kept]),
        "question": pa.array(scored.forms.question[kept]),
        "request": pa.array(scored.forms.request[kept]),
    }
    columns |= {f"cue:{name}": pa.array(flags[kept]) for name, flags in sorted(scored.cues.items())}
    return pa.table(columns)


@lru_cache(maxsize=1)
def assigner(file: str, shipped: str) -> tuple[CodedAssigner, tuple[PainPoint, ...]]:
    """The clusterer to assign with and its pain points, loaded once in each process."""
    model = read_clusterer(file)
    return CodedAssigner(model, vectors_of(model, shipped)), model.pain_points


@lru_cache(maxsize=1)
def learned_sentiment(file: str) -> LearnedSentiment:
    """The sentiment that was learned from the input's scores, loaded once in each process."""
    return LearnedSentiment.from_arrays(*arrays.read(Path(file)))


@dataclass(frozen=True)
class SecondPass:
    """Give the kept units of one spilled chunk their pain points; re-score with what was learned from the scores.

    Writes ``assigned-N.arrow``: a row per kept unit, and with `learned` ``learned-N.arrow``: a row per response.
    """

    folder: str
    shipped: str
    model: str
    unit: UnitKind
    learned: str | None = None

    def __call__(self, number_: int) -> int:
        folder = Path(self.folder)
        units = spill.get(folder / f"units-{number_}.arrow", ["text", "pos", "unit", "sentiment"])
        table = token_table(units["text"].combine_chunks())
        found = assigner(self.model, self.shipped)[0].assign(table, whole_units(table))
        sentiment = units["sentiment"]
        if self.learned is not None:
            rows = spill.get(folder / f"responses-{number_}.arrow")
            of_units, of_rows = relearned(rows, self.unit, learned_sentiment(self.learned))
            first_of = np.searchsorted(of_units.response, np.arange(len(rows)))
            place = first_of[units["pos"].to_numpy()] + units["unit"].to_numpy()
            sentiment = number(of_units.values[place])
            blank = pc.is_null(rows["text"]).to_numpy(zero_copy_only=False)
            spill.put(folder / f"learned-{number_}.arrow", pa.table({"sentiment": number(of_rows, blank)}))
        columns = {
            "cluster": pa.array(found.cluster.astype(np.int32)),
            "similarity": number(found.similarity),
            "sure": pa.array(found.sure),
            "sentiment": sentiment,
        }
        spill.put(folder / f"assigned-{number_}.arrow", pa.table(columns))
        return number_


@dataclass(frozen=True)
class UnitValues:
    """A value per unit, with the text that each unit is of."""

    response: IntArray
    values: FloatArray


def relearned(rows: pa.Table, unit: UnitKind, learned: LearnedSentiment) -> tuple[UnitValues, FloatArray]:
    """Sentiment by the learned model for every unit and every response of a spilled chunk.

    A response that was learned from gets the estimate of the folds without its customer.
    """
    table, units, parts, whole = reread(rows, unit)
    of_units = np.asarray(learned.predict_units(table, units, parts))
    of_rows = learned.predict_responses(table, units, parts, whole, rows["key"].to_numpy())
    return UnitValues(units.response, of_units), np.asarray(of_rows)


def reread(rows: pa.Table, unit: UnitKind) -> tuple[TokenTable, Units, Polarity, Polarity]:
    """Token table, units, unit polarity and whole polarity of spilled responses (their texts are prepared already)."""
    table = token_table(rows["text"].combine_chunks())
    units = split_units(table, unit)
    whole = Polarity(*(pc.fill_null(rows[f"vader_{n}"], 0.0).to_numpy() for n in ("neg", "neu", "pos", "compound")))
    return table, units, unit_polarity(table, units), whole


def whole_units(table: Any) -> Units:
    """Every text of a token table as one unit, blank ones included."""
    n = len(table)
    return Units(np.arange(n, dtype=np.int32), table.offsets[:-1].copy(), table.offsets[1:].copy())
