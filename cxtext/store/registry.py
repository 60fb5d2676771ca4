"""The model registry: ``models/NAME/V/`` folders of arrays and JSON, and ``models/NAME/current``, the promoted version."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cxtext.errors import ModelError
from cxtext.schema import ClusterModel
from cxtext.store import arrays
from cxtext.store.run import staged

MANIFEST, CLUSTERS, LEARNED, CURRENT = "manifest.json", "clusters.npz", "learned.npz", "current"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model version on disk: small enough to hand to a worker, which loads the arrays itself."""

    name: str
    version: int
    clusters: str
    learned: str | None
    unit: Literal["sentence", "clause", "response"]
    keep: Literal["complaints", "all"]


def resolve(models_dir: Path, spec: str | None) -> ModelFiles:
    """The files of ``NAME`` (its promoted version) or ``NAME@V``. Raises ModelError when there is none."""
    name, _, wanted = (spec or "").partition("@")
    folder = models_dir / name
    try:
        version = int(wanted or (folder / CURRENT).read_text(encoding="utf-8"))
        manifest = json.loads((folder / str(version) / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{models_dir}: there is no model {spec!r} here; cxtext models list shows those that are") from None
    place = folder / str(version)
    learned = place / LEARNED
    return ModelFiles(
        name, version, str(place / CLUSTERS), str(learned) if learned.is_file() else None, manifest["unit"], manifest["keep"]
    )


def save(
    models_dir: Path,
    name: str,
    model: ClusterModel,
    learned: tuple[Mapping[str, Any], Mapping[str, Any]] | None,
    manifest: Mapping[str, Any],
) -> int:
    """Write the next version of `name` and promote it; returns its number."""
    folder = models_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    version = max((int(p.name) for p in folder.iterdir() if p.name.isdigit()), default=0) + 1
    with staged(folder / str(version)) as place:
        arrays.write_model(place / CLUSTERS, model)
        if learned is not None:
            arrays.write(place / LEARNED, *learned)
        text = json.dumps({"format": FORMAT, **manifest}, indent=2, sort_keys=True, ensure_ascii=False)
        (place / MANIFEST).write_text(text, encoding="utf-8")
    pointer = folder / f".{CURRENT}.partial"
    pointer.write_text(f"{version}\n", encoding="utf-8")
    os.replace(pointer, folder / CURRENT)
    return version
