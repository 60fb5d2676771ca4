"""Sentiment that learns from the scores customers gave with their texts.

A logistic regression of the score on words, pairs of words, VADER and the shipped complaint model, cross-fitted: the
rows are split into folds by customer, and the estimate for a row comes from a model that saw nothing of that customer.
It steps aside when, on rows it had not seen, it orders the scores no better than the shipped estimate does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cxtext import exact
from cxtext.errors import ModelError
from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment import learn_fit as fit
from cxtext.sentiment.complaint import ComplaintModel, log_odds, response_figures, unit_figures
from cxtext.sentiment.complaint_words import WEIGHT_UNIT, ByResponse, WordWeights

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, FloatArray, IntArray

FORMAT_VERSION = 1  # raise it when an array changes its meaning
FEWEST = 200
LEAST_AGREEMENT = 0.1  # less, and the scores are about something else than the texts
HOPELESS = 3.0  # so many times chance below that in the first fold, and the other folds aren't tried
LEARN_AT_MOST = 50_000
_FIGURES = (
    "constant",
    "complaint",
    "unit_mean",
    "unit_highest",
    "compound",
    "mean",
    "lowest",
    "highest",
    "neg",
    "pos",
    "log_words",
)


@dataclass(frozen=True, eq=False)
class LearnedSentiment:
    """What was learned, and how well it agrees with the scores on rows it had not seen.

    ``used``: whether to use it, and ``why``, in a clause. ``agreement``, ``vader_agreement``, ``base_agreement``:
    Spearman's rank correlation with the scores (-1..1, higher = agrees better; NaN if there was nothing to compare) of
    the held-out estimate, of VADER's mean over sentences, and of the shipped estimate; ``n``: rows they rest on.
    ``reversed``: good texts go with low scores, so the column's direction is probably wrong. ``held_out`` float32[N]:
    the estimate for each row given to ``learn``, from folds without that customer (NaN if it had no score); ``None``
    once stored.
    """

    used: bool
    why: str
    agreement: float
    vader_agreement: float
    base_agreement: float
    n: int
    reversed: bool
    base: ComplaintModel
    words: WordWeights | None = None
    figures: FloatArray | None = None
    curve: tuple[FloatArray, FloatArray] | None = None
    known: tuple[IntArray, FloatArray] | None = None
    held_out: FloatArray | None = None

    def predict_units(self, table: TokenTable, units: Units, polarity: Polarity) -> FloatArray:
        """Sentiment of each unit: float32[U], -1 (bad) .. 1 (good); 0 for a unit without words.

        On the scale of the scores, both ends counted alike: 0 is where praise and complaints balance.
        """
        probs = self.base.predict_units(table, units, polarity)
        if self.words is None:
            return self.base.unit_sentiment(table, units, polarity, probs)
        odds = log_odds(probs)
        sums = self.words.unit_sums(table, units)
        figures = _figures([odds, odds, odds, *unit_figures(polarity)], sums.count)
        return self._estimate(sums.total, sums.count, figures, sums.worded)

    def predict_responses(
        self,
        table: TokenTable,
        units: Units,
        unit_polarity: Polarity,
        whole_polarity: Polarity,
        keys: IntArray | None = None,
    ) -> FloatArray:
        """Sentiment of each response: float32[N], -1 (bad) .. 1 (good); 0 for a text without words.

        With ``keys`` uint64[N], a row that was learned from gets the estimate of the folds without its customer.
        """
        n = len(table)
        probs, figures = _response_figures(self.base, table, units, unit_polarity, whole_polarity)
        if self.words is None:
            responses = self.base.predict_responses(table, units, unit_polarity, whole_polarity, probs)
            return self.base.response_sentiment(table, units, unit_polarity, whole_polarity, probs, responses)
        sums = self.words.unit_sums(table, units)
        total = np.bincount(units.response, weights=sums.total, minlength=n)
        worded = np.bincount(units.response, weights=sums.worded, minlength=n) > 0
        found = self._estimate(total, np.diff(table.offsets), figures, worded)
        if keys is not None and self.known is not None and len(self.known[0]):
            place = np.minimum(np.searchsorted(self.known[0], keys), len(self.known[0]) - 1)
            seen = (self.known[0][place] == keys) & worded
            found[seen] = self.known[1][place[seen]]
        return found

    def _estimate(
        self, total: IntArray | FloatArray, count: IntArray, figures: FloatArray, worded: BoolArray
    ) -> FloatArray:
        assert self.figures is not None
        assert self.curve is not None
        score = total / (WEIGHT_UNIT * np.sqrt(count + 1.0))
        for column, coefficient in zip(figures.T, self.figures, strict=True):  # column by column: rows stay apart
            score = score + coefficient * column
        return np.where(worded, np.interp(score, *self.curve), 0).astype(np.float32)

    def arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Everything that predicting needs: plain arrays, and JSON-ready facts."""
        meta = {
            "format": FORMAT_VERSION,
            "used": self.used,
            "why": self.why,
            "agreement": _or_none(self.agreement),
            "vader_agreement": _or_none(self.vader_agreement),
            "base_agreement": _or_none(self.base_agreement),
            "n": self.n,
            "reversed": self.reversed,
            "base": dict(self.base.card),
        }
        arrays = {f"base_{name}": values for name, values in self.base.weights.arrays().items()}
        if self.words is not None and self.figures is not None and self.curve is not None and self.known is not None:
            arrays |= {f"own_{name}": values for name, values in self.words.arrays().items()}
            arrays |= {"figures": self.figures, "curve_x": self.curve[0], "curve_y": self.curve[1]}
            arrays |= {"known_keys": self.known[0], "known_estimates": self.known[1]}
        return arrays, meta

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], meta: Mapping[str, Any]) -> LearnedSentiment:
        """Rebuild what ``arrays()`` gave. Raises ModelError when it is damaged or of another format."""
        try:
            if meta["format"] != FORMAT_VERSION:
                raise ModelError(f"learned sentiment has format {meta['format']}, this version reads {FORMAT_VERSION}")
            base = ComplaintModel(WordWeights.from_arrays(_under(arrays, "base_")), meta["base"])
            learned, vader, shipped = (float("nan") if meta[k] is None else float(meta[k]) for k in _AGREEMENTS)
            own: dict[str, Any] = {}
            if "figures" in arrays:
                own = {
                    "words": WordWeights.from_arrays(_under(arrays, "own_")),
                    "figures": arrays["figures"],
                    "curve": (arrays["curve_x"], arrays["curve_y"]),
                    "known": (arrays["known_keys"], arrays["known_estimates"]),
                }
            used, backwards = bool(meta["used"]), bool(meta["reversed"])
            return cls(used, str(meta["why"]), learned, vader, shipped, int(meta["n"]), backwards, base, **own)
        except (LookupError, TypeError, ValueError) as error:
            raise ModelError(f"learned sentiment can't be read ({error}): train again") from error


_AGREEMENTS = ("agreement", "vader_agreement", "base_agreement")


def learn(
    table: TokenTable,
    units: Units,
    unit_polarity: Polarity,
    whole_polarity: Polarity,
    scores: FloatArray,
    customer: IntArray,
    keys: IntArray,
    base: ComplaintModel,
) -> LearnedSentiment:
    """Learn sentiment from the scores of N responses.

    ``scores`` float64[N]: higher = better, NaN = none; any scale. ``customer`` int32[N]: code, -1 unknown (a customer
    of their own). ``keys`` uint64[N]: content keys; with equal rows and keys the result is the same in any row order.
    At most LEARN_AT_MOST rows, those with the smallest keys, are learned from. Fewer than FEWEST scored texts, scores
    that don't vary, or no gain on held-out rows: ``used`` is false and predictions are those of ``base`` or as learned.
    """
    n = len(table)
    probs, figures = _response_figures(base, table, units, unit_polarity, whole_polarity)
    responses = base.predict_responses(table, units, unit_polarity, whole_polarity, probs)
    shipped = base.response_sentiment(table, units, unit_polarity, whole_polarity, probs, responses)
    usable = np.flatnonzero(np.isfinite(scores) & (np.diff(table.offsets) > 0))
    rows = usable[np.argsort(keys[usable], kind="stable")][:LEARN_AT_MOST]
    own = scores[rows]
    mean = figures[rows, _FIGURES.index("mean")]
    vader, shipped_agreement = fit.spearman(mean, own), fit.spearman(shipped[rows], own)
    backwards = len(rows) >= FEWEST and shipped_agreement * np.sqrt(len(rows) - 1) < -4

    def aside(why: str) -> LearnedSentiment:
        return LearnedSentiment(False, why, float("nan"), vader, shipped_agreement, len(rows), bool(backwards), base)

    if len(rows) < FEWEST:
        return aside(f"{len(rows)} texts with a score are too few to learn from ({FEWEST} are needed)")
    low, high = float(own.min()), float(own.max())
    if low == high:
        return aside("all the scores are the same")
    if backwards:
        return aside("good texts go with low scores: the column's direction looks wrong")
    part, part_units = _subset(table, units, rows)
    matrix = fit.rows_of_words(part, part_units)
    target = np.round((own - low) / (high - low), 6)  # the same whatever the scale the scores came in
    fold = fit.folds_by_customer(customer[rows], keys[rows])
    first = _one_fold(matrix, figures[rows], target, fold, 0)
    if first is None:
        return aside("the scores come from too few customers to check against each other")
    seen = fit.spearman(first.score, target[fold == 0])
    # chance alone moves a rank correlation by about one over the root of n
    if seen < LEAST_AGREEMENT - HOPELESS / np.sqrt(len(first.score)):
        return replace(aside(_no_gain(seen, max(vader, shipped_agreement))), agreement=seen)
    estimate = _cross_fit(matrix, figures[rows], target, fold, first)
    if estimate is None:
        return aside("the scores come from too few customers to check against each other")
    held_out = np.full(n, np.nan, np.float32)
    held_out[rows] = estimate.held_out
    agreement = fit.spearman(estimate.held_out, own)
    best = max(vader, shipped_agreement)
    used = bool(agreement >= LEAST_AGREEMENT and agreement > best + 1 / np.sqrt(len(rows)))
    why = f"agrees with your scores: {agreement:.2f}, VADER alone {vader:.2f}"
    if not used:
        why = _no_gain(agreement, best)
    return LearnedSentiment(
        used,
        why,
        agreement,
        vader,
        shipped_agreement,
        len(rows),
        False,
        base,
        matrix.weights(estimate.words),
        estimate.figures,
        estimate.curve,
        (keys[rows].astype(np.uint64), estimate.held_out),
        held_out,
    )


@dataclass(frozen=True)
class _Estimate:
    words: FloatArray
    figures: FloatArray
    curve: tuple[FloatArray, FloatArray]
    held_out: FloatArray


@dataclass(frozen=True)
class _Fold:
    """A fit without one fold: its ``words`` and ``figures``, and the ``score`` float64 of the rows it hadn't seen."""

    words: FloatArray
    figures: FloatArray
    score: FloatArray


def _one_fold(matrix: fit.Rows, figures: FloatArray, target: FloatArray, fold: IntArray, k: int) -> _Fold | None:
    inside = fold != k
    good_share = target[inside].mean() if inside.any() else 0.0
    if inside.all() or not 0 < good_share < 1:
        return None
    words, slopes = fit.fit_logistic(matrix.matrix[inside], figures[inside], *fit.balance(target[inside]))
    return _Fold(words, slopes, matrix.matrix[~inside] @ words + fit.by_column(figures[~inside], slopes))


def _cross_fit(
    matrix: fit.Rows, figures: FloatArray, target: FloatArray, fold: IntArray, first: _Fold
) -> _Estimate | None:
    """Fit without each fold in turn (the first is done), estimate it, and calibrate each fold on the others."""
    fits = [first]
    for k in range(1, fit.FOLDS):
        one = _one_fold(matrix, figures, target, fold, k)
        if one is None:
            return None
        fits.append(one)
    score = np.zeros(len(target))
    for k, one in enumerate(fits):
        score[fold == k] = one.score
    held_out = np.zeros(len(target), np.float32)
    for k in range(fit.FOLDS):
        inside, out = fold != k, fold == k
        held_out[out] = np.interp(score[out], *_curve(score[inside], target[inside]))
    words, slopes = (fit.mean_weights([getattr(one, name) for one in fits]) for name in ("words", "figures"))
    return _Estimate(words, slopes, _curve(score, target), held_out)


def _no_gain(agreement: float, best: float) -> str:
    return f"no gain on texts it had not seen: {agreement:.2f}, without learning {best:.2f}"


def _curve(score: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """From the regression's score to -1..1, with both ends of the scale counted alike."""
    good, bad = fit.balance(target)
    return fit.isotonic(score, (good - bad) / (good + bad), good + bad)


def _response_figures(
    base: ComplaintModel, table: TokenTable, units: Units, unit: Polarity, whole: Polarity
) -> tuple[FloatArray, FloatArray]:
    """The units' P(complaint), and the figures of each response float64[N, F] in the order of _FIGURES."""
    n = len(table)
    probs = base.predict_units(table, units, unit)
    responses = base.predict_responses(table, units, unit, whole, probs)
    grouped, odds = ByResponse(units.response, n), log_odds(probs)
    columns = [log_odds(responses), grouped.mean(odds), grouped.highest(odds), *response_figures(grouped, unit, whole)]
    return probs, _figures(columns, np.diff(table.offsets))


def _figures(columns: list[FloatArray], count: IntArray) -> FloatArray:
    odds, rest = columns[:3], columns[3:]
    ones = np.ones(len(count))
    return np.column_stack([ones, *(c / 4 for c in odds), *rest, exact.log1p(count) / 3]).astype(np.float64)


def _subset(table: TokenTable, units: Units, rows: IntArray) -> tuple[TokenTable, Units]:
    """The chosen responses, in the order given, as a token table with its units."""
    length = np.diff(table.offsets)[rows]
    offsets = np.concatenate([[0], np.cumsum(length)])
    shift = table.offsets[:-1][rows] - offsets[:-1]
    token = np.arange(offsets[-1]) + np.repeat(shift, length)
    first_unit = np.searchsorted(units.response, rows, side="left")
    many = np.searchsorted(units.response, rows, side="right") - first_unit
    start = np.concatenate([[0], np.cumsum(many)])
    unit = np.arange(start[-1]) + np.repeat(first_unit - start[:-1], many)
    back = np.repeat(shift, many)
    response = np.repeat(np.arange(len(rows), dtype=np.int32), many)
    part = TokenTable(table.codes[token], offsets, table.tokens)
    return part, Units(response, units.first[unit] - back, units.last[unit] - back)


def _under(arrays: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
