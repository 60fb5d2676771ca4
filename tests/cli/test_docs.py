"""Help and manual cannot drift: docs/commands.md is what the commands say of themselves.

After a change on purpose: CXTEXT_ACCEPT=1 pytest tests/cli/test_docs.py -n 0
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from cxtext.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
MANUAL = ROOT / "docs" / "commands.md"
HEAD = """# Commands

Everything that `cxtext --help` says, in one place. Flags may also stand in `cxtext.toml` (by their names, `-` or `_`);
a flag on the command line wins. Exit status: 0 done, 1 the input or the request is wrong (one line says what to do),
2 the command line can't be read, 3 a bug, 130 interrupted.
"""


def described(command: Any, name: str) -> list[str]:
    lines = [f"## cxtext {name}", "", " ".join((command.help or "").split()), ""]
    if getattr(command, "commands", None):
        for sub in sorted(command.commands):
            lines += described(command.commands[sub], f"{name} {sub}")
        return lines
    rows = []
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        shown = parameter.metavar or ("" if getattr(parameter, "is_flag", False) else parameter.name.upper())
        typed = ", ".join(getattr(parameter, "opts", [])) if parameter.param_type_name == "option" else ""
        text = " ".join(str(getattr(parameter, "help", "") or "").split())
        rows.append(f"| `{' '.join(part for part in (typed, shown) if part)}` | {text} |".replace("|html", "\\|html"))
    escaped = [row if row.count("|") == 3 else _escape(row) for row in rows]
    lines += ["| argument | meaning |", "|---|---|", *escaped, ""] if rows else []
    if command.epilog:
        lines += [" ".join(command.epilog.split()), ""]
    return lines


def _escape(row: str) -> str:
    """Bars inside a cell are escaped, those between cells are not."""
    typed, text = row[2:-2].split("` | ", 1)
    return "| " + typed.replace("\\|", "|").replace("|", "\\|") + "` | " + text.replace("|", "\\|") + " |"


def manual() -> str:
    group: Any = typer.main.get_command(app)
    lines = [HEAD]
    for name in sorted(group.commands):
        lines += described(group.commands[name], name)
    return "\n".join(lines).rstrip() + "\n"


def test_the_manual_is_what_the_commands_say() -> None:
    if os.environ.get("CXTEXT_ACCEPT"):
        MANUAL.write_text(manual(), encoding="utf-8")
    assert MANUAL.read_text(encoding="utf-8") == manual(), "docs/commands.md is out of date (see this file's head)"


def test_every_command_says_what_it_does() -> None:
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        for each in [command, *getattr(command, "commands", {}).values()]:
            assert each.help, name
            for parameter in each.params:
                if parameter.name != "help":
                    assert getattr(parameter, "help", None), f"{name} {parameter.name}"
