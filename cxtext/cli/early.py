"""What a command sets going before its own heavy imports: the processes that will share the work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

from cxtext.settings import Settings

LARGE = 10_000_000
"""Bytes of input that are certainly worth a few processes."""


def start_workers(inputs: Sequence[str], settings: Settings, module: str) -> None:
    """With much to do, start the workers and let them import `module` while this process gets ready.

    Only inputs that are plainly files are weighed; whatever else there is starts its workers when it needs them.
    """
    weight = sum(os.path.getsize(name) for name in inputs if os.path.isfile(name))
    if weight > LARGE and settings.engine == "local" and settings.jobs != 1:
        from cxtext.engine import warm_up

        warm_up(settings.jobs, load, module)


def load(module: str) -> None:
    """Import what a worker needs."""
    from cxtext.cli.arrow import without_pandas

    without_pandas()
    import_module(module)
