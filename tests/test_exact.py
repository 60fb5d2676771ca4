"""Arithmetic that gives the same bits on every processor."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext import exact


def test_logarithm_and_exponential_agree_with_the_library() -> None:
    x = np.linspace(-60, 60, 40_001)
    np.testing.assert_allclose(exact.exp(x), np.exp(x), rtol=4e-16)
    positive = np.exp(x)
    np.testing.assert_allclose(exact.log(positive), np.log(positive), rtol=4e-16, atol=4e-16)
    np.testing.assert_allclose(exact.logistic(x), 1 / (1 + np.exp(-x)), rtol=1e-15)
    assert exact.exp(0.0) == 1.0
    assert exact.log(1.0) == 0.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=700))
@settings(max_examples=60, deadline=None)
def test_a_total_is_the_sum(values: list[float]) -> None:
    assert exact.total(np.array(values)) == pytest.approx(sum(values), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("axes", [3, 64, 296, 1024])
def test_products_of_points_are_exact_in_any_order(axes: int) -> None:
    rng = np.random.default_rng(axes)
    points = exact.unit_rows(rng.integers(-500, 500, (300, axes)).astype(np.float64))
    assert np.sqrt(exact.square_lengths(points)).max() <= exact.LONGEST
    whole = points.astype(np.int64)
    np.testing.assert_array_equal((points @ points.T).astype(np.int64), whole @ whole.T)
    order = rng.permutation(axes)
    np.testing.assert_array_equal(points[:, order] @ points[:, order].T, points @ points.T)


def test_zero_rows_stay_zero() -> None:
    assert not exact.unit_rows(np.zeros((2, 5))).any()
    assert not exact.unit_columns(np.zeros((5, 2))).any()
    assert not exact.orthonormal(np.zeros((9, 3))).any()


def test_a_basis_is_orthogonal_and_drops_what_adds_nothing() -> None:
    rng = np.random.default_rng(5)
    matrix = rng.integers(-99, 99, (200, 12)).astype(np.float64)
    matrix[:, 7] = matrix[:, 2] * 3
    basis = exact.orthonormal(matrix) / exact.FULL
    gram = basis.T @ basis
    assert gram[7, 7] < 1e-6
    rest = np.delete(np.arange(12), 7)
    np.testing.assert_allclose(gram[np.ix_(rest, rest)], np.eye(11), atol=2e-4)


@pytest.mark.parametrize("shape", [(300, 80), (80, 300)])
def test_leading_vectors_span_what_the_singular_value_decomposition_gives(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    low = rng.normal(size=(shape[0], 7)) * np.linspace(40, 10, 7) @ rng.normal(size=(7, shape[1]))
    m = sp.csr_array(np.rint(low + rng.normal(size=shape)))
    u, s = exact.leading_vectors(m, 7)
    left, values, _ = np.linalg.svd(m.toarray(), full_matrices=False)
    np.testing.assert_allclose(np.sort(s)[::-1], values[:7], rtol=0.05)
    np.testing.assert_allclose(np.linalg.norm(left[:, :7].T @ u / exact.FULL, axis=0), 1.0, atol=1e-3)
    assert (u[np.abs(u).argmax(axis=0), np.arange(7)] > 0).all()


@pytest.mark.parametrize(
    ("x", "expected"),
    [(1.23456789012, 1.23456789), (-9.99999999999e5, -1e6), (1e-12 / 3, 3.33333333e-13), (0.0, 0.0), (1e3, 1e3)],
)
def test_nine_digits(x: float, expected: float) -> None:
    assert exact.nine_digits(x) == expected
    assert exact.nine_digits(x * (1 + 1e-14)) == expected
