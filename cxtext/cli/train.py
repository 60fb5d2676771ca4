"""cxtext train: fit or refit a named model; ids carry over from the version before."""

from __future__ import annotations

from typing import Annotated

import typer

from cxtext.cli.options import CODEBOOK, COLUMNS, GROUPING, READING, WORKING, Asked, Flag, shares

NAME = "train"
EXAMPLE = "Example: cxtext train 2026-*.csv --model support"

MODEL = (
    Flag(
        "model",
        str | None,
        ("--model",),
        "The name to train under; a name that exists gets a new version.",
        "NAME",
        "Units and clusters",
    ),
)


@shares(COLUMNS, MODEL, GROUPING, CODEBOOK, READING, WORKING)
def command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, globs, - or a database address.")
    ],
    asked: Asked,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start anew instead of from the version before; ids still carry over.")
    ] = False,
) -> None:
    """Train a cluster model on feedback, or train it again; the difference to the version before is printed."""
    from cxtext.cli.process import settle
    from cxtext.cli.progress import progress

    settle(inputs, asked.settings)
    from cxtext.errors import RequestError
    from cxtext.pipeline.training import train

    if not asked.settings.model:
        raise RequestError("train needs a name for the model: add --model NAME")
    with progress(asked.settings.quiet) as bar:
        lines = train(inputs, asked.declared, asked.settings, bar, fresh=fresh)
    if not asked.settings.quiet:
        for line in lines:
            typer.echo(line)
