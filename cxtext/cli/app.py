"""The list of commands. Each lives in a file of its own name and loads its heavy parts only when it runs."""

from __future__ import annotations

import typer

from cxtext.cli import analyze, assign, codebook, compare, evaluate, export, inspect, models, score, train
from cxtext.cli.options import register

app = typer.Typer(
    name="cxtext",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find the recurring complaints in customer feedback, and which score each of them goes with.",
    epilog="Example: cxtext analyze reviews.csv tickets.csv -o run",
)


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if show:
        from cxtext import __version__

        typer.echo(f"cxtext {__version__}")
        raise typer.Exit


for room in (analyze, score, train, assign, export, inspect, compare, models, codebook, evaluate):
    register(app, room)
