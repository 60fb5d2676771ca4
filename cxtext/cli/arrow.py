"""Arrow without pandas, for commands that have no use for frames: they start a sixth of a second sooner."""

from __future__ import annotations

import sys
from typing import Any


class _NoPandas:
    """Says that there is no pandas, as long as it stands among the importers."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def without_pandas() -> None:
    """Keep Arrow from importing pandas when it makes its first array.

    Arrow looks for pandas once, to know a frame when it sees one, and remembers whether it was there. Whoever asks for
    a frame later still gets it: ``to_pandas`` looks again. Does nothing if pandas is loaded already.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    blind: Any = _NoPandas()
    sys.meta_path.insert(0, blind)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(blind)
