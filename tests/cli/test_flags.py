"""Every flag that a command shows is one that it uses; what it doesn't use is a usage error.

What a command uses isn't written down here: the settings that it is handed remember which of their fields were read.
"""

from __future__ import annotations

import ast
import inspect
import shutil
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cxtext.cli import options
from cxtext.cli.app import ROOMS, app
from cxtext.settings import Declared, Settings

KEPT = Path(__file__).resolve().parents[1] / "data" / "models"
WHO = ("The parcel", "My order", "The express delivery", "Their courier's package", "A shipment of mine")
WHAT = ("got lost at the depot", "arrived two weeks late", "was crushed and wet", "never reached my door")
SCENES: dict[str, list[list[str]]] = {
    # how each command is called, so often that every branch that reads a setting is taken
    "analyze": [["in.csv"], ["in.csv", "--model", "kept"]],
    "score": [["in.csv"], ["in.csv", "--model", "kept"]],
    "train": [["in.csv", "--model", "new", "--n-clusters", "2"]],
    "assign": [["in.csv", "--model", "kept"]],
    "evaluate": [["in.csv", "--label", "topic"], ["in.csv", "--label", "topic", "--model", "kept"]],
    "inspect": [["in.csv"]],
    "export": [["run", "--format", "csv"]],
    "compare": [["run", "run"]],
    "models list": [[]],
    "models show": [["kept"]],
    "models diff": [["kept@1", "kept@1"]],
    "models promote": [["kept@1"]],
    "models rollback": [["kept"]],
    "models remove": [["kept@9"]],
    "models export": [["kept", "-o", "out.cxmodel"]],
    "models import": [["out.cxmodel"]],
    "codebook show": [["kept"]],
    "codebook rename": [["kept", "PP-001", "Log-in"]],
    "codebook merge": [["kept", "PP-006", "PP-005"]],
    "codebook split": [["kept", "PP-002", "music", "--words", "music"]],
    "codebook ignore": [["kept", "PP-003"]],
    "codebook pin": [["kept", "PP-002"]],
    "codebook seed": [["kept", "lifts", "--words", "lift"]],
    "codebook note": [["kept", "PP-001", "A note"]],
}


def commands() -> dict[str, Any]:
    """Every command by what is typed, those of groups included."""
    group: Any = typer.main.get_command(app)
    found = {}
    for name, command in group.commands.items():
        for sub, each in getattr(command, "commands", {"": command}).items():
            found[f"{name} {sub}".strip()] = each
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CXTEXT_MODELS", raising=False)
    shutil.copytree(KEPT, "models")
    lines = [f"{a} {b} and nobody in support cares.,{b[:3]}" for a in WHO for b in WHAT]
    Path("in.csv").write_text("comment,topic\n" + "\n".join(lines), encoding="utf-8")
    return tmp_path


def recording(kind: type, read: set[str]) -> type:
    """A subclass whose objects, and what ``replace`` makes of them, note which fields are read."""
    names = {f.name for f in fields(kind)}

    def get(self: Any, name: str) -> Any:
        if name in names:
            code = sys._getframe(1).f_code
            if not code.co_filename.endswith("dataclasses.py") and code.co_name not in ("recorded", "<dictcomp>"):
                read.add(name)
        return object.__getattribute__(self, name)

    return type(kind.__name__, (kind,), {"__getattribute__": get, "__slots__": ()})


@pytest.mark.parametrize("name", SCENES)
def test_a_command_reads_every_setting_that_it_has_a_flag_for(
    name: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in ("export", "compare"):
        CliRunner().invoke(app, ["analyze", "in.csv", "-o", "run", "--quiet"])
    if name == "models import":
        CliRunner().invoke(app, ["models", "export", "kept", "-o", "out.cxmodel"])
    read: set[str] = set()
    shown: set[str] = set()
    plain = options.asked

    def asked(given: dict[str, Any], *own: Any) -> options.Asked:
        shown.update(given)
        if "config" in given:
            read.add("config")  # it is what `asked` itself is for
        got = plain(given, *own)
        copies = [
            recording(type(each), read)(**{f.name: getattr(each, f.name) for f in fields(each)})
            for each in (got.declared, got.settings)
        ]
        return options.Asked(*copies)

    monkeypatch.setattr(options, "asked", asked)
    for scene in SCENES[name]:
        done = CliRunner().invoke(app, [*name.split(), *scene])
        refused = name in ("models rollback", "models remove")  # the kept model has one version
        assert done.exit_code == int(refused), done.output
    assert not shown - read, f"cxtext {name} has flags that it doesn't use: {sorted(shown - read)}"
    assert shown <= {f.name for kind in (Declared, Settings) for f in fields(kind)} | {"config"}


def test_every_command_is_walked_through() -> None:
    assert set(commands()) == set(SCENES)


def test_commands_use_every_argument_of_their_own() -> None:
    for room in ROOMS:
        tree = ast.parse(inspect.getsource(import_module(f"cxtext.cli.{room}")))
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and function.decorator_list:
                used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
                unused = {a.arg for a in function.args.args} - used
                assert not unused, f"cxtext {room}: {function.name} ignores {sorted(unused)}"


UNUSED = [
    *(("assign", flag) for flag in ("n-clusters", "vectors", "min-cell", "csat", "nps", "ces", "outcome", "segment")),
    *(("assign", flag) for flag in ("customer", "date", "channel", "touchpoint", "stage", "author-role")),
    *(("evaluate", flag) for flag in ("codebook", "min-cell", "nps", "segment", "scores")),
    *(("score", flag) for flag in ("id", "customer", "date", "csat", "nps", "ces", "outcome", "segment", "channel")),
    *(("inspect", flag) for flag in ("jobs", "engine", "scheduler", "models-dir")),
    ("train", "min-cell"),
]


@pytest.mark.parametrize(("command", "flag"), UNUSED)
def test_a_flag_without_a_use_is_a_usage_error(command: str, flag: str) -> None:
    done = CliRunner().invoke(app, [command, "in.csv", f"--{flag}", "2"])
    assert done.exit_code == 2, done.output


@pytest.mark.parametrize("command", ["score", "assign", "inspect", "train", "evaluate"])
def test_what_the_file_says_of_other_commands_flags_is_left_to_them(command: str, here: Path) -> None:
    Path("cxtext.toml").write_text(
        'nps = "nowhere"\nscores = ["nowhere.csv"]\non = "nothing"\nsegment = ["nowhere"]\nmin-cell = 3\n',
        encoding="utf-8",
    )
    arguments = {"train": ["--model", "new"], "assign": ["--model", "kept"], "evaluate": ["--label", "topic"]}
    done = CliRunner().invoke(app, [command, "in.csv", *arguments.get(command, [])])
    if command in ("inspect", "train"):  # they have --nps and --segment, but no --scores
        assert "nowhere" in done.stderr
        assert "nowhere.csv" not in done.stderr
    else:
        assert done.exit_code == 0, done.output


def test_calls_that_others_rely_on(here: Path) -> None:
    more = ["--text", "comment", "--model", "m", "--models-dir", "d", "--unit", "response", "--keep", "all", "--quiet"]
    for call in (
        ["train", "in.csv", *more],
        ["assign", "in.csv", *more, "-o", "out.csv"],
        ["score", "in.csv", "--text", "comment", "-o", "scored.csv", "--quiet", "--jobs", "1"],
    ):
        done = CliRunner().invoke(app, call)
        assert done.exit_code == 0, done.output
