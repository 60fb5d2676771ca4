"""How likely a sentence or a response is a complaint, with no training by the user.

A linear model over words, words under negation and pairs of adjacent words, together with VADER's figures, shipped as
small arrays in ``models/cx-en/complaint.npz`` with a card, ``complaint.json``, that says what it was fitted on, how
well it does on sources left out, and what it is bad at. VADER alone misses much of it: "my card was declined" and
"still waiting for my refund" hold no word of its lexicon that is negative.
"""

from __future__ import annotations

import json
import weakref
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cxtext.errors import ModelError
from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment.features import CLASSES, FLAGS, NONE, pairs, range_sums, spans

if TYPE_CHECKING:
    from cxtext.schema import FloatArray, IntArray

FORMAT_VERSION = 1
WEIGHT_UNIT = 4096  # stored weights are whole numbers of 1/4096
DENSE = ("compound", "mean", "lowest", "highest", "neg", "pos", "log_words")
_TABLE_BITS = 18
_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, eq=False)
class ComplaintModel:
    """P(complaint) for units and responses; load it once with ``ComplaintModel.load``.

    ``words``: the vocabulary, CLASSES first; ``word_weights``/``negated_weights`` int16[W]; ``flag_weights`` int16[F];
    ``pair_keys`` uint32[B] (first word * W + second word), ``pair_weights`` int16[B]; ``card``: what ``complaint.json``
    says, with the coefficients of VADER's figures and of the calibration under "coefficients".
    """

    words: pa.Array
    word_weights: IntArray
    negated_weights: IntArray
    flag_weights: IntArray
    pair_keys: IntArray
    pair_weights: IntArray
    card: dict[str, Any]
    _tables: tuple[tuple[IntArray, IntArray], ...] = field(init=False, repr=False)
    _flag_sums: IntArray = field(init=False, repr=False)
    _seen: list[Any] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tables", pair_tables(self.pair_keys, self.pair_weights))
        bits = (np.arange(1 << len(FLAGS))[:, None] >> np.arange(len(FLAGS))) & 1
        object.__setattr__(self, "_flag_sums", (bits * self.flag_weights.astype(np.int32)).sum(axis=1, dtype=np.int32))

    @classmethod
    def load(cls, folder: Path) -> ComplaintModel:
        """Read the weights in ``folder``. Raises ModelError when they are missing, damaged or of another format."""
        try:
            card = json.loads((folder / "complaint.json").read_text(encoding="utf-8"))
            if card.get("format") != FORMAT_VERSION:
                raise ModelError(
                    f"{folder / 'complaint.json'} has format {card.get('format')}; this version reads {FORMAT_VERSION}"
                )
            with np.load(folder / "complaint.npz", allow_pickle=False) as saved:
                arrays = {name: saved[name] for name in saved.files}
            words = pa.array(arrays["words"].tobytes().decode("utf-8").split("\n"), pa.string())
            model = cls(
                words,
                arrays["word_weights"],
                arrays["negated_weights"],
                arrays["flag_weights"],
                arrays["pair_keys"],
                arrays["pair_weights"],
                card,
            )
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"the complaint model in {folder} can't be read ({error}): install cxtext again"
            ) from error
        if words.slice(0, len(CLASSES)).to_pylist() != list(CLASSES) or len(words) != len(model.word_weights):
            raise ModelError(f"the complaint model in {folder} is damaged: install cxtext again")
        return model

    def save(self, folder: Path) -> None:
        """Write ``complaint.npz`` and ``complaint.json``; the same model gives the same bytes."""
        with (folder / "complaint.npz").open("wb") as target:
            np.savez_compressed(
                target,
                words=np.frombuffer("\n".join(self.words.to_pylist()).encode("utf-8"), np.uint8),
                word_weights=self.word_weights,
                negated_weights=self.negated_weights,
                flag_weights=self.flag_weights,
                pair_keys=self.pair_keys,
                pair_weights=self.pair_weights,
            )
        (folder / "complaint.json").write_text(
            json.dumps(self.card, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    def predict_units(self, table: TokenTable, units: Units, polarity: Polarity) -> FloatArray:
        """P(complaint) of each unit: float32[U], 0..1, higher = more likely; 0 for a unit without words.

        ``polarity``: VADER's figures for the units.
        """
        sums, count, worded = self._sums(table, units)
        logit = self._linear(sums, count, [polarity.compound] * 4 + [polarity.neg, polarity.pos])
        return _probability(self._calibrated("units", logit), worded)

    def predict_responses(
        self, table: TokenTable, units: Units, unit_polarity: Polarity, whole_polarity: Polarity, unit_probs: FloatArray
    ) -> FloatArray:
        """P(complaint) of each response: float32[N], 0..1, higher = more likely; 0 for a text without words.

        Calibrated so that .5 is a sensible cut: a share p of responses at p were complaints, on sources that the
        model had not seen. ``unit_probs``: what ``predict_units`` gave for the same units.
        """
        sums, _, worded = self._sums(table, units)
        n = len(table)
        which = units.response
        total = np.zeros(n, np.int64)
        np.add.at(total, which, sums)
        words = np.bincount(which, weights=worded, minlength=n) > 0
        mean, lowest, highest = by_response(which, np.asarray(unit_polarity.compound, np.float64), n)
        whole = whole_polarity
        logit = self._linear(
            total, np.diff(table.offsets), [whole.compound, mean, lowest, highest, whole.neg, whole.pos]
        )
        unit_mean, _, unit_highest = by_response(which, _logit(unit_probs), n)
        return _probability(self._calibrated("responses", logit, unit_mean, unit_highest), words)

    def unit_sentiment(self, table: TokenTable, units: Units, polarity: Polarity, unit_probs: FloatArray) -> FloatArray:
        """Sentiment of each unit: float32[U], -1 (bad) .. 1 (good), from VADER and P(complaint); 0 without words."""
        _, _, worded = self._sums(table, units)
        return self._sentiment(np.asarray(polarity.compound, np.float64), unit_probs, worded)

    def response_sentiment(
        self,
        table: TokenTable,
        units: Units,
        unit_polarity: Polarity,
        whole_polarity: Polarity,
        unit_probs: FloatArray,
        response_probs: FloatArray,
    ) -> FloatArray:
        """Sentiment of each response: float32[N], -1 (bad) .. 1 (good), from the units' mean VADER compound and
        P(complaint); 0 for a text without words."""
        _, _, worded = self._sums(table, units)
        words = np.bincount(units.response, weights=worded, minlength=len(table)) > 0
        mean, _, _ = by_response(units.response, np.asarray(unit_polarity.compound, np.float64), len(table))
        return self._sentiment(mean, response_probs, words)

    def _sentiment(self, compound: FloatArray, probs: FloatArray, worded: Any) -> FloatArray:
        weight = self.card["coefficients"]["sentiment"]
        value = (
            weight["compound"] * compound
            + weight["complaint"] * (1 - 2 * probs.astype(np.float64))
            + weight["constant"]
        )
        return np.where(worded, np.clip(value, -1, 1), 0).astype(np.float32)

    def _sums(self, table: TokenTable, units: Units) -> tuple[IntArray, IntArray, Any]:
        """Each unit's sum of weights int64[U], number of tokens int64[U], and whether it has words bool[U].

        The last result is kept as long as its arrays live: units and responses are asked for one after the other.
        """
        if self._seen:
            codes, first, result = self._seen[0]
            if codes() is table.codes and first() is units.first:
                return result  # type: ignore[no-any-return]
        result = self.unit_sums(table, units)
        self._seen[:] = [(weakref.ref(table.codes), weakref.ref(units.first), result)]
        return result

    def unit_sums(self, table: TokenTable, units: Units) -> tuple[IntArray, IntArray, Any]:
        """Each unit's sum of weights (in 1/4096) int64[U], number of tokens int64[U], whether it has words bool[U]."""
        row = spans(table, units, self.words)
        weight = self.word_weights[row.word].astype(np.int32)
        reached = np.flatnonzero(row.negated)
        weight[reached] += self.negated_weights[row.word[reached]]
        flagged = np.flatnonzero(row.flags)
        weight[flagged] += self._flag_sums[row.flags[flagged]]
        inside, edges = pairs(row, len(self.words))
        weight += self._pair_weight(inside)
        sums = range_sums(weight, row.first, row.last)
        for edge in edges:
            sums += self._pair_weight(edge)
        worded = range_sums((row.word != NONE).view(np.int8), row.first, row.last) > 0
        return sums, np.asarray(row.last - row.first, np.int64), worded

    def _pair_weight(self, keys: IntArray) -> IntArray:
        found = np.zeros(len(keys), np.int32)
        short = keys.astype(np.uint32)
        for multiplier, (table_keys, table_weights) in zip(_MULTIPLIERS, self._tables, strict=True):
            slot = _slot(short, multiplier)
            found += np.where(table_keys[slot] == short, table_weights[slot], 0)
        return found

    def _linear(self, sums: IntArray, count: IntArray, polarity: list[FloatArray]) -> FloatArray:
        """The raw score float64[n]: sums added column by column, so that it never depends on the other rows."""
        coefficients = self.card["coefficients"]["dense"]
        score = sums / (WEIGHT_UNIT * np.sqrt(count + 1.0)) + self.card["coefficients"]["constant"]
        for name, values in zip(DENSE, [*polarity, np.log1p(count) / 3], strict=True):
            score = score + coefficients[name] * np.asarray(values, np.float64)
        return np.asarray(score)

    def _calibrated(self, kind: str, *logits: FloatArray) -> FloatArray:
        constant, *slopes = self.card["coefficients"][kind]
        total = np.full(len(logits[0]), float(constant))
        for slope, logit in zip(slopes, logits, strict=True):
            total += slope * logit
        return total


def by_response(which: IntArray, values: FloatArray, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, lowest and highest of the units' values for each of n responses, float64[n]; 0 where there is no unit.

    ``which`` int32[U]: the response of each unit, ascending.
    """
    count = np.bincount(which, minlength=n)
    mean = np.bincount(which, weights=values, minlength=n) / np.maximum(count, 1)
    lowest, highest = np.zeros(n), np.zeros(n)
    if len(which):
        starts = np.flatnonzero(np.diff(which, prepend=which[0] - 1))
        lowest[which[starts]] = np.minimum.reduceat(values, starts)
        highest[which[starts]] = np.maximum.reduceat(values, starts)
    return mean, lowest, highest


def pair_tables(keys: IntArray, weights: IntArray) -> tuple[tuple[IntArray, IntArray], ...]:
    """Two hash tables of pairs, each a key uint32 and a weight int16 for every slot; a free slot has a key that no
    pair has. A pair that finds its slot taken in the first goes to the second; ``fitting`` says which find a place."""
    tables = []
    left = np.arange(len(keys))
    for multiplier in _MULTIPLIERS:
        table_keys = np.full(1 << _TABLE_BITS, 0xFFFFFFFF, np.uint32)
        table_weights = np.zeros(1 << _TABLE_BITS, np.int16)
        slots, first = np.unique(_slot(keys[left].astype(np.uint32), multiplier), return_index=True)
        table_keys[slots] = keys[left[first]]
        table_weights[slots] = weights[left[first]]
        tables.append((table_keys, table_weights))
        left = np.delete(left, first)
    return tuple(tables)


def fitting(keys: IntArray) -> IntArray:
    """Positions of the pairs that find a place in the tables, given in order of importance."""
    tables = pair_tables(keys, np.ones(len(keys), np.int16))
    placed = np.concatenate([table_keys[table_weights > 0] for table_keys, table_weights in tables])
    return np.flatnonzero(np.isin(keys, placed))


def _slot(keys: IntArray, multiplier: np.uint64) -> IntArray:
    return ((keys * multiplier) >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)


def _logit(probability: FloatArray) -> FloatArray:
    p = np.clip(probability.astype(np.float64), 1e-4, 1 - 1e-4)
    return np.asarray(np.log(p / (1 - p)))


def _probability(logit: FloatArray, worded: Any) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.where(worded, 1 / (1 + np.exp(-logit)), 0).astype(np.float32)
