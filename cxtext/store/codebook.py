"""The codebook: what people decided about pain points, in a TOML file that they may edit by hand.

Beside a model it is ``models/NAME/codebook.toml``; ``[pain_points.ID]`` holds what was decided about one pain point,
``[seeds.ID]`` a theme of their own. Edits through `edited` keep comments and order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxtext.errors import InputError, OutputError, RequestError
from cxtext.store import aside
from cxtext.store.lock import locked
from cxtext.store.manifest import checked_name
from cxtext.store.registry import CODEBOOK, check_folder

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

SHIPPED = "cx"
FORMAT = 1
"""Raise it when an older cxtext would misread a codebook."""
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,48}[A-Za-z0-9])?")
_TRAINED = re.compile(r"PP-\d+")
LARGEST = 4 << 20

HEADER = """\
# Decisions about the pain points of this model. Edit by hand or with: cxtext codebook
# They are applied after every training and every assignment; an entry that no longer fits is reported, never dropped.
#
# [pain_points.PP-003]
# label = "Waiting on hold"      # what it is called
# merge_into = "PP-001"          # counts as part of another one
# ignore = true                  # set aside: not in the ranking
# pin = true                     # must survive training
# note = "..."                   # for whoever reads the report
# owner = "contact centre"
# [pain_points.PP-003.split.callback]
# label = "No call back"         # units with one of these words become PP-003.callback
# words = ["call back", "callback*"]
#
# [seeds.parking]
# label = "Parking"              # a theme of your own, by words or by what people might say
# words = ["car park", "parking ticket"]
# examples = ["There was nowhere to park."]
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A part split off: units of the parent with one of ``words`` (``*`` at the end: any ending) belong to it."""

    id: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What was decided about one pain point; empty where nothing was."""

    id: str
    label: str = ""
    merge_into: str = ""
    ignore: bool = False
    pin: bool = False
    split: tuple[Part, ...] = ()
    note: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Seed:
    """A theme given by words or example texts, whether or not any training found it."""

    id: str
    label: str
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    ignore: bool = False
    note: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Codebook:
    """All decisions, in the order of the file."""

    entries: tuple[Entry, ...] = ()
    seeds: tuple[Seed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries or self.seeds)

    def pinned(self) -> tuple[str, ...]:
        """Ids that must survive a training."""
        return tuple(e.id for e in self.entries if e.pin)

    def over(self, base: Codebook) -> Codebook:
        """This codebook laid over another: for an id that both speak of, this one counts."""
        mine = {e.id for e in self.entries}, {s.id for s in self.seeds}
        return Codebook(
            (*self.entries, *(e for e in base.entries if e.id not in mine[0])),
            (*self.seeds, *(s for s in base.seeds if s.id not in mine[1])),
        )


def beside(models_dir: Path, name: str) -> Path:
    """Where the codebook of a model is, or would be."""
    return models_dir / checked_name(name) / CODEBOOK


def shipped_codebook() -> Path:
    """The starter codebook of customer-experience themes that comes with cxtext."""
    return Path(__file__).with_name("codebook_cx.toml")


def named(spec: str) -> Codebook:
    """The codebook that ``--codebook`` names: ``cx``, or a file. Raises InputError when it can't be read."""
    return load(shipped_codebook() if spec == SHIPPED else Path(spec))


def load(file: Path) -> Codebook:
    """Read a codebook. Raises InputError, one line with the place, for what isn't one."""
    return read(parsed(file), file)


def parsed(file: Path) -> TOMLDocument:
    """A codebook's TOML with its comments. Raises InputError."""
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"{file}: too large to be a codebook")
        return parsed_bytes(file.read_bytes(), file)
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such codebook; {SHIPPED!r} is the one that comes with cxtext") from None
    except OSError as error:
        raise InputError(f"{file}: can't be read ({error.strerror or error})") from None


def parsed_bytes(content: bytes, file: Path) -> TOMLDocument:
    """The TOML in some bytes; `file` is named in errors. Raises InputError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, TOMLKitError, RecursionError) as error:
        raise InputError(f"{file}: not a readable TOML file ({error})") from None


def read(content: Mapping[str, Any], file: Path) -> Codebook:
    """A codebook from parsed TOML; `file` is named in errors. Raises InputError for what can't be meant."""
    said = _Said(content, str(file))
    said.only("format", "pain_points", "seeds")
    number = content.get("format", FORMAT)
    if not isinstance(number, int) or number < 1:
        raise InputError(f"{file}: format must be {FORMAT}")
    if number > FORMAT:
        raise InputError(
            f"{file}: written for a later cxtext (format {number}, this one reads {FORMAT}); upgrade cxtext"
        )
    entries = tuple(_entry(key, said.table("pain_points").table(key)) for key in said.table("pain_points").content)
    seeds = tuple(_seed(key, said.table("seeds").table(key)) for key in said.table("seeds").content)
    return Codebook(entries, seeds)


def _entry(key: str, said: _Said) -> Entry:
    said.only("label", "merge_into", "ignore", "pin", "split", "note", "owner")
    split = said.table("split")
    parts = tuple(_part(key, name, split.table(name)) for name in split.content)
    return Entry(
        str(key), said.text("label"), said.text("merge_into"), said.flag("ignore"), said.flag("pin"), parts,
        said.text("note"), said.text("owner"),
    )  # fmt: skip


def _part(parent: str, name: str, said: _Said) -> Part:
    said.only("label", "words")
    if not said.texts("words"):
        raise InputError(f"{said.where}: words are missing: which units belong to this part?")
    checked_id(name, said.where)
    return Part(f"{parent}.{name}", said.text("label") or str(name), said.texts("words"))


def _seed(key: str, said: _Said) -> Seed:
    said.only("label", "words", "examples", "ignore", "note", "owner")
    checked_id(key, said.where)
    if not said.texts("words") and not said.texts("examples"):
        raise InputError(f"{said.where}: give words or examples: what is it about?")
    return Seed(
        str(key), said.text("label") or str(key), said.texts("words"), said.texts("examples"), said.flag("ignore"),
        said.text("note"), said.text("owner"),
    )  # fmt: skip


def checked_id(key: str, where: str) -> str:
    """The id of a seed or of a part split off. Raises InputError for one that can't be told from a trained one."""
    if not _ID.fullmatch(key) or _TRAINED.fullmatch(key):
        raise InputError(f"{where}: {key!r} can't be an id; use letters, digits, - and _, and not the form PP-007")
    return key


@dataclass(frozen=True)
class _Said:
    """A TOML table and where it stands, for errors that name the place."""

    content: Mapping[str, Any]
    where: str

    def only(self, *known: str) -> None:
        for key in self.content:
            if key not in known:
                raise InputError(f"{self.where}: {key!r} means nothing here; known: {', '.join(known)}")

    def table(self, key: str) -> _Said:
        value = self.content.get(key, {})
        where = f"{self.where} [{key}]" if " [" not in self.where else f"{self.where[:-1]}.{key}]"
        if not isinstance(value, Mapping):
            raise InputError(f"{where}: must be a table")
        return _Said(value, where)

    def text(self, key: str) -> str:
        value = self.content.get(key, "")
        if not isinstance(value, str):
            raise InputError(f"{self.where}: {key} must be a text in quotes")
        return " ".join(str(value).split())

    def flag(self, key: str) -> bool:
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            raise InputError(f"{self.where}: {key} must be true or false")
        return bool(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise InputError(f"{self.where}: {key} must be a list of texts")
        return tuple(t for v in value if (t := " ".join(str(v).split())))


# ----------------------------------------------------------------------------------------------------- editing


@contextmanager
def edited(file: Path) -> Iterator[TOMLDocument]:
    """A codebook to change in the block, comments and order kept; it is checked, then put in place at once.

    Nothing changes when the block or the check fails. A file that isn't there begins with an explanation.
    Raises InputError when the file isn't a codebook, OutputError when it can't be written.
    """
    import tomlkit

    check_folder(file.parent)
    with locked(file.parent, name=".codebook.lock"):
        for left in file.parent.glob(f".{file.name}.*.aside"):
            left.unlink()
        document = parsed(file) if file.exists() else tomlkit.parse(HEADER)
        read(document, file)
        yield document
        read(document, file)
        text = tomlkit.dumps(document)
        try:
            with aside.file(file, ".aside") as place:
                place.write_text(text, encoding="utf-8", newline="")
        except UnicodeEncodeError:
            raise OutputError(f"{file}: can't be written: a text isn't valid Unicode") from None


def table(document: Any, *path: str) -> Any:
    """The table at `path`, made (with the tables above it) when it isn't there."""
    import tomlkit

    here = document
    for depth, key in enumerate(path):
        if key not in here:
            last = depth == len(path) - 1
            here.add(key, tomlkit.table(is_super_table=not last))
        here = here[key]
    return here


def decide(document: Any, pain_point: str, **values: Any) -> None:
    """Set what was decided about a trained pain point or a seed; ``None`` takes a decision back."""
    seeds = document.get("seeds", {})
    room = "seeds" if pain_point in seeds else "pain_points"
    for key, value in values.items():
        if value is None:
            place = document.get(room, {}).get(pain_point, {})
            place.pop(key, None)
            if not place and room == "pain_points" and pain_point in document.get(room, {}):
                document[room].pop(pain_point)
        elif room == "seeds" and key not in ("label", "note", "owner", "ignore"):
            raise RequestError(
                f"{pain_point} is a seed of the codebook: it can be renamed, ignored, or changed by hand"
            )
        else:
            table(document, room, pain_point)[key] = value


def split_off(document: Any, pain_point: str, part: str, label: str, words: list[str]) -> str:
    """Give a part of a pain point its own id, by words; returns that id."""
    place = table(document, "pain_points", pain_point, "split", checked_id(part, "split"))
    if label:
        place["label"] = label
    place["words"] = words
    return f"{pain_point}.{part}"


def unsplit(document: Any, pain_point: str, part: str) -> None:
    """Take a split back. Raises RequestError when there is none."""
    parts = document.get("pain_points", {}).get(pain_point, {}).get("split", {})
    if part not in parts:
        raise RequestError(f"{pain_point} has no part {part!r}")
    parts.pop(part)
    if not parts:
        decide(document, pain_point, split=None)


def plant(document: Any, key: str, label: str, words: list[str], examples: list[str]) -> None:
    """Add a theme by words or examples, or add to one that is there."""
    place = table(document, "seeds", checked_id(key, "seed"))
    if label:
        place["label"] = label
    for name, new in (("words", words), ("examples", examples)):
        if new:
            place[name] = [*place.get(name, []), *(text for text in new if text not in place.get(name, []))]


def uproot(document: Any, key: str) -> None:
    """Remove a seed. Raises RequestError when there is none."""
    if key not in document.get("seeds", {}):
        raise RequestError(f"the codebook has no seed {key!r}")
    document["seeds"].pop(key)
