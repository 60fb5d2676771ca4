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

from cxtext import exact
from cxtext.cluster import terms
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
    """Words with their weighted vectors, in whole numbers (see `cxtext.exact`).

    ``words`` sorted; ``matrix`` float32[V, D] of whole numbers up to `FINEST`; ``mean`` float32[D]: mean of the
    training texts' sums, scaled to length `HALF` in each view.
    """

    words: Sequence[str]
    matrix: Float32
    mean: Float32
    views: tuple[View, ...]

    def sums(self, counts: sp.csr_array, extra: Float32) -> Float32:
        """Weighted sums of each unit's word vectors: [U, D], exact; ``extra`` are rows for words outside ``words``."""
        matrix = np.concatenate([self.matrix, extra]) if len(extra) else self.matrix
        weighed = damped(counts)
        most = float(weighed.sum(axis=1).max()) if weighed.nnz else 0.0
        if most * FINEST >= 2.0**24:  # long texts: float32 could not hold every partial sum
            weighed, matrix = weighed.astype(np.float64), matrix.astype(np.float64)
        return np.ascontiguousarray(weighed @ matrix)

    def embed(self, counts: sp.csr_array, extra: Float32) -> Float32:
        """Units as points: float32[U, D], whole numbers, each row of length `exact.UNIT` or zero if no word is known.

        A unit's point depends on its words alone, not on its company.
        """
        return self.finish(self.sums(counts, extra))

    def finish(self, sums: Float32) -> Float32:
        """Scale and centre each view of raw sums, then scale the whole."""
        out = np.empty(sums.shape, dtype=np.float32)
        for start in range(0, len(sums), _AT_ONCE):  # what fits the cache is gone over many times
            out[start : start + _AT_ONCE] = self._finish(sums[start : start + _AT_ONCE])
        return out

    def _finish(self, sums: Float32) -> Float32:
        out = np.zeros(sums.shape, dtype=np.float32)
        lengths = np.zeros((len(sums), len(self.views)))
        shares = np.zeros(len(sums))
        for i, view in enumerate(self.views):
            part = slice(view.start, view.stop)
            block = scaled_view(sums[:, part])
            block[block.any(axis=1)] -= self.mean[part]
            # Both have length HALF at most, so that the squares of their difference add up exactly in float32.
            lengths[:, i] = np.einsum("ij,ij->i", block, block)
            shares += view.share * (lengths[:, i] > 0)
            out[:, part] = block
        for i, view in enumerate(self.views):
            square = lengths[:, i] * shares
            factor = np.divide(exact.UNIT * exact.UNIT * view.share, square, out=np.zeros(len(out)), where=square > 0)
            out[:, view.start : view.stop] *= np.sqrt(factor).astype(np.float32)[:, None]
        return np.rint(out, out=out)


# The largest whole number in a term's vector, and the length of one view of a text.
FINEST = 4095.0
HALF = exact.UNIT / 2
# Shipped vectors times their weights, as whole numbers: their largest entry is 0.5613.
_STATIC_UNIT = 7168.0
_LONG = 2.0**22


def scaled_view(sums: Float32) -> Float32:
    """One view of raw sums, rows scaled to length `HALF` and rounded: float32."""
    peak = float(np.abs(sums).max(initial=0.0))
    if peak >= _LONG:  # very long texts: squares must add up exactly
        rows = np.abs(sums).max(axis=1)
        shift = np.maximum(np.frexp(rows)[1] - 22, 0)
        sums = np.rint(np.ldexp(sums.astype(np.float64), -shift[:, None]))
    return exact.unit_rows(sums, HALF)


# 8 (1 + ln count), as whole numbers, from a table.
_DAMPED = np.rint([0.0, *(8.0 * (1.0 + math.log(n)) for n in range(1, 256))]).astype(np.float32)


def damped(counts: sp.csr_array) -> sp.csr_array:
    """Counts with repetition damped: 1 + ln(count), in eighths."""
    data = _DAMPED[np.minimum(counts.data, 255).astype(np.intp)]
    return type(counts)((data, counts.indices, counts.indptr), shape=counts.shape)


def pair_vectors(stream: WordStream, place: terms.Int32, n_words: int, *, window: int, rank: int) -> Float32:
    """Words by the company they keep: float32[n_words, rank], whole numbers, rows of length `exact.UNIT`.

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
    context = exact.log(np.maximum(row_total, 1.0))
    weight = np.where(row_total > 0, exact.exp(0.75 * context), 0.0)
    known = exact.log(max(exact.total(weight), 1e-9))
    information = exact.log(both.data) - context[both.row] - 0.75 * context[both.col] + known
    whole = np.rint(256.0 * information)
    good = whole > 0
    ppmi = sp.csr_array((whole[good], (both.row[good], both.col[good])), shape=(n_words, n_words))
    u, s = exact.leading_vectors(ppmi, max(1, min(rank, n_words - 1)))
    # Whole numbers short enough that squares of rows add up exactly.
    weighted = np.rint(u * np.sqrt(s / max(float(s.max(initial=0.0)), 1e-9)))
    return exact.unit_rows(weighted)


def document_vectors(counts: sp.csr_array, weights: npt.NDArray[np.float64], rank: int) -> npt.NDArray[np.float64]:
    """Words by the texts they stand in (latent semantic analysis): float64[n_words, rank], axes of length one.

    A text's TF-IDF row times these gives its position among the texts. ``weights`` float64[n_words]: IDF.
    """
    import scipy.sparse as sp

    weighted = damped(counts).astype(np.float64)
    weighted.data *= np.rint(64.0 * weights)[weighted.indices]
    rows = np.repeat(np.arange(weighted.shape[0]), np.diff(weighted.indptr))
    length = np.sqrt(np.bincount(rows, weighted.data * weighted.data, minlength=weighted.shape[0]))
    weighted.data = np.rint(weighted.data * (exact.UNIT / np.maximum(length, 1.0))[rows])
    turned = sp.csr_array(weighted.T)
    v, _ = exact.leading_vectors(turned, max(1, min(rank, min(turned.shape) - 1)))
    return v / exact.FULL


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
    df = frequency[common].astype(np.float64)
    trust = df / (df + 3.0)
    blocks: list[tuple[str, Float32]] = []
    if vectors is not None:
        blocks.append(("static", weighted_static(vectors, words)))
    if len(words) >= 3:
        pairs = pair_vectors(stream, corpus_place, len(words), window=options.window, rank=options.rank_pairs)
        blocks.append(("pairs", as_whole(pairs * trust[:, None])))
        idf = (exact.log((1.0 + n_units) / (1.0 + df)) + 1.0) * trust
        documents = document_vectors(counts[:, common], idf, options.rank_documents)
        blocks.append(("documents", as_whole(documents * idf[:, None])))
    if not blocks:
        blocks.append(("none", np.zeros((len(words), 1), dtype=np.float32)))
    share = shares_for(n_units, vectors is not None)
    views: list[View] = []
    for name, block in blocks:
        start = views[-1].stop if views else 0
        views.append(View(name, start, start + block.shape[1], share.get(name, 1.0)))
    matrix = np.concatenate([block for _, block in blocks], axis=1).astype(np.float32)
    space = TermSpace(words, matrix, np.zeros(matrix.shape[1], dtype=np.float32), tuple(views))
    known, extra = Embedder(space, vectors, ignored).counts(stream)
    sums = space.sums(known, extra)
    for view in views if len(sums) else ():
        part = slice(view.start, view.stop)
        space.mean[part] = np.rint(scaled_view(sums[:, part]).sum(axis=0, dtype=np.float64) / len(sums))
    return space, space.finish(sums)


def weighted_static(vectors: WordVectors, words: Sequence[str]) -> Float32:
    """Shipped vectors times their weights, as whole numbers: float32[n, dim]."""
    rows = vectors.vectors(words).astype(np.float64) * vectors.weights(words).astype(np.float64)[:, None]
    return whole_static(rows)


def whole_static(rows: npt.NDArray[np.float64]) -> Float32:
    """Weighted shipped vectors as whole numbers: float32[n, dim]. The scale is fixed, since new words come later."""
    return np.clip(np.rint(rows * _STATIC_UNIT), -FINEST, FINEST).astype(np.float32)


def as_whole(block: npt.NDArray[Any]) -> Float32:
    """A view of words scaled by a power of two, so that its largest entry is just under `FINEST`, and rounded."""
    top = float(np.abs(block).max(initial=0.0))
    out: Float32 = np.rint(np.ldexp(block, 12 - int(np.frexp(top)[1]) if top > 0 else 0)).astype(np.float32)
    return out


class Embedder:
    """Turns units into points of a term space, with shipped vectors for words outside its vocabulary."""

    def __init__(self, space: TermSpace, vectors: WordVectors | None, ignored: frozenset[str]) -> None:
        self.space = space
        self._place = {word: i for i, word in enumerate(space.words)}
        self._ignored = ignored
        self._vectors = vectors if space.views[0].name == "static" else None
        self._row: dict[str, int] = {}
        self._rows: npt.NDArray[np.int16] | None = None

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
            found = weighted_static(self._vectors, new).astype(np.int16)
            self._row.update(zip(new, range(len(self._row), len(self._row) + len(new)), strict=True))
            self._rows = found if self._rows is None else np.concatenate([self._rows, found])
        assert self._rows is not None
        return self._rows[[self._row[word] for word in words]].astype(np.float32)

    def points(self, stream: WordStream) -> Float32:
        """Points of units: float32[U, D], rows of length one, or zero where no word is known."""
        counts, extra = self.counts(stream)
        return self.space.embed(counts, extra)
