"""cxtext codebook: name, merge, split, ignore, pin and seed pain points; the file can be edited by hand as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cxtext.cli.models import PLACE, say
from cxtext.cli.options import Asked, shares

NAME = "codebook"

HELP = "Decisions about pain points that outlast every training: models/NAME/codebook.toml."
group = typer.Typer(name=NAME, no_args_is_help=True, help=HELP)

Model = Annotated[str, typer.Argument(metavar="NAME", help="The model.")]
Point = Annotated[str, typer.Argument(metavar="ID", help="A pain point such as PP-007, or a seed.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]
Into = Annotated[str | None, typer.Argument(metavar="INTO", help="The pain point or seed that takes it in.")]
Words = Annotated[
    list[str] | None, typer.Option("--words", metavar="WORDS", help="A word or phrase (repeatable; * ends it).")
]
Says = Annotated[
    list[str] | None, typer.Option("--example", metavar="TEXT", help="What people might say (repeatable).")
]


def change(asked: Asked, name: str, ids: list[str], edit: Callable[[Any], None], told: str) -> None:
    """Edit the codebook beside a model, after a look whether the ids exist; nothing changes when they don't."""
    from cxtext.pipeline.modelviews import check_is_model, check_known
    from cxtext.store.codebook import beside, edited, read

    place = Path(asked.settings.models_dir)
    check_is_model(place, name)
    file = beside(place, name)
    with edited(file) as document:
        check_known(place, name, read(document, file), ids)
        edit(document)
    typer.echo(told)


@group.command(epilog="Example: cxtext codebook show support")
@shares(PLACE)
def show(name: Model, asked: Asked) -> None:
    """Show what was decided, what doesn't fit the promoted version, and the pain points still to be looked at."""
    from cxtext.pipeline.modelviews import codebook_lines

    say(codebook_lines(Path(asked.settings.models_dir), name))


@group.command(epilog='Example: cxtext codebook rename support PP-003 "Waiting on hold"')
@shares(PLACE)
def rename(
    name: Model,
    point: Point,
    asked: Asked,
    label: Annotated[str | None, typer.Argument(metavar="LABEL", help="What it is to be called.")] = None,
    undo: Undo = False,
) -> None:
    """Give a pain point a name of your own."""
    from cxtext.errors import RequestError
    from cxtext.store.codebook import decide

    if undo == bool(label and label.strip()):
        raise RequestError("rename takes a new name, or --undo")
    told = f"{point} has its trained name again" if undo else f"{point} is now called {label}"
    change(asked, name, [point], lambda document: decide(document, point, label=None if undo else label), told)


@group.command(epilog="Example: cxtext codebook merge support PP-007 PP-003")
@shares(PLACE)
def merge(
    name: Model,
    point: Point,
    asked: Asked,
    into: Into = None,
    undo: Undo = False,
) -> None:
    """Count one pain point as part of another."""
    from cxtext.errors import RequestError
    from cxtext.store.codebook import decide

    if undo == bool(into) or point == into:
        raise RequestError("merge takes two pain points, the second takes in the first; or one, and --undo")
    told = f"{point} stands for itself again" if undo else f"{point} counts as part of {into}"
    ids = [point, *([into] if into else [])]
    change(asked, name, ids, lambda document: decide(document, point, merge_into=None if undo else into), told)


@group.command(epilog='Example: cxtext codebook split support PP-003 callback --words "call back" --words "callback*"')
@shares(PLACE)
def split(
    name: Model,
    point: Point,
    part: Annotated[str, typer.Argument(metavar="PART", help="A short name; the part's id is ID.PART.")],
    asked: Asked,
    words: Words = None,
    label: Annotated[str, typer.Option("--label", metavar="LABEL", help="What it is to be called.")] = "",
    undo: Undo = False,
) -> None:
    """Give the units of a pain point that hold certain words an id of their own."""
    from cxtext.errors import RequestError
    from cxtext.store.codebook import split_off, unsplit

    if undo == bool(words):
        raise RequestError("split takes --words, or --undo")

    def edit(document: Any) -> None:
        unsplit(document, point, part) if undo else split_off(document, point, part, label, list(words or []))

    told = (
        f"{point}.{part} is part of {point} again"
        if undo
        else f"{point}.{part}: units of {point} with {', '.join(words or [])}"
    )
    change(asked, name, [point], edit, told)


@group.command(epilog="Example: cxtext codebook ignore support PP-012")
@shares(PLACE)
def ignore(name: Model, point: Point, asked: Asked, undo: Undo = False) -> None:
    """Set a pain point aside: it is counted, but not ranked."""
    from cxtext.store.codebook import decide

    told = f"{point} counts again" if undo else f"{point} is set aside"
    change(asked, name, [point], lambda document: decide(document, point, ignore=None if undo else True), told)


@group.command(epilog="Example: cxtext codebook pin support PP-003")
@shares(PLACE)
def pin(name: Model, point: Point, asked: Asked, undo: Undo = False) -> None:
    """Let a pain point survive every training, even when hardly anybody speaks of it."""
    from cxtext.store.codebook import decide

    told = f"{point} may be retired" if undo else f"{point} survives every training"
    change(asked, name, [point], lambda document: decide(document, point, pin=None if undo else True), told)


@group.command(epilog='Example: cxtext codebook seed support parking --words "car park"')
@shares(PLACE)
def seed(
    name: Model,
    point: Annotated[str, typer.Argument(metavar="ID", help="A short id for the theme.")],
    asked: Asked,
    words: Words = None,
    example: Says = None,
    label: Annotated[str, typer.Option("--label", metavar="LABEL", help="What it is to be called.")] = "",
    undo: Undo = False,
) -> None:
    """Add a theme of your own by words or examples, also before any training; more of them add to it."""
    from cxtext.errors import RequestError
    from cxtext.store.codebook import plant, uproot

    if undo == bool(words or example):
        raise RequestError("seed takes --words or --example, or --undo")

    def edit(document: Any) -> None:
        uproot(document, point) if undo else plant(document, point, label, list(words or []), list(example or []))

    change(asked, name, [], edit, f"{point} is no longer a seed" if undo else f"{point} is a seed of {name}")


@group.command(epilog='Example: cxtext codebook note support PP-003 "New queue system in May" --owner "contact centre"')
@shares(PLACE)
def note(
    name: Model,
    point: Point,
    asked: Asked,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="For whoever reads the report.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="WHO", help="Who looks after it.")] = None,
    undo: Undo = False,
) -> None:
    """Write a note on a pain point, or say who owns it."""
    from cxtext.errors import RequestError
    from cxtext.store.codebook import decide

    if undo == bool(text or owner):
        raise RequestError("note takes a text, --owner, or --undo")
    values = {"note": None, "owner": None} if undo else {k: v for k, v in (("note", text), ("owner", owner)) if v}
    change(asked, name, [point], lambda document: decide(document, point, **values), f"{point}: noted")
