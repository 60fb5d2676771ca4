"""Rank correlations against scipy, ties and all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxtext.link import ranks

pairs = st.lists(st.tuples(st.integers(-3, 12), st.integers(0, 4) | st.floats(-1, 1)), min_size=3, max_size=60)


@settings(max_examples=150, deadline=None)
@given(pairs)
def test_spearman_and_kendall_are_scipys(rows) -> None:
    a, b = np.array(rows, dtype=float).T
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert np.isnan(ranks.spearman(a, b))
        assert np.isnan(ranks.kendall(a, b))
        return
    assert ranks.spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert ranks.kendall(a, b) == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)


def test_kendall_of_many_rows_is_scipys() -> None:
    rng = np.random.default_rng(3)
    a = np.round(rng.normal(size=20_000), 4)
    b = np.clip(np.round(3 + a + rng.normal(size=20_000)), 1, 5)
    assert ranks.kendall(a, b) == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "expected"), [([], 0), ([0, 0], 0), ([0, 1, 2], 0), ([2, 1, 0], 3), ([3, 0, 3, 1], 3)]
)
def test_inversions(values, expected) -> None:
    assert ranks.inversions(np.array(values, dtype=np.int64)) == expected
