"""The ids of responses that have none of their own: one rule for every command.

An id is made from all cells of the row as it stands in the input, not from the columns that a command happens to use:
``assign`` and ``analyze`` give a row the same id, whatever flags they were called with. Rows that are wholly alike
are numbered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.prepare.keys import content_key, hash_strings, mix
from cxtext.read.numbers import strings
from cxtext.schema import FeedbackChunk

if TYPE_CHECKING:
    from cxtext.schema import IntArray

ROW_KEY = "row_key"
"""The column that holds what an id is made from: uint64, null where the response has an id of its own."""
_SHORT = np.uint64(16)
_OLDER_IS_LARGE = 2


def with_row_keys(table: pa.Table, chunk: FeedbackChunk) -> pa.Table:
    """The responses of a chunk with the column `ROW_KEY` added."""
    missing = pc.is_null(table["response_id"]).combine_chunks()
    if not pc.any(missing).as_py():
        return table.append_column(ROW_KEY, pa.nulls(len(table), pa.uint64()))
    rows = np.searchsorted(chunk.rows, table["row"].to_numpy())
    keys = pa.array(_row_keys(chunk.table)[rows])
    return table.append_column(ROW_KEY, pc.if_else(missing, keys, pa.scalar(None, pa.uint64())))


def sort_keys(table: pa.Table) -> Any:
    """`ROW_KEY` as uint64[N] to sort by, 0 where there is none."""
    return pc.fill_null(table[ROW_KEY].combine_chunks(), 0).to_numpy(zero_copy_only=False)


def _row_keys(table: pa.Table) -> Any:
    """A key of each row's cells, uint64[N]: neither the order of columns nor empty ones count."""
    sums = np.zeros(len(table), np.uint64)
    for name, header in zip(table.column_names, hash_strings(pa.array(table.column_names, pa.string())), strict=True):
        cells = strings(table[name])
        filled = pc.is_valid(cells).to_numpy(zero_copy_only=False)
        sums += np.where(filled, mix(np.asarray(content_key(cells)) + header), np.uint64(0))
    return mix(sums)


class Ids:
    """Gives out ids, part by part of an input; equal rows get -2, -3 ... in the order in which they come.

    Memory: sixteen bytes for each response that has no id of its own.
    """

    def __init__(self) -> None:
        self._seen: list[tuple[Any, IntArray]] = []

    def complete(self, own: pa.Array | pa.ChunkedArray, keys: pa.Array | pa.ChunkedArray) -> pa.Array:
        """The responses' own ids; where there is none, twelve hexadecimal digits of the key, numbered if repeated."""
        own, keys = _one(own), _one(keys)
        made = np.flatnonzero(pc.is_valid(keys).to_numpy(zero_copy_only=False))
        if not len(made):
            return own
        short = pc.drop_null(keys).to_numpy() >> _SHORT
        again = self._count(short)
        texts = [f"{key:012x}{f'-{n + 1}' if n else ''}" for key, n in zip(short.tolist(), again, strict=True)]
        mask = np.zeros(len(own), np.bool_)
        mask[made] = True
        return pc.replace_with_mask(own, pa.array(mask), pa.array(texts, pa.string()))

    def _count(self, keys: Any) -> list[int]:
        """How often each key came before, in earlier parts and in this one; the keys are remembered."""
        order = np.argsort(keys, kind="stable")
        distinct, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        before = np.zeros(len(distinct), np.int64)
        for old, n in self._seen:
            place = np.minimum(np.searchsorted(old, distinct), len(old) - 1)
            before += np.where(old[place] == distinct, n[place], 0)
        starts = np.cumsum(counts) - counts
        again = np.empty(len(keys), np.int64)
        again[order] = np.arange(len(keys)) - np.repeat(starts, counts)
        again += before[inverse]
        self._remember(distinct, counts.astype(np.int64))
        numbers: list[int] = again.tolist()
        return numbers

    def _remember(self, keys: Any, counts: IntArray) -> None:
        """Keep sorted runs, each at least twice as long as the next: few to search, and seldom merged."""
        while self._seen and len(self._seen[-1][0]) < _OLDER_IS_LARGE * len(keys):
            old, n = self._seen.pop()
            keys, inverse = np.unique(np.concatenate([old, keys]), return_inverse=True)
            sums = np.zeros(len(keys), np.int64)
            np.add.at(sums, inverse, np.concatenate([n, counts]))
            counts = sums
        self._seen.append((keys, counts))


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
