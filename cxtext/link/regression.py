"""Ordinary least squares on sparse columns, with errors that survive repeating customers and uneven spread.

Normal equations (K x K), then one pass over the rows in blocks for leverage and variance: memory stays flat.
Sources: White (1980); MacKinnon & White (1985) for HC3; Liang & Zeger (1986) for clusters with the CR1 factor;
Cameron, Gelbach & Miller (2008) for the wild cluster bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy import special

from cxtext.exact import nine_digits

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 16384
# A column whose unexplained share falls below this can't be told apart from the ones before it.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Fit:
    """``b`` float64[K] (NaN for dropped columns), ``inverse`` of X'X with zeros for dropped ones, ``residual`` [n]."""

    b: Floats
    inverse: Floats
    residual: Floats
    kept: npt.NDArray[np.bool_]
    rank: int


def solve(x: sp.csr_array, v: Floats, order: Ints) -> Fit:
    """Least squares of v on x; ``order`` says which columns come first when some can't be told apart."""
    gram = np.asarray((x.T @ x).todense(), dtype=np.float64)
    moment = np.asarray(x.T @ v, dtype=np.float64)
    kept = independent(gram, order)
    use = np.flatnonzero(kept)
    scale = 1.0 / np.sqrt(np.diag(gram)[use])
    inner = np.linalg.inv(gram[np.ix_(use, use)] * scale[:, None] * scale[None, :]) * scale[:, None] * scale[None, :]
    k = x.shape[1]
    inverse = np.zeros((k, k))
    inverse[np.ix_(use, use)] = (inner + inner.T) / 2
    b = inverse @ moment
    # One step of refinement gives back the digits that the normal equations lose.
    residual = v - x @ b
    b = b + inverse @ np.asarray(x.T @ residual)
    residual = v - x @ b
    b[~kept] = np.nan
    return Fit(b, inverse, residual, kept, len(use))


def independent(gram: Floats, order: Ints) -> npt.NDArray[np.bool_]:
    """bool[K]: columns that add something to those before them in ``order`` (elimination on the cross-products)."""
    work = gram.copy()
    size = np.diag(gram).copy()
    kept = np.zeros(len(gram), dtype=bool)
    for j in order:
        pivot = work[j, j]
        if size[j] <= 0 or pivot <= TOLERANCE * size[j]:
            continue
        kept[j] = True
        row = work[j].copy()
        work -= np.outer(row, row) / pivot
    return kept


def covariance_hc3(x: sp.csr_array, fit: Fit, columns: Ints) -> Floats:
    """HC3 covariance of the coefficients ``columns``: residuals grown by their own leverage."""
    out = np.zeros((len(columns), len(columns)))
    for start in range(0, x.shape[0], BLOCK):
        part = sp.csr_array(x[start : start + BLOCK])
        z = part @ fit.inverse
        rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        leverage = np.bincount(rows, weights=z[rows, part.indices] * part.data, minlength=part.shape[0])
        weight = fit.residual[start : start + BLOCK] / np.maximum(1.0 - leverage, 1e-12)
        u = z[:, columns] * weight[:, None]
        out += u.T @ u
    return out


def covariance_clustered(x: sp.csr_array, fit: Fit, columns: Ints, group: Ints, n_groups: int) -> Floats:
    """CR1 covariance of the coefficients ``columns``: residuals may go together within a customer."""
    n = x.shape[0]
    order = np.argsort(group, kind="stable")
    sorted_group = group[order]
    target = np.ascontiguousarray(fit.inverse[:, columns])
    out = np.zeros((len(columns), len(columns)))
    start = 0
    while start < n:
        stop = min(start + BLOCK, n)
        # A block ends where a customer ends.
        if stop < n:
            stop = int(np.searchsorted(sorted_group, sorted_group[stop - 1], side="right"))
        rows = order[start:stop]
        u = (sp.csr_array(x[rows]) @ target) * fit.residual[rows][:, None]
        begins = np.flatnonzero(np.r_[True, np.diff(sorted_group[start:stop]) > 0])
        summed = np.add.reduceat(u, begins, axis=0)
        out += summed.T @ summed
        start = stop
    return out * (n_groups / (n_groups - 1)) * ((n - 1) / (n - fit.rank))


def joint_p(b: Floats, covariance: Floats, df: float) -> float:
    """Do the coefficients together differ from nothing? Wald's test scaled to F(k, df - k + 1), as Hotelling's is."""
    k = len(b)
    below = df - k + 1
    scale = np.sqrt(np.diag(covariance))
    if k == 0 or below < 2 or not (scale > 0).all():
        return float("nan")
    t = b / scale
    wald = float(t @ np.linalg.pinv(covariance / np.outer(scale, scale), hermitian=True) @ t)
    return float(special.fdtrc(k, below, max(wald, 0.0) * below / (k * df)))


def wild_cluster_p(
    x: sp.csr_array,
    v: Floats,
    fit: Fit,
    columns: Ints,
    group: Ints,
    n_groups: int,
    confidence: float,
    draws: int = 1999,
) -> tuple[Floats, Floats, Floats]:
    """With fewer than 30 customers: bootstrap p, standard error, and the multiple of it that makes the interval.

    The null is imposed (WCR), cluster weights are +-1, or Webb's six points below 12 customers; the seed is fixed.
    Only the K x K cross-products of each customer are needed, never another pass over the rows.
    """
    use = np.flatnonzero(fit.kept)
    inner = fit.inverse[np.ix_(use, use)]
    gram_g = np.empty((n_groups, len(use), len(use)))
    moment_g = np.empty((n_groups, len(use)))
    for g in range(n_groups):
        rows = np.flatnonzero(group == g)
        part = np.asarray(sp.csr_array(x[rows]).todense())[:, use]
        gram_g[g] = part.T @ part
        moment_g[g] = part.T @ v[rows]
    gram, moment = gram_g.sum(axis=0), moment_g.sum(axis=0)
    rng = np.random.default_rng(20240229)
    if n_groups < 12:
        points = np.sqrt(np.array([0.5, 1.0, 1.5]))
        weights = rng.choice(np.r_[-points, points], size=(draws, n_groups))
    else:
        weights = rng.choice(np.array([-1.0, 1.0]), size=(draws, n_groups))
    factor = n_groups / (n_groups - 1) * (x.shape[0] - 1) / (x.shape[0] - fit.rank)
    p, se, multiple = (np.full(len(columns), np.nan) for _ in range(3))
    scores = moment_g - gram_g @ fit.b[use]
    for i, column in enumerate(columns):
        at = np.flatnonzero(use == column)
        if len(at) == 0:
            continue
        j = int(at[0])
        g_j = inner[j]
        se[i] = np.sqrt(factor * np.sum((scores @ g_j) ** 2))
        rest = np.delete(np.arange(len(use)), j)
        restricted = np.zeros(len(use))
        restricted[rest] = np.linalg.solve(gram[np.ix_(rest, rest)], moment[rest])
        s = moment_g - gram_g @ restricted  # [G, K] score of each customer under the null
        c = s @ g_j
        d = np.einsum("gk,hk->gh", gram_g @ g_j, s @ inner)
        estimate = weights @ c
        spread = weights * c[None, :] - weights @ d.T
        t_star = np.abs(estimate) / np.sqrt(factor * np.sum(spread * spread, axis=1))
        t = abs(fit.b[column]) / se[i]
        p[i] = (1 + np.sum(t_star >= t * (1 - 1e-12))) / (draws + 1)
        multiple[i] = np.quantile(t_star, confidence)
    return p, nine_digits(se), nine_digits(multiple)
