"""Invented sentences that show a model of complaints what everyday feedback sounds like in fields it has no data for.

Every sentence is made here from frames and fillers; none comes from a customer. Label 1: a complaint or a call for
improvement; 0: praise, contentment ("Nothing, all was fine"), or plain information and questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path


def _lists() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            items = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            items.append(line)
    return found


_LIST = _lists()


def _every(items: list[str], step: int, shift: int) -> list[str]:
    """A thinned list, so that many frames times many fillers stays a few sentences for each frame."""
    return items[shift % step :: step]


def _styled(text: str, number: int) -> str:
    """Write it as people do: mostly with a capital, often without a full stop, sometimes with an exclamation mark."""
    text = text.replace(" i ", " I ").replace(" i'm ", " I'm ")
    style = number % 5
    if style in (0, 1, 2):
        text = text[:1].upper() + text[1:]
    return text + (".", "", "", ".", "!")[style]


def seeds() -> list[tuple[str, int]]:
    """Every invented sentence with its label, always the same and in the same order; about 14,000."""
    found: dict[str, int] = {}
    for number, (text, label) in enumerate(_sentences()):
        found.setdefault(_styled(text, number), label)
    return list(found.items())


def _sentences() -> Iterator[tuple[str, int]]:
    content, tails, praise = _LIST["content"], _LIST["praise_tail"], _LIST["praise"]
    for number, text in enumerate(content):
        for _ in range(5):  # in every style: short answers are what matters here
            yield text, 0
        for joint, tail in product((". ", ", ", " - ", " "), _every(tails, 10, number)):
            yield text + joint + tail, 0
    for number, start in enumerate(_LIST["negated"]):
        for who, end in product(
            ("", "it ", "they ", "I ", "the service ", "you "), _every(_LIST["negated_end"], 2, number)
        ):
            yield f"{who}{start} {end}", 0
    for text in _LIST["negated_more"]:
        for who in ("", "I ", "they ", "you "):
            yield who + text, 0
    for number, start in enumerate(_LIST["more"]):
        for thing in _every(_LIST["thing"], 3, number):
            yield f"{start} {thing}", 1
    for number, thing in enumerate(_LIST["thing"]):
        for start, end in product(("", "the ", "your "), _every(_LIST["is_bad"], 4, number)):
            yield f"{start}{thing} {end}", 1
    for number, item in enumerate(_LIST["item"]):
        for start, end in product(("", "the ", "my "), _every(_LIST["fails"], 4, number)):
            yield f"{start}{item} {end}", 1
    for number, frame in enumerate(_LIST["delays"]):
        for span in _every(_LIST["span"], 2, number):
            yield frame.format(span), 1
    for text in _LIST["complaints"]:
        for _ in range(3):
            yield text, 1
    for number, who in enumerate(_LIST["subject"]):
        for how in _every(_LIST["good"], 2, number):
            yield f"{who} {how}", 0
        for how in _every(_LIST["bad"], 2, number):
            yield f"{who} {how}", 1
    for number, text in enumerate(praise):
        for _ in range(3):
            yield text, 0
        for tail in _every(_LIST["mixed"], 4, number):
            yield f"{text} {tail}", 1
    for text in _LIST["plain"]:
        for _ in range(3):
            yield text, 0
        yield text + "?", 0
    for number, (ask, task) in enumerate(product(_LIST["ask"], _LIST["task"])):
        yield f"{ask} {task}" + ("", "?")[number % 3 > 0], 0
    yield from _more()


def _more() -> Iterator[tuple[str, int]]:
    praise = [text for text in _LIST["praise"] if len(text.split()) < 6]
    grievances = _LIST["complaints"] + [
        f"the {item} {end}" for item, end in zip(_LIST["item"], _LIST["fails"], strict=False)
    ]
    for number, (text, join) in enumerate(product(praise, _every(_LIST["adversative"], 1, 0))):
        if number % 3 == 0:
            yield f"{text}{(', ', ' ', '. ')[number % 9 // 3]}{join} {grievances[number * 7 % len(grievances)]}", 1
    for number, (start, end) in enumerate(product(_LIST["wish"], _LIST["comparative"])):
        yield f"{start} {end}", 1
        yield (
            f"{_LIST['thing'][number % len(_LIST['thing'])]} {start} {end}" if number % 15 < 6 else f"it {start} {end}",
            1,
        )
    for number, (part, fails) in enumerate(product(_LIST["part"], _LIST["part_fails"])):
        when = _LIST["when"][number % len(_LIST["when"])]
        yield (f"the {part} {fails}", f"{part} {fails} {when}", f"the {part} {fails} {when}")[number % 3], 1
    for number, (part, good) in enumerate(product(_LIST["part"], _LIST["part_good"])):
        yield ("the " if number % 2 else "") + f"{part} {good}", 0
    for number, (why, thing) in enumerate(product(_LIST["why"], _LIST["object"])):
        if number % 2:
            yield f"{why} {thing}" + ("", "?")[number % 4 == 1], 1
    for label, name in ((1, "waiting"), (0, "chat")):
        for number, text in enumerate(_LIST[name]):
            yield text, label
            yield f"@brand {text}" if number % 2 else f"{text} @brand", label
