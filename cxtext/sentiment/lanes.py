"""Four sets of word weights summed at once: each word's four small weights are packed into one 64-bit number.

Weights are whole numbers of 1/16 from -127 to 127, so the sum of a few dozen words stays within a lane of 16 bits and
one addition adds all four. Longer units are summed in parts. Everything is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxtext.sentiment.features import range_sums

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxtext.schema import IntArray

LANES = 4
LANE_UNIT = 16  # stored weights are whole numbers of 1/16
_BITS = 16
_LONGEST = 60  # words summed at once: at most four weights each, 4 * 127 * 60 < 2**15
_NAMES = ("single", "negated", "flags", "pair")


@dataclass(frozen=True, eq=False)
class Lanes:
    """Packed weights beside those of a vocabulary of W words.

    ``single``/``negated`` int64[W]; ``flags`` int64[2**F], one for each combination of flags; ``pair_keys`` uint32[B]
    as in ``WordWeights``, ``pair`` int64[B].
    """

    single: IntArray
    negated: IntArray
    flags: IntArray
    pair_keys: IntArray
    pair: IntArray

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Lanes:
        """Pack int8[4, W], int8[4, W], int8[4, F] and int8[4, B]; raises KeyError or ValueError for anything else."""
        single, negated, flags, pair = (_checked(arrays[name]) for name in _NAMES)
        if single.shape != negated.shape or pair.shape[1] != len(arrays["pair_keys"]):
            raise ValueError("the arrays of packed weights don't belong together")
        bits = (np.arange(1 << flags.shape[1])[:, None] >> np.arange(flags.shape[1])) & 1
        combined = np.clip(flags.astype(np.int64) @ bits.T, -127, 127)
        return cls(pack(single), pack(negated), pack(combined), arrays["pair_keys"], pack(pair))

    def sums(self, weight: IntArray, first: IntArray, last: IntArray) -> IntArray:
        """Sum packed weights int64[T] over ascending ranges [first, last): int64[4, U], in 1/16."""
        if not len(first) or int((last - first).max()) <= _LONGEST:
            return unpack(range_sums(weight, first, last))
        parts = np.maximum(-(-(last - first) // _LONGEST), 1)
        owner = np.repeat(np.arange(len(first)), parts)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(parts) - parts, parts)
        start = first[owner] + step * _LONGEST
        some = unpack(range_sums(weight, start, np.minimum(start + _LONGEST, last[owner])))
        return np.add.reduceat(some, np.cumsum(parts) - parts, axis=1)


def pack(weights: IntArray) -> IntArray:
    """Pack whole numbers [4, n], each small, into int64[n]."""
    packed = np.zeros(weights.shape[1], np.int64)
    for lane in reversed(range(LANES)):
        packed = (packed << _BITS) + weights[lane].astype(np.int64)
    return packed


def unpack(packed: IntArray) -> IntArray:
    """The four numbers of each packed one: int64[4, n]."""
    found = np.empty((LANES, len(packed)), np.int64)
    rest = packed
    for lane in range(LANES):
        found[lane] = rest.astype(np.int16)  # the lowest 16 bits, with their sign
        rest = (rest - found[lane]) >> _BITS
    return found


def _checked(weights: Any) -> IntArray:
    if weights.dtype != np.int8 or weights.ndim != 2 or len(weights) != LANES:
        raise ValueError("packed weights are made of four rows of small whole numbers")
    checked: IntArray = weights
    return checked
