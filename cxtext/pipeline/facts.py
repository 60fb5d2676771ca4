"""From collected numbers to the frozen report: linking is called here; facts are computed before anything is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cxtext.cluster import exemplars
from cxtext.cluster.assign import Assigner
from cxtext.cluster.quality import health
from cxtext.link.analyse import LinkOptions, LinkResult, analyse
from cxtext.link.mismatch import MentionUnits
from cxtext.link.people import staff_rows
from cxtext.pipeline.collect import Collected, OneByOne
from cxtext.pipeline.inputs import Inputs
from cxtext.pipeline.joining import Joined
from cxtext.pipeline.passes import whole_units
from cxtext.pipeline.record import versions
from cxtext.pipeline.wordvectors import vectors_of
from cxtext.report.figures import inside, ruler
from cxtext.schema import ClusterModel, Exemplar, PainPoint, PainPointReport, PainPointRow
from cxtext.settings import Settings
from cxtext.store import shipped
from cxtext.text.tokens import token_table

if TYPE_CHECKING:
    from cxtext.pipeline.fitting import Learned
    from cxtext.pipeline.looks import FirstLook

POOL = 60
"""Mentions closest to the centre among which exemplars are chosen."""
EXEMPLARS = 5
SHOWN_IDS = 200
"""Response ids that a report lists per pain point; ``mentions.parquet`` has them all."""


def build_report(
    found: Inputs,
    settings: Settings,
    look: FirstLook,
    clusters: ClusterModel,
    learned: Learned,
    collected: Collected,
    joined: Joined,
) -> PainPointReport:
    """Link, then put every fact into one frozen report. Nothing in it depends on clock, machine or file names;
    the versions are those of the packages that the figures come from.
    """
    points = _with_exemplars(clusters, collected)
    mentions = collected.mentions
    result = analyse(
        collected.table, points, LinkOptions(min_cell=settings.min_cell),
        MentionUnits(
            mentions.row, mentions.pain_point, mentions.shipped,
            OneByOne(mentions.text), OneByOne(collected.ids), collected.texts,
        ),
        collected.lexicon,
    )  # fmt: skip
    rows = _rows(points, result, collected)
    facts = dict(result.facts)
    if "mismatch" in facts:
        facts["mismatch"] = _without_places(facts["mismatch"])
    facts["agreement"] = dict(learned.facts)
    if joined.match:
        facts["match"] = dict(joined.match[0])
        facts["matches"] = [dict(match) for match in joined.match]
    if clusters.meta.get("drift"):
        facts["drift"] = clusters.meta["drift"]
    decisions = clusters.meta.get("codebook") or []
    if decisions:
        facts["codebook"] = {
            "applied": [d for d in decisions if d["done"]],
            "unfitting": [d for d in decisions if not d["done"]],
        }
    facts["health"] = dict(health(clusters))
    facts["themes"] = _themes(points)
    facts["lexical"] = {name: int(n) for name, n in sorted(look.counts["lexical"].items())}
    return PainPointReport(
        title=_title(collected),
        read=_read(found, look, collected),
        metrics=collected.table.metrics,
        scores=result.scores,
        pain_points=tuple(rows[j] for j in result.order),
        facts=facts,
        settings=settings.recorded(),
        versions=versions(),
    )


def _without_places(mismatch: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of responses whose text and score disagree, named by their ids alone and not by their rows."""
    return {
        key: [{k: v for k, v in item.items() if k != "response"} for item in value]
        if key in ("hidden_complaints", "praise_from_detractors", "check_sentiment")
        else value
        for key, value in mismatch.items()
    }


def _title(collected: Collected) -> str:
    """What the report is about: the scores it ties complaints to, and the time it covers."""
    told = [inside(ruler(m).name) for m in collected.table.metrics][:3]
    days = f", {collected.first_day} to {collected.last_day}" if collected.first_day else ""
    return f"Pain points behind {', '.join(told)}{days}" if told else f"Pain points{days}"


def _rows(points: Sequence[PainPoint], result: LinkResult, collected: Collected) -> list[PainPointRow]:
    """One row per pain point, in the model's order; staff's mentions are left out of counts and shares."""
    table, mentions = collected.table, collected.mentions
    ours = ~staff_rows(table)
    n = max(int((ours & table.commented).sum()), 1)
    counted = ours[mentions.row]
    counts = np.bincount(
        table.mentions.tocoo().coords[1][ours[table.mentions.tocoo().coords[0]]], minlength=len(points)
    )
    trends = {trend.pain_point: trend for trend in result.trends}
    rows = []
    for j, point in enumerate(points):
        mine = np.flatnonzero((mentions.pain_point == j) & counted)
        places, first = np.unique(mentions.row[mine], return_index=True)
        ids = mentions.response_id.take(pa.array(mine[first[:SHOWN_IDS]])).to_pylist()
        sentiment = mentions.sentiment[mine]
        rows.append(
            PainPointRow(
                pain_point=replace(
                    point, first_seen=point.first_seen or _first_day(table.day[places]), n_units=len(mine)
                ),
                n_mentions=int(counts[j]),
                prevalence=float(counts[j] / n),
                sentiment=round(float(sentiment.mean()), 4) if len(mine) else float("nan"),
                n_weak=int(collected.weak[j]),
                impacts={i.metric: i for metric in result.impacts.values() for i in metric if i.pain_point == point.id},
                trend=trends.get(point.id),
                cues={
                    name: len(np.unique(mentions.row[mine][flags[mine]]))
                    for name, flags in sorted(mentions.cues.items())
                },
                cells={
                    d: tuple(c for c in cells if c["pain_point"] == point.id)
                    for d, cells in result.facts.get("cells", {}).items()
                },
                mention_ids=tuple(ids),
            )
        )
    return rows


def _first_day(days: Any) -> str:
    known = days[days >= 0]
    return str(np.datetime64(int(known.min()), "D")) if len(known) else ""


def _with_exemplars(clusters: ClusterModel, collected: Collected) -> list[PainPoint]:
    """The pain points with exemplars from this run: close to the centre, unlike each other."""
    mentions, points = collected.mentions, list(collected.pain_points)
    order = np.lexsort((np.arange(len(mentions.row)), -mentions.similarity, mentions.pain_point))
    rank = np.arange(len(order)) - np.searchsorted(mentions.pain_point[order], mentions.pain_point[order])
    pool = order[rank < POOL]
    if not len(pool):
        return points
    texts = mentions.text.take(pa.array(pool)).combine_chunks()
    table = token_table(texts)
    units = whole_units(table)
    embedded = Assigner(clusters, vectors_of(clusters, str(shipped.folder()))).embed(table, units)
    chosen = exemplars.choose(
        embedded, clusters.arrays["centres"][collected.columns], mentions.pain_point[pool].astype(np.int32),
        mentions.similarity[pool].astype(np.float32), np.diff(table.offsets), EXEMPLARS,
    )  # fmt: skip
    ids = mentions.response_id.take(pa.array(pool)).to_pylist()
    said = texts.to_pylist()
    return [
        replace(p, exemplars=tuple(Exemplar(ids[i], said[i], float(mentions.similarity[pool[i]])) for i in chosen[j]))
        for j, p in enumerate(points)
    ]


def _themes(points: Sequence[PainPoint]) -> list[dict[str, Any]]:
    names = dict.fromkeys(p.theme for p in points if p.theme)
    return [{"name": name, "pain_points": [p.id for p in points if p.theme == name]} for name in names]


def _read(found: Inputs, look: FirstLook, collected: Collected) -> dict[str, Any]:
    counts = look.counts
    units = counts["units"]
    return {
        "rows_in": look.rows_in,
        "rows_used": collected.responses - collected.duplicates,
        "dropped": dict(sorted(counts["dropped"].items())),
        "duplicates": collected.duplicates,
        "languages": dict(sorted(counts["languages"].items(), key=lambda item: (-item[1], item[0]))),
        "not_english": collected.foreign,
        "read_foreign": look.read_foreign,
        "redactions": {k: int(v) for k, v in sorted(counts["redactions"].items()) if v},
        "warnings": dict(sorted(counts["warnings"].items())),
        "sources": _sources(found, counts["sources"]),
        "first_day": collected.first_day,
        "last_day": collected.last_day,
        "texts": units["texts"],
        "units": units["units"],
        "complaints": units["complaints"],
        "clustered": collected.clustered_units,
        "unclustered_share": 1 - collected.clustered_units / collected.kept_units if collected.kept_units else None,
        "set_aside": dict(sorted((counts["aside"] + Counter(collected.set_aside)).items())),
    }


def _sources(found: Inputs, rows: Mapping[str, int]) -> list[dict[str, Any]]:
    """One entry per kind of file: which column plays which role. File names are in ``run.json``."""
    kinds: dict[tuple[tuple[str, str], ...], int] = {}
    for name, columns in found.columns.items():
        roles = tuple((c.role, c.column) for c in columns.choices)
        kinds[roles] = kinds.get(roles, 0) + rows.get(name, 0)
    return [
        {
            "name": f"texts from {dict(roles)['text']!r}",
            "rows": n,
            "columns": [{"role": role, "column": column, "reason": "", "declared": False} for role, column in roles],
            "notes": [],
        }
        for roles, n in sorted(kinds.items())
    ]
