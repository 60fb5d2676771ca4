from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtext.cluster import evaluate


def test_b_cubed_oracle() -> None:
    gold = ["A"] * 4 + ["A", "B", "B"] + ["C", "D", "E"] + ["B"] * 4
    found = [0] * 4 + [1] * 3 + [2] * 7
    assert evaluate.b_cubed(gold, found) == pytest.approx((0.5986, 0.6952, 0.6433), abs=1e-4)


@pytest.mark.parametrize("k", [2, 20, 200])
def test_random_groups_agree_with_nothing_however_many(k: int) -> None:
    """Where plain mutual information rises with the number of groups, the figures reported here stay at 0."""
    rng = np.random.default_rng(0)
    facts = evaluate.agreement(rng.integers(0, 20, 2000).tolist(), rng.integers(0, k, 2000).tolist())
    assert facts["ami"] == pytest.approx(0, abs=0.02)
    assert facts["ari"] == pytest.approx(0, abs=0.02)


def test_perfect_agreement() -> None:
    facts = evaluate.agreement(["a", "a", "b", "c"], ["PP-1", "PP-1", "PP-2", "PP-3"])
    assert (facts["ami"], facts["ari"], facts["b_cubed"]) == pytest.approx((1, 1, 1))
    assert (facts["k"], facts["k_gold"], facts["unclustered"]) == (3, 3, 0.0)


@pytest.mark.parametrize("none", ["", "-1", -1, None, float("nan")])
def test_unclustered_is_one_group_for_ami_and_singletons_elsewhere(none: object) -> None:
    facts = evaluate.agreement(["a", "a", "b", "b"], np.array(["x", "x", none, none], dtype=object))
    assert facts["ami"] == pytest.approx(1.0)
    assert facts["b_cubed"] == pytest.approx(2 * 1 * 0.75 / 1.75)
    assert facts["unclustered"] == 0.5
    assert facts["k"] == 1


def test_confusion_counts_every_text_once() -> None:
    rows = evaluate.confusion(["a", "a", "b", "b", "c"], ["x", "x", "x", "", "y"])
    assert rows == [
        {"found": "x", "n": 3, "labels": [{"label": "a", "n": 2}, {"label": "b", "n": 1}]},
        {"found": "y", "n": 1, "labels": [{"label": "c", "n": 1}]},
        {"found": "", "n": 1, "labels": [{"label": "b", "n": 1}]},
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_names_and_order_do_not_matter(pairs: list[tuple[int, int]]) -> None:
    gold, found = [g for g, _ in pairs], [f for _, f in pairs]
    one = evaluate.agreement(gold, found)
    other = evaluate.agreement([f"g{9 - g}" for g in gold[::-1]], [f"f{9 - f}" for f in found[::-1]])
    for figure in ("ami", "ari", "b_cubed"):
        assert one[figure] == pytest.approx(other[figure], abs=1e-9)


def test_no_texts() -> None:
    assert evaluate.agreement([], [])["n"] == 0


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="same texts"):
        evaluate.agreement(["a"], ["x", "y"])
