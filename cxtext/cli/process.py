"""What only a process of our own may set: the command line's and its workers', never one that imported cxtext.

Whoever calls ``cxtext.analyze`` keeps the warnings filters, importers and memory settings of their process.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from cxtext.settings import Settings

LARGE = 10_000_000
"""Bytes of input that are certainly worth a few processes."""
KEPT_FREE = {"MALLOC_MMAP_THRESHOLD_": (-3, 32 << 20), "MALLOC_TRIM_THRESHOLD_": (-1, 128 << 20)}
"""The C library's settings: the name in the environment, the number in malloc.h, bytes."""


def settle(inputs: Sequence[str], settings: Settings) -> None:
    """Set this process up for work on `inputs`; workers inherit what they need, if they start later."""
    without_pandas()
    keep_freed(here=not shared(inputs, settings))
    # a command that stops before the end, for an error say, knows that some results weren't used
    warnings.filterwarnings("ignore", ".* tasks? (has|have) been successfully executed", UserWarning)


def shared(inputs: Sequence[str], settings: Settings) -> bool:
    """Whether there is certainly enough to do for workers of this machine. Only plain files are weighed."""
    weight = sum(os.path.getsize(name) for name in inputs if os.path.isfile(name))
    return weight > LARGE and settings.engine == "local" and (settings.jobs or os.cpu_count() or 1) > 1


def keep_freed(here: bool) -> None:
    """Let the C library keep freed blocks instead of giving each back to the system and asking for it again.

    Every chunk needs the same few dozen arrays of a megabyte; fresh pages for each cost a tenth of the time. Workers
    read the settings from the environment when they start; this process takes them on only if it works `here`.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL(None)
        for name, (number, size) in KEPT_FREE.items():
            os.environ.setdefault(name, str(size))
            if here:
                library.mallopt(number, size)


class _NoPandas:
    """Says that there is no pandas, as long as it stands among the importers."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def without_pandas() -> None:
    """Keep Arrow from importing pandas when it makes its first array: commands without frames start sooner.

    Arrow looks for pandas once, to know a frame when it sees one, and remembers whether it was there. Whoever asks for
    a frame later still gets it: ``to_pandas`` looks again. Does nothing if pandas is loaded already.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    blind: Any = _NoPandas()
    sys.meta_path.insert(0, blind)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(blind)
