"""Frozen options of a run: what the command line, ``cxtext.toml`` and the Python calls have in common.

Precedence: a flag wins over the file, the file over the default. ``Settings`` says how to work; ``Declared``
says what the columns of the input are. What a value may be is said by its declared type alone (`cxtext.values`).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from cxtext.errors import RequestError
from cxtext.values import Least, Written, checked

CONFIG_FILE = "cxtext.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to work. Nothing here changes which rows are read, except ``query``, ``encoding``, ``delimiter``, ``sheet``.

    ``unit`` and ``keep`` left open mean what the model was trained with, else sentences and complaints.
    ``jobs`` processes share the text work (0: one for each core); results don't depend on it. ``min_cell`` is the
    smallest group that a figure is given for. ``sample_size`` bounds the units that a clustering is fitted on.
    """

    unit: Literal["sentence", "clause", "response"] | None = None
    keep: Literal["complaints", "all"] | None = None
    n_clusters: Annotated[int | None, Least(2, "auto")] = None
    model: str | None = None
    codebook: str | None = None
    vectors: str | None = None
    models_dir: str = "models"
    jobs: Annotated[int, Least(0)] = 0
    engine: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    chunk_rows: Annotated[int, Least(0)] = 0
    sample_size: Annotated[int, Least(2)] = 20_000
    min_cell: Annotated[int, Least(1)] = 10
    order_ids: str | None = None
    query: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    scores: tuple[str, ...] = ()
    on: str | None = None
    within: str | None = None
    quiet: bool = False

    def recorded(self) -> dict[str, Any]:
        """The settings that can change a result, for the run's record (not: how many workers did it)."""
        skip = {"jobs", "engine", "scheduler", "quiet", "chunk_rows", "models_dir"}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skip}


def config_values(path: str | None) -> dict[str, Any]:
    """Options from a TOML file: the names of the flags, with ``_`` or ``-``; ``cxtext.toml`` here if none is named.

    Raises RequestError, naming the file and the key, for an unknown key or a value of the wrong type.
    """
    if path is None and not Path(CONFIG_FILE).is_file():
        return {}
    file = Path(path or CONFIG_FILE)
    try:
        with file.open("rb") as stream:
            table = tomllib.load(stream)
    except FileNotFoundError:
        raise RequestError(f"{file}: there is no such configuration file") from None
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise RequestError(f"{file}: not a readable TOML file ({error})") from None
    return checked_options(table, Written.in_toml(file))


def default_models_dir() -> str:
    """Where models live when no flag says so: the environment's CXTEXT_MODELS, else ``./models``."""
    return os.environ.get("CXTEXT_MODELS") or "models"


SCALE = re.compile(r"^(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)$")
DIRECTIONS = {"high-good": True, "low-good": False}


@dataclass(frozen=True, slots=True)
class ScoreDeclaration:
    """A score column as a flag gives it; ``None`` stands for what the flag left open (scale, direction, kind)."""

    column: str
    kind: Literal["rate", "number"] | None = None
    low: float | None = None
    high: float | None = None
    high_good: bool | None = None
    missing: tuple[float, ...] = ()
    top: float | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """The columns that the user named: each field is a flag's value, ``None`` or empty where no flag was given.

    ``csat`` and ``nps`` read ``COL[:MIN-MAX]``, ``ces`` ``COL:MIN-MAX:high-good|low-good``, each of ``outcomes``
    ``COL:rate|number:high-good|low-good`` with ``:MIN-MAX`` and ``:missing=6,7`` if wanted. ``:top=80`` says where the
    top box begins.
    """

    text: str | None = None
    id: str | None = None
    customer: str | None = None
    date: str | None = None
    channel: str | None = None
    touchpoint: str | None = None
    stage: str | None = None
    author_role: str | None = None
    csat: str | None = None
    nps: str | None = None
    ces: str | None = None
    outcomes: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


ALIASES = {"outcome": "outcomes", "segment": "segments"}
"""Flags that may be repeated are named in the singular, the settings that hold them all in the plural."""


@cache
def kinds() -> dict[str, Any]:
    """The declared type of every option, those of columns included."""
    return get_type_hints(Declared, include_extras=True) | get_type_hints(Settings, include_extras=True)


def checked_options(values: Mapping[str, Any], written: Written) -> dict[str, Any]:
    """Options by the names of the fields, each of its declared type; ``None`` (not given) is left out.

    Raises RequestError, one line that says where it stands, what was given and what is expected with an example.
    """
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = key.replace("-", "_")
        name = ALIASES.get(name, name)
        if name not in kinds():
            known = ", ".join(sorted({*kinds(), *ALIASES}))
            raise RequestError(f"{written.where}there is no setting {key!r}; known settings: {known}")
        if name in found:
            raise RequestError(f"{written.where}{key!r} is given twice")
        if value is not None:
            found[name] = checked(kinds()[name], key, value, written)
    return found


def options(values: Mapping[str, Any]) -> tuple[Declared, Settings]:
    """The declared columns and the settings that checked options add up to; the rest keeps its default."""
    roles = {f.name for f in fields(Declared)}
    columns: dict[str, Any] = {name: value for name, value in values.items() if name in roles}
    others: dict[str, Any] = {name: value for name, value in values.items() if name not in roles}
    return Declared(**columns), replace(Settings(models_dir=default_models_dir()), **others)


def score_declaration(value: str, flag: str) -> ScoreDeclaration:
    """Read ``COL[:rate|number][:MIN-MAX][:high-good|low-good][:missing=6,7][:top=80]``; a name may hold colons.

    Parts are read from the right until one isn't an option; what is left is the column. Raises RequestError that
    shows the form that `flag` takes.
    """
    parts = value.split(":")
    found: dict[str, Any] = {}
    while len(parts) > 1:
        name, option = _score_option(parts[-1].strip(), flag)
        if not name:
            break
        if name in found:
            raise RequestError(f"{flag} {value!r}: {parts[-1].strip()!r} comes after another setting of the same thing")
        found[name] = option
        parts.pop()
    column = ":".join(parts).strip()
    if not column:
        raise RequestError(f"{flag} {value!r} names no column; it reads {flag} {SCORE_FORMS.get(flag, 'COL')}")
    low, high = found.get("scale", (None, None))
    return ScoreDeclaration(
        column, found.get("kind"), low, high, found.get("high_good"), found.get("missing", ()), found.get("top")
    )


SCORE_FORMS = {
    "--csat": "COL[:MIN-MAX][:top=80]",
    "--nps": "COL[:MIN-MAX]",
    "--ces": "COL:MIN-MAX:high-good|low-good",
    "--outcome": "COL:rate|number:high-good|low-good[:MIN-MAX][:missing=6,7]",
}


def _score_option(part: str, flag: str) -> tuple[str, Any]:
    if part in DIRECTIONS:
        return "high_good", DIRECTIONS[part]
    if part in ("rate", "number"):
        return "kind", part
    scale = SCALE.match(part)
    if scale:
        low, high = float(scale[1]), float(scale[2])
        if low >= high:
            raise RequestError(f"{flag}: the scale {part} runs backwards; write the smaller end first")
        return "scale", (low, high)
    if part.startswith("missing="):
        try:
            return "missing", tuple(sorted({float(code) for code in part[8:].split(",")}))
        except ValueError:
            raise RequestError(f"{flag}: {part!r} should list numbers, as in missing=6,7") from None
    if part.startswith("top="):
        try:
            return "top", float(part[4:])
        except ValueError:
            raise RequestError(f"{flag}: {part!r} should be a number, as in top=80") from None
    return "", None
