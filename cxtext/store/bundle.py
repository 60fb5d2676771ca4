"""A model version as one file, to hand to a colleague: a zip of plain stored members, verified when it comes in."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

from cxtext.errors import CxtextError, InputError, ModelError, RequestError
from cxtext.store import arrays, aside, codebook
from cxtext.store.manifest import (
    CLUSTERS,
    FILES,
    LEARNED,
    MANIFEST,
    checked_manifest,
    checked_name,
    read_manifest,
    split_spec,
    verify,
    write_json,
)
from cxtext.store.output import check_file
from cxtext.store.registry import CODEBOOK, count, flush, numbers, point, promoted, resolve, writing
from cxtext.store.run import staged

MEMBERS = (MANIFEST, *FILES, CODEBOOK)
LARGEST = 1 << 30
"""Bytes of a bundle beyond which it is refused; models are a few megabytes."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_STEP = 1 << 20


def export_model(models_dir: Path, spec: str, target: Path) -> None:
    """Write ``NAME[@V]`` with its codebook to one file. The same version gives the same bytes.

    Raises ModelError when the version is missing or damaged, OutputError when the file can't be written.
    """
    check_file(target)
    files = resolve(models_dir, spec)
    members = {name: files.place / name for name in (MANIFEST, *FILES) if (files.place / name).is_file()}
    book = models_dir / files.name / CODEBOOK
    if book.is_file():
        members[CODEBOOK] = book
    with aside.file(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, member.read_bytes())


def import_model(models_dir: Path, file: Path, name: str | None = None) -> tuple[str, int, list[str]]:
    """Take in a file that `export_model` wrote, under its own name or another: (name, version, notes).

    Everything is checked before anything is put in place. A name that is in use takes in further versions of the same
    model only. Raises ModelError, one line, for anything but a whole and genuine bundle.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = _checked(archive, file)
            return _take_in(models_dir, file, archive, members, name)
    except FileNotFoundError:
        raise ModelError(f"{file}: there is no such file") from None
    except CxtextError:
        raise
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        raise ModelError(f"{file}: damaged, or not a file that cxtext models export wrote") from None


def _checked(archive: zipfile.ZipFile, file: Path) -> dict[str, zipfile.ZipInfo]:
    """The members by name, if each is a plain stored file of ours and nothing else is in there. Raises ModelError."""
    members: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name, mode = entry.filename, entry.external_attr >> 16
        if name not in MEMBERS or entry.orig_filename != name or name in members:
            raise ModelError(f"{file}: damaged, or not a file that cxtext models export wrote (it holds {name[:80]!r})")
        if (
            stat.S_IFMT(mode) not in (0, stat.S_IFREG)
            or entry.compress_type != zipfile.ZIP_STORED
            or entry.flag_bits & 1
        ):
            raise ModelError(f"{file}: refused: {name} isn't a plain stored file")
        members[name] = entry
    if sum(e.file_size for e in members.values()) > min(LARGEST, file.stat().st_size):
        raise ModelError(f"{file}: refused: its members claim to be larger than the file, or than {LARGEST >> 20} MiB")
    if MANIFEST not in members or CLUSTERS not in members:
        raise ModelError(f"{file}: not a file that cxtext models export wrote")
    return members


def _take_in(
    models_dir: Path, file: Path, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str | None
) -> tuple[str, int, list[str]]:
    told = checked_manifest(json.loads(archive.read(members[MANIFEST])), file)
    try:
        own, version = split_spec(f"{told['name']}@{told['version']}")
        version = int(version or 0)
    except (KeyError, RequestError):
        raise ModelError(f"{file}: its manifest names no model and version") from None
    if CODEBOOK in members:
        _check_codebook(archive, members[CODEBOOK], file)
    name = checked_name(name or own)
    notes = []
    with writing(models_dir, name):
        folder = models_dir / name
        _same_model(folder, name, told, file)
        if version in numbers(folder):
            if read_manifest(folder / str(version)).get("files") != told["files"]:
                raise ModelError(
                    f"{file}: another {name}@{version} is here already; import it under another name with --as"
                )
            return name, version, [f"{name}@{version} is here already; nothing was changed"]
        with staged(folder / str(version)) as place:
            for member in (MANIFEST, *told["files"]):
                if member not in members:
                    raise ModelError(f"{file}: {member} is missing in it; export the model again")
                _extract(archive, members[member], place / member)
            verify(place, told)
            model = arrays.read_model(place / CLUSTERS)
            if LEARNED in told["files"]:
                arrays.read(place / LEARNED)
            if name != own:
                write_json(place / MANIFEST, {**told, "name": name})
            flush(place)
        count(folder, version, int(model.meta.get("next_id", 1)))
        if CODEBOOK in members and not (folder / CODEBOOK).exists():
            with aside.file(folder / CODEBOOK) as book:
                _extract(archive, members[CODEBOOK], book)
        elif CODEBOOK in members:
            notes.append(f"the codebook in {file.name} was left out: {name} has one of its own")
        current = promoted(models_dir, name)
        if current is None:
            point(folder, version)
        else:
            notes.append(
                f"{name}@{current} stays the promoted version; to change that: cxtext models promote {name}@{version}"
            )
    return name, version, notes


def _check_codebook(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: Path) -> None:
    """Refuse a codebook that couldn't be used. Raises ModelError."""
    try:
        if entry.file_size > codebook.LARGEST:
            raise InputError("too large")
        codebook.read(codebook.parsed_bytes(archive.read(entry), file), file)
    except InputError:
        raise ModelError(f"{file}: refused: the codebook in it can't be read") from None


def _same_model(folder: Path, name: str, told: dict[str, Any], file: Path) -> None:
    """Refuse to mix two models under one name: their ids would stand for different things."""
    for number in numbers(folder):
        try:
            origin = read_manifest(folder / str(number)).get("origin")
        except ModelError:
            continue
        if origin != told.get("origin"):
            raise ModelError(
                f"{file}: another model named {name} is here already; import it under another name with --as"
            )


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    with archive.open(entry) as source, target.open("wb") as sink:
        while block := source.read(_STEP):
            sink.write(block)
