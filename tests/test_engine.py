"""The map over chunks gives the same results in the same order, whoever does the work."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt  # workers must be able to import the function

import pytest

from cxtext.engine import Engine, LocalEngine, SerialEngine, choose, rest, warm_up
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


@pytest.mark.parametrize("engine", [SerialEngine(), LocalEngine(2)])
@pytest.mark.parametrize("chunks", [2, 9])
def test_work_beside_the_map_gives_its_result_when_asked(engine: Engine, chunks: int) -> None:
    list(engine.map(isqrt, range(chunks)))
    wait = engine.beside(isqrt, 81)
    assert wait() == 9


def test_what_fails_beside_fails_where_its_result_is_asked_for() -> None:
    wait = LocalEngine(2).beside(isqrt, -1)
    with pytest.raises(ValueError, match="nonnegative"):
        wait()


def test_workers_that_started_early_take_even_a_few_chunks_and_rest_at_the_end(
    capfd: pytest.CaptureFixture[str],
) -> None:
    warm_up(2, isqrt, 4)
    engine = LocalEngine(2)
    assert list(engine.map(isqrt, range(3))) == [0, 1, 1]
    assert engine.working
    warm_up(2, isqrt, 4)
    rest()
    assert capfd.readouterr().err == ""


def test_zero_jobs_means_one_for_each_core() -> None:
    assert LocalEngine(0).jobs >= 1


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(RequestError, match="local or dask"):
        choose("spark")
