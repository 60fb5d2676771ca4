"""The command line: one file per command; stdout is the answer, stderr the conversation."""

from __future__ import annotations


def main() -> None:
    """Run cxtext. Exit status: 0 done, 1 input or request is wrong, 2 usage, 3 a bug, 130 Ctrl-C."""
    import gc
    import sys

    # A command makes many objects that live to its end, imported modules above all: looking for garbage among them
    # every few hundred objects takes a tenth of a short run.
    gc.set_threshold(50_000, 20, 20)
    from cxtext.cli.app import build, needed

    build(needed(sys.argv[1:]))()
