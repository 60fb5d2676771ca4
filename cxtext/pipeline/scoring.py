"""Texts to figures: clean, redact, cut into units, score. One function that every command shares.

Whole-text VADER figures are those of the text as it came; everything else is of the prepared (redacted) text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.prepare.language import languages
from cxtext.prepare.normalise import normalise
from cxtext.prepare.redact import redact
from cxtext.schema import KIND_NAMES, Kinds, Polarity, TokenTable, Units
from cxtext.sentiment.complaint import ComplaintModel
from cxtext.sentiment.contrast import UnitKinds, unit_kinds
from cxtext.sentiment.cues import cues
from cxtext.sentiment.kinds import KindModel
from cxtext.sentiment.lexical import lexical
from cxtext.sentiment.vader import polarity, unit_polarity
from cxtext.sentiment.vader_words import WordTable, word_table
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, FloatArray, IntArray
    from cxtext.sentiment.learn import LearnedSentiment

COMPLAINT = 0.5
"""A unit is a complaint when its probability is at least this; the model is calibrated so that half means half."""

SURELY, PERHAPS, WISH = 0.65, 0.35, 0.15
"""P(complaint) from which a unit is one whatever its kind (but praise), and those that a complaint and a wish need."""

CONCRETE = 0.3
"""A unit names something that could be dealt with when the probability of that is at least this."""

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
    forms: UnitKinds
    unit_kinds: Kinds
    kinds: Kinds


@lru_cache(maxsize=2)
def kind_model(folder: str) -> KindModel:
    """The shipped models of complaints and of the other kinds, loaded once in each process."""
    return KindModel.load(Path(folder))


def complaint_model(folder: str) -> ComplaintModel:
    """The shipped complaint model, loaded once in each process."""
    return kind_model(folder).complaint


def score_texts(
    raw: pa.Array, unit: UnitKind, shipped: str, order_ids: str | None = None, learned: LearnedSentiment | None = None
) -> Scored:
    """Score N raw texts (null: no text). ``shipped`` is the folder of the shipped weights.

    With ``learned``, `sentiment` is the estimate learned from scores; without, the shipped model's.
    """
    text, redactions = redact(normalise(raw), order_ids=order_ids)
    table = with_native_codes(token_table(text))
    units = split_units(table, unit)
    words = word_table(table.tokens)
    prepared = polarity(table, words)
    whole = whole_polarity(raw, text, prepared)
    parts = part_polarity(table, units, words, prepared)
    of_kinds = kind_model(shipped)
    model = of_kinds.complaint
    unit_complaint = model.predict_units(table, units, parts)
    complaint = model.predict_responses(table, units, parts, whole, unit_complaint)
    unit_sentiment = model.unit_sentiment(table, units, parts, unit_complaint)
    sentiment = model.response_sentiment(table, units, parts, whole, unit_complaint, complaint)
    if learned is not None:
        unit_sentiment = learned.predict_units(table, units, parts)
        sentiment = learned.predict_responses(table, units, parts, whole)
    found = lexical(table, units)
    unit_kinds_ = of_kinds.predict_units(table, units, parts, unit_complaint)
    return Scored(
        text=text,
        blank=np.diff(table.offsets) == 0,
        language=languages(table),
        redactions=redactions,
        table=table,
        units=units,
        whole=whole,
        unit_polarity=parts,
        complaint=np.asarray(complaint),
        sentiment=np.asarray(sentiment),
        unit_complaint=np.asarray(unit_complaint),
        unit_sentiment=np.asarray(unit_sentiment),
        cues=cues(table, units, found),
        forms=unit_kinds(table, units, found),
        unit_kinds=unit_kinds_,
        kinds=of_kinds.predict_responses(units, len(table), unit_kinds_, np.asarray(complaint)),
    )


def with_native_codes(table: TokenTable) -> TokenTable:
    """The same table with codes as numpy wants them for looking up: each look-up would turn them into such."""
    return TokenTable(table.codes.astype(np.intp), table.offsets, table.tokens)


def whole_polarity(raw: pa.Array, text: pa.Array, prepared: Polarity) -> Polarity:
    """VADER's figures for the raw texts: those of the ``prepared`` texts where preparing changed nothing."""
    raw, text = pc.fill_null(pc.cast(raw, pa.string()), ""), pc.fill_null(text, "")
    changed = np.flatnonzero(pc.not_equal(raw, text).to_numpy(zero_copy_only=False))
    trimmed = pc.utf8_trim_whitespace(raw.take(pa.array(changed)))  # blanks at the ends are nothing to VADER
    changed = changed[pc.not_equal(trimmed, text.take(pa.array(changed))).to_numpy(zero_copy_only=False)]
    return _put(prepared, changed, lambda: polarity(token_table(raw.take(pa.array(changed)))))


def part_polarity(table: TokenTable, units: Units, words: WordTable, whole: Polarity) -> Polarity:
    """VADER's figures for the units: those of the ``whole`` text where it is one unit."""
    of = units.response
    parts = np.flatnonzero((units.first != table.offsets[of]) | (units.last != table.offsets[of + 1]))
    some = Units(of[parts], units.first[parts], units.last[parts])
    taken = Polarity(whole.neg[of], whole.neu[of], whole.pos[of], whole.compound[of])
    return _put(taken, parts, lambda: unit_polarity(table, some, words))


def _put(figures: Polarity, rows: IntArray, own: Callable[[], Polarity]) -> Polarity:
    """The same figures with those of some rows replaced by their own."""
    if not len(rows):
        return figures
    found, columns = own(), []
    for name in ("neg", "neu", "pos", "compound"):
        values = getattr(figures, name).copy()
        values[rows] = getattr(found, name)
        columns.append(values)
    return Polarity(*columns)


@dataclass(frozen=True)
class Grievances:
    """Which units pain points are made of: ``kept`` bool[U]; ``aside``: units set aside, by reason, bool[U] each."""

    kept: BoolArray
    aside: dict[str, BoolArray]


def grievances(scored: Scored) -> Grievances:
    """Complaints and suggestions that name something concrete.

    Bare anger ("worst airline ever") gives no reason; courtesy and context ("please help", "my contract runs until
    March") are no complaint, whatever the mood they are written in.
    """
    kind, bad = scored.unit_kinds.kind, scored.unit_complaint
    complaint, suggestion, praise = (kind == KIND_NAMES.index(k) for k in ("complaint", "suggestion", "praise"))
    negative = (bad >= SURELY) & ~praise
    negative |= (complaint & (bad >= PERHAPS)) | (suggestion & (bad >= WISH))
    concrete = scored.unit_kinds.concrete >= CONCRETE
    vague = ~concrete & ((bad >= COMPLAINT) | negative)
    return Grievances(
        negative & concrete,
        {
            "no reason given": vague & complaint,
            "courtesy or context": vague & ~complaint & ~praise,
        },
    )


def kind_names(kinds: Kinds) -> pa.Array:
    """What each of n units or responses is, in words."""
    return pa.array(KIND_NAMES, pa.string()).take(pa.array(kinds.kind))


def counts_by_response(units: Units, flags: BoolArray, n: int) -> IntArray:
    """How many flagged units each of `n` texts has: int64[n]."""
    return np.bincount(units.response[flags], minlength=n)


def number(values: Any, blank: BoolArray | None = None) -> pa.Array:
    """Figures to four digits, null where there is no text: what is written is the same on every machine."""
    return pa.array(np.round(np.asarray(values, np.float64), 4), mask=blank)
