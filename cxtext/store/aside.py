"""Written aside, then put in place whole and at once: the one way in which files and folders come to be.

On any error, Ctrl-C included, what was there before stays as it was and nothing is left behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxtext.errors import OutputError


@contextmanager
def file(target: Path, suffix: str = ".partial") -> Iterator[Path]:
    """A file beside `target` to write to; it takes the target's place when the block ends without an error.

    Raises OutputError, one line, when the disk is full or can't be written, or a folder is in the way.
    """
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give a file name")
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name.lstrip('.')}.", suffix=suffix, dir=target.absolute().parent
        )
        os.close(handle)
    except OSError as error:
        raise OutputError(f"{target}: can't be written ({error.strerror or error}); choose another place") from None
    place = Path(name)
    try:
        yield place
        place.chmod(0o644)
        os.replace(place, target)
    except OSError as error:
        raise OutputError(f"{target}: can't be written ({error.strerror or error}); nothing was changed") from None
    finally:
        place.unlink(missing_ok=True)


@contextmanager
def folder(target: Path) -> Iterator[Path]:
    """A folder beside `target` to write into; it takes the place of whatever folder is there, whole, in the end.

    Raises OutputError with one line when the disk is full or can't be written.
    """
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.absolute().parent))
    except OSError as error:
        raise OutputError(f"{target}: can't be written ({error.strerror or error}); choose another place") from None
    try:
        yield place
        place.chmod(0o755)
        _replace(place, target.absolute())
    except OSError as error:
        raise OutputError(f"{target}: can't be written ({error.strerror or error}); nothing was changed") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _replace(aside: Path, target: Path) -> None:
    """Swap `aside` for `target`; an old run steps aside first and comes back if the swap fails."""
    if not target.exists():
        aside.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent)) / "run"
    target.rename(old)
    try:
        aside.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)
