"""Telephone numbers among the many other numbers that people write.

A run of digits and separators is cut into groups; a stretch of groups is a telephone number if it is written the way
some country writes its numbers, and if nothing around it says that it is a price, a date, an order or a version.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

TOKEN = "[phone]"
LEAST_DIGITS, MOST_DIGITS, MOST_GROUPS = 7, 17, 8
_NEAR, _PREFIX = 40, 3  # characters before a number that tell what it is, and those of its own beginning, as "(+("

_RUN = re.compile(r"(?:\+|\(\+?)?[0-9](?:[ +().\-/\u00a0\u2010-\u2015]{0,4}[0-9])*")
_GROUP = re.compile(r"[0-9]+")
_PLUS, _OPENING = re.compile(r"\(?\+\(?$"), re.compile(r"\($")
_SEPARATOR = re.compile(r"^(?:[ \u00a0]?[-./\u2010-\u2015)(]?[ \u00a0]?|\) ?[-/]? ?|\(0?\) ?|[ /-]\(|\)\()$")

_FRENCH = re.compile(r"(?<![0-9])0[1-9](?:[ .\u00a0-][0-9]{2}){4}(?![0-9])")
_DATE = re.compile(
    r"(?<![0-9])(?:(?P<y>(?:19|20)[0-9]{2})(?P<s>[-./ ])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"|(?P<a>[0-9]{1,2})(?P<t>[-./ ])(?P<b>[0-9]{1,2})(?P=t)(?:(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9])"
)
_CLOCK = re.compile(
    r"(?<![0-9])(?:[01]?[0-9]|2[0-4])[:.h][0-5][0-9](?:[:.][0-5][0-9])?(?:\s?[-\u2013]\s?(?:[01]?[0-9]|2[0-4])[:.h][0-5][0-9])?(?![0-9.])"
)
_MONEY_BEFORE = re.compile(
    r"(?:[$€£¥₹₽]|\b(?:usd|eur|gbp|chf|inr|rs\.?|inr|aud|cad|price|cost|paid|pay))\s?$", re.IGNORECASE
)
_UNIT_AFTER = re.compile(
    r"\s?(?:[%$€£¥₹°]|(?:usd|eur|gbp|chf|inr|euros?|dollars?|pounds?|percent|users?|people|times|km|miles|mb|gb|kb|ms|steps|"
    r"points|views|downloads|customers)\b)|[,:'][0-9]|[A-Za-z_]",
    re.IGNORECASE,
)
_PHONE_CUE = re.compile(
    r"\b(?:tel|phone|telephone|call|called|calling|mobile|cell|ring|rang|text|texted|whatsapp|fax|dial|dialled|dialed|"
    r"hotline|reach me|(?:my|our|his|her|your) numbers?)\b\W*(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)
_ID_CUE = re.compile(
    r"(?:\b(?:(?:order|ticket|invoice|reference|ref|booking|case|account|id|no|nr|number|serial|model|imei|item|sku|code|flight|"
    r"claim|request|incident|tag|contract|confirmation|version|build)s?|tracking|policy|flts?|pnr)\b|#)\W{0,3}"
    r"(?:(?:no|nr|number|id|code|is|was|it is)\W{1,3}){0,2}$",
    re.IGNORECASE,
)


def phone_spans(text: str, in_turn: bool = False) -> list[Span]:
    """Where the telephone numbers of a text are: half-open character ranges, in order, never overlapping.

    Each is judged by what stands around it in ``text``. With ``in_turn`` it is judged by what will stand there once
    the numbers found before it are replaced, so that a chain of numbers, each of which bares the next, takes one call.
    """
    found = _french(text, in_turn)
    masked = _mask(text, found)
    masked = _CLOCK.sub(_blank, _DATE.sub(_blank_date, masked))
    done, replaced = 0, ""  # with ``in_turn``: how far the text is judged, and what the end of that will read
    for run in _RUN.finditer(masked):
        groups = [match.span() for match in _GROUP.finditer(masked, *run.span())]
        if sum(end - start for start, end in groups) < LEAST_DIGITS:
            continue
        before = _before(masked, run.start(), done, replaced)[-_NEAR:]
        if _ID_CUE.search(before) and not _PHONE_CUE.search(before):
            continue
        first = 0
        while first < len(groups):
            start = groups[first][0]
            before = _before(masked, start, done, replaced)
            last = _last_group(masked, groups, first, before)
            if last:
                found.append((start - len(_prefix(before)), groups[last - 1][1]))
                if in_turn:
                    kept = before[: len(before) - len(_prefix(before))]
                    done, replaced = groups[last - 1][1], (kept + TOKEN)[-_NEAR - _PREFIX :]
            first = max(last, first + 1)
    return sorted(found)


def _french(text: str, in_turn: bool) -> list[Span]:
    """The numbers in the French way; in turn means from the last to the first, since what follows one bars it."""
    matches = [match.span() for match in _FRENCH.finditer(text)]
    if not in_turn:
        return [span for span in matches if not _money(text, *span)]
    found: list[Span] = []
    for start, end in reversed(matches):
        after = text[end : end + _PREFIX]
        if found and found[-1][0] < end + _PREFIX:
            after = text[end : found[-1][0]] + TOKEN
        if not (_MONEY_BEFORE.search(text[max(0, start - 8) : start]) or _UNIT_AFTER.match(after)):
            found.append((start, end))
    return found[::-1]


def _before(text: str, place: int, done: int, replaced: str) -> str:
    """What stands before a place, as far as it matters; ``replaced`` stands for all before ``done``."""
    begin = max(place - _NEAR - _PREFIX, done)
    return (replaced + text[begin:place])[-_NEAR - _PREFIX :] if begin == done else text[begin:place]


def _mask(text: str, spans: list[Span]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], "\0" * (end - start)]
        done = end
    return "".join([*parts, text[done:]])


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match.group())


def _blank_date(match: re.Match[str]) -> str:
    day, month = (int(match["d"]), int(match["m"])) if match["y"] else (int(match["a"]), int(match["b"]))
    real = 1 <= min(day, month) <= 12 and 1 <= max(day, month) <= 31
    return _blank(match) if real else match.group()


def _prefix(before: str) -> str:
    match = _PLUS.search(before[-_PREFIX:]) or _OPENING.search(before[-1:])
    return match.group() if match else ""


def _money(text: str, start: int, end: int) -> bool:
    return bool(_MONEY_BEFORE.search(text[max(0, start - 8) : start]) or _UNIT_AFTER.match(text, end))


def _last_group(text: str, spans: list[Span], first: int, before: str) -> int:
    """After which group the longest telephone number that begins at this group ends; 0 if none does.

    Looks at stretches of at most 8 groups and 17 digits, since no number has more.
    """
    prefix = _prefix(before)
    before = before[-_NEAR - len(prefix) : len(before) - len(prefix)]
    if _MONEY_BEFORE.search(before[-8:]) or (
        before and (before[-1].isalnum() or (before[-1] in "_#,:'.-/" and _tight(before)))
    ):
        return 0
    groups: list[str] = []
    separators: list[str] = []
    size = 0
    for start, end in spans[first : first + MOST_GROUPS]:
        size += end - start
        if size > MOST_DIGITS:
            size -= end - start
            break
        if groups:
            separator = text[spans[first + len(groups) - 1][1] : start]
            if not _SEPARATOR.match(separator):
                size -= end - start
                break
            separators.append(separator.strip())
        groups.append(text[start:end])
    cue: bool | None = None
    while size >= LEAST_DIGITS:
        last = first + len(groups)
        if not _UNIT_AFTER.match(text, spans[last - 1][1]):
            cue = bool(_PHONE_CUE.search(before)) if cue is None else cue
            if _accept(groups, separators, prefix, size, cue):
                return last
        size -= len(groups.pop())
        del separators[-1:]
    return 0


def _accept(groups: list[str], separators: list[str], prefix: str, size: int, cue: bool) -> bool:
    """Is this stretch of digit groups a telephone number?"""
    if "+" in prefix:
        return 8 <= size <= 15 and groups[0][0] != "0" and not "".join(groups).endswith("000000")
    if groups[0].startswith("00"):
        return (10 <= size <= 17 and groups[0].strip("0") != "") or (size >= 10 and len(groups) > 2)
    return _national(groups, separators, prefix, size, cue)


def _tight(before: str) -> bool:
    """The sign just before follows a digit or stands for a number ("#12", "1,200"), so it doesn't end a word."""
    return before[-1] == "#" or before[-2:-1].isdigit()


def _national(groups: list[str], separators: list[str], prefix: str, size: int, cue: bool) -> bool:
    if size > 13:
        return False
    if len(groups) == 1:
        plain = groups[0]
        if (
            plain.endswith("00000")
            or len(set(plain)) == 1
            or re.match(r"20[0-3][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", plain)
        ):
            return False  # a round figure, a date or a time stamp
        return size >= 9 or cue
    lengths = tuple(map(len, groups))
    years = sum(len(g) == 4 and g[:2] in ("19", "20") for g in groups)
    dotted = "." in separators
    if ")" in "".join(separators) and (prefix == "(" or "(" in "".join(separators)):
        return size >= 8 and 2 <= len(groups[0]) <= 5 and not years
    if lengths in ((3, 3, 4), (1, 3, 3, 4)):
        return True
    thousands = 1 <= lengths[0] <= 3 and set(lengths[1:]) == {3}
    if dotted and not groups[0].startswith("0"):
        return False  # 10.0.19041, 1.234.567, 192.168.100.20
    if groups[0].startswith("0") and lengths[0] >= 2:
        if set(lengths) == {2} and len(groups) == 4:
            return cue  # 09 00 - 17 30
        if all(re.fullmatch(r"(?:[01][0-9]|2[0-4])[0-5][05]", g) for g in groups):
            return cue and size >= 8  # 0800-1730
        return size >= 8 and not years
    if cue and not years and not thousands:
        return True
    if lengths == (3, 4):
        return separators == ["-"] and not all(g.endswith("0") for g in groups)
    if lengths == (4, 4):
        if separators not in ([""], ["-"]):
            return False
        clock = all(re.fullmatch(r"(?:[01][0-9]|2[0-4])[0-5][0-9]", g) for g in groups)
        return not years and not clock and not all(g.endswith("0") for g in groups)
    if lengths == (3, 3, 3):
        return groups[0][0] in "6789" and separators[0] == separators[1]
    if years or thousands:
        return False
    if len(groups) == 2:
        return size >= 10 and min(lengths) >= 2
    same = len(set(separators)) == 1
    return 8 <= size <= 12 and same and min(lengths) >= 2 and max(lengths) in (3, 4) and lengths[0] <= 4
