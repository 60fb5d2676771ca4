"""A corpus of messy delimited files, made by code, each with the table that a careful person would read from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Messy:
    """A file's bytes, the columns and rows in it (``""`` for an empty cell), and how many rows are beyond repair."""

    name: str
    data: bytes
    columns: tuple[str, ...]
    rows: Rows
    rejected: int = 0


HEADER = ("id", "when", "comment", "score")
SAID = (
    "The card reader froze twice, so I paid cash",
    "Delivery came on Tuesday; nobody rang the bell",
    "Lovely staff at the desk",
    "I waited 40 minutes on hold, then the line went dead",
    "App logs me out every morning",
    "Refund arrived after three letters, which is two too many",
    "Works as described",
    "Driver was polite but the parcel was wet",
    "They changed my tariff without asking me",
    "Easy to book, hard to cancel",
    "Password reset mail never arrives",
    "The blue one is out of stock again",
)


def _rows(count: int = 36) -> Rows:
    return [(str(i + 1), f"2025-03-{i % 28 + 1:02}", SAID[i % len(SAID)], str(i * 7 % 11)) for i in range(count)]


def _written(rows: Rows, header: tuple[str, ...] | None = HEADER, end: str = "\n", **dialect: object) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, **dialect)  # type: ignore[arg-type]
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _with(rows: Rows, **changes: str) -> Rows:
    """Rows with other comments: ``_5="..."`` changes that of row 5."""
    at = {int(key[1:]): text for key, text in changes.items()}
    return [(a, b, at.get(i, c), d) for i, (a, b, c, d) in enumerate(rows)]


def _case(name: str, text: str, rows: Rows | None = None, encoding: str = "utf-8", **more: object) -> Messy:
    given = rows if rows is not None else _rows()
    return Messy(name, text.encode(encoding), more.pop("columns", HEADER), given, **more)  # type: ignore[arg-type]


def delimiters() -> list[Messy]:
    """Odd delimiters."""
    rows = _rows()
    plain = [(a, b, c.replace(",", " -"), d) for a, b, c, d in rows]
    money = [(a, b, c, f"{int(d)},5") for a, b, c, d in rows]
    joined: Callable[[str], str] = lambda mark: "".join(mark.join(row) + "\n" for row in [HEADER, *rows])  # noqa: E731
    one = [(c,) for _, _, c, _ in rows]
    return [
        _case("comma, all by the rules", _written(rows)),
        _case("semicolon, decimal commas", _written(money, delimiter=";"), money),
        _case("tab", _written(rows, delimiter="\t")),
        _case("pipe", _written(rows, delimiter="|")),
        _case("caret", _written(rows, delimiter="^")),
        _case("two pipes", joined("||")),
        _case("two colons", joined("::")),
        _case("control character 1F", joined("\x1f")),
        _case("announced by sep=", "sep=;\r\n" + _written(rows, delimiter=";", end="\r\n")),
        _case("space after the comma", _written(plain).replace(",", ", "), plain),
        _case("one column of prose", "comment\n" + "".join(c + "\n" for (c,) in one), one, columns=("comment",)),
        _case("tabs, inch marks", *_inches(rows)),
    ]


def _inches(rows: Rows) -> tuple[str, Rows]:
    changed = _with(rows, _3='A 5" screen is too small', _8='"Premium" they call it', _20='the 7" and the 10" lag')
    return "".join("\t".join(row) + "\n" for row in [HEADER, *changed]), changed


def quotes() -> list[Messy]:
    """Quotes: other marks, escapes, and quotes that nobody escaped."""
    rows = _rows()
    said = _with(rows, _2='She said "no", twice', _9='"Never again", I thought', _30='so-called "support"')
    lines = _with(rows, _4="First line\nsecond line, with comma\n\nfourth", _17="one\ntwo")
    stray = [f'{a},{b},"{c}",{d}' for a, b, c, d in said]
    opened = _with(rows, _6='"great until it broke', _25='"meh')
    open_text = "".join(
        f"{a},{b},{c},{d}\n" if i in (6, 25) else f'{a},{b},"{c}",{d}\n' for i, (a, b, c, d) in enumerate(opened)
    )
    wrapped = "".join('"' + line.replace('"', '""') + '"\n' for line in _written(rows).splitlines())
    ended = _with(rows, _35="and then the line")
    crlf = _with(rows, _4="First line\r\nsecond line, with comma", _17="one\r\ntwo")
    apostrophes = _with(rows, _1="don't, won't")
    single = "".join(
        ",".join("'" + cell.replace("'", "''") + "'" for cell in row) + "\n" for row in [HEADER, *apostrophes]
    )
    return [
        _case("doubled quotes", _written(said, quoting=csv.QUOTE_ALL), said),
        _case(
            "backslash before quotes", _written(said, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\"), said
        ),
        _case("single quotes", single, apostrophes),
        _case("quotes left unescaped", "id,when,comment,score\n" + "\n".join(stray) + "\n", said),
        _case("cells over several lines", _written(lines), lines),
        _case("cells over several lines, CRLF", _written(crlf, end="\r\n"), crlf),
        _case("a quote that opens and never closes", "id,when,comment,score\n" + open_text, opened),
        _case(
            "cut off within quotes",
            _written(rows[:35]) + '36,2025-03-08,"and then the line',
            [*rows[:35], (*ended[35][:3], "")],
        ),
        _case("whole lines in quotes", wrapped),
        _case("blank before quotes", *_blank_quotes(rows)),
    ]


def _blank_quotes(rows: Rows) -> tuple[str, Rows]:
    text = "id, when, comment, score\n" + "".join(f'{a}, {b}, "{c}", {d}\n' for a, b, c, d in rows)
    return text, rows


def encodings() -> list[Messy]:
    """Encodings, byte order marks, NULs."""
    rows = _with(_rows(), _2="Das Büro war geschlossen – schade", _11="Réponse très lente, café froid", _19="“fine”")
    text = _written(rows)
    lost = _with(rows, _5="odd \ufffd byte")
    pure = _written(_with(rows, _5="odd # byte")).encode("windows-1252").replace(b"#", b"\x81")
    mixed = b"".join(
        line.encode("windows-1252" if i > 15 else "utf-8") for i, line in enumerate(text.splitlines(keepends=True))
    )
    return [
        _case("UTF-8 with byte order mark", "\ufeff" + text, rows),
        _case("UTF-16 with byte order mark", text, rows, "utf-16"),
        _case("UTF-16 without byte order mark", text, rows, "utf-16-le"),
        Messy("Windows-1252 with a stray byte", pure, HEADER, lost),
        Messy("half UTF-8, half Windows-1252", mixed, HEADER, rows),
        Messy("NUL bytes", text.replace("Lovely", "Lo\x00vely").encode().replace(b"\n", b"\n\x00", 3), HEADER, rows),
    ]


def shapes() -> list[Messy]:
    """Headers, preambles, ragged rows, line ends."""
    rows = _rows()
    text = _written(rows)
    lines = text.splitlines()
    short = [(*row[:3], "") if i in (3, 12) else row for i, row in enumerate(rows)]
    short_text = "".join(",".join(_quoted(row[:3] if i in (3, 12) else row)) + "\n" for i, row in enumerate(short))
    long = "".join(line + (",5,6" if i in (7, 21) else "") + "\n" for i, line in enumerate(lines))
    twice = ("id", "comment", "comment", "")
    gaps = "".join(line + ("\n\n" if i % 9 == 0 else "\n") for i, line in enumerate(lines))
    mixed = "".join(line + ("\r\n" if i % 2 else "\n") for i, line in enumerate(lines))
    preamble = "Survey export\nMade for: quality team, floor 2\nPeriod 1 March to 4 April\n\n"
    r_style = "".join(f'"{i}",' + ",".join(_quoted(row)) + "\n" for i, row in enumerate(rows, 1))
    numbered = [(str(i), *row) for i, row in enumerate(rows, 1)]
    return [
        _case("lines above the header", preamble + text),
        _case("padded title above the header", "Survey export,,,\n,,,\n" + text),
        _case("rows with too few cells", ",".join(HEADER) + "\n" + short_text, short),
        _case("rows with too many cells", long, [row for i, row in enumerate(rows) if i not in (6, 20)], rejected=2),
        _case("same and empty headers", _written(rows, twice), columns=twice),
        _case("no final line end", text.rstrip("\n")),
        _case("old Mac line ends", text.replace("\n", "\r")),
        _case("mixed line ends", mixed),
        _case("a delimiter at each end", "".join(line + ",\n" for line in lines)),
        _case("delimiter at the end of rows only", lines[0] + "\n" + "".join(line + ",\n" for line in lines[1:])),
        _case("no header", _written(rows, None), columns=("", "", "", "")),
        _case("row names without a header", ",".join(HEADER) + "\n" + r_style, numbered, columns=("", *HEADER)),
        _case("blank lines between rows", gaps),
    ]


def _quoted(row: tuple[str, ...]) -> list[str]:
    return [f'"{cell}"' if "," in cell else cell for cell in row]


def corpus() -> list[Messy]:
    """All messy files."""
    return [*delimiters(), *quotes(), *encodings(), *shapes()]
