"""Distinct words, numbered once for the whole process: what is known of a word is found out once, not once a chunk.

One chunk of feedback uses much the same words as the next. Every stage has its own questions about a word (does it end
a sentence, is it in the lexicon, which phrases begin with it); each question is a ``Traits``, which keeps the answers
by number. Answers depend on the word alone, so it makes no difference what was seen before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from threading import RLock
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_WORDS, MOST_LETTERS = 1 << 18, 1 << 24
"""More than that isn't kept: everything is forgotten, and begun again with the words at hand."""

Columns = tuple[npt.NDArray[Any], ...]


class _Register:
    """The words seen so far and their numbers; ``age`` counts how often everything was forgotten."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.words: list[str] = []
        self.age = 0
        self._numbers: dict[str, int] = {}
        self._letters = 0
        self._last: tuple[Sequence[str], npt.NDArray[np.int64]] = ([], np.zeros(0, np.int64))

    def numbers(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """The number of each word: int64[V]; asked for the same list again, it doesn't look again."""
        if self._last[0] is words:
            return self._last[1]
        found = np.fromiter(map(self._numbers.get, words, repeat(-1)), np.int64, len(words))
        missing = np.flatnonzero(found < 0)
        if len(missing):
            new = [words[i] for i in missing.tolist()]
            self._letters += sum(map(len, new))
            if len(self.words) + len(new) > MOST_WORDS or self._letters > MOST_LETTERS:
                self.words, self._numbers, self.age = [], {}, self.age + 1
                new, missing = list(words), np.arange(len(words))
                self._letters = sum(map(len, new))
            found[missing] = np.arange(len(self.words), len(self.words) + len(new))
            self._numbers.update(zip(new, found[missing].tolist(), strict=True))
            self.words += new
        self._last = words, found
        return found


_REGISTER = _Register()


class Traits:
    """Answers to one question about words, kept for those seen before.

    ``describe`` gives one or more arrays with a row for each of the words that it is given.
    """

    def __init__(self, describe: Callable[[list[str]], Columns]) -> None:
        self._describe = describe
        self._age = -1
        self._known = 0
        self._columns: Columns = ()

    def of(self, words: Sequence[str]) -> Columns:
        """The answers for V distinct words: arrays of V rows each. The words must not be changed afterwards."""
        with _REGISTER.lock:
            numbers = _REGISTER.numbers(words)
            if self._age != _REGISTER.age:
                self._age, self._known, self._columns = _REGISTER.age, 0, ()
            if self._known < len(_REGISTER.words) or not self._columns:
                self._learn(_REGISTER.words[self._known :])
            return tuple(column.take(numbers) for column in self._columns)

    def _learn(self, words: list[str]) -> None:
        fresh = self._describe(words)
        need = self._known + len(words)
        if not self._columns or need > len(self._columns[0]):  # room for as many again
            grown = tuple(np.zeros(max(2 * need, 1 << 10), column.dtype) for column in fresh)
            for column, old in zip(grown, self._columns, strict=False):
                column[: self._known] = old[: self._known]
            self._columns = grown
        for column, new in zip(self._columns, fresh, strict=True):
            column[self._known : need] = new
        self._known = need
