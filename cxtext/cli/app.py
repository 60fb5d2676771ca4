"""The list of commands. Each lives in a file of its own name and loads its heavy parts only when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

from cxtext.cli.options import register

ROOMS = ("analyze", "score", "train", "assign", "export", "inspect", "compare", "models", "codebook", "evaluate")


def build(rooms: Sequence[str] = ROOMS) -> typer.Typer:
    """Put the program together from the commands in these rooms."""
    app = typer.Typer(
        name="cxtext",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Find the recurring complaints in customer feedback, and which score each of them goes with.",
        epilog="Example: cxtext analyze reviews.csv tickets.csv -o run",
    )
    app.callback(invoke_without_command=True)(version)
    for room in rooms:
        register(app, import_module(f"cxtext.cli.{room}"))
    return app


def needed(arguments: Sequence[str]) -> Sequence[str]:
    """The rooms that a command line needs: that of its command alone, all where help may list them."""
    return arguments[:1] if arguments and arguments[0] in ROOMS else ROOMS


def version(
    show: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if show:
        from cxtext import __version__

        typer.echo(f"cxtext {__version__}")
        raise typer.Exit


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = whole = build()
    return whole
