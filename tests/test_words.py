"""What is known of a word is found out once, and is the same whatever was seen before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxtext.words as w

WORDS = st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=30)


def lengths(words: list[str]) -> w.Columns:
    return np.array([len(x) for x in words], np.int32), np.array([x.isalpha() for x in words], np.bool_)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(w, "_REGISTER", w._Register())


@settings(deadline=None)
@given(st.lists(WORDS, max_size=6), st.integers(1, 40), st.integers(1, 8))
def test_answers_do_not_depend_on_what_was_asked_before(chunks: list[list[str]], most: int, enough: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(w, "_REGISTER", w._Register())
        patch.setattr(w, "MOST_WORDS", most)  # so that words are forgotten now and then
        patch.setattr(w, "ENOUGH", enough)  # and found by Arrow now and then
        traits, late = w.Traits(lengths), w.Traits(lengths)
        for number, words in enumerate(chunks):
            for each in (traits, late)[: 1 + number % 2]:
                size, letters = each.of(words)
                assert size.tolist() == [len(x) for x in words]
                assert letters.tolist() == [x.isalpha() for x in words]


@pytest.mark.usefixtures("fresh")
def test_a_word_is_described_once() -> None:
    asked: list[str] = []

    def describe(words: list[str]) -> w.Columns:
        asked.extend(words)
        return lengths(words)

    traits = w.Traits(describe)
    for words in (["late", "parcel"], ["parcel", "lost"], ["lost", "late", "again"]):
        traits.of(words)
    assert asked == ["late", "parcel", "lost", "again"]


@pytest.mark.usefixtures("fresh")
def test_much_is_forgotten_but_nothing_gets_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(w, "MOST_LETTERS", 50)
    traits = w.Traits(lengths)
    for number in range(40):
        words = [f"word{number}", "parcel", "\ud800"]  # a lone surrogate has no place in Arrow
        assert traits.of(words)[0].tolist() == [len(words[0]), 6, 1]
    assert sum(map(len, w._REGISTER.words)) <= 60
