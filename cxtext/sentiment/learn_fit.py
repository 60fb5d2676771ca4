"""Fitting sentiment to scores: rows of words, a logistic regression, folds by customer, isotonic calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext import exact
from cxtext.schema import TokenTable, Units
from cxtext.sentiment.complaint_words import WordWeights, fitting, whole_weights
from cxtext.sentiment.features import CLASSES, FLAGS, NO_PAIR, bare_words, pairs, spans, token_traits
from cxtext.sentiment.minimise import minimise

if TYPE_CHECKING:
    import scipy.sparse as sp

    from cxtext.schema import FloatArray, IntArray

FOLDS = 5
WORD_AT_LEAST, PAIR_AT_LEAST = 3, 4  # texts that must hold a word or a pair, so that no single customer is remembered
MOST_WORDS, MOST_PAIRS = 20_000, 60_000
_ITERATIONS = 60


@dataclass(frozen=True)
class Rows:
    """N responses as sparse rows of words, negated words, marks and pairs, each column with its scale.

    ``matrix`` float32 CSR [N, C]; ``scale`` float64[C]: by what a count was multiplied; ``negated_columns``: the words
    that have a column of their own under negation; ``pair_keys`` in ascending order.
    """

    matrix: sp.csr_array
    scale: FloatArray
    words: pa.Array
    negated_columns: IntArray
    pair_keys: IntArray

    def weights(self, coefficients: FloatArray) -> WordWeights:
        """Turn coefficients float64[C] of the columns into weights of words and pairs."""
        own = coefficients * self.scale
        cuts = np.cumsum([len(self.words), len(self.negated_columns), len(FLAGS)])
        single, negated, flags, pair = np.split(own, cuts)
        full = np.zeros(len(self.words))
        full[self.negated_columns] = negated
        placed = fitting(self.pair_keys)
        return WordWeights(
            self.words,
            whole_weights(single),
            whole_weights(full),
            whole_weights(flags),
            self.pair_keys[placed],
            whole_weights(pair)[placed],
        )


def rows_of_words(table: TokenTable, units: Units) -> Rows:
    """Count the words and pairs of each response; rare ones are left out."""
    import scipy.sparse as sp

    n = len(table)
    length = np.diff(table.offsets)
    doc = np.repeat(np.arange(n), length)
    words = _vocabulary(table, doc)
    traits = token_traits(table.tokens, words)
    row = spans(table, units, traits)
    w = len(words)
    single = _count(doc, row.word, n, w)
    negated = _count(doc[row.negated], row.word[row.negated], n, w)
    negated_columns = np.flatnonzero(_texts_with(negated) >= WORD_AT_LEAST)
    marks = traits.flags[table.codes] if len(table.tokens) else np.zeros(0, np.uint8)
    marked = [np.flatnonzero(marks >> bit & 1) for bit in range(len(FLAGS))]
    flags = _count(
        np.concatenate([doc[m] for m in marked]),
        np.repeat(np.arange(len(FLAGS)), [len(m) for m in marked]),
        n,
        len(FLAGS),
    )
    inside, edges = pairs(row, w)
    keys = np.concatenate([inside, *edges])
    where = np.concatenate([doc, units.response, units.response])[keys != NO_PAIR]
    kept, column = _frequent(keys[keys != NO_PAIR])
    pair = _count(where[column >= 0], column[column >= 0], n, len(kept))
    rarity = _rarity(single)
    blocks = [
        (single, rarity / 6),
        (negated[:, negated_columns], rarity[negated_columns] / 6),
        (flags, np.ones(len(FLAGS))),
        (pair, _rarity(pair) / 10),
    ]
    scale = np.concatenate([s for _, s in blocks])
    matrix = sp.hstack([b for b, _ in blocks], format="csr")
    matrix.data = (matrix.data * scale[matrix.indices]).astype(np.float32)
    matrix.data /= np.repeat(np.sqrt(length + 1.0), np.diff(matrix.indptr)).astype(np.float32)
    return Rows(matrix, scale, words, negated_columns, kept)


def _vocabulary(table: TokenTable, doc: IntArray) -> pa.Array:
    """The words that three texts or more hold, the most frequent first if there are too many; CLASSES first."""
    bare = bare_words(table.tokens).dictionary_encode()
    names = bare.dictionary.to_pylist()
    word = bare.indices.to_numpy(zero_copy_only=False)[table.codes] if len(names) else np.zeros(0, np.int64)
    # each text counts once for a word
    number = np.unique(doc * max(len(names), 1) + word) % max(len(names), 1)
    texts = np.bincount(number, minlength=len(names))
    known = [(-int(texts[i]), names[i]) for i in np.flatnonzero(texts >= WORD_AT_LEAST).tolist()]
    chosen = sorted(name for _, name in sorted(known)[:MOST_WORDS] if name not in CLASSES and "\n" not in name)
    lettered = pc.match_substring_regex(pa.array(chosen, pa.string()), r"\pL")
    return pa.concat_arrays([pa.array(CLASSES, pa.string()), pa.array(chosen, pa.string()).filter(lettered)])


def _frequent(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs seen often enough, ascending, and the column of each given key among them (-1 for the others)."""
    distinct, place, often = np.unique(keys, return_inverse=True, return_counts=True)
    enough = often >= PAIR_AT_LEAST
    if enough.sum() > MOST_PAIRS:
        enough &= often > np.sort(often)[-MOST_PAIRS]
    column = np.where(enough, np.cumsum(enough) - 1, -1)
    return distinct[enough], column[place] if len(keys) else np.zeros(0, np.int64)


def _count(rows: IntArray, columns: IntArray, n: int, width: int) -> Any:
    import scipy.sparse as sp

    return sp.coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, width)).tocsr()


def _texts_with(counts: Any) -> IntArray:
    return np.bincount(counts.indices, minlength=counts.shape[1])


def _rarity(counts: Any) -> FloatArray:
    return exact.log((counts.shape[0] + 1) / (_texts_with(counts) + 1)) + 1


def balance(target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights of "good" and "bad" for targets 0..1 that give both sides the same say; their sum has mean 1."""
    good, bad = target / target.sum(), (1 - target) / (1 - target).sum()
    return good * len(target) / 2, bad * len(target) / 2


def fit_logistic(
    words: Any, figures: FloatArray, good: FloatArray, bad: FloatArray, strength: float = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Logistic regression held back by the square of its coefficients: those of the words and those of the figures.

    ``words`` float32 CSR [N, C]; ``figures`` float64[N, F], whose first column is the constant; ``good``/``bad``
    float64[N]: how much each row speaks for either side.
    """
    turned = words.T.tocsr()
    c = words.shape[1]
    held = np.concatenate([np.full(c, 1 / strength), np.full(figures.shape[1], 0.1 / strength)])
    held[c] = 0

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        z = (words @ w[:c].astype(np.float32)).astype(np.float64) + by_column(figures, w[c:])
        away = exact.exp(-np.abs(z))
        soft = exact.log(1.0 + away)
        chance = np.where(z >= 0, 1.0, away) / (1.0 + away)
        slope = bad * chance - good * (1 - chance)
        value = exact.total(good * (soft + np.maximum(-z, 0)) + bad * (soft + np.maximum(z, 0)))
        value += 0.5 * exact.dot(held * w, w)
        of_figures = np.array([exact.dot(column, slope) for column in figures.T])
        return value, np.concatenate([turned @ slope.astype(np.float32), of_figures]) + held * w

    found = minimise(loss, np.zeros(c + figures.shape[1]), _ITERATIONS)
    return found[:c], found[c:]


def by_column(figures: FloatArray, coefficients: FloatArray) -> FloatArray:
    """``figures @ coefficients``, added up column by column: the same on every processor. float64[N]."""
    out = np.zeros(len(figures))
    for column, coefficient in zip(figures.T, coefficients, strict=True):
        out += coefficient * column
    return out


def folds_by_customer(customer: IntArray, keys: IntArray) -> IntArray:
    """A fold 0..FOLDS-1 for each row: a customer's rows share one, and it comes from their content alone.

    ``customer`` int32[N], -1 for a customer of one's own; ``keys`` uint64[N]: content keys.
    """
    lowest = keys.astype(np.uint64).copy()
    known = np.flatnonzero(customer >= 0)
    if len(known):
        best = np.full(int(customer.max()) + 1, np.iinfo(np.uint64).max, np.uint64)
        np.minimum.at(best, customer[known], lowest[known])
        lowest[known] = best[customer[known]]
    mixed = (lowest ^ (lowest >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed >> np.uint64(40)) % np.uint64(FOLDS)).astype(np.int64)


def isotonic(score: FloatArray, target: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rising curve that fits the target best, as points (x ascending, y ascending) to interpolate between.

    Each run of equal fitted values becomes one point at its mean score, so that higher scores stay higher.
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(score, kind="stable")
    x, weight = score[order], np.maximum(weight[order], 1e-12)
    fitted = isotonic_regression(target[order], weights=weight)
    starts = np.asarray(fitted.blocks[:-1])
    share = np.add.reduceat(weight, starts)
    return np.add.reduceat(x * weight, starts) / share, np.asarray(fitted.x)[starts]


def spearman(a: FloatArray, b: FloatArray) -> float:
    """Spearman's rank correlation, -1..1; NaN when one side never varies or there are fewer than three pairs."""
    if len(a) < 3:
        return float("nan")
    x, y = _ranks(a) - (len(a) + 1) / 2, _ranks(b) - (len(b) + 1) / 2
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else float("nan")


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, equal values sharing their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def mean_weights(parts: Sequence[FloatArray]) -> FloatArray:
    """The average of the folds' coefficients."""
    return np.asarray(np.mean(np.stack(parts), axis=0))
