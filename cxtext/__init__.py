"""cxtext finds the recurring complaints in customer feedback and the score that each of them goes with.

>>> import cxtext
>>> report = cxtext.analyze("reviews.csv", nps="nps")  # doctest: +SKIP
>>> report.pain_points  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxtext.api import analyze as analyze

__version__ = "0.1.0"
__all__ = ["__version__", "analyze"]


def __dir__() -> list[str]:
    # what is loaded when it is asked for can be found as well
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    # `import cxtext` stays instant: the work is loaded when it is asked for
    if name == "analyze":
        from cxtext.api import analyze

        return analyze
    raise AttributeError(f"module 'cxtext' has no attribute {name!r}")
