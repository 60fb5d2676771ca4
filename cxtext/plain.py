"""Values as JSON knows them, by one rule: what can't be given (NaN, an infinity) is null."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Any

_AS_IT_IS = frozenset({str, int, bool, type(None)})


def plain(value: Any, number: Callable[[float], float] = float) -> Any:
    """The value made of str, int, float, bool, None, list and dict only; the order of keys is kept.

    Dataclasses and mappings become objects, tuples and arrays lists, numpy's numbers Python's. ``number`` is done to
    every float (such as rounding it). Raises TypeError for anything else.
    """
    kind = type(value)  # exact types first: a report has hundreds of thousands of values
    if kind is float:
        return number(value) if isfinite(value) else None
    if kind in _AS_IT_IS:
        return value
    if kind is dict:
        return {key if type(key) is str else str(key): plain(item, number) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [plain(item, number) for item in value]
    if is_dataclass(kind):
        return {name: plain(getattr(value, name), number) for name in _names(kind)}
    if isinstance(value, Mapping):
        return {str(key): plain(item, number) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, number) for item in value]
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist(), number)
    if isinstance(value, float):
        return number(float(value)) if isfinite(value) else None
    if isinstance(value, (str, int)):
        return value
    raise TypeError(f"JSON can't hold a {kind.__name__}")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
