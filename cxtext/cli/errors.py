"""The one place that turns an exception into a line on stderr and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cxtext.errors import CxtextError

WRONG, BUG, INTERRUPTED = 1, 3, 130


@contextmanager
def handled() -> Iterator[None]:
    """Run a command: what the user can mend is one line and status 1; Ctrl-C is 130; anything else is our bug, 3."""
    try:
        yield
    except CxtextError as error:
        say(f"cxtext: {' '.join(str(error).split())}")
        raise typer.Exit(WRONG) from None
    except KeyboardInterrupt:
        say("cxtext: interrupted; nothing was written")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # whoever read our answer has enough of it (for example `| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except MemoryError:
        say("cxtext: out of memory; try --jobs 1 or a smaller --chunk-rows")
        raise typer.Exit(WRONG) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else "the disk: "
        say(
            f"cxtext: {where}{error.strerror or error}; nothing was changed "
            "(TMPDIR chooses the disk for temporary files)"
        )
        raise typer.Exit(WRONG) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        if is_usage_error(error):
            raise
        if os.environ.get("CXTEXT_DEBUG"):
            raise
        say(
            f"cxtext: this is a bug, not your mistake: {type(error).__name__}: {' '.join(str(error).split())[:300]} "
            "(set CXTEXT_DEBUG=1 to see where)"
        )
        raise typer.Exit(BUG) from None


def is_usage_error(error: Exception) -> bool:
    """Whether the error is the command line parser's own (its class differs between versions of Typer)."""
    return any(kind.__name__ == "ClickException" for kind in type(error).__mro__)


def say(line: str) -> None:
    """Print one line of the conversation, without control characters that a terminal might act on."""
    typer.echo("".join(c if c.isprintable() else " " for c in line), err=True)
