"""cxtext assign: a trained model's pain points for new texts, one row per unit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.options import CODEBOOK, COLUMNS, GROUPING, READING, WORKING, Asked, Flag, shares, some

NAME = "assign"
EXAMPLE = "Example: cxtext assign new.csv --model support -o mentions.csv"

MODEL = (Flag("model", str | None, ("--model",), "The model to assign with.", "NAME[@V]", "Units and clusters"),)


@shares(some(COLUMNS, "text", "id"), MODEL, some(GROUPING, "unit", "keep"), CODEBOOK, READING, WORKING)
def command(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="A file, a folder, - or a database address.")],
    asked: Asked,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE|-", help="csv, tsv, jsonl or parquet.")
    ] = None,
) -> None:
    """Say which pain point each unit of each text belongs to, if any; memory stays flat whatever the input's size."""
    from cxtext.cli.process import settle
    from cxtext.cli.progress import progress

    settle(inputs, asked.settings)
    from cxtext.errors import RequestError
    from cxtext.pipeline.rows import assign

    if not asked.settings.model:
        raise RequestError("assign needs a model: add --model NAME (make one with: cxtext train INPUT --model NAME)")
    with progress(asked.settings.quiet) as bar:
        assign(inputs, asked.declared, asked.settings, bar, output)
