"""Splitting delimited text into records when it breaks the rules: a forgiving reader for messy files.

What it forgives, and how: a quote inside a quoted cell ends the cell only before a delimiter or the end of a line;
a quote that never finds its partner, or finds it in someone else's cell, is taken as a plain character; a cell may
span lines; a delimiter may have several characters; quotes may be doubled or escaped with a backslash.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_CELL = 64 << 20  # characters a quoted cell may span before its opening quote is taken for a plain character
MAX_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited file is written. `escape` is ``\\`` or empty; quotes may always be doubled."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""

    def describe(self) -> str:
        """The dialect in a few words for the user, e.g. ``semicolon``, ``tab, backslash escapes``."""
        name = DELIMITER_NAMES.get(self.delimiter, repr(self.delimiter)) if self.delimiter else "one column"
        extras = ["single quotes"] if self.quote == "'" else []
        extras += ["backslash escapes"] if self.escape else []
        return ", ".join([name, *extras])


DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "^": "caret", ":": "colon", " ": "space"}


@lru_cache(maxsize=64)
def _patterns(dialect: Dialect) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns for: a run of quotes (or an escaped character), what may follow a closing quote, an opening quote."""
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    run = rf"\\.|{quote}+" if dialect.escape else rf"{quote}+"
    blank = " *" if dialect.delimiter.startswith("\t") else r"[ \t]*"
    end = rf"{blank}(?:({delimiter})|(?:\r\n|\n|\r)?\Z)" if delimiter else rf"{blank}()(?:\r\n|\n|\r)?\Z"
    opening = rf"[\r\n](?:[^\r\n]*{delimiter})?{quote}(?!{quote})" if delimiter else rf"[\r\n]{quote}(?!{quote})"
    return re.compile(run, re.DOTALL), re.compile(end), re.compile(opening)


def records(
    lines: Iterable[str], dialect: Dialect, width: int = 0, max_lines: int = MAX_LINES
) -> Iterator[tuple[list[str], int]]:
    """Split `lines` (with their line ends) into records: their cells, and how many lines each takes.

    An empty line gives ``['']``. `width`, when known, is the number of columns: it settles which reading of a
    stray quote is right. A cell of more than `max_lines` lines isn't one: its opening quote is a plain character
    (0: no limit, and a cell that is never closed takes all the rest).
    """
    source = iter(lines)
    pushed: deque[str] = deque()
    quote, delimiter = dialect.quote, dialect.delimiter
    quick = _quick_reader(dialect, width)
    while True:
        line = pushed.popleft() if pushed else next(source, None)
        if line is None:
            return
        if not quote or quote not in line:
            body = line.rstrip("\r\n")
            cells = body.split(delimiter) if delimiter else [body]
            yield cells, 1
        elif (regular := quick(line)) is not None:
            yield regular, 1
        else:
            yield _quoted_record(line, source, pushed, dialect, width, max_lines)


def _quick_reader(dialect: Dialect, width: int) -> Callable[[str], list[str] | None]:
    """A reader of single lines that keep all rules, ``None`` for any other: Python's own, at its strictest."""
    quote, delimiter, escape = dialect.quote, dialect.delimiter, dialect.escape
    if len(delimiter) != 1 or not width:
        return lambda line: None
    gap = delimiter + " " + quote

    def read(line: str) -> list[str] | None:
        if gap in line or line.startswith(" ") or (escape and escape in line):
            return None
        try:
            cells = next(csv.reader((line,), delimiter=delimiter, quotechar=quote, strict=True))
        except csv.Error:
            return None
        return cells if len(cells) == width else None

    return read


def _quoted_record(
    line: str, source: Iterator[str], pushed: deque[str], dialect: Dialect, width: int, max_lines: int
) -> tuple[list[str], int]:
    """One record that has quotes in it, which may go on over the next lines."""
    taken = [line]

    def fetch() -> str | None:
        if max_lines and len(taken) > max_lines:
            return None
        following = pushed.popleft() if pushed else next(source, None)
        if following is not None:
            taken.append(following)
        return following

    cells, closed = _cells(line, dialect, fetch)
    if len(taken) == 1:
        return (cells if not width or len(cells) == width else _second_reading(line, dialect, width, cells)), 1
    if not closed and not max_lines:
        return cells, len(taken)
    if not closed or (width and len(cells) != width) or _patterns(dialect)[2].search("".join(taken)):
        # does the first line stand on its own, if its quote without a partner is taken for a plain character?
        alone, _ = _cells(line, dialect, None)
        if (width and len(alone) == width) or (not closed and len(taken) > 50):
            pushed.extendleft(reversed(taken[1:]))
            return [_strip_quotes(cell, dialect.quote) for cell in alone], 1
    return cells, len(taken)


def _cells(text: str, dialect: Dialect, fetch: Callable[[], str | None] | None) -> tuple[list[str], bool]:
    """The cells of the record that starts with `text`; `fetch()` gives the next line, ``None`` at the end.

    Without `fetch` a quote that isn't closed on the line is a plain character. With it, the cell runs to the end of
    what there is, and the flag returned is False.
    """
    quote, delimiter = dialect.quote, dialect.delimiter
    cells: list[str] = []
    pos = 0
    while True:
        start = pos
        while text.startswith(" ", start):
            start += 1
        if text.startswith(quote, start):
            text, close, after, again = _closing(text, start + 1, dialect, fetch)
            if close >= 0:
                cells.append(_content(text[start + 1 : close], dialect))
                if not again:
                    return cells, True
                pos = after
                continue
            if fetch is not None:
                cells.append(_content(text[start + 1 :].rstrip("\r\n"), dialect))
                return cells, False
        stop = text.find(delimiter, pos) if delimiter else -1
        if stop < 0:
            cells.append(text[pos:].rstrip("\r\n"))
            return cells, True
        cells.append(text[pos:stop])
        pos = stop + len(delimiter)


def _closing(
    text: str, search: int, dialect: Dialect, fetch: Callable[[], str | None] | None
) -> tuple[str, int, int, bool]:
    """Find the quote that ends a cell: text read so far, its place (-1: none), where to go on, is a cell next."""
    run, end, _ = _patterns(dialect)
    while True:
        for match in run.finditer(text, search):
            search = match.end()
            if match[0][0] == "\\" or len(match[0]) % 2 == 0:
                continue
            tail = end.match(text, search)
            if tail is not None:
                return text, search - 1, tail.end(), bool(tail[1])
        if fetch is None or len(text) > MAX_CELL:
            return text, -1, 0, False
        search = max(search, len(text))
        parts = [text]
        while (following := fetch()) is not None:
            parts.append(following)
            if dialect.quote in following:
                break
        if len(parts) == 1:
            return text, -1, 0, False
        text = "".join(parts)


def _content(cell: str, dialect: Dialect) -> str:
    """The text between two quotes, without its doubled or escaped quotes."""
    if dialect.quote * 2 in cell:
        cell = cell.replace(dialect.quote * 2, dialect.quote)
    return _unescape(cell, dialect) if dialect.escape and "\\" in cell else cell


def _unescape(cell: str, dialect: Dialect) -> str:
    return cell.replace("\\" + dialect.quote, dialect.quote).replace("\\\\", "\\")


def _second_reading(line: str, dialect: Dialect, width: int, cells: list[str]) -> list[str]:
    """Try the other readings of odd quotes in a one-line record; the one that gives `width` cells wins."""
    body = line.rstrip("\r\n")
    plain = body.split(dialect.delimiter) if dialect.delimiter else [body]
    if len(plain) == width:
        return [_strip_quotes(cell, dialect.quote) for cell in plain]
    if len(cells) == 1 and width > 1 and body.startswith(dialect.quote) and body.endswith(dialect.quote):
        # a whole line wrapped in quotes, as spreadsheets do when they take it for one cell
        inner, _ = _cells(cells[0], dialect, None)
        if len(inner) == width:
            return inner
    if len(cells) > width:
        return _later_closings(body, dialect, width) or cells
    return cells


def _later_closings(body: str, dialect: Dialect, width: int) -> list[str] | None:
    """Cut a line with quotes that nobody escaped into `width` cells, letting cells end at a later quote than the first.

    The first way of cutting that leaves no quote torn from its partner wins; ``None`` if there is no such way.
    """
    run, end, _ = _patterns(dialect)
    quote, delimiter = dialect.quote, dialect.delimiter
    steps = 0

    def cut(pos: int, cells: list[str]) -> list[str] | None:
        nonlocal steps
        steps += 1
        if len(cells) >= width or steps > 500:
            return None
        start = pos
        while body.startswith(" ", start):
            start += 1
        if body.startswith(quote, start):
            for match in run.finditer(body, start + 1):
                tail = end.match(body, match.end())
                if tail is None or match[0][0] == "\\":
                    continue
                content = body[start + 1 : match.end() - 1]
                if content.count(quote) % 2:
                    continue
                longer = [*cells, _content(content, dialect)]
                if not tail[1]:
                    return longer if len(longer) == width else None
                found = cut(tail.end(), longer)
                if found is not None:
                    return found
            return None
        stop = body.find(delimiter, pos)
        cell = body[pos:] if stop < 0 else body[pos:stop]
        if quote in cell:
            return None
        if stop < 0:
            return [*cells, cell] if len(cells) + 1 == width else None
        return cut(stop + len(delimiter), [*cells, cell])

    return cut(0, []) if delimiter and width < 200 else None


def _strip_quotes(cell: str, quote: str) -> str:
    bare = cell.strip()
    if len(bare) >= 2 and bare[0] == bare[-1] == quote:
        return bare[1:-1].replace(quote * 2, quote)
    return cell
