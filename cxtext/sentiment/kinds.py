"""What a sentence or a response is: a complaint, a suggestion, praise or neutral, with no training by the user.

Four linear models over the words and pairs that the complaint model looks up anyway, shipped as small arrays in
``models/cx-en/kinds.npz`` with a card, ``kinds.json``, that says what they were fitted on, how well they do, and what
they are bad at. Three of them weigh the kinds against neutral; the fourth says whether a unit names anything concrete,
which "worst airline ever", "please help" and "my contract runs until March" don't.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxtext import exact
from cxtext.errors import ModelError
from cxtext.schema import KIND_NAMES, Kinds, Polarity, TokenTable, Units
from cxtext.sentiment.complaint import ComplaintModel, log_odds, weighted
from cxtext.sentiment.complaint_words import ByResponse, WordWeights
from cxtext.sentiment.lanes import LANE_UNIT, Lanes

if TYPE_CHECKING:
    from cxtext.schema import FloatArray, IntArray

FORMAT_VERSION = 1  # raise it when a weight changes its meaning; older readers then refuse the file
LANE_NAMES = ("complaint", "suggestion", "praise", "concrete")
DENSE = ("odds", "odds_above", "compound", "neg", "pos", "log_words")
GRID = 4
"""Probabilities are rounded to this many digits before anything is compared: the last bits differ between machines."""
_COMPLAINT, _SUGGESTION, _PRAISE, _NEUTRAL = range(len(KIND_NAMES))
_ARRAYS = ("single", "negated", "flags", "pair_keys", "pair")


@dataclass(frozen=True, eq=False)
class KindModel:
    """The kinds of units and responses; get it with ``KindModel.load``.

    ``complaint``: the complaint model, whose words carry the weights of the kinds beside their own; ``arrays``: those
    weights as they are stored; ``card``: what ``kinds.json`` holds, with the coefficients under "coefficients".
    """

    complaint: ComplaintModel
    arrays: Mapping[str, Any]
    card: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> KindModel:
        """Read both models in ``folder``. Raises ModelError when one is missing, damaged or of another format."""
        complaint = ComplaintModel.load(folder)
        place = folder / "kinds.json"
        try:
            card = json.loads(place.read_text(encoding="utf-8"))
            if card.get("format") != FORMAT_VERSION:
                raise ModelError(f"{place} has format {card.get('format')}, this version reads {FORMAT_VERSION}")
            if card["words_sha256"] != words_digest(complaint.weights):
                raise ValueError("it belongs to other words than those in complaint.npz")
            with np.load(folder / "kinds.npz", allow_pickle=False) as saved:
                arrays = {name: saved[name] for name in _ARRAYS}
            check_coefficients(card["coefficients"])
            return cls.joined(complaint, arrays, card)
        except (OSError, LookupError, TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"the model of kinds in {folder} can't be read ({error}): install cxtext again") from error

    @classmethod
    def joined(cls, complaint: ComplaintModel, arrays: Mapping[str, Any], card: Mapping[str, Any]) -> KindModel:
        """Lay the weights of the kinds beside those of complaints."""
        weights = complaint.weights.beside(Lanes.from_arrays(arrays))
        return cls(ComplaintModel(weights, complaint.card), arrays, card)

    def save(self, folder: Path) -> None:
        """Write ``kinds.npz`` and ``kinds.json``; the same model gives the same bytes."""
        with (folder / "kinds.npz").open("wb") as target:
            np.savez_compressed(target, **{name: self.arrays[name] for name in _ARRAYS})
        text = json.dumps(self.card, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / "kinds.json").write_text(text + "\n", encoding="utf-8")

    def predict_units(self, table: TokenTable, units: Units, polarity: Polarity, unit_probs: FloatArray) -> Kinds:
        """The kind of each of U units; one without words is neutral and has probabilities of 0.

        ``polarity``: VADER's figures for the units; ``unit_probs``: what the complaint model gave for them.
        """
        sums = self.complaint.weights.unit_sums(table, units)
        assert sums.lanes is not None
        words = sums.lanes / (LANE_UNIT * np.sqrt(sums.count + 1.0))
        columns = dense_columns(unit_probs, polarity, sums.count)
        coefficients = self.card["coefficients"]
        logits = [words[i] + weighted(coefficients[name], *columns) for i, name in enumerate(LANE_NAMES)]
        chances = softmax(*logits[:_NEUTRAL])
        chances[:, ~sums.worded] = 0
        concrete = np.where(sums.worded, np.round(exact.logistic(logits[3]), GRID), 0)
        kind = np.where(sums.worded, chances.argmax(axis=0), _NEUTRAL)
        return Kinds(chances[_SUGGESTION].astype(np.float32), concrete.astype(np.float32), kind.astype(np.int8))

    def predict_responses(self, units: Units, n: int, of_units: Kinds, response_probs: FloatArray) -> Kinds:
        """The kind of each of n responses, from its units; one without words is neutral.

        ``suggestion`` and ``concrete`` are those of the unit that has most of it. A response is a complaint when its
        own P(complaint), ``response_probs``, says so or a unit is one and most of the rest isn't praise; a suggestion
        when one of its units is; of both, what more of its units are.
        """
        grouped, of = ByResponse(units.response, n), units.response
        count = [np.bincount(of[of_units.kind == k], minlength=n) for k in range(len(KIND_NAMES))]
        suggestion = grouped.highest(np.asarray(of_units.suggestion, np.float64))
        concrete = grouped.highest(np.asarray(of_units.concrete, np.float64))
        complains = (np.round(response_probs.astype(np.float64), GRID) >= 0.5) & (count[_COMPLAINT] > 0)
        complains |= (count[_COMPLAINT] > 0) & (count[_COMPLAINT] >= count[_PRAISE])
        suggests = count[_SUGGESTION] > 0
        kind = np.full(n, _NEUTRAL, np.int8)
        kind[count[_PRAISE] > 0] = _PRAISE
        kind[complains] = _COMPLAINT
        kind[suggests & (~complains | (count[_SUGGESTION] > count[_COMPLAINT]))] = _SUGGESTION
        return Kinds(suggestion.astype(np.float32), concrete.astype(np.float32), kind)


def dense_columns(unit_probs: FloatArray, polarity: Polarity, count: IntArray) -> list[FloatArray]:
    """What is weighed beside the words, in the order of DENSE: float64[U] each, on a grid."""
    odds = np.round(log_odds(unit_probs), GRID)
    log_words = np.round(exact.log1p(count) / 3, GRID)
    return [odds, np.maximum(odds, 0.0), polarity.compound, polarity.neg, polarity.pos, log_words]


def softmax(*logits: FloatArray) -> FloatArray:
    """Chances of the classes with these logits and of one more whose logit is 0, on a grid: float64[K + 1, n]."""
    z = np.stack([*logits, np.zeros(len(logits[0]))])
    z -= z.max(axis=0)
    z = exact.exp(z)
    total = z[0].copy()
    for row in z[1:]:
        total += row
    chances: FloatArray = np.round(z / total, GRID)
    return chances


def words_digest(weights: WordWeights) -> str:
    """A fingerprint of the vocabulary that the weights are numbered by."""
    return hashlib.sha256("\n".join(weights.words.to_pylist()).encode("utf-8")).hexdigest()


def check_coefficients(coefficients: Mapping[str, Any]) -> None:
    """Raise LookupError, TypeError or ValueError unless every coefficient is there and is a number."""
    for name in LANE_NAMES:
        if len(coefficients[name]) != len(DENSE) + 1:
            raise ValueError(f"{name} needs {len(DENSE) + 1} coefficients")
        if not np.isfinite([float(c) for c in coefficients[name]]).all():
            raise ValueError("a coefficient isn't a number")
