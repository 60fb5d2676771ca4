"""The report as CSV for spreadsheets and BI tools: UTF-8, comma, RFC 4180 quotes, text cells neutralised."""

from __future__ import annotations

import csv
import io

from cxtext.report import tables as tidy
from cxtext.report.safety import cell
from cxtext.schema import PainPointReport


def pain_points_csv(report: PainPointReport) -> str:
    """One row per pain point in priority order, with the columns that the contract fixes.

    Blank = can't be given (too few answers, no such score); ``M_impact`` is the leave-out (unadjusted) impact.
    """
    return _csv(tidy.pain_points(report))


def tables(report: PainPointReport) -> dict[str, str]:
    """Every table of the report as CSV by its name; a table without rows is left out."""
    return {table.name: _csv(table) for table in tidy.tables(report)}


def sentences_csv(report: PainPointReport) -> str:
    """One row per sentence that mentions the pain point of a report from ``selection.with_mentions``."""
    return _csv(next(table for table in tidy.tables(report, empty=True) if table.name == "sentences"))


def written(value: tidy.Cell) -> str:
    """A cell as text: numbers to ten significant digits, text neutralised, ``None`` blank."""
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(value)
    if isinstance(value, int):
        return str(int(value))
    return f"{value:.10g}"


def _csv(table: tidy.Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell(column.name) for column in table.columns])
    writer.writerows([written(value) for value in row] for row in table.rows)
    return out.getvalue()
