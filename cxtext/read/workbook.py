"""Reading workbooks (XLSX): values typed, dates as ISO, the first sheet with data unless one is named."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from cxtext.errors import InputError
from cxtext.read.dialect import column_names
from cxtext.read.locate import Entry, digest, first_line
from cxtext.read.structured import BATCH_ROWS, Batch, Structured, cell_text


@dataclass
class Xlsx(Structured):
    """One sheet of a workbook, its cells as text (numbers plainly written, dates as ISO)."""

    sheet: str = ""
    header_row: int = 0

    def batches(self) -> Iterator[Batch]:
        """The rows in order; empty rows are no rows."""
        width = len(self.columns)
        rows: list[tuple[str | None, ...]] = []
        used = start = 0
        with self.entry.seekable() as stream, _workbook(self.entry, stream) as book:
            for values in book[self.sheet].iter_rows(min_row=self.header_row + 2, values_only=True):
                cells = tuple(cell_text(value) for value in values[:width])
                if not any(cells):
                    continue
                rows.append(cells + (None,) * (width - len(cells)))
                used += sum(len(cell) for cell in cells if cell)
                if len(rows) >= BATCH_ROWS or used > 8 << 20:
                    yield self._table(rows), np.arange(start, start + len(rows), dtype=np.int64), []
                    start, rows, used = start + len(rows), [], 0
        if rows:
            yield self._table(rows), np.arange(start, start + len(rows), dtype=np.int64), []

    def _table(self, rows: list[tuple[str | None, ...]]) -> pa.Table:
        columns = zip(*rows, strict=True)
        return pa.table([pa.array(column, pa.string()) for column in columns], names=list(self.columns))


@contextmanager
def _workbook(entry: Entry, stream: Any) -> Iterator[Any]:
    """The workbook in `stream`; whatever its libraries stumble over becomes an InputError."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    damage = (
        InvalidFileException,
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        OSError,
        SyntaxError,
        TypeError,
    )
    try:
        with zipfile.ZipFile(stream) as archive:
            packed = stream.seek(0, 2)
            entry.unpacking.check_members(entry.name, archive.infolist(), packed)
        stream.seek(0)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        yield book
        book.close()
    except (*damage, AttributeError, IndexError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{entry.name}: not a readable XLSX file ({first_line(error)}); open and save it again"
        ) from None


def open_xlsx(entry: Entry, sheet: str | None) -> Xlsx:
    """Pick the sheet (the first with data unless named) and its header row (the first with most cells filled)."""
    sha256, size = digest(entry.path)
    with entry.seekable() as stream, _workbook(entry, stream) as book:
        names = [each.title for each in book.worksheets]
        if sheet is not None and sheet not in names:
            raise InputError(f"{entry.name}: there is no sheet {sheet!r}; it has {', '.join(names)}")
        for title in [sheet] if sheet is not None else names:
            top = [list(values) for _, values in zip(range(30), book[title].iter_rows(values_only=True), strict=False)]
            filled = [sum(value not in (None, "") for value in values) for values in top]
            if any(filled):
                break
        else:
            raise InputError(f"{entry.name}: {'the sheet has' if sheet else 'no sheet has'} any data")
    at = next(i for i, count in enumerate(filled) if count >= 0.6 * max(filled))
    header = [cell_text(value) or "" for value in top[at]]
    while (
        header and not header[-1].strip() and all(len(row) < len(header) or row[len(header) - 1] is None for row in top)
    ):
        header.pop()
    columns, notes = column_names(header)
    if at:
        notes.insert(0, f"{at} row{'s' if at > 1 else ''} above the header left out")
    if len(names) > 1:
        notes.insert(0, f"sheet {title!r} read, not {', '.join(n for n in names if n != title)}; --sheet picks another")
    return Xlsx(entry, tuple(columns), sha256, size, notes, "", "", title, at)
