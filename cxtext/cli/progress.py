"""Progress on stderr: a bar for each stage on a terminal, nothing when quiet or piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cxtext.cli.errors import say
from cxtext.pipeline.progress import Progress


class Lines(Progress):
    """For a pipe or a log file: only the notes, one line each."""

    def note(self, line: str) -> None:
        say(line)


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """The progress to hand to the pipeline: silent, lines, or bars."""
    if quiet:
        yield Progress()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from cxtext.cli.bars import bars

        with bars() as shown:
            yield shown
