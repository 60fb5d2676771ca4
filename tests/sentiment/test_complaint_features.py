"""What the model sees in a word: tables of tokens and what they are taken for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtext.schema import TokenTable, Units
from cxtext.sentiment.features import CLASSES, FLAGS, NO_PAIR, bare_words, pairs, range_sums, spans, token_traits
from cxtext.text.tokens import token_table

VOCABULARY = pa.array([*CLASSES, "good", "bad", "don't", "not", "service", ":("])


def whole(texts: list[str]) -> tuple[TokenTable, Units]:
    table = token_table(texts)
    full = np.flatnonzero(np.diff(table.offsets) > 0)
    return table, Units(full.astype(np.int32), table.offsets[full], table.offsets[full + 1])


@pytest.mark.parametrize(
    ("token", "bare"),
    [
        ("Service,", "service"),
        ("(GOOD!)", "good"),
        ("don’t", "don't"),
        ("'quoted'", "quoted"),
        ("self-service", "self-service"),
        ("...", "..."),
        ("Ärger.", "ärger"),
        ("#late", "late"),
    ],
)
def test_bare_words(token: str, bare: str) -> None:
    assert bare_words([token]).to_pylist() == [bare]


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("good", "good"),
        ("Good!!", "good"),
        (":(", ":("),
        ("zebra", "<unknown>"),
        ("--", "<none>"),
        ("😡", "<none>"),
        ("12", "<number>"),
        ("3,000", "<number>"),
        ("9:30am", "<number>"),
        ("2nd", "<number>"),
        ("£20", "<money>"),
        ("$1,300.", "<money>"),
        ("30€", "<money>"),
        ("Rs.500", "<money>"),
        ("2hrs", "<span>"),
        ("45min", "<span>"),
        ("@shop", "<mention>"),
        ("https://example.org/a", "<link>"),
        ("WWW.example.org", "<link>"),
        ("\ud800bad", "bad"),
    ],
)
def test_a_token_gets_its_word_or_its_class(token: str, kind: str) -> None:
    assert VOCABULARY[int(token_traits([token], VOCABULARY).word[0])].as_py() == kind


@pytest.mark.parametrize(
    ("token", "names"),
    [
        ("why?", {"question"}),
        ('what?!"', {"question", "exclamation"}),
        ("no!", {"exclamation"}),
        ("NEVER", {"capitals"}),
        ("OK", set()),
        ("well...", {"ellipsis"}),
        ("well…", {"ellipsis"}),
        ("fine.", set()),
    ],
)
def test_marks(token: str, names: set[str]) -> None:
    flags = int(token_traits([token], VOCABULARY).flags[0])
    assert {name for bit, name in enumerate(FLAGS) if flags >> bit & 1} == names


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("not good service today at all", ["good", "service", "today"]),
        ("not good, service was bad", ["good,"]),
        ("Nothing. good service", []),
        ("we don't like it", ["like", "it"]),
        ("never", []),
        ("it cannot be good", ["be", "good"]),
        ("no not good", ["not", "good"]),
    ],
)
def test_negation_reaches_three_words_of_its_phrase(text: str, reached: list[str]) -> None:
    table, units = whole([text])
    row = spans(table, units, token_traits(table.tokens, VOCABULARY))
    assert [table.tokens[c] for c, hit in zip(table.codes, row.negated, strict=True) if hit] == reached


def test_negation_and_pairs_stay_inside_their_unit() -> None:
    table, units = whole(["it is not", "", "good service", "bad"])
    row = spans(table, units, token_traits(table.tokens, VOCABULARY))
    assert not row.negated.any()
    w = len(VOCABULARY)
    names = VOCABULARY.to_pylist()
    inside, edges = pairs(row, w)
    assert [(names[k // w], names[k % w]) for k in inside[inside != NO_PAIR].tolist()] == [
        ("<unknown>", "<unknown>"),
        ("<unknown>", "not"),
        ("good", "service"),
    ]
    assert [(names[k // w], names[k % w]) for k in edges[0].tolist()] == [
        ("<start>", "<unknown>"),
        ("<start>", "good"),
        ("<start>", "bad"),
    ]
    assert [(names[k // w], names[k % w]) for k in edges[1].tolist()] == [
        ("not", "<end>"),
        ("service", "<end>"),
        ("bad", "<end>"),
    ]


@given(
    st.lists(st.lists(st.integers(-32767, 32767), max_size=6), max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_range_sums(groups: list[list[int]], skipped: list[bool]) -> None:
    values = np.array([v for g in groups for v in g], np.int32)
    ends = np.cumsum([len(g) for g in groups], dtype=np.int64) if groups else np.zeros(0, np.int64)
    starts = ends - [len(g) for g in groups] if groups else ends
    keep = [i for i in range(len(groups)) if not skipped[i]]
    found = range_sums(values, starts[keep], ends[keep])
    assert found.tolist() == [sum(groups[i]) for i in keep]
