"""Numbers dictated in words: "four one one one", "oh seven seven five", "double four triple seven"."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from cxtext.prepare.payment import is_card_number

LEAST_DIGITS = 7
_VALUES = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_DIGIT = "zero|oh?|nought|naught|one|two|three|four|five|six|seven|eight|nine"
_BETWEEN = r"[\s,.\u2010-\u2015-]{1,5}"
_SPOKEN = rf"(?:(?:double|triple|treble){_BETWEEN})?(?:{_DIGIT})"
_RUN = re.compile(rf"\b{_SPOKEN}(?:{_BETWEEN}{_SPOKEN}){{2,}}\b", re.IGNORECASE)
_WORD = re.compile("[a-z]+", re.IGNORECASE)
_ANY_BETWEEN = r"[\s,.\x{a0}\x{2000}-\x{2015}-]{1,5}"
HINT = rf"(?i)(?:(?:{_DIGIT}){_ANY_BETWEEN}(?:(?:double|triple|treble){_ANY_BETWEEN})?){{2}}(?:{_DIGIT})"
"""What a text with such a number holds, for RE2; a little more than it must."""


class Dictated(NamedTuple):
    """A number in words: where it stands, ``[start, end)`` in characters, and its digits."""

    start: int
    end: int
    digits: str

    @property
    def is_card(self) -> bool:
        """The digits are those of a payment card."""
        return is_card_number(self.digits)


def dictated(text: str) -> list[Dictated]:
    """The numbers of seven digits and more that a text spells out in words, in order, never overlapping.

    Blanks, hyphens, commas and stops may stand between the words. A plain count, up or down ("one two three four five
    six seven"), and a single digit over and over ("oh oh oh oh oh oh oh") are none.
    """
    found = []
    for run in _RUN.finditer(text):
        digits, times = [], 1
        for word in _WORD.findall(run.group()):
            if word.lower() in _TIMES:
                times = _TIMES[word.lower()]
            else:
                digits.append(_VALUES[word.lower()] * times)
                times = 1
        number = "".join(digits)
        if len(number) >= LEAST_DIGITS and not _counted(number):
            found.append(Dictated(run.start(), run.end(), number))
    return found


def _counted(digits: str) -> bool:
    """The same step, -1, 0 or 1, from each digit to the next; after nine may come zero, as in "nine, ten"."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    return steps in ({0}, {1}, {9})
