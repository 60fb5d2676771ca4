"""Near-duplicate floods: many copies of one message, a word or a number apart, so that they can count once.

Each text gets a signature of eight 64-bit numbers: the hash of its folded words, and 28 minima of its word pairs
under 28 permutations (MinHash, A. Broder, "On the resemblance and containment of documents", 1997), 16 bits each.
The share of minima that two texts have in common estimates the Jaccard similarity of their sets of word pairs.
Word pairs rather than single words: two short complaints may well use the same words and mean different things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cxtext.prepare.keys import Keys, content_key, hash_strings, mix

if TYPE_CHECKING:
    from cxtext.schema import IntArray, TokenTable

__all__ = ["MIN_WORDS", "SIGNATURE_WORDS", "content_key", "flood_groups", "folded_words", "signatures", "signed"]

MIN_WORDS = 6  # shorter texts ("good service") are rightly said by many
MIN_SIMILARITY = 0.78  # 22 of 28 minima: the estimate that is nearest to .8 from below
SIGNATURE_WORDS = 8

_BANDS = SIGNATURE_WORDS - 1  # four minima a band: a pair of similarity .8 shares a band with chance .97, .9: .9999
_MINIMA = _BANDS * 4
_BLOCK_TOKENS = 1 << 15
_ROUNDS = 64

_SEEDS = mix(np.arange(1, 2 * _MINIMA + 5, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
_FACTORS = (_SEEDS[:_MINIMA] >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
_FLIPS = (_SEEDS[_MINIMA : 2 * _MINIMA] >> np.uint64(32)).astype(np.uint32)
_LEFT, _RIGHT, _PLACE, _END = (_SEEDS[-4:] | np.uint64(1)).tolist()


def _token_hashes(tokens: list[str]) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """Hash V distinct tokens by their letters alone: case and punctuation don't count, and any number is a number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        words = pa.array(tokens, pa.string())
    except UnicodeEncodeError:  # lone surrogates, if nobody has normalised the texts
        words = pa.array([token.encode("utf-8", "replace").decode() for token in tokens], pa.string())
    plain = pc.ascii_is_alpha(words)
    odd = pc.utf8_lower(words.filter(pc.invert(plain)))
    odd = pc.if_else(pc.match_substring_regex(odd, r"\p{N}"), "0", odd)
    odd = pc.replace_substring_regex(odd, r"[^\p{L}\p{M}0]+", "")
    words = pc.replace_with_mask(pc.ascii_lower(words), pc.invert(plain), odd)
    return hash_strings(words), np.asarray(pc.equal(words, "").to_numpy(zero_copy_only=False))


def _kept(table: TokenTable) -> tuple[Keys, IntArray]:
    """The hashed words of a table without its bare punctuation: uint64[T'], and int64[N+1] offsets."""
    if not table.tokens:
        return np.zeros(0, dtype=np.uint64), np.zeros_like(table.offsets)
    hashes, blank = _token_hashes(table.tokens)
    words = hashes[table.codes]
    if not blank.any():
        return words, table.offsets
    keep = ~blank[table.codes]
    return words[keep], np.concatenate(([0], np.cumsum(keep)))[table.offsets]


def folded_words(table: TokenTable) -> npt.NDArray[np.int32]:
    """Count the words of each text, int32[N], leaving out tokens without a letter or digit."""
    return np.diff(_kept(table)[1]).astype(np.int32)


def signatures(table: TokenTable) -> Keys:
    """The signatures alone of `signed`."""
    return signed(table)[0]


def signed(table: TokenTable) -> tuple[Keys, npt.NDArray[np.int32]]:
    """Sum up each text in eight numbers, uint64[N, 8], by which near-duplicates are found; and its `folded_words`.

    Column 0 is the same for texts that differ only in case, punctuation and numbers; the others hold the minima. A
    text's signature depends on its words alone, not on the chunk it came in. Texts without words get zeros.
    """
    words, offsets = _kept(table)
    count = np.diff(offsets).astype(np.int32)
    out = np.zeros((len(table), SIGNATURE_WORDS), dtype=np.uint64)
    filled = np.flatnonzero(count > 0)
    bounds = np.append(offsets[filled], offsets[-1])  # empty texts take no room, so the rest still adjoin
    first = 0
    while first < len(filled):
        last = int(np.searchsorted(bounds, bounds[first] + _BLOCK_TOKENS, side="right")) - 1
        last = min(max(last, first + 1), len(filled))
        out[filled[first:last]] = _sign(words[bounds[first] : bounds[last]], bounds[first : last + 1] - bounds[first])
        first = last
    return out, count


def _sign(words: Keys, bounds: IntArray) -> Keys:
    """Sign K texts that are not empty; text i is ``words[bounds[i]:bounds[i + 1]]``."""
    starts, lengths = bounds[:-1], np.diff(bounds)
    position = (np.arange(len(words)) - np.repeat(starts, lengths)).astype(np.uint64)
    exact = mix(np.add.reduceat(mix(words + position * np.uint64(_PLACE)), starts) + lengths.astype(np.uint64))
    following = np.empty_like(words)
    following[:-1] = words[1:]
    following[bounds[1:] - 1] = _END  # the last word pairs with the end of the text
    pairs = ((words * np.uint64(_LEFT) + following * np.uint64(_RIGHT)) >> np.uint64(32)).astype(np.uint32)
    minima = np.empty((len(starts), _MINIMA), dtype=np.uint16)
    for j in range(_MINIMA):
        least = np.minimum.reduceat((pairs ^ _FLIPS[j]) * _FACTORS[j], starts)
        minima[:, j] = (least * np.uint32(0x9E3779B1)) >> np.uint32(16)
    bands = minima.astype(np.uint64).reshape(-1, _BANDS, 4)
    joined = bands[..., 0] | bands[..., 1] << np.uint64(16) | bands[..., 2] << np.uint64(32)
    return np.column_stack([exact, joined | bands[..., 3] << np.uint64(48)])


def flood_groups(signatures: Keys, keys: IntArray, words: IntArray) -> npt.NDArray[np.int64]:
    """Find near-duplicates and name each text's representative, int64[N]: the index of the text to count.

    ``signatures`` uint64[N, 8] from :func:`signatures`, ``keys`` uint64[N] from :func:`content_key`, ``words``
    int32[N] from :func:`folded_words`. A text that stands for itself has its own index. The representative is the
    text of the smallest key in its group, so the grouping depends on neither row order nor chunks (of texts with
    one key, which are the same in everything, the first stands for the rest). Every text is similar to its
    representative: equal but for case, punctuation and numbers, or an estimated Jaccard similarity of its word
    pairs of about .8 or more (22 of 28 minima; standard error .075). Texts of fewer than six words
    always stand for themselves.
    """
    out = np.arange(len(keys), dtype=np.int64)
    order = np.flatnonzero(words >= MIN_WORDS)
    order = order[np.argsort(keys[order], kind="stable")]
    if len(order) < 2:
        return out
    # copies first: from here on, positions count in the order of the keys
    _, first, inverse = np.unique(signatures[order, 0], return_index=True, return_inverse=True)
    heads = np.sort(first)
    minima = np.ascontiguousarray(signatures[order[heads], 1:])
    leader = _near(minima)[np.searchsorted(heads, first[inverse])]
    out[order] = order[heads[leader]]
    return out


def _near(minima: Keys) -> IntArray:
    """For M distinct texts in key order, uint64[M, 7]: the position of each one's leader, int64[M]."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    count = len(minima)
    sources, targets = [], []
    for band in range(_BANDS):
        members = np.argsort(minima[:, band], kind="stable")
        values = minima[members, band]
        group = np.cumsum(np.concatenate(([False], values[1:] != values[:-1])))
        for found, leaders in _leaders(minima, members, group):
            sources.append(leaders)
            targets.append(found)
    source, target = np.concatenate(sources), np.concatenate(targets)
    out = np.arange(count)
    if not len(source):
        return out
    graph = sp.coo_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(count, count))
    component = connected_components(graph, directed=False)[1]
    # a chain of small steps may end far from where it began: hold every member against its own leader
    members = np.argsort(component, kind="stable")
    for found, leaders in _leaders(minima, members, component[members]):
        out[found] = leaders
    return out


def _leaders(minima: Keys, members: IntArray, group: IntArray) -> Any:
    """Let the first of each group gather those like it, then the first of what remains, and so on.

    ``group`` is sorted; members of a group stand in key order. Yields (members found, their leaders), each round.
    """
    for _ in range(_ROUNDS):
        starts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1]))) if len(group) else group
        sizes = np.diff(np.append(starts, len(group)))
        company = np.repeat(sizes > 1, sizes)  # whoever is alone has nobody to join
        leader = np.repeat(members[starts], sizes)[company]
        members, group = members[company], group[company]
        alike = _similarity(minima, members, leader) >= MIN_SIMILARITY
        yield members[alike], leader[alike]
        if alike.all():
            return
        members, group = members[~alike], group[~alike]


def _similarity(minima: Keys, one: IntArray, other: IntArray) -> npt.NDArray[np.float64]:
    """The share of minima that pairs of texts have in common."""
    quarters = minima.view(np.uint16)
    out = np.empty(len(one))
    for first in range(0, len(one), 65536):
        part = slice(first, first + 65536)
        out[part] = (quarters[one[part]] == quarters[other[part]]).mean(axis=1)
    return out
