"""cxtext from Python: one call from a frame or a file to a report that shows itself."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxtext.errors import CxtextError, InputError, RequestError
from cxtext.settings import ALIASES, checked_options, kinds
from cxtext.settings import options as choose
from cxtext.values import Written

if TYPE_CHECKING:
    import pandas as pd

    from cxtext.report.notebook import ReportView

FRAME = "the frame"


def analyze(
    data: pd.DataFrame | str | Path | Sequence[str | Path],
    *,
    output: str | Path | None = None,
    **options: Any,
) -> ReportView:
    """Find the pain points in feedback and tie them to its scores.

    ``data`` is a frame, a path, or several paths. ``options`` are the command line's flags with ``_`` for ``-``:
    columns (``text="review"``, ``nps="nps"``, ``csat="score:1-5"``, ``segments=["plan"]``, ``outcomes=[...]``) and
    settings (``n_clusters=20``, ``keep="all"``, ``model="support"``). With ``output`` a run folder is written.

    Returns a report that shows itself in a notebook; ``.pain_points`` is a frame, ``.chart(name)`` a chart.
    Raises InputError, RequestError, ModelError or OutputError, with one line that says what to do.

    >>> report = analyze("reviews.csv", nps="nps")  # doctest: +SKIP
    """
    with in_python():
        declared, settings = choose(checked_options(options, Written.in_python()))
        from cxtext.pipeline.analysis import analyze as run
        from cxtext.report.notebook import ReportView

        target = Path(output) if output is not None else None
        with tempfile.TemporaryDirectory(prefix="cxtext-") as folder:
            paths, shown = _paths(data, Path(folder))
            return ReportView(run(paths, declared, settings, None, target, shown))


def _paths(data: Any, folder: Path) -> tuple[list[str], dict[str, str]]:
    """Paths as they are; a frame is written where the reader can find it, and has a name of its own.

    Raises RequestError for anything else, InputError for a frame that can't be read.
    """
    if isinstance(data, str | Path):
        return [str(data)], {}
    if hasattr(data, "to_parquet") and hasattr(data, "columns"):
        file = folder / "frame.parquet"
        _write_frame(data, file)
        return [str(file)], {str(file): FRAME}
    if isinstance(data, Sequence):
        return [str(item) for item in data], {}
    raise RequestError(f"analyze takes a frame, a path or a list of paths, not {type(data).__name__}")


def _write_frame(frame: Any, file: Path) -> None:
    """Write a frame as Parquet. Raises InputError that names the column, and the row where there is one."""
    import pyarrow as pa
    from pyarrow import parquet

    names = [str(name) for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{FRAME}: more than one column is called {twice!r}; rename them")
    columns = {name: _column(name, frame.iloc[:, place]) for place, name in enumerate(names)}
    parquet.write_table(pa.table(columns), file)


def _column(name: str, values: Any) -> Any:
    """A frame's column as an Arrow array; where kinds of values are mixed, as text."""
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError):
        return pa.array([_cell(name, label, value) for label, value in values.items()], pa.string())


def _cell(name: str, row: Any, value: Any) -> str | None:
    """A cell as text; ``row`` is its label in the frame's index."""
    import pandas as pd

    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if pd.api.types.is_scalar(value):
        return None if pd.isna(value) else str(value).encode("utf-8", "replace").decode("utf-8")
    raise InputError(
        f"{FRAME}, column {name!r}, row {row!r}: holds a {type(value).__name__}, not text, a number or a date; "
        "convert the column or leave it out"
    )


@contextmanager
def in_python() -> Iterator[None]:
    """Errors name options as they are written in a call: ``nps="score"`` for ``--nps "score"``."""
    try:
        yield
    except CxtextError as error:
        raise type(error)(_FLAG.sub(_keyword, str(error))) from None


_FLAG = re.compile(r"""--([a-z][a-z-]*[a-z])(?: ("[^"]*"|'[^']*'|\w+))?""")


def _keyword(found: re.Match[str]) -> str:
    """A flag, with its value where that is in quotes or one of the words it may have, as the keyword of a call."""
    name, value = found[1].replace("-", "_"), found[2] or ""
    name = ALIASES.get(name, name)
    if name not in kinds():
        return found[0]
    if not value.startswith(('"', "'")):
        if value != "none" and f"'{value}'" not in str(kinds()[name]):
            return f"{name}={' ' * bool(value)}{value}"
        value = f'"{value}"'
    return f"{name}=[{value}]" if name in ALIASES.values() else f"{name}={value}"
