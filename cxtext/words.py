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

ENOUGH = 2_000  # words, for building a table of them to pay
Numbers = npt.NDArray[np.int64]
Columns = tuple[npt.NDArray[Any], ...]


class _Register:
    """The words seen so far and their numbers; ``age`` counts how often everything was forgotten."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.words: list[str] = []
        self.age = 0
        self._numbers: dict[str, int] = {}
        self._letters = 0
        self._asked: list[tuple[Sequence[str], Numbers]] = []  # the last two lists: a chunk's own, and one beside it
        self._large: tuple[Any, Numbers] | None = None  # the last large list, as Arrow strings

    def numbers(self, words: Sequence[str]) -> Numbers:
        """The number of each word: int64[V]; asked for the same list again, it doesn't look again."""
        for asked, found in self._asked:
            if asked is words:
                return found
        array = _array(words) if len(words) >= ENOUGH else None
        found = self._known_from_before(words, array)
        found = self._known(words, found)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            found[missing] = self._add([words[i] for i in missing.tolist()])
            if len(self.words) > MOST_WORDS or self._letters > MOST_LETTERS:
                self._forget()
                found = self._add(list(words))
        self._asked = [(words, found), *self._asked[:1]]
        if array is not None:
            self._large = array, found
        return found

    def _known_from_before(self, words: Sequence[str], array: Any) -> Numbers:
        """The numbers of the words that the last large list held as well, -1 for others.

        They are most, if one large chunk follows another; Arrow finds them several times faster than a dictionary.
        """
        import pyarrow.compute as pc

        if array is None or self._large is None:
            return np.full(len(words), -1, np.int64)
        before, numbers = self._large
        place = pc.fill_null(pc.index_in(array, value_set=before), -1).to_numpy(zero_copy_only=False)
        found: Numbers = np.append(numbers, -1).take(place)
        return found

    def _known(self, words: Sequence[str], found: Numbers) -> Numbers:
        """The numbers with those found that are known from longer ago."""
        missing = np.flatnonzero(found < 0)
        names = [words[i] for i in missing.tolist()]
        found[missing] = np.fromiter(map(self._numbers.get, names, repeat(-1)), np.int64, len(names))
        return found

    def _add(self, new: list[str]) -> Numbers:
        numbers = np.arange(len(self.words), len(self.words) + len(new))
        self._numbers.update(zip(new, numbers.tolist(), strict=True))
        self.words += new
        self._letters += sum(map(len, new))
        return numbers

    def _forget(self) -> None:
        self.words, self._numbers, self._letters, self.age = [], {}, 0, self.age + 1
        self._asked, self._large = [], None


def _array(words: Sequence[str]) -> Any:
    """The words as Arrow strings; ``None`` if they can't be (lone surrogates)."""
    import pyarrow as pa

    try:
        return pa.array(words, pa.string())
    except UnicodeEncodeError:
        return None


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
