"""The map over chunks: one function, many chunks, results in the order of the chunks.

Whoever does the work (this process, local processes, a Dask cluster), the results are the same: the function
sees one chunk at a time and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Protocol, TypeVar

from cxtext.errors import RequestError

Item = TypeVar("Item")
Result = TypeVar("Result")

SERIAL_CHUNKS = 4
"""With no more chunks than this, starting processes costs more than it saves."""


class Engine(Protocol):
    """Something that can map a picklable function over an iterator, lazily and in order."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]: ...


class SerialEngine:
    """Everything in this process, one chunk after the other."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        return map(function, items)


class LocalEngine:
    """Processes on this machine, through joblib; a handful of chunks stays in this process.

    `jobs` processes work at once (0: one for each core). Chunks are read ahead only as far as keeps the workers
    busy, so memory stays flat.
    """

    def __init__(self, jobs: int = 0) -> None:
        self.jobs = jobs if jobs > 0 else os.cpu_count() or 1

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        stream = iter(items)
        first = list(islice(stream, SERIAL_CHUNKS + 1))
        if self.jobs == 1 or len(first) <= SERIAL_CHUNKS:
            return map(function, chain(first, stream))
        from joblib import Parallel, delayed

        work = Parallel(n_jobs=self.jobs, return_as="generator", pre_dispatch="1.5*n_jobs", batch_size=1)
        results: Iterator[Result] = work(delayed(function)(item) for item in chain(first, stream))
        return results


def rest() -> None:
    """Send this machine's workers home: idle ones keep their memory, and what follows needs it."""
    import sys

    if "joblib" in sys.modules:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)


class DaskEngine:
    """The workers of a Dask cluster at `scheduler`, a bounded number of chunks on their way at a time."""

    def __init__(self, scheduler: str | None, ahead: int = 16) -> None:
        try:
            import distributed
        except ImportError:
            raise RequestError(
                "--engine dask needs the dask extra: pip install 'cxtext[dask]', or leave --engine out"
            ) from None
        try:
            connect: Any = distributed.Client
            self.client = connect(scheduler) if scheduler else connect(processes=True)
        except (OSError, TimeoutError) as error:
            raise RequestError(f"--scheduler {scheduler}: no Dask scheduler answers there ({error})") from None
        self.ahead = ahead

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        stream = iter(items)
        waiting = [self.client.submit(function, item, pure=False) for item in islice(stream, self.ahead)]
        while waiting:
            done = waiting.pop(0)
            yield done.result()
            waiting.extend(self.client.submit(function, item, pure=False) for item in islice(stream, 1))


def choose(engine: str = "local", jobs: int = 0, scheduler: str | None = None) -> Engine:
    """The engine that the settings ask for. Raises RequestError when it isn't installed or doesn't answer."""
    if engine == "dask":
        return DaskEngine(scheduler)
    if engine != "local":
        raise RequestError(f"--engine {engine}: choose local or dask")
    return LocalEngine(jobs)
