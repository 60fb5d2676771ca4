"""The flags that commands share, each described once, and the settings that they add up to."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import typer

from cxtext.cli.errors import handled
from cxtext.settings import Declared, Settings, checked_options, config_values, options
from cxtext.values import Written


@dataclass(frozen=True)
class Flag:
    """One flag: the name it has in the settings, its type, how it is typed, what help says."""

    name: str
    kind: Any
    typed: tuple[str, ...]
    help: str
    metavar: str | None = None
    panel: str | None = None
    hidden: bool = False

    def parameter(self) -> inspect.Parameter:
        option = typer.Option(
            None,
            *self.typed,
            help=self.help,
            metavar=self.metavar,
            rich_help_panel=self.panel,
            hidden=self.hidden,
            show_default=False,
        )
        return inspect.Parameter(self.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=self.kind)


TEXT, LIST, WHOLE, YES = str | None, list[str] | None, int | None, bool | None
_COLUMNS, _READ, _WORK, _CLUSTER, _JOIN = (
    "Columns",
    "Reading",
    "Working",
    "Units and clusters",
    "Scores from other files",
)

COLUMNS = (
    Flag("text", TEXT, ("--text",), "The column with the customer's words.", "COL", _COLUMNS),
    Flag("id", TEXT, ("--id",), "The response's own id.", "COL", _COLUMNS),
    Flag("customer", TEXT, ("--customer",), "Who wrote it; repeats are allowed for.", "COL", _COLUMNS),
    Flag("date", TEXT, ("--date",), "When it was written.", "COL", _COLUMNS),
    Flag(
        "csat",
        TEXT,
        ("--csat",),
        "Satisfaction with a moment, e.g. csat, score:1-7 or score:0-100:top=80.",
        "COL[:MIN-MAX]",
        _COLUMNS,
    ),
    Flag("nps", TEXT, ("--nps",), "Likelihood to recommend, 0-10.", "COL", _COLUMNS),
    Flag("ces", TEXT, ("--ces",), "Effort score; say which end is good.", "COL:MIN-MAX:high-good|low-good", _COLUMNS),
    Flag(
        "outcomes",
        LIST,
        ("--outcome",),
        "Any other outcome (repeatable).",
        "COL:rate|number:high-good|low-good",
        _COLUMNS,
    ),
    Flag("segments", LIST, ("--segment",), "A column to break results down by (repeatable).", "COL", _COLUMNS),
    Flag("channel", TEXT, ("--channel",), "Where it was said: app, phone, store ...", "COL", _COLUMNS),
    Flag("touchpoint", TEXT, ("--touchpoint",), "The step of the journey it is about.", "COL", _COLUMNS),
    Flag("stage", TEXT, ("--stage",), "The stage of the customer's journey.", "COL", _COLUMNS),
    Flag("author_role", TEXT, ("--author-role",), "Customer or staff; staff is kept apart.", "COL", _COLUMNS),
)
JOIN = (
    Flag("scores", LIST, ("--scores",), "A file of scores to join (repeatable).", "FILE", _JOIN),
    Flag("on", TEXT, ("--on",), "The key to join on; it stands in both files.", "KEY", _JOIN),
    Flag("within", TEXT, ("--within",), "Join the nearest score no further away than this.", "90d", _JOIN),
)
READING = (
    Flag("query", TEXT, ("--query",), "The query, when the input is a database's address.", "SQL", _READ),
    Flag("encoding", TEXT, ("--encoding",), "The text's encoding, if detection got it wrong.", "NAME", _READ),
    Flag("delimiter", TEXT, ("--delimiter",), "The delimiter, if detection got it wrong.", "CHAR", _READ),
    Flag("sheet", TEXT, ("--sheet",), "The sheet of a workbook.", "NAME", _READ),
    Flag("order_ids", TEXT, ("--order-ids",), "A pattern for order numbers to redact.", "REGEX", _READ),
)
GROUPING = (
    Flag(
        "unit",
        TEXT,
        ("--unit",),
        "What is grouped: sentence, clause or response.",
        "sentence|clause|response",
        _CLUSTER,
    ),
    Flag("keep", TEXT, ("--keep",), "Group only complaints, or all units.", "complaints|all", _CLUSTER),
    Flag("n_clusters", TEXT, ("--n-clusters",), "How many pain points; auto finds the number.", "auto|K", _CLUSTER),
    Flag("vectors", TEXT, ("--vectors",), "An encoder of your own.", "sentence-transformers:PATH", _CLUSTER),
)
CODEBOOK = (
    Flag(
        "codebook",
        TEXT,
        ("--codebook",),
        "A codebook file, or cx for the one that comes with cxtext.",
        "FILE|cx",
        _CLUSTER,
    ),
)
FIGURES = (
    Flag("min_cell", WHOLE, ("--min-cell",), "The smallest group that figures are given for (10).", "N", _CLUSTER),
)
WORKING = (
    Flag("models_dir", TEXT, ("--models-dir",), "Where models live (./models, or CXTEXT_MODELS).", "DIR", _WORK),
    Flag("jobs", WHOLE, ("--jobs",), "Processes to work with; results don't depend on it.", "N", _WORK),
    Flag("engine", TEXT, ("--engine",), "Work on this machine, or on a Dask cluster.", "local|dask", _WORK),
    Flag("scheduler", TEXT, ("--scheduler",), "The address of the Dask scheduler.", "ADDRESS", _WORK),
    Flag("chunk_rows", WHOLE, ("--chunk-rows",), "Rows read at a time.", "N", _WORK, hidden=True),
    Flag("config", TEXT, ("--config",), "Options from a TOML file; flags win.", "FILE", _WORK),
    Flag("quiet", YES, ("--quiet",), "Say nothing but errors.", None, _WORK),
)


FLAGS = frozenset(f.name for group in (COLUMNS, JOIN, READING, GROUPING, CODEBOOK, FIGURES, WORKING) for f in group)


def some(group: tuple[Flag, ...], *names: str) -> tuple[Flag, ...]:
    """The flags of a group with these names: those that a command uses."""
    return tuple(flag for flag in group if flag.name in names)


@dataclass(frozen=True)
class Asked:
    """What the user asked for: the declared columns and the settings, from flags and file."""

    declared: Declared
    settings: Settings


def asked(given: dict[str, Any], own: Collection[str] | None = None) -> Asked:
    """Put flags and configuration file together; flags win. Raises RequestError for what can't be meant.

    ``own`` are the names of the command's flags: what the file says of others is for other commands.
    """
    values = config_values(given.pop("config", None))
    if own is not None:
        values = {name: value for name, value in values.items() if name in own or name not in FLAGS | {"model"}}
    typed = {name: value for name, value in given.items() if value not in (None, [])}
    values.update(checked_options(typed, Written.as_flag()))
    return Asked(*options(values))


def shares(*groups: tuple[Flag, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the flags of `groups`; it receives them as one argument ``asked``."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        flags = [flag for group in groups for flag in group]
        hints = typing.get_type_hints(command, include_extras=True)
        arguments = [
            p.replace(annotation=hints.get(p.name, p.annotation), kind=inspect.Parameter.KEYWORD_ONLY)
            for p in inspect.signature(command).parameters.values()
            if p.name != "asked"
        ]
        takes = len(arguments) < len(inspect.signature(command).parameters)

        @functools.wraps(command)
        def run(**given: Any) -> None:
            with handled():
                if takes:
                    own = {flag.name: given.pop(flag.name) for flag in flags}
                    given["asked"] = asked(own, frozenset(own))
                command(**given)

        parameters = arguments + [flag.parameter() for flag in flags]
        del run.__wrapped__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        return run

    return decorate


def register(app: typer.Typer, room: ModuleType) -> None:
    """Add the command or the group of commands that a module of this package holds."""
    if hasattr(room, "group"):
        app.add_typer(room.group)
        return
    app.command(room.NAME, epilog=room.EXAMPLE)(room.command)
