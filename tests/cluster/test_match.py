from __future__ import annotations

import numpy as np
import pytest

from cxtext.cluster.match import Step, match


def labels(*sizes: tuple[int, int]) -> np.ndarray:
    return np.repeat([label for label, _ in sizes], [n for _, n in sizes])


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (labels((0, 10), (1, 10)), labels((1, 10), (0, 10)), {("kept", 0, 1), ("kept", 1, 0)}),
        (labels((0, 10), (-1, 10)), labels((0, 20)), {("grown", 0, 0)}),
        (labels((0, 20)), labels((0, 12), (-1, 8)), {("shrunk", 0, 0)}),
        (labels((0, 20)), labels((0, 12), (1, 8)), {("split", 0, 0), ("new", -1, 1)}),
        (labels((0, 12), (1, 8)), labels((0, 20)), {("merged", 0, 0), ("retired", 1, -1)}),
        (labels((0, 10), (-1, 10)), labels((0, 10), (1, 10)), {("kept", 0, 0), ("new", -1, 1)}),
        (labels((0, 10), (1, 10)), labels((0, 10), (-1, 10)), {("kept", 0, 0), ("retired", 1, -1)}),
    ],
)
def test_lineage(old: np.ndarray, new: np.ndarray, changes: set[tuple[str, int, int]]) -> None:
    assert {(s.change, s.old, s.new) for s in match(old, new)} == changes


def test_split_and_merge_name_the_others() -> None:
    split = match(labels((0, 20)), labels((0, 12), (1, 8)))
    assert split[0].others == (1,)
    merged = match(labels((0, 12), (1, 8)), labels((0, 20)))
    assert merged[0].others == (1,)


def test_overlap_is_jaccard() -> None:
    (step,) = match(labels((0, 10), (-1, 10)), labels((0, 20)))
    assert step == Step("grown", 0, 0, 0.5, 10, 20)


def test_groups_nobody_is_in_are_still_told() -> None:
    steps = match(np.array([0, 0]), np.array([0, 0]), n_old=2, n_new=1)
    assert ("retired", 1) in {(s.change, s.old) for s in steps}


def test_different_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="same texts"):
        match(np.array([0]), np.array([0, 1]))
