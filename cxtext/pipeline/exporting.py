"""Exports of a finished run: the report is read back from the run folder and drawn in another form."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxtext.errors import InputError, RequestError
from cxtext.report.jsonfmt import from_json
from cxtext.report.selection import ExportOptions, select, with_mentions
from cxtext.schema import PainPointReport
from cxtext.store import aside
from cxtext.store.output import check_file, is_stdout
from cxtext.store.run import read_run
from cxtext.store.tables import read_parquet

FORMATS = ("html", "md", "csv", "xlsx", "json")


def load_report(run: Path) -> PainPointReport:
    """The report of a run folder. Raises InputError when the folder isn't a run, or the report is damaged."""
    read_run(run)
    try:
        return from_json((run / "report.json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{run}: report.json is missing or damaged; run cxtext analyze again") from None


def export(
    run: Path,
    format_: str,
    output: Path | None,
    *,
    pain_point: str | None = None,
    top: int | None = None,
    min_n: int = 0,
    quotes: bool = True,
) -> None:
    """Write the report of `run` as `format_` to `output` (``None`` or ``-``: stdout).

    One pain point comes with every sentence that mentions it; as CSV it is the table of these.
    Raises RequestError for an unknown format or pain point, InputError when `run` isn't a run folder.
    """
    if format_ not in FORMATS:
        raise RequestError(f"--format {format_}: choose {', '.join(FORMATS)}")
    check_file(output)
    report = select(load_report(run), ExportOptions(pain_point=pain_point, top=top, min_n=min_n, quotes=quotes))
    if pain_point is not None:
        found = [row.pain_point.id for row in report.pain_points]  # none where --min-n leaves it out
        report = with_mentions(report, mentions_of(run, found[0]) if found else [])
    body, beside = render(report, format_)
    if output is None or is_stdout(output):
        sys.stdout.buffer.write(body)
        sys.stdout.flush()
        return
    for name, picture in beside.items():
        with aside.file(output.parent / name) as place:
            place.write_bytes(picture)
    with aside.file(output) as place:
        place.write_bytes(body)


def mentions_of(run: Path, pain_point: str) -> list[dict[str, Any]]:
    """Every sentence of the run that mentions one pain point, closest to its centre first.

    Raises InputError when the run's ``mentions.parquet`` is missing or damaged.
    """
    from pyarrow import compute

    table = read_parquet(run / "mentions.parquet")
    table = table.filter(compute.equal(table["pain_point"], pain_point))
    table = table.select(["response_id", "unit", "sentiment", "similarity", "text"])
    order = [("similarity", "descending"), ("response_id", "ascending"), ("unit", "ascending")]
    found: list[dict[str, Any]] = table.sort_by(order).to_pylist()
    return found


def render(report: PainPointReport, format_: str) -> tuple[bytes, dict[str, bytes]]:
    """The report in one format, and the pictures that stand beside it (Markdown only)."""
    if format_ == "xlsx":
        from cxtext.report.xlsx import to_xlsx

        return to_xlsx(report), {}
    if format_ == "md":
        from cxtext.report.markdown import to_markdown

        # A ticket is one file; the pictures of a whole report stand beside it.
        text, pictures = to_markdown(report, pictures="mentions" not in report.facts)
        return text.encode("utf-8", "replace"), pictures
    draw: Callable[[PainPointReport], str]
    if format_ == "html":
        from cxtext.report.html import to_html

        draw = to_html
    elif format_ == "csv":
        from cxtext.report.csvfmt import pain_points_csv, sentences_csv

        draw = sentences_csv if "mentions" in report.facts else pain_points_csv
    else:
        from cxtext.report.jsonfmt import to_json

        draw = to_json
    return draw(report).encode("utf-8", "replace"), {}
