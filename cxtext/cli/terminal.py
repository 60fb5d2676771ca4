"""The summary on stdout: colour only on a terminal, plain text when piped."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from rich.console import Console

from cxtext.report.terminal import summary
from cxtext.schema import PainPointReport


def show(report: PainPointReport, output: Path | None) -> None:
    """Print the top pain points, what was read and dropped, and where the report is."""
    width = min(shutil.get_terminal_size((80, 24)).columns, 100) if sys.stdout.isatty() else 80
    where = str(output / "report.html") if output is not None else None
    Console(width=width, soft_wrap=True).print(summary(report, width, where=where), highlight=False)
