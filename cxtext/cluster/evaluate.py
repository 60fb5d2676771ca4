"""How well found groups agree with labels that people gave.

Unassigned texts count as one group for AMI (thousands of singletons would make it meaningless), and each as a group
of its own for ARI and B-cubed. All three are 1 for perfect agreement; AMI and ARI are 0 for chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of an evaluation: ``k`` groups found, ``k_gold`` labels given, ``unclustered`` share of texts (0..1)."""

    n: int
    k: int
    k_gold: int
    ami: float
    ari: float
    b_cubed: float
    unclustered: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many texts of each gold label (rows) are in each found group (columns, -1 last when present)."""

    gold: tuple[str, ...]
    found: tuple[int, ...]
    counts: Int64


def b_cubed(gold: npt.ArrayLike, found: npt.ArrayLike) -> tuple[float, float, float]:
    """B-cubed precision, recall and their harmonic mean (Bagga and Baldwin 1998), averaged over texts."""
    y = np.unique(np.asarray(gold), return_inverse=True)[1].ravel()
    f = np.unique(np.asarray(found), return_inverse=True)[1].ravel()
    if not len(y):
        return float("nan"), float("nan"), float("nan")
    pair, n = np.unique(f.astype(np.int64) * (int(y.max()) + 1) + y, return_counts=True)
    width = int(y.max()) + 1
    square = n.astype(np.float64) ** 2
    precision = float((square / np.bincount(f)[pair // width]).sum() / len(y))
    recall = float((square / np.bincount(y)[pair % width]).sum() / len(y))
    return precision, recall, 2 * precision * recall / (precision + recall)


def agreement(gold: Sequence[str] | npt.NDArray[np.object_], found: npt.NDArray[np.integer]) -> Agreement:
    """Compare found groups (int[N], -1: unclustered) with gold labels [N]."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    y = np.unique(np.asarray(gold, dtype=str), return_inverse=True)[1].ravel()
    f = np.asarray(found, dtype=np.int64)
    if len(y) != len(f):
        raise ValueError(f"gold and found must label the same texts: {len(y)} and {len(f)}")
    none = f < 0
    alone = f.copy()
    alone[none] = int(f.max(initial=0)) + 1 + np.arange(int(none.sum()))
    return Agreement(
        n=len(y),
        k=len(np.unique(f[~none])),
        k_gold=int(y.max(initial=-1)) + 1,
        ami=float(adjusted_mutual_info_score(y, f)) if len(y) else float("nan"),
        ari=float(adjusted_rand_score(y, alone)) if len(y) else float("nan"),
        b_cubed=b_cubed(y, alone)[2],
        unclustered=float(none.mean()) if len(y) else float("nan"),
    )


def confusion(gold: Sequence[str] | npt.NDArray[np.object_], found: npt.NDArray[np.integer]) -> Confusion:
    """Found groups against gold labels, both largest first, unclustered last."""
    names, y = np.unique(np.asarray(gold, dtype=str), return_inverse=True)
    groups, f = np.unique(np.asarray(found, dtype=np.int64), return_inverse=True)
    table = np.zeros((len(names), len(groups)), dtype=np.int64)
    np.add.at(table, (y.ravel(), f.ravel()), 1)
    rows = np.argsort(-table.sum(axis=1), kind="stable")
    columns = np.lexsort((groups, -table.sum(axis=0), groups < 0))
    return Confusion(
        tuple(str(names[i]) for i in rows), tuple(int(groups[j]) for j in columns), table[np.ix_(rows, columns)]
    )
