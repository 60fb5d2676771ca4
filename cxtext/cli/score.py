"""cxtext score: one row out per row in, with VADER's figures, a better sentiment and the chance of a complaint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.options import COLUMNS, READING, WORKING, Asked, Flag, shares, some

NAME = "score"
EXAMPLE = "Example: cxtext score reviews.csv --text review -o scored.csv"

MODEL = (
    Flag(
        "model",
        str | None,
        ("--model",),
        "Use the sentiment that this model learned from scores.",
        "NAME[@V]",
        "Working",
    ),
)
UNIT = (
    Flag(
        "unit",
        str | None,
        ("--unit",),
        "What texts are cut into for sentence figures.",
        "sentence|clause|response",
        "Working",
    ),
)


@shares(some(COLUMNS, "text"), MODEL, UNIT, READING, WORKING)
def command(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="A file, a folder, - or a database address.")],
    asked: Asked,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE|-", help="csv, tsv, jsonl or parquet.")
    ] = None,
) -> None:
    """Score every row: the input's columns with vader_*, sentiment (-1..1), complaint (0..1) and lexical cues added.

    Rows come out in the order they went in. Without -o the answer goes to stdout as CSV.
    """
    from cxtext.cli.process import settle

    settle(inputs, asked.settings)
    from cxtext.cli.progress import progress
    from cxtext.pipeline.scores import score

    with progress(asked.settings.quiet) as bar:
        score(inputs, asked.declared, asked.settings, bar, output)
