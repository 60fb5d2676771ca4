"""Finding out how a delimited file is written: delimiter, quotes, escapes, lines above the header, the header."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from cxtext.errors import InputError
from cxtext.read.tolerant import DELIMITER_NAMES, Dialect, records

SINGLE = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01", "¦", ":", "#")
REPEATED = re.compile(
    r"(?<=[\w\"'])((?:\|\||::|;;|,,|\t\t|\^\^|~~|##|@@|\|~\||\^\|\^|~\|~|\t\|\t|\|;\||%%|&&|<>|\$\$|!!))"
)
SAMPLE_ROWS = 400
CELL_LINES = 30  # more would be an odd cell; a quote that stands open for so long is taken for a stray one
SAMPLE_CELLS = 5_000
NUMBER = re.compile(r"^[-+]?[$€£]?\d[\d.,' ]*%?$")
DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?$|^\d{4}-\d\d-\d\d")
NAME = re.compile(r"^[^\W\d][\w./()&-]{0,30}( [\w./()&-]{1,20}){0,3}\??$")  # of a column
BLANKS = (" ", "\u00a0")
AFTER_COLON = (*BLANKS, *"0123456789/()-")
PROSE = frozenset(",;:#^~")  # marks of sentences, that also part cells
MOST_OF_PROSE = 4  # cells that a sentence falls into if cut there
SHORT = re.compile(r"^[\w .,'’&/()?!+@%-]{1,48}$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table stands in a delimited text and how it is written.

    ``names``: one per column of the file; ``kept``: how many of them are real (a trailing delimiter leaves an empty
    last one). ``skipped_lines`` stand above the first data row (preamble and header), ``skipped_chars`` long.
    ``wrapped``: each line stands in quotes as a whole and has to be taken out of them first.
    """

    dialect: Dialect
    names: tuple[str, ...]
    kept: int
    skipped_lines: int
    skipped_chars: int
    notes: tuple[str, ...] = ()
    wrapped: bool = False


def sniff(sample: str, *, name: str, delimiter: str | None = None, complete: bool = True) -> Layout:
    """The layout that explains the beginning of a file best. `complete`: the sample is the whole file.

    Raises InputError where there is nothing but blank lines.
    """
    if not sample.strip():
        raise InputError(f"{name}: the file is empty")
    announced = re.match(r"sep=(.)\r?\n", sample)
    if announced and delimiter is None:
        delimiter = announced[1]
    score, dialect, rows, width = _best(sample, delimiter, complete, CELL_LINES)
    limit = 100
    if score < 0.5 and not complete and _long_quoted(sample):
        # perhaps a cell of very many lines: let an open quote run to the end of the sample
        other = _best(sample, delimiter, complete, 0)
        if other[0] > score:
            (_, dialect, rows, width), limit = other, 0
    if width == 1 and delimiter is None:
        lines = sample.splitlines()
        wrapped = [line for line in lines if len(line) > 2 and line[0] == line[-1] == '"']
        if len(wrapped) > max(1, 0.9 * len([line for line in lines if line.strip()])):
            inner = sniff("".join(unwrapped(line + "\n") for line in lines), name=name, complete=complete)
            if len(inner.names) > 1:
                return replace(inner, wrapped=True, notes=(*inner.notes, "each line stood in quotes as a whole"))
    # with the width known, stray quotes can be told from real ones: read the sample again
    rows = list(islice(records(io.StringIO(sample, newline=""), dialect, width, limit), len(rows)))
    return _layout(sample, rows, dialect, width, bool(announced))


def _long_quoted(sample: str) -> bool:
    """Does a quoted stretch run over very many lines?"""
    return any(part.count("\n") >= CELL_LINES for mark in "\"'" for part in sample.split(mark)[1::2])


def _best(
    sample: str, delimiter: str | None, complete: bool, max_lines: int
) -> tuple[float, Dialect, list[tuple[list[str], int]], int]:
    """The dialect of the highest score, with the score, the records it gives and their width."""
    best: tuple[float, Dialect, list[tuple[list[str], int]], int] | None = None
    for dialect in _candidates(sample, delimiter):
        rows = list(islice(records(io.StringIO(sample, newline=""), dialect, 0, max_lines), SAMPLE_ROWS + 1))
        if len(rows) > 2 and (not complete or len(rows) > SAMPLE_ROWS):
            rows.pop()  # may be cut off
        score, width = _score(rows, dialect)
        if best is None or score > best[0] + 1e-9:
            best = (score, dialect, rows, width)
    assert best is not None
    return best


def unwrapped(line: str) -> str:
    """A line without the quotes around it as a whole, its own quotes no longer doubled."""
    body = line.rstrip("\r\n")
    if len(body) > 2 and body[0] == body[-1] == '"':
        return body[1:-1].replace('""', '"') + line[len(body) :]
    return line


def _candidates(sample: str, delimiter: str | None) -> Iterator[Dialect]:
    """Dialects worth trying, the plainest first (it wins ties)."""
    head = sample[:200_000]
    if delimiter is not None:
        delimiters = [delimiter.replace("\\t", "\t")]
    else:
        # a delimiter stands in the first lines or, below a preamble, in every record (few of which have 50 lines)
        top, least = "".join(head.splitlines()[:3]), head.count("\n") / 50
        delimiters = [mark for mark in SINGLE if mark in top or head.count(mark) > least]
        common = Counter(match[1] for match in REPEATED.finditer(head))
        delimiters += [mark for mark, _ in sorted(common.items(), key=lambda item: (-item[1], item[0]))[:4]]
        delimiters.append("")
    for mark in delimiters:
        edge = re.escape(mark)
        doubles = len(re.findall(rf'(?:^|{edge})[ ]*"', head, re.MULTILINE)) if mark else head.count('"')
        singles = 0
        if mark and (head[0] == "'" or "\n'" in head or f"{mark}'" in head):
            singles = len(re.findall(rf"(?:^|{edge})'[^'\r\n]*'(?={edge}|\r?$)", head, re.MULTILINE))
        quote = "'" if singles > max(3, 2 * doubles) else '"'
        yield Dialect(mark, quote)
        if "\\" + quote in head:
            yield Dialect(mark, quote, "\\")


def _score(rows: list[tuple[list[str], int]], dialect: Dialect) -> tuple[float, int]:
    """How well a dialect explains the sample (0..2), and the width of the table it sees."""
    full = [cells for cells, _ in rows if any(cell.strip() for cell in cells)]
    if not full:
        return 0.0, 1
    if not dialect.delimiter:
        return 0.2, 1
    counts = Counter(len(cells) for cells in full)
    # the first records may be a preamble, so the later ones say how wide the table is
    width, same = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    if width < 2:
        return 0.0, 1
    table = [cells for cells in full if len(cells) == width]
    consistency = same / len(full)
    if (consistency < 0.4 and same < 3) or _is_prose(full, width, dialect):
        return 0.0, width
    body = table[1 : 1 + max(3, SAMPLE_CELLS // width)] or table
    empty = sum(all(not cells[i].strip() for cells in table[:100]) for i in range(width - 1)) / width
    typed = 0.0
    for cells in body:
        for cell in cells:
            bare = cell.strip()
            if not bare or NUMBER.match(bare) or DATE.match(bare):
                typed += 1.0
            elif SHORT.match(bare):
                typed += 0.4 if cell[0] == " " else 0.9
            else:
                typed += 0.5
    typed /= width * len(body)
    # quotes left in the cells mean that cells were torn apart, or that the escape was missed
    torn = sum(cell.count(dialect.quote) % 2 for cells in body for cell in cells) / (width * len(body))
    head = [cell.strip() for cell in table[0]]
    plain = sum(bool(cell) and not NUMBER.match(cell) and len(cell) < 120 for cell in head) / width
    score = consistency**2 * (0.3 + 0.7 * typed) * (1 - 0.9 * empty) * (0.6 + 0.4 * plain) * (1 - min(1.0, 2 * torn))
    return score * (1 + 0.03 * min(width, 20) + 0.02 * (len(dialect.delimiter) - 1)), width


def _is_prose(records: list[list[str]], width: int, dialect: Dialect) -> bool:
    """One column of sentences, cut at a mark that each of them happens to hold: a comma, a time, a web address.

    The record that would be the header then isn't one, and what stands around the marks is as in sentences.
    """
    if dialect.delimiter not in PROSE or width > MOST_OF_PROSE:
        return False
    at = next((i for i, cells in enumerate(records) if len(cells) == width), 0)
    body = [cells for cells in records[at + 1 :] if len(cells) == width] or records[at : at + 1]
    for column in zip(*body, strict=True):
        typed = sum(bool(NUMBER.match(cell.strip()) or DATE.match(cell.strip())) for cell in column)
        if typed > 0.5 * len(column):
            return False  # figures, dates: a table
    spaced = dialect.delimiter in ",;" and len(records[0]) > 1  # "id, comment" is a header
    if all(NAME.match(cell.strip() if spaced else cell) for cell in records[at]):
        return False
    # in a sentence a blank follows a comma, a figure or a slash may follow a colon, a blank stands before a hashtag
    pairs = [pair for cells in body for pair in pairwise(cells)]
    if dialect.delimiter == "#":
        natural = sum(before.endswith(BLANKS) for before, _ in pairs)
    else:
        natural = sum(after.startswith(BLANKS if dialect.delimiter in ",;" else AFTER_COLON) for _, after in pairs)
    return natural > 0.5 * len(pairs)


def _layout(sample: str, rows: list[tuple[list[str], int]], dialect: Dialect, width: int, announced: bool) -> Layout:
    """Find the header among the first records and name the columns."""
    notes = []
    at = _header_at(rows, width)
    header = rows[at][0] if at is not None else None
    if at is None:
        at = next((i for i, (cells, _) in enumerate(rows) if len(cells) == width), 0) - 1
        notes.append("no header: columns are called column_1, column_2 ...")
    lines = sum(used for _, used in rows[: at + 1])
    above = sum(used for _, used in rows[: at + (header is None)]) - announced
    if above > 0:
        notes.append(f"{above} line{'s' if above > 1 else ''} above the header left out")
    body = [cells for cells, _ in rows[at + 1 :] if len(cells) == width]
    raw = list(header) if header is not None else [""] * width
    kept = width
    if (
        width > 1
        and body
        and all(not cells[-1].strip() for cells in body)
        and (len(raw) < width or not raw[-1].strip())
    ):
        kept = width - 1  # every line ends with a delimiter
    elif len(raw) == width - 1:
        raw.insert(0, "")  # row names without a header, as R writes them
    names, renamed = column_names(raw + [""] * (width - len(raw)))
    notes += [note for note in renamed if kept == width or not note.endswith(f"column_{width}")]
    characters = 0
    for line in islice(io.StringIO(sample, newline=""), lines):
        characters += len(line)
    return Layout(dialect, tuple(names), kept, lines, characters, tuple(notes))


def _header_at(rows: list[tuple[list[str], int]], width: int) -> int | None:
    """The record that holds the column names, or ``None`` when the first full record is data already."""
    for at, (cells, _) in enumerate(rows[:50]):
        following = [later for later, _ in rows[at + 1 :] if len(later) == width]
        if len(cells) != width and not (len(cells) == width - 1 and width > 2 and following and at == 0):
            continue
        bare = [cell.strip() for cell in cells]
        filled = sum(map(bool, bare))
        if width > 2 and filled < 0.5 * width and any(sum(map(bool, c)) > filled for c in following[:5]):
            continue  # a title padded with delimiters
        for i, cell in enumerate(bare):
            later = [row[i].strip() for row in following[:50] if row[i].strip()] if len(cells) == width else []
            for kind in (NUMBER, DATE):
                if cell and kind.match(cell) and sum(bool(kind.match(value)) for value in later) >= 0.8 * len(later):
                    return None
        if width == 1 and (len(bare[0].split()) > 4 or bare[0].endswith((".", "!"))) and following:
            return None
        return at
    return None


def column_names(raw: list[str]) -> tuple[list[str], list[str]]:
    """Usable column names: blanks become ``column_N``, repeats get ``_2``, ``_3``; and notes on what was changed."""
    names: list[str] = []
    notes = []
    seen = {" ".join(name.split()) for name in raw}
    taken: set[str] = set()
    for place, given in enumerate(raw, 1):
        name = " ".join(given.replace("\ufeff", "").split())
        if not name:
            name = f"column_{place}"
            while name in seen | taken:
                name += "_"
            notes.append(f"column {place} has no name and is called {name}")
        elif name in taken:
            count = 2
            while f"{name}_{count}" in seen | taken:
                count += 1
            notes.append(f"column {place} repeats the name {name!r} and is called {name}_{count}")
            name = f"{name}_{count}"
        taken.add(name)
        names.append(name)
    if len(notes) > 6:
        notes = [*notes[:5], f"{len(notes) - 5} more columns without a name of their own were named"]
    return names, notes


def delimiter_name(delimiter: str) -> str:
    """What a delimiter is called in messages."""
    return DELIMITER_NAMES.get(delimiter, repr(delimiter))
