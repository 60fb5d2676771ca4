"""Texts to figures: clean, redact, cut into units, score. One function that every command shares.

Whole-text VADER figures are those of the text as it came; everything else is of the prepared (redacted) text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.prepare.language import languages
from cxtext.prepare.normalise import normalise
from cxtext.prepare.redact import redact
from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment.complaint import ComplaintModel
from cxtext.sentiment.contrast import UnitKinds, unit_kinds
from cxtext.sentiment.cues import cues
from cxtext.sentiment.vader import polarity, unit_polarity
from cxtext.sentiment.vader_words import WordTable, word_table
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, FloatArray, IntArray
    from cxtext.sentiment.learn import LearnedSentiment

UnitKind = Literal["sentence", "clause", "response"]


@dataclass(frozen=True)
class Scored:
    """N texts with everything that can be said of each alone; arrays are per text or per unit (U of them).

    ``text``: prepared, redacted texts; ``blank`` bool[N]: nothing to read. ``whole``: VADER on the raw text.
    """

    text: pa.StringArray
    blank: BoolArray
    language: pa.StringArray
    redactions: Mapping[str, int]
    table: TokenTable
    units: Units
    whole: Polarity
    unit_polarity: Polarity
    complaint: FloatArray
    sentiment: FloatArray
    unit_complaint: FloatArray
    unit_sentiment: FloatArray
    cues: Mapping[str, BoolArray]
    kinds: UnitKinds


@lru_cache(maxsize=2)
def complaint_model(folder: str) -> ComplaintModel:
    """The shipped complaint model, loaded once in each process."""
    return ComplaintModel.load(Path(folder))


def score_texts(
    raw: pa.Array, unit: UnitKind, shipped: str, order_ids: str | None = None, learned: LearnedSentiment | None = None
) -> Scored:
    """Score N raw texts (null: no text). ``shipped`` is the folder of the shipped weights.

    With ``learned``, `sentiment` is the estimate learned from scores; without, the shipped model's.
    """
    text, redactions = redact(normalise(raw), order_ids=order_ids)
    table = token_table(text)
    units = split_units(table, unit)
    words = word_table(table.tokens)
    whole = whole_polarity(raw, text, table, words)
    parts = unit_polarity(table, units, words)
    model = complaint_model(shipped)
    unit_complaint = model.predict_units(table, units, parts)
    complaint = model.predict_responses(table, units, parts, whole, unit_complaint)
    unit_sentiment = model.unit_sentiment(table, units, parts, unit_complaint)
    sentiment = model.response_sentiment(table, units, parts, whole, unit_complaint, complaint)
    if learned is not None:
        unit_sentiment = learned.predict_units(table, units, parts)
        sentiment = learned.predict_responses(table, units, parts, whole)
    return Scored(
        text=text,
        blank=np.diff(table.offsets) == 0,
        language=pa.array(languages(table), pa.string()),
        redactions=redactions,
        table=table,
        units=units,
        whole=whole,
        unit_polarity=parts,
        complaint=np.asarray(complaint),
        sentiment=np.asarray(sentiment),
        unit_complaint=np.asarray(unit_complaint),
        unit_sentiment=np.asarray(unit_sentiment),
        cues=cues(table, units),
        kinds=unit_kinds(table, units),
    )


def whole_polarity(raw: pa.Array, prepared: pa.Array, table: TokenTable, words: WordTable) -> Polarity:
    """VADER's figures for the raw texts, reusing the prepared texts' token table where preparing changed nothing."""
    raw = pc.fill_null(pc.cast(raw, pa.string()), "")
    prepared = pc.fill_null(prepared, "")
    found = polarity(table, words)
    changed = np.flatnonzero(pc.not_equal(raw, prepared).to_numpy(zero_copy_only=False))
    if not len(changed):
        return found
    texts = raw.take(pa.array(changed))
    own = polarity(token_table(texts))
    columns = []
    for name in ("neg", "neu", "pos", "compound"):
        values = getattr(found, name).copy()
        values[changed] = getattr(own, name)
        columns.append(values)
    return Polarity(*columns)


def counts_by_response(units: Units, flags: BoolArray, n: int) -> IntArray:
    """How many flagged units each of `n` texts has: int64[n]."""
    return np.bincount(units.response[flags], minlength=n)
