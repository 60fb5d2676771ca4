"""One writer at a time for each model: a lock that a dead process can't leave behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxtext.errors import ModelError, OutputError

LOCK = ".lock"
_PAUSE = 0.05


@contextmanager
def locked(folder: Path, wait: float = 10.0, name: str = LOCK) -> Iterator[None]:
    """Hold the lock of a model's folder, which is made if need be, for the length of the block.

    The operating system frees the lock when its holder ends, however that comes about. Raises ModelError, naming the
    process that holds it, when it isn't free after `wait` seconds. A folder that holds nothing but the lock in the
    end goes away.
    """
    handle = _acquire(folder, wait, name)
    try:
        yield
    finally:
        with suppress(OSError):
            if os.listdir(folder) == [name]:
                (folder / name).unlink()
                folder.rmdir()
        os.close(handle)


def _acquire(folder: Path, wait: float, name: str) -> int:
    until = time.monotonic() + wait
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue  # the folder went away between the two lines: whoever held it has finished
        except OSError as error:
            raise OutputError(
                f"{folder}: can't be written ({error.strerror or error}); choose another --models-dir"
            ) from None
        if _take(handle):
            if _still_there(handle, folder / name):
                os.ftruncate(handle, 0)
                os.pwrite(handle, str(os.getpid()).encode(), 0)
                return handle
            os.close(handle)
            continue
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        if time.monotonic() >= until:
            raise ModelError(
                f"{folder.name}: process {holder} is working on this model; try again when it has finished"
            )
        time.sleep(_PAUSE)


def _still_there(handle: int, file: Path) -> bool:
    """Whether the file we locked is still the one by that name: its last holder may have taken it away."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(file))
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        # one byte far behind the text, so that others can still read who holds the lock
        os.lseek(handle, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
