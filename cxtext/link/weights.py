"""Relative weights: how much of what pain points explain of a score belongs to each of them.

Unsigned shares of R^2 that add up to it. Johnson (2000) in closed form; averaging over orders (Lindeman, Merenda & Gold
1980, "LMG") for up to 12 pain points. Both need only correlations, so that the bootstrap resamples small matrices.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.exact import nine_digits
from cxtext.link.contrast import Sample
from cxtext.link.metrics import LOW_CONFIDENCE
from cxtext.schema import Estimate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_LMG = 12
BLOCKS = 200
DRAWS = 300
SEED = 20240131


def johnson(rxx: Floats, rxy: Floats) -> Floats:
    """Johnson's relative weights from correlations: rxx [..., k, k], rxy [..., k] -> [..., k]; they sum to R^2."""
    value, vector = np.linalg.eigh(rxx)
    root = np.sqrt(np.maximum(value, 1e-12))
    turned = np.swapaxes(vector, -1, -2)
    half = (vector * root[..., None, :]) @ turned
    beta = (vector / root[..., None, :]) @ (turned @ rxy[..., None])
    return np.asarray((half**2 @ beta**2)[..., 0])


def lmg(rxx: Floats, rxy: Floats) -> Floats:
    """LMG shares: each variable's gain in R^2 averaged over all orders; rxx [..., k, k], rxy [..., k] -> [..., k].

    2^k subsets, so k <= 12; each is reached from a smaller one by one step of elimination.
    """
    k = rxy.shape[-1]
    if k > MAX_LMG:
        raise ValueError(f"LMG needs at most {MAX_LMG} variables, not {k}")
    lead = rxy.shape[:-1]
    work = np.empty((1, *lead, k + 1, k + 1))
    work[0, ..., :k, :k] = rxx
    work[0, ..., k, :k] = work[0, ..., :k, k] = rxy
    work[0, ..., k, k] = 1.0
    # Variable by variable, every set so far goes on without and with it; what was decided drops out of the matrix, so
    # that in the end one number is left of each of the 2^k sets: the variance it doesn't explain.
    for _ in range(k):
        pivot = work[..., 0, 0]
        usable = pivot > 1e-9
        row = work[..., 0, 1:] * usable[..., None]
        without = work[..., 1:, 1:]
        with_it = without - row[..., :, None] * (row / np.where(usable, pivot, 1.0)[..., None])[..., None, :]
        work = np.concatenate([without, with_it])
    explained = 1.0 - work[..., 0, 0]
    subsets = np.arange(1 << k)
    size = np.array([int(i).bit_count() for i in subsets])
    weight = np.array([factorial(c) * factorial(max(k - c - 1, 0)) / factorial(k) for c in range(k + 1)])
    shares = []
    for j in range(k):
        without = subsets[(subsets >> j & 1) == 0]
        gain = explained[without | 1 << j] - explained[without]
        shares.append(np.tensordot(weight[size[without]], gain, axes=1))
    return np.stack(shares, axis=-1)


def relative_weights(
    s: Sample, pain_points: Ints, confidence: float = 0.95, draws: int = DRAWS
) -> tuple[float, dict[int, Estimate]]:
    """R^2 of the pain points alone and each one's share of it with a bootstrap interval, by column index.

    The bootstrap draws blocks of customers (up to 200, filled at random once with a fixed seed) and adds up their
    cross-products; percentile interval. A weight is never negative, so its interval can't contain 0: read its size.
    """
    k, n = len(pain_points), len(s)
    if k == 0 or n < 3 or float(np.ptp(s.v)) == 0:
        return float("nan"), {}
    gram = _blocks(s, pain_points)
    rng = np.random.default_rng(SEED)
    blocks = len(gram)
    counts = np.stack([np.bincount(rng.integers(0, blocks, blocks), minlength=blocks) for _ in range(draws)])
    resampled = np.tensordot(counts.astype(np.float64), gram, axes=1)
    together = np.concatenate([gram.sum(axis=0)[None], resampled])
    rxx, rxy = _correlations(together)
    small = k <= MAX_LMG
    w = nine_digits(lmg(rxx, rxy) if small else johnson(rxx, rxy))
    tail = (1 - confidence) / 2
    low, high = np.quantile(w[1:], [tail, 1 - tail], axis=0)
    method = f"{'LMG' if small else 'Johnson'}, bootstrap of {blocks} blocks of customers"
    count = np.bincount(s.cols, minlength=s.n_pain_points)
    out = {}
    for i, j in enumerate(pain_points):
        status = "low confidence" if count[j] < LOW_CONFIDENCE else ""
        out[int(j)] = Estimate(float(w[0, i]), float(low[i]), float(high[i]), n, method, status)
    return float(np.sum(w[0])), out


def _blocks(s: Sample, pain_points: Ints) -> Floats:
    """Cross-products of (1, pain points, score) for each block of customers: float64[blocks, k + 2, k + 2]."""
    k, n = len(pain_points), len(s)
    blocks = min(BLOCKS, s.n_groups)
    block = (np.random.default_rng(SEED).permutation(s.n_groups) % blocks)[s.group]
    position = np.full(s.n_pain_points, -1, dtype=np.int64)
    position[pain_points] = np.arange(k) + 1
    mine = position[s.cols] >= 0
    # Mentions become entries of a [block x pain point] layout, so that one product serves all blocks.
    rows, cols = s.rows[mine], position[s.cols[mine]]
    v = s.v - np.mean(s.v)
    out = np.zeros((blocks, k + 2, k + 2))
    out[:, 0, 0] = np.bincount(block, minlength=blocks)
    out[:, 0, k + 1] = np.bincount(block, weights=v, minlength=blocks)
    out[:, k + 1, k + 1] = np.bincount(block, weights=v * v, minlength=blocks)
    cell = block[rows] * (k + 2) + cols
    total = blocks * (k + 2)
    out[:, 0, :] += np.bincount(cell, minlength=total).reshape(blocks, k + 2)
    out[:, k + 1, :] += np.bincount(cell, weights=v[rows], minlength=total).reshape(blocks, k + 2)
    out[:, 1 : k + 1, 0] = out[:, 0, 1 : k + 1]
    out[:, 1 : k + 1, k + 1] = out[:, k + 1, 1 : k + 1]
    out[:, k + 1, 0] = out[:, 0, k + 1]
    m = sp.csr_array((np.ones(len(rows)), (rows, cell)), shape=(n, total))
    plain = sp.csr_array((np.ones(len(rows)), (rows, cols)), shape=(n, k + 2))
    pairs = np.asarray((m.T @ plain).todense()).reshape(blocks, k + 2, k + 2)
    out[:, 1 : k + 1, 1 : k + 1] = pairs[:, 1 : k + 1, 1 : k + 1]
    return out


def _correlations(gram: Floats) -> tuple[Floats, Floats]:
    """Correlations from cross-products with the intercept first and the score last; a constant column gets 0."""
    n = gram[:, :1, :1]
    mean = gram[:, 0, 1:] / n[:, 0]
    cov = gram[:, 1:, 1:] / n - mean[:, :, None] * mean[:, None, :]
    sd = np.sqrt(np.maximum(np.einsum("bii->bi", cov), 0.0))
    safe = np.where(sd > 1e-12, sd, np.inf)
    r = cov / safe[:, :, None] / safe[:, None, :]
    diagonal = np.arange(r.shape[1])
    r[:, diagonal, diagonal] = 1.0
    return r[:, :-1, :-1], r[:, :-1, -1]
