"""The report as a workbook: a summary with charts, then one sheet per table, ready to filter.

Text is written as text whatever it starts with, and begins with an apostrophe where a spreadsheet would take it
for a formula once copied or saved as CSV. The same report gives the same bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from cxtext.report import charts, figures, tables, told
from cxtext.report.safety import cell, short
from cxtext.report.selection import ExportOptions, select
from cxtext.report.tables import Column, Table
from cxtext.schema import PainPointReport

# Excel's limits: 1,048,576 rows, 32,767 characters in a cell, 31 in the name of a sheet.
_ROWS = 1_000_000
_TEXT = 32_000
_FORMATS = {"count": "#,##0", "share": "0.0%", "number": "#,##0.00##", "q": '[<0.001]"<0.001";0.000', "text": "@"}
# Nothing in a report depends on the clock, so neither does the workbook.
_CREATED = datetime(2000, 1, 1)
_CHART_ROWS = 15
_PAGE_COLUMNS = 14


def to_xlsx(report: PainPointReport, *, options: ExportOptions | None = None) -> bytes:
    """The workbook's bytes: a summary sheet with native charts and a sheet per table that has rows."""
    import xlsxwriter

    report = select(report, options or ExportOptions())
    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, settings)
    book.set_properties({"title": _clean(report.title, 200), "created": _CREATED, "comments": "Made by cxtext"})
    formats = {kind: book.add_format({"num_format": code, "valign": "top"}) for kind, code in _FORMATS.items()}
    head = {"bold": True, "bottom": 1, "valign": "top", "text_wrap": True, "bg_color": "#EEF1F5"}
    formats["head"] = book.add_format(head)
    formats["after"] = book.add_format({**head, "indent": 1})
    formats["over"] = book.add_format({**head, "align": "right"})  # over numbers
    formats["title"] = book.add_format({"bold": True, "font_size": 16})
    formats["indent"] = book.add_format({"indent": 1})
    formats["score"] = book.add_format({"num_format": "#,##0.00"})
    formats["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    summary = book.add_worksheet("Summary")
    built = tables.tables(report)
    for table in built:
        _sheet(book, table, formats)
    _summary(book, summary, report, formats, built)
    book.close()
    return out.getvalue()


def _clean(text: Any, limit: int = _TEXT) -> str:
    return cell(short(str(text), limit).encode("utf-8", "replace").decode("utf-8"))


def _sheet(book: Any, table: Table, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_sheet_name(table))
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, _clean(column.name), formats["head" if column.kind == "text" else "over"])
        sheet.write_comment(0, j, _clean(column.meaning, 400), {"author": "cxtext"})
        sheet.set_column(j, j, _width(table, j, column))
    for i, row in enumerate(table.rows[:_ROWS], 1):
        for j, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                sheet.write_string(i, j, _clean(value), formats["text"])
            else:
                sheet.write_number(i, j, value, formats[column.kind if column.kind != "text" else "number"])
    sheet.set_landscape()
    if len(table.columns) <= _PAGE_COLUMNS:
        sheet.fit_to_pages(1, 0)
    else:  # squeezed onto one page it couldn't be read
        sheet.repeat_columns(0, 1)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 2 if table.columns[0].name == "pain_point" else 1)
    if table.rows:
        sheet.autofilter(0, 0, min(len(table.rows), _ROWS), len(table.columns) - 1)


def _sheet_name(table: Table) -> str:
    return table.name.replace("_", " ").capitalize()[:31]


def _width(table: Table, j: int, column: Column) -> float:
    if column.kind != "text":
        return max(9, len(column.name) + 2)
    longest = max((len(str(row[j] or "")) for row in table.rows[:200]), default=0)
    return min(max(longest, len(column.name)) + 2, 70 if column.name == "text" else 42)


def _summary(book: Any, sheet: Any, report: PainPointReport, formats: dict[str, Any], built: tuple[Table, ...]) -> None:
    rulers = figures.rulers(report.metrics)
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 44, formats["wrap"])
    sheet.set_column(1, 8, 15)
    sheet.write_string(0, 0, _clean(report.title, 200), formats["title"])
    headline = told.headline(report)
    if headline:
        sheet.merge_range(1, 0, 1, 6, _clean(headline, 500), formats["wrap"])
        sheet.set_row(1, 32)
    line = 3
    for text in _to_do(report):
        sheet.merge_range(line, 0, line, 6, _clean(text, 700), formats["wrap"])
        sheet.set_row(line, 32)
        line += 1
    line += 1
    counted = {"rows_in": "Rows read", "rows_used": "Rows used", "duplicates": "Near-duplicates, counted once"}
    for what, caption in (counted | {"complaints": "Sentences that complain"}).items():
        value = report.read.get(what)
        if value is not None and not figures.missing(value):
            sheet.write_string(line, 0, caption)
            sheet.write_number(line, 1, value, formats["count"])
            line += 1
    line += 1
    for j, name in enumerate(("Score", "Value", "Low", "High", "n", "Better")):
        sheet.write_string(line, j, name, formats["after" if j == 5 else "over" if j else "head"])
    for name, e in report.scores.items():
        line += 1
        kind = "share" if name in rulers and rulers[name].percent else "score"
        sheet.write_string(line, 0, _clean(rulers[name].name if name in rulers else name, 60))
        for j, value in enumerate((e.value, e.low, e.high), 1):
            if figures.known(e) and not figures.missing(value):
                sheet.write_number(line, j, value, formats[kind])
        sheet.write_number(line, 4, e.n, formats["count"])
        if name in rulers:
            sheet.write_string(line, 5, rulers[name].direction.split()[0], formats["indent"])
    line += 2
    sheet.write_string(line, 0, "Impact goes with a pain point, other things equal; it is no proof of a cause.")
    line = _sheets_list(sheet, built, formats, line + 2)
    points = next(t for t in built if t.name == "pain_points")
    for chart in _native(book, report, points):
        sheet.insert_chart(line, 0, chart)
        line += 22


def _to_do(report: PainPointReport) -> list[str]:
    """The three things to do first, whether the model still fits, and decisions that fit nothing; a line each."""
    lines = []
    for place, action in enumerate(told.actions(report), 1):
        name = f" ({action.pain_point})" if action.pain_point else ""
        lines.append(f"{place}. {action.headline}{name}: {'; '.join(action.reasons)}")
    fit, unfitting = told.model_fit(report), "; ".join(told.decisions(report, "unfitting"))
    lines += [f"Does the model still fit? {fit}"] if fit else []
    return lines + ([f"Decisions of the codebook that don't fit: {unfitting}"] if unfitting else [])


def _sheets_list(sheet: Any, built: tuple[Table, ...], formats: dict[str, Any], line: int) -> int:
    sheet.write_string(line, 0, "Sheet", formats["head"])
    sheet.write_string(line, 1, "Rows", formats["over"])
    sheet.write_string(line, 2, "What is in it", formats["after"])
    for i, table in enumerate(built, line + 1):
        sheet.write_url(i, 0, f"internal:'{_sheet_name(table)}'!A1", string=_sheet_name(table))
        sheet.write_number(i, 1, len(table.rows), formats["count"])
        sheet.write_string(i, 2, table.title, formats["indent"])
    return line + len(built) + 2


def _native(book: Any, report: PainPointReport, points: Table) -> list[Any]:
    """Bar charts of share and of each score's adjusted impact, drawn by the spreadsheet from its own cells."""
    n = min(len(points.rows), _CHART_ROWS)
    if not n:
        return []
    where = [c.name for c in points.columns]
    wanted = [("prevalence", "Share of responses", charts.PALETTE["good"], "0%")]
    for name, ruler in figures.rulers(report.metrics).items():
        title = f"{_clean(ruler.name, 40)} impact, adjusted ({ruler.direction})"
        wanted.append((f"{name}_adjusted", title, charts.PALETTE["bad"], "0.00"))
    result = []
    for column, title, colour, number_format in wanted:
        j = where.index(column)
        if not any(row[j] is not None for row in points.rows[:n]):
            continue
        chart = book.add_chart({"type": "bar"})
        sheet = _sheet_name(points)
        chart.add_series(
            {
                "name": title,
                "categories": [sheet, 1, 1, n, 1],
                "values": [sheet, 1, j, n, j],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "label_position": "low", "major_gridlines": {"visible": False}})
        chart.set_x_axis(
            {"num_format": number_format, "major_gridlines": {"visible": True, "line": {"color": "#D8DDE5"}}}
        )
        chart.set_size({"width": 820, "height": 410})
        result.append(chart)
    return result
