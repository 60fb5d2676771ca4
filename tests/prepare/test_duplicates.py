import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.prepare.duplicates import content_key, flood_groups, folded_words, signatures
from cxtext.text.tokens import token_table


def groups(texts: list[str]) -> list[int]:
    table = token_table(texts)
    return flood_groups(signatures(table), content_key(pa.array(texts)), folded_words(table)).tolist()


def grouped(texts: list[str]) -> list[frozenset[str]]:
    parts: dict[int, set[str]] = {}
    for text, leader in zip(texts, groups(texts), strict=True):
        parts.setdefault(leader, set()).add(text)
    return sorted((frozenset(part) for part in parts.values()), key=sorted)


TEMPLATE = (
    "Dear team, my parcel {} was promised for last week and still has not arrived, the tracking page shows nothing new"
    " and nobody answers the phone, please tell me when it will be delivered to {}"
)

SAME = [
    (TEMPLATE.format("4411", "Leeds"), TEMPLATE.format("98-2201", "Leeds")),
    (TEMPLATE.format("4411", "Leeds"), TEMPLATE.format("4411", "Hull")),
    ("The driver never rang the bell, again!", "the driver never rang the bell AGAIN"),
    ("Order 1 was cancelled without any notice", "Order #2288-B was cancelled without any notice!!!"),
]
DIFFERENT = [
    ("good service", "good service"),  # too short to be a flood
    ("The battery of my new phone is dead", "The battery of my new laptop is dead"),
    ("the app will not open on my tablet", "on my tablet the update will not start"),
    (TEMPLATE.format("1", "Leeds"), "Dear team, thank you, my parcel arrived today and the driver was very kind to us"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_near_duplicates_are_found(one: str, other: str) -> None:
    assert len(set(groups([one, "something else happened at the station today", other]))) == 2


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_others_are_left_alone(one: str, other: str) -> None:
    assert groups([one, other]) == [0, 1]


def _pool(rng: np.random.Generator, count: int, words: int) -> list[str]:
    letters = np.array(list("abcdefghijklmnoprstuvw"))
    vocabulary = ["".join(rng.choice(letters, size=rng.integers(2, 8))) for _ in range(600)]
    return [" ".join(rng.choice(vocabulary, size=words)) + "." for _ in range(count)]


def test_texts_built_from_shared_sentences_are_not_grouped() -> None:
    rng = np.random.default_rng(3)
    pool = _pool(rng, 40, 10)
    picks = {tuple(sorted(rng.choice(40, size=5, replace=False).tolist())) for _ in range(1500)}
    texts = [" ".join(pool[i] for i in rng.permutation(pick)) for pick in sorted(picks)]
    leaders = groups(texts)
    alone = sum(leader == i for i, leader in enumerate(leaders))
    assert alone >= 0.98 * len(texts)  # four sentences of five in common: .67 at most


def test_every_member_is_similar_to_its_leader_and_floods_are_complete() -> None:
    rng = np.random.default_rng(5)
    pool = [sentence.split() for sentence in _pool(rng, 30, 50)]
    texts, source = [], []
    for which in range(30):
        for _ in range(20):
            words = list(pool[which])
            words[int(rng.integers(50))] = "changed"
            texts.append(" ".join(words))
            source.append(which)
    leaders = groups(texts)
    assert all(source[leader] == source[i] for i, leader in enumerate(leaders))
    # two texts of a flood are .85 alike, near the bar, so a flood may stand for two or three, never for twenty
    assert len(set(leaders)) <= 70


WORD = st.sampled_from(
    ["late", "again", "refund", "The", "support!", "12", "is", "my", "slow,", "--", "été", "\U0001f620"]
)
TEXT = st.lists(WORD, min_size=0, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(texts: list[str], random: object) -> None:
    mixed = list(texts)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert grouped(texts) == grouped(mixed)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=2, max_size=20), st.integers(1, 19))
def test_chunks_do_not_matter(texts: list[str], cut: int) -> None:
    cut = min(cut, len(texts) - 1)
    parts = [signatures(token_table(part)) for part in (texts[:cut], texts[cut:])]
    assert np.array_equal(signatures(token_table(texts)), np.concatenate(parts))


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=20))
def test_a_leader_leads_itself_and_has_the_smallest_key(texts: list[str]) -> None:
    leaders = groups(texts)
    keys = content_key(pa.array(texts))
    assert all(leaders[leader] == leader for leader in leaders)
    assert all(keys[leader] <= keys[i] for i, leader in enumerate(leaders))


def test_the_estimate_is_that_of_jaccard() -> None:
    rng = np.random.default_rng(8)
    vocabulary = _pool(rng, 1, 3000)[0].replace(".", "").split()
    for share in (0.5, 0.8, 0.95):
        estimates, truths = [], []
        for _ in range(60):
            words = rng.choice(vocabulary, size=80).tolist()
            other = [w if rng.random() < share**0.5 else str(rng.choice(vocabulary)) for w in words]
            one_pairs, other_pairs = (set(zip(x, [*x[1:], "\0"], strict=True)) for x in (words, other))
            truths.append(len(one_pairs & other_pairs) / len(one_pairs | other_pairs))
            marks = signatures(token_table([" ".join(words), " ".join(other)]))[:, 1:].copy().view(np.uint16)
            estimates.append(float((marks[0] == marks[1]).mean()))
        assert abs(np.mean(estimates) - np.mean(truths)) < 0.03


def test_edges() -> None:
    assert groups([""]) == [0]
    assert signatures(token_table([])).shape == (0, 8)
    assert signatures(token_table(["", "--", "a"])).any(axis=1).tolist() == [False, False, True]
    assert folded_words(token_table(["", "Hello -- world 12 \U0001f620", "!!"])).tolist() == [0, 3, 0]
