"""cxtext export: a finished run as a page, Markdown, tables, a workbook or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.options import shares

NAME = "export"
EXAMPLE = "Example: cxtext export run --format xlsx -o pain-points.xlsx"


@shares()
def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder that cxtext analyze wrote.")],
    format_: Annotated[str, typer.Option("--format", metavar="html|md|csv|xlsx|json", help="What to write.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE|-", help="Where to; - or nothing: stdout.")
    ] = None,
    pain_point: Annotated[
        str | None, typer.Option("--pain-point", metavar="PP-007", help="Only this one, with all its mentions.")
    ] = None,
    top: Annotated[int | None, typer.Option("--top", metavar="N", help="Only the first N pain points.")] = None,
    min_n: Annotated[int, typer.Option("--min-n", metavar="N", help="Only pain points with at least N mentions.")] = 0,
    no_quotes: Annotated[bool, typer.Option("--no-quotes", help="Leave out what customers wrote.")] = False,
) -> None:
    """Export a pain-point report. The figures are those of the run; nothing is computed again."""
    from cxtext.pipeline.exporting import export

    export(run, format_, output, pain_point=pain_point, top=top, min_n=min_n, quotes=not no_quotes)
