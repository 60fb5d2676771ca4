"""cxtext from Python: one call from a frame or a file to a report that shows itself."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxtext.errors import RequestError
from cxtext.settings import checked_options
from cxtext.settings import options as choose
from cxtext.values import Written

if TYPE_CHECKING:
    import pandas as pd

    from cxtext.report.notebook import ReportView


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
    from cxtext.pipeline.analysis import analyze as run
    from cxtext.report.notebook import ReportView

    declared, settings = choose(checked_options(options, Written.in_python()))
    target = Path(output) if output is not None else None
    with tempfile.TemporaryDirectory(prefix="cxtext-") as folder:
        return ReportView(run(_paths(data, Path(folder)), declared, settings, None, target))


def _paths(data: Any, folder: Path) -> list[str]:
    """Paths as they are; a frame is written where the reader can find it. Raises RequestError for anything else."""
    if isinstance(data, str | Path):
        return [str(data)]
    if hasattr(data, "to_parquet") and hasattr(data, "columns"):
        file = folder / "frame.parquet"
        frame = data.copy(deep=False)
        frame.columns = [str(name) for name in frame.columns]
        frame.to_parquet(file, index=False)
        return [str(file)]
    if isinstance(data, Sequence):
        return [str(item) for item in data]
    raise RequestError(f"analyze takes a frame, a path or a list of paths, not {type(data).__name__}")
