"""What people decided, acted on: a pure function from a codebook and pain points to the pain points that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cxtext.schema import PainPoint
from cxtext.schema import Verdict as Trust
from cxtext.store.codebook import Codebook, Entry

MOST_TERMS = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one decision: ``done`` False means that it fits nothing at present, and ``why``."""

    id: str
    decision: str
    done: bool
    why: str = ""

    def recorded(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"id": self.id, "decision": self.decision, "done": self.done, "why": self.why}


@dataclass(frozen=True)
class Shown:
    """Pain points as people want them.

    ``of``: index into ``pain_points`` for each column; ``splits``: (column, index, words), units of the column with one
    of the words belong there instead.
    """

    pain_points: tuple[PainPoint, ...]
    of: tuple[int, ...]
    splits: tuple[tuple[int, int, tuple[str, ...]], ...]
    verdicts: tuple[Verdict, ...]


def apply(
    book: Codebook,
    pain_points: Sequence[PainPoint],
    absorbed: Mapping[str, str] | None = None,
    unknown: Sequence[str] = (),
) -> Shown:
    """Decisions on the columns' pain points (seeds among them). Each entry acts on its own pain point alone.

    ``absorbed``: trained id -> seed that it belongs to unless an entry says otherwise; ``unknown``: seeds that have no
    column. Entries that fit nothing are told in ``verdicts``.
    """
    own = {p.id: p for p in pain_points}
    entries = {e.id: e for e in book.entries}
    parts = {part.id: e.id for e in book.entries if e.id in own for part in e.split}
    told = [
        Verdict(e.id, _decision(e), False, "the model has no such pain point now")
        for e in book.entries
        if e.id not in own
    ]
    told += [Verdict(s, "seed", False, "none of its words is known to the model") for s in unknown]
    target: dict[str, str] = {p: p for p in (*own, *parts)}
    target |= {id_: seed for id_, seed in (absorbed or {}).items() if id_ not in entries}
    for entry in (e for e in book.entries if e.id in own):
        into = entry.merge_into
        if into and entry.ignore:
            told.append(Verdict(entry.id, f"merge into {into}", False, "it is ignored"))
        elif into and (into not in target or into == entry.id):
            told.append(Verdict(entry.id, f"merge into {into}", False, f"there is no {into} to merge it into"))
        elif into:
            target[entry.id] = into
    target, circles = _followed(target)
    told += [Verdict(id_, "merge", False, "its merges run in a circle") for id_ in circles]
    order = [id_ for p in pain_points for id_ in (p.id, *(part for part, of in parts.items() if of == p.id))]
    shown_ids = [id_ for id_ in order if target[id_] == id_]
    place = {id_: i for i, id_ in enumerate(shown_ids)}
    cards = [_card(id_, own, parts, entries, order, target) for id_ in shown_ids]
    splits = [
        (j, place[target[part.id]], part.words)
        for j, point in enumerate(pain_points)
        for part in (entries[point.id].split if point.id in entries else ())
    ]
    told += [
        Verdict(
            e.id,
            _decision(e),
            True,
            "" if target[e.id] == e.id or not e.label else f"its name isn't shown: it is in {target[e.id]}",
        )
        for e in book.entries
        if e.id in own
    ]
    told += [Verdict(s.id, "seed", True) for s in book.seeds if s.id in own]
    of = tuple(place[target[p.id]] for p in pain_points)
    renamed = {p.id: shown_ids[of[j]] for j, p in enumerate(pain_points)}
    cards = [_with_neighbours(card, renamed) for card in _distinct(cards)]
    return Shown(tuple(cards), of, tuple(splits), tuple(told))


def _decision(entry: Entry) -> str:
    said = {
        "rename": entry.label, "merge": entry.merge_into, "ignore": entry.ignore, "pin": entry.pin,
        "split": entry.split, "note": entry.note, "owner": entry.owner,
    }  # fmt: skip
    return ", ".join(name for name, given in said.items() if given) or "nothing"


def _followed(target: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Every chain of merges followed to its end; those that run in a circle stay where they are."""
    ends, circles = {}, []
    for id_ in target:
        seen, here = {id_}, id_
        while target[here] != here:
            here = target[here]
            if here in seen:
                break
            seen.add(here)
        ends[id_] = id_ if target[here] != here else here
        if target[here] != here:
            circles.append(id_)
    return ends, circles


def _card(
    id_: str,
    own: Mapping[str, PainPoint],
    parts: Mapping[str, str],
    entries: Mapping[str, Entry],
    order: Sequence[str],
    target: Mapping[str, str],
) -> PainPoint:
    """The card of a shown pain point: its own, with what was merged into it, and with what people decided."""
    if id_ in parts:
        part = next(p for p in entries[parts[id_]].split if p.id == id_)
        return replace(
            own[parts[id_]], id=id_, label=part.label, terms=part.words[:MOST_TERMS], n_units=0, exemplars=()
        )
    card = own[id_]
    merged = [own[other] for other in order if other != id_ and target[other] == id_ and other in own]
    if merged:
        card = _together(card, merged)
    entry = entries.get(id_)
    if entry is None:
        return card
    wanted = bool(entry.label or entry.pin or entry.note or entry.owner)
    return replace(
        card,
        label=entry.label or card.label,
        status="ignored" if entry.ignore else card.status,
        note=entry.note or card.note,
        owner=entry.owner or card.owner,
        # who names or pins a pain point has looked at it: it isn't set aside
        verdict="loose" if wanted and card.verdict == "boilerplate" else card.verdict,
    )


def _together(card: PainPoint, merged: Sequence[PainPoint]) -> PainPoint:
    every = (card, *merged)
    size = np.array([max(p.n_units, 0) for p in every], float)

    def mean(name: str) -> float:
        values = np.array([getattr(p, name) for p in every], float)
        known = np.isfinite(values) & (size > 0)
        return round(float(np.average(values[known], weights=size[known])), 4) if known.any() else float("nan")

    solid: Trust = card.verdict
    if solid == "boilerplate" and any(p.verdict != "boilerplate" for p in merged):
        solid = "loose"
    return replace(
        card,
        terms=tuple(dict.fromkeys(t for p in every for t in p.terms))[:MOST_TERMS],
        n_units=int(size.sum()),
        cohesion=mean("cohesion"),
        separation=mean("separation"),
        stability=mean("stability"),
        null_stability=mean("null_stability"),
        exemplars=tuple(e for p in every for e in p.exemplars)[:5],
        first_seen=min((p.first_seen for p in every if p.first_seen), default=""),
        verdict=solid,
    )


def _distinct(cards: Sequence[PainPoint]) -> list[PainPoint]:
    """No two labels alike: the later one gets its id behind it."""
    seen: set[str] = set()
    out = []
    for card in cards:
        label = card.label if card.label.casefold() not in seen else f"{card.label} ({card.id})"
        seen.add(label.casefold())
        out.append(replace(card, label=label))
    return out


def _with_neighbours(card: PainPoint, renamed: Mapping[str, str]) -> PainPoint:
    near = dict.fromkeys(renamed.get(n, n) for n in card.neighbours)
    return replace(card, neighbours=tuple(n for n in near if n != card.id))
