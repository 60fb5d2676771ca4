"""Progress bars for a terminal, drawn with rich."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from cxtext.pipeline.progress import Progress

Item = TypeVar("Item")


class Bars(Progress):
    """One bar per stage; notes stand above the bars."""

    def __init__(self, drawing: RichProgress) -> None:
        self.drawing = drawing

    def note(self, line: str) -> None:
        self.drawing.console.print(escape("".join(c if c.isprintable() else " " for c in line)), highlight=False)

    def over(self, items: Iterable[Item], stage: str, total: int | None = None) -> Iterator[Item]:
        task = self.drawing.add_task(stage, total=total)
        for item in items:
            yield item
            self.drawing.advance(task)
        self.drawing.update(
            task, total=self.drawing.tasks[task].completed or 1, completed=self.drawing.tasks[task].completed or 1
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        task = self.drawing.add_task(name, total=None)
        yield
        self.drawing.update(task, total=1, completed=1)


@contextmanager
def bars() -> Iterator[Bars]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as drawing:
        yield Bars(drawing)
