"""What the registry and the codebook hold, as lines for people or as JSON-ready facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxtext.errors import ModelError, RequestError
from cxtext.pipeline.clusterer import read_clusterer
from cxtext.pipeline.versions import Change, changes, counted
from cxtext.schema import ClusterModel, PainPoint
from cxtext.store.codebook import Codebook, beside, load
from cxtext.store.manifest import LINEAGE, read_json, read_manifest, split_spec
from cxtext.store.registry import ModelFiles, numbers, promoted, resolve, versions
from cxtext.store.run import is_run, read_run


def list_models(models_dir: Path) -> list[dict[str, Any]]:
    """Every version of every model: name, version, whether promoted, when made, how good; ``trouble`` if unusable."""
    return [
        {
            "model": f"{v.name}@{v.number}",
            "promoted": v.promoted,
            "created": (v.manifest or {}).get("created", ""),
            "rows": (v.manifest or {}).get("trained_on", {}).get("rows"),
            "quality": (v.manifest or {}).get("quality", {}),
            "why_not_promoted": (v.manifest or {}).get("why_not_promoted", []),
            "trouble": v.trouble,
        }
        for v in versions(models_dir)
    ]


def list_lines(models_dir: Path) -> list[str]:
    """`list_models` for people."""
    found = list_models(models_dir)
    if not found:
        return [f"{models_dir}: no models yet; make one with: cxtext train INPUT --model NAME"]
    lines = []
    for entry in found:
        told = entry["trouble"] or _figures(entry["quality"], entry["rows"])
        if entry["why_not_promoted"] and not entry["promoted"]:
            told += f"; not promoted: {'; '.join(entry['why_not_promoted'])}"
        lines.append(f"{'*' if entry['promoted'] else ' '} {entry['model']:<24} {entry['created'][:16]:<17}{told}")
    return [*lines, "* = promoted: what the name alone stands for"]


def _figures(quality: Mapping[str, Any], rows: Any) -> str:
    parts = [f"{quality.get('pain_points', '?')} pain points"]
    if isinstance(rows, int):
        parts.append(f"{rows} rows")
    names = ("coverage", "stability", "agreement")
    parts += [f"{name} {quality[name]:.2f}" for name in names if isinstance(quality.get(name), int | float)]
    return ", ".join(parts)


def show(models_dir: Path, spec: str) -> dict[str, Any]:
    """A version's manifest with its pain points by the names that people gave them, JSON-ready."""
    files = resolve(models_dir, spec)
    model = read_clusterer(files.clusters)
    file = beside(models_dir, files.name)
    given = {e.id: e.label for e in load(file).entries if e.label} if file.is_file() else {}
    points = [
        {"id": p.id, "label": given.get(p.id, p.label), "trained_label": p.label, "terms": list(p.terms),
         "status": p.status, "units": p.n_units, "verdict": p.verdict, "exemplars": [e.text for e in p.exemplars]}
        for p in model.pain_points
    ]  # fmt: skip
    return {**read_manifest(files.place), "pain_points": points}


def show_lines(models_dir: Path, spec: str) -> list[str]:
    """`show` for people."""
    told = show(models_dir, spec)
    trained = told.get("trained_on", {})
    names = ", ".join(str(i.get("name")) for i in trained.get("inputs", []))
    lines = [
        f"{told['name']}@{told['version']}: {_figures(told.get('quality', {}), trained.get('rows'))}",
        f"made {told.get('created', '?')} from {names or '?'}; unit {told['unit']}, keeps {told['keep']}",
    ]
    for p in told["pain_points"]:
        was = f"trained as {p['trained_label']}; " if p["label"] != p["trained_label"] else ""
        lines.append(f"  {p['id']} {p['label']} ({was}{p['units']} units, {p['verdict']})")
    return lines


def diff(models_dir: Path, old: str, new: str | None) -> tuple[str, list[Change]]:
    """What became of each pain point from one version to another: a heading and the changes.

    With one spec, against the version it was trained from. Versions that follow each other were compared on the same
    texts when the later one was made; others are compared by id and size.
    """
    later = resolve(models_dir, new or old)
    parent = read_manifest(later.place).get("parent")
    if new is None:
        if parent not in numbers(models_dir / later.name):
            raise RequestError(f"{later.name}@{later.version} was trained from nothing that is here; name two versions")
        old = f"{later.name}@{parent}"
    earlier = resolve(models_dir, old)
    heading = f"{earlier.name}@{earlier.version} -> {later.name}@{later.version}"
    lineage = later.place / LINEAGE
    if earlier.name == later.name and parent == earlier.version and lineage.is_file():
        try:
            found = [Change.from_record(c) for c in read_json(lineage)["changes"]]
        except (KeyError, TypeError, ValueError):
            raise ModelError(f"{lineage}: damaged; restore it or train again") from None
        return heading, found
    return f"{heading} (by id; not compared on the same texts)", _by_id(_model(earlier), _model(later))


def diff_lines(models_dir: Path, old: str, new: str | None) -> list[str]:
    """`diff` for people."""
    heading, found = diff(models_dir, old, new)
    return [f"{heading}: {counted(found)}", *(f"  {c.line()}" for c in found)]


def _model(files: ModelFiles) -> ClusterModel:
    return read_clusterer(files.clusters)


def _by_id(old: ClusterModel, new: ClusterModel) -> list[Change]:
    import numpy as np

    none = np.zeros(0, np.int64)
    said = [[p.exemplars[0].text if p.exemplars else "" for p in m.pain_points] for m in (old, new)]
    sizes = {p.id: p.n_units for p in old.pain_points}, {p.id: p.n_units for p in new.pain_points}
    found = changes(none, none, old.pain_points, new.pain_points, *said)
    return [
        Change(c.kind, c.id, c.label, sizes[0].get(c.id, 0), sizes[1].get(c.id, 0), float("nan"), c.exemplar, c.others)
        for c in found
    ]


# ---------------------------------------------------------------------------------------------------- codebook


def known_points(models_dir: Path, name: str) -> dict[str, PainPoint]:
    """The pain points of the promoted version by id; none where nothing was trained yet."""
    if promoted(models_dir, name) is None:
        return {}
    return {p.id: p for p in _model(resolve(models_dir, name)).pain_points}


def check_is_model(models_dir: Path, name: str) -> None:
    """Refuse a run folder in a model's place: its pain points are gone with the next run. Raises RequestError."""
    if not is_run(Path(name)) or numbers(models_dir / name):
        return
    made_with = str(read_run(Path(name)).get("model") or "").partition("@")[0]
    if made_with:
        how = f"this one was made with {made_with}: give that name instead, then analyze with --model {made_with} again"
    else:
        how = (
            "make one with: cxtext train INPUT --model NAME, look up its ids with: cxtext models show NAME, "
            "then analyze with --model NAME"
        )
    raise RequestError(f"{name} is a run folder; decisions about pain points need a trained model, {how}")


def check_known(models_dir: Path, name: str, book: Codebook, ids: list[str]) -> None:
    """Raise RequestError for an id that is neither a trained pain point nor one of the codebook's own."""
    known = known_points(models_dir, name)
    own = {s.id for s in book.seeds} | {p.id for e in book.entries for p in e.split} | {e.id for e in book.entries}
    for id_ in ids:
        if id_ not in known and id_ not in own:
            what = (
                f"{name} has no pain point {id_!r}" if known else f"{name} has no trained version and no seed {id_!r}"
            )
            raise RequestError(f"{what}; cxtext codebook show {name} lists those there are")


def codebook_lines(models_dir: Path, name: str) -> list[str]:
    """The codebook for people: what was decided, and what doesn't fit the promoted version."""
    from cxtext.pipeline.decisions import apply

    check_is_model(models_dir, name)
    name, version = split_spec(name)
    if version is not None:
        raise RequestError(f"a codebook belongs to all versions of a model; leave @{version} out")
    file = beside(models_dir, name)
    book = load(file) if file.is_file() else Codebook()
    known = known_points(models_dir, name)
    if not book and not known:
        return [f"{name}: no codebook and no trained version yet; begin with: cxtext codebook seed {name} ID"]
    lines = [f"{file}: {len(book.entries)} pain points decided on, {len(book.seeds)} seeds"]
    seeds = [PainPoint(s.id, s.label, s.words) for s in book.seeds]
    verdicts = {v.id: v for v in reversed(apply(book, [*known.values(), *seeds]).verdicts)} if known else {}
    for entry in book.entries:
        said = [f'"{entry.label}"'] if entry.label else []
        said += [f"merged into {entry.merge_into}"] if entry.merge_into else []
        said += [word for word, on in (("ignored", entry.ignore), ("pinned", entry.pin)) if on]
        said += [f'{part.id} "{part.label}" by {", ".join(part.words)}' for part in entry.split]
        said += [f"owner {entry.owner}"] if entry.owner else []
        said += [f"note: {entry.note}"] if entry.note else []
        was = f" (trained as {known[entry.id].label})" if entry.id in known else ""
        verdict = verdicts.get(entry.id)
        wrong = f"; DOESN'T FIT: {verdict.why}" if verdict and not verdict.done else ""
        lines.append(f"  {entry.id}{was}: {'; '.join(said) or 'nothing'}{wrong}")
    lines += [f'  {s.id}: seed "{s.label}" by {", ".join((*s.words, *s.examples))}' for s in book.seeds]
    rest = [p for p in known.values() if p.id not in {e.id for e in book.entries}]
    return lines + [f"  {p.id} {p.label} ({p.n_units} units)" for p in rest]
