"""How likely a sentence or a response is a complaint, with no training by the user.

A linear model over words, words under negation and pairs of adjacent words, together with VADER's figures, shipped as
small arrays in ``models/cx-en/complaint.npz`` with a card, ``complaint.json``, that says what it was fitted on, how
well it does on sources left out, and what it is bad at. VADER alone misses much of it: "my card was declined" and
"still waiting for my refund" hold no word of its lexicon that is negative.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxtext import exact
from cxtext.errors import ModelError
from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment.complaint_words import WEIGHT_UNIT, ByResponse, WordWeights

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, FloatArray, IntArray

FORMAT_VERSION = 1  # raise it when a weight changes its meaning; older readers then refuse the file
PLAIN = 3.0  # a plain statement ("I collected it on Tuesday") has log odds of a complaint of about -3
DENSE = ("compound", "mean", "lowest", "highest", "neg", "pos", "log_words")


@dataclass(frozen=True, eq=False)
class ComplaintModel:
    """P(complaint) and sentiment for units and responses; get it with ``ComplaintModel.load``.

    ``weights``: what words and pairs of words say; ``card``: what ``complaint.json`` holds, with the coefficients of
    VADER's figures, of the calibration and of the sentiment under "coefficients".
    """

    weights: WordWeights
    card: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> ComplaintModel:
        """Read the weights in ``folder``. Raises ModelError when they are missing, damaged or of another format."""
        place = folder / "complaint.json"
        try:
            card = json.loads(place.read_text(encoding="utf-8"))
            if card.get("format") != FORMAT_VERSION:
                raise ModelError(f"{place} has format {card.get('format')}, this version reads {FORMAT_VERSION}")
            with np.load(folder / "complaint.npz", allow_pickle=False) as saved:
                weights = WordWeights.from_arrays({name: saved[name] for name in saved.files})
            check_coefficients(card["coefficients"])
        except (OSError, LookupError, TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"the complaint model in {folder} can't be read ({error}): install cxtext again"
            ) from error
        return cls(weights, card)

    def save(self, folder: Path) -> None:
        """Write ``complaint.npz`` and ``complaint.json``; the same model gives the same bytes."""
        with (folder / "complaint.npz").open("wb") as target:
            np.savez_compressed(target, **self.weights.arrays())
        text = json.dumps(self.card, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / "complaint.json").write_text(text + "\n", encoding="utf-8")

    def predict_units(self, table: TokenTable, units: Units, polarity: Polarity) -> FloatArray:
        """P(complaint) of each unit: float32[U], 0..1, higher = more likely; 0 for a unit without words.

        ``polarity``: VADER's figures for the units.
        """
        sums = self.weights.unit_sums(table, units)
        logit = self._linear(sums.total, sums.count, unit_figures(polarity))
        return _probability(weighted(self._coefficients["units"], logit), sums.worded)

    def predict_responses(
        self, table: TokenTable, units: Units, unit_polarity: Polarity, whole_polarity: Polarity, unit_probs: FloatArray
    ) -> FloatArray:
        """P(complaint) of each response: float32[N], 0..1, higher = more likely; 0 for a text without words.

        Calibrated so that .5 is a sensible cut, on sources that the model had not seen. ``unit_polarity`` and
        ``whole_polarity``: VADER's figures for the units and for the whole texts; ``unit_probs``: what
        ``predict_units`` gave for the same units.
        """
        n, which = len(table), units.response
        sums = self.weights.unit_sums(table, units)
        total = np.bincount(which, weights=sums.total, minlength=n)  # whole numbers below 2**53 stay exact
        grouped = ByResponse(which, n)
        figures = response_figures(grouped, unit_polarity, whole_polarity)
        logit = self._linear(total, np.diff(table.offsets), figures)
        odds = log_odds(unit_probs)
        calibrated = weighted(self._coefficients["responses"], logit, grouped.mean(odds), grouped.highest(odds))
        return _probability(calibrated, _any(sums.worded, units, n))

    def unit_sentiment(self, table: TokenTable, units: Units, polarity: Polarity, unit_probs: FloatArray) -> FloatArray:
        """Sentiment of each unit: float32[U], -1 (bad) .. 1 (good), 0 = neither or no words.

        The tool's best estimate, mostly from P(complaint): surely a complaint -.7, surely praise .7 and more; VADER's
        compound moves that by at most .4.
        """
        worded = self.weights.unit_sums(table, units).worded
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
        """Sentiment of each response: float32[N], -1 (bad) .. 1 (good), 0 = neither or no words.

        As for units, from the mean compound of the sentences (the compound of a long text saturates).
        """
        del whole_polarity, unit_probs
        n = len(table)
        mean = ByResponse(units.response, n).mean(np.asarray(unit_polarity.compound, np.float64))
        worded = _any(self.weights.unit_sums(table, units).worded, units, n)
        return self._sentiment(mean, response_probs, worded)

    @property
    def _coefficients(self) -> Mapping[str, Any]:
        return self.card["coefficients"]  # type: ignore[no-any-return]

    def _linear(self, total: IntArray | FloatArray, count: IntArray, figures: Sequence[FloatArray]) -> FloatArray:
        """The raw score float64[n] before calibration."""
        dense = self._coefficients["dense"]
        figures = [*figures, exact.log1p(count) / 3]
        words = total / (WEIGHT_UNIT * np.sqrt(count + 1.0))
        return np.asarray(words) + weighted(
            [self._coefficients["constant"], *(dense[name] for name in DENSE)], *figures
        )

    def _sentiment(self, compound: FloatArray, probs: FloatArray, worded: BoolArray) -> FloatArray:
        slopes = self._coefficients["sentiment"]
        value = (
            2.0 * exact.logistic(2.0 * weighted([0.0, *slopes], *sentiment_columns(compound, log_odds(probs)))) - 1.0
        )
        return np.where(worded, value, 0).astype(np.float32)


def unit_figures(polarity: Polarity) -> list[FloatArray]:
    """VADER's figures of units in the order of DENSE: a unit is its own mean, lowest and highest sentence."""
    return [polarity.compound] * 4 + [polarity.neg, polarity.pos]


def response_figures(grouped: ByResponse, unit: Polarity, whole: Polarity) -> list[FloatArray]:
    """VADER's figures of n responses in the order of DENSE, float64[n] each."""
    compound = np.asarray(unit.compound, np.float64)
    own = [grouped.mean(compound), grouped.lowest(compound), grouped.highest(compound)]
    return [whole.compound, *own, whole.neg, whole.pos]


def weighted(coefficients: Sequence[float], *columns: FloatArray) -> FloatArray:
    """Constant plus weighted columns, added one by one, so that a row never depends on the other rows."""
    constant, *slopes = coefficients
    value = np.full(len(columns[0]), float(constant))
    for slope, column in zip(slopes, columns, strict=True):
        value += slope * np.asarray(column, np.float64)
    return value


def log_odds(probability: FloatArray) -> FloatArray:
    """ln(p / (1 - p)), with p held within .0001 and .9999."""
    p = np.clip(probability.astype(np.float64), 1e-4, 1 - 1e-4)
    return exact.log(p / (1 - p))


def sentiment_columns(compound: FloatArray, odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What sentiment is made of, each 0 for a plain statement: VADER, evidence of praise (<= 0), of a complaint."""
    chance = exact.logistic(odds)
    return compound, np.minimum(odds + PLAIN, 0), np.maximum(chance - float(exact.logistic(-PLAIN)), 0)


def check_coefficients(coefficients: Mapping[str, Any]) -> None:
    """Raise LookupError, TypeError or ValueError unless every coefficient is there and is a number."""
    dense = [float(coefficients["dense"][name]) for name in DENSE]
    for name, length in (("units", 2), ("responses", 4), ("sentiment", 3)):
        dense += map(float, coefficients[name])
        if len(coefficients[name]) != length:
            raise ValueError(f"{name} needs {length} coefficients")
    if not np.isfinite([float(coefficients["constant"]), *dense]).all():
        raise ValueError("a coefficient isn't a number")


def _any(flags: BoolArray, units: Units, n: int) -> BoolArray:
    return np.asarray(np.bincount(units.response, weights=flags, minlength=n) > 0)


def _probability(logit: FloatArray, worded: BoolArray) -> FloatArray:
    return np.where(worded, exact.logistic(logit), 0).astype(np.float32)
