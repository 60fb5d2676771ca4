"""Look at every byte of many texts at once, to find the few rows that need a closer look."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

Bools = npt.NDArray[np.bool_]
_BLOCK = 1 << 17
_LETTERS, _FIRST_LETTER, _BLANK, _CASE = np.uint8(26), np.uint8(ord("a")), np.uint8(ord(" ")), np.uint8(32)


def as_strings(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One Arrow array of type ``string`` (or ``large_string`` where 2 GiB don't suffice), whatever came in."""
    import pyarrow as pa

    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
        if isinstance(texts, pa.ChunkedArray):  # too large for 32-bit offsets
            texts = texts.cast(pa.large_string()).combine_chunks()
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        texts = texts.cast(pa.string())
    return texts


def raw_bytes(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The UTF-8 bytes of N texts without a copy, none but theirs, and int64[N+1] offsets into them."""
    import pyarrow as pa

    kind: Any = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    buffers = texts.buffers()
    if len(texts) == 0:
        return np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(buffers[1], dtype=kind)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    data = np.frombuffer(buffers[2], dtype=np.uint8) if buffers[2] is not None else np.zeros(0, dtype=np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0]


def byte_set(values: Iterable[int]) -> Bools:
    """These byte values, as ``bool[256]``. Letters of ASCII and the blank can't be asked for."""
    wanted = np.zeros(256, dtype=np.bool_)
    wanted[list(values)] = True
    return wanted


@dataclass(frozen=True, eq=False)
class Signs:
    """All bytes of N texts that are neither a letter of ASCII nor a blank: few, so that asking for some is cheap.

    ``data`` uint8 and ``offsets`` int64[N+1]: the texts; ``at`` int64[M]: where in ``data`` the M signs stand, in
    order; ``value`` uint8[M]: what they are; ``present`` bool[256]: which values occur.
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    value: npt.NDArray[np.uint8]
    present: Bools

    def places(self, wanted: Bools) -> npt.NDArray[np.int64]:
        """Where the bytes of a ``byte_set`` stand."""
        return self.at[wanted[self.value]] if (wanted & self.present).any() else self.at[:0]

    def counts(self, wanted: Bools) -> npt.NDArray[np.int64]:
        """How many bytes of each text are in a ``byte_set``: int64[N]."""
        return self.texts_of(self.places(wanted))

    def texts_of(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How many of these places, given in order, each text has: int64[N]."""
        n = len(self.offsets) - 1
        if len(places) < n // 2:
            return np.bincount(np.searchsorted(self.offsets, places, side="right") - 1, minlength=n)[:n]
        return np.diff(np.searchsorted(places, self.offsets))


def signs(texts: pa.Array) -> Signs:
    """Find the signs of the texts of an Arrow string array; asked again for the same array, it doesn't look again."""
    for last, seen in _LAST[:1]:  # read at once: another thread may put its own there
        if last() is texts:
            return seen
    data, offsets = raw_bytes(texts)
    found = []
    for first in range(0, len(data), _BLOCK):
        part = data[first : first + _BLOCK]
        sign = ((part | _CASE) - _FIRST_LETTER) >= _LETTERS
        sign &= part != _BLANK
        found.append(np.flatnonzero(sign) + first)
    at = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    value = data.take(at)
    seen = Signs(data, offsets, at, value, np.bincount(value, minlength=256) > 0)
    _LAST[:] = [(weakref.ref(texts), seen)]
    return seen


_LAST: list[tuple[weakref.ref[Any], Signs]] = []


def put(texts: pa.Array, rows: npt.NDArray[np.int64], values: list[str]) -> pa.Array:
    """The same texts with those of the given rows replaced."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(rows):
        return texts
    mask = np.zeros(len(texts), dtype=np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(values, texts.type))
