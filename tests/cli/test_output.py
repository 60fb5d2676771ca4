"""An output that can't be written is refused before anything is read, by every command that has -o."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cxtext.cli.app import app

INPUTS = {
    # what comes before -o; none of it exists, so whoever reads first says so
    "analyze": ["nowhere.csv"],
    "score": ["nowhere.csv"],
    "assign": ["nowhere.csv", "--model", "none"],
    "export": ["nowhere", "--format", "csv"],
    "models export": ["none"],
}
TABLES = ("score", "assign")


def commands_with_output() -> set[str]:
    group: Any = typer.main.get_command(app)
    return {
        f"{name} {sub}".strip()
        for name, command in group.commands.items()
        for sub, each in getattr(command, "commands", {"": command}).items()
        if any(parameter.name == "output" for parameter in each.params)
    }


def refused(command: str, output: str) -> str:
    before = sorted(str(p) for p in Path().rglob("*"))
    done = CliRunner().invoke(app, [*command.split(), *INPUTS[command], "-o", output])
    assert done.exit_code == 1, done.output
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert sorted(str(p) for p in Path().rglob("*")) == before
    assert "nowhere" not in done.stderr
    assert "none" not in done.stderr
    return done.stderr


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine", encoding="utf-8")
    Path("folder.csv").mkdir()
    Path("folder.csv/notes").write_text("mine", encoding="utf-8")


def test_every_command_with_an_output_is_tried() -> None:
    assert commands_with_output() == set(INPUTS)


@pytest.mark.parametrize("command", INPUTS)
def test_a_folder_or_file_in_the_way_is_refused_first(command: str) -> None:
    assert "folder" in refused(command, "folder.csv")
    assert "file is not a folder" in refused(command, "file/out.csv")


@pytest.mark.parametrize("command", sorted(set(INPUTS) - {"analyze"}))
def test_a_missing_folder_is_refused_first(command: str) -> None:
    assert "there is no folder deep" in refused(command, "deep/out.csv")


@pytest.mark.parametrize("command", INPUTS)
def test_a_folder_that_is_not_ours_is_refused_first(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: not mode & os.W_OK)
    assert "can't be written to" in refused(command, "out.csv")


@pytest.mark.parametrize("command", TABLES)
def test_an_ending_without_a_format_is_refused_first(command: str) -> None:
    assert "use .csv, .tsv, .jsonl, .parquet" in refused(command, "rd.out")


@pytest.mark.parametrize("command", INPUTS)
def test_a_good_output_lets_the_input_be_read(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), *INPUTS[command], "-o", "out.csv"])
    assert done.exit_code == 1
    assert "nowhere" in done.stderr or "none" in done.stderr
