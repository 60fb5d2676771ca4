import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.prepare.keys import content_key, hash_strings

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=30)


def test_the_keys_never_change() -> None:
    # a change here changes every sample and every order of earlier runs: raise the model format with it
    keys = content_key(pa.array(["the kill switch failed", "", None, "naïve café"]), pa.array([1.0, None, 0.0, 3.0]))
    assert [f"{key:016x}" for key in keys.tolist()] == GOLD


@settings(deadline=None)
@given(TEXTS, st.integers(0, 30))
def test_chunking_and_slicing_do_not_matter(texts: list[str | None], cut: int) -> None:
    whole = pa.array(texts, pa.string())
    cut = min(cut, len(texts))
    expected = content_key(whole)
    parts = pa.chunked_array([whole.slice(0, cut), whole.slice(cut)], pa.string())
    assert np.array_equal(content_key(parts), expected)
    assert np.array_equal(np.concatenate([content_key(whole.slice(0, cut)), content_key(whole.slice(cut))]), expected)
    assert np.array_equal(content_key(whole.cast(pa.large_string())), expected)
    assert np.array_equal(content_key(whole.dictionary_encode()), expected)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), unique=True, max_size=60))
def test_different_texts_have_different_keys(texts: list[str | None]) -> None:
    assert len(set(content_key(pa.array(texts, pa.string())).tolist())) == len(texts)


def test_long_texts_across_blocks() -> None:
    texts = [
        ("x" * size) + str(i) for i, size in enumerate([0, 7, 8, 9, 1 << 19, 1 << 20, (1 << 20) + 3, 5, 3_000_000])
    ]
    together = hash_strings(pa.array(texts))
    alone = np.concatenate([hash_strings(pa.array([text])) for text in texts])
    assert np.array_equal(together, alone)
    assert len(set(together.tolist())) == len(texts)


def test_columns_keep_their_place_and_null_is_not_empty() -> None:
    one, two = pa.array(["a", "", None]), pa.array(["", "a", "a"])
    keys = set(content_key(one, two).tolist()) | set(content_key(two, one).tolist())
    assert len(keys) == 4  # (a, ""), ("", a), (null, a), (a, null)
    assert content_key(pa.array(["ab"]), pa.array(["c"])) != content_key(pa.array(["a"]), pa.array(["bc"]))


def test_numbers_by_value() -> None:
    floats = content_key(pa.array([0.0, -0.0, float("nan"), None, 1.5], pa.float64()))
    assert floats[0] == floats[1]
    assert floats[2] == floats[3]
    assert len(set(floats.tolist())) == 3
    seconds = pa.array([1_700_000_000, None], pa.timestamp("s"))
    assert np.array_equal(content_key(seconds), content_key(seconds.cast(pa.timestamp("ms"))))
    assert len(set(content_key(pa.array([True, False, None])).tolist())) == 3


def test_bad_requests() -> None:
    with pytest.raises(ValueError, match="at least one"):
        content_key()
    with pytest.raises(ValueError, match="one length"):
        content_key(pa.array(["a"]), pa.array(["a", "b"]))


def test_empty_input() -> None:
    assert content_key(pa.array([], pa.string())).shape == (0,)
    assert content_key(pa.chunked_array([], pa.string())).shape == (0,)


def test_hash_seed_does_not_matter() -> None:
    code = (
        "import pyarrow as pa; from cxtext.prepare.keys import content_key;"
        "print(content_key(pa.array(['slow at night', None])).tolist())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


GOLD = ["9a188d8a8e6e68de", "66030ae25857c6e8", "e43e42b92765a1fd", "f57e6a69b4552f60"]
