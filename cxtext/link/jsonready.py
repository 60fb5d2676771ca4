"""Facts as plain Python: no numpy types, estimates as dicts, so that the report can be written as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from cxtext.schema import Estimate, Trend

_ESTIMATE = ("value", "low", "high", "n", "method", "status")


def plain(value: Any) -> Any:
    """The same value made of str, int, float, bool, None, list and dict only; key order is kept."""
    if isinstance(value, Estimate):
        return {name: plain(getattr(value, name)) for name in _ESTIMATE}
    if isinstance(value, Trend):
        return plain(asdict(value))
    if type(value) is str or type(value) is int or value is None:
        return value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and np.isinf(value):
        return float("nan")
    return value
