"""The regression's columns: intercept, segments, channel, length and period, then the pain points, all sparse.

A category contributes one column per level but its most frequent one; nothing is ever expanded to N x levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.link.contrast import Sample
from cxtext.schema import LinkTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A level with fewer answers than this shares one column with the other small ones.
MIN_LEVEL = 20
# A category keeps at most this many columns of its own: an identifier that slipped in must not explain everything.
MAX_LEVELS = 60
# Categories that describe where in the journey a text was written are often the pain point itself (touchpoint
# "billing"): adjusting for them would take its effect away, so they aren't covariates unless asked for.
NOT_COVARIATES = ("touchpoint", "stage", "author_role")


@dataclass(frozen=True)
class Design:
    """``x`` CSR float64[n, K]: column 0 the intercept, then covariates, then pain points ``pain_points`` (indices into
    the table's columns) from ``first`` on. ``names`` describe the K columns; ``used`` the covariates by name."""

    x: sp.csr_array
    names: tuple[str, ...]
    first: int
    pain_points: Ints
    used: tuple[str, ...]


def default_covariates(table: LinkTable) -> tuple[str, ...]:
    """Segments and channel, then ``words`` (log length), ``commented`` and ``period`` (calendar month)."""
    named = tuple(sorted(name for name in table.categories if name not in NOT_COVARIATES))
    return (*named, "words", "commented", "period")


def months(day: npt.NDArray[np.integer]) -> Ints:
    """Months since 1970-01 for days since 1970-01-01; -1 stays -1 (unknown)."""
    d = np.asarray(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.where(np.asarray(day) < 0, -1, d)


def one_hot(codes: npt.ArrayLike) -> tuple[Ints, int]:
    """Column of each row for a category: 0..k-1, or -1 for the reference (the most frequent level); and k.

    Missing (-1) counts as a level. Levels are numbered by code, so the answer doesn't depend on row order.
    """
    level, inverse, count = np.unique(np.asarray(codes), return_inverse=True, return_counts=True)
    own = count >= MIN_LEVEL
    if own.sum() > MAX_LEVELS:
        keep = np.argsort(-count, kind="stable")[:MAX_LEVELS]
        own = np.zeros(len(level), dtype=bool)
        own[keep] = True
    if not own.any():
        return np.full(len(inverse), -1, dtype=np.int64), 0
    reference = int(np.argmax(np.where(own, count, 0)))
    column = np.full(len(level), -1, dtype=np.int64)
    mine = own.copy()
    mine[reference] = False
    column[mine] = np.arange(int(mine.sum()))
    k = int(mine.sum())
    if (~own).any() and count[~own].sum() >= MIN_LEVEL:
        column[~own] = k
        k += 1
        # else: too few to tell apart from anything; they stay with the reference
    return column[inverse], k


def design(table: LinkTable, s: Sample, pain_points: Ints, covariates: tuple[str, ...]) -> Design:
    """Lay out the columns for one metric's sample; covariates that don't vary are left out."""
    n = len(s)
    # half as wide as usual: these lists are the largest thing that linking holds
    rows = [np.arange(n, dtype=np.int32)]
    cols = [np.zeros(n, dtype=np.int32)]
    data = [np.ones(n)]
    names = ["intercept"]
    used = []
    for name in covariates:
        if name == "words":
            value = np.log1p(np.maximum(table.words[s.kept], 0).astype(np.float64))
            value = value - np.mean(value)
            if np.ptp(value) > 0:
                rows.append(rows[0])
                cols.append(np.full(n, len(names), dtype=np.int32))
                data.append(value)
                names.append("log words")
                used.append(name)
            continue
        if name == "commented":
            codes: npt.ArrayLike = np.asarray(table.commented[s.kept]).astype(np.int64)
        elif name == "period":
            codes = months(table.day[s.kept])
            if len(np.unique(codes)) > MAX_LEVELS:
                codes = np.where(np.asarray(codes) < 0, -1, np.asarray(codes) // 3)
        elif name in table.categories:
            codes = table.categories[name][s.kept]
        else:
            continue
        column, k = one_hot(codes)
        if k == 0:
            continue
        has = np.flatnonzero(column >= 0)
        rows.append(has.astype(np.int32))
        cols.append((column[has] + len(names)).astype(np.int32))
        data.append(np.ones(len(has)))
        names.extend(f"{name} {i}" for i in range(k))
        used.append(name)
    first = len(names)
    position = np.full(s.n_pain_points, -1, dtype=np.int64)
    position[pain_points] = np.arange(len(pain_points))
    mine = position[s.cols] >= 0
    rows.append(s.rows[mine].astype(np.int32))
    cols.append((first + position[s.cols[mine]]).astype(np.int32))
    data.append(np.ones(int(mine.sum())))
    names.extend(f"pain point {j}" for j in pain_points)
    places = np.concatenate(rows), np.concatenate(cols)
    rows.clear()
    cols.clear()
    x = sp.coo_array((np.concatenate(data), places), shape=(n, len(names)))
    return Design(sp.csr_array(x), tuple(names), first, pain_points, tuple(used))
