"""Read a fact that may be missing, empty, or of another shape than hoped, without falling over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def records(value: Any) -> list[Mapping[str, Any]]:
    """The items of a list of facts, nothing if the fact is missing."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """A fact that is an object, empty if it is missing."""
    return value if isinstance(value, Mapping) else {}
