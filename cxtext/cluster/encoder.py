"""Points from a sentence encoder of the user's own (``--vectors sentence-transformers:PATH``), for the same clusterer.

Only for who has an encoder on disk and time to spare: it reads every unit through a neural network. Needs the extra
``vectors``. Words keep their corpus views; the encoder takes the place of the shipped word vectors, word by word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxtext.cluster.space import Float32
from cxtext.errors import RequestError

SCHEME = "sentence-transformers:"
_BATCH = 256


def encoder_path(value: str) -> Path:
    """The folder in ``sentence-transformers:PATH``. Raises RequestError for anything else, or if it isn't there."""
    if not value.startswith(SCHEME) or not value[len(SCHEME) :]:
        raise RequestError(f"--vectors {value!r}: write {SCHEME}PATH, PATH being the folder of an encoder")
    path = Path(value[len(SCHEME) :]).expanduser()
    if not path.is_dir():
        raise RequestError(f"--vectors: {path} is not a folder; name the folder of a downloaded encoder")
    return path


class EncoderVectors:
    """Word vectors from a sentence encoder, usable wherever the shipped ones are.

    Each distinct word is encoded once, by itself; its weight falls with how common it is in English, which the
    shipped vectors know (``commonness``). Words are remembered, so a corpus costs its vocabulary, not its length.
    """

    def __init__(self, path: Path, commonness: Any) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise RequestError(
                "--vectors sentence-transformers: needs the extra: pip install 'cxtext[vectors]'"
            ) from None
        try:
            self._model = SentenceTransformer(str(path), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RequestError(f"--vectors: {path} doesn't hold a sentence encoder ({reason})") from None
        self._weights = commonness
        self._known: dict[str, Float32] = {}

    def vectors(self, terms: Sequence[str]) -> Float32:
        """One row of length one per term: float32[n, dim]."""
        fresh = sorted({term for term in terms if term not in self._known})
        # One word per call shape: padding to the longest of a batch would make a word's vector depend on its company.
        by_length: dict[int, list[str]] = {}
        for term in fresh:
            by_length.setdefault(len(self._model.tokenizer.tokenize(term)), []).append(term)
        for group in by_length.values():
            rows = self._model.encode(
                group, batch_size=_BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
            self._known.update(zip(group, np.round(rows, 5).astype(np.float32), strict=True))
        if not len(terms):
            size = int(self._model.get_sentence_embedding_dimension() or 0)
            return np.zeros((0, size), dtype=np.float32)
        return np.stack([self._known[term] for term in terms])

    def weights(self, terms: Sequence[str]) -> Float32:
        """One weight per term, 0 and up: float32[n]."""
        weights: Float32 = self._weights.weights(terms)
        return weights
