"""Progress that does nothing: the library stays silent unless a caller hands in something that talks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


class Progress:
    """What the pipeline tells while it works; override to show it."""

    def note(self, line: str) -> None:
        """Something the user should know now, one line."""

    def over(self, items: Iterable[Item], stage: str, total: int | None = None) -> Iterator[Item]:
        """Pass `items` through, one step of `stage` each."""
        yield from items

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A stage that has no steps to count."""
        yield
