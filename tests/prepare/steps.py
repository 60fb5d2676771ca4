"""Work counted in steps.

A step is a line of Python that runs, or a step of a backtracking matcher that stands in for Python's own: it runs every
pattern over the same stretch of text as the real one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

Then = Callable[[int], bool]
_CLASSES = {
    c.CATEGORY_WORD: lambda s: s.isalnum() or s == "_",
    c.CATEGORY_DIGIT: str.isdecimal,
    c.CATEGORY_SPACE: str.isspace,
    c.CATEGORY_NOT_WORD: lambda s: not (s.isalnum() or s == "_"),
    c.CATEGORY_NOT_DIGIT: lambda s: not s.isdecimal(),
    c.CATEGORY_NOT_SPACE: lambda s: not s.isspace(),
}


class Steps:
    """A count of steps."""

    count = 0


class Matcher:
    """Tries a pattern at a place of a text as a backtracking matcher does, and counts what it tries."""

    def __init__(self, pattern: re.Pattern[str], steps: Steps) -> None:
        self.tree = list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
        self.folds = bool(pattern.flags & re.IGNORECASE)
        self.steps = steps

    def attempt(self, text: str, at: int, end: int) -> bool:
        self.text, self.end = text, end
        self.groups: dict[int, str] = {}
        return self._all(self.tree, 0, at, lambda _: True)

    def _all(self, tree: list[Any], first: int, at: int, then: Then) -> bool:
        if first == len(tree):
            return then(at)
        return self._one(*tree[first], at, lambda after: self._all(tree, first + 1, after, then))

    def _sign(self, kind: Any, value: Any, sign: str) -> bool:
        either = {sign, sign.lower(), sign.upper()} if self.folds else {sign}
        if kind is c.ANY:
            return True  # near enough: the patterns that use it mean any sign
        if kind is c.IN:
            wanted = value[0][0] is not c.NEGATE
            return wanted == any(self._sign(*each, sign) for each in value if each[0] is not c.NEGATE)
        if kind is c.RANGE:
            return any(len(s) == 1 and value[0] <= ord(s) <= value[1] for s in either)
        if kind is c.CATEGORY:
            return bool(_CLASSES[value](sign))
        return (chr(value) in either) == (kind is c.LITERAL)

    def _one(self, kind: Any, value: Any, at: int, then: Then) -> bool:
        self.steps.count += 1
        text, end = self.text, self.end
        if kind in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            return at < end and self._sign(kind, value, text[at]) and then(at + 1)
        if kind is c.SUBPATTERN:
            group, _, _, tree = value

            def close(after: int) -> bool:
                self.groups[group] = text[at:after]
                return then(after)

            return self._all(list(tree), 0, at, close if group else then)
        if kind is c.BRANCH:
            return any(self._all(list(tree), 0, at, then) for tree in value[1])
        if kind in (c.MAX_REPEAT, c.MIN_REPEAT):
            return self._repeat(value[0], value[1], list(value[2]), at, then, kind is c.MIN_REPEAT)
        if kind is c.GROUPREF:
            return text.startswith(self.groups.get(value, "\0\0"), at) and then(at + len(self.groups[value]))
        if kind in (c.ASSERT, c.ASSERT_NOT):
            direction, tree = value
            begin = at - tree.getwidth()[0] if direction < 0 else at
            holds = begin >= 0 and self._all(list(tree), 0, begin, lambda _: True)
            return holds == (kind is c.ASSERT) and then(at)
        if kind is c.AT:
            return self._stands(value, at) and then(at)
        raise NotImplementedError(kind)

    def _repeat(self, least: int, most: int, tree: list[Any], at: int, then: Then, lazy: bool) -> bool:
        if len(tree) == 1 and tree[0][0] in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            room = min(int(most), self.end - at)
            if lazy:
                for n in range(room + 1):
                    self.steps.count += 1
                    if n >= least and then(at + n):
                        return True
                    if n == room or not self._sign(*tree[0], self.text[at + n]):
                        return False
                return False
            n = 0
            while n < room and self._sign(*tree[0], self.text[at + n]):
                n += 1
            self.steps.count += n
            for kept in range(n, least - 1, -1):
                self.steps.count += 1
                if then(at + kept):
                    return True
            return False

        def again(count: int, place: int) -> bool:
            self.steps.count += 1
            if count < most and self._all(tree, 0, place, lambda after: after > place and again(count + 1, after)):
                return True
            return count >= least and then(place)

        return again(0, at)

    def _stands(self, where: Any, at: int) -> bool:
        if where in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            return at == 0
        if where in (c.AT_END, c.AT_END_STRING):
            return at == self.end
        before = at > 0 and _CLASSES[c.CATEGORY_WORD](self.text[at - 1])
        after = at < self.end and _CLASSES[c.CATEGORY_WORD](self.text[at])
        return (before != after) == (where is c.AT_BOUNDARY)


class Counted:
    """A pattern that answers as the real one does, and counts the steps of finding the answer."""

    def __init__(self, real: re.Pattern[str], steps: Steps) -> None:
        self.real, self.steps, self.matcher = real, steps, Matcher(real, steps)
        self.pattern, self.flags, self.groups = real.pattern, real.flags, real.groups

    def _count(self, text: str, at: int, end: int, places: int) -> None:
        tracing = sys.gettrace()
        sys.settrace(None)
        try:
            for place in range(at, min(at + places, end + 1)):
                if self.matcher.attempt(text, place, end):
                    break
        finally:
            sys.settrace(tracing)

    def match(self, text: str, at: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        self._count(text, at, min(end, len(text)), 1)
        return self.real.match(text, at, end)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        self._count(text, 0, len(text), 1)
        return self.real.fullmatch(text)

    def search(self, text: str, at: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        found = self.real.search(text, at, end)
        self._count(text, at, min(end, len(text)), (found.start() if found else len(text)) - at + 1)
        return found

    def finditer(self, text: str, at: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        end = min(end, len(text))
        for found in self.real.finditer(text, at, end):
            self._count(text, at, end, found.start() - at + 1)
            at = max(found.end(), at + 1)
            yield found
        self._count(text, at, end, end - at + 1)

    def findall(self, text: str) -> list[Any]:
        list(self.finditer(text))
        return self.real.findall(text)

    def split(self, text: str) -> list[Any]:
        list(self.finditer(text))
        return self.real.split(text)

    def subn(self, new: Any, text: str) -> tuple[str, int]:
        list(self.finditer(text))
        return self.real.subn(new, text)

    def sub(self, new: Any, text: str) -> str:
        return self.subn(new, text)[0]


def counted(modules: list[ModuleType], steps: Steps, replace: Callable[[Any, str, Any], None]) -> None:
    """Put a counting pattern in the place of each pattern of the modules, by ``replace(module, name, value)``."""
    for module in modules:
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                replace(module, name, Counted(value, steps))
            elif isinstance(value, dict) and value and all(isinstance(each, re.Pattern) for each in value.values()):
                replace(module, name, {key: Counted(each, steps) for key, each in value.items()})


def lines_run(modules: list[ModuleType], steps: Steps, work: Callable[[], object]) -> None:
    """Do the work, each line of the modules that runs being a step."""
    files = {module.__file__ for module in modules}

    def local(frame: Any, event: str, _: Any) -> Any:
        if event == "line":
            steps.count += 1
        return local

    def every(frame: Any, event: str, _: Any) -> Any:
        return local if frame.f_code.co_filename in files else None

    before, deep = sys.gettrace(), sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    sys.settrace(every)
    try:
        work()
    finally:
        sys.settrace(before)
        sys.setrecursionlimit(deep)
