"""The map over chunks gives the same results in the same order, whoever does the work."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt  # workers must be able to import the function

import pytest

from cxtext.engine import LocalEngine, SerialEngine, choose
from cxtext.errors import RequestError


def numbers(n: int, seen: list[int]) -> Iterator[int]:
    for i in range(n):
        seen.append(i)
        yield i


@pytest.mark.parametrize("n", [0, 1, 3, 12])
@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_items(n: int, jobs: int) -> None:
    assert list(LocalEngine(jobs).map(isqrt, iter(range(n)))) == list(SerialEngine().map(isqrt, range(n)))


def test_items_are_not_read_far_ahead() -> None:
    seen: list[int] = []
    results = LocalEngine(1).map(isqrt, numbers(1000, seen))
    next(iter(results))
    assert len(seen) < 10


def test_zero_jobs_means_one_for_each_core() -> None:
    assert LocalEngine(0).jobs >= 1


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(RequestError, match="local or dask"):
        choose("spark")
