"""How well found groups agree with labels that people gave.

Unassigned texts count as one group for AMI (thousands of singletons would make it meaningless), and each as a group
of its own for ARI and B-cubed. All three are 1 for perfect agreement; AMI and ARI are 0 for chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


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


def agreement(gold: Sequence[Any] | npt.NDArray[Any], found: Sequence[Any] | npt.NDArray[Any]) -> dict[str, Any]:
    """Compare found groups with gold labels, text by text; "" (or -1) in ``found`` stands for unclustered.

    JSON-ready: ``n`` texts, ``k`` groups found, ``k_gold`` labels given, ``ami``, ``ari``, ``b_cubed`` and its
    ``precision`` and ``recall``, ``unclustered`` share (0..1), and ``confusion`` (see `confusion`).
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    y = np.unique(np.asarray([str(label) for label in gold]), return_inverse=True)[1].ravel()
    names = np.asarray([_name(group) for group in found])
    if len(y) != len(names):
        raise ValueError(f"gold and found must label the same texts: {len(y)} and {len(names)}")
    if not len(y):
        none = float("nan")
        return {"n": 0, "k": 0, "k_gold": 0, "ami": none, "ari": none, "b_cubed": none, "precision": none,
                "recall": none, "unclustered": none, "confusion": []}  # fmt: skip
    out = names == ""
    group = np.unique(names, return_inverse=True)[1].ravel().astype(np.int64)
    alone = group.copy()
    alone[out] = len(names) + np.arange(int(out.sum()))
    precision, recall, f = b_cubed(y, alone)
    return {
        "n": len(y),
        "k": len(np.unique(group[~out])),
        "k_gold": int(y.max()) + 1,
        "ami": float(adjusted_mutual_info_score(y, group)),
        "ari": float(adjusted_rand_score(y, alone)),
        "b_cubed": f,
        "precision": precision,
        "recall": recall,
        "unclustered": float(out.mean()),
        "confusion": confusion(gold, found),
    }


def confusion(gold: Sequence[Any] | npt.NDArray[Any], found: Sequence[Any] | npt.NDArray[Any]) -> list[dict[str, Any]]:
    """What each found group is made of: rows ``{"found", "n", "labels": [{"label", "n"}, ...]}``.

    Largest group first, unclustered ("") last; labels by count, then name.
    """
    labels, y = np.unique(np.asarray([str(label) for label in gold]), return_inverse=True)
    groups, g = np.unique(np.asarray([_name(group) for group in found]), return_inverse=True)
    table = np.zeros((len(groups), len(labels)), dtype=np.int64)
    np.add.at(table, (g.ravel(), y.ravel()), 1)
    rows = []
    for i in np.lexsort((np.arange(len(groups)), -table.sum(axis=1), groups == "")).tolist():
        order = np.argsort(-table[i], kind="stable")
        inside = [{"label": str(labels[j]), "n": int(table[i, j])} for j in order.tolist() if table[i, j]]
        rows.append({"found": str(groups[i]), "n": int(table[i].sum()), "labels": inside})
    return rows


def _name(group: object) -> str:
    """A group's name; empty for unclustered."""
    if group is None or group != group:  # NaN is the only thing unlike itself
        return ""
    name = str(group).strip()
    return "" if name == "-1" else name
