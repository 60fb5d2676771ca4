"""Fits word vectors whose weighted sums land where the encoder puts whole sentences."""

from __future__ import annotations

from collections.abc import Sequence

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


def quantise(rows: Matrix) -> tuple[NDArray[np.int8], Matrix]:
    """Round each row to whole numbers from -127 to 127 with one scale per row."""
    scales = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)
    return np.rint(rows / safe[:, None]).astype(np.int8), scales
