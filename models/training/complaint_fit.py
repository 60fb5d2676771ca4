"""Fits the complaint model: a logistic regression whose word weights lean on what an encoder knows of each word.

A word's weight is a free part plus a part linear in its vector, so a word that no training text holds still gets a
weight from its neighbours in meaning. Each family of sources counts the same, and so do complaints and the rest in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from complaint_sources import GOLD, Example
from distill_encoder import model_folder
from distill_sources import WORD
from scipy.optimize import minimize

from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment.complaint import DENSE, FORMAT_VERSION, ComplaintModel, log_odds, response_figures
from cxtext.sentiment.complaint_words import ByResponse, WordWeights, fitting, whole_weights
from cxtext.sentiment.features import CLASSES, FLAGS, NO_PAIR, bare_words, pairs, spans, token_traits
from cxtext.sentiment.vader import polarity, unit_polarity
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

VECTOR_DIMS = 200
FAMILY_WEIGHT = {"seeds": 2.0}
MOST_WORDS = 40_000
# Set by hand: a sure complaint comes to about -.7, sure praise to .7 and more, a plain statement to 0; VADER
# moves that by at most .4. Fitted to raters of films and news, VADER's part grew until complaints came out as praise.
SENTIMENT = [0.4, -0.12, -0.9]


@dataclass(frozen=True)
class Texts:
    """Examples read once: token table, sentences, VADER's figures."""

    examples: list[Example]
    table: TokenTable
    units: Units
    unit: Polarity
    whole: Polarity

    @property
    def label(self) -> np.ndarray:
        return np.array([example.label for example in self.examples])

    @property
    def family(self) -> np.ndarray:
        return np.array([example.family for example in self.examples])


def read_texts(examples: list[Example]) -> Texts:
    """Tokenise and score the examples the way ``cxtext score`` does."""
    table = token_table([example.text for example in examples])
    units = split_units(table, "sentence")
    return Texts(examples, table, units, unit_polarity(table, units), polarity(table))


def vocabulary(texts: Texts, at_least: int = 3) -> list[str]:
    """The encoder's own whole words, and words seen three times or more; CLASSES first."""
    seen: Counter[str] = Counter()
    counts = np.bincount(texts.table.codes, minlength=len(texts.table.tokens)).tolist()
    for word, count in zip(bare_words(texts.table.tokens).to_pylist(), counts, strict=True):
        seen[word] += count
    pieces = (model_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    known = {word for word in pieces if len(word) > 1 and word.isascii() and WORD.fullmatch(word)}
    frequent = [w for w, n in seen.most_common() if n >= at_least and w.isascii() and WORD.fullmatch(w)]
    chosen = [w for w in dict.fromkeys(frequent + sorted(known)) if not any(c.isdigit() for c in w)][:MOST_WORDS]
    return [*CLASSES, *sorted(chosen)]


class Design:
    """The examples as rows of numbers, ready to fit any subset of them."""

    def __init__(self, texts: Texts, words: list[str], encode: Callable[[Sequence[str]], np.ndarray]) -> None:
        self.texts, self.words = texts, words
        n, w = len(texts.table), len(words)
        traits = token_traits(texts.table.tokens, pa.array(words))
        row, marks = spans(texts.table, texts.units, traits), traits.flags[texts.table.codes]
        doc = np.repeat(np.arange(n), np.diff(texts.table.offsets))
        length = np.diff(texts.table.offsets)
        scale = sp.diags_array(1 / np.sqrt(length + 1.0))
        single, self.word_idf = _counts(doc, row.word, n, w)
        negated, _ = _counts(doc[row.negated], row.word[row.negated], n, w)
        self.negated_columns = np.flatnonzero(_document_frequency(negated) >= 3)
        flags = sp.hstack([_counts(doc[(marks >> b & 1) > 0], 0, n, 1)[0] for b in range(len(FLAGS))])
        inside, edges = pairs(row, w)
        keys = np.concatenate([inside, edges[0], edges[1]])
        where = np.concatenate([doc, texts.units.response, texts.units.response])
        where, keys = where[keys != NO_PAIR], keys[keys != NO_PAIR]
        self.pair_keys, column, often = np.unique(keys, return_inverse=True, return_counts=True)
        column = np.where(often >= 4, np.cumsum(often >= 4) - 1, -1)[column]
        self.pair_keys = self.pair_keys[often >= 4]
        pair, self.pair_idf = _counts(where[column >= 0], column[column >= 0], n, len(self.pair_keys))
        self.sparse = (
            scale
            @ sp.hstack(
                [
                    single @ sp.diags_array(self.word_idf / 6),
                    negated[:, self.negated_columns] @ sp.diags_array(self.word_idf[self.negated_columns] / 6),
                    flags,
                    pair @ sp.diags_array(self.pair_idf / 10),
                ]
            )
        ).astype(np.float32)
        self.sparse = self.sparse.tocsr()
        frequency = _document_frequency(single)
        rare = 1e-3 / (1e-3 + 15 * frequency / frequency.sum())
        self.vectors = _centred(encode(words), frequency > 0) * (3 * rare)[:, None]
        figures = response_figures(ByResponse(texts.units.response, n), texts.unit, texts.whole)
        dense = [*figures, np.log1p(length) / 3, np.ones(n)]
        self.dense = np.concatenate([scale @ (single @ self.vectors), np.column_stack(dense)], axis=1).astype(
            np.float32
        )

    def fit(self, chosen: np.ndarray, strength: float = 1.0) -> ComplaintModel:
        """Fit on the chosen examples (bool[N]); calibration is left at "as it comes"."""
        rows = np.flatnonzero(chosen)
        yes, no = balanced(self.texts.label[rows], self.texts.family[rows])
        sparse, dense = self.sparse[rows], self.dense[rows]
        turned = sparse.T.tocsr()
        p = sparse.shape[1]

        def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
            z = sparse @ w[:p].astype(np.float32) + dense @ w[p:].astype(np.float32)
            z = z.astype(np.float64)
            shared = np.log1p(np.exp(-np.abs(z)))
            value = yes @ (shared + np.maximum(-z, 0)) + no @ (shared + np.maximum(z, 0))
            chance = 1 / (1 + np.exp(-z))
            slope = (no * chance - yes * (1 - chance)).astype(np.float32)
            free = w.copy()
            free[-1] = 0  # the constant is not held back
            gradient = np.concatenate([turned @ slope, dense.T @ slope]).astype(np.float64) + free / strength
            return float(value + 0.5 * free @ free / strength), gradient

        fitted = minimize(loss, np.zeros(p + dense.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
        return self._folded(fitted)

    def _folded(self, fitted: np.ndarray) -> ComplaintModel:
        """Turn coefficients into one number for each word and pair."""
        w, k, b = len(self.words), len(self.negated_columns), len(self.pair_keys)
        dims = self.vectors.shape[1]
        single, negated, flags, pair, rest = np.split(fitted, np.cumsum([w, k, len(FLAGS), b]))
        negated_full = np.zeros(w)
        negated_full[self.negated_columns] = negated * self.word_idf[self.negated_columns] / 6
        pair_weight = whole_weights(pair * self.pair_idf / 10)
        order = np.argsort(-np.abs(pair_weight.astype(int)), kind="stable")
        order = order[np.abs(pair_weight[order]) >= 8]
        order = np.sort(order[fitting(self.pair_keys[order])])
        coefficients = {
            "constant": float(rest[-1]),
            "dense": dict(zip(DENSE, map(float, rest[dims:-1]), strict=True)),
            "units": [0.0, 1.0],
            "responses": [0.0, 1.0, 0.0, 0.0],
            "sentiment": SENTIMENT,
        }
        weights = WordWeights(
            pa.array(self.words),
            whole_weights(single * self.word_idf / 6 + self.vectors @ rest[:dims]),
            whole_weights(negated_full),
            whole_weights(flags),
            self.pair_keys[order],
            pair_weight[order],
        )
        return ComplaintModel(weights, {"format": FORMAT_VERSION, "coefficients": coefficients})


def balanced(label: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights for "complaint" and "not" that give each family the same say, and both sides of it; mean 1 in all."""
    yes, no = np.zeros(len(label)), np.zeros(len(label))
    for name in np.unique(family):
        own = family == name
        say = FAMILY_WEIGHT.get(str(name), 1.0) / 2
        yes[own] = say * label[own] / label[own].sum()
        no[own] = say * (1 - label[own]) / (1 - label[own]).sum()
    total = (yes.sum() + no.sum()) / len(label)
    return yes / total, no / total


def calibrate(design: Design, model: ComplaintModel) -> ComplaintModel:
    """Set the calibration from models that had not seen the family they judge."""
    texts = design.texts
    gold = np.array([GOLD.get(example.source, "") for example in texts.examples])
    single = np.bincount(texts.units.response, minlength=len(texts.table)) == 1
    unit_rows, response_rows = [], []
    for left_out in sorted(set(gold) - {""}):
        own = gold == left_out
        part = design.fit(texts.family != left_out)
        units = part.predict_units(texts.table, texts.units, texts.unit)
        responses = part.predict_responses(texts.table, texts.units, texts.unit, texts.whole, units)
        grouped, odds = ByResponse(texts.units.response, len(texts.table)), log_odds(units)
        mean, high = grouped.mean(odds), grouped.highest(odds)
        say = 1 / own.sum()
        response_rows.append(_rows(own, say, texts.label, log_odds(responses), mean, high))
        unit_rows.append(_rows(own & single, say, texts.label, mean))
    coefficients = dict(model.card["coefficients"])
    coefficients["responses"] = _logistic(np.concatenate(response_rows))
    coefficients["units"] = _logistic(np.concatenate(unit_rows))
    return replace(model, card={**model.card, "coefficients": coefficients})


def _rows(own: np.ndarray, say: float, *columns: np.ndarray) -> np.ndarray:
    """The chosen rows as label, weight, then the columns."""
    label, *rest = columns
    return np.column_stack([label, np.full(len(label), say), *rest])[own]


def _logistic(rows: np.ndarray) -> list[float]:
    """Logistic regression of the first column on the third and later ones, with the second as weights."""
    x = np.column_stack([np.ones(len(rows)), rows[:, 2:]])
    y, weight = rows[:, 0], rows[:, 1] / rows[:, 1].mean()

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w
        chance = 1 / (1 + np.exp(-z))
        value = weight @ (np.logaddexp(0, z) - y * z) + 0.5 * w[1:] @ w[1:]
        return float(value), x.T @ (weight * (chance - y)) + np.concatenate([[0], w[1:]])

    return [round(float(v), 6) for v in minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x]


def _counts(rows: np.ndarray, columns: Any, n: int, width: int) -> tuple[Any, np.ndarray]:
    columns = np.broadcast_to(columns, rows.shape)
    table = sp.coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, width)).tocsr()
    return table, np.log((n + 1) / (_document_frequency(table) + 1)) + 1


def _document_frequency(table: Any) -> np.ndarray:
    return np.bincount(table.indices, minlength=table.shape[1])


def _centred(vectors: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Unit vectors about their mean, turned to their main axes; words without a vector stay at zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    has = length[:, 0] > 0
    unit = vectors / np.maximum(length, 1e-9)
    unit[has] -= unit[has].mean(axis=0)
    axes = np.linalg.svd(unit.T @ unit)[0][:, :VECTOR_DIMS]
    del seen
    return unit @ axes
