"""cxtext compare: two runs, or the arms of a test within one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.options import shares

NAME = "compare"
EXAMPLE = "Example: cxtext compare run-may run-june, or: cxtext compare run --arm variant"


@shares()
def command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN_A RUN_B | RUN", help="Run folders that cxtext analyze wrote.")],
    arm: Annotated[str | None, typer.Option("--arm", metavar="COL", help="Compare the groups that this column of one run makes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """What changed between two runs, or differs between the arms of a test: rates and scores, with intervals."""
    from cxtext.pipeline.comparison import compare, lines

    facts = compare(runs, arm)
    if as_json:
        import json

        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for line in lines(facts):
            typer.echo(line)
