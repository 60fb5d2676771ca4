"""Which old group became which new one, judged by what both do with the same texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.integer]
Int64 = npt.NDArray[np.int64]
Change = Literal["kept", "grown", "shrunk", "split", "merged", "new", "retired"]

# A group has a successor when they share this much (Jaccard), or when one holds most of the other.
SAME = 0.25
HOLDS = 0.5
# Sizes within a fifth of each other count as unchanged.
STEADY = 0.2


@dataclass(frozen=True, slots=True)
class Step:
    """One line of lineage: ``old`` and ``new`` are positions (-1: none), ``others`` the further groups involved.

    For ``split``: old came apart into ``new`` (its heir) and ``others`` (new groups). For ``merged``: ``new`` took in
    old and ``others`` (old groups, retired). ``overlap`` is the Jaccard share of texts in common (0..1).
    """

    change: Change
    old: int
    new: int
    overlap: float
    n_old: int
    n_new: int
    others: tuple[int, ...] = ()

    def recorded(self) -> Mapping[str, object]:
        """JSON-ready."""
        return {
            "change": self.change, "old": self.old, "new": self.new, "overlap": round(self.overlap, 4),
            "n_old": self.n_old, "n_new": self.n_new, "others": list(self.others),
        }  # fmt: skip


def match(old: Labels, new: Labels, *, n_old: int | None = None, n_new: int | None = None) -> list[Step]:
    """Lineage between two assignments of the same texts (-1: unassigned): one step per heir, then new, then retired.

    Heirs come from the one-to-one assignment that maximises the texts in common.
    """
    from scipy.optimize import linear_sum_assignment

    a, b = np.asarray(old, dtype=np.int64), np.asarray(new, dtype=np.int64)
    if a.shape != b.shape:
        raise ValueError(f"old and new must label the same texts: {a.shape} and {b.shape}")
    k_old = int(a.max(initial=-1)) + 1 if n_old is None else n_old
    k_new = int(b.max(initial=-1)) + 1 if n_new is None else n_new
    joint = np.zeros((k_old, k_new), dtype=np.int64)
    both = (a >= 0) & (b >= 0)
    np.add.at(joint, (a[both], b[both]), 1)
    size_old = np.bincount(a[a >= 0], minlength=k_old)
    size_new = np.bincount(b[b >= 0], minlength=k_new)
    union = size_old[:, None] + size_new[None, :] - joint
    share = np.divide(joint, union, out=np.zeros(joint.shape), where=union > 0)
    in_old = np.divide(joint, size_old[:, None], out=np.zeros(joint.shape), where=size_old[:, None] > 0)
    in_new = np.divide(joint, size_new[None, :], out=np.zeros(joint.shape), where=size_new[None, :] > 0)
    rows, columns = linear_sum_assignment(-share)
    heir: dict[int, int] = {
        i: j
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if joint[i, j] and (share[i, j] >= SAME or max(in_old[i, j], in_new[i, j]) >= HOLDS)
    }
    taken = set(heir.values())
    children: dict[int, list[int]] = {}
    for j in range(k_new):
        if j not in taken and size_new[j] and k_old:
            parent = int(in_new[:, j].argmax())
            if in_new[parent, j] >= HOLDS and parent in heir:
                children.setdefault(parent, []).append(j)
    absorbed: dict[int, list[int]] = {}
    for i in range(k_old):
        if i not in heir and size_old[i] and k_new:
            target = int(in_old[i].argmax())
            if in_old[i, target] >= HOLDS and target in taken:
                absorbed.setdefault(target, []).append(i)
    steps: list[Step] = []
    for i, j in sorted(heir.items()):
        change: Change
        if i in children:
            change, others = "split", tuple(children[i])
        elif j in absorbed:
            change, others = "merged", tuple(absorbed[j])
        else:
            others = ()
            growth = (size_new[j] - size_old[i]) / max(1, size_old[i])
            change = "grown" if growth > STEADY else "shrunk" if growth < -STEADY else "kept"
        steps.append(Step(change, i, j, float(share[i, j]), int(size_old[i]), int(size_new[j]), others))
    steps += [Step("new", -1, j, 0.0, 0, int(size_new[j])) for j in range(k_new) if j not in taken]
    steps += [Step("retired", i, -1, 0.0, int(size_old[i]), 0) for i in range(k_old) if i not in heir]
    return steps
