"""The model registry: ``models/NAME/V/`` folders of arrays and JSON, and ``models/NAME/current``, the promoted version.

A version is written aside and put in place whole, under the model's lock; a version that is there is never changed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cxtext.errors import ModelError, OutputError, RequestError
from cxtext.schema import ClusterModel
from cxtext.store import arrays, aside
from cxtext.store.lock import locked
from cxtext.store.manifest import (
    CLUSTERS,
    FORMAT,
    KIND,
    LEARNED,
    LINEAGE,
    MANIFEST,
    PHRASES,
    checked_name,
    described,
    digest,
    read_json,
    read_manifest,
    split_spec,
    verify,
    write_json,
)
from cxtext.store.run import staged

CURRENT, COUNTERS, PROMOTIONS, CODEBOOK = "current", ".counters.json", ".promotions.json", "codebook.toml"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model version on disk: small enough to hand to a worker, which loads the arrays itself."""

    name: str
    version: int
    clusters: str
    learned: str | None
    unit: Literal["sentence", "clause", "response"]
    keep: Literal["complaints", "all"]

    @property
    def place(self) -> Path:
        """The version's folder."""
        return Path(self.clusters).parent


@dataclass(frozen=True, slots=True)
class Version:
    """A line of ``models list``: ``manifest`` is None and ``trouble`` says why when the version can't be used."""

    name: str
    number: int
    promoted: bool
    manifest: Mapping[str, Any] | None
    trouble: str = ""


def resolve(models_dir: Path, spec: str | None) -> ModelFiles:
    """The files of ``NAME`` (its promoted version) or ``NAME@V``, checked against their manifest.

    Raises ModelError, one line, when there is none or it is damaged, foreign, or of a later format; RequestError when
    `spec` isn't a name.
    """
    name, version = split_spec(spec or "")
    if version is None:
        version = promoted(models_dir, name)
    if version is None:
        raise ModelError(_none(models_dir, name))
    place = models_dir / name / str(version)
    if not place.is_dir():
        there = ", ".join(str(v) for v in numbers(models_dir / name)) or "none"
        raise ModelError(f"{models_dir}: there is no {name}@{version} here (versions: {there})")
    manifest = read_manifest(place)
    verify(place, manifest)
    learned = str(place / LEARNED) if LEARNED in manifest["files"] else None
    return ModelFiles(name, version, str(place / CLUSTERS), learned, manifest["unit"], manifest["keep"])


def _none(models_dir: Path, name: str) -> str:
    there = numbers(models_dir / name)
    if there:
        return (
            f"{models_dir}: no version of {name} is promoted; choose one with: cxtext models promote {name}@{there[-1]}"
        )
    return f"{models_dir}: there is no model {name!r} here; cxtext models list shows those that are"


def numbers(folder: Path) -> list[int]:
    """The version numbers in a model's folder, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(p.name) for p in folder.iterdir() if p.name.isascii() and p.name.isdigit() and p.is_dir())


def promoted(models_dir: Path, name: str) -> int | None:
    """The promoted version of a model, or None. Raises ModelError when the pointer is damaged."""
    file = models_dir / checked_name(name) / CURRENT
    try:
        text = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        text = ""
    if not (text.isascii() and text.isdigit()):
        raise ModelError(f"{file}: damaged; choose a version with: cxtext models promote {name}@V")
    return int(text)


def versions(models_dir: Path, name: str | None = None) -> list[Version]:
    """Every version of every model (or of one), by name and number; what can't be used is told, not skipped."""
    if not models_dir.is_dir():
        return []
    names = (
        [name] if name else sorted(p.name for p in models_dir.iterdir() if p.is_dir() and not p.name.startswith("."))
    )
    found: list[Version] = []
    for each in names:
        try:
            current = promoted(models_dir, each)
        except (ModelError, RequestError):
            current = None
        for number in numbers(models_dir / each):
            place = models_dir / each / str(number)
            try:
                found.append(Version(each, number, number == current, read_manifest(place)))
            except ModelError as error:
                found.append(Version(each, number, number == current, None, str(error)))
    return found


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else than a model. Raises OutputError."""
    if folder.is_dir() and not numbers(folder) and not (folder / CURRENT).exists() and not (folder / CODEBOOK).exists():
        others = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
        if others:
            raise OutputError(f"{folder}: isn't a model's folder (it holds {others[0]}); choose another name")


@contextmanager
def writing(models_dir: Path, name: str, wait: float = 10.0) -> Iterator[None]:
    """Hold a model's lock, for a training that must see no other one of that name begin. Raises ModelError if taken."""
    check_folder(models_dir / checked_name(name))
    with locked(models_dir / name, wait):
        _sweep(models_dir / name)
        yield


def _sweep(folder: Path) -> None:
    """Take away what killed writers left behind; only ever called by the holder of the lock."""
    for left in [*folder.glob(".*.partial"), *folder.parent.glob(f".{folder.name}.*.partial")]:
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def next_id(models_dir: Path, name: str) -> int:
    """The number of the next new pain point: none that any version of this model ever gave out. 1 for a new model."""
    return int(_counters(models_dir / name)["next_id"])


def _counters(folder: Path) -> dict[str, int]:
    try:
        told = read_json(folder / COUNTERS)
        counters = {"version": int(told["version"]), "next_id": int(told["next_id"])}
    except (ModelError, KeyError, TypeError, ValueError):
        counters = {"version": 0, "next_id": 1}
    counters["version"] = max([counters["version"], *numbers(folder)])
    return counters


def count(folder: Path, version: int, following: int) -> None:
    """Remember that a version number and the pain-point numbers below `following` are given out, for good."""
    known = _counters(folder)
    now = {"version": max(known["version"], version), "next_id": max(known["next_id"], following)}
    with aside.file(folder / COUNTERS) as file:
        write_json(file, now)


def save(
    models_dir: Path,
    name: str,
    model: ClusterModel,
    learned: tuple[Mapping[str, Any], Mapping[str, Any]] | None,
    manifest: Mapping[str, Any],
    *,
    lineage: Any = None,
    phrases: Any = None,
    promote_it: bool = True,
    held: bool = False,
) -> int:
    """Write the next version of `name`, and promote it unless told not to; returns its number.

    `held`: the caller holds the lock (`writing`). A kill at any moment leaves every earlier version whole.
    Raises OutputError when the disk won't take it, ModelError when another process is at work on the name.
    """
    with nullcontext() if held else writing(models_dir, name):
        folder = models_dir / checked_name(name)
        version = _counters(folder)["version"] + 1
        count(folder, version, int(model.meta.get("next_id", 1)))
        with staged(folder / str(version)) as place:
            arrays.write_model(place / CLUSTERS, model)
            if learned is not None:
                arrays.write(place / LEARNED, *learned)
            for file, content in ((LINEAGE, lineage), (PHRASES, phrases)):
                if content is not None:
                    write_json(place / file, content)
            origin = manifest.get("origin") or _origin(folder) or digest(place / CLUSTERS)[:16]
            told = {
                **manifest,
                "origin": origin,
                "kind": KIND,
                "format": FORMAT,
                "name": name,
                "version": version,
                "files": described(place),
            }
            write_json(place / MANIFEST, told)
            flush(place)
        if promote_it:
            point(folder, version)
        return version


def _origin(folder: Path) -> str | None:
    """What all versions of one model have in common: a mark made when the first was saved."""
    for number in numbers(folder):
        try:
            if origin := read_manifest(folder / str(number)).get("origin"):
                return str(origin)
        except ModelError:
            continue
    return None


def flush(place: Path) -> None:
    """Make sure that a folder's files are on the disk before their folder gets its name."""
    for file in place.iterdir():
        with file.open("rb") as stream:
            os.fsync(stream.fileno())


def point(folder: Path, version: int, *, back: bool = False) -> None:
    """Make a version the promoted one, at once; the caller holds the lock. ``back``: those after it are taken back."""
    earlier, ever = promotions(folder)
    if version in earlier and back:
        earlier = earlier[: earlier.index(version)]
    told = {"order": [*(v for v in earlier if v != version), version], "ever": sorted({*ever, version})}
    with aside.file(folder / PROMOTIONS) as file:
        write_json(file, told)
    with aside.file(folder / CURRENT) as file:
        file.write_text(f"{version}\n", encoding="utf-8")


def promotions(folder: Path) -> tuple[list[int], set[int]]:
    """The versions that were promoted one after the other up to the present one, and all that ever were.

    Of models that an earlier cxtext made: the promoted version, and what it was trained from again and again.
    """
    there = set(numbers(folder))
    try:
        current = promoted(folder.parent, folder.name)
    except (ModelError, RequestError):
        current = None
    try:
        told = read_json(folder / PROMOTIONS)
        order, ever = [int(v) for v in told["order"]], {int(v) for v in told["ever"]}
    except (ModelError, KeyError, TypeError, ValueError):
        order, ever = _line_of_parents(folder, current, there)
    if current is not None and order[-1:] != [current]:
        # a writer was stopped between the two files: the pointer counts
        order = [*order[: order.index(current)], current] if current in order else [*order, current]
    return [v for v in order if v in there], ever & there | ({current} if current is not None else set())


def _line_of_parents(folder: Path, current: int | None, there: set[int]) -> tuple[list[int], set[int]]:
    parents: dict[int, Any] = {}
    ever: set[int] = set()
    for number in there:
        try:
            manifest = read_manifest(folder / str(number))
        except ModelError:
            ever.add(number)  # nobody knows
            continue
        parents[number] = manifest.get("parent")
        if not manifest.get("why_not_promoted"):
            ever.add(number)
    ever |= {p for p in parents.values() if isinstance(p, int)}
    order: list[int] = []
    while isinstance(current, int) and current not in order:
        order.insert(0, current)
        below = max((n for n in ever & there if n < order[0]), default=None)
        current = parents.get(current, below) if parents.get(current, below) in there else below
    return order, ever


def promote(models_dir: Path, spec: str) -> int:
    """Make ``NAME@V`` the version that ``NAME`` stands for; it is checked first. Returns the version."""
    name, version = split_spec(spec)
    if version is None:
        latest = (numbers(models_dir / name) or [1])[-1]
        raise RequestError(f"promote which version? For example: cxtext models promote {name}@{latest}")
    _promote(models_dir, spec)
    return version


def _promote(models_dir: Path, spec: str, *, back: bool = False) -> None:
    files = resolve(models_dir, spec)
    arrays.read_model(Path(files.clusters))
    with writing(models_dir, files.name):
        point(models_dir / files.name, files.version, back=back)


def rollback(models_dir: Path, name: str) -> tuple[int, int]:
    """Promote the version that was promoted before the present one. Returns (from, to).

    Raises RequestError, and changes nothing, when the latest version was never promoted: then the training before the
    latest one would be taken back. Raises ModelError when no other version was promoted before.
    """
    name, version = split_spec(name)
    if version is not None:
        raise RequestError(f"rollback takes a name; to choose a version: cxtext models promote {name}@{version}")
    current = promoted(models_dir, name)
    if current is None:
        raise ModelError(_none(models_dir, name))
    order, ever = promotions(models_dir / name)
    earlier = [v for v in order if v != current]
    latest = max(numbers(models_dir / name))
    if latest > current and latest not in ever:
        further = f"; to go back further: cxtext models promote {name}@{earlier[-1]}" if earlier else ""
        raise RequestError(
            f"{name}@{latest} was never promoted, so there is nothing to take back: {name}@{current} stays{further}"
        )
    if not earlier:
        raise ModelError(f"{name}@{current} is the earliest version that was promoted; nothing to go back to")
    _promote(models_dir, f"{name}@{earlier[-1]}", back=True)
    return current, earlier[-1]


def remove(models_dir: Path, spec: str, *, everything: bool = False) -> None:
    """Remove ``NAME@V``, or with `everything` the whole of ``NAME``, codebook included.

    Raises RequestError for the promoted version: promote another one first.
    """
    name, version = split_spec(spec)
    folder = models_dir / name
    if version is None and not everything:
        raise RequestError(f"remove which version? Add @V, or --all for the whole of {name}, its codebook included")
    if version is not None and everything:
        raise RequestError(f"--all removes the whole of {name}; leave @{version} or --all out")
    if not folder.is_dir() or (version is not None and version not in numbers(folder)):
        raise ModelError(f"{models_dir}: there is no {spec} here; cxtext models list shows those that are")
    with writing(models_dir, name):
        if version is None:
            _away(folder)
        elif version == promoted(models_dir, name):
            raise RequestError(
                f"{spec} is the promoted version; promote another one first: cxtext models promote {name}@V"
            )
        else:
            _away(folder / str(version))


def _away(place: Path) -> None:
    """Hide a folder at once, then remove it, so that nobody ever sees half of it."""
    hidden = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".partial", dir=place.parent))
    place.rename(hidden / "gone")
    shutil.rmtree(hidden)
