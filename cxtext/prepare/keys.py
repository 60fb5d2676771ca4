"""Stable 64-bit keys of what a row says, the same on every machine, in every order and in every run.

The keys give the tool its canonical order and its sampling order, so they must not depend on chunking,
on the Arrow layout (slices, large or plain strings, dictionaries) or on ``PYTHONHASHSEED``. The hash is
our own (words of eight UTF-8 bytes, each mixed with its position by the finaliser of SplitMix64, then
summed): pandas' and Arrow's hashes are fast too, but neither promises the same values in its next version.
It is not a cryptographic hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Keys = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_NULL = np.uint64(0x6A09E667F3BCC909)
_BLOCK_BYTES = 1 << 18  # keeps the temporary arrays in the cache


def mix(values: Keys) -> Keys:
    """Scramble 64-bit numbers one to one (SplitMix64's finaliser), in place where possible."""
    values = values ^ (values >> np.uint64(30))
    values *= _MIX_1
    values ^= values >> np.uint64(27)
    values *= _MIX_2
    values ^= values >> np.uint64(31)
    return values


def hash_bytes(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.integer[Any]]) -> Keys:
    """Hash N byte strings, ``data[offsets[i]:offsets[i + 1]]`` each, to uint64[N]."""
    count = len(offsets) - 1
    out = np.zeros(count, dtype=np.uint64)
    bounds: npt.NDArray[np.int64] = offsets.astype(np.int64)
    first = 0
    while first < count:
        last = int(np.searchsorted(bounds, bounds[first] + _BLOCK_BYTES, side="right")) - 1
        last = min(max(last, first + 1), count)
        out[first:last] = _hash_block(data, bounds[first : last + 1])
        first = last
    return out


def _hash_block(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> Keys:
    lengths = np.diff(offsets)
    words = (lengths + 7) >> 3
    total = int(words.sum())
    sums = np.zeros(len(lengths), dtype=np.uint64)
    if total:
        # two spare words, so that the word after the last one may be read too
        block = np.zeros(((int(offsets[-1] - offsets[0]) + 7) >> 3) + 2, dtype="<u8")
        block.view(np.uint8)[: int(offsets[-1] - offsets[0])] = data[offsets[0] : offsets[-1]]
        ends = np.cumsum(words)
        starts = ends - words
        place = np.arange(total, dtype=np.int64)
        position = place - np.repeat(starts, words)
        address = (place << 3) + np.repeat(offsets[:-1] - offsets[0] - (starts << 3), words)
        # strings start anywhere: put each word together from the two aligned ones it lies across
        shift = ((address & 7) << 3).astype(np.uint64)
        address >>= 3
        chunk = (block[address] >> shift).astype(np.uint64)
        address += 1
        chunk |= (block[address] << np.uint64(1)) << (np.uint64(63) - shift)
        # the last word of each string: forget the bytes that belong to the next string
        full = words > 0
        spare = ((words * 8 - lengths) * 8)[full].astype(np.uint64)
        tail = ends[full] - 1
        chunk[tail] = (chunk[tail] << spare) >> spare
        chunk += (position + 1).astype(np.uint64) * _GOLDEN
        sums[full] = np.add.reduceat(mix(chunk), starts[full])
    return mix(sums + lengths.astype(np.uint64) * _GOLDEN)


def hash_strings(values: pa.Array) -> Keys:
    """Hash an Arrow string or binary array to uint64[N]; a null gets a key of its own."""
    import pyarrow as pa

    if pa.types.is_large_string(values.type) or pa.types.is_large_binary(values.type):
        kind: Any = np.int64
    elif pa.types.is_string(values.type) or pa.types.is_binary(values.type):
        kind = np.int32
    else:
        values, kind = values.cast(pa.large_string()), np.int64
    if len(values) == 0:
        return np.zeros(0, dtype=np.uint64)
    buffers = values.buffers()
    offsets = np.frombuffer(buffers[1], dtype=kind)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(buffers[2], dtype=np.uint8) if buffers[2] is not None else np.zeros(0, dtype=np.uint8)
    keys = hash_bytes(data, offsets)
    if values.null_count:
        keys[np.asarray(values.is_null().to_numpy(zero_copy_only=False))] = _NULL
    return keys


def _column_key(column: pa.Array) -> Keys:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _column_key(column.dictionary_decode())
    if pa.types.is_floating(kind):
        numbers = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64) + 0.0
        keys = mix(numbers.view(np.uint64))
        keys[np.isnan(numbers)] = _NULL  # a missing number, however it is stored
        return keys
    if pa.types.is_null(kind):
        return np.full(len(column), _NULL, dtype=np.uint64)
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int64())
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64())
    elif pa.types.is_date(kind):
        column = column.cast(pa.date32()).cast(pa.int32())
    if pa.types.is_integer(column.type):
        missing = np.asarray(column.is_null().to_numpy(zero_copy_only=False))
        filled = pc.fill_null(column.cast(pa.int64(), safe=False), 0)
        keys = mix(np.array(filled.to_numpy(zero_copy_only=False), dtype=np.int64).view(np.uint64))
        keys[missing] = _NULL
        return keys
    return hash_strings(column)


def content_key(*columns: pa.Array | pa.ChunkedArray) -> Keys:
    """Give each row a 64-bit key of its content, uint64[N]: same content, same key, anywhere and always.

    ``columns`` are Arrow arrays of one length N, in a fixed order of roles: their order counts, row order and
    chunking don't. A null differs from an empty string; a float NaN counts as null and -0.0 as 0.0. Strings are
    hashed by their UTF-8 bytes, numbers and dates by value. Two different rows share a key with a chance of
    about N^2 / 2^65 (1e-7 for a million rows). Raises ``ValueError`` without columns or for unequal lengths.
    """
    import pyarrow as pa

    if not columns:
        raise ValueError("content_key needs at least one column")
    if len({len(column) for column in columns}) != 1:
        raise ValueError("content_key needs columns of one length")
    keys = np.zeros(len(columns[0]), dtype=np.uint64)
    if not len(keys):
        return keys
    for place, column in enumerate(columns, start=1):
        parts = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        hashes = np.concatenate([_column_key(part) for part in parts])
        keys = mix(keys * _MIX_2 + hashes + np.uint64(place * int(_GOLDEN) % 2**64))
    return keys
