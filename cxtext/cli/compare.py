"""cxtext compare: two runs, or the arms of a test within one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.answers import print_json
from cxtext.cli.options import shares

NAME = "compare"
EXAMPLE = "Example: cxtext compare run-may run-june, or: cxtext compare run --arm variant"


@shares()
def command(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN_A RUN_B | RUN", help="Run folders that cxtext analyze wrote.")
    ],
    arm: Annotated[
        str | None, typer.Option("--arm", metavar="COL", help="Compare the groups that this column of one run makes.")
    ] = None,
    control: Annotated[
        str | None, typer.Option("--control", metavar="VALUE", help="The arm that the others are set against.")
    ] = None,
    cutoff: Annotated[
        str | None,
        typer.Option(
            "--cutoff", metavar="YYYY-MM-DD", help="When the treatment began: adds difference in differences."
        ),
    ] = None,
    assigned_by: Annotated[
        str | None,
        typer.Option(
            "--assigned-by", metavar="COL", help="The column at whose level arms were assigned, if not the customer."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """What changed between two runs, or differs between the arms of a test: rates and scores, with intervals."""
    from cxtext.pipeline.comparison import compare, lines

    facts = compare(runs, arm, control, cutoff, assigned_by)
    if as_json:
        print_json(facts)
    else:
        for line in lines(facts):
            typer.echo(line)
