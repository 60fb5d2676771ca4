"""Independent pieces of array work, side by side in threads: arrays let go of the interpreter while they compute.

Each piece computes what it would compute alone, so the result doesn't depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_THREADS = 4


def beside(function: Callable[[], Result]) -> Callable[[], Result]:
    """Start one piece of work; call what is returned to wait for its result."""
    thread = ThreadPoolExecutor(1)
    result = thread.submit(function).result
    thread.shutdown(wait=False)
    return result


def side_by_side(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``function`` of each item, in the order of the items."""
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        return list(threads.map(function, items))
