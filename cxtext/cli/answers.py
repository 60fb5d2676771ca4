"""Answers for machines: facts as JSON on stdout."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import typer


def print_json(facts: Mapping[str, Any]) -> None:
    """Print facts as JSON; a number that can't be given is null (JSON has no NaN)."""
    typer.echo(json.dumps(_finite(facts), ensure_ascii=False, indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
