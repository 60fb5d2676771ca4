"""What is learned from the input itself: the clusterer, from a sample of kept units, and sentiment, from the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from cxtext.cluster.fit import fit
from cxtext.cluster.options import ClusterOptions
from cxtext.errors import InputError
from cxtext.pipeline.inputs import Inputs
from cxtext.pipeline.passes import READABLE, reread, whole_units
from cxtext.pipeline.scoring import complaint_model, kind_model
from cxtext.pipeline.wordvectors import remembering, word_vectors
from cxtext.prepare.duplicates import signatures
from cxtext.schema import KIND_NAMES, METRIC_PREFIX, ClusterModel, Metric, TokenTable, Units
from cxtext.sentiment.learn import learn
from cxtext.sentiment.vader import unit_polarity
from cxtext.settings import Settings
from cxtext.store import arrays, shipped, spill
from cxtext.text.tokens import token_table

if TYPE_CHECKING:
    from cxtext.pipeline.looks import FirstLook
    from cxtext.schema import FloatArray

LEARN_AT_MOST = 10_000
"""Responses that sentiment is learned from; the rest would add time, not agreement."""


@dataclass(frozen=True)
class FittingSample:
    """Kept units in the order of their content keys: the smallest keys first, so any prefix is a fair sample."""

    texts: pa.Array
    tokens: TokenTable
    units: Units

    def __len__(self) -> int:
        return len(self.texts)


def units_for_fitting(look: FirstLook, folder: Path, size: int) -> FittingSample:
    """The `size` kept units with the smallest content keys, repeated responses and unreadable languages left out."""
    keys, where = [], []
    for number, (chunk, place) in enumerate(zip(look.chunks, look.order.place, strict=True)):
        counts = ~look.duplicate[place[chunk.unit_pos]] & (look.read_foreign | ~chunk.unit_foreign)
        rows = np.flatnonzero(counts)
        keys.append(chunk.unit_keys[rows])
        where.append(np.stack([np.full(len(rows), number), rows]))
    flat, at = np.concatenate(keys), np.concatenate(where, axis=1)
    if len(flat) > size:
        least = np.argpartition(flat, size)[:size]
        flat, at = flat[least], at[:, least]
    order = np.argsort(flat, kind="stable")
    at = at[:, order]
    texts: list[Any] = [None] * at.shape[1]
    for number, chunk in enumerate(look.chunks):
        mine = np.flatnonzero(at[0] == number)
        if len(mine):
            column = spill.get(folder / f"units-{chunk.number}.arrow", ["text"])["text"]
            for i, text in zip(mine.tolist(), column.take(pa.array(at[1, mine])).to_pylist(), strict=True):
                texts[i] = text
    array = each_once(pa.array(texts, pa.string()))
    table = token_table(array)
    return FittingSample(array, table, whole_units(table))


def each_once(texts: pa.Array) -> pa.Array:
    """Sentences that many people (or one template) wrote word for word, once each: copies would group by themselves.

    Case, punctuation and numbers don't tell texts apart. The order is kept.
    """
    _, first = np.unique(signatures(token_table(texts))[:, 0], return_index=True)
    return texts.take(pa.array(np.sort(first)))


def fit_clusters(
    sample: FittingSample, settings: Settings, previous: ClusterModel | None = None, *, warm: bool = True
) -> ClusterModel:
    """Group the sample, carrying ids over from `previous`; `warm` starts from its groups.

    Raises InputError when there are too few complaints to group.
    """
    if len(sample) == 1:
        raise InputError("all complaints say the same, word for word: there is nothing to group")
    if not len(sample):
        raise InputError(
            "no complaints were found to group; --keep all groups everything that was said, --text names another column"
        )
    vectors = word_vectors(str(shipped.folder()), settings.vectors)
    options = ClusterOptions()
    fitted = fit(
        sample.tokens,
        sample.units,
        weights=None,
        vectors=vectors,
        n_clusters=settings.n_clusters,
        options=options,
        previous=previous,
        warm=warm,
        judge=statements,
    )
    return remembering(fitted, settings.vectors, str(shipped.folder()))


_NEITHER = 0.3  # what a clause that is praise or neutral still counts as a name


def statements(clauses: Sequence[str]) -> FloatArray:
    """How far each clause states a concrete complaint or wish, by the shipped models: float[n], 0..1."""
    table = token_table(pa.array(list(clauses), pa.string()))
    units, model = whole_units(table), kind_model(str(shipped.folder()))
    polarity = unit_polarity(table, units)
    complaint = model.complaint.predict_units(table, units, polarity)
    kinds = model.predict_units(table, units, polarity, complaint)
    of_interest = np.isin(kinds.kind, [KIND_NAMES.index("complaint"), KIND_NAMES.index("suggestion")])
    return np.maximum(complaint, kinds.suggestion) * kinds.concrete * np.where(of_interest, 1.0, _NEITHER)


@dataclass(frozen=True)
class Learned:
    """Sentiment learned from scores, if it helped: the file for workers and the facts to tell."""

    file: str | None
    facts: Mapping[str, Any]


def scale_metrics(metrics: tuple[Metric, ...]) -> list[Metric]:
    """The metrics that sentiment can be learned from: answers on a scale with two ends."""
    return [m for m in metrics if m.kind != "rate" and m.low is not None and m.high is not None]


@dataclass(frozen=True)
class ScoredRows:
    """Responses with a text and a score, in canonical order: ``scores`` float64[N] 0..1, ``customer`` int32[N].

    With what learning from them needs besides: the metrics' names, the kind of unit, where to write what was learned.
    """

    rows: pa.Table
    scores: Any
    customer: Any
    keys: Any
    metric: str
    unit: Any
    folder: Path


def rows_to_learn_from(found: Inputs, look: FirstLook, folder: Path, unit: Any) -> ScoredRows | None:
    """The responses with the smallest keys that have a text and a score and don't repeat another; None: no scores.

    Answers on several scales are put on 0..1 by the ends of their scales and averaged.
    """
    metrics = scale_metrics(found.metrics)
    if not metrics:
        return None
    tables, keys, scores, where = [], [], [], []
    for number, (chunk, place) in enumerate(zip(look.chunks, look.order.place, strict=True)):
        table = spill.get(folder / f"responses-{chunk.number}.arrow")
        own = np.stack([_on_unit_scale(m, table) for m in metrics])
        given = np.isfinite(own)
        readable = pc.fill_null(pc.is_in(table["language"], pa.array(READABLE)), False).to_numpy(zero_copy_only=False)
        usable = given.any(0) & ~look.duplicate[place] & (readable | look.read_foreign)
        usable &= ~pc.is_null(table["text"]).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(usable)[:LEARN_AT_MOST]  # chunks are sorted by key, so these are its smallest
        tables.append(table)
        keys.append(chunk.keys[rows])
        scores.append((np.where(given, own, 0).sum(0) / np.maximum(given.sum(0), 1))[rows])
        where.append(np.stack([np.full(len(rows), number), rows]))
    flat, at = np.concatenate(keys), np.concatenate(where, axis=1)
    order = np.argsort(flat, kind="stable")[:LEARN_AT_MOST]
    at = at[:, order]
    by_chunk = np.argsort(at[0], kind="stable")
    taken = pa.concat_tables(
        table.take(pa.array(at[1, by_chunk[at[0, by_chunk] == number]])) for number, table in enumerate(tables)
    ).take(pa.array(np.argsort(by_chunk)))
    if "customer" in taken.column_names:
        codes = taken["customer"].combine_chunks().dictionary_encode().indices
        customer = pc.fill_null(codes, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    else:
        customer = np.full(len(order), -1, np.int32)
    names = ", ".join(m.name for m in metrics)
    return ScoredRows(taken, np.concatenate(scores)[order], customer, flat[order], names, unit, folder)


def learn_sentiment(chosen: ScoredRows | None) -> Learned:
    """Cross-fit sentiment on the input's own scores; it steps aside when it does no better than VADER."""
    if chosen is None:
        return Learned(None, {})
    table, units, parts, whole = reread(chosen.rows, chosen.unit)
    with threadpool_limits(1):  # the sums of linear algebra must not depend on the number of threads
        model = learn(
            table,
            units,
            parts,
            whole,
            chosen.scores,
            chosen.customer,
            keys=chosen.keys,
            base=complaint_model(str(shipped.folder())),
        )
    facts = {
        "metric": chosen.metric, "learned": model.agreement, "vader": model.vader_agreement,
        "n": int(np.isfinite(chosen.scores).sum()), "used": model.used, "why": model.why,
    }  # fmt: skip
    if not model.used:
        return Learned(None, facts)
    file = chosen.folder / "learned.npz"
    arrays.write(file, *model.arrays())
    return Learned(str(file), facts)


def _on_unit_scale(metric: Metric, table: pa.Table) -> Any:
    low, high = metric.low or 0.0, metric.high or 1.0
    values = pc.fill_null(table[METRIC_PREFIX + metric.name], np.nan).to_numpy()
    share = (values - low) / (high - low)
    return share if metric.high_good else 1 - share
