"""Personal data out of the texts before anything is learned from them or written.

What has a recognisable form goes: e-mail addresses, web addresses, payment cards, IBANs, phone numbers, the user's
own order numbers, and handles such as ``@maria``. **Names and postal addresses are not found**: they have no form
that rules could know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from cxtext.prepare.phone import phone_spans
from cxtext.prepare.scan import Bools, Signs, as_strings, byte_set, put, signs

if TYPE_CHECKING:
    import pyarrow as pa

Step = tuple[str, Callable[[str], tuple[str, int]]]

KINDS = ("email", "url", "card", "iban", "phone", "order", "handle")
TOKENS = {kind: f"[{kind}]" for kind in KINDS}

_DIGIT = byte_set(range(0x30, 0x3A))
_AT, _BRACKET = byte_set(b"@"), byte_set(b"([")
_NOT_ASCII = byte_set(range(0x80, 0x100))
_WORD_BYTES = np.array([chr(code).isascii() and (chr(code).isalnum() or code == ord("_")) for code in range(256)])
_LETTER_OR_FOREIGN = _WORD_BYTES & ~_DIGIT & ~byte_set(b"_") | _NOT_ASCII
_BEGINS_HANDLE = _WORD_BYTES & ~_DIGIT
_BEFORE_NO_HANDLE = _WORD_BYTES | byte_set(b"@./")
_DOT, _COLON = byte_set(b"."), byte_set(b":")
_MIN_DIGITS = {"card": 13, "iban": 5, "phone": 7}

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]*[\w!#$%&*+=?^{|}~-](?:@|\s?[(\[]at[)\]]\s?)(?:[\w-]+\.)+[^\W\d_][\w-]+", re.IGNORECASE
)
# Plain "example.com" stays: it names a company. With a scheme, "www." or a path it is an address, and may hold a key.
_DOMAIN_END = (
    "com|net|org|info|biz|edu|gov|io|co|app|dev|me|tv|ai|eu|uk|de|fr|es|nl|be|ch|pl|se|dk|fi|ie|pt|gr|cz|hu|ro|ru|ua|tr|cn|jp|"
    "kr|au|nz|ca|br|mx|ar|za|ly|gl|gg|cc|xyz|online|shop|store|site|link|page|club|cloud|tech|support|example|test"
)
_URL = re.compile(
    r"""(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>"\[\]\0]+"""
    r"""|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:""" + _DOMAIN_END + r""")(?::[0-9]+)?[/?#][^\s<>"\[\]\0]+""",
    re.IGNORECASE,
)
# What every address holds; each branch begins with a plain character, which is what makes the search for it quick.
_URL_SIGN = re.compile(r"://|\.[^\W\d_]{2,7}(?=(?::[0-9]+)?[/?#])|w[wW]{2}(?=\.)|W[wW]{2}(?=\.)")
_OF_DOMAIN = re.compile(r"[a-z0-9.-]", re.IGNORECASE)
_URL_TAIL = ".,;:!?)]}'\"*_…’”"
# What a text must hold before Python looks at it, for RE2, which takes linear time.
_HINTS = {
    "email": r"(?i)\S@\S+\.\S|[(\[]at[)\]]",
    "url": r"(?i)://|www\.|\.[a-z]{2,7}(:[0-9]+)?[/?#]",
    "card": r"(?:[0-9][ \x{a0}.\x{2010}-\x{2015}-]?){12}[0-9]",
    "iban": r"(?:^|[^A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ \x{a0}-]?[A-Za-z0-9]){11}",
    "phone": r"(?:[0-9][ +().\-/\x{a0}\x{2010}-\x{2015}]{0,5}){6}[0-9]",
}
_CARD_RUN = re.compile(r"(?<!\w)[0-9](?:[ \u00a0.\u2010-\u2015-]?[0-9]){12,}(?!\w)")
_GROUP = re.compile("[0-9]+")
_TIME_STAMP = re.compile(r"20[0-3][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]+")
_IBAN_HEAD = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[0-9]{2}(?=[ \u00a0-]?[A-Za-z0-9])")
_HANDLE = re.compile(
    r"@(?<![\w@./]@)(?!(?:home|work|night|school|least|once|first|all|my|the|a|an|this|that)\b)([A-Za-z_]\w{1,29})(?![\w@])"
)
_OFTEN = ("url", "handle")
_OWN_TOKEN = re.compile(r"(\[(?:" + "|".join(KINDS) + r")\])")
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


def redact(
    texts: pa.Array | pa.ChunkedArray,
    *,
    order_ids: str | None = None,
    kinds: Collection[str] = KINDS,
    keep_handles: Collection[str] = (),
) -> tuple[pa.Array, dict[str, int]]:
    """Replace personal data by tokens such as ``[email]`` and count what was replaced, by kind.

    In this order: email, url, card (13-19 digits that pass Luhn's check), iban (mod 97), phone, order (whatever the
    regular expression ``order_ids`` matches), handle. ``kinds`` limits the work to some of these (default: all);
    ``keep_handles`` names handles, without @, that mean a company and stay ("acme_help"). Texts without a digit,
    an @ or a web address are never touched, unless ``order_ids`` matches in them. Doing it twice changes nothing
    more. Null stays null. Raises ``ValueError`` for an unknown kind or a regular expression that can't be compiled
    or matches the empty string.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ValueError(f"unknown kind of personal data: {', '.join(unknown)} (known: {', '.join(KINDS)})")
    order = _compile(order_ids)
    texts = as_strings(texts)
    counts = dict.fromkeys((kind for kind in KINDS if kind in kinds and (kind != "order" or order)), 0)
    suspects = _suspects(texts, counts, order_ids)
    rows = np.flatnonzero(np.any(list(suspects.values()), axis=0)) if suspects else np.zeros(0, dtype=np.int64)
    if not len(rows):
        return texts, counts
    steps = _steps(counts, order, frozenset(handle.lstrip("@").lower() for handle in keep_handles))
    old = texts.take(rows).to_pylist()
    new = old.copy()
    plans = np.stack([suspects[kind][rows] for kind, _ in steps], axis=1)
    often = np.array([kind in _OFTEN for kind, _ in steps])
    alike = np.flatnonzero(~plans[:, ~often].any(axis=1))  # most texts of social media hold nothing else
    several = _of_many([old[i] for i in alike.tolist()], [step for step in steps if step[0] in _OFTEN], counts)
    if several is not None:
        plans[alike] = False
        for i, text in zip(alike.tolist(), several, strict=True):
            new[i] = text
    for i in np.flatnonzero(plans.any(axis=1)).tolist():
        new[i] = _redact_one(old[i], [step for step, wanted in zip(steps, plans[i], strict=True) if wanted], counts)
    changed = [i for i, text in enumerate(new) if text != old[i]]
    return put(texts, rows[changed], [new[i] for i in changed]), counts


def _compile(pattern: str | None) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern for order numbers is no regular expression: {error}") from error
    if compiled.search(""):
        raise ValueError("the pattern for order numbers matches the empty string")
    return compiled


def _suspects(texts: pa.Array, kinds: Collection[str], order_ids: str | None) -> dict[str, Bools]:
    """Which rows may hold what: bool[N] by kind, from their bytes and linear-time searches, without a Python loop."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def found(pattern: str, rows: Bools) -> Bools:
        out = rows.copy()
        if rows.any():
            matches = pc.match_substring_regex(texts if rows.all() else texts.filter(pa.array(rows)), pattern)
            out[rows] = pc.fill_null(matches, False).to_numpy(zero_copy_only=False)
        return out

    seen = signs(texts)
    present = np.asarray(texts.is_valid().to_numpy(zero_copy_only=False))
    digits = seen.counts(_DIGIT) * present
    flags: dict[str, Bools] = {}
    for kind in kinds:
        if kind == "order":
            flags[kind] = _order_suspects(order_ids or "", found, present, seen.counts(_NOT_ASCII) > 0)
            continue
        rows = digits >= _MIN_DIGITS[kind] if kind in _MIN_DIGITS else present
        if kind in _BY_BYTES and rows.any():
            rows = rows & _BY_BYTES[kind](seen)
        flags[kind] = found(_HINTS[kind], rows) if kind in _HINTS else rows
    return flags


def _dotted(seen: Signs) -> Bools:
    """Which texts hold ":/", "w." or a dot before what may be a letter, as every web address does."""
    data = seen.data
    ends = np.zeros(len(data) + 1, dtype=np.bool_)
    ends[seen.offsets] = True
    dots, colons = (places[~ends[places + 1]] for places in map(seen.places, (_DOT, _COLON)))  # same text goes on
    address = _LETTER_OR_FOREIGN[data[dots + 1]] | ((data[np.maximum(dots, 1) - 1] | 32) == ord("w"))
    places = np.sort(np.concatenate([dots[address], colons[data[colons + 1] == ord("/")]]))
    return seen.texts_of(places) > 0


def _mailed(seen: Signs) -> Bools:
    """Which texts hold an @ right after something, or "(at" or "[at", as every e-mail address does."""
    data, at = seen.data, seen.places(_AT)
    glued = at[data[np.maximum(at, 1) - 1] > ord(" ")]
    brackets = seen.places(_BRACKET)
    brackets = brackets[brackets + 2 < len(data)]
    spelt = brackets[(data[brackets + 1] | 32 == ord("a")) & (data[brackets + 2] | 32 == ord("t"))]
    return seen.texts_of(np.sort(np.concatenate([glued, spelt]))) > 0


def _handled(seen: Signs) -> Bools:
    """Which texts hold an @ before a letter and not right after one, a digit, a stop or a slash, as handles do."""
    data, at = seen.data, seen.places(_AT)
    at = at[at + 1 < len(data)]
    first = at == seen.offsets[np.searchsorted(seen.offsets, at, side="right") - 1]
    free = first | ~_BEFORE_NO_HANDLE[data[np.maximum(at, 1) - 1]]
    return seen.texts_of(at[free & _BEGINS_HANDLE[data[at + 1]]]) > 0


def _accounted(seen: Signs) -> Bools:
    """Which texts hold a digit right after a letter, as every IBAN does."""
    digits = seen.places(_DIGIT)
    return seen.texts_of(digits[((seen.data[np.maximum(digits, 1) - 1] | 32) - np.uint8(ord("a"))) < 26]) > 0


_BY_BYTES = {"email": _mailed, "url": _dotted, "iban": _accounted, "handle": _handled}


def _order_suspects(pattern: str, found: Callable[[str, Bools], Bools], present: Bools, foreign: Bools) -> Bools:
    import pyarrow as pa

    try:
        # Python's \d, \w and \b know all scripts, RE2's only ASCII: texts of other scripts are looked at one by one
        return found(pattern, present) | foreign & present
    except pa.ArrowInvalid:  # look-around and the like, which only Python knows
        return present


def _steps(kinds: Collection[str], order: re.Pattern[str] | None, keep: frozenset[str]) -> list[Step]:
    """What to do to a text, in order: (kind, text -> (new text, how many))."""

    def handles(text: str) -> tuple[str, int]:
        if not keep:
            return _HANDLE.subn(TOKENS["handle"], text)
        spans = [match.span() for match in _HANDLE.finditer(text) if match[1].lower() not in keep]
        return _cut(text, spans, TOKENS["handle"])

    def orders(text: str) -> tuple[str, int]:
        if order is None:
            return text, 0
        parts = _OWN_TOKEN.split(text)  # never look for an order number inside a token
        done = [order.subn(TOKENS["order"], part) if i % 2 == 0 else (part, 0) for i, part in enumerate(parts)]
        return "".join(part for part, _ in done), sum(count for _, count in done)

    every: dict[str, Callable[[str], tuple[str, int]]] = {
        "email": lambda text: _EMAIL.subn(TOKENS["email"], text),
        "url": _urls,
        "card": _cards,
        "iban": _ibans,
        "phone": lambda text: _cut(text, phone_spans(text), TOKENS["phone"]),
        "order": orders,
        "handle": handles,
    }
    return [(kind, every[kind]) for kind in KINDS if kind in kinds]


def _redact_one(text: str, steps: list[Step], counts: dict[str, int]) -> str:
    while True:
        before = text
        for kind, step in steps:
            text, count = step(text)
            counts[kind] += count
        if text == before:  # what is left of a long run of digits may be a number of its own
            return text


def _of_many(texts: list[str], steps: list[Step], counts: dict[str, int]) -> list[str] | None:
    """The texts with web addresses and handles replaced, all at one go; ``None`` if a text holds what is put between.

    Once is enough: what one of them leaves behind is no part of another.
    """
    joined = "\0".join(texts)
    if not texts or joined.count("\0") != len(texts) - 1:
        return None
    for kind, step in steps:
        joined, count = step(joined)
        counts[kind] += count
    return joined.split("\0")


def _cut(text: str, spans: list[tuple[int, int]], token: str) -> tuple[str, int]:
    """Put the token in the place of each span (in order, not overlapping)."""
    if not spans:
        return text, 0
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], token]
        done = end
    return "".join([*parts, text[done:]]), len(spans)


def _addresses(text: str) -> Iterator[re.Match[str]]:
    """The matches of ``_URL``, tried only where a sign of an address says that one may begin."""
    done = 0
    for sign in _URL_SIGN.finditer(text):
        at = sign.start()
        if at < done:
            continue
        first = at
        if text[at] == ":":  # after "https", "http" or "ftp"
            begins = [max(at - 5, 0), max(at - 4, 0), max(at - 3, 0)]
        else:
            while first > done and _OF_DOMAIN.match(text, first - 1):
                first -= 1
            begins = [first, at]
        for begin in begins:
            match = _URL.match(text, begin)
            if match and match.end() > at:
                done = match.end()
                yield match
                break


def _urls(text: str) -> tuple[str, int]:
    spans = []
    for match in _addresses(text):
        body = match.group().rstrip(_URL_TAIL)
        rest = body.partition("://")[2] if "://" in body else body.lower().removeprefix("www.")
        if any(sign.isalnum() for sign in rest):
            spans.append((match.start(), match.start() + len(body)))
    return _cut(text, spans, TOKENS["url"])


def luhn(digits: str) -> bool:
    """Does the check digit of a card number fit? (ISO/IEC 7812-1)"""
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


def _cards(text: str) -> tuple[str, int]:
    spans: list[tuple[int, int]] = []
    accounts = _iban_spans(text)  # a part of an IBAN may look like a card
    for run in _CARD_RUN.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
        groups = [(a, b) for a, b in groups if not any(start < b and a < end for start, end in accounts)]
        first = 0
        while first < len(groups):
            for last in range(len(groups), first, -1):
                if _is_card([text[a:b] for a, b in groups[first:last]]):
                    spans.append((groups[first][0], groups[last - 1][1]))
                    first = last - 1
                    break
            first += 1
    return _cut(text, spans, TOKENS["card"])


def _is_card(groups: list[str]) -> bool:
    digits = "".join(groups)
    if not 13 <= len(digits) <= 19 or digits[0] == "0" or _TIME_STAMP.fullmatch(digits):
        return False
    # cards are written in groups of three and more, so "10 20 30 40 50 60 70" is no card
    return all(len(group) >= 3 for group in groups[:-1]) and luhn(digits)


def _ibans(text: str) -> tuple[str, int]:
    return _cut(text, _iban_spans(text), TOKENS["iban"])


def _iban_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    done = 0
    for head in _IBAN_HEAD.finditer(text):
        length = _IBAN_LENGTHS.get(head[1].upper())
        if length is None or head.start() < done:
            continue
        body = re.compile(rf"[A-Za-z0-9](?:[ \u00a0-]?[A-Za-z0-9]){{{length - 1}}}(?![A-Za-z0-9])").match(
            text, head.start()
        )
        if body and iban_fits(re.sub("[^A-Za-z0-9]", "", body.group())):
            done = body.end()
            spans.append(body.span())
    return spans


def iban_fits(iban: str) -> bool:
    """Are the two check digits of an IBAN right? (ISO 13616: mod 97)"""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
