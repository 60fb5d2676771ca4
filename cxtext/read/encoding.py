"""Which encoding a file has, and its text as a stream of clean UTF-8 whatever that is.

Order of belief: a byte order mark; NUL bytes that show UTF-16; strict UTF-8; a mixture of UTF-8 and Windows-1252
(files pasted together from two systems); Windows-1252, in which five bytes mean nothing and become U+FFFD.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from cxtext.errors import InputError

BLOCK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MIXED = "utf-8 + windows-1252"
UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"
LONE = re.compile("[\udc80-\udcff]")
HIGH = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass
class Tally:
    """What decoding had to repair, counted as the text streams past."""

    replaced: int = 0
    nuls: int = 0


@dataclass(frozen=True)
class Encoding:
    """How to decode a file: Python's `name` (or MIXED), length of the byte order mark, and remarks for the user."""

    name: str
    bom: int = 0
    notes: tuple[str, ...] = ()


def from_bom(head: bytes) -> Encoding | None:
    """The encoding that a byte order mark announces, if there is one."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return Encoding(name, len(mark), ("byte order mark",))
    return None


def from_nuls(head: bytes) -> Encoding | None:
    """UTF-16 without a byte order mark: NULs in every other byte of Latin text."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half < 2:
        return None
    if odd > 0.3 * half and even < 0.05 * half:
        return Encoding("utf-16-le", 0, ("no byte order mark; NUL bytes show UTF-16",))
    if even > 0.3 * half and odd < 0.05 * half:
        return Encoding("utf-16-be", 0, ("no byte order mark; NUL bytes show UTF-16",))
    return None


class Utf8Check:
    """Tells after one pass over all bytes whether they are UTF-8, Windows-1252, or both."""

    def __init__(self) -> None:
        self._pending = b""
        self._loose = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._broken = False
        self.valid = 0
        self.invalid = 0

    def feed(self, block: bytes, final: bool = False) -> None:
        """Take the next bytes. Cheap while they are ASCII or valid."""
        if not self._broken:
            if block.isascii() and not final and not self._pending:
                return
            block = self._pending + block
            whole = len(block) if final else _last_boundary(block)
            if is_utf8(block[:whole]):
                # every character beyond ASCII begins with one such byte
                self.valid += int(np.count_nonzero(np.frombuffer(block, np.uint8)[:whole] >= 0xC0))
                self._pending = block[whole:]
                return
            self._broken = True
        text = self._loose.decode(block, final)
        self.invalid += len(LONE.findall(text))
        self.valid += len(HIGH.findall(text))

    def verdict(self) -> Encoding:
        """The encoding that explains all bytes seen."""
        if not self.invalid:
            return Encoding("utf-8")
        # by accident, few byte pairs of Windows-1252 text look like UTF-8: a tenth is far more than chance gives
        if self.valid > 0.1 * self.invalid:
            return Encoding(MIXED, 0, (f"{self.invalid:,} bytes are not UTF-8 and were read as Windows-1252",))
        return Encoding("windows-1252")


def _last_boundary(block: bytes) -> int:
    """Where the last character starts if it may be incomplete, else the end."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte >= 0xC0:  # a first byte, and how many belong to it
            return len(block) - back if back < 2 + (byte >= 0xE0) + (byte >= 0xF0) else len(block)
        if byte < 0x80:
            break
    return len(block)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8, as strictly as Python sees it; Arrow looks at many bytes at a time."""
    import pyarrow as pa

    ends = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def checked(name: str, file: str) -> str:
    """Python's own name for an encoding that the user typed; InputError if there is none."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise InputError(f"{file}: --encoding {name} is not known; try utf-8, windows-1252 or utf-16") from None


def _as_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("windows-1252", "replace"), error.end


codecs.register_error("cxtext-1252", _as_1252)


def text_blocks(opener: Callable[[], IO[bytes]], encoding: Encoding, tally: Tally | None = None) -> Iterator[str]:
    """The decoded text in blocks, without byte order mark and NUL characters; what was repaired goes to `tally`."""
    tally = tally or Tally()
    mixed = encoding.name == MIXED
    decoder = codecs.getincrementaldecoder("utf-8" if mixed else encoding.name)("cxtext-1252" if mixed else "replace")
    with opener() as stream:
        stream.read(encoding.bom)
        while block := stream.read(BLOCK):
            yield _clean(decoder.decode(block), tally)
        rest = decoder.decode(b"", True)
        if rest:
            yield _clean(rest, tally)


def _clean(text: str, tally: Tally) -> str:
    if "\x00" in text:
        tally.nuls += text.count("\x00")
        text = text.replace("\x00", "")
    tally.replaced += text.count("\ufffd")
    return text


def lines_of(blocks: Iterator[str]) -> Iterator[str]:
    """The lines of a text that comes in blocks, each with its own line end: LF, CRLF or CR."""
    rest = ""
    for block in blocks:
        text = rest + block
        # a CR at the very end may be half of a CRLF
        cut = max(text.rfind("\n"), text.rfind("\r", 0, max(0, len(text) - 1))) + 1
        yield from io.StringIO(text[:cut], newline="")
        rest = text[cut:]
    if rest:
        yield from io.StringIO(rest, newline="")


class Utf8Stream(io.RawIOBase):
    """A readable stream of UTF-8 bytes made from blocks of text, for readers that want a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Always: it is only read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with the next bytes; 0 at the end."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
