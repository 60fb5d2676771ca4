"""Agreement of groupings and leading vectors against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

from cxtext.cluster.mutual import adjusted_mutual_information, expected_information


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=80))
def test_ami_is_scikit_learns(pairs) -> None:
    a, b = np.array(pairs).T
    assert adjusted_mutual_information(a, b) == pytest.approx(adjusted_mutual_info_score(a, b), abs=1e-9)


@pytest.mark.parametrize(("n", "k"), [(5_000, 3), (5_000, 120), (20_000, 150)])
def test_ami_of_many_is_scikit_learns(n: int, k: int) -> None:
    rng = np.random.default_rng(k)
    a = rng.zipf(1.5, n) % k
    b = np.where(rng.random(n) < 0.4, a, rng.integers(0, k, n))
    assert adjusted_mutual_information(a, b) == pytest.approx(adjusted_mutual_info_score(a, b), abs=1e-10)
    assert abs(adjusted_mutual_information(a, rng.permutation(b))) < 0.02


def test_expected_information_is_that_of_dealt_out_groups() -> None:
    a, b = np.repeat([0, 1, 2], [5, 3, 2]), np.repeat([0, 1], [6, 4])
    rng = np.random.default_rng(1)

    def information(x, y) -> float:
        p = np.histogram2d(x, y, (3, 2))[0] / 10
        q = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
        return float(np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0])))

    dealt = np.mean([information(a, rng.permutation(b)) for _ in range(4000)])
    assert expected_information(np.array([5, 3, 2]), np.array([6, 4]), 10) == pytest.approx(dealt, rel=0.03)
