"""Facts as plain Python: no numpy types, estimates as dicts, so that the report can be written as JSON.

Numbers have nine significant digits: the last ones of a solved system differ between processors.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from cxtext.schema import Estimate, Trend, nine

NAN = float("nan")


def plain(value: Any) -> Any:
    """The same value made of str, int, float, bool, None, list and dict only; key order is kept."""
    kind = type(value)
    if kind is float:
        return _number(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is Estimate:
        # Most of what there is; written out because a report holds tens of thousands.
        return {
            "value": _number(value.value), "low": _number(value.low), "high": _number(value.high), "n": int(value.n),
            "method": value.method, "status": value.status,
        }  # fmt: skip
    if kind is Trend:
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    return value


def _number(value: Any) -> float:
    x = float(value)
    return NAN if math.isinf(x) else nine(x)
