from __future__ import annotations

import numpy as np
import pytest

from cxtext.cluster import terms
from cxtext.schema import Units
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("Refund", ["refund"]),
        ("Re-booking!!", ["re", "booking"]),
        ("price/quality", ["price", "quality"]),
        ("DIDN'T", ["didn't"]),
        ("didn\u2019t", ["didn't"]),
        ("not", ["not"]),
        ("@acme", []),
        (".@acme", []),
        ("https://example.org/refund", []),
        ("www.example.org", []),
        ("12.50", []),
        ("2hrs", ["hrs"]),
        ("&amp;", []),
        ("broken.\\nRefund", ["broken", "refund"]),
        ("[EMAIL]", []),
        ("<PHONE_1>", []),
        ("--", []),
        ("caf\u00e9.", ["caf\u00e9"]),
    ],
)
def test_words_of_token(token: str, words: list[str]) -> None:
    assert list(terms.words_of_token(token)) == words


def test_stream_keeps_units_apart() -> None:
    table = token_table(["Late again! Nobody called.", "", "price/quality is off"])
    stream = terms.word_stream(table, split_units(table, "response"))
    said = [
        [stream.words[c] for c in stream.codes[a:b]] for a, b in zip(stream.offsets, stream.offsets[1:], strict=False)
    ]
    assert said == [["late", "again", "nobody", "called"], ["price", "quality", "is", "off"]]


def test_any_subset_of_units_in_any_order() -> None:
    table = token_table(["one two/three", "4 5", "six", "seven eight nine"])
    whole = split_units(table, "response")
    order = np.array([3, 0, 1])
    stream = terms.word_stream(table, Units(whole.response[order], whole.first[order], whole.last[order]))
    assert [stream.words[c] for c in stream.codes] == ["seven", "eight", "nine", "one", "two", "three"]
    assert stream.offsets.tolist() == [0, 3, 6, 6]


def test_counts() -> None:
    table = token_table(["hold hold line", "line", "?"])
    stream = terms.word_stream(table, split_units(table, "response"))
    vocabulary = terms.sorted_vocabulary(["line", "hold"])
    matrix = terms.counts(stream, terms.look_up(stream.words, vocabulary), 2)
    assert list(vocabulary) == ["hold", "line"]
    assert matrix.toarray().tolist() == [[2, 1], [0, 1], [0, 0]]
    assert terms.document_frequency(matrix).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Nothing.", False),
        ("No, nothing really", False),
        ("n/a", False),
        ("Thank you so much!", False),
        ("", False),
        (":-(", False),
        ("Nothing works", True),
        ("not the parking again", True),
        ("Excellent", True),
    ],
)
def test_an_answer_that_says_nothing_has_no_subject(text: str, subject: bool) -> None:
    table = token_table(["The bus was late", text])
    found = terms.has_subject(table, split_units(table, "response"))
    assert found.tolist() == ([True, subject] if text else [True])
