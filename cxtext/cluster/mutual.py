"""Adjusted mutual information of two groupings, without the weight of a whole toolbox.

It gives scikit-learn's figures (its tests compare them); importing that costs a second, half the time of a small run.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxtext import exact

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

# Overlaps further than this many standard deviations from the expected one add nothing that a float could hold.
_REACH = 40.0


def adjusted_mutual_information(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """How much two groupings of the same things agree beyond chance: 1 the same, about 0 for unrelated ones.

    ``(MI - E[MI]) / (mean of both entropies - E[MI])``, the expectation over all groupings with the same group sizes
    (Vinh, Epps & Bailey 2010).
    """
    x, y = (np.unique(np.asarray(v), return_inverse=True)[1].astype(np.int64) for v in (a, b))
    n = len(x)
    if n == 0:
        return 1.0
    rows, cols = int(x.max()) + 1, int(y.max()) + 1
    joint = np.bincount(x * cols + y, minlength=rows * cols).reshape(rows, cols)
    size_a, size_b = joint.sum(axis=1), joint.sum(axis=0)
    i, j = np.nonzero(joint)
    if len(i) == rows == cols:
        return 1.0  # the same groups under other names
    both = joint[i, j].astype(np.float64)
    outer = size_a[i].astype(np.float64) * size_b[j]
    information = max(0.0, exact.total(both / n * (exact.log(both) + exact.log(n) - exact.log(outer))))
    chance = expected_information(size_a, size_b, n)
    room = (_entropy(size_a, n) + _entropy(size_b, n)) / 2 - chance
    least = float(np.finfo(np.float64).eps)
    return float((information - chance) / (min(room, -least) if room < 0 else max(room, least)))


def _entropy(size: Int64, n: int) -> float:
    share = size[size > 0] / n
    return -exact.total(share * exact.log(share))


def expected_information(size_a: Int64, size_b: Int64, n: int) -> float:
    """Mean mutual information (nats) of groupings of n things dealt out at random into groups of these sizes.

    Each pair of groups overlaps by a hypergeometric number; pairs of equal sizes are summed once.
    """
    a, times_a = np.unique(size_a, return_counts=True)
    b, times_b = np.unique(size_b, return_counts=True)
    first, second = (m.ravel().astype(np.int64) for m in np.meshgrid(a, b, indexing="ij"))
    times = np.outer(times_a, times_b).ravel().astype(np.float64)
    mean = first * (second / n)
    reach = _REACH * (np.sqrt(mean * (1 - first / n) * (1 - second / n) * (n / max(n - 1, 1))) + 1)
    low = np.maximum(np.maximum(1, first + second - n), np.floor(mean - reach).astype(np.int64))
    high = np.minimum(np.minimum(first, second), np.ceil(mean + reach).astype(np.int64))
    length = np.maximum(high - low + 1, 0)
    pair = np.repeat(np.arange(len(length)), length)
    k = np.arange(len(pair)) - np.repeat(np.cumsum(length) - length, length) + low[pair]
    log = exact.log(np.maximum(np.arange(n + 2, dtype=np.float64), 1.0))
    log_factorial = np.cumsum(log)
    # What doesn't depend on the overlap is looked up once per pair of sizes.
    fixed = (
        log_factorial[first] + log_factorial[second] + log_factorial[n - first] + log_factorial[n - second]
        - log_factorial[n]
    )  # fmt: skip
    rest_a, rest_b, neither = first[pair] - k, second[pair] - k, (n - first - second)[pair] + k
    log_p = fixed[pair] - log_factorial[k] - log_factorial[rest_a] - log_factorial[rest_b] - log_factorial[neither]
    gain = k / n * (log[n] + log[k] - (log[first] + log[second])[pair])
    return exact.total(times[pair] * gain * exact.exp(log_p))
