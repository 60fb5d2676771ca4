"""Tokens are those of str.split(), whatever the white space, the nulls or the container."""

import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.text.tokens import token_table

SPACES = [chr(c) for c in range(sys.maxunicode + 1) if chr(c).isspace()]


def words(table):
    return [
        [table.tokens[c] for c in table.codes[a:b]] for a, b in zip(table.offsets[:-1], table.offsets[1:], strict=True)
    ]


def check(table, texts):
    assert len(table) == len(texts)
    assert words(table) == [(t or "").split() for t in texts]
    assert len(set(table.tokens)) == len(table.tokens)
    assert "" not in table.tokens
    assert table.codes.dtype == np.int32
    assert table.offsets.dtype == np.int64
    assert set(table.codes.tolist()) == set(range(len(table.tokens)))


piece = st.one_of(st.sampled_from([*SPACES, "  ", "\u200b", "\ufeff", "a", "Wait", "é", "😀"]), st.text(max_size=4))
text = st.one_of(st.none(), st.lists(piece, max_size=12).map("".join), st.text(max_size=30))


@settings(deadline=None)
@given(st.lists(text, max_size=12))
def test_tokens_are_those_of_split(texts):
    check(token_table(texts), texts)


@pytest.mark.parametrize("space", SPACES, ids=lambda c: f"U+{ord(c):04X}")
def test_every_kind_of_white_space_splits(space):
    texts = [f"late{space}again", f"{space}late{space}{space} again{space}", space, f"late {space}"]
    check(token_table(texts), texts)


@pytest.mark.parametrize("texts", [[], [None], [""], ["   "], [None, None], ["", "a", None], ["\xa0"], ["x", "\u2028"]])
def test_blank_and_null_texts_have_no_tokens(texts):
    check(token_table(texts), texts)


def test_arrow_containers_and_slices_give_the_same_tokens():
    texts = ["The queue was long", None, " the app\tcrashed ", "", "late\xa0again", "the app"]
    plain = pa.array(texts)
    for made in (
        plain,
        plain.cast(pa.large_string()),
        plain.dictionary_encode(),
        pa.chunked_array([plain[:2], plain[2:]]),
        pa.chunked_array([plain]),
        pa.chunked_array([], type=pa.string()),
    ):
        check(token_table(made), made.to_pylist())
    check(token_table(plain[1:5]), texts[1:5])
    check(token_table(pa.nulls(3)), [None] * 3)


def test_a_lone_surrogate_does_not_stop_the_chunk():
    texts = ["bad \ud83d bytes", None, "fine\xa0here"]
    check(token_table(texts), texts)
