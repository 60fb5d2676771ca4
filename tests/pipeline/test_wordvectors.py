"""A model is read with the vectors that it was fitted with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxtext.cluster.vectors import StaticVectors
from cxtext.errors import RequestError
from cxtext.pipeline.wordvectors import remembering, same_choice, vectors_of, word_vectors
from cxtext.schema import ClusterModel
from cxtext.store import shipped

PLAIN = ClusterModel({}, {}, ())


def test_the_shipped_vectors_are_the_default() -> None:
    assert isinstance(word_vectors(str(shipped.folder()), None), StaticVectors)
    assert isinstance(vectors_of(PLAIN, str(shipped.folder())), StaticVectors)


def test_a_model_remembers_its_choice() -> None:
    own = remembering(PLAIN, "sentence-transformers:here", str(shipped.folder()))
    assert same_choice(own, None) == "sentence-transformers:here"
    assert same_choice(own, "sentence-transformers:here") == "sentence-transformers:here"
    plain = remembering(PLAIN, None, str(shipped.folder()))
    assert remembering(plain, None, str(shipped.folder())) is plain
    assert remembering(own, "sentence-transformers:here", str(shipped.folder())) is own


def test_other_vectors_are_refused_when_training_again() -> None:
    with pytest.raises(RequestError, match="new name"):
        same_choice(PLAIN, "sentence-transformers:elsewhere")


def test_an_encoder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="not a folder"):
        word_vectors(str(shipped.folder()), f"sentence-transformers:{tmp_path / 'nowhere'}")
