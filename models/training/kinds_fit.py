"""Fits the kinds: a softmax over complaint, suggestion, praise and neutral, and a logistic regression for "concrete".

A word's weight is a free part plus a part linear in its shipped vector (models/cx-en/vectors.npz), so a word that no
training sentence holds still gets a weight from its neighbours in meaning. No encoder is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment.complaint import ComplaintModel
from cxtext.sentiment.complaint_words import fitting
from cxtext.sentiment.features import FLAGS, NO_PAIR, pairs, spans, token_traits
from cxtext.sentiment.kinds import DENSE, FORMAT_VERSION, LANE_NAMES, KindModel, dense_columns, words_digest
from cxtext.sentiment.lanes import LANE_UNIT
from cxtext.sentiment.vader import unit_polarity
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

AT_LEAST = 3  # sentences that must hold a pair of words for it to get a weight


@dataclass(frozen=True)
class Sentences:
    """U units read once: token table, units, VADER's figures, P(complaint)."""

    table: TokenTable
    units: Units
    polarity: Polarity
    complaint: np.ndarray


def read_sentences(texts: list[str], base: ComplaintModel, *, whole: bool) -> Sentences:
    """Tokenise and score texts the way ``cxtext score`` does; with ``whole`` each text is one unit."""
    table = token_table(texts)
    units = split_units(table, "response" if whole else "sentence")
    polarity = unit_polarity(table, units)
    return Sentences(table, units, polarity, base.predict_units(table, units, polarity))


class Design:
    """Units as rows of numbers."""

    def __init__(self, found: Sentences, base: ComplaintModel, vectors: np.ndarray) -> None:
        table, units = found.table, found.units
        u, w = len(units), len(base.weights.words)
        row = spans(table, units, token_traits(table.tokens, base.weights.words))
        marks = token_traits(table.tokens, base.weights.words).flags[table.codes]
        length = np.asarray(units.last - units.first)
        unit = np.repeat(np.arange(u), length)
        scale = sp.diags_array(1 / np.sqrt(length + 1.0))
        single = _counts(unit, row.word, u, w)
        negated = _counts(unit[row.negated], row.word[row.negated], u, w)
        flags = sp.hstack([_counts(unit[(marks >> b & 1) > 0], 0, u, 1) for b in range(len(FLAGS))])
        inside, edges = pairs(row, w)
        keys = np.concatenate([inside, edges[0], edges[1]])
        where = np.concatenate([unit, np.arange(u), np.arange(u)])[keys != NO_PAIR]
        keys = keys[keys != NO_PAIR]
        self.pair_keys, column, often = np.unique(keys, return_inverse=True, return_counts=True)
        kept = often >= AT_LEAST
        column = np.where(kept, np.cumsum(kept) - 1, -1)[column]
        self.pair_keys = self.pair_keys[kept]
        pair = _counts(where[column >= 0], column[column >= 0], u, len(self.pair_keys))
        self.widths = [w, w, len(FLAGS), len(self.pair_keys)]
        self.sparse = (scale @ sp.hstack([single, negated, flags, pair])).astype(np.float32).tocsr()
        self.turned = self.sparse.T.tocsr()
        self.vectors = vectors
        dense = [*dense_columns(found.complaint, found.polarity, length), np.ones(u)]
        self.dense = np.column_stack([scale @ (single @ vectors), *dense]).astype(np.float32)

    def fit(self, target: np.ndarray, weight: np.ndarray, strength: float) -> np.ndarray:
        """Coefficients [sparse + dense, K] of a softmax over K classes and one more, of target float[U, K + 1]."""
        n_sparse, n_dense, k = self.sparse.shape[1], self.dense.shape[1], target.shape[1] - 1
        n_free = n_sparse + self.vectors.shape[1]
        held = np.zeros((n_sparse + n_dense, k))
        held[:n_free] = 1 / strength
        held[n_free:-1] = 0.02 / strength

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            w = flat.reshape(-1, k)
            z = np.zeros(target.shape)
            z[:, :k] = self.sparse @ w[:n_sparse].astype(np.float32) + self.dense @ w[n_sparse:].astype(np.float32)
            z -= z.max(axis=1, keepdims=True)
            logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
            value = -float(weight @ (target * logp).sum(axis=1)) + 0.5 * float((held * w * w).sum())
            slope = ((np.exp(logp) - target) * weight[:, None])[:, :k].astype(np.float32)
            gradient = np.concatenate([self.turned @ slope, self.dense.T @ slope]).astype(np.float64) + held * w
            return value, gradient.ravel()

        start = np.zeros((n_sparse + n_dense) * k)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
        return np.asarray(found.x).reshape(-1, k)

    def folded(self, kinds: np.ndarray, concrete: np.ndarray, base: ComplaintModel) -> KindModel:
        """Turn coefficients [., 3] and [., 1] into whole numbers for each word and pair."""
        both = np.concatenate([kinds, concrete], axis=1).T
        cuts = np.cumsum([*self.widths, self.vectors.shape[1]])
        single, negated, flags, pair, turned, rest = np.split(both, cuts, axis=1)
        pair = _whole(pair)
        order = np.argsort(-np.abs(pair).max(axis=0).astype(int), kind="stable")
        order = order[np.abs(pair[:, order]).max(axis=0) > 0]
        own = base.weights.pair_keys
        order = order[~np.isin(self.pair_keys[order], own)]
        placed = fitting(np.concatenate([own, self.pair_keys[order]]))
        extra = order[placed[placed >= len(own)] - len(own)]
        known = np.flatnonzero(np.isin(self.pair_keys, own) & (np.abs(pair).max(axis=0) > 0))
        kept = np.sort(np.concatenate([extra, known]))
        arrays: dict[str, Any] = {
            "single": _whole(single + turned @ self.vectors.T),
            "negated": _whole(negated),
            "flags": _whole(flags),
            "pair_keys": self.pair_keys[kept],
            "pair": pair[:, kept],
        }
        coefficients = {
            name: [round(float(rest[i, -1]), 6), *(round(float(v), 6) for v in rest[i, : len(DENSE)])]
            for i, name in enumerate(LANE_NAMES)
        }
        card = {
            "format": FORMAT_VERSION,
            "coefficients": coefficients,
            "words_sha256": words_digest(base.weights),
        }
        return KindModel.joined(base, arrays, card)


def word_vectors(folder: Path, base: ComplaintModel) -> np.ndarray:
    """The shipped vector of each word of the complaint model, float64[W, D]; zero for those without one."""
    with np.load(folder / "vectors.npz", allow_pickle=False) as saved:
        words = saved["words"].tobytes().decode("utf-8").split("\n")
        vectors = saved["codes"].astype(np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    place = {word: i for i, word in enumerate(words)}
    found = np.zeros((len(base.weights.words), vectors.shape[1]))
    for number, word in enumerate(base.weights.words.to_pylist()):
        if word in place:
            found[number] = vectors[place[word]]
    return found


def _whole(weights: np.ndarray) -> np.ndarray:
    return np.clip(np.round(weights * LANE_UNIT), -127, 127).astype(np.int8)


def _counts(rows: np.ndarray, columns: Any, n: int, width: int) -> Any:
    columns = np.broadcast_to(columns, rows.shape)
    return sp.coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, width)).tocsr()
