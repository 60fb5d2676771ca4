"""cxtext models: what was trained, which version counts, and how to hand one on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxtext.cli.answers import print_json
from cxtext.cli.options import WORKING, Asked, shares

NAME = "models"
PLACE = tuple(flag for flag in WORKING if flag.name in ("models_dir", "config"))

group = typer.Typer(name=NAME, no_args_is_help=True, help="Trained models: list, show, compare, promote, hand on.")

Json = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]
Spec = Annotated[str, typer.Argument(metavar="NAME[@V]", help="A model, or one of its versions.")]


def say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


@group.command("list", epilog="Example: cxtext models list")
@shares(PLACE)
def list_(asked: Asked, json: Json = False) -> None:
    """List every version of every model; the promoted ones are marked."""
    from cxtext.pipeline.modelviews import list_lines, list_models

    place = Path(asked.settings.models_dir)
    print_json(list_models(place)) if json else say(list_lines(place))


@group.command(epilog="Example: cxtext models show support@3")
@shares(PLACE)
def show(spec: Spec, asked: Asked, json: Json = False) -> None:
    """Show what a version was trained on, how good it is, and its pain points."""
    from cxtext.pipeline.modelviews import show as facts
    from cxtext.pipeline.modelviews import show_lines

    place = Path(asked.settings.models_dir)
    print_json(facts(place, spec)) if json else say(show_lines(place, spec))


@group.command(epilog="Example: cxtext models diff support@2 support@3")
@shares(PLACE)
def diff(
    old: Annotated[str, typer.Argument(metavar="NAME[@V]", help="The earlier version; alone: the version to compare.")],
    asked: Asked,
    new: Annotated[str | None, typer.Argument(metavar="NAME[@V]", help="The later version.")] = None,
    json: Json = False,
) -> None:
    """What became of each pain point from one version to another; of one alone, against the one it was trained from."""
    from cxtext.pipeline.modelviews import diff as facts
    from cxtext.pipeline.modelviews import diff_lines

    place = Path(asked.settings.models_dir)
    print_json([c.recorded() for c in facts(place, old, new)[1]]) if json else say(diff_lines(place, old, new))


@group.command(epilog="Example: cxtext models promote support@3")
@shares(PLACE)
def promote(spec: Annotated[str, typer.Argument(metavar="NAME@V", help="The version.")], asked: Asked) -> None:
    """Make a version the one that the name alone stands for."""
    from cxtext.store import registry

    version = registry.promote(Path(asked.settings.models_dir), spec)
    typer.echo(f"{spec.partition('@')[0]} is now {spec.partition('@')[0]}@{version}")


@group.command(epilog="Example: cxtext models rollback support")
@shares(PLACE)
def rollback(name: Annotated[str, typer.Argument(metavar="NAME", help="The model.")], asked: Asked) -> None:
    """Go back to the version that was promoted before the present one; nothing is removed."""
    from cxtext.store import registry

    before, now = registry.rollback(Path(asked.settings.models_dir), name)
    typer.echo(f"{name} is now {name}@{now} (was {name}@{before})")


@group.command(epilog="Example: cxtext models remove support@1")
@shares(PLACE)
def remove(
    spec: Annotated[str, typer.Argument(metavar="NAME@V", help="The version, or with --all the model.")],
    asked: Asked,
    all_: Annotated[bool, typer.Option("--all", help="Remove every version, and the codebook with them.")] = False,
) -> None:
    """Remove a version that isn't promoted, or with --all a whole model."""
    from cxtext.store import registry

    registry.remove(Path(asked.settings.models_dir), spec, everything=all_)
    typer.echo(f"{spec} is removed")


@group.command(epilog="Example: cxtext models export support@3 -o support-3.cxmodel")
@shares(PLACE)
def export(
    spec: Spec,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to.")],
    asked: Asked,
) -> None:
    """Write a version with its codebook to one file, to hand to a colleague."""
    from cxtext.store.bundle import export_model

    export_model(Path(asked.settings.models_dir), spec, output)
    typer.echo(f"{output}: take it in with: cxtext models import {output}")


@group.command("import", epilog="Example: cxtext models import support-3.cxmodel")
@shares(PLACE)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What cxtext models export wrote.")],
    asked: Asked,
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Another name for it here.")] = None,
) -> None:
    """Take in a model that somebody exported; it is checked first, and nothing in it can run."""
    from cxtext.store.bundle import import_model

    own, version, notes = import_model(Path(asked.settings.models_dir), file, name)
    say([f"{own}@{version} is in {asked.settings.models_dir}", *notes])
