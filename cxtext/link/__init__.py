"""Pain points tied to scores: metrics with intervals, impact, drivers, trend, comparison, mismatch.

``analyse`` is the one call that the pipeline makes; names below load their module when first used, so that importing
this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "LinkOptions": "analyse",
    "LinkResult": "analyse",
    "MentionUnits": "mismatch",
    "compare": "compare",
    "compare_arms": "compare",
    "impacts": "impact",
    "summarise": "metrics",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"cxtext.link.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
