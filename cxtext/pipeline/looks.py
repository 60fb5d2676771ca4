"""What is known of an input after its first pass: small things that the parent keeps, and that later steps rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxtext.schema import RejectedRow

if TYPE_CHECKING:
    from cxtext.schema import BoolArray, IntArray

JOIN_KEY = "join_key"
"""The column of the responses table that holds the key to join on."""


@dataclass(frozen=True)
class ChunkFacts:
    """What the parent keeps of a chunk after the first pass; N responses and U kept units, sorted by key.

    ``row_keys`` uint64[N], what ids are made from, breaks ties; it is empty where every response has an id.
    """

    number: int
    rows_in: int
    keys: IntArray
    row_keys: IntArray
    signatures: IntArray
    words: IntArray
    unit_keys: IntArray
    unit_pos: IntArray
    unit_foreign: BoolArray
    counts: Mapping[str, Counter[str]]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True)
class Order:
    """The canonical order over all chunks: ``place[c][i]`` int64 is where response i of chunk c stands in the whole."""

    keys: IntArray
    place: tuple[IntArray, ...]


@dataclass(frozen=True)
class FirstLook:
    """What is known after the first pass: chunks, the canonical order, what repeats, what can be read."""

    chunks: tuple[ChunkFacts, ...]
    order: Order
    duplicate: Any
    read_foreign: bool
    counts: Mapping[str, Counter[str]]

    @property
    def rows_in(self) -> int:
        return sum(c.rows_in for c in self.chunks)
