"""Numbers dictated in words are redacted like those in figures; ordinary words aren't."""

import pyarrow as pa
import pytest

from cxtext.prepare.redact import redact


def one(text: str, **options: object) -> str:
    return str(redact(pa.array([text]), **options)[0].to_pylist()[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call me at oh seven seven five eight four nine please", "call me at [phone] please"),
        ("Call Zero-Two-Zero, seven nine four six, oh nine five eight.", "Call [phone]."),
        ("ring double four triple seven two one now", "ring [phone] now"),
        ("o two o seven nine four six", "[phone]"),
        (
            "my card is four one one one one one one one one one one one one one one one thanks",
            "my card is [card] thanks",
        ),
        ("card four triple one, triple one, triple one, triple one, triple one", "card [card]"),
        (
            "my card is four one one one one one one one one one one one one one one two thanks",
            "my card is [phone] thanks",  # fails Luhn's check, and goes all the same
        ),
        ("nine eight seven six five four three one", "[phone]"),
        ("on five, five, five, nought, one, four, three or 020 7946 0958", "on [phone] or [phone]"),
        ("first two one two five five five\nnine", "first [phone]"),
    ],
)
def test_dictated_numbers_go(text: str, expected: str) -> None:
    assert one(text) == expected
    assert one(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "five eight four one one two",  # six
        "one two three four five six seven eight nine ten",
        "nine, eight, seven, six, five, four, three, two, one, zero",
        "oh oh oh oh oh oh oh oh",
        "one for two and three of four people, five or six times, seven days",
        "no one told me one thing or two",
        "double three triple",
        "someone two one four fourteen one two one",
        "one... two......... three four one two five six",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert one(text) == text


def test_kinds_choose() -> None:
    card = "four " + "one " * 15
    assert one(card, kinds=["card"]) == "[card] "
    assert one(card, kinds=["phone"]) == "[phone] "
    assert one(card, kinds=["email", "url"]) == card
    _, counts = redact(pa.array([card, "oh seven seven five eight four nine", None]))
    assert (counts["card"], counts["phone"]) == (1, 1)
