"""What a model version says about itself, and the check that its files are those it speaks of."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxtext.errors import ModelError, RequestError

MANIFEST, CLUSTERS, LEARNED, LINEAGE, PHRASES = (
    "manifest.json",
    "clusters.npz",
    "learned.npz",
    "lineage.json",
    "phrases.json",
)
FILES = (CLUSTERS, LEARNED, LINEAGE, PHRASES)
"""Every file that a version may hold beside its manifest; the first must be there."""
KIND = "cxtext model"
FORMAT = 1
"""Raise it when an older cxtext would misread a version written from now on; add what reads the old one."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
LARGEST_TEXT = 64 << 20
"""Bytes of a manifest or another JSON file beyond which it can't be ours."""


def checked_name(name: str) -> str:
    """A model's name as it is typed. Raises RequestError for one that could be anything but a plain folder name."""
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise RequestError(
            f"{name!r} can't name a model; use up to 64 letters, digits, '-', '_', '.', a letter or digit first"
        )
    return name


def split_spec(spec: str) -> tuple[str, int | None]:
    """``NAME`` or ``NAME@V`` as (name, version). Raises RequestError for anything else."""
    name, at, version = spec.partition("@")
    if at and not (version.isascii() and version.isdigit() and 0 < int(version) < 10**9):
        raise RequestError(f"{spec!r}: after the @ comes a version number, for example {name or 'support'}@3")
    return checked_name(name), int(version) if at else None


def read_json(file: Path) -> Any:
    """Read a JSON file of ours. Raises ModelError, one line, when it is missing or damaged."""
    try:
        if file.stat().st_size > LARGEST_TEXT:
            raise ValueError("too large")
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{file}: there is no such file") from None
    except (OSError, ValueError, RecursionError):
        raise ModelError(f"{file}: damaged, or not a file that cxtext wrote; restore it or train again") from None


def write_json(file: Path, content: Any) -> None:
    """Write JSON that people can read and that is the same for the same content."""
    file.write_text(
        json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )


def read_manifest(place: Path) -> dict[str, Any]:
    """The manifest of a version's folder, checked for kind, format and shape. Raises ModelError."""
    return checked_manifest(read_json(place / MANIFEST), place / MANIFEST)


def checked_manifest(manifest: Any, file: Path) -> dict[str, Any]:
    """A manifest's content, checked; `file` is named in errors. Raises ModelError."""
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ModelError(f"{file}: not the manifest of a cxtext model")
    number = manifest.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ModelError(f"{file}: not the manifest of a cxtext model")
    if number > FORMAT:
        raise ModelError(
            f"{file}: written by a later cxtext (format {number}, this one reads {FORMAT}); upgrade cxtext to use it"
        )
    files = manifest.get("files")
    shape = (
        isinstance(files, dict)
        and CLUSTERS in files
        and set(files) <= set(FILES)
        and all(
            isinstance(f, dict) and isinstance(f.get("sha256"), str) and isinstance(f.get("bytes"), int)
            for f in files.values()
        )
        and manifest.get("unit") in ("sentence", "clause", "response")
        and manifest.get("keep") in ("complaints", "all")
    )
    if not shape:
        raise ModelError(f"{file}: damaged; restore it or train again")
    return manifest


def verify(place: Path, manifest: Mapping[str, Any]) -> None:
    """Compare a version's files with the sizes and sha256 in its manifest. Raises ModelError that names the file."""
    for name, told in sorted(manifest["files"].items()):
        file = place / name
        try:
            same = not file.is_symlink() and file.stat().st_size == told["bytes"] and digest(file) == told["sha256"]
        except FileNotFoundError:
            raise ModelError(
                f"{file}: missing; restore it, train again, or go back with cxtext models rollback"
            ) from None
        except OSError as error:
            raise ModelError(f"{file}: can't be read ({error.strerror or error})") from None
        if not same:
            raise ModelError(
                f"{file}: damaged (its content isn't what the manifest says); restore it, train again, or go back with "
                "cxtext models rollback"
            )
    extra = LEARNED not in manifest["files"] and (place / LEARNED).exists()
    if extra:
        raise ModelError(f"{place / LEARNED}: isn't in the manifest; remove it")


def digest(file: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def described(place: Path) -> dict[str, dict[str, Any]]:
    """sha256 and size of the files that a new version's folder holds, for its manifest."""
    return {
        name: {"sha256": digest(place / name), "bytes": (place / name).stat().st_size}
        for name in FILES
        if (place / name).is_file()
    }
