"""The map over chunks: one function, many chunks, results in the order of the chunks.

Whoever does the work (this process, local processes, a Dask cluster), the results are the same: the function
sees one chunk at a time and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
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

    def beside(self, function: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
        """Start one piece of work beside what comes next; call what is returned to wait for its result."""
        ...


def in_a_thread(function: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
    """Start one piece of work in a thread of this process."""
    thread = ThreadPoolExecutor(1)
    result = thread.submit(function, item).result
    thread.shutdown(wait=False)
    return result


class SerialEngine:
    """Everything in this process, one chunk after the other."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        return map(function, items)

    def beside(self, function: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
        return in_a_thread(function, item)


class LocalEngine:
    """Processes on this machine, through joblib; a handful of chunks stays in this process.

    `jobs` processes work at once (0: one for each core). Chunks are read ahead only as far as keeps the workers
    busy, so memory stays flat.
    """

    def __init__(self, jobs: int = 0) -> None:
        self.jobs = jobs if jobs > 0 else os.cpu_count() or 1
        self.working = False

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        stream = iter(items)
        enough = 1 if early else SERIAL_CHUNKS
        first = list(islice(stream, enough + 1))
        if self.jobs == 1 or len(first) <= enough:
            return map(function, chain(first, stream))
        self.working = True
        return spread(self.jobs, function, chain(first, stream))

    def beside(self, function: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
        if not self.working:
            return in_a_thread(function, item)
        results = spread(self.jobs, function, [item])
        return lambda: next(results)


early: list[Iterator[Any]] = []
"""What workers do that were started early (`warm_up`)."""


def warm_up(jobs: int, function: Callable[[Item], Any], item: Item) -> None:
    """Start this machine's workers before there is work for them; each calls `function`, to load what it will need."""
    jobs = jobs if jobs > 0 else os.cpu_count() or 1
    if jobs > 1:
        early.append(spread(jobs, function, [item] * jobs))


def finish_early() -> None:
    """Wait for the workers that were started early."""
    while early:
        for _ in early.pop():
            pass


def spread(jobs: int, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The map, done by `jobs` processes of this machine; it begins at once."""
    from joblib import Parallel, delayed

    finish_early()
    work = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="1.5*n_jobs", batch_size=1)
    results: Iterator[Result] = work(delayed(function)(item) for item in items)
    return results


def rest() -> None:
    """Send this machine's workers home: idle ones keep their memory, and what follows needs it."""
    import sys

    finish_early()
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

    def beside(self, function: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
        return in_a_thread(function, item)


def choose(engine: str = "local", jobs: int = 0, scheduler: str | None = None) -> Engine:
    """The engine that the settings ask for. Raises RequestError when it isn't installed or doesn't answer."""
    if engine == "dask":
        return DaskEngine(scheduler)
    if engine != "local":
        raise RequestError(f"--engine {engine}: choose local or dask")
    return LocalEngine(jobs)
