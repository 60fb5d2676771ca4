"""What groups are called: whole phrases that name one thing, each group by its own."""

from __future__ import annotations

import numpy as np
import pytest

from cxtext.cluster.labels import Candidate, _wholes, clauses, explained, label_phrases, phrases
from cxtext.cluster.terms import WordStream, word_stream
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units


def named(*groups: list[str]) -> list[str]:
    """The labels of groups of texts, all members alike and every phrase as near to its centre as any other."""
    texts = [text for group in groups for text in group]
    table = token_table(texts)
    cluster = np.repeat(np.arange(len(groups)), [len(group) for group in groups]).astype(np.int32)
    centres = np.ones((len(groups), 1), np.float32)

    def embed(stream: WordStream) -> np.ndarray:
        return np.ones((len(stream), 1), np.float32)

    return label_phrases(
        table, split_units(table, "response"), cluster, np.ones(len(texts), np.float32), centres, embed
    )


def candidates(text: str) -> set[str]:
    table = token_table([text])
    stream = word_stream(table, clauses(table, split_units(table, "response")))
    found = set()
    for n, (start, _) in enumerate(phrases(stream), start=1):
        found |= {" ".join(stream.words[c] for c in stream.codes[s : s + n]) for s in start.tolist()}
    return found


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("battery dies although charged", "battery dies", "dies although charged"),
        ("parcel lost while moving house", "moving house", "lost while moving"),
        ("answer takes another 3 days", "answer takes", "another days"),
        ("fee of £20 charged twice", "charged twice", "fee of charged"),
        ("rude driver, late parcel", "late parcel", "driver late"),
        ("late for appointment", "late for appointment", "late for"),
        ("please delete my account", "delete my account", "please delete my account"),
    ],
)
def test_candidates_name_one_thing(text: str, there: str, not_there: str) -> None:
    found = candidates(text)
    assert there in found
    assert not_there not in found


def test_a_part_of_a_longer_phrase_is_no_candidate() -> None:
    whole, part = Candidate(0, ("older", "phones"), 0.5, 1.0), Candidate(0, ("older",), 0.6, 1.0)
    elsewhere, often = Candidate(1, ("older",), 0.6, 1.0), Candidate(0, ("phones",), 0.9, 1.0)
    assert _wholes([whole, part, elsewhere, often]) == [whole, elsewhere, often]


def test_no_two_groups_are_called_the_same_but_for_an_s() -> None:
    one = [f"The lost bag number{i} was red" for i in range(8)]
    many = [f"Your lost bags again town{i} tonight" for i in range(8)]
    first, second = named(one, many)
    assert first != second
    assert {first.rstrip("s"), second.rstrip("s")} != {"lost bag"}


def test_a_label_of_one_word_says_what_about_it() -> None:
    assert explained("staff", ["staff", "rude", "service", "not"]) == "staff (rude, service)"
    assert explained("rude staff", ["staff", "rude"]) == "rude staff"
