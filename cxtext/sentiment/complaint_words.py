"""Weights of words, of words under negation and of pairs of adjacent words, summed over units.

Weights are whole numbers and so are their sums: exact, whatever the order of rows and the cut into chunks. Shared by
the shipped complaint model and by sentiment learned from scores.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cxtext.schema import TokenTable, Units
from cxtext.sentiment.features import (
    CLASSES,
    FLAGS,
    NO_PAIR,
    NONE,
    Spans,
    TokenTraits,
    pairs,
    range_sums,
    spans,
    token_traits,
)
from cxtext.words import Traits

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, FloatArray, IntArray

WEIGHT_UNIT = 4096  # stored weights are whole numbers of 1/4096
MOST_WORDS = 65_000  # so that a pair fits 32 bits
_TABLE_BITS = 18
_ENTRY = np.dtype({"names": ["key", "weight"], "formats": [np.uint32, np.int16], "itemsize": 8})
_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, eq=False)
class UnitSums:
    """``total`` int64[U]: each unit's sum of weights in 1/4096; ``count`` int64[U]: its tokens; ``worded`` bool[U]:
    whether any of them is a word (not only punctuation or signs)."""

    total: IntArray
    count: IntArray
    worded: BoolArray


@dataclass(frozen=True, eq=False)
class WordWeights:
    """A vocabulary of W words with their weights.

    ``words``: CLASSES first; ``single``/``negated`` int16[W]; ``flags`` int16[F], by FLAGS; ``pair_keys`` uint32[B]
    (first word * W + second word) in ascending order, ``pair`` int16[B].
    """

    words: pa.Array
    single: IntArray
    negated: IntArray
    flags: IntArray
    pair_keys: IntArray
    pair: IntArray
    _tables: tuple[npt.NDArray[Any], ...] = field(init=False, repr=False)
    _flag_sums: IntArray = field(init=False, repr=False)
    _seen: list[Any] = field(init=False, repr=False, default_factory=list)
    _known: Traits = field(init=False, repr=False)

    def __post_init__(self) -> None:
        w = len(self.words)
        sizes = (len(self.single), len(self.negated), len(self.flags), len(self.pair))
        if sizes != (w, w, len(FLAGS), len(self.pair_keys)) or self.words[: len(CLASSES)].to_pylist() != list(CLASSES):
            raise ValueError("the arrays of word weights don't belong together")
        numbers = {word: i for i, word in reversed([*enumerate(self.words.to_pylist())])}
        object.__setattr__(self, "_known", Traits(lambda words: token_traits(words, numbers).columns()))
        object.__setattr__(self, "_tables", _pair_tables(self.pair_keys, self.pair))
        bits = (np.arange(1 << len(FLAGS))[:, None] >> np.arange(len(FLAGS))) & 1
        object.__setattr__(self, "_flag_sums", (bits * self.flags.astype(np.int32)).sum(axis=1, dtype=np.int32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> WordWeights:
        """Rebuild from ``arrays()``. Raises KeyError or ValueError when they are not those of word weights."""
        words = pa.array(arrays["words"].tobytes().decode("utf-8").split("\n"), pa.string())
        return cls(words, *(arrays[name] for name in ("single", "negated", "flags", "pair_keys", "pair")))

    def arrays(self) -> dict[str, Any]:
        """Everything as plain arrays, ready to be saved."""
        words = np.frombuffer("\n".join(self.words.to_pylist()).encode("utf-8"), np.uint8)
        named = {name: getattr(self, name) for name in ("single", "negated", "flags", "pair_keys", "pair")}
        return {"words": words, **named}

    def unit_sums(self, table: TokenTable, units: Units) -> UnitSums:
        """Sum the weights over each unit.

        The last result is kept as long as its arrays live: units and responses are asked for one after the other.
        """
        if self._seen:
            codes, first, kept = self._seen[0]
            if codes() is table.codes and first() is units.first:
                return kept  # type: ignore[no-any-return]
        result = self._unit_sums(table, units)
        self._seen[:] = [(weakref.ref(table.codes), weakref.ref(units.first), result)]
        return result

    def _unit_sums(self, table: TokenTable, units: Units) -> UnitSums:
        traits = self._traits(table.tokens)
        row = spans(table, units, traits)
        alone = self.single[traits.word].astype(np.int32) + self._flag_sums[traits.flags]
        weight = alone.take(table.codes) if len(alone) else np.zeros(0, np.int32)
        reached = np.flatnonzero(row.negated)
        weight[reached] += self.negated[row.word[reached]]
        inside, edges = pairs(row, len(self.words))
        weight += self._pair_weight(inside)
        total = range_sums(weight, row.first, row.last)
        for edge in edges:
            total += self._pair_weight(edge)
        count = np.asarray(row.last - row.first, np.int64)
        return UnitSums(total, count, _worded(row, count))

    def _traits(self, tokens: list[str]) -> TokenTraits:
        """``token_traits``, remembered: one chunk of texts uses much the same tokens as the next."""
        return TokenTraits(*self._known.of(tokens))

    def _pair_weight(self, keys: IntArray) -> IntArray:
        there = self._tables[0].take(_slot(keys, _MULTIPLIERS[0]))
        other = there["key"] != keys
        found: IntArray = there["weight"] * ~other
        # a pair is in the second table only if another took its place in the first
        crowded = np.flatnonzero(other & (there["key"] != NO_PAIR))
        left = keys.take(crowded)
        there = self._tables[1].take(_slot(left, _MULTIPLIERS[1]))
        hit = np.flatnonzero(there["key"] == left)
        found[crowded.take(hit)] = there["weight"].take(hit)
        return found


def _worded(row: Spans, count: IntArray) -> BoolArray:
    """Which units have a word among their tokens; tokens without one are few."""
    signs = np.flatnonzero(row.word == NONE)
    unit = np.searchsorted(row.first, signs, side="right") - 1
    signs, unit = signs[unit >= 0], unit[unit >= 0]
    inside = signs < row.last[unit]
    return np.asarray(count > np.bincount(unit[inside], minlength=len(count)))


class ByResponse:
    """Units by their responses: figures of the U units summed up for each of n responses.

    ``which`` int32[U]: the response of each unit, ascending. A response without units has 0.
    """

    def __init__(self, which: IntArray, n: int) -> None:
        self._which, self._n = which, n
        count = np.bincount(which, minlength=n)
        self._some = np.flatnonzero(count)
        self._starts = (np.cumsum(count) - count)[self._some]
        self._divisor = np.maximum(count, 1)

    def mean(self, values: FloatArray) -> FloatArray:
        """The mean of each response's values float64[U]: float64[n]."""
        return np.bincount(self._which, weights=values, minlength=self._n) / self._divisor

    def lowest(self, values: FloatArray) -> FloatArray:
        """The lowest of each response's values float64[U]: float64[n]."""
        return self._reduced(np.minimum, values)

    def highest(self, values: FloatArray) -> FloatArray:
        """The highest of each response's values float64[U]: float64[n]."""
        return self._reduced(np.maximum, values)

    def _reduced(self, function: np.ufunc, values: FloatArray) -> FloatArray:
        out = np.zeros(self._n)
        if len(self._starts):
            out[self._some] = function.reduceat(values, self._starts)
        return out


def _pair_tables(keys: IntArray, weights: IntArray) -> tuple[npt.NDArray[Any], ...]:
    """Two hash tables of pairs, each a key and a weight for every slot; a free slot has a key that no pair has and the
    weight 0. A pair that finds its slot taken in the first goes to the second; ``fitting`` says which find a place."""
    tables = []
    left = np.arange(len(keys))
    for multiplier in _MULTIPLIERS:
        table = np.zeros(1 << _TABLE_BITS, _ENTRY)
        table["key"] = NO_PAIR
        slots, first = np.unique(_slot(keys[left].astype(np.uint32), multiplier), return_index=True)
        table["key"][slots] = keys[left[first]]
        table["weight"][slots] = weights[left[first]]
        tables.append(table)
        left = np.delete(left, first)
    return tuple(tables)


def fitting(keys: IntArray) -> IntArray:
    """Positions of the pairs that find a place in the tables, given in order of importance."""
    tables = _pair_tables(keys, np.ones(len(keys), np.int16))
    placed = np.concatenate([table["key"][table["weight"] > 0] for table in tables])
    return np.flatnonzero(np.isin(keys, placed))


def _slot(keys: IntArray, multiplier: np.uint64) -> IntArray:
    return ((keys * multiplier) >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)


def whole_weights(weights: FloatArray) -> IntArray:
    """Round weights to whole numbers of 1/4096: int16, at most 8 in size."""
    return np.clip(np.round(weights * WEIGHT_UNIT), -32767, 32767).astype(np.int16)
