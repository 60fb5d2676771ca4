"""Whether a value is what its declared type asks for, and the one line that says what to write instead."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from cxtext.errors import RequestError


@dataclass(frozen=True, slots=True)
class Least:
    """A note on a whole number's type: the smallest one that makes sense, and the word that means "not given"."""

    number: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """How options were written: ``where`` stands in front of an error, ``form`` writes a key with a value."""

    where: str
    form: Callable[[str, Any], str]

    @classmethod
    def in_toml(cls, file: Path) -> Written:
        """As keys of a TOML file."""
        return cls(f"{file}: ", lambda key, value: f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}")

    @classmethod
    def in_python(cls) -> Written:
        """As keywords of a call."""
        return cls("", lambda key, value: f"{key}={value!r}")

    @classmethod
    def as_flag(cls) -> Written:
        """As flags on the command line."""
        return cls("", lambda key, value: f"--{key.replace('_', '-')} {value}")


def checked(kind: Any, key: str, value: Any, written: Written) -> Any:
    """The value as its declared type `kind` has it: paths as text, lists as tuples, whole numbers as ``int``.

    Known kinds: text, whole numbers (with `Least`), true or false, one of several words, lists of text, each perhaps
    optional. Raises RequestError: what was given, what is expected, an example.
    """
    kind, least = _parts(kind)
    if least is not None and least.word and value == least.word:
        return None
    if kind is int:
        whole = _whole(value, least)
        if whole is not None and (least is None or whole >= least.number):
            return whole
    elif kind is bool:
        if isinstance(value, bool):
            return value
    elif get_origin(kind) is Literal:
        if value in get_args(kind) and isinstance(value, str):
            return value
    elif get_origin(kind) is tuple:
        items = [_text(item) for item in value] if isinstance(value, list | tuple) else [None]
        if None not in items:
            return tuple(items)
    elif kind is str:
        text = _text(value)
        if text is not None:
            return text
    else:  # a new type of setting needs a rule here, before anybody can use it
        raise TypeError(f"no rule for settings of type {kind!r}")
    expected, example = _expected(kind, least, value)
    given = written.form(key, value)
    said = given if len(given) <= 80 else given[:79] + "…"
    raise RequestError(f"{written.where}{said}: expected {expected}, as in {written.form(key, example)}")


def _parts(kind: Any) -> tuple[Any, Least | None]:
    """A declared type without ``None``, and what is noted on it."""
    least = None
    if get_origin(kind) is Annotated:
        kind, *notes = get_args(kind)
        least = next((note for note in notes if isinstance(note, Least)), None)
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
    return kind, least


def _whole(value: Any, least: Least | None) -> int | None:
    """A whole number; one that may be a word instead (``auto``) may also be written as text."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and least is not None and least.word and value.isascii() and value.isdigit():
        return int(value[:18])
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return str(value) if isinstance(value, str) else None


def _expected(kind: Any, least: Least | None, value: Any) -> tuple[str, Any]:
    """What is expected in words, and an example close to what was given."""
    if kind is int:
        low = least.number if least is not None else 0
        digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else ""
        number = int(digits[:9]) if digits else low
        auto = f"{least.word}, or " if least is not None and least.word else ""
        return f"{auto}a whole number from {low} on", max(number, low)
    if kind is bool:
        return "true or false", True
    if get_origin(kind) is Literal:
        words = get_args(kind)
        close = [word for word in words if isinstance(value, str) and value.lower().startswith(word)]
        return " or ".join(words), (close or words)[0]
    if get_origin(kind) is tuple:
        parts = value if isinstance(value, list | tuple) else [value]
        return "a list of texts", [_as_text(part) for part in parts] or ["..."]
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return "one text", _as_text(value)


def _as_text(value: Any) -> str:
    return "..." if isinstance(value, list | tuple | dict | bool) else str(value)
