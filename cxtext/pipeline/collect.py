"""The reduce: canonical ranges become the written tables and the compact numbers that linking works on."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import scipy.sparse as sp

from cxtext.pipeline.ids import ROW_KEY, Ids
from cxtext.pipeline.joining import Joined
from cxtext.pipeline.looks import JOIN_KEY, ChunkFacts, Order
from cxtext.pipeline.merge import Range, SpilledTexts
from cxtext.pipeline.passes import READABLE
from cxtext.prepare.keys import content_key
from cxtext.schema import METRIC_PREFIX, SEGMENT_PREFIX, LinkTable, Metric, PainPoint

if TYPE_CHECKING:
    from cxtext.schema import IntArray

CATEGORIES = ("channel", "touchpoint", "stage", "author_role")
MOST_LEVELS = 60
"""A category with more levels than this is cut to its commonest; the rest become one level."""
REST = "(other)"
AHEAD = 2
"""Ranges that may wait to be written while the next one is gathered."""


@dataclass
class Mentions:
    """Every unit that has a pain point, in canonical order: M of them. ``row`` is the response's row in the link table.

    ``sentiment`` is the best estimate; ``shipped`` the one that knows nothing of the input's scores.
    """

    row: IntArray
    pain_point: IntArray
    sentiment: Any
    shipped: Any
    similarity: Any
    text: pa.ChunkedArray
    response_id: pa.ChunkedArray
    cues: dict[str, IntArray]


class OneByOne(Sequence[str]):
    """An Arrow column as a sequence of strings, without making them all."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, i: Any) -> Any:
        return self.column[int(i)].as_py() or ""


@dataclass
class Collected:
    """What is left of the input when all ranges are through.

    ``pain_points[j]`` is column j of the link table; ``columns[j]`` its place in the model: groups that are only
    boilerplate, and those the codebook ignores, are set aside and counted in ``set_aside``. ``weak[j]``: responses that
    may mention it, but not surely: no figure rests on them.
    """

    table: LinkTable
    mentions: Mentions
    pain_points: list[PainPoint]
    columns: IntArray
    weak: IntArray
    set_aside: dict[str, int]
    ids: pa.ChunkedArray
    texts: SpilledTexts
    lexicon: Any
    responses: int
    duplicates: int
    kept_units: int
    clustered_units: int
    foreign: int
    first_day: str | None
    last_day: str | None


@dataclass
class Collector:
    """Takes ranges one by one; writes the two Parquet tables as it goes; `finish` gives the numbers.

    ``duplicate`` bool[N]: responses, in canonical order, that repeat another one and don't count.
    ``read_foreign``: whether units in languages that can't be read are clustered all the same. ``keep_all``: groups of
    mere feeling ("excellent, thank you") stay too, because everything that was said was asked for.
    """

    folder: Path
    pain_points: Sequence[PainPoint]
    metrics: tuple[Metric, ...]
    segments: tuple[str, ...]
    duplicate: Any
    read_foreign: bool
    chunks: Sequence[ChunkFacts]
    order: Order
    joined: Joined
    keep_all: bool = False
    parts: dict[str, list[Any]] = field(default_factory=dict)
    levels: dict[str, dict[str, int]] = field(default_factory=dict)
    writers: dict[str, pq.ParquetWriter] = field(default_factory=dict)
    set_aside: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    ids: Ids = field(default_factory=Ids)

    def __post_init__(self) -> None:
        why = [
            "boilerplate" if p.verdict == "boilerplate" and not self.keep_all
            else "ignored" if p.status == "ignored" else ""
            for p in self.pain_points
        ]  # fmt: skip
        self.columns = np.flatnonzero([not reason for reason in why])
        self.shown = [self.pain_points[j] for j in self.columns.tolist()]
        self.why = np.array([*why, ""], dtype=object)
        self.column_of = np.full(len(why) + 1, -1, np.int64)
        self.column_of[self.columns] = np.arange(len(self.columns))

    def take(self, ranges: Iterable[Range]) -> None:
        with ThreadPoolExecutor(1) as writing:
            waiting: deque[Future[None]] = deque()
            for part in ranges:
                if len(waiting) == AHEAD:
                    waiting.popleft().result()
                waiting.append(writing.submit(self._write, *self._take(part)))
            for one in waiting:
                one.result()
        for writer in self.writers.values():
            writer.close()

    def _take(self, part: Range) -> tuple[pa.Table, int, pa.Array, Any, pa.Table, Any, Any]:
        """Keep the numbers of a range; returns what `_write` makes the tables of."""
        table = part.responses
        n = len(table)
        ids = self.ids.complete(table["response_id"], table[ROW_KEY])
        duplicate = self.duplicate[part.first : part.first + n]
        foreign = ~pc.fill_null(pc.is_in(table["language"], pa.array(READABLE)), True).to_numpy(zero_copy_only=False)
        blank = pc.is_null(table["text"]).to_numpy(zero_copy_only=False)
        foreign &= ~blank
        pos = part.units["pos"].to_numpy()
        counts = ~duplicate[pos] & (self.read_foreign | ~foreign[pos])
        self.kept += int(counts.sum())
        cluster = np.where(counts, part.units["cluster"].to_numpy(), -1)
        self.set_aside.update(reason for reason in self.why[cluster] if reason)
        cluster = self.column_of[cluster]
        sure = part.units["sure"].to_numpy(zero_copy_only=False)
        self._keep(weak_row=pos[(cluster >= 0) & ~sure] + part.first, weak_cluster=cluster[(cluster >= 0) & ~sure])
        found = np.flatnonzero((cluster >= 0) & sure)
        units = part.units.take(pa.array(found))
        cluster, pos = cluster[found], pos[found]
        self._keep(
            row=pos + part.first, cluster=cluster, unit_sentiment=units["sentiment"].to_numpy(),
            unit_shipped=units["shipped"].to_numpy(),
            similarity=units["similarity"].to_numpy(), text=units["text"].chunks,
            response_id=[ids.take(pa.array(pos))], duplicate=duplicate, foreign=foreign,
            commented=~blank, words=table["words"].to_numpy(),
            sentiment=pc.fill_null(table["sentiment"], np.nan).to_numpy(),
            lexicon=pc.fill_null(table["vader_compound"], np.nan).to_numpy(), ids=[ids],
        )  # fmt: skip
        self._keep(
            **{
                name: units[name].to_numpy(zero_copy_only=False)
                for name in units.column_names
                if name.startswith("cue:")
            }
        )
        for metric in self.metrics:
            column = table[METRIC_PREFIX + metric.name]
            self._keep(**{METRIC_PREFIX + metric.name: pc.fill_null(column, np.nan).to_numpy()})
        if "date" in table.column_names:
            days = pc.fill_null(pc.cast(pc.cast(table["date"], pa.date32()), pa.int32()), -1).to_numpy()
            self._keep(day=days.astype(np.int32))
        # without a customer, whoever shares a key shares a score: they are one voice
        who = next((name for name in ("customer", JOIN_KEY) if name in table.column_names), None)
        if who is not None:
            customer = table[who].combine_chunks()
            keys = np.where(
                pc.is_null(customer).to_numpy(zero_copy_only=False), np.uint64(0), np.asarray(content_key(customer))
            )
            self._keep(customer=keys)
        for name in self._categories(table):
            self._keep(**{f"category:{name}": self._codes(name, table[name])})
        return table, part.first, ids, duplicate, units, cluster, pos

    def _categories(self, table: pa.Table) -> list[str]:
        wanted = [*CATEGORIES, *(SEGMENT_PREFIX + s for s in self.segments)]
        return [name for name in wanted if name in table.column_names]

    def _codes(self, name: str, column: pa.ChunkedArray) -> IntArray:
        """Codes in the order in which levels were met; `finish` sorts the levels."""
        seen = self.levels.setdefault(name, {})
        encoded = column.combine_chunks().dictionary_encode()
        own = np.array([seen.setdefault(level, len(seen)) for level in encoded.dictionary.to_pylist()] + [-1], np.int32)
        codes: IntArray = own[pc.fill_null(encoded.indices, len(own) - 1).to_numpy(zero_copy_only=False)]
        return codes

    def _keep(self, **arrays: Any) -> None:
        for name, values in arrays.items():
            self.parts.setdefault(name, []).append(values)

    def _write(
        self, table: pa.Table, first: int, ids: pa.Array, duplicate: Any, units: pa.Table, cluster: Any, pos: Any
    ) -> None:
        points = pa.array([p.id for p in self.shown], pa.string())
        labels = pa.array([p.label for p in self.shown], pa.string())
        table = table.drop_columns([c for c in ("key", ROW_KEY, JOIN_KEY) if c in table.column_names]).set_column(
            0, "response_id", ids
        )
        for name, values in self.joined.values.items():
            mine = values[first : first + len(table)]
            table = table.append_column(METRIC_PREFIX + name, pa.array(mine, mask=np.isnan(mine)))
        for name, levels in self.joined.segments.items():
            table = table.append_column(SEGMENT_PREFIX + name, levels.slice(first, len(table)))
        named = points.take(pa.array(cluster))
        mentions = units.drop_columns(["pos", "cluster", "shipped", "sure"])
        mentions = mentions.add_column(0, "label", labels.take(pa.array(cluster)))
        mentions = mentions.add_column(0, "response_id", ids.take(pa.array(pos)))
        mentions = mentions.add_column(0, "pain_point", named)
        table = table.append_column("duplicate", pa.array(duplicate))
        table = table.append_column("pain_points", _lists(named, pos, len(table)))
        for name, rows in (("responses", table), ("mentions", mentions)):
            if name not in self.writers:
                self.writers[name] = pq.ParquetWriter(
                    self.folder / f"{name}.parquet", rows.schema, compression="zstd",
                    use_dictionary=[c for c in rows.column_names if c not in ("text", "response_id")],
                )  # fmt: skip
            self.writers[name].write_table(rows, row_group_size=1 << 20)

    def finish(self) -> Collected:
        """The numbers of all ranges put together; repeated responses are left out."""
        whole = {
            name: np.concatenate(self.parts.pop(name))
            for name in tuple(self.parts)
            if name not in ("text", "response_id", "ids")
        }
        duplicate = whole["duplicate"]
        counted = ~duplicate
        row = whole["row"]
        place = np.cumsum(counted) - 1
        n = int(counted.sum())
        cells = sp.coo_array((np.ones(len(row), bool), (place[row], whole["cluster"])), shape=(n, len(self.shown)))
        mentions = sp.csr_array(cells)
        mentions.sum_duplicates()
        mentions.data[:] = True
        maybe = np.unique(whole["weak_row"] * np.int64(len(self.shown) + 1) + whole["weak_cluster"])
        surely = np.unique(row * np.int64(len(self.shown) + 1) + whole["cluster"])
        maybe = maybe[~np.isin(maybe, surely)] % (len(self.shown) + 1)
        categories, levels = {}, {}
        for name, seen in self.levels.items():
            plain = name.removeprefix(SEGMENT_PREFIX)
            categories[plain], levels[plain] = _sorted_levels(whole[f"category:{name}"][counted], seen)
        for name, joined in self.joined.segments.items():
            codes, seen = _encoded(joined)
            categories[name], levels[name] = _sorted_levels(codes[counted], seen)
        day = whole["day"][counted] if "day" in whole else np.full(n, -1, np.int32)
        known = day[day >= 0]
        table = LinkTable(
            mentions=mentions,
            metrics=self.metrics + self.joined.metrics,
            values={m.name: whole[METRIC_PREFIX + m.name][counted] for m in self.metrics}
            | {name: values[counted] for name, values in self.joined.values.items()},
            customer=_customer_codes(whole["customer"][counted]) if "customer" in whole else np.full(n, -1, np.int32),
            day=day,
            categories=categories,
            levels=levels,
            words=whole["words"][counted],
            commented=whole["commented"][counted],
            sentiment=whole["sentiment"][counted],
        )
        cues = {name[4:]: whole[name] for name in whole if name.startswith("cue:")}
        return Collected(
            table=table,
            mentions=Mentions(
                place[row], whole["cluster"], whole["unit_sentiment"],
                whole["unit_shipped"], whole["similarity"],
                _chunked(self.parts["text"]), _chunked(self.parts["response_id"]), cues
            ),
            pain_points=list(self.shown),
            columns=self.columns,
            weak=np.bincount(maybe, minlength=len(self.shown)),
            set_aside=dict(self.set_aside),
            ids=_chunked(self.parts["ids"]).filter(pa.array(counted)),
            texts=SpilledTexts(self.folder, self.chunks, self.order, np.flatnonzero(counted)),
            lexicon=whole["lexicon"][counted],
            responses=len(duplicate),
            duplicates=int(duplicate.sum()),
            kept_units=self.kept,
            clustered_units=len(row),
            foreign=int(whole["foreign"].sum()),
            first_day=str(np.datetime64(int(known.min()), "D")) if len(known) else None,
            last_day=str(np.datetime64(int(known.max()), "D")) if len(known) else None,
        )  # fmt: skip


def _lists(named: pa.Array, pos: Any, n: int) -> pa.Array:
    """The pain points of each response, each once and sorted, as a list column; `pos` is ascending."""
    codes = named.dictionary_encode()
    names = codes.dictionary.to_pylist()
    order = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    pairs = np.unique(np.stack([pos, rank[codes.indices.to_numpy(zero_copy_only=False)]]).astype(np.int64), axis=1)
    offsets = np.searchsorted(pairs[0], np.arange(n + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, codes.dictionary.take(pa.array(order[pairs[1]])))


def _encoded(column: pa.Array) -> tuple[IntArray, dict[str, int]]:
    """Codes (-1 for null) and the code of each level."""
    coded = column.dictionary_encode()
    codes: IntArray = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return codes, {level: i for i, level in enumerate(coded.dictionary.to_pylist())}


def _sorted_levels(codes: IntArray, seen: dict[str, int]) -> tuple[IntArray, tuple[str, ...]]:
    """Codes into sorted levels; beyond `MOST_LEVELS` the rarer ones become one."""
    counts = np.bincount(codes[codes >= 0], minlength=len(seen))
    ranked = sorted(seen, key=lambda level: (-counts[seen[level]], level))
    kept = sorted(ranked[:MOST_LEVELS])
    names = tuple(kept) if len(ranked) <= MOST_LEVELS else (*kept, REST)
    number = {level: i for i, level in enumerate(kept)}
    new = np.full(len(seen) + 1, -1, np.int32)
    for level, old in seen.items():
        new[old] = number.get(level, len(kept))
    return new[codes], names


def _customer_codes(keys: Any) -> IntArray:
    """int32 codes, -1 where the customer isn't known (key 0)."""
    distinct, codes = np.unique(keys, return_inverse=True)
    codes = codes.astype(np.int32)
    return codes - 1 if len(distinct) and distinct[0] == 0 else codes


def _chunked(parts: list[list[pa.Array]]) -> pa.ChunkedArray:
    flat = [array for part in parts for array in part]
    return pa.chunked_array(flat, pa.string())
