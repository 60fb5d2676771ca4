"""The command line: one file per command; stdout is the answer, stderr the conversation."""

from __future__ import annotations


def main() -> None:
    """Run cxtext. Exit status: 0 done, 1 input or request is wrong, 2 usage, 3 a bug, 130 Ctrl-C."""
    from cxtext.cli.app import app

    app()
