"""Which word vectors to cluster with: those that come with cxtext, or an encoder of the user's own.

A model remembers its choice, so that new texts are read with the vectors that it was fitted with.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cxtext.cluster.vectors import ARRAYS, StaticVectors
from cxtext.errors import RequestError
from cxtext.schema import ClusterModel

if TYPE_CHECKING:
    from cxtext.cluster.space import WordVectors

KEY, MARK = "vectors", "vectors_mark"


@lru_cache(maxsize=2)
def word_vectors(shipped: str, choice: str | None) -> WordVectors:
    """The vectors of a choice such as ``sentence-transformers:PATH``; ``None`` and "" mean the shipped ones.

    Loaded once in each process. Raises RequestError when the encoder isn't there or its extra isn't installed.
    """
    own = StaticVectors.load(Path(shipped))
    if not choice:
        return own
    from cxtext.cluster.encoder import EncoderVectors, encoder_path

    return EncoderVectors(encoder_path(choice), own)


@lru_cache(maxsize=2)
def mark(shipped: str) -> str:
    """What tells these shipped vectors from those of another release."""
    return str(StaticVectors.load(Path(shipped)).card["files"][ARRAYS]["sha256"])[:16]


def vectors_of(model: ClusterModel, shipped: str) -> WordVectors | None:
    """The vectors that a model was fitted with; None if this release ships others.

    Then the model knows the words of its training, whose vectors it keeps, and no others: vectors of two releases
    don't compare.
    """
    return word_vectors(shipped, model.meta.get(KEY)) if still_its_own(model, shipped) else None


def still_its_own(model: ClusterModel, shipped: str) -> bool:
    """Whether this release ships the vectors that a model was fitted with."""
    return model.meta.get(MARK) in (None, mark(shipped))


def remembering(model: ClusterModel, choice: str | None, shipped: str) -> ClusterModel:
    """The model with its vectors written down; the same model if that is what it says already."""
    told = {KEY: choice or "", MARK: mark(shipped)}
    if told.items() <= model.meta.items():
        return model
    return replace(model, meta={**model.meta, **told})


def same_choice(model: ClusterModel, choice: str | None) -> str | None:
    """The vectors to go on with when a model is trained again. Raises RequestError if others are asked for."""
    before = model.meta.get(KEY) or None
    if choice and choice != before:
        raise RequestError(f"--vectors {choice}: this model was trained with other vectors; train it under a new name")
    return before
