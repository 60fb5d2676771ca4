"""Where the weights that come with cxtext are: ``models/cx-en`` of the checkout, or its copy in the wheel."""

from __future__ import annotations

from pathlib import Path

from cxtext.errors import ModelError

NAME = "cx-en"


def folder() -> Path:
    """The folder of the shipped weights. Raises ModelError when the installation lacks it."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "models" / NAME, package.parent / "models" / NAME):
        if place.is_dir():
            return place
    raise ModelError(f"the shipped weights models/{NAME} are missing: install cxtext again")
