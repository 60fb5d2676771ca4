"""Weights of words, of words under negation and of pairs of adjacent words, summed over units.

Weights are whole numbers and so are their sums: exact, whatever the order of rows and the cut into chunks. Shared by
the shipped complaint model and by sentiment learned from scores.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from cxtext.sentiment.lanes import Lanes, unpack
from cxtext.words import Traits

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, FloatArray, IntArray

WEIGHT_UNIT = 4096  # stored weights are whole numbers of 1/4096
MOST_WORDS = 65_000  # so that a pair fits 32 bits
_TABLE_BITS = 18
_ENTRY = np.dtype({"names": ["key", "place"], "formats": [np.uint32, np.uint32]})
_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, eq=False)
class UnitSums:
    """``total`` int64[U]: each unit's sum of weights in 1/4096; ``count`` int64[U]: its tokens; ``worded`` bool[U]:
    whether any of them is a word (not only punctuation or signs); ``lanes`` int64[4, U]: sums of the packed weights in
    1/16, if there are such."""

    total: IntArray
    count: IntArray
    worded: BoolArray
    lanes: IntArray | None = None


@dataclass(frozen=True, eq=False)
class WordWeights:
    """A vocabulary of W words with their weights.

    ``words``: CLASSES first; ``single``/``negated`` int16[W]; ``flags`` int16[F], by FLAGS; ``pair_keys`` uint32[B]
    (first word * W + second word) in ascending order, ``pair`` int16[B]. ``lanes``: further weights of the same words.
    """

    words: pa.Array
    single: IntArray
    negated: IntArray
    flags: IntArray
    pair_keys: IntArray
    pair: IntArray
    lanes: Lanes | None = None
    _tables: tuple[npt.NDArray[Any], ...] = field(init=False, repr=False)
    _pair_weights: IntArray = field(init=False, repr=False)
    _pair_lanes: IntArray = field(init=False, repr=False)
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
        keys, own = self.pair_keys, np.append(np.int16(0), self.pair)
        if self.lanes is not None:
            keys = np.append(keys, np.setdiff1d(self.lanes.pair_keys, keys))
            own = np.append(own, np.zeros(len(keys) + 1 - len(own), np.int16))
            places = np.argsort(keys)[np.searchsorted(np.sort(keys), self.lanes.pair_keys)]
            beside = np.zeros(len(own), np.int64)
            beside[places + 1] = self.lanes.pair
            object.__setattr__(self, "_pair_lanes", beside)
        object.__setattr__(self, "_pair_weights", own)
        object.__setattr__(self, "_tables", _pair_tables(keys))
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

    def beside(self, lanes: Lanes) -> WordWeights:
        """The same weights with others beside them, summed in one go. Raises ValueError for another vocabulary."""
        if len(lanes.single) != len(self.words) or len(lanes.flags) != len(self._flag_sums):
            raise ValueError("the packed weights belong to another vocabulary")
        return replace(self, lanes=lanes)

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
        places = [self._places(keys) for keys in (inside, *edges)]
        weight += self._pair_weights.take(places[0])
        total = range_sums(weight, row.first, row.last)
        for place in places[1:]:
            total += self._pair_weights.take(place)
        count = np.asarray(row.last - row.first, np.int64)
        beside = self._lane_sums(table, row, traits, reached, places) if self.lanes else None
        return UnitSums(total, count, _worded(row, count), beside)

    def _lane_sums(
        self, table: TokenTable, row: Spans, traits: TokenTraits, reached: IntArray, places: Sequence[IntArray]
    ) -> IntArray:
        lanes = self.lanes
        assert lanes is not None
        alone = lanes.single[traits.word] + lanes.flags[traits.flags]
        weight = alone.take(table.codes) if len(alone) else np.zeros(0, np.int64)
        weight[reached] += lanes.negated[row.word[reached]]
        weight += self._pair_lanes.take(places[0])
        found = lanes.sums(weight, row.first, row.last)
        for place in places[1:]:
            found += unpack(self._pair_lanes.take(place))
        return found

    def _traits(self, tokens: list[str]) -> TokenTraits:
        """``token_traits``, remembered: one chunk of texts uses much the same tokens as the next."""
        return TokenTraits(*self._known.of(tokens))

    def _places(self, keys: IntArray) -> IntArray:
        """Where the pairs stand among the weights of pairs; 0 for those without one."""
        there = self._tables[0].take(_slot(keys, _MULTIPLIERS[0]))
        other = there["key"] != keys
        found: IntArray = there["place"] * ~other
        # a pair is in the second table only if another took its place in the first
        crowded = np.flatnonzero(other & (there["key"] != NO_PAIR))
        left = keys.take(crowded)
        there = self._tables[1].take(_slot(left, _MULTIPLIERS[1]))
        hit = np.flatnonzero(there["key"] == left)
        found[crowded.take(hit)] = there["place"].take(hit)
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


def _pair_tables(keys: IntArray) -> tuple[npt.NDArray[Any], ...]:
    """Two hash tables of pairs, each a key and its place (from 1) for every slot.

    A free slot has a key that no pair has and the place 0. A pair that finds its slot taken by an earlier one in the
    first goes to the second; ``fitting``
    says which find a place."""
    tables = []
    left = np.arange(len(keys))
    for multiplier in _MULTIPLIERS:
        table = np.zeros(1 << _TABLE_BITS, _ENTRY)
        table["key"] = NO_PAIR
        slots, first = np.unique(_slot(keys[left].astype(np.uint32), multiplier), return_index=True)
        table["key"][slots] = keys[left[first]]
        table["place"][slots] = left[first] + 1
        tables.append(table)
        left = np.delete(left, first)
    return tuple(tables)


def fitting(keys: IntArray) -> IntArray:
    """Positions of the pairs that find a place in the tables, given in order of importance."""
    placed = np.concatenate([table["place"][table["place"] > 0] for table in _pair_tables(keys)])
    return np.sort(placed.astype(np.int64)) - 1


def _slot(keys: IntArray, multiplier: np.uint64) -> IntArray:
    return ((keys * multiplier) >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)


def whole_weights(weights: FloatArray) -> IntArray:
    """Round weights to whole numbers of 1/4096: int16, at most 8 in size."""
    return np.clip(np.round(weights * WEIGHT_UNIT), -32767, 32767).astype(np.int16)
