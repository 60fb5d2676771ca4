import re
import string

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.prepare.redact import _URL, KINDS, _addresses, iban_fits, luhn, redact


def one(text: str, **options: object) -> str:
    return str(redact(pa.array([text]), **options)[0].to_pylist()[0])  # type: ignore[arg-type]


REDACTED = [
    ("write to maria.lopez@mail.example.org please", "write to [email] please"),
    ("Mail: O'Neil+spam@example.co.uk.", "Mail: [email]."),
    ("anna (at) example.com", "[email]"),
    ("jürgen@bücher.example!", "[email]!"),
    ("see https://example.com/u/77?key=abc).", "see [url])."),
    ("see www.example.com, ok", "see [url], ok"),
    ("my page is example.com/people/anna", "my page is [url]"),
    ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
    ("4111-1111-1111-1111", "[card]"),
    ("378282246310005 and 3782 822463 10005", "[card] and [card]"),
    ("paid from DE89 3704 0044 0532 0130 00 was taken", "paid from [iban] was taken"),
    ("GB82WEST12345698765432, twice", "[iban], twice"),
    ("fr1420041010050500013m02606", "[iban]"),
    ("DE43 0000 1041 0113 9914 74", "[iban]"),
    ("call me on +44 20 7946 0958", "call me on [phone]"),
    ("call +1 (212) 555-0143 now", "call [phone] now"),
    ("(212) 555-0143", "[phone]"),
    ("212-555-0143 or 212.555.0143", "[phone] or [phone]"),
    ("my cell: 555-0143", "my cell: [phone]"),
    ("020 7946 0958", "[phone]"),
    ("07700 900123 is my mobile", "[phone] is my mobile"),
    ("Tel. 030/1234567 or 0151-23456789", "Tel. [phone] or [phone]"),
    ("appelez le 06 12 34 56 78 svp", "appelez le [phone] svp"),
    ("06.12.34.56.78", "[phone]"),
    ("0049 30 1234567", "[phone]"),
    ("+33612345678", "[phone]"),
    ("98765 43210", "[phone]"),
    ("+91-98765-43210", "[phone]"),
    ("612 345 678", "[phone]"),
    ("0412 345 678", "[phone]"),
    ("+65 6123 4567, 6123 4567", "[phone], [phone]"),
    ("0800 1111", "[phone]"),
    ("phone 5550143", "phone [phone]"),
    ("on 03/04/2025 I rang 07700900123", "on 03/04/2025 I rang [phone]"),
    ("2025-01-03 14:05 +49 170 1234567", "2025-01-03 14:05 [phone]"),
    ("ask @marta_k about it", "ask [handle] about it"),
]
KEPT = [
    "It cost $1,299.99 and €1.299,00 or 1 299 000 yen",
    "Rs 150000000 is too much, 10000000 users, 1.000.000 downloads",
    "on 2025-01-03, 03/01/2025, 3.1.2025 and 01 02 2025",
    "between 2025-01-03 and 2025-02-04",
    "2025-01-03 14:05:22",
    "at 14:05, 09.00-17.30, 0900-1730 and 08:00 - 20:00",
    "99.999999% uptime, 50% off, 24/7, 365/24/7",
    "version 10.0.19041.1151 and v2.14.3, build 1234567",
    "flight BA2490 and LH 1234567, seat 22A",
    "order 12345678 and #123456789 and ticket no. 987654321",
    "2019-2020, 2023 2024 2025",
    "100-2000 dollars, 500-1000 users",
    "192.168.100.200",
    "I paid 1500 2000 2500",
    "rated 10/10, 5.5/10, 4 of 5",
    "10 20 30 40 50 60 70 80",
    "20250103140500",
    "works @home and @ 5pm",
    "example.com is slow and booking.example too",
    "yes/no, and/or, e.g./i.e., terrible.no/yes",
    "1234567 of them",
    "size 12-14, 30x40, 100000000",
    "the code is DE89370400440532013001",
    "",
]


@pytest.mark.parametrize(("text", "expected"), REDACTED)
def test_personal_data_goes(text: str, expected: str) -> None:
    assert one(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_ordinary_numbers_stay(text: str) -> None:
    assert one(text) == text


def test_counts_kinds_and_places() -> None:
    texts = pa.array(["a@example.org b@example.org", None, "fine", "+44 20 7946 0958 @joe"])
    done, counts = redact(texts)
    assert done.to_pylist() == ["[email] [email]", None, "fine", "[phone] [handle]"]
    assert counts == {"email": 2, "url": 0, "card": 0, "iban": 0, "phone": 1, "handle": 1}
    done, counts = redact(texts, kinds=["phone"])
    assert done.to_pylist() == ["a@example.org b@example.org", None, "fine", "[phone] @joe"]
    assert counts == {"phone": 1}
    assert redact(texts.slice(2))[0].to_pylist() == ["fine", "[phone] [handle]"]
    assert redact(pa.chunked_array([texts.slice(0, 1), texts.slice(1)]))[1]["email"] == 2


def test_company_handles_may_stay() -> None:
    assert one("@acme_help and @joe", keep_handles=["acme_help"]) == "@acme_help and [handle]"


def test_order_numbers_are_configured() -> None:
    pattern = r"\b[A-Z]{2}-\d{4,8}\b"
    assert one("my order QX-20411 is late", order_ids=pattern) == "my order [order] is late"
    assert one("my order QX-20411 is late") == "my order QX-20411 is late"
    assert one("order ä QX-20411", order_ids=r"(?<=order ä )\S+") == "order ä [order]"
    assert one("order a@example.org", order_ids="order|email") == "[order] [email]"
    assert redact(pa.array(["QX-20411"]), order_ids=pattern)[1]["order"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order_ids": "("}, "no regular expression"),
        ({"order_ids": "x*"}, "matches the empty string"),
        ({"kinds": ["email", "passport"]}, "unknown kind of personal data: passport"),
    ],
)
def test_bad_requests(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        redact(pa.array(["a"]), **options)  # type: ignore[arg-type]


def test_check_digits() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
    assert iban_fits("DE89370400440532013000")
    assert not iban_fits("DE88370400440532013000")


@st.composite
def cards(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from("3456")) + draw(st.text("0123456789", min_size=11, max_size=17))
    digits = next(body + str(check) for check in range(10) if luhn(body + str(check)))
    separator = draw(st.sampled_from(["", " ", "-"]))
    groups = [digits[i : i + 4] for i in range(0, len(digits), 4)] if separator else [digits]
    return separator.join(groups)


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country, length = draw(st.sampled_from([("DE", 22), ("GB", 22), ("NO", 15), ("MT", 31), ("FR", 27)]))
    alphabet = string.digits + string.ascii_uppercase if country != "DE" else string.digits
    rest = draw(st.text(alphabet, min_size=length - 4, max_size=length - 4))
    number = int("".join(str(int(sign, 36)) for sign in f"{rest}{country}00"))
    iban = f"{country}{98 - number % 97:02d}{rest}"
    return iban if draw(st.booleans()) else " ".join(iban[i : i + 4] for i in range(0, length, 4))


emails = st.from_regex(
    r"[a-z][a-z0-9._+-]{0,12}[a-z0-9]@[a-z][a-z0-9-]{0,8}[a-z0-9]\.(?:example|org|co\.uk)", fullmatch=True
)
phones = st.sampled_from([text for text, done in REDACTED if done == "[phone]"])
numbers = st.text("0123456789 -./+():", max_size=24)
words = st.sampled_from(
    ["I paid", "call", "order", "on", "(", "),", "@", "http://", "www.", "then", "é", "$", "#", "%", "\n"]
)
texts = st.lists(st.one_of(cards(), ibans(), emails, phones, numbers, words, st.text(max_size=12)), max_size=7).map(
    " ".join
)
CARD = re.compile(r"(?<!\w)[3-6][0-9]{12,18}(?!\w)|(?<!\w)[3-6][0-9]{3}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?!\w)")


@settings(max_examples=300, deadline=None)
@given(texts)
def test_twice_is_once_and_nothing_is_left(text: str) -> None:
    done = one(text)
    assert one(done) == done
    assert not any(len(d) >= 13 and luhn(d) for m in CARD.finditer(done) if (d := re.sub("[ -]", "", m.group())))
    assert not re.search(r"[\w.+-]+@[a-z][a-z0-9-]*\.[a-z]{2,}", done)


@settings(max_examples=150, deadline=None)
@given(ibans(), cards(), emails)
def test_valid_numbers_go(iban: str, card: str, email: str) -> None:
    assert one(f"from {iban}, {card}; {email}.") == "from [iban], [card]; [email]."


@settings(deadline=None)
@given(
    st.lists(
        st.text(st.characters(blacklist_categories=("Nd", "Cs"), blacklist_characters="@"), max_size=80), max_size=5
    )
)
def test_texts_without_digits_or_addresses_are_never_touched(lines: list[str]) -> None:
    lines = [re.sub(r"://|www\.|[/?#]|\Wat\W", " ", line, flags=re.IGNORECASE) for line in lines]
    done, counts = redact(pa.array(lines, pa.string()))
    assert done.to_pylist() == lines
    assert set(counts) < set(KINDS)
    assert not any(counts.values())


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("see https://a.example/b?c=d, and www.e.example", [(4, 28), (33, 46)]),
        ("awww.www.x.example/1", [(0, 20)]),  # the earliest start wins, whichever sign is met first
        ("http://http://x", [(0, 15)]),
        ("HTTPS://A.example and xhttp://b.example/c", [(0, 17), (30, 41)]),
        ("mail joe@x.example/y", []),
        ("x.example:80/y ?z.example", [(0, 14)]),
    ],
)
def test_addresses_are_found_where_they_begin(text: str, spans: list[tuple[int, int]]) -> None:
    assert [match.span() for match in _addresses(text)] == spans
    assert [match.span() for match in _URL.finditer(text)] == spans


def test_many_texts_at_once_are_redacted_like_each_alone() -> None:
    texts = [
        "@maria see https://a.example/b",
        "ok",
        "@bob.example/x",
        "\0 @lee",
        "www.a.example@joe",
        "@the shop",
        None,
    ]
    together, counts = redact(pa.array(texts))
    alone = [redact(pa.array([text], pa.string())) for text in texts]
    assert together.to_pylist() == [one.to_pylist()[0] for one, _ in alone]
    assert counts == {kind: sum(found[kind] for _, found in alone) for kind in counts}
