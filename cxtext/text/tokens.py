"""Read the words once: N texts become codes into a short list of distinct tokens.

Arrow splits and dictionary-encodes on ASCII blanks, which is right for nearly every token; the few distinct tokens
that still hold another kind of white space (no-break space, line separator, next line, ASCII separators) are split
again by ``str.split`` and their codes are expanded in place. So the tokens are those of ``str.split()``, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.schema import TokenTable

if TYPE_CHECKING:
    from cxtext.schema import IntArray

# Every character for which str.isspace() is true and that Arrow's ASCII split leaves alone (a test checks the list).
_OTHER_SPACE = "[\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


def token_table(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> TokenTable:
    """Split texts into their white-space tokens, each distinct token listed once.

    ``texts``: N strings; null counts as blank and has no tokens. The tokens of text i are exactly those of
    ``texts[i].split()``. Meant for chunks of some 20,000 texts: memory is about 12 bytes a token while it runs and 4
    afterwards. A text's tokens depend on that text alone; the order of ``tokens`` depends on the chunk, so nothing
    may rest on it.
    """
    array = _as_arrow(texts)
    if array is None:
        return _split_slowly(texts)
    lists = pc.ascii_split_whitespace(array)
    offsets = lists.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    offsets -= offsets[0] if len(offsets) else 0
    encoded = lists.flatten().dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    tokens: list[str] = encoded.dictionary.to_pylist()
    empty = pc.index(encoded.dictionary, pa.scalar("", encoded.dictionary.type)).as_py()
    odd = np.flatnonzero(pc.match_substring_regex(encoded.dictionary, _OTHER_SPACE).to_numpy(zero_copy_only=False))
    if len(odd):
        return _expand(codes, offsets, tokens, odd, empty)
    if empty >= 0:  # leading and trailing blanks leave an empty string
        gaps = np.flatnonzero(codes == empty)
        offsets -= np.searchsorted(gaps, offsets)
        codes = np.delete(codes, gaps)
        codes -= codes > empty
        del tokens[empty]
    return TokenTable(codes, offsets, tokens)


def expand_codes(codes: IntArray, offsets: IntArray, counts: IntArray, starts: IntArray, flat: IntArray) -> Any:
    """Put several codes in the place of each: token v becomes ``flat[starts[v] : starts[v] + counts[v]]``.

    Returns the new codes int32 and the new offsets int64 of the same ranges.
    """
    width = counts[codes]
    ends = np.concatenate(([0], np.cumsum(width, dtype=np.int64)))
    source = np.repeat(starts[codes] - ends[:-1], width) + np.arange(ends[-1])
    return flat[source].astype(np.int32, copy=False), ends[offsets]


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


def _expand(codes: IntArray, offsets: IntArray, tokens: list[str], odd: IntArray, empty: int) -> TokenTable:
    """Split the distinct tokens at ``odd`` again and drop the empty one."""
    redo = set(odd.tolist())
    if empty >= 0:
        redo.add(empty)
    index: dict[str, int] = {}
    parts = [
        [index.setdefault(w, len(index)) for w in token.split()] if v in redo else [index.setdefault(token, len(index))]
        for v, token in enumerate(tokens)
    ]
    counts = np.array([len(p) for p in parts], dtype=np.int64)
    flat = np.array([c for p in parts for c in p], dtype=np.int32)
    new_codes, new_offsets = expand_codes(codes, offsets, counts, np.cumsum(counts) - counts, flat)
    return TokenTable(new_codes, new_offsets, list(index))
