"""cxtext inspect: what would be read, and why; nothing is analysed or changed."""

from __future__ import annotations

from typing import Annotated

import typer

from cxtext.cli.answers import print_json
from cxtext.cli.options import COLUMNS, READING, WORKING, Asked, shares, some

NAME = "inspect"
EXAMPLE = "Example: cxtext inspect sample_reviews"


@shares(COLUMNS, READING, some(WORKING, "chunk_rows", "config", "quiet"))
def command(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Files, folders, globs, - or a database address.")
    ],
    asked: Asked,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Show rows, columns, scales, missing values, duplicates, languages, personal data, and rejected rows."""
    from cxtext.cli.progress import progress
    from cxtext.pipeline.inspection import inspect

    with progress(asked.settings.quiet) as bar:
        facts = inspect(inputs, asked.declared, asked.settings, bar)
    if as_json:
        print_json(facts)
    else:
        from cxtext.cli.inspection import show

        show(facts)
