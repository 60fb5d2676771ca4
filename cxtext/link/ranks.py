"""Rank correlations with ties: Spearman's rho and Kendall's tau-b, from sorting alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def mean_ranks(values: npt.ArrayLike) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], dtype=np.float64)


def spearman(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """How well one order agrees with another, -1..1: the correlation of ranks. NaN if one side never varies."""
    x, y = mean_ranks(a), mean_ranks(b)
    x, y = x - np.mean(x), y - np.mean(y)
    size = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip((x @ y) / size, -1.0, 1.0)) if size > 0 else float("nan")


def kendall(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """How many more pairs agree than disagree in order, as a share, ties accounted for: tau-b, -1..1 (Kendall 1945)."""
    x, y = (np.unique(np.asarray(v), return_inverse=True)[1].astype(np.int64) for v in (a, b))
    n = len(x)
    pairs = n * (n - 1) // 2
    tied_x, tied_y = _tied(x), _tied(y)
    if pairs in (tied_x, tied_y):
        return float("nan")
    both = x * (int(y.max()) + 1) + y
    agree_or_not = pairs - tied_x - tied_y + _tied(np.unique(both, return_inverse=True)[1])
    discordant = inversions(y[np.argsort(both, kind="stable")])
    tau = (agree_or_not - 2 * discordant) / np.sqrt(float(pairs - tied_x)) / np.sqrt(float(pairs - tied_y))
    return float(np.clip(tau, -1.0, 1.0))


def _tied(codes: Ints) -> int:
    count = np.bincount(codes)
    return int(np.sum(count * (count - 1) // 2))


def inversions(values: Ints) -> int:
    """How many pairs stand in falling order (i < j, values[i] > values[j]); values are whole numbers from 0.

    Bit by bit from the highest: among values that agree in all higher bits, every 1 before a 0 is such a pair.
    """
    v = np.asarray(values, dtype=np.int64)
    total = 0
    for bit in range(int(v.max(initial=0)).bit_length() - 1, -1, -1):
        one = (v >> bit) & 1
        head = v >> (bit + 1)
        before = np.cumsum(one) - one
        starts = np.flatnonzero(np.r_[True, np.diff(head) != 0])
        before -= np.repeat(before[starts], np.diff(np.r_[starts, len(v)]))
        total += int(np.sum(before[one == 0]))
        v = v[np.argsort(v >> bit, kind="stable")]
    return total
