"""Put the spilled chunks into the canonical order: by content key, whatever order and chunks the rows came in.

The keys are cut into ranges of about `ROWS`; each range is gathered from all chunks (a slice of each, since chunks
are sorted), sorted and handed on. Memory stays flat and the ranges depend on the keys alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cxtext.pipeline.looks import ChunkFacts, Order
from cxtext.store import spill

if TYPE_CHECKING:
    from cxtext.schema import IntArray

ROWS = 50_000


@dataclass(frozen=True)
class Range:
    """Some responses in canonical order and their kept units; ``first`` is the place of the first one in the whole.

    ``units["pos"]`` counts within this range.
    """

    first: int
    responses: pa.Table
    units: pa.Table


def canonical(chunks: Sequence[ChunkFacts]) -> Order:
    """Sort all keys. Responses with equal keys, and equal row keys, are equal: it doesn't matter which comes first."""
    keys = np.concatenate([c.keys for c in chunks]) if chunks else np.zeros(0, np.uint64)
    if any(len(c.row_keys) for c in chunks):
        ties = [c.row_keys if len(c.row_keys) else np.zeros(len(c.keys), np.uint64) for c in chunks]
        order = np.lexsort((np.concatenate(ties), keys))
    else:
        order = np.argsort(keys, kind="stable")
    place = np.empty(len(keys), np.int64)
    place[order] = np.arange(len(keys))
    ends = np.cumsum([len(c.keys) for c in chunks])
    return Order(keys[order], tuple(np.split(place, ends[:-1])) if chunks else ())


def ranges(folder: Path, chunks: Sequence[ChunkFacts], order: Order, learned: bool = False) -> Iterator[Range]:
    """All responses and kept units in canonical order, a range at a time."""
    total = len(order.keys)
    cuts = [0]
    while cuts[-1] < total:
        end = min(cuts[-1] + ROWS, total)
        # equal keys stay together
        cuts.append(int(np.searchsorted(order.keys, order.keys[end - 1], side="right")))
    for first, last in pairwise(cuts):
        yield _gather(folder, chunks, order, first, last, learned)


def _gather(folder: Path, chunks: Sequence[ChunkFacts], order: Order, first: int, last: int, learned: bool) -> Range:
    responses, units = [], []
    for chunk, place in zip(chunks, order.place, strict=True):
        low, high = np.searchsorted(place, (first, last))
        if low == high:
            continue
        table = spill.get(folder / f"responses-{chunk.number}.arrow").slice(low, high - low)
        if learned:
            own = spill.get(folder / f"learned-{chunk.number}.arrow")["sentiment"].slice(low, high - low)
            table = table.set_column(table.column_names.index("sentiment"), "sentiment", own)
        responses.append(table.append_column("place", pa.array(place[low:high] - first)))
        from_, to = np.searchsorted(chunk.unit_pos, (low, high))
        part = spill.get(folder / f"units-{chunk.number}.arrow").slice(from_, to - from_)
        found = spill.get(folder / f"assigned-{chunk.number}.arrow").slice(from_, to - from_)
        part = part.rename_columns(["shipped" if name == "sentiment" else name for name in part.column_names])
        for name in found.column_names:
            part = part.append_column(name, found[name])
        pos = place[part["pos"].to_numpy()] - first
        units.append(part.set_column(0, "pos", pa.array(pos)))
    table = pa.concat_tables(responses)
    table = table.take(pa.array(np.argsort(table["place"].to_numpy(), kind="stable"))).drop_columns(["place"])
    part = pa.concat_tables(units)
    part = part.take(pa.array(np.lexsort((part["unit"].to_numpy(), part["pos"].to_numpy()))))
    return Range(first, table.combine_chunks(), part.combine_chunks())


class SpilledTexts(Sequence[str]):
    """The texts of some responses, ``rows`` of the canonical order, looked up on disk one by one when asked for."""

    def __init__(self, folder: Path, chunks: Sequence[ChunkFacts], order: Order, rows: IntArray) -> None:
        self.folder, self.chunks, self.rows = folder, chunks, rows
        self.starts = np.cumsum([0, *(len(place) for place in order.place)])
        self.where = np.argsort(np.concatenate(order.place), kind="stable")

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: Any) -> Any:
        spilled = int(self.where[self.rows[int(i)]])
        chunk = int(np.searchsorted(self.starts, spilled, side="right")) - 1
        table = spill.get(self.folder / f"responses-{self.chunks[chunk].number}.arrow", ["text"])
        return table["text"][spilled - int(self.starts[chunk])].as_py() or ""
