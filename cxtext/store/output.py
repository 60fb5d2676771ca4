"""Whether an output can be written, looked at before anything is read: hours of work shouldn't end in a refusal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cxtext.errors import OutputError


def check_file(target: Path | None, endings: Sequence[str] = ()) -> None:
    """Refuse a file that couldn't be written in the end; ``None`` and ``-`` are stdout.

    Raises OutputError for an ending that isn't among `endings` (any will do where there are none), for a folder in the
    file's place, and for a folder that isn't there or can't be written to.
    """
    if is_stdout(target):
        return
    assert target is not None
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give -o a file name")
    if endings and ending_of(target) not in endings:
        raise OutputError(
            f"{target}: the ending names no table format; use .{', .'.join(endings)}, or - for CSV on stdout"
        )
    parent = target.absolute().parent
    if not parent.exists():
        raise OutputError(f"{target}: there is no folder {target.parent}; make it first, or choose another -o")
    check_writable(target, parent)


def is_stdout(target: Path | None) -> bool:
    """Whether the answer goes to stdout."""
    return target is None or str(target) == "-"


def ending_of(target: Path) -> str:
    """What a file's name ends in, in lower case and without the point."""
    return target.suffix.lower().lstrip(".")


def check_writable(target: Path, parent: Path) -> None:
    """Refuse `target` where nothing can be made in `parent`. Raises OutputError."""
    if not parent.is_dir():
        raise OutputError(f"{target}: {parent} is not a folder; choose another -o")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"{target}: {parent} can't be written to; choose another -o")
