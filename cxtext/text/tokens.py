"""Read the words once: N texts become codes into a short list of distinct tokens.

A token starts where a byte that is no blank follows a blank or the start of a text; what lies between two starts is
given to Arrow as a string, copying nothing, to be dictionary-encoded. The few distinct strings then lose their trailing
blanks. Those that still hold another kind of white space (no-break space, line separator, next line) are split again by
``str.split`` and their codes are expanded in place. So the tokens are those of ``str.split()``, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, IntArray

# The ASCII characters for which str.isspace() is true, as ranges of bytes and as a string ...
_BLANK_RANGES = ((9, 13), (28, 32))
_BLANKS = "".join(chr(c) for low, high in _BLANK_RANGES for c in range(low, high + 1))
# ... and all others (a test tries every one).
_OTHER_SPACE = "[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


def token_table(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> TokenTable:
    """Split texts into their white-space tokens, each distinct token listed once.

    ``texts``: N strings; null counts as blank and has no tokens. The tokens of text i are exactly those of
    ``texts[i].split()``. Meant for chunks of some 60,000 texts: memory is about 12 bytes a token while it runs and 4
    afterwards. A text's tokens depend on that text alone; the order of ``tokens`` depends on the chunk, so nothing
    may rest on it.
    """
    array = _as_arrow(texts)
    if array is None:
        return _split_slowly(texts)
    strings, offsets = _cut(array)
    encoded = strings.dictionary_encode()
    distinct = pc.ascii_rtrim(encoded.dictionary, characters=_BLANKS).dictionary_encode()
    own = distinct.indices.to_numpy(zero_copy_only=False)
    codes = own.take(encoded.indices.to_numpy(zero_copy_only=False)) if len(own) else own
    tokens: list[str] = distinct.dictionary.to_pylist()
    odd = np.flatnonzero(~pc.string_is_ascii(distinct.dictionary).to_numpy(zero_copy_only=False))
    if len(odd):
        spaced = pc.match_substring_regex(distinct.dictionary.take(pa.array(odd)), _OTHER_SPACE)
        odd = odd[spaced.to_numpy(zero_copy_only=False)]
    if len(odd):
        return _expand(codes, offsets, tokens, odd)
    return TokenTable(codes, offsets, tokens)


def _cut(array: pa.Array) -> tuple[pa.Array, IntArray]:
    """The tokens with the blanks that follow them, as one Arrow array, and where each text's tokens start in it."""
    wide = array.type == pa.large_string()
    dtype = np.int64 if wide else np.int32
    _, bounds_buffer, data_buffer = array.buffers()
    if not len(array) or data_buffer is None:
        return pa.array([], type=array.type), np.zeros(len(array) + 1, dtype=np.int64)
    bounds = np.frombuffer(bounds_buffer, dtype=dtype)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8)[bounds[0] : bounds[-1]]
    bounds = bounds.astype(np.int64) - bounds[0]
    blank = _is_blank(data)
    text_starts = bounds[:-1][np.diff(bounds) > 0]
    solid_starts = text_starts[~blank[text_starts]]
    begins = np.empty(len(data), dtype=np.bool_)
    np.greater(blank[:-1], blank[1:], out=begins[1:])
    begins[:1] = False
    begins[solid_starts] = True
    at = np.flatnonzero(begins)
    ends = np.append(at, len(data)).astype(dtype)
    kind = pa.LargeStringArray if wide else pa.StringArray
    strings = kind.from_buffers(len(at), pa.py_buffer(ends), pa.py_buffer(data))
    return strings, np.searchsorted(at, bounds).astype(np.int64)


def _is_blank(data: npt.NDArray[np.uint8]) -> BoolArray:
    """Which bytes are blanks (compared rather than looked up: several times faster)."""
    blank = np.zeros(len(data), dtype=np.bool_)
    for low, high in _BLANK_RANGES:
        blank |= data - np.uint8(low) <= high - low
    return blank


def _as_arrow(texts: Any) -> pa.Array | None:
    """The texts as one Arrow array without nulls; ``None`` if Arrow can't hold them (lone surrogates)."""
    if not isinstance(texts, pa.Array | pa.ChunkedArray):
        try:
            texts = pa.array(texts, type=pa.string())
        except UnicodeEncodeError:
            return None
    if pa.types.is_dictionary(texts.type):
        texts = pc.cast(texts, texts.type.value_type)
    if pa.types.is_null(texts.type):
        texts = pc.cast(texts, pa.string())
    if isinstance(texts, pa.ChunkedArray):
        if texts.num_chunks < 2:
            texts = texts.chunk(0) if texts.num_chunks else pa.array([], type=texts.type)
        else:  # 32-bit offsets may overflow when the chunks are put together
            big = texts.nbytes > 2_000_000_000
            texts = pa.concat_arrays(texts.cast(pa.large_string()).chunks if big else texts.chunks)
    if texts.type not in (pa.string(), pa.large_string()):
        texts = pc.cast(texts, pa.string())
    return pc.fill_null(texts, "") if texts.null_count else texts


def _split_slowly(texts: Any) -> TokenTable:
    """The same by ``str.split``, for texts that are not valid Unicode."""
    index: dict[str, int] = {}
    codes: list[int] = []
    offsets = [0]
    for text in texts:
        codes += [index.setdefault(word, len(index)) for word in (text or "").split()]
        offsets.append(len(codes))
    return TokenTable(np.array(codes, dtype=np.int32), np.array(offsets, dtype=np.int64), list(index))


def _expand(codes: IntArray, offsets: IntArray, tokens: list[str], odd: IntArray) -> TokenTable:
    """Split the few distinct tokens at ``odd`` again and put their parts in their places."""
    parts = [tokens[v].split() for v in odd.tolist()]
    for v in odd[::-1].tolist():
        del tokens[v]
    renumber = np.arange(len(tokens) + len(odd), dtype=np.int32) - np.searchsorted(
        odd, np.arange(len(tokens) + len(odd))
    )
    words = list(dict.fromkeys(w for part in parts for w in part))
    known = pc.index_in(pa.array(words, type=pa.large_string()), value_set=pa.array(tokens, type=pa.large_string()))
    number = {w: k for w, k in zip(words, known.to_pylist(), strict=True) if k is not None}
    for word in words:
        if word not in number:
            number[word] = len(tokens)
            tokens.append(word)
    counts = np.array([len(part) for part in parts], dtype=np.int64)
    flat = np.array([number[w] for part in parts for w in part], dtype=np.int32)
    row = np.full(len(renumber), -1, dtype=np.int32)
    row[odd] = np.arange(len(odd))
    at = np.flatnonzero((row >= 0)[codes])
    which = row[codes[at]]
    gain = counts[which]
    width = np.ones(len(codes), dtype=np.int64)
    width[at] = gain
    out = np.repeat(renumber[codes], width).astype(np.int32, copy=False)
    ends = np.cumsum(gain)
    grown = np.concatenate(([0], ends - np.arange(1, len(at) + 1)))  # tokens gained before each, and at the end
    turn = np.arange(ends[-1]) - np.repeat(ends - gain, gain)
    out[np.repeat(at + grown[:-1], gain) + turn] = flat[np.repeat((np.cumsum(counts) - counts)[which], gain) + turn]
    return TokenTable(out, offsets + grown[np.searchsorted(at, offsets)], tokens)
