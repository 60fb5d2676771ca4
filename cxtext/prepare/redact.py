"""Personal data out of the texts before anything is learned from them or written.

What has a recognisable form goes: e-mail addresses, web addresses, payment cards, IBANs, phone numbers, the user's
own order numbers, and handles such as ``@maria``. **Names and postal addresses are not found**: they have no form
that rules could know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from itertools import compress, count
from typing import TYPE_CHECKING

import numpy as np

from cxtext.prepare.payment import card_spans, iban_spans
from cxtext.prepare.payment import iban_fits as iban_fits
from cxtext.prepare.payment import luhn as luhn
from cxtext.prepare.phone import phone_spans
from cxtext.prepare.scan import Bools, Signs, as_strings, byte_set, put, signs
from cxtext.prepare.spoken import HINT, dictated

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
_SPOKEN = ("card", "phone")
_MIN_DIGITS = {"card": 13, "iban": 5, "phone": 7}

# An address is looked for from its sign; before it stands the longest run of these, which must not end in a stop.
_MAIL_SIGN = re.compile(r"@|\s?[(\[]at[)\]]\s?", re.IGNORECASE)
_UP_TO_MAILBOX = re.compile(r"(?s:.*)[^\w.!#$%&'*+/=?^`{|}~-]")
_ENDS_NO_MAILBOX = frozenset(".'`/")
_MAIL_DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+")
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
_UP_TO_DOMAIN = re.compile(r"(?s:.*)[^a-z0-9.-]", re.IGNORECASE)
_URL_TAIL = ".,;:!?)]}'\"*_…’”"
# What a text must hold before Python looks at it, for RE2, which takes linear time.
_HINTS = {
    "email": r"(?i)\S@\S+\.\S|[(\[]at[)\]]",
    "url": r"(?i)://|www\.|\.[a-z]{2,7}(:[0-9]+)?[/?#]",
    "card": r"(?:[0-9][ \x{a0}.\x{2010}-\x{2015}-]?){12}[0-9]",
    "iban": r"(?:^|[^A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ \x{a0}-]?[A-Za-z0-9]){11}",
    "phone": r"(?:[0-9][ +().\-/\x{a0}\x{2010}-\x{2015}]{0,5}){6}[0-9]",
}
_HANDLE = re.compile(
    r"@(?<![\w@./]@)(?!(?:home|work|night|school|least|once|first|all|my|the|a|an|this|that)\b)([A-Za-z_]\w{1,29})(?![\w@])"
)
_OFTEN = ("url", "handle")
_ROUNDS = 4
_ORDER_LENGTH = 100  # characters within which the next order number must end to count as glued to the one before
_OWN_TOKEN = re.compile(r"(\[(?:" + "|".join(KINDS) + r")\])")


def redact(
    texts: pa.Array | pa.ChunkedArray,
    *,
    order_ids: str | None = None,
    kinds: Collection[str] = KINDS,
    keep_handles: Collection[str] = (),
) -> tuple[pa.Array, dict[str, int]]:
    """Replace personal data by tokens such as ``[email]`` and count what was replaced, by kind.

    In this order: email, url, card (13-19 digits that pass Luhn's check), iban (mod 97), phone (also seven
    digits and more in words), order (whatever the
    regular expression ``order_ids`` matches), handle. ``kinds`` limits the work to some of these (default: all);
    ``keep_handles`` names handles, without @, that mean a company and stay ("acme_help"). Texts without a digit, a
    number in words, an @ or a web address are never touched, unless ``order_ids`` matches in them. Doing it twice
    changes nothing more. Null stays null. Raises ``ValueError`` for an unknown kind or a regular expression that can't
    be compiled or matches the empty string.
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
    keep = frozenset(handle.lstrip("@").lower() for handle in keep_handles)
    steps, in_turn = (_steps(counts, order, keep, each) for each in (False, True))
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
        new[i] = _redact_one(old[i], list(compress(steps, plans[i])), list(compress(in_turn, plans[i])), counts)
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
    spoken = found(HINT, present) if set(_SPOKEN) & set(kinds) else present
    for kind in kinds:
        if kind == "order":
            flags[kind] = _order_suspects(order_ids or "", found, present, seen.counts(_NOT_ASCII) > 0)
            continue
        rows = digits >= _MIN_DIGITS[kind] if kind in _MIN_DIGITS else present
        if kind in _BY_BYTES and rows.any():
            rows = rows & _BY_BYTES[kind](seen)
        flags[kind] = found(_HINTS[kind], rows) if kind in _HINTS else rows
        if kind in _SPOKEN:
            flags[kind] = flags[kind] | spoken
    if "email" in flags and "handle" in flags:  # what an address leaves behind may be a handle: "a@b.example@c"
        flags["handle"] = flags["handle"] | flags["email"]
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


def _steps(kinds: Collection[str], order: re.Pattern[str] | None, keep: frozenset[str], in_turn: bool) -> list[Step]:
    """What to do to a text, in order: (kind, text -> (new text, how many)); ``in_turn`` as for ``phone_spans``."""

    def handles(text: str) -> tuple[str, int]:
        if not keep:
            return _HANDLE.subn(TOKENS["handle"], text)
        spans = [match.span() for match in _HANDLE.finditer(text) if match[1].lower() not in keep]
        return _cut(text, spans, TOKENS["handle"])

    def orders(text: str) -> tuple[str, int]:
        if order is None:
            return text, 0
        parts = _OWN_TOKEN.split(text)  # never look for an order number inside a token
        replace = _subn_in_turn if in_turn else re.Pattern.subn
        done = [replace(order, TOKENS["order"], part) if i % 2 == 0 else (part, 0) for i, part in enumerate(parts)]
        return "".join(part for part, _ in done), sum(count for _, count in done)

    def phones(text: str) -> tuple[str, int]:
        text, count = _cut(text, phone_spans(text, in_turn), TOKENS["phone"])
        text, more = _cut(text, [(number.start, number.end) for number in dictated(text)], TOKENS["phone"])
        return text, count + more

    every: dict[str, Callable[[str], tuple[str, int]]] = {
        "email": _mails,
        "url": _urls,
        "card": _cards,
        "iban": lambda text: _cut(text, iban_spans(text), TOKENS["iban"]),
        "phone": phones,
        "order": orders,
        "handle": handles,
    }
    return [(kind, every[kind]) for kind in KINDS if kind in kinds]


def _cards(text: str) -> tuple[str, int]:
    text, count = _cut(text, card_spans(text), TOKENS["card"])
    spoken = [(number.start, number.end) for number in dictated(text) if number.is_card]
    text, more = _cut(text, spoken, TOKENS["card"])
    return text, count + more


def _subn_in_turn(order: re.Pattern[str], token: str, text: str) -> tuple[str, int]:
    """``order.subn``, but what follows a number directly is looked at as if the text began there."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        near = order.match(text[at : at + _ORDER_LENGTH]) if spans and spans[-1][1] == at else None
        if near and 0 < near.end() < _ORDER_LENGTH:
            span = (at, at + near.end())
        elif (match := order.search(text, at)) and match.end() > match.start():
            span = match.span()
        else:
            break
        spans.append(span)
        at = span[1]
    return _cut(text, spans, token)


def _redact_one(text: str, steps: list[Step], in_turn: list[Step], counts: dict[str, int]) -> str:
    """The text with every step done until nothing changes: what is left of a run may be a number of its own.

    A few rounds suffice unless each number bares the next one; then the steps go on ``in_turn``.
    """
    for turn in count():
        before = text
        for kind, step in steps if turn < _ROUNDS else in_turn:
            text, found = step(text)
            counts[kind] += found
        if text == before:
            break
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
    done = seen = run = 0  # the run of signs of a domain that reaches up to ``seen`` begins at ``run``
    barren = -1  # a run in which no address begins
    for sign in _URL_SIGN.finditer(text):
        at = sign.start()
        if at < done:
            continue
        if text[at] == ":":  # after "https", "http" or "ftp"
            begins = [max(at - 5, 0), max(at - 4, 0), max(at - 3, 0)]
        else:
            outside = _UP_TO_DOMAIN.match(text, seen, at)
            run, seen = outside.end() if outside else run, at
            begins = [at] if run == barren else [run, at]
        for begin in begins:
            match = _URL.match(text, begin)
            if match and match.end() > at:
                done = seen = run = match.end()
                yield match
                break
        else:
            barren = run if text[at] != ":" else barren


def _mails(text: str) -> tuple[str, int]:
    spans = []
    seen = 0
    for sign in _MAIL_SIGN.finditer(text):
        at = sign.start()
        outside = _UP_TO_MAILBOX.match(text, seen, at)
        first, seen = outside.end() if outside else seen, at
        if first < at and text[at - 1] not in _ENDS_NO_MAILBOX:
            domain = _MAIL_DOMAIN.match(text, sign.end())
            if domain:
                seen = domain.end()
                spans.append((first, seen))
    return _cut(text, spans, TOKENS["email"])


def _urls(text: str) -> tuple[str, int]:
    spans = []
    for match in _addresses(text):
        body = match.group().rstrip(_URL_TAIL)
        rest = body.partition("://")[2] if "://" in body else body.lower().removeprefix("www.")
        if any(sign.isalnum() for sign in rest):
            spans.append((match.start(), match.start() + len(body)))
    return _cut(text, spans, TOKENS["url"])
