"""Answers for machines: facts as JSON on stdout."""

from __future__ import annotations

import json
from typing import Any

import typer

from cxtext.plain import plain


def print_json(facts: Any) -> None:
    """Print facts as JSON; a number that can't be given is null (JSON has no NaN)."""
    typer.echo(json.dumps(plain(facts), ensure_ascii=False, indent=2, allow_nan=False))
