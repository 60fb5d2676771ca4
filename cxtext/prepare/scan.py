"""Look at every byte of many texts at once, to find the few rows that need a closer look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

Bools = npt.NDArray[np.bool_]
ByteSet = tuple[tuple[int, int], ...]
_BLOCK = 1 << 17


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
    """The UTF-8 bytes of N texts without a copy, and int64[N+1] offsets into them."""
    import pyarrow as pa

    kind: Any = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    buffers = texts.buffers()
    if len(texts) == 0:
        return np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(buffers[1], dtype=kind)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    data = np.frombuffer(buffers[2], dtype=np.uint8) if buffers[2] is not None else np.zeros(0, dtype=np.uint8)
    return data, offsets


def byte_set(values: Iterable[int]) -> ByteSet:
    """These byte values as ranges (first, how many more): comparing is several times faster than looking up."""
    ranges: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        if ranges and value == sum(ranges[-1]) + 1:
            ranges[-1] = (ranges[-1][0], ranges[-1][1] + 1)
        else:
            ranges.append((value, 0))
    return tuple(ranges)


def hits(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], wanted: ByteSet) -> npt.NDArray[np.int64]:
    """How many bytes of each text are in the set ``wanted``: int64[N]."""
    found = []
    for first in range(int(offsets[0]), int(offsets[-1]), _BLOCK):
        part = data[first : min(first + _BLOCK, int(offsets[-1]))]
        mask = np.zeros(len(part), dtype=np.bool_)
        for low, more in wanted:
            mask |= (part == low) if not more else (part - np.uint8(low)) <= more
        found.append(np.flatnonzero(mask) + first)
    places = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    return np.diff(np.searchsorted(places, offsets))


def put(texts: pa.Array, rows: npt.NDArray[np.int64], values: list[str]) -> pa.Array:
    """The same texts with those of the given rows replaced."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(rows):
        return texts
    mask = np.zeros(len(texts), dtype=np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(values, texts.type))
