"""Scores from other files laid beside the responses: by the same key, or the nearest in time within a window."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.errors import InputError, RequestError
from cxtext.pipeline.looks import JOIN_KEY, ChunkFacts, Order
from cxtext.pipeline.progress import Progress
from cxtext.plain import plain
from cxtext.read.columns import choose_all
from cxtext.read.join import How, JoinResult, join_scores
from cxtext.read.source import Source
from cxtext.schema import Columns, Metric
from cxtext.settings import Declared, Settings
from cxtext.store import spill

if TYPE_CHECKING:
    from cxtext.schema import FloatArray

_WINDOW = re.compile(r"(\d+)\s*(d|days?|w|weeks?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Joined:
    """Scores from other files for N responses in canonical order: ``values[metric]`` float64[N], NaN for none.

    ``segments[name]`` string[N], null for none: the categories that those files know.
    """

    metrics: tuple[Metric, ...] = ()
    values: Mapping[str, FloatArray] = field(default_factory=dict)
    segments: Mapping[str, pa.Array] = field(default_factory=dict)
    match: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class ScoreFile:
    """An opened ``--scores`` file and the columns of its parts."""

    source: Source
    columns: Mapping[str, Columns]


def score_columns(source: Source, declared: Declared, beside: Collection[str]) -> dict[str, Columns]:
    """The columns of a score file: no text is needed; declared columns may be in the input instead."""
    return choose_all({f.name: source.head(f) for f in source.files}, declared, beside=beside, need_text=False)


def window_days(within: str | None) -> int | None:
    """``90d`` or ``12w`` as days. Raises RequestError for anything else."""
    if within is None:
        return None
    found = _WINDOW.fullmatch(within.strip())
    if not found:
        raise RequestError(f"--within {within}: write a number of days or weeks, such as 90d or 12w")
    return int(found[1]) * (7 if (found[2] or "d").lower().startswith("w") else 1)


def check_join(settings: Settings) -> None:
    """Joining needs both a file and a key. Raises RequestError that names the missing flag."""
    if settings.scores and not settings.on:
        raise RequestError("--scores needs --on KEY, the column that stands in both files")
    if settings.on and not settings.scores:
        raise RequestError("--on needs --scores FILE, the file that holds the scores")
    window_days(settings.within)


def join(
    files: Sequence[ScoreFile], settings: Settings, taken: Sequence[Metric], chunks: Sequence[ChunkFacts], order: Order,
    folder: Path, progress: Progress, segments: Sequence[str] = (),
) -> Joined:  # fmt: skip
    """Join every ``--scores`` file. A score or segment that the input has too gets the file's name in front."""
    if not files:
        return Joined()
    responses = _keys(chunks, order, folder)
    dated_responses = bool((responses["day"].to_numpy() >= 0).any())
    if settings.within and not (dated_responses and any(dated(file) for file in files)):
        raise RequestError("--within needs a date column in both files; name it with --date")
    metrics: list[Metric] = list(taken)
    values: dict[str, FloatArray] = {}
    found: dict[str, pa.Array] = {}
    matches: list[Mapping[str, Any]] = []
    for file in files:
        name = file.source.files[0].name
        how = how_to_join(file, responses, settings)
        window = window_days(settings.within) if dated(file) else None
        if settings.within and window is None:
            progress.note(f"{name}: it has no dates, so --within doesn't apply; joined by {settings.on!r} alone")
        result = join_scores(responses, file.source, file.columns, on=str(settings.on), within_days=window, how=how)
        own: dict[str, Metric] = {}
        for metric in result.metrics:
            own[metric.name] = replace(metric, name=_free(metric.name, {m.name for m in metrics}, name))
            metrics.append(own[metric.name])
            values[own[metric.name].name] = result.values[metric.name]
        for segment, levels in result.categories.items():
            found[_free(segment, {*segments, *found}, name)] = levels
        matches.append(_report(result, own, settings))
        for line in told(name, result.match, str(settings.on)):
            progress.note(line)
        if not result.match["matched"]:
            raise InputError(f"{name}: {_why_none(result.match, str(settings.on))}")
    return Joined(tuple(m for m in metrics if m.name in values), values, found, tuple(matches))


def _free(name: str, taken: Collection[str], file: str) -> str:
    return f"{Path(file).stem}_{name}" if name in taken else name


def dated(file: ScoreFile) -> bool:
    """Whether every part of a score file has a date column."""
    return all(c.date for c in file.columns.values())


def _report(result: JoinResult, own: Mapping[str, Metric], settings: Settings) -> dict[str, Any]:
    """The match report; scores of matched and of unmatched rows as figures, each row of the score file counted once."""
    from cxtext.link.metrics import summarise  # a fifth of a second, for those who have score files

    scores = {
        metric.name: {
            "matched": summarise(metric, result.matched_scores[name], min_n=settings.min_cell),
            "unmatched": summarise(metric, result.unmatched_scores[name], min_n=settings.min_cell),
        }
        for name, metric in own.items()
    }
    return dict(plain({**result.match, "scores": scores}))


def told(name: str, match: Mapping[str, Any], on: str) -> list[str]:
    """What to know of a join before believing its figures."""
    rate = match["rate"] or 0.0
    lines = [f"{name}: a score for {rate:.1%} of the responses, joined on {on!r} ({match['how']})"]
    if match["many_to_one"] and match["many"] == "all":
        lines.append(
            f"{name}: {match['many_to_one']:,} of its rows serve several responses; each response counts, and "
            "intervals allow for it"
        )
    several = match["why_unmatched"].get("several score rows for the key and no date to choose by")
    if several:
        lines.append(
            f"{name}: {several:,} responses have none, because its rows for their {on!r} contradict each other"
        )
    if match["keys"].get("apart"):
        lines.append(
            f"{name}: {match['keys']['apart']:,} more keys would match without leading zeros or case, but these tell "
            "some keys of one file apart; make them alike first"
        )
    return lines


def _why_none(match: Mapping[str, Any], on: str) -> str:
    if not match["keys"]["shared"]:
        return f"no {on!r} in it is one of the responses'; look at the keys, or choose another --on"
    if match["window_days"] is not None:
        return (
            f"{match['keys']['shared']:,} values of {on!r} are the responses' too, but none lies within "
            f"{match['window_days']} days; try a longer --within"
        )
    return f"its rows for each {on!r} contradict each other, and it has no date to choose by"


def how_to_join(file: ScoreFile, responses: pa.Table, settings: Settings) -> How:
    """NPS belongs to the relationship (nearest, before or after), CSAT and CES to a moment (the survey after it).

    Where the key is the response's own id, it says itself which score is meant. Files without dates, or responses
    without, can only be joined by the key itself.
    """
    if not dated(file) or not (responses["day"].to_numpy() >= 0).any() or _own_id(responses):
        return "exact"
    kinds = {m.kind for c in file.columns.values() for m in c.metrics}
    if "nps" in kinds:
        return "relational"
    return "transactional" if kinds & {"csat", "ces"} else ("relational" if settings.within else "exact")


def _own_id(responses: pa.Table) -> bool:
    """Whether the key is the responses' own id."""
    same = pc.equal(pc.utf8_trim_whitespace(responses["key"]), responses["response_id"])
    return bool(pc.any(same).as_py()) and bool(pc.all(same).as_py())


def _keys(chunks: Sequence[ChunkFacts], order: Order, folder: Path) -> pa.Table:
    """Key, id, day and channel of every response in canonical order."""
    tables = []
    for chunk in chunks:
        table = spill.get(folder / f"responses-{chunk.number}.arrow")
        n = len(table)
        day = (
            pc.fill_null(pc.cast(pc.cast(table["date"], pa.date32()), pa.int32()), -1)
            if "date" in table.column_names
            else pa.array(np.full(n, -1, np.int32))
        )
        channel = table["channel"] if "channel" in table.column_names else pa.nulls(n, pa.string())
        tables.append(
            pa.table({"key": table[JOIN_KEY], "response_id": table["response_id"], "day": day, "channel": channel})
        )
    where = np.argsort(np.concatenate(order.place), kind="stable")
    return pa.concat_tables(tables).take(pa.array(where)).combine_chunks()


def key_column(source: Source, on: str) -> None:
    """The key must stand in at least one file of the input. Raises InputError otherwise."""
    if not any(on in file.columns for file in source.files):
        names = sorted({name for file in source.files for name in file.columns})
        raise InputError(f"{source.files[0].name}: there is no column {on!r} for --on; it has {', '.join(names[:20])}")
