"""What a command sets going before its own heavy imports: the processes that will share the work."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from cxtext.cli.process import keep_freed, shared, without_pandas
from cxtext.settings import Settings


def start_workers(inputs: Sequence[str], settings: Settings, module: str) -> None:
    """With much to do, start the workers and let them import `module` while this process gets ready.

    Whatever else there is than plain files starts its workers when it needs them.
    """
    if shared(inputs, settings):
        from cxtext.engine import warm_up

        keep_freed(here=False)
        warm_up(settings.jobs, load, module)


def load(module: str) -> None:
    """Import what a worker needs."""
    without_pandas()
    import_module(module)
