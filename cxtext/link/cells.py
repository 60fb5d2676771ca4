"""Where a pain point sits: its share and its gap by channel, touchpoint, stage, role and segment.

Small cells are suppressed, and so is the one that would give them away by subtraction. Sources: Pearson's chi-square
(shrunk by the design effect where customers repeat, Rao & Scott 1981), adjusted residuals (Haberman 1973), Cramer's V
with Bergsma's (2013) bias correction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from cxtext.link import intervals as iv
from cxtext.link.contrast import Sample, contrast, sample, subset
from cxtext.link.impact import mentioners_and_gap
from cxtext.link.metrics import MIN_CELL, points
from cxtext.link.people import customers, nonzeros
from cxtext.link.prevalence import rates
from cxtext.schema import Estimate, LinkTable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

RESIDUAL_FLAG = 3.0
# A category with more levels is read by its largest ones: beyond that nobody looks, and the report swells.
MOST_LEVELS = 25


@dataclass(frozen=True)
class Association:
    """Chi-square of a table of counts, degrees of freedom, Cramer's V plain and bias-corrected (0..1)."""

    chi2: float
    df: int
    p: float
    v: float
    v_corrected: float


def association(counts: npt.ArrayLike, effect: float = 1.0) -> Association:
    """How strongly rows and columns of a table of counts go together; empty rows and columns don't count."""
    o = np.asarray(counts, dtype=np.float64)
    o = o[o.sum(axis=1) > 0][:, o.sum(axis=0) > 0]
    n = float(o.sum())
    r, c = o.shape
    if r < 2 or c < 2:
        return Association(0.0, 0, float("nan"), float("nan"), float("nan"))
    expected = o.sum(axis=1, keepdims=True) * o.sum(axis=0, keepdims=True) / n
    chi2 = float(np.sum((o - expected) ** 2 / expected)) / effect
    df = (r - 1) * (c - 1)
    phi2 = chi2 / n
    corrected = max(0.0, phi2 - df / (n - 1))
    rc, cc = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    return Association(
        chi2, df, float(special.chdtrc(df, chi2)), float(np.sqrt(phi2 / min(r - 1, c - 1))),
        float(np.sqrt(corrected / min(rc - 1, cc - 1))),
    )  # fmt: skip


def adjusted_residuals(counts: npt.ArrayLike) -> Floats:
    """By how many standard errors each cell differs from what its row and column lead to expect; above 3 stands out."""
    o = np.asarray(counts, dtype=np.float64)
    n = o.sum()
    row, col = o.sum(axis=1, keepdims=True) / n, o.sum(axis=0, keepdims=True) / n
    expected = n * row * col
    with np.errstate(all="ignore"):
        z = (o - expected) / np.sqrt(expected * (1 - row) * (1 - col))
    return np.where(np.isfinite(z), z, 0.0)


def suppressed(counts: npt.ArrayLike, min_cell: int, rest: int = 0, keep: Sequence[int] = ()) -> Bools:
    """Which cells of one margin must not be shown: the small ones, and the next smallest if it would give them away.

    ``rest``: cases of the margin that none of the cells holds; a small rest is as secret as a small cell. Cells in
    ``keep`` are only hidden for another's sake if no other is left.
    """
    n = np.asarray(counts)
    hide = (n > 0) & (n < min_cell)
    spare = np.isin(np.arange(len(n)), keep)
    while (hide.any() or 0 < rest < min_cell) and n[hide].sum() + rest < min_cell and (~hide & (n > 0)).any():
        left = np.flatnonzero(~hide & (n > 0))
        left = left[~spare[left]] if (~spare[left]).any() else left
        hide[left[np.argmin(n[left])]] = True
    return np.asarray(hide)


def cells(
    table: LinkTable, pain_points: Sequence[str], *, min_cell: int = MIN_CELL, confidence: float = 0.95
) -> dict[str, Any]:
    """Shares and scores of every pain point by the levels of every category, as facts for the report.

    Returns ``cells``, ``cells_suppressed`` (levels left out, by dimension) and ``consistency``. Only customers count,
    except in ``author_role``, whose shares set staff beside customers (without scores).
    """
    everybody, table = table, customers(table)
    found: dict[str, list[dict[str, Any]]] = {}
    hidden: dict[str, int] = {}
    consistency: list[dict[str, Any]] = []
    samples = [sample(table, m, points(m, table.values[m.name])) for m in table.metrics]
    overall = rates(table)
    for name in sorted(table.categories) if pain_points else ():
        base = everybody if name == "author_role" else table
        used = [] if name == "author_role" else samples
        rows, tests, n_hidden = _dimension(base, name, pain_points, used, overall.effect, min_cell, confidence)
        if rows:
            found[name] = rows
            consistency.extend(tests)
        hidden[name] = n_hidden
    return {"cells": found, "cells_suppressed": hidden, "consistency": consistency}


def _dimension(
    table: LinkTable, name: str, pain_points: Sequence[str], samples: Sequence[Sample], effect: Floats,
    min_cell: int, confidence: float,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:  # fmt: skip
    codes, levels = np.asarray(table.categories[name]), table.levels[name]
    n = np.bincount(codes[codes >= 0], minlength=len(levels))
    hide = suppressed(n, min_cell)
    shown = np.flatnonzero((n > 0) & ~hide)
    if len(shown) > MOST_LEVELS:
        shown = np.sort(shown[np.argsort(-n[shown], kind="stable")[:MOST_LEVELS]])
    if len(shown) < 2:
        return [], [], int(hide.sum())
    at, cols = nonzeros(table.mentions)
    level = codes[at]
    known = level >= 0
    size = len(pain_points)
    k = np.bincount(cols[known] * len(levels) + level[known], minlength=size * len(levels)).reshape(size, len(levels))
    scores = _scores(codes, shown, samples, pain_points, min_cell, confidence)
    residual = np.zeros((size, len(shown)))
    tests: list[dict[str, Any]] = []
    for j, pain_point in enumerate(pain_points):
        counts = np.stack([k[j, shown], n[shown] - k[j, shown]])
        a = association(counts, float(effect[j]))
        p = a.p if k[j, shown].sum() >= min_cell else float("nan")
        residual[j] = adjusted_residuals(counts)[0] / np.sqrt(effect[j])
        tests.append(
            {"pain_point": pain_point, "dimension": name, "chi2": a.chi2, "df": a.df, "p": p, "q": float("nan"),
             "cramers_v": a.v_corrected}
        )  # fmt: skip
    for t, q in zip(tests, iv.benjamini_hochberg(np.array([t["p"] for t in tests])), strict=True):
        t["q"] = float(q)
    cell_p = iv.normal_p(residual)
    cell_p[[np.isnan(t["p"]) for t in tests]] = np.nan
    cell_q = iv.benjamini_hochberg(cell_p.ravel()).reshape(cell_p.shape)
    rows: list[dict[str, Any]] = []
    for j, pain_point in enumerate(pain_points):
        for i, at_level in enumerate(shown.tolist()):
            z = float(residual[j, i])
            over = abs(z) > RESIDUAL_FLAG and cell_q[j, i] < 0.05
            rows.append(
                {
                    "pain_point": pain_point,
                    "level": levels[at_level],
                    "n": int(n[at_level]),
                    "mentions": int(k[j, at_level]),
                    "rate": float(k[j, at_level] / n[at_level]),
                    "residual": z,
                    "q": float(cell_q[j, i]),
                    "flag": ("over" if z > 0 else "under") if over else "",
                    "scores": {metric: by[i][j] for metric, by in scores.items()},
                }
            )
    return rows, tests, int(hide.sum())


def _scores(
    codes: npt.NDArray[Any], shown: npt.NDArray[np.int64], samples: Sequence[Sample], pain_points: Sequence[str],
    min_cell: int, confidence: float,
) -> dict[str, list[list[dict[str, Estimate]]]]:  # fmt: skip
    """For each metric, shown level and pain point: mentioners' score and gap, small cells and complements hidden."""
    out: dict[str, list[list[dict[str, Estimate]]]] = {}
    for s in samples:
        of_row = codes[s.kept]
        # one after the other: a million rows in parts are as many again
        figures = [contrast(subset(s, of_row == level), confidence) for level in shown.tolist()]
        counts = np.array([c.n1 for c in figures]).astype(np.int64)
        # Mentioners in levels that aren't shown could be worked out from the pain point's own figures.
        rest = np.bincount(s.cols, minlength=len(pain_points)) - counts.sum(axis=0)
        hide = np.stack([suppressed(counts[:, j], min_cell, int(rest[j])) for j in range(len(pain_points))], axis=1)
        out[s.metric.name] = [mentioners_and_gap(s.metric, c, min_cell, hide[i]) for i, c in enumerate(figures)]
    return out
