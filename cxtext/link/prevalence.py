"""How common each pain point is in a group, and whether two groups differ; customers who repeat count for less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxtext.link import intervals as iv
from cxtext.link.metrics import LOW_CONFIDENCE, NAN
from cxtext.link.people import customer_groups, nonzeros
from cxtext.schema import Estimate, LinkTable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rates:
    """Mentions ``k`` of P pain points among ``n`` responses, and by how much repeats inflate the variance (>= 1)."""

    k: Floats
    n: int
    effect: Floats

    @property
    def rate(self) -> Floats:
        """Share of responses, 0..1; NaN in an empty group."""
        return self.k / self.n if self.n else np.full(len(self.k), np.nan)


def rates(table: LinkTable, rows: npt.NDArray[np.bool_] | None = None) -> Rates:
    """Mentions of every pain point among the given responses (all by default)."""
    mentions = table.mentions if rows is None else table.mentions[np.flatnonzero(rows)]
    who = table.customer if rows is None else table.customer[rows]
    at, cols = nonzeros(mentions)
    n, size = mentions.shape
    k = np.bincount(cols, minlength=size).astype(np.float64)
    group, groups, repeats = customer_groups(who)
    if not repeats or groups < 2:
        return Rates(k, n, np.ones(size))
    key = np.sort(group[at] * size + cols)
    starts = np.flatnonzero(np.r_[True, np.diff(key) > 0]) if len(key) else np.zeros(0, dtype=np.int64)
    pair, hits = key[starts], np.diff(np.append(starts, len(key)))
    count = np.bincount(group, minlength=groups).astype(np.float64)
    col, own = pair % size, count[pair // size]
    p = k / n
    aa = np.bincount(col, weights=hits.astype(np.float64) ** 2, minlength=size)
    an = np.bincount(col, weights=hits * own, minlength=size)
    clustered = (aa - 2 * p * an + p * p * np.sum(count * count)) * groups / (groups - 1)
    with np.errstate(all="ignore"):
        effect = clustered / (n * p * (1 - p) * n / (n - 1))
    return Rates(k, n, np.where(np.isfinite(effect), np.maximum(effect, 1.0), 1.0))


def share(r: Rates, j: int, min_cell: int, confidence: float = 0.95) -> Estimate:
    """The share that mentions pain point j, with Wilson's interval; suppressed if the *group* is too small."""
    if r.n < max(min_cell, 1):
        return Estimate(NAN, NAN, NAN, r.n, "rate, Wilson", "suppressed")
    low, high = iv.wilson(r.k[j] / r.effect[j], r.n / r.effect[j], confidence)
    status = "low confidence" if r.n < LOW_CONFIDENCE else ""
    method = "rate, Wilson" + (", clustered by customer" if r.effect[j] > 1 else "")
    return Estimate(float(r.rate[j]), float(low), float(high), r.n, method, status)


def differences(a: Rates, b: Rates, min_cell: int, confidence: float = 0.95) -> tuple[list[Estimate], Floats, Floats]:
    """Rate in a minus rate in b for every pain point: (Newcombe intervals, p, q over all pain points)."""
    size = len(a.k)
    if min(a.n, b.n) < max(min_cell, 1):
        hidden = Estimate(NAN, NAN, NAN, a.n + b.n, "difference of rates, Newcombe", "suppressed")
        return [hidden] * size, np.full(size, np.nan), np.full(size, np.nan)
    ka, na, kb, nb = a.k / a.effect, a.n / a.effect, b.k / b.effect, b.n / b.effect
    d, low, high = iv.newcombe(ka, na, kb, nb, confidence)
    p = iv.two_rates_p(ka, na, kb, nb)
    status = "low confidence" if min(a.n, b.n) < LOW_CONFIDENCE else ""
    by = ", clustered by customer" if max(a.effect.max(initial=1), b.effect.max(initial=1)) > 1 else ""
    out = [
        Estimate(float(d[j]), float(low[j]), float(high[j]), a.n + b.n, "difference of rates, Newcombe" + by, status)
        for j in range(size)
    ]
    return out, p, iv.benjamini_hochberg(p)
