"""Fits word vectors whose weighted sums land where the encoder puts whole sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from distill_sources import words
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def count_words(texts: Sequence[str], row_of: dict[str, int]) -> sp.csr_array:
    """Count the vocabulary's words in each text: float32[n_texts, n_words]."""
    indptr, indices = [0], []
    for text in texts:
        indices += [row_of[word] for word in words(text) if word in row_of]
        indptr.append(len(indices))
    counts = sp.csr_array(
        (np.ones(len(indices), np.float32), np.array(indices, np.int32), np.array(indptr, np.int64)),
        shape=(len(texts), len(row_of)),
    )
    counts.sum_duplicates()
    return counts


def sif_weights(counts: sp.csr_array, smoothing: float) -> Matrix:
    """Weigh words by a / (a + share of all words), after Arora, Liang and Ma (2017): rare words count fully."""
    share = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()
    share /= max(share.sum(), 1.0)
    return (smoothing / (smoothing + share)).astype(np.float32)


def unit_rows(rows: Matrix) -> Matrix:
    """Scale every row to length one; zero rows stay zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def ridge_toward(design: sp.csr_array, targets: Matrix, start: Matrix, strength: float, steps: int = 30) -> Matrix:
    """Solve min |design @ V - targets|^2 + strength |V - start|^2 by conjugate gradients, all columns at once.

    `design` float32[n, words], `targets` float32[n, d], `start` and the result float32[words, d].
    """
    transposed = design.T.tocsr()
    change = np.zeros_like(start)
    residual = transposed @ (targets - design @ start)
    direction = residual.copy()
    energy = np.einsum("ij,ij->j", residual, residual, dtype=np.float64)
    first = energy.sum()
    for _ in range(steps):
        spread = transposed @ (design @ direction) + np.float32(strength) * direction
        curvature = np.einsum("ij,ij->j", direction, spread, dtype=np.float64)
        step = (energy / np.maximum(curvature, 1e-30)).astype(np.float32)
        change += step * direction
        residual -= step * spread
        renewed = np.einsum("ij,ij->j", residual, residual, dtype=np.float64)
        if renewed.sum() < 1e-8 * first:
            break
        direction = residual + (renewed / np.maximum(energy, 1e-30)).astype(np.float32) * direction
        energy = renewed
    return start + change


@dataclass(frozen=True)
class Settings:
    """What the fit can be told: kept in the card beside the vectors."""

    dims: int = 192
    smoothing: float = 1e-3  # SIF: words rarer than this share count almost fully
    strength: float = 1.0  # pull of each word toward its start, in sentences
    map_strength: float = 10.0  # pull of the map of all words toward no change
    epochs: int = 2  # passes that raise the cosine itself, after the ridge fit
    rate: float = 5e-4  # step of those passes
    everyday: int = 12_000  # invented sentences of everyday words, for subjects that the texts lack


@dataclass(frozen=True, eq=False)
class Fitted:
    """Vectors float32[words, dims] and weights float32[words], with what they were fitted to."""

    vectors: Matrix
    weights: Matrix
    aims: Matrix  # float32[n, dims]: the encoder's sentences, centred and turned to the same axes

    def cosine(self, counts: sp.csr_array) -> float:
        """Tell how close the sums come to their aims: the mean cosine, -1..1."""
        sums = unit_rows(sp.csr_array(counts * self.weights) @ self.vectors)
        return float(np.einsum("ij,ij->i", sums, unit_rows(self.aims)).mean())


def fit_words(counts: sp.csr_array, targets: Matrix, single: Matrix, settings: Settings) -> Fitted:
    """Fit word vectors whose weighted sums point where the encoder puts whole sentences.

    `counts` float32[n, words], `targets` float32[n, 384] are the encoder's sentence vectors, `single` float32[words,
    384] its vectors of the words alone. First one linear map is fitted for all words together, so that words that
    occur in no sentence move with the others; then every word is fitted, pulled toward where the map put it.
    What all sentences have in common (their mean) is left out, so it needs no removing later.
    """
    weights = sif_weights(counts, settings.smoothing)
    design = sp.csr_array(counts * weights)
    used = np.asarray(design.sum(axis=0)).ravel()
    centred = targets - targets.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred.astype(np.float64))
    axes = axes[:, ::-1][:, : settings.dims].astype(np.float32)
    aims = centred @ axes
    start = single - np.average(single, axis=0, weights=used).astype(np.float32)

    summed = unit_rows(design @ start)
    pull = np.float32(settings.map_strength)
    normal = summed.T @ summed + pull * np.eye(single.shape[1], dtype=np.float32)
    mapped = start @ np.linalg.solve(normal, summed.T @ aims + pull * axes).astype(np.float32)

    # A sum is as long as its words are many; the aim has length about one. The ratio along the aim sets the scale.
    sums = design @ mapped
    along = np.einsum("ij,ij->i", sums, aims) / np.maximum(np.einsum("ij,ij->i", aims, aims), 1e-6)
    scale = np.maximum(along, 0.2 * np.linalg.norm(sums, axis=1) + 1e-3).astype(np.float32)
    vectors = ridge_toward(sp.csr_array(design / scale[:, None]), aims, mapped, settings.strength)
    return Fitted(vectors.astype(np.float32), weights, aims.astype(np.float32))


def quantise(rows: Matrix) -> tuple[NDArray[np.int8], Matrix]:
    """Round each row to whole numbers from -127 to 127 with one scale per row."""
    scales = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)
    return np.rint(rows / safe[:, None]).astype(np.int8), scales
