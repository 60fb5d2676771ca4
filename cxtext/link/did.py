"""Difference in differences: how much more the treated changed than the control, ``y = a + bT + cPost + dT Post``.

d is the effect if both groups would otherwise have moved alike, which the data can't prove. Errors are clustered at the
unit of assignment; below 30 of them by wild cluster bootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.link import intervals as iv
from cxtext.link.adjusted import FEW_CUSTOMERS
from cxtext.link.metrics import NAN, points
from cxtext.link.people import customer_groups
from cxtext.link.regression import covariance_clustered, solve, wild_cluster_p
from cxtext.schema import Estimate, LinkTable

Floats = npt.NDArray[np.float64]
MIN_EACH = 10


def difference_in_differences(
    table: LinkTable,
    treated: npt.NDArray[np.bool_],
    cutoff: int,
    pain_points: Sequence[str],
    unit: npt.NDArray[Any] | None = None,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """The effect on every score and on how often each pain point is mentioned, from day ``cutoff`` on.

    ``unit`` int[N]: code of the unit that was assigned (a shop, a region; -1 unknown), else the customer.
    """
    dated = np.asarray(table.day) >= 0
    post = np.asarray(table.day) >= cutoff
    who = table.customer if unit is None else unit
    scores: dict[str, Any] = {}
    for m in table.metrics:
        v = points(m, table.values[m.name])
        scores[m.name] = _effect(v, treated, post, np.asarray(who), dated & np.isfinite(v), confidence)
    by_column = sp.csc_array(table.mentions)
    rows: list[dict[str, Any]] = []
    for j, name in enumerate(pain_points):
        v = np.zeros(len(treated))
        v[by_column.indices[by_column.indptr[j] : by_column.indptr[j + 1]]] = 1.0
        rows.append({"pain_point": name, **_effect(v, treated, post, np.asarray(who), dated, confidence), "q": NAN})
    for row, q in zip(rows, iv.benjamini_hochberg(np.array([r["p"] for r in rows], dtype=np.float64)), strict=True):
        row["q"] = float(q)
    return {"scores": scores, "rows": rows, "assumes": "without the treatment both groups would have moved alike"}


def _effect(
    v: Floats, treated: npt.NDArray[np.bool_], post: npt.NDArray[np.bool_], who: npt.NDArray[Any],
    rows: npt.NDArray[np.bool_], confidence: float,
) -> dict[str, Any]:  # fmt: skip
    y, t, after = v[rows], treated[rows], post[rows]
    n = len(y)
    method = "difference in differences, clustered at the unit of assignment"
    cells = np.bincount(2 * t.astype(int) + after, minlength=4)
    group, n_groups, _ = customer_groups(who[rows])
    if cells.min() < MIN_EACH or n_groups < 4:
        return {"effect": Estimate(NAN, NAN, NAN, n, method, "suppressed"), "p": NAN, "clusters": n_groups}
    x = sp.csr_array(np.column_stack([np.ones(n), t, after, t & after]).astype(np.float64))
    fit = solve(x, y, np.arange(4))
    d = float(fit.b[3])
    if float(np.sum(fit.residual**2)) < 1e-18:
        return {"effect": Estimate(d, d, d, n, method, ""), "p": NAN, "clusters": n_groups}
    column = np.array([3])
    if n_groups < FEW_CUSTOMERS:
        ps, ses, times = wild_cluster_p(x, y, fit, column, group, n_groups, confidence)
        p, half = float(ps[0]), float(ses[0] * times[0])
        method += ", wild bootstrap"
    else:
        se = float(np.sqrt(covariance_clustered(x, fit, column, group, n_groups)[0, 0]))
        p = float(iv.student_p(d / se, n_groups - 1)) if se > 0 else NAN
        half = float(iv.t_value(confidence, n_groups - 1)) * se
    return {"effect": Estimate(d, d - half, d + half, n, method, ""), "p": p, "clusters": n_groups}
