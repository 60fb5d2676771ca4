"""Run folders: written aside and put in place whole, at the end and at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxtext.errors import InputError, OutputError
from cxtext.store import aside
from cxtext.store.output import check_writable

RUN_FILE = "run.json"
RUN_KIND = "cxtext run"
RUN_FORMAT = 1
"""Raise it when a reader of an older version would misread a run folder."""


def check_target(target: Path) -> None:
    """Refuse a place that isn't free or an earlier run of ours, before any work is done.

    Raises OutputError when `target` is a file, a non-empty folder of somebody else's, or can't be written.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise OutputError(f"{target}: is not a folder; choose another -o")
    if target.is_dir() and any(target.iterdir()) and not is_run(target):
        raise OutputError(f"{target}: the folder isn't empty and isn't a cxtext run; choose another -o")
    parent = target.absolute().parent
    while not parent.exists():
        parent = parent.parent
    check_writable(target, parent)


def is_run(folder: Path) -> bool:
    """Whether `folder` is a run that cxtext wrote."""
    try:
        return bool(json.loads((folder / RUN_FILE).read_text(encoding="utf-8")).get("kind") == RUN_KIND)
    except (OSError, ValueError, AttributeError):
        return False


def read_run(folder: Path) -> dict[str, Any]:
    """The record of a run. Raises InputError when `folder` isn't one, or comes from a later version."""
    if not is_run(folder):
        raise InputError(
            f"{folder}: is not a run folder of cxtext (no {RUN_FILE}); make one with: cxtext analyze INPUT -o RUN"
        )
    record: dict[str, Any] = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    if int(record.get("format", 0)) > RUN_FORMAT:
        raise InputError(f"{folder}: written by a later cxtext (format {record['format']}); upgrade cxtext to read it")
    return record


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A folder beside `target` to write into; it takes the target's place when the block ends without an error.

    An earlier run there is replaced whole. On any error, Ctrl-C included, nothing is left behind.
    Raises OutputError with one line when the disk is full or can't be written.
    """
    check_target(target)
    with aside.folder(target) as place:
        yield place
