"""cxtext evaluate: how well the groups that cxtext finds agree with labels that people gave."""

from __future__ import annotations

from typing import Annotated

import typer

from cxtext.cli.answers import print_json
from cxtext.cli.options import COLUMNS, GROUPING, READING, WORKING, Asked, Flag, shares, some

NAME = "evaluate"
EXAMPLE = "Example: cxtext evaluate labelled.csv --label theme --keep all"

MODEL = (
    Flag(
        "model",
        str | None,
        ("--model",),
        "Evaluate a trained model instead of fitting one.",
        "NAME[@V]",
        "Units and clusters",
    ),
)


@shares(some(COLUMNS, "text"), MODEL, GROUPING, READING, WORKING)
def command(
    inputs: Annotated[list[str], typer.Argument(metavar="LABELLED", help="A file with texts and one label each.")],
    label: Annotated[str, typer.Option("--label", metavar="COL", help="The column with the labels that people gave.")],
    asked: Asked,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures and the confusion as JSON.")] = False,
) -> None:
    """AMI, ARI and B-cubed (1 is perfect, AMI and ARI are 0 for chance), k, the unclustered share, the confusion."""
    from cxtext.cli.process import settle
    from cxtext.cli.progress import progress

    settle(inputs, asked.settings)
    from cxtext.pipeline.evaluation import evaluate, lines

    with progress(asked.settings.quiet) as bar:
        facts = evaluate(inputs, label, asked.declared, asked.settings, bar)
    if as_json:
        print_json(facts)
    else:
        for line in lines(facts):
            typer.echo(line)
