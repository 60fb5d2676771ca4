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
from cxtext.read.columns import choose_all
from cxtext.read.join import How, join_scores
from cxtext.read.source import Source
from cxtext.schema import Columns, Metric
from cxtext.settings import Declared, Settings
from cxtext.store import spill

if TYPE_CHECKING:
    from cxtext.schema import FloatArray

_WINDOW = re.compile(r"(\d+)\s*(d|days?|w|weeks?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Joined:
    """Scores from other files for N responses in canonical order: ``values[metric]`` float64[N], NaN for none."""

    metrics: tuple[Metric, ...] = ()
    values: Mapping[str, FloatArray] = field(default_factory=dict)
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
    folder: Path, progress: Progress,
) -> Joined:  # fmt: skip
    """Join every ``--scores`` file. A score that the input has too gets the file's name in front of its own."""
    if not files:
        return Joined()
    responses = _keys(chunks, order, folder)
    metrics: list[Metric] = list(taken)
    values: dict[str, FloatArray] = {}
    matches: list[Mapping[str, Any]] = []
    for file in files:
        source, columns = file.source, file.columns
        result = join_scores(
            responses, source, columns, on=str(settings.on), within_days=window_days(settings.within),
            how=how_to_join(columns, responses, settings),
        )  # fmt: skip
        for metric in result.metrics:
            name = metric.name
            if any(m.name == name for m in metrics):
                name = f"{Path(source.files[0].name).stem}_{name}"
            metrics.append(replace(metric, name=name))
            values[name] = result.values[metric.name]
        matches.append(result.match)
        rate = result.match["rate"] or 0.0
        progress.note(
            f"{source.files[0].name}: a score for {rate:.1%} of the responses, "
            f"joined on {settings.on!r} ({result.match['how']})"
        )
        if not result.match["matched"]:
            raise InputError(
                f"{source.files[0].name}: no {settings.on!r} in it is one of the responses'; "
                "look at the keys, or choose another --on"
            )
    own = tuple(m for m in metrics if m.name in values)
    return Joined(own, values, tuple(matches))


def how_to_join(columns: Mapping[str, Columns], responses: pa.Table, settings: Settings) -> How:
    """NPS belongs to the relationship (nearest, before or after), CSAT and CES to a moment (the survey after it).

    Files without dates, or responses without, can only be joined by the key itself.
    """
    dated = all(c.date for c in columns.values()) and bool((responses["day"].to_numpy() >= 0).any())
    if not dated:
        if settings.within:
            raise RequestError("--within needs a date column in both files; name it with --date")
        return "exact"
    kinds = {m.kind for c in columns.values() for m in c.metrics}
    if "nps" in kinds:
        return "relational"
    return "transactional" if kinds & {"csat", "ces"} else ("relational" if settings.within else "exact")


def _keys(chunks: Sequence[ChunkFacts], order: Order, folder: Path) -> pa.Table:
    """Key, day and channel of every response in canonical order."""
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
        tables.append(pa.table({"key": table[JOIN_KEY], "day": day, "channel": channel}))
    where = np.argsort(np.concatenate(order.place), kind="stable")
    return pa.concat_tables(tables).take(pa.array(where)).combine_chunks()


def key_column(source: Source, on: str) -> None:
    """The key must stand in at least one file of the input. Raises InputError otherwise."""
    if not any(on in file.columns for file in source.files):
        names = sorted({name for file in source.files for name in file.columns})
        raise InputError(f"{source.files[0].name}: there is no column {on!r} for --on; it has {', '.join(names[:20])}")
