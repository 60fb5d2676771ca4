"""Reading CSV, TSV and their relatives: Arrow's reader where the file keeps the rules, the forgiving one where not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from cxtext.errors import InputError
from cxtext.read import encoding as enc
from cxtext.read.dialect import Layout, sniff, unwrapped
from cxtext.read.locate import Entry, first_line
from cxtext.read.mending import segments
from cxtext.read.structure import CR, LF, QuoteCheck
from cxtext.read.tolerant import Dialect, records
from cxtext.schema import RejectedRow

SAMPLE = 256 << 10
BATCH_ROWS = 10_000
BATCH_BYTES = 8 << 20
BLOCK_BYTES = 1 << 20  # Arrow reads some twenty blocks ahead
Batch = tuple[pa.Table, np.ndarray, list[RejectedRow]]


@dataclass
class Delimited:
    """A delimited file whose encoding and layout are known after one pass over its bytes."""

    entry: Entry
    encoding: enc.Encoding
    layout: Layout
    sha256: str
    n_bytes: int
    fast: bool
    rows: int
    longest: int
    offset: int
    mendable: bool = False
    why_slow: str = ""
    notes: list[str] = field(default_factory=list)
    padded: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are read."""
        return self.layout.names[: self.layout.kept]

    def batches(self) -> Iterator[Batch]:
        """The rows in order: a table of strings, the rows' positions in the file, and the rows rejected so far."""
        self.padded = 0
        try:
            yield from self._read()
        except pa.ArrowException as error:
            raise InputError(f"{self.entry.name}: can't be read as delimited text ({first_line(error)})") from None

    def _read(self) -> Iterator[Batch]:
        if self.fast:
            yield from self._fast_batches()
        elif self.mendable:
            yield from self._mended_batches()
        else:
            yield from self._slow_batches()

    # -------------------------------------------------------------------------------------------- Arrow

    def _stream(self) -> Any:
        if self.encoding.name == "utf-8" and self.entry.plain:
            stream = pa.OSFile(str(self.entry.path), "rb")
            stream.seek(self.offset)
            return stream
        return io.BufferedReader(enc.Utf8Stream(self._utf8_blocks()), 1 << 20)

    def _utf8_blocks(self) -> Iterator[bytes]:
        skip = self.layout.skipped_chars
        for text in enc.text_blocks(self.entry.open, self.encoding):
            yield text[skip:].encode("utf-8", "replace")
            skip = max(0, skip - len(text))

    def _fast_batches(self) -> Iterator[Batch]:
        odd: list[tuple[int, str]] = []

        def keep(row: Any) -> str:
            odd.append((row.number - 1, row.text))
            return "skip"

        if not self.rows:
            return
        names = list(self.layout.names)
        reader = pc.open_csv(
            self._stream(),
            read_options=pc.ReadOptions(
                column_names=names, use_threads=False, block_size=max(BLOCK_BYTES, 2 * self.longest + 1024)
            ),
            parse_options=pc.ParseOptions(
                delimiter=self.layout.dialect.delimiter or "\x1f",
                newlines_in_values=True,
                invalid_row_handler=keep,
            ),
            convert_options=pc.ConvertOptions(
                column_types={name: pa.string() for name in names}, include_columns=list(self.columns)
            ),
        )
        position = 0
        with reader:
            for record_batch in reader:
                table = pa.Table.from_batches([record_batch])
                count = table.num_rows
                here: list[tuple[int, str]] = []
                for item in odd:  # those that stand before the last row of this batch
                    if item[0] >= position + count + len(here):
                        break
                    here.append(item)
                del odd[: len(here)]
                yield self._with_odd_rows(table, here, position)
                position += count + len(here)
        if odd:
            yield self._with_odd_rows(_table([], self.columns), odd, position)

    def _with_odd_rows(self, table: pa.Table, odd: list[tuple[int, str]], position: int) -> Batch:
        """Put rows with too few cells back in their place, and tell of those with too many."""
        total = table.num_rows + len(odd)
        positions = np.arange(position, position + total, dtype=np.int64)
        if not odd:
            return table, positions, []
        rejected: list[RejectedRow] = []
        mended: list[list[str | None]] = []
        mended_at: list[int] = []
        for number, text in odd:
            cells, _ = next(records(io.StringIO(text, newline=""), self.layout.dialect), ([""], 1))
            fitted = self._fit(cells)
            if fitted is None:
                rejected.append(self._too_many(number, len(cells)))
            else:
                mended.append(fitted)
                mended_at.append(number - position)
        odd_at = np.array([number - position for number, _ in odd])
        regular = np.setdiff1d(np.arange(total), odd_at)
        at = np.concatenate([regular, np.array(mended_at, dtype=np.int64)]).astype(np.int64)
        if mended:
            table = pa.concat_tables([table, _table(mended, self.columns)]).take(pa.array(np.argsort(at)))
        return table, positions[np.sort(at)], rejected

    # ------------------------------------------------------------------------------------- line by line

    def _mended_batches(self) -> Iterator[Batch]:
        """Most lines by Arrow, those that break the rules by the forgiving reader."""
        number = 0
        for segment in segments(self._utf8_blocks(), self.layout.dialect, self.layout.names):
            table = segment.table.select(list(self.columns))
            if not segment.odd:
                positions = np.arange(number, number + table.num_rows, dtype=np.int64)
                yield table, positions, []
                number += table.num_rows
                continue
            begins = np.concatenate([segment.order, np.array([line for line, _ in segment.odd], np.int64)])
            place = np.empty(len(begins), np.int64)  # of each record among the records of this segment
            place[np.argsort(begins)] = np.arange(len(begins))
            rejected: list[RejectedRow] = []
            mended: list[list[str | None]] = []
            at: list[int] = place[: table.num_rows].tolist()
            for (_, cells), position in zip(segment.odd, place[table.num_rows :].tolist(), strict=True):
                fitted = self._fit(cells)
                if fitted is None:
                    rejected.append(self._too_many(number + position, len(cells)))
                else:
                    mended.append(fitted)
                    at.append(position)
            order = np.argsort(at)
            table = pa.concat_tables([table, _table(mended, self.columns)]).take(pa.array(order))
            yield table, number + np.array(at, np.int64)[order], rejected
            number += len(begins)

    # ----------------------------------------------------------------------------------------- forgiving

    def _slow_batches(self) -> Iterator[Batch]:
        seen = 0

        def lines() -> Iterator[str]:
            nonlocal seen
            blocks = enc.text_blocks(self.entry.open, self.encoding)
            for count, line in enumerate(enc.lines_of(blocks)):
                if count >= self.layout.skipped_lines:
                    seen += len(line)
                    yield unwrapped(line) if self.layout.wrapped else line

        width = len(self.layout.names)
        rows: list[list[str | None]] = []
        rejected: list[RejectedRow] = []
        at: list[int] = []
        number = 0
        for cells, _ in records(lines(), self.layout.dialect, width):
            if len(cells) == 1 and not cells[0].strip():
                continue  # a blank line isn't a row
            fitted = cells if len(cells) == self.layout.kept == width else self._fit(cells)
            if fitted is None:
                rejected.append(self._too_many(number, len(cells)))
            else:
                rows.append(fitted)  # type: ignore[arg-type]
                at.append(number)
            number += 1
            if len(rows) >= BATCH_ROWS or seen > BATCH_BYTES:
                yield _table(rows, self.columns), np.array(at, dtype=np.int64), rejected
                rows, rejected, at, seen = [], [], [], 0
        if rows or rejected:
            yield _table(rows, self.columns), np.array(at, dtype=np.int64), rejected

    # --------------------------------------------------------------------------------------------- rows

    def _fit(self, cells: list[str]) -> list[str | None] | None:
        """Cells cut or filled to the columns; ``None`` if there are more than the columns can take."""
        kept = self.layout.kept
        if len(cells) > kept and any(cell.strip() for cell in cells[kept:]):
            return None
        if len(cells) < kept:
            self.padded += 1
        return [*cells[:kept], *[None] * (kept - len(cells))]

    def _too_many(self, number: int, count: int) -> RejectedRow:
        detail = f"{count} cells where the header has {self.layout.kept}"
        return RejectedRow(self.entry.name, number, "too many cells", detail)


def _table(rows: list[list[str | None]], names: tuple[str, ...]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=list(names))


# --------------------------------------------------------------------------------------------- opening


def open_delimited(entry: Entry, encoding: str | None, delimiter: str | None, digests: bool = True) -> Delimited:
    """Look at all bytes of a file once: digest, encoding, layout, and whether it keeps the rules of quoting.

    ``digests``: whether to work out the digest, which only a record of what was read needs.

    Raises InputError for an empty file and for one that isn't text.
    """
    with entry.open() as stream:
        head = stream.read(SAMPLE)
        complete = len(head) < SAMPLE
        if not complete and head.count(b"\n") < 3:
            head += stream.read(16 << 20)
    if not head:
        raise InputError(f"{entry.name}: the file is empty")
    known = enc.from_bom(head)
    if encoding is not None:
        name = enc.checked(encoding, entry.name)
        known = enc.Encoding(name, known.bom if known and known.name.startswith(name[:6]) else 0, ("as declared",))
    known = known or enc.from_nuls(head[:4096])
    if known is None and _is_binary(head):
        raise InputError(f"{entry.name}: this isn't a text file (binary content); export it as CSV, XLSX or Parquet")
    provisional = known.name if known else "utf-8"
    sample = head[known.bom if known else 0 :].decode(provisional, "surrogateescape" if not known else "replace")
    sample = sample.replace("\x00", "")
    layout = sniff(sample, name=entry.name, delimiter=delimiter, complete=complete)
    as_bytes = known is None or known.name in ("utf-8", "ascii", "cp1252", "windows-1252")
    bom = known.bom if known else 0
    offset = bom + len(sample[: layout.skipped_chars].encode(provisional, "surrogateescape")) if as_bytes else 0
    scan = _Scan(layout, offset if as_bytes else -1)
    with entry.open() as stream:
        scan.raw(stream, check_utf8=known is None, digests=digests)
    found = known or scan.utf8.verdict()
    tally = enc.Tally(nuls=scan.nuls)
    if found.name != "utf-8" or scan.nuls:
        scan.text(enc.text_blocks(entry.open, found, tally), layout, not as_bytes)
    if found.name != provisional:
        layout = _decoded(layout, sample, provisional, found.name)
    scan.quotes.finish()
    return _assemble(entry, found, layout, scan, offset, tally)


def _is_binary(head: bytes) -> bool:
    counts = np.bincount(np.frombuffer(head, np.uint8), minlength=256)
    control = sum(counts[code] for code in range(32) if code not in (9, 10, 12, 13, 27, 1, 31))
    return control > 0.02 * len(head) or head.startswith((b"%PDF", b"\x89PNG", b"\xd0\xcf\x11\xe0", b"\x7fELF"))


class _Scan:
    """What one pass over a file's bytes finds out."""

    def __init__(self, layout: Layout, offset: int) -> None:
        self.quotes = QuoteCheck(layout.dialect.delimiter)
        self.utf8 = enc.Utf8Check()
        self.nuls = self.size = 0
        self.sha256 = ""
        self._skip = offset
        self._returns = self._feeds = 0

    @property
    def old_mac(self) -> bool:
        """Lines end in CR alone, at least some of them; only blocks with a CR are counted."""
        return self._returns > 2 * self._feeds

    def raw(self, stream: IO[bytes], check_utf8: bool, digests: bool) -> None:
        """Read all bytes; the digest is that of the content as it is unpacked."""
        digest = hashlib.sha256()
        while block := stream.read(enc.BLOCK):
            if digests:
                digest.update(block)
            self.size += len(block)
            if b"\r" in block:
                data = np.frombuffer(block, np.uint8)
                self._returns += int(np.count_nonzero(data == CR))
                self._feeds += int(np.count_nonzero(data == LF))
            if b"\x00" in block:
                self.nuls += block.count(b"\x00")
            if check_utf8:
                self.utf8.feed(block)
            if self._skip >= 0:
                self.quotes.feed(block[self._skip :] if self._skip else block)
                self._skip = max(0, self._skip - len(block))
        if check_utf8:
            self.utf8.feed(b"", final=True)
        self.sha256 = digest.hexdigest() if digests else ""

    def text(self, blocks: Iterator[str], layout: Layout, check_quotes: bool) -> None:
        """Decode everything once, to count what had to be replaced (and to check the quotes of UTF-16)."""
        skip = layout.skipped_chars
        for text in blocks:
            if check_quotes:
                self.quotes.feed(text[skip:].encode("utf-8", "replace"))
                skip = max(0, skip - len(text))


def _decoded(layout: Layout, sample: str, provisional: str, found: str) -> Layout:
    """The header was read as UTF-8 before the encoding was known: read it again."""

    def again(text: str) -> str:
        raw = text.encode(provisional, "surrogateescape")
        return raw.decode("utf-8", "cxtext-1252") if found == enc.MIXED else raw.decode(found, "replace")

    above = len(again(sample[: layout.skipped_chars]))
    return replace(layout, names=tuple(again(name) for name in layout.names), skipped_chars=above)


def _assemble(
    entry: Entry, found: enc.Encoding, layout: Layout, scan: _Scan, offset: int, tally: enc.Tally
) -> Delimited:
    dialect, quotes = layout.dialect, scan.quotes
    reasons = [
        (len(dialect.delimiter) > 1 or not dialect.delimiter.isascii(), "unusual delimiter"),
        (dialect.quote != '"' or bool(dialect.escape), "unusual quotes"),
        (not quotes.well_formed, "stray quotes or line ends"),
        (layout.wrapped, "lines in quotes"),
        (quotes.blank_lines, "blank lines"),
        (tally.nuls > 0 and not found.name.startswith(("utf-16", "utf-32")), "NUL bytes"),
    ]
    why = ", ".join(text for holds, text in reasons if holds)
    notes = [*found.notes, *layout.notes]
    if tally.replaced:
        notes.append(f"{tally.replaced:,} bytes stand for no character in {found.name} and were replaced")
    if tally.nuls and not found.name.startswith(("utf-16", "utf-32")):
        notes.append(f"{tally.nuls:,} NUL bytes left out")
    longest = quotes.longest if found.name == "utf-8" else 3 * quotes.longest
    fast = not why and longest < 256 << 20
    plain = dialect == Dialect(dialect.delimiter) and len(dialect.delimiter) == 1 and dialect.delimiter.isascii()
    mendable = plain and not layout.wrapped and not scan.old_mac
    return Delimited(
        entry, found, layout, scan.sha256, scan.size, fast, quotes.rows, longest, offset, mendable, why, notes
    )
