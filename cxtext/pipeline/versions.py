"""Two versions of a model side by side: what became of each pain point, which version is better, does it still fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxtext.cluster import terms
from cxtext.cluster.assign import Assigner
from cxtext.cluster.words import FUNCTION_WORDS, GREETINGS, SENTIMENT
from cxtext.schema import ClusterModel, PainPoint, TokenTable, Units
from cxtext.store.manifest import PHRASES, read_json, read_manifest

if TYPE_CHECKING:
    from cxtext.cluster.space import WordVectors
    from cxtext.pipeline.fitting import FittingSample
    from cxtext.schema import IntArray
    from cxtext.store.registry import ModelFiles

STEADY = 0.2
"""Sizes within a fifth of each other count as unchanged."""
HOLDS = 0.5
"""A new pain point came from an old one, or a retired one went into a living one, when this share of its units did."""
MARGINS = {"coverage": 0.05, "stability": 0.10, "agreement": 0.05}
"""A version worse than the promoted one by more than this isn't promoted; each figure is 0..1, higher is better."""
ORDER = ("kept", "grown", "shrunk", "split", "merged", "new", "retired")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one pain point: ``id`` lives in the new version, or did in the old one if ``retired``.

    ``n_old``/``n_new``: units of the same texts in either version; ``overlap``: those in both, of those in any (0..1).
    ``others``: for ``split`` the new ones that came out of it, for ``merged`` the old ones that went into it.
    """

    kind: str
    id: str
    label: str
    n_old: int
    n_new: int
    overlap: float
    exemplar: str = ""
    others: tuple[str, ...] = ()

    def recorded(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "change": self.kind, "id": self.id, "label": self.label, "n_old": self.n_old, "n_new": self.n_new,
            "overlap": round(self.overlap, 4), "exemplar": self.exemplar, "others": list(self.others),
        }  # fmt: skip

    @classmethod
    def from_record(cls, told: Mapping[str, Any]) -> Change:
        """A change as it stands in a lineage file."""
        return cls(
            str(told["change"]), str(told["id"]), str(told["label"]), int(told["n_old"]), int(told["n_new"]),
            float(told["overlap"]), str(told.get("exemplar", "")), tuple(map(str, told.get("others", ()))),
        )  # fmt: skip

    def line(self) -> str:
        """One line for people."""
        size = (
            f"{self.n_old} -> {self.n_new}" if self.kind not in ("new", "retired") else f"{max(self.n_old, self.n_new)}"
        )
        others = {"split": " into ", "merged": " with "}.get(self.kind, "") + ", ".join(self.others)
        said = (
            f': "{self.exemplar if len(self.exemplar) <= 90 else self.exemplar[:89].rstrip() + "…"}"'
            if self.exemplar
            else ""
        )
        return f"{self.kind:<8} {self.id} {self.label} ({size} units){others if self.others else ''}{said}"


def changes(
    before: IntArray,
    after: IntArray,
    old: Sequence[PainPoint],
    new: Sequence[PainPoint],
    old_said: Sequence[str],
    new_said: Sequence[str],
) -> list[Change]:
    """What became of each pain point, judged by what both versions do with the same texts (-1: unclustered).

    ``old_said``/``new_said``: an exemplar for each pain point. Sorted by kind, then by size.
    """
    joint = np.zeros((len(old), len(new)), np.int64)
    both = (before >= 0) & (after >= 0)
    np.add.at(joint, (before[both], after[both]), 1)
    n_old = np.bincount(before[before >= 0], minlength=len(old))
    n_new = np.bincount(after[after >= 0], minlength=len(new))
    where = {p.id: i for i, p in enumerate(old)}
    living = {p.id for p in new}
    out_of: dict[int, list[str]] = {}
    into: dict[int, list[str]] = {}
    for j, point in enumerate(new):
        if point.id not in where and len(old) and n_new[j]:
            i = int(joint[:, j].argmax())
            if joint[i, j] >= HOLDS * n_new[j] and old[i].id in living:
                out_of.setdefault(i, []).append(point.id)
    for i, point in enumerate(old):
        if point.id not in living and len(new) and n_old[i]:
            j = int(joint[i].argmax())
            if joint[i, j] >= HOLDS * n_old[i] and new[j].id in where:
                into.setdefault(j, []).append(point.id)
    found = []
    for j, point in enumerate(new):
        if point.id not in where:
            found.append(Change("new", point.id, point.label, 0, int(n_new[j]), 0.0, new_said[j]))
            continue
        i = where[point.id]
        union = int(n_old[i] + n_new[j] - joint[i, j])
        growth = (n_new[j] - n_old[i]) / max(1, n_old[i])
        kind = "grown" if growth > STEADY else "shrunk" if growth < -STEADY else "kept"
        kind, others = ("split", out_of[i]) if i in out_of else ("merged", into[j]) if j in into else (kind, [])
        share = int(joint[i, j]) / union if union else 1.0
        found.append(
            Change(kind, point.id, point.label, int(n_old[i]), int(n_new[j]), share, new_said[j], tuple(others))
        )
    found += [
        Change("retired", p.id, p.label, int(n_old[i]), 0, 0.0, old_said[i])
        for i, p in enumerate(old)
        if p.id not in living
    ]
    return sorted(found, key=lambda c: (ORDER.index(c.kind), -max(c.n_old, c.n_new), c.id))


def counted(found: Sequence[Change]) -> str:
    """How many of each kind: ``28 kept, 2 grown, 1 new``."""
    n = {kind: sum(c.kind == kind for c in found) for kind in ORDER}
    return ", ".join(f"{n[kind]} {kind}" for kind in ORDER if n[kind]) or "no pain points"


def worse(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """Why a version should not take the promoted one's place; empty when it may. Missing figures are no reason."""
    reasons = []
    for name, margin in MARGINS.items():
        new, old = now.get(name), before.get(name)
        if isinstance(new, int | float) and isinstance(old, int | float) and new < old - margin:
            reasons.append(f"{name} fell from {old:.2f} to {new:.2f}")
    return reasons


# ------------------------------------------------------------------------------------------------------- drift

PHRASES_KEPT = 4_000
_LEAST, _SHARE, _TIMES, _SURE, _SHOWN = 8, 0.004, 3.0, 4.0, 10
UNCLUSTERED_RISE, NEW_SHARE = 0.05, 0.05
"""Retraining is recommended when the unclustered share rose by this much, or this share of units has a new phrase."""


def phrase_counts(tokens: TokenTable, units: Units) -> tuple[dict[str, int], Mapping[str, IntArray]]:
    """In how many units each telling word or pair of words stands, and in which (positions, ascending)."""
    stream = terms.word_stream(tokens, units)
    dull = FUNCTION_WORDS | GREETINGS | SENTIMENT
    telling = np.array([w not in dull and len(w) > 1 for w in stream.words] or [False])
    unit = np.repeat(np.arange(len(stream), dtype=np.int64), np.diff(stream.offsets))
    codes, n_words = stream.codes.astype(np.int64), len(stream.words) + 1
    one = telling[codes] if len(codes) else np.zeros(0, bool)
    two = one[:-1] & one[1:] & (unit[:-1] == unit[1:])
    keys = np.concatenate([codes[one], (codes[:-1][two] + 1) * n_words + codes[1:][two]])
    at = np.concatenate([unit[one], unit[:-1][two]])
    pairs = np.unique(np.stack([keys, at]), axis=1) if len(keys) else np.zeros((2, 0), np.int64)
    distinct, first, n = np.unique(pairs[0], return_index=True, return_counts=True)
    counts, places = {}, {}
    for key, start, many in zip(distinct.tolist(), first.tolist(), n.tolist(), strict=True):
        if many >= 2:
            a, b = divmod(key, n_words)
            phrase = stream.words[b] if not a else f"{stream.words[a - 1]} {stream.words[b]}"
            counts[phrase] = many
            places[phrase] = pairs[1, start : start + many]
    return counts, places


def phrases_record(tokens: TokenTable, units: Units) -> dict[str, Any]:
    """What a version remembers of how people put things when it was trained: JSON-ready."""
    counts, _ = phrase_counts(tokens, units)
    kept = sorted(counts, key=lambda p: (-counts[p], p))[:PHRASES_KEPT]
    return {
        "units": len(units),
        "least": counts[kept[-1]] if len(kept) == PHRASES_KEPT else 2,
        "counts": {p: counts[p] for p in kept},
    }


def drift(
    manifest: Mapping[str, Any], phrases: Mapping[str, Any] | None, tokens: TokenTable, units: Units, unclustered: float
) -> dict[str, Any]:
    """Does a frozen model still fit? Compares a new dump's units with those the model was trained on.

    ``unclustered``: the share (0..1) of these units that fit no pain point; ``phrases``: the version's record, if any.
    Returns ``unclustered``, ``unclustered_at_training``, ``new_phrases`` (words or pairs at least three times as
    frequent as at training, beyond chance), ``retrain`` and ``why``.
    """
    coverage = manifest.get("quality", {}).get("coverage")
    known = 1.0 - float(coverage) if isinstance(coverage, int | float) else None
    fresh, share = _new_phrases(phrases, tokens, units) if phrases else ([], 0.0)
    reasons = []
    if known is not None and unclustered - known > UNCLUSTERED_RISE and len(units) >= 50:
        reasons.append(f"{unclustered:.0%} of the units fit no pain point, {known:.0%} did not at training")
    if share > NEW_SHARE:
        names = ", ".join(f"{p['phrase']!r}" for p in fresh[:3])
        reasons.append(f"{share:.0%} of the units speak of what was rare at training: {names}")
    why = "; ".join(reasons) or "The new feedback looks like what the model was trained on"
    return {
        "unclustered": round(unclustered, 4),
        "unclustered_at_training": None if known is None else round(known, 4),
        "new_phrases": fresh,
        "retrain": bool(reasons),
        "why": why,
    }


def drift_of(
    files: ModelFiles, model: ClusterModel, sample: FittingSample, vectors: WordVectors | None
) -> dict[str, Any]:
    """`drift` of a new dump's sample against the version that is about to be used on it."""
    found = Assigner(model, vectors).assign(sample.tokens, sample.units).cluster
    record = files.place / PHRASES
    phrases = read_json(record) if record.is_file() else None
    unclustered = float((found < 0).mean()) if len(found) else 0.0
    told = drift(read_manifest(files.place), phrases, sample.tokens, sample.units, unclustered)
    if vectors is None and model.meta.get("static"):
        why = "this release ships other word vectors, so words that the training did not hold are not read"
        told |= {"retrain": True, "why": f"{told['why']}; {why}" if told["retrain"] else why}
    return told


def _new_phrases(told: Mapping[str, Any], tokens: TokenTable, units: Units) -> tuple[list[dict[str, Any]], float]:
    """New phrases, most striking first, and the share of units that hold one of them."""
    counts, places = phrase_counts(tokens, units)
    n, before, least = len(units), max(int(told["units"]), 1), int(told["least"])
    found: list[tuple[float, str, float]] = []
    for phrase, many in counts.items():
        known = told["counts"].get(phrase, least - 1)
        rate, usual = many / n, (known + 0.5) / (before + 1)
        if many < _LEAST or rate < _SHARE or rate < _TIMES * usual:
            continue
        pooled = (many + known) / (n + before)
        sure = (rate - usual) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / before))
        if sure >= _SURE:
            found.append((float(sure), phrase, usual))
    shown: list[dict[str, Any]] = []
    units_of: list[IntArray] = []
    held = np.zeros(n, bool)
    for _, phrase, usual in sorted(found, key=lambda f: (-round(f[0], 6), f[1])):
        held[places[phrase]] = True
        # a word and the pair it stands in are one piece of news
        news = all(
            len(np.intersect1d(places[phrase], other)) < 0.6 * min(len(places[phrase]), len(other))
            for other in units_of
        )
        if news and len(shown) < _SHOWN:
            units_of.append(places[phrase])
            shown.append(
                {
                    "phrase": phrase,
                    "n": counts[phrase],
                    "share": round(counts[phrase] / n, 4),
                    "at_training": round(usual, 4),
                }
            )
    return shown, float(held.mean()) if n else 0.0
