"""Payment cards and bank accounts: numbers whose own check digits say that they are some."""

from __future__ import annotations

import re
from bisect import bisect_left

Span = tuple[int, int]

MOST_DIGITS, LEAST_DIGITS, SMALL_GROUP = 19, 13, 3
_CARD_RUN = re.compile(r"(?<!\w)[0-9](?:[ \u00a0.\u2010-\u2015-]?[0-9]){12,}(?!\w)")
_GROUP = re.compile("[0-9]+")
_TIME_STAMP = re.compile(r"20[0-3][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]+")
_IBAN_HEAD = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[0-9]{2}(?=[ \u00a0-]?[A-Za-z0-9])")
# Length of an IBAN by country, from the registry of ISO 13616.
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ DJ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN_BODIES = {
    length: re.compile(rf"[A-Za-z0-9](?:[ \u00a0-]?[A-Za-z0-9]){{{length - 1}}}(?![A-Za-z0-9])")
    for length in sorted(set(_IBAN_LENGTHS.values()))
}


def luhn(digits: str) -> bool:
    """Does the check digit of a card number fit? (ISO/IEC 7812-1)"""
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


def is_card_number(digits: str) -> bool:
    """Are these digits, without separators, the number of a payment card: 13-19 of them that pass Luhn's check?"""
    if not LEAST_DIGITS <= len(digits) <= MOST_DIGITS or digits[0] == "0" or _TIME_STAMP.fullmatch(digits):
        return False
    return luhn(digits)


def card_spans(text: str) -> list[Span]:
    """Where the card numbers of a text are: half-open character ranges, in order, never overlapping.

    Of the stretches of groups that begin at a group only those are looked at that a card can have: at most 19 digits,
    and groups of three digits and more before the last one, so "10 20 30 40 50 60 70" is no card.
    """
    spans: list[Span] = []
    accounts = iban_spans(text)  # a part of an IBAN may look like a card
    starts = [start for start, _ in accounts]
    for run in _CARD_RUN.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
        if accounts:
            groups = [group for group in groups if not _overlaps(group, accounts, starts)]
        first = 0
        while first < len(groups):
            found = _card_end(text, groups, first)
            if found:
                spans.append((groups[first][0], groups[found - 1][1]))
            first = max(found, first + 1)
    return spans


def _overlaps(group: Span, accounts: list[Span], starts: list[int]) -> bool:
    place = bisect_left(starts, group[1]) - 1
    return place >= 0 and accounts[place][1] > group[0]


def _card_end(text: str, groups: list[Span], first: int) -> int:
    """After which group the longest card number that begins at this group ends; 0 if none does."""
    sizes = [0]  # digits up to each group
    for start, end in groups[first : first + MOST_DIGITS]:
        sizes.append(sizes[-1] + end - start)
        if sizes[-1] > MOST_DIGITS:
            sizes.pop()
            break
        if end - start < SMALL_GROUP:
            break
    for count in range(len(sizes) - 1, 0, -1):
        if sizes[count] < LEAST_DIGITS:
            break
        if is_card_number("".join(text[a:b] for a, b in groups[first : first + count])):
            return first + count
    return 0


def iban_spans(text: str) -> list[Span]:
    """Where the IBANs of a text are: half-open character ranges, in order, never overlapping."""
    spans = []
    done = 0
    for head in _IBAN_HEAD.finditer(text):
        length = _IBAN_LENGTHS.get(head[1].upper())
        if length is None or head.start() < done:
            continue
        body = _IBAN_BODIES[length].match(text, head.start())
        if body and iban_fits(re.sub("[^A-Za-z0-9]", "", body.group())):
            done = body.end()
            spans.append(body.span())
    return spans


def iban_fits(iban: str) -> bool:
    """Are the two check digits of an IBAN right? (ISO 13616: mod 97)"""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
