"""Arrays and JSON in one file that can't run code: an ``.npz`` without objects, with ``meta`` as UTF-8 bytes.

The same content gives the same bytes: members are sorted and carry no time.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from cxtext.errors import ModelError, OutputError
from cxtext.plain import plain
from cxtext.schema import ClusterModel, Exemplar, PainPoint

META = "meta"
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError, AttributeError)
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def write(file: Path, arrays: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
    """Write arrays (no objects) and JSON-ready `meta`. Raises OutputError when the disk won't take them."""
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    members = {**arrays, META: np.frombuffer(text.encode(), np.uint8)}
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(members):
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, np.ascontiguousarray(members[name]), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EARLIEST), buffer.getvalue())
    except OSError as error:
        raise OutputError(f"{file}: can't be written ({error.strerror or error})") from None


def read(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read what `write` wrote: (arrays, meta). Raises ModelError, one line, for a damaged or foreign file."""
    try:
        with zipfile.ZipFile(file) as archive:  # what is stored plainly can't unpack to more than the file holds
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                raise ValueError("packed")
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta = json.loads(arrays.pop(META).tobytes().decode())
    except FileNotFoundError:
        raise ModelError(f"{file}: there is no such file") from None
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
        zipfile.BadZipFile,
        NotImplementedError,
        AttributeError,
        MemoryError,
    ):
        raise ModelError(f"{file}: damaged, or not a file that cxtext wrote; restore it or train again") from None
    if not isinstance(meta, dict):
        raise ModelError(f"{file}: damaged, or not a file that cxtext wrote; restore it or train again")
    return arrays, meta


def write_model(file: Path, model: ClusterModel) -> None:
    """Write a clusterer; `read_model` gives it back."""
    points = [asdict(point) for point in model.pain_points]
    write(file, model.arrays, {"meta": plain(model.meta), "pain_points": plain(points)})


def read_model(file: Path) -> ClusterModel:
    """Read a clusterer. Raises ModelError for a damaged or foreign file."""
    arrays, meta = read(file)
    try:
        points = tuple(pain_point(entry) for entry in meta["pain_points"])
        return ClusterModel(arrays, meta["meta"], points)
    except (KeyError, TypeError):
        raise ModelError(f"{file}: not a clusterer that cxtext wrote; train again") from None


def pain_point(entry: Mapping[str, Any]) -> PainPoint:
    """A pain point from its JSON form; numbers that are missing come back as NaN."""
    known = {f.name for f in fields(PainPoint)}
    values = {k: v for k, v in entry.items() if k in known}
    for name in ("coverage", "cohesion", "separation", "stability", "null_stability"):
        if values.get(name) is None:
            values[name] = float("nan")
    values["terms"] = tuple(values.get("terms", ()))
    values["neighbours"] = tuple(values.get("neighbours", ()))
    values["exemplars"] = tuple(Exemplar(**e) for e in values.get("exemplars", ()))
    return PainPoint(**values)
