"""Frozen options of a run: what the command line, ``cxtext.toml`` and the Python calls have in common.

Precedence: a flag wins over the file, the file over the default. ``Settings`` says how to work; ``Declared``
says what the columns of the input are.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from cxtext.errors import RequestError

CONFIG_FILE = "cxtext.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to work. Nothing here changes which rows are read, except ``query``, ``encoding``, ``delimiter``, ``sheet``.

    ``jobs`` processes share the text work (0: one for each core); results don't depend on it. ``min_cell`` is the
    smallest group that a figure is given for. ``sample_size`` bounds the units that a clustering is fitted on.
    """

    unit: Literal["sentence", "clause", "response"] = "sentence"
    keep: Literal["complaints", "all"] = "complaints"
    n_clusters: int | None = None
    model: str | None = None
    codebook: str | None = None
    vectors: str | None = None
    models_dir: str = "models"
    jobs: int = 0
    engine: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    chunk_rows: int = 20_000
    sample_size: int = 20_000
    min_cell: int = 10
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


def with_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Replace the fields named in `values`, leaving out those that are ``None`` (not given).

    Raises RequestError for a name that isn't a setting.
    """
    known = {f.name for f in fields(Settings)}
    for name in values:
        if name not in known:
            raise RequestError(f"there is no setting {name!r}; known settings: {', '.join(sorted(known))}")
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if v is not None}
    return replace(settings, **given)


def config_values(path: str | None) -> dict[str, Any]:
    """Options from a TOML file: the names of the flags, with ``_`` or ``-``; ``cxtext.toml`` here if none is named."""
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
    return {name.replace("-", "_"): value for name, value in table.items()}


def default_models_dir() -> str:
    """Where models live when no flag says so: the environment's CXTEXT_MODELS, else ``./models``."""
    return os.environ.get("CXTEXT_MODELS") or "models"
