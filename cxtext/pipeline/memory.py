"""What becomes of freed memory: kept for the next chunk where many follow, given back where other work comes next."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from functools import lru_cache

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # from malloc.h


@lru_cache(maxsize=1)
def keep_freed() -> None:
    """Let the C library keep freed blocks instead of giving each back to the system and asking for it again.

    Every chunk needs the same few dozen arrays of a megabyte; fresh pages for each cost a tenth of the time.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than glibc
            library = ctypes.CDLL(None)
            library.mallopt(_MMAP_THRESHOLD, 32 << 20)
            library.mallopt(_TRIM_THRESHOLD, 128 << 20)


def give_back() -> None:
    """Return freed blocks to the system: what comes next needs memory in other places."""
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
