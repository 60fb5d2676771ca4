"""Where terms and texts lie: one vector per word, made of views; a text is the weighted sum of its words.

A *view* is one opinion about which words mean the same: ``static`` (the shipped word vectors), ``pairs`` (words that
keep the same company in this corpus: positive pointwise mutual information), ``documents`` (latent semantic analysis
of TF-IDF). Each view's sum is scaled to length one and centred, then the views stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from cxtext.cluster import terms
from cxtext.cluster.terms import WordStream

if TYPE_CHECKING:
    import scipy.sparse as sp

    from cxtext.cluster.options import ClusterOptions

Float32 = npt.NDArray[np.float32]


class WordVectors(Protocol):
    """Anything that knows vectors of words, such as the shipped `StaticVectors`."""

    def vectors(self, terms: Sequence[str]) -> Float32:
        """One row per term."""

    def weights(self, terms: Sequence[str]) -> Float32:
        """One weight per term."""


@dataclass(frozen=True, slots=True)
class View:
    """Columns ``[start, stop)`` of the term matrix, and the view's share of a text's squared length."""

    name: str
    start: int
    stop: int
    share: float


@dataclass(frozen=True)
class TermSpace:
    """Words with their weighted vectors.

    ``words`` sorted; ``matrix`` float32[V, D]; ``mean`` float32[D]: mean of the training texts' scaled sums.
    """

    words: Sequence[str]
    matrix: Float32
    mean: Float32
    views: tuple[View, ...]

    @property
    def place(self) -> dict[str, int]:
        """Word -> row."""
        return {word: i for i, word in enumerate(self.words)}

    def embed(self, counts: sp.csr_array, extra: Float32 | None = None) -> Float32:
        """Texts as points: float32[U, D], each row of length one, zero where no word is known.

        ``counts`` [U, V (+ rows of extra)]. Row by row, so that a text's point never depends on its company.
        """
        weighted = damped(counts)
        matrix = self.matrix if extra is None or not len(extra) else np.concatenate([self.matrix, extra])
        sums = np.ascontiguousarray(weighted @ matrix, dtype=np.float32)
        return self.finish(sums)

    def finish(self, sums: Float32) -> Float32:
        """Scale and centre each view of raw sums (in place), then scale the whole to length one."""
        for view in self.views:
            block = sums[:, view.start : view.stop]
            length = row_norms(block)
            empty = length < 1e-6
            block /= np.where(empty, 1.0, length)[:, None]
            block -= self.mean[view.start : view.stop]
            block[empty] = 0.0
            length = row_norms(block)
            block *= (np.sqrt(view.share) / np.where(length < 1e-6, 1.0, length))[:, None]
        length = row_norms(sums)
        sums /= np.where(length < 1e-6, 1.0, length)[:, None]
        return sums


# 1 + ln(count), from a table: the same bits wherever in an array a count stands.
_DAMPED = np.array([0.0, *(1.0 + math.log(n) for n in range(1, 256))], dtype=np.float32)


def damped(counts: sp.csr_array) -> sp.csr_array:
    """Counts with repetition damped: 1 + ln(count)."""
    data = _DAMPED[np.minimum(counts.data, 255).astype(np.intp)]
    return type(counts)((data, counts.indices, counts.indptr), shape=counts.shape)


def row_norms(x: Float32) -> Float32:
    """Length of each row: float32[U]. Each row is summed by itself, whatever stands above or below it."""
    norms: Float32 = np.sqrt(np.square(x).sum(axis=1))
    return norms


def unit_rows(x: Float32) -> Float32:
    """Rows scaled to length one; zero rows stay zero."""
    length = row_norms(x)
    return (x / np.where(length < 1e-9, 1.0, length)[:, None]).astype(np.float32)


def signed_svd(matrix: Any, rank: int) -> tuple[Float32, Float32]:
    """Leading left vectors and singular values, the same on every run: fixed start, signs by the largest entry."""
    from sklearn.utils.extmath import randomized_svd

    rank = max(1, min(rank, min(matrix.shape) - 1))
    u, s, vt = randomized_svd(matrix, rank, n_iter=4, random_state=0)
    return u.astype(np.float32), s.astype(np.float32)


def pair_vectors(stream: WordStream, place: terms.Int32, n_words: int, *, window: int, rank: int) -> Float32:
    """Words by the company they keep: float32[n_words, rank], rows of length one.

    Positive pointwise mutual information within ``window`` subject words of each other, contexts smoothed by the
    power 3/4, then a truncated SVD whose axes are weighted by the root of their singular values.
    """
    import scipy.sparse as sp

    codes = place[stream.codes]
    unit = np.repeat(np.arange(len(stream), dtype=np.int64), np.diff(stream.offsets))
    keep = codes >= 0
    codes, unit = codes[keep].astype(np.int64), unit[keep]
    keys = [
        codes[:-gap][same] * n_words + codes[gap:][same]
        for gap in range(1, window + 1)
        if len(codes) > gap and (same := unit[:-gap] == unit[gap:]).any()
    ]
    if not keys or n_words < 3:
        return np.zeros((n_words, 1), dtype=np.float32)
    pairs, n = np.unique(np.concatenate(keys), return_counts=True)
    half = sp.csr_array((n.astype(np.float64), (pairs // n_words, pairs % n_words)), shape=(n_words, n_words))
    both = (half + half.T).tocoo()
    row_total = np.bincount(both.row, weights=both.data, minlength=n_words)
    context = row_total**0.75
    context /= context.sum()
    information = np.log(both.data / (row_total[both.row] * context[both.col]))
    good = information > 0
    ppmi = sp.csr_array(
        (information[good].astype(np.float32), (both.row[good], both.col[good])), shape=(n_words, n_words)
    )
    u, s = signed_svd(ppmi, rank)
    return unit_rows(u * np.sqrt(s))


def document_vectors(counts: sp.csr_array, weights: Float32, rank: int) -> Float32:
    """Words by the texts they stand in (latent semantic analysis): float32[n_words, rank].

    A text's TF-IDF row times these gives its position among the texts.
    """
    import scipy.sparse as sp

    weighted = damped(counts)
    weighted = weighted @ sp.diags_array(weights)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted = sp.diags_array((1.0 / np.maximum(length, 1e-9)).astype(np.float32)) @ weighted
    v, _ = signed_svd(weighted.T.tocsr(), rank)
    return v


def shares_for(n_units: int, mean_words: float, static: bool) -> Mapping[str, float]:
    """How much each view counts: small corpora and short texts lean on the static view."""
    if not static:
        return {"pairs": 0.6, "documents": 0.4}
    return {"static": 0.5, "pairs": 0.4, "documents": 0.1}


def build(
    stream: WordStream, vectors: WordVectors | None, options: ClusterOptions, ignore: frozenset[str]
) -> tuple[TermSpace, sp.csr_array]:
    """Learn the term space of some training units; also gives their word counts [U, V].

    ``ignore``: words that must not become features (function words, pure sentiment words).
    """
    every = terms.sorted_vocabulary(w for w in stream.words if w not in ignore)
    place = terms.look_up(stream.words, every)
    counts = terms.counts(stream, place, len(every))
    frequency = terms.document_frequency(counts)
    used = np.flatnonzero(frequency > 0)
    words = list(every)
    n_units = max(1, len(stream))
    min_df = options.min_df if n_units >= 1000 else 2
    common = frequency >= min_df
    names = [words[i] for i in used]
    renumber = np.full(len(words), -1, dtype=np.int32)
    renumber[np.flatnonzero(common)] = np.arange(int(common.sum()), dtype=np.int32)
    corpus_place = np.where(place >= 0, renumber[place], -1).astype(np.int32)
    df = frequency[common].astype(np.float32)
    trust = df / (df + 3.0)
    idf = np.log((1.0 + n_units) / (1.0 + df)) + 1.0
    blocks: list[tuple[str, Float32]] = []
    if vectors is not None:
        blocks.append(("static", (vectors.vectors(names) * vectors.weights(names)[:, None]).astype(np.float32)))
    n_common = int(common.sum())
    if n_common >= 3:
        position = np.searchsorted(used, np.flatnonzero(common))

        def lifted(block: Float32) -> Float32:
            full = np.zeros((len(used), block.shape[1]), dtype=np.float32)
            full[position] = block
            return full

        pairs = pair_vectors(stream, corpus_place, n_common, window=options.window, rank=options.rank_pairs)
        blocks.append(("pairs", lifted(pairs * trust[:, None])))
        few = counts[:, np.flatnonzero(common)]
        weight = (idf * trust).astype(np.float32)
        blocks.append(
            ("documents", lifted(document_vectors(few, weight, options.rank_documents) * weight[:, None]))
        )
    share = shares_for(n_units, float(counts.sum()) / n_units, vectors is not None)
    views: list[View] = []
    start = 0
    for name, block in blocks:
        views.append(View(name, start, start + block.shape[1], share[name]))
        start += block.shape[1]
    # Half precision is what the model file keeps; rounding here makes training and loading agree to the last bit.
    matrix = (
        np.concatenate([block for _, block in blocks], axis=1).astype(np.float16).astype(np.float32)
        if blocks
        else np.zeros((len(used), 1), dtype=np.float32)
    )
    views = views or [View("none", 0, 1, 1.0)]
    counts = counts[:, used]
    space = TermSpace(names, matrix, np.zeros(matrix.shape[1], dtype=np.float32), tuple(views))
    return TermSpace(names, matrix, mean_of(space, counts), tuple(views)), counts


def mean_of(space: TermSpace, counts: sp.csr_array) -> Float32:
    """The mean text of each view, before centring: float32[D]."""
    weighted = damped(counts)
    sums = np.ascontiguousarray(weighted @ space.matrix, dtype=np.float32)
    mean = np.zeros(sums.shape[1], dtype=np.float32)
    for view in space.views:
        block = unit_rows(sums[:, view.start : view.stop])
        mean[view.start : view.stop] = block.mean(axis=0, dtype=np.float64)
    return mean
