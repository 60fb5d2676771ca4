import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.prepare.normalise import normalise

TABLE = [
    ("The lift is broken", "The lift is broken"),
    ("  two  blanks stay \n", "two  blanks stay"),
    ("NUL\x00 and bell\x07", "NUL  and bell"),
    ("next\x85line", "next line"),
    ("\ufeffA mark", "A mark"),
    (r"first line\nsecond line", "first line\nsecond line"),
    (r"first\r\nsecond", "first\nsecond"),
    (r"see C:\new\reports", r"see C:\new\reports"),
    (r"either\or", r"either\or"),
    ("fish &amp; chips &lt;3 don&#39;t &#x2019;", "fish & chips <3 don't ’"),
    ("a&nbsp;b", "a b"),
    ("AT&T, R&D and ?a=1&copy=2", "AT&T, R&D and ?a=1&copy=2"),
    ("I &notathing; this", "I &notathing; this"),
    ("one<br/>two<BR>three</p>", "one two three"),
    ('<p class="x">hello</p>', "hello"),
    ("&lt;br /&gt;twice &amp;lt;b&amp;gt;escaped&amp;lt;/b&amp;gt;", "twice  escaped"),
    ("I <3 it, 5 < 6 > 4, <my bank> too", "I <3 it, 5 < 6 > 4, <my bank> too"),
    ("before<!-- hidden -->after", "before after"),
    ("cafe\u0301", "café"),
    ("5 \u212a is cold", "5 K is cold"),
    ("naïve — “quoted” \U0001f600", "naïve — “quoted” \U0001f600"),
    ("", ""),
    (" \t ", ""),
    (None, None),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_table(text: str | None, expected: str | None) -> None:
    assert normalise(pa.array([text], pa.string())).to_pylist() == [expected]


def test_rows_keep_their_places() -> None:
    texts = pa.array([text for text, _ in TABLE], pa.string())
    expected = [text for _, text in TABLE]
    assert normalise(texts).to_pylist() == expected
    assert normalise(texts.slice(3, 9)).to_pylist() == expected[3:12]
    assert normalise(pa.chunked_array([texts.slice(0, 5), texts.slice(5)])).to_pylist() == expected
    assert normalise(texts.dictionary_encode()).to_pylist() == expected
    assert normalise(texts.cast(pa.large_string())).to_pylist() == expected
    assert normalise(texts.slice(0, 0)).to_pylist() == []


def test_invalid_unicode_goes() -> None:
    raw = [b"lone \xed\xa0\x80surrogate", b"\xffbad byte", b"fine", None]
    texts = pa.array(raw, pa.binary()).view(pa.string())
    assert normalise(texts).to_pylist() == ["lone surrogate", "bad byte", "fine", None]


PIECES = st.sampled_from(
    ["&amp;", "&lt;", "br", "&gt;", "<", ">", "/", "\\n", "\\", "r", "n", ";", "#65", "\x00", "e\u0301"]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join))


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=10))
def test_twice_is_once_and_composed(texts: list[str | None]) -> None:
    once = normalise(pa.array(texts, pa.string()))
    assert normalise(once).to_pylist() == once.to_pylist()
    for before, after in zip(texts, once.to_pylist(), strict=True):
        assert (before is None) == (after is None)
        assert after is None or after == unicodedata.normalize("NFC", after)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(whitelist_categories=("L", "N"), max_codepoint=0x2FF), max_size=40))
def test_plain_words_are_left_alone(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert normalise(pa.array([text])).to_pylist() == [text]
