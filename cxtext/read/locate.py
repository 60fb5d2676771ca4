"""From what the user typed (files, globs, folders, ``-``) to the list of things that can be opened."""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cxtext.errors import InputError

READABLE = {".csv", ".tsv", ".tab", ".psv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".xlsx", ".xlsm"}
PACKED = {".gz", ".zip"}
PASSED_OVER = ("readme", "license", "licence", "copying", "notice", "changelog")
BLOCK = 4 << 20
_FOREIGN_PACKING = (("bzip2", b"BZh", b"1AY&SY"), ("xz", b"\xfd7zXZ\0", b""), ("zstd", b"\x28\xb5\x2f\xfd", b""))


@dataclass(frozen=True)
class Unpacking:
    """What packed input may unpack to, in bytes: ``free`` in any case, beyond it ``ratio`` times its size on disk, and
    never more than ``most``.

    Exports with an id in each row pack to a 10th or a 100th; rows of nothing but empty cells to a 150th. Gzip can
    unpack to a thousand times its size, which only a file made for that does.
    """

    free: int = 64 << 20
    ratio: int = 200
    most: int = 64 << 30

    def allowed(self, packed: int) -> int:
        """The most bytes that this many packed bytes may unpack to."""
        return min(self.most, max(self.free, self.ratio * packed))

    def refused(self, name: str, packed: int) -> InputError:
        """What to say of an input that unpacks to more."""
        return InputError(
            f"{name}: refused: unpacks to more than {self.allowed(packed) / (1 << 20):,.0f} MiB from {packed:,} bytes, "
            "which no export does; if it is one, unpack it yourself and name the unpacked file"
        )

    def check_members(self, name: str, members: Iterable[zipfile.ZipInfo], packed: int) -> None:
        """Refuse a zip archive by what its members say they unpack to (none gives more). Raises InputError."""
        if sum(member.file_size for member in members) > self.allowed(packed):
            raise self.refused(name, packed)


UNPACKING = Unpacking()


@dataclass(frozen=True)
class Entry:
    """One thing to read: a file, or a member of a zip archive; `name` is what the user is shown."""

    name: str
    path: Path
    member: str | None = None
    gzipped: bool = False
    unpacking: Unpacking = UNPACKING

    def open(self) -> IO[bytes]:
        """Open for reading from the start, unpacked. Damage in the packing surfaces as InputError."""
        try:
            if self.member is not None:
                return _Unpacked(self, zipfile.ZipFile(self.path).open(self.member))
            if self.gzipped:
                return _Unpacked(self, gzip.open(self.path, "rb"))
            return self.path.open("rb")
        except RuntimeError:  # zipfile's word for "encrypted"
            raise InputError(f"{self.name}: is protected by a password; unpack it first") from None
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise InputError(f"{self.name}: the zip archive can't be unpacked ({first_line(error)})") from None
        except OSError as error:
            raise InputError(f"{self.name}: can't be opened ({error.strerror or first_line(error)})") from None

    def seekable(self) -> IO[bytes]:
        """Like `open`, but a file that can be sought in (packed content goes through a temporary file)."""
        stream = self.open()
        if self.member is None and not self.gzipped:
            return stream
        spool = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        with stream:
            shutil.copyfileobj(stream, spool, BLOCK)
        spool.seek(0)
        return spool

    @property
    def plain(self) -> bool:
        """True when the bytes on disk are the content."""
        return self.member is None and not self.gzipped

    @property
    def inner_name(self) -> str:
        """The content's own name, without the ending of its packing."""
        name = self.member or self.path.name
        return name[:-3] if self.gzipped and name.lower().endswith(".gz") else name


class _Unpacked(io.BufferedReader):
    """A decompressing stream that says in one line what is wrong with a damaged archive, or one without end."""

    def __init__(self, entry: Entry, stream: Any) -> None:
        super().__init__(_Translated(entry, stream), BLOCK)


class _Translated(io.RawIOBase):
    def __init__(self, entry: Entry, stream: Any) -> None:
        self._name, self._stream, self._unpacking = entry.name, stream, entry.unpacking
        self._packed, self._count = entry.path.stat().st_size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except EOFError:
            raise InputError(f"{self._name}: the archive is cut off; copy or download it again") from None
        except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, OSError) as error:
            raise InputError(f"{self._name}: the archive is damaged ({first_line(error)}); fetch it again") from None
        self._count += len(data)
        if self._count > self._unpacking.allowed(self._packed):
            raise self._unpacking.refused(self._name, self._packed)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def first_line(error: BaseException) -> str:
    """The first line of another library's message, cut to a readable length."""
    first = str(error).strip().split("\n")[0]
    return first[:120] or type(error).__name__


def locate(inputs: Sequence[str], unpacking: Unpacking = UNPACKING) -> tuple[list[Entry], list[str]]:
    """Everything to read, in the order given (within a folder or glob by name), and notes on what was left out.

    Raises InputError for a name that isn't there, for a folder or archive without a readable file, and for an archive
    that claims to unpack to more than ``unpacking`` allows.
    """
    entries: list[Entry] = []
    notes: list[str] = []
    for name in inputs:
        path = Path(name)
        if name == "-":
            entries.append(Entry("stdin", _spool_stdin()))
        elif path.is_dir():
            entries += _folder(path, notes, unpacking)
        elif path.exists():
            entries += _unpack(path, name, unpacking)
        elif glob.has_magic(name):
            hits = [Path(hit) for hit in sorted(glob.glob(name, recursive=True)) if not Path(hit).is_dir()]
            if not hits:
                raise InputError(f"{name}: no file matches; quote the pattern or check the folder")
            entries += [entry for hit in hits for entry in _unpack(hit, str(hit), unpacking)]
        else:
            raise InputError(f"{name}: there is no such file or folder")
    seen: set[tuple[Path, str | None]] = set()
    once = []
    for entry in entries:
        key = (entry.path.resolve(), entry.member)
        if key in seen:
            notes.append(f"{entry.name} was named twice; read once")
        else:
            once.append(entry)
        seen.add(key)
    return once, notes


def _folder(folder: Path, notes: list[str], unpacking: Unpacking) -> list[Entry]:
    entries: list[Entry] = []
    skipped = []
    for path in sorted(folder.iterdir()):
        stem, endings = path.name.lower(), {suffix.lower() for suffix in path.suffixes[-2:]}
        if path.is_dir() or stem.startswith((".", "~$", *PASSED_OVER)) or not endings & (READABLE | PACKED):
            if not stem.startswith("."):
                skipped.append(path.name + ("/" if path.is_dir() else ""))
            continue
        entries += _unpack(path, str(path), unpacking)
    if not entries:
        kinds = "CSV, TSV, JSONL, JSON, Parquet, XLSX"
        raise InputError(f"{folder}: the folder holds no readable file ({kinds}, also as .gz or .zip)")
    if skipped:
        more = f" and {len(skipped) - 5} more" if len(skipped) > 5 else ""
        notes.append(f"left out of {folder}: {', '.join(skipped[:5])}{more}")
    return entries


def _unpack(path: Path, name: str, unpacking: Unpacking) -> Iterator[Entry]:
    """The entries in one file: the members of a zip archive, else the file itself (an XLSX is a zip, but one file)."""
    try:
        with path.open("rb") as stream:
            magic = stream.read(10)
        if magic[:2] == b"\x1f\x8b":
            yield Entry(name, path, gzipped=True, unpacking=unpacking)
            return
        for packing, begins, ends in _FOREIGN_PACKING:
            if magic.startswith(begins) and magic.endswith(ends):
                raise InputError(f"{name}: is packed with {packing}, which isn't read; unpack it first, or use gzip")
        if magic[:4] != b"PK\x03\x04":
            yield Entry(name, path)
            return
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    except zipfile.BadZipFile:
        what = "XLSX file" if path.suffix.lower() in (".xlsx", ".xlsm") else "zip archive"
        raise InputError(f"{name}: the {what} is cut off or damaged; fetch or save it again") from None
    except OSError as error:
        raise InputError(f"{name}: can't be opened ({error.strerror or first_line(error)})") from None
    if "xl/workbook.xml" in infos or "[Content_Types].xml" in infos:
        yield Entry(name, path, unpacking=unpacking)
        return
    inside = []
    for member in sorted(infos):
        base = member.rsplit("/", 1)[-1].lower()
        if Path(base).suffix in READABLE and not base.startswith((".", *PASSED_OVER)) and "__MACOSX" not in member:
            inside.append(Entry(f"{name}/{member}", path, member, unpacking=unpacking))
    if not inside:
        raise InputError(f"{name}: the archive holds no readable file (CSV, TSV, JSONL, JSON, Parquet, XLSX)")
    unpacking.check_members(name, (infos[str(entry.member)] for entry in inside), path.stat().st_size)
    yield from inside


_SPOOLS: list[Any] = []  # temporary files of stdin, which live as long as the process


def _spool_stdin() -> Path:
    spool = tempfile.NamedTemporaryFile(prefix="cxtext-stdin-")  # noqa: SIM115 - deleted when the process ends
    shutil.copyfileobj(sys.stdin.buffer, spool, BLOCK)
    spool.flush()
    _SPOOLS.append(spool)
    return Path(spool.name)


def digest(path: Path) -> tuple[str, int]:
    """SHA-256 (hex) and size of a file on disk."""
    with path.open("rb") as stream:
        value = hashlib.file_digest(stream, "sha256").hexdigest()
        return value, stream.tell()
