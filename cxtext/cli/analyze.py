"""cxtext analyze: from a dump to a ranked list of pain points tied to the scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.options import CODEBOOK, COLUMNS, FIGURES, GROUPING, JOIN, READING, WORKING, Asked, Flag, shares

NAME = "analyze"
EXAMPLE = "Example: cxtext analyze reviews.csv --nps nps --csat csat:1-5 -o run"

MODEL = (
    Flag(
        "model",
        str | None,
        ("--model",),
        "Use a trained model instead of fitting one.",
        "NAME[@V]",
        "Units and clusters",
    ),
)


@shares(COLUMNS, JOIN, MODEL, GROUPING, CODEBOOK, FIGURES, READING, WORKING)
def command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, globs, - or a database address.")
    ],
    asked: Asked,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="RUN", help="Folder for the report and tables.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON instead of a summary.")] = False,
) -> None:
    """Read feedback, score it, group the complaints, link them to the scores, write a report.

    Columns are detected where no flag names them; the choice is printed and recorded. Without -o only the summary
    is printed. An existing run folder is replaced whole, at the end.
    """
    from cxtext.cli.early import start_workers
    from cxtext.cli.process import settle
    from cxtext.cli.progress import progress

    start_workers(inputs, asked.settings, "cxtext.pipeline.passes")
    settle(inputs, asked.settings)
    from cxtext.pipeline.analysis import analyze

    with progress(asked.settings.quiet) as bar:
        report = analyze(inputs, asked.declared, asked.settings, bar, output)
    if as_json:
        from cxtext.report.jsonfmt import to_json

        typer.echo(to_json(report))
    elif not asked.settings.quiet:
        from cxtext.cli.terminal import show

        show(report, output)
