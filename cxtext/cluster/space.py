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
from cxtext.cluster.mutual import leading_vectors
from cxtext.cluster.terms import WordStream
from cxtext.cluster.words import FUNCTION_WORDS

if TYPE_CHECKING:
    import scipy.sparse as sp

    from cxtext.cluster.options import ClusterOptions

Float32 = npt.NDArray[np.float32]
_AT_ONCE = 512  # rows
_REMEMBERED = 40_000  # words outside the vocabulary; some twenty megabytes


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

    def sums(self, counts: sp.csr_array, extra: Float32) -> Float32:
        """Weighted sums of each unit's word vectors: float32[U, D]; ``extra`` are rows for words outside ``words``."""
        matrix = np.concatenate([self.matrix, extra]) if len(extra) else self.matrix
        return np.ascontiguousarray(damped(counts) @ matrix, dtype=np.float32)

    def embed(self, counts: sp.csr_array, extra: Float32) -> Float32:
        """Units as points: float32[U, D], each row of length one, zero where no word is known.

        Row by row, so that a unit's point never depends on its company.
        """
        return self.finish(self.sums(counts, extra))

    def finish(self, sums: Float32) -> Float32:
        """Scale and centre each view of raw sums (in place), then scale the whole to length one."""
        for start in range(0, len(sums), _AT_ONCE):  # what fits the cache is gone over many times
            self._finish(sums[start : start + _AT_ONCE])
        return sums

    def _finish(self, sums: Float32) -> None:
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
    rank = max(1, min(rank, min(matrix.shape) - 1))
    u, s = leading_vectors(matrix, rank)
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


# Units at which what the corpus says about its words counts half as much as it ever will.
_LEARNED_AT = 700


def shares_for(n_units: int, static: bool) -> Mapping[str, float]:
    """How much each view counts: a small corpus says little about its words, so it leans on the shipped vectors."""
    if not static:
        return {"pairs": 0.75, "documents": 0.25}
    learned = 0.4 * n_units / (n_units + _LEARNED_AT)
    return {"static": 1.0 - learned, "pairs": 0.85 * learned, "documents": 0.15 * learned}


def build(
    stream: WordStream, vectors: WordVectors | None, options: ClusterOptions, ignored: frozenset[str]
) -> tuple[TermSpace, Float32]:
    """Learn the term space of some training units, words that occur often enough with their views; and their points.

    ``ignored``: words that must not become features (pure sentiment words). Function words and rare words aren't
    kept either: at training as at assignment they are known by their shipped vector only.
    """
    banned = FUNCTION_WORDS | ignored
    every = terms.sorted_vocabulary(w for w in stream.words if w not in banned)
    place = terms.look_up(stream.words, every)
    counts = terms.counts(stream, place, len(every))
    frequency = terms.document_frequency(counts)
    n_units = max(1, len(stream))
    common = np.flatnonzero(frequency >= (options.min_df if n_units >= 1000 else 2))
    every_word = list(every)
    words = [every_word[i] for i in common]
    renumber = np.full(len(every) + 1, -1, dtype=np.int32)
    renumber[common] = np.arange(len(common), dtype=np.int32)
    corpus_place = renumber[place]
    df = frequency[common].astype(np.float32)
    trust = df / (df + 3.0)
    blocks: list[tuple[str, Float32]] = []
    if vectors is not None:
        blocks.append(("static", weighted_static(vectors, words)))
    if len(words) >= 3:
        pairs = pair_vectors(stream, corpus_place, len(words), window=options.window, rank=options.rank_pairs)
        blocks.append(("pairs", pairs * trust[:, None]))
        idf = (np.log((1.0 + n_units) / (1.0 + df)) + 1.0) * trust
        documents = document_vectors(counts[:, common], idf, options.rank_documents)
        blocks.append(("documents", documents * idf[:, None]))
    if not blocks:
        blocks.append(("none", np.zeros((len(words), 1), dtype=np.float32)))
    share = shares_for(n_units, vectors is not None)
    views: list[View] = []
    for name, block in blocks:
        start = views[-1].stop if views else 0
        views.append(View(name, start, start + block.shape[1], share.get(name, 1.0)))
    # Half precision is what the model file keeps; rounding here makes training and loading agree to the last bit.
    matrix = np.concatenate([block for _, block in blocks], axis=1).astype(np.float16).astype(np.float32)
    space = TermSpace(words, matrix, np.zeros(matrix.shape[1], dtype=np.float32), tuple(views))
    known, extra = Embedder(space, vectors, ignored).counts(stream)
    sums = space.sums(known, extra)
    for view in views if len(sums) else ():
        part = slice(view.start, view.stop)
        space.mean[part] = unit_rows(sums[:, part]).mean(axis=0, dtype=np.float64)
    return space, space.finish(sums)


def weighted_static(vectors: WordVectors, words: Sequence[str]) -> Float32:
    """Shipped vectors times their weights: float32[n, dim], in the precision that models keep."""
    rows = vectors.vectors(words) * vectors.weights(words)[:, None]
    return rows.astype(np.float16).astype(np.float32)


class Embedder:
    """Turns units into points of a term space, with shipped vectors for words outside its vocabulary."""

    def __init__(self, space: TermSpace, vectors: WordVectors | None, ignored: frozenset[str]) -> None:
        self.space = space
        self._place = {word: i for i, word in enumerate(space.words)}
        self._ignored = ignored
        self._vectors = vectors if space.views[0].name == "static" else None
        self._row: dict[str, int] = {}
        self._rows: npt.NDArray[np.float16] | None = None

    def counts(self, stream: WordStream) -> tuple[sp.csr_array, Float32]:
        """Word counts [U, V + E], and the rows [E, D] of the E words outside the vocabulary."""
        place = terms.look_up(stream.words, self._place)
        extra = np.zeros((0, self.space.matrix.shape[1]), dtype=np.float32)
        if self._vectors is not None:
            # A text's words are added up in the order of their columns. New words are numbered by spelling, so that
            # the sum doesn't depend on which other texts came along.
            fresh = sorted((w, i) for i, w in enumerate(stream.words) if place[i] < 0 and w not in self._ignored)
            extra = np.zeros((len(fresh), self.space.matrix.shape[1]), dtype=np.float32)
            if fresh:
                static = self._static([word for word, _ in fresh])
                extra[:, : static.shape[1]] = static
                place[[i for _, i in fresh]] = len(self.space.words) + np.arange(len(fresh), dtype=np.int32)
        # The shipped vectors were fitted with function words in, at weights of their own; but alone they say nothing.
        telling = np.array(
            [p >= 0 and w not in FUNCTION_WORDS for w, p in zip(stream.words, place.tolist(), strict=True)]
        )
        running = np.concatenate([[0], np.cumsum(telling[stream.codes])]) if len(telling) else np.zeros(1, np.int64)
        some = running[stream.offsets[1:]] > running[stream.offsets[:-1]]
        counts = terms.counts(stream, place, len(self.space.words) + len(extra))
        counts.data *= np.repeat(some, np.diff(counts.indptr))
        return counts, extra

    def _static(self, words: Sequence[str]) -> Float32:
        """As `weighted_static`, each word looked up once: one chunk of texts uses much the same words as the next."""
        assert self._vectors is not None
        if len(self._row) > _REMEMBERED:
            self._row, self._rows = {}, None
        new = [word for word in words if word not in self._row]
        if new:
            found = weighted_static(self._vectors, new).astype(np.float16)  # loses nothing: see weighted_static
            self._row.update(zip(new, range(len(self._row), len(self._row) + len(new)), strict=True))
            self._rows = found if self._rows is None else np.concatenate([self._rows, found])
        assert self._rows is not None
        return self._rows[[self._row[word] for word in words]].astype(np.float32)

    def points(self, stream: WordStream) -> Float32:
        """Points of units: float32[U, D], rows of length one, or zero where no word is known."""
        counts, extra = self.counts(stream)
        return self.space.embed(counts, extra)
