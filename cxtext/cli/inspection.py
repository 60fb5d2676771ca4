"""The facts of ``cxtext inspect`` as a page for the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

SHOWN_REJECTS = 10


def show(facts: Mapping[str, Any]) -> None:
    """Print what would be read from each file, and what the texts hold."""
    console = Console(width=None if sys.stdout.isatty() else 100, soft_wrap=False)
    for file in facts["files"]:
        _file(console, file)
    print_line(console, f"All together: {facts['rows']:,} rows, {facts['used']:,} usable.")
    if facts["rejected"]:
        print_line(console, "Rejected: " + counted(facts["rejected"]))
    print_line(console, "Languages: " + (counted(facts["languages"]) or "no texts"))
    print_line(
        console,
        "Personal data to redact: "
        + (counted(facts["personal_data"]) or "none found (names and addresses aren't looked for)"),
    )
    print_line(console, f"Near-duplicates (counted once): {facts['near_duplicates']:,}")
    for note in facts["notes"]:
        print_line(console, f"Note: {note}")


def counted(counts: Mapping[str, int]) -> str:
    """``en 120, fr 3``"""
    return ", ".join(f"{name} {n:,}" for name, n in counts.items())


def print_line(console: Console, line: str) -> None:
    console.print(Text(_plain(line)))


def _plain(line: object) -> str:
    return "".join(c if c.isprintable() else " " for c in str(line))


def _file(console: Console, file: Mapping[str, Any]) -> None:
    what = " ".join(part for part in (file["kind"], file["encoding"], file["dialect"]) if part)
    days = f", {file['first_day']} to {file['last_day']}" if file["first_day"] else ""
    print_line(console, f"{file['name']}: {what}; {file['rows']:,} rows, {file['with_text']:,} with text{days}")
    table = Table("column", "role", "missing", "examples", show_edge=False, pad_edge=False, header_style="bold")
    for column in file["columns"]:
        examples = ", ".join(_plain(e)[:24] for e in column["examples"])
        table.add_row(Text(_plain(column["name"])), column["role"], f"{column['missing']:,}", Text(examples))
    console.print(table)
    for choice in file["choices"]:
        why = "declared" if choice["declared"] else choice["reason"]
        print_line(console, f"  {choice['role']} = {choice['column']!r}: {why}")
    for score in file["scores"]:
        levels = "; ".join(f"{value:g}: {n:,}" for value, n in score["levels"])
        print_line(
            console,
            f"  {score['name']} ({score['scale']}), {score['values']:,} values" + (f" - {levels}" if levels else ""),
        )
    print_line(console, f"  duplicates: {file['duplicate_rows']:,} rows, {file['duplicate_texts']:,} texts")
    for row in file["rejected_rows"][:SHOWN_REJECTS]:
        print_line(
            console, f"  rejected row {row['row']}: {row['reason']}" + (f" ({row['detail']})" if row["detail"] else "")
        )
    if file["set_to_missing"]:
        print_line(console, "  set to missing: " + counted(file["set_to_missing"]))
    for note in file["notes"]:
        print_line(console, f"  note: {note}")
    console.print()
