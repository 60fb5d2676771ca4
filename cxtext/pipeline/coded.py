"""Assignment with a codebook laid over the clusterer (see ``codebooks``): same words, same answer, in any process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cxtext.cluster import terms
from cxtext.cluster.assign import Assigner
from cxtext.cluster.space import WordVectors
from cxtext.cluster.terms import WordStream
from cxtext.schema import Assignment, ClusterModel, PainPoint, TokenTable, Units

if TYPE_CHECKING:
    from cxtext.cluster.space import Float32
    from cxtext.schema import BoolArray, IntArray


class CodedAssigner:
    """Assigns units to the pain points that people want to see; without a codebook, to those that were trained."""

    def __init__(self, model: ClusterModel, vectors: WordVectors | None) -> None:
        self._shown: IntArray | None = None
        self._splits: list[tuple[int, int, list[str]]] = []
        if "column_shown" in model.arrays:
            self._shown = np.asarray(model.arrays["column_shown"], np.int32)
            self._splits = [(int(c), int(p), list(w)) for c, p, w in model.meta["splits"]]
            columns = dict(model.arrays) | {
                "centres": model.arrays["column_centres"],
                "thresholds": model.arrays["column_thresholds"],
            }
            model = ClusterModel(columns, model.meta, tuple(PainPoint(str(j), "", ()) for j in range(len(self._shown))))
        self._assigner = Assigner(model, vectors)

    def embed(self, tokens: TokenTable, units: Units) -> Float32:
        """Points of units in the model's space."""
        return self._assigner.embed(tokens, units)

    def assign(self, tokens: TokenTable, units: Units) -> Assignment:
        """The shown pain point of each unit (-1: none), and the similarity to the group that took it in."""
        stream = terms.word_stream(tokens, units)
        found = self._assigner.assign_stream(stream)
        if self._shown is None:
            return found
        cluster = np.where(found.cluster >= 0, self._shown[found.cluster], -1).astype(np.int32)
        free, sure = np.ones(len(cluster), bool), found.sure.copy()
        for column, point, words in self._splits:
            mine = free & (found.cluster == column) & containing(stream, tuple(words))
            cluster[mine] = point
            sure |= mine  # people said which words make it one
            free &= ~mine
        return Assignment(cluster, found.similarity, sure & (cluster >= 0))


def containing(stream: WordStream, words: Sequence[str]) -> BoolArray:
    """Which units hold one of some words or phrases: bool[U]. A ``*`` at a word's end stands for any ending."""
    starts = np.zeros(len(stream.codes), bool)
    unit = np.repeat(np.arange(len(stream)), np.diff(stream.offsets))
    for phrase in words:
        pieces = _pieces(phrase)
        n = len(pieces)
        if not n or n > len(stream.codes):
            continue
        at = np.ones(len(stream.codes) - n + 1, bool)
        for i, piece in enumerate(pieces):
            known = np.fromiter((_fits(w, piece) for w in stream.words), bool, len(stream.words))
            at &= known[stream.codes[i : i + len(at)]]
        at &= unit[: len(at)] == unit[n - 1 : n - 1 + len(at)]
        starts[: len(at)] |= at
    found = np.zeros(len(stream), bool)
    found[unit[starts]] = True
    return found


@lru_cache(maxsize=512)
def _pieces(phrase: str) -> tuple[str, ...]:
    """The words of a phrase as the word stream has them; a star is kept."""
    pieces: list[str] = []
    for token in phrase.split():
        words = list(terms.words_of_token(token))
        if words and token.endswith("*"):
            words[-1] += "*"
        pieces += words
    return tuple(pieces)


def _fits(word: str, piece: str) -> bool:
    return word.startswith(piece[:-1]) if piece.endswith("*") else word == piece
