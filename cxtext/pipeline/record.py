"""run.json: what was read, with which settings and versions, and how long it took. The one file that knows the time."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from cxtext.pipeline.inputs import Inputs
from cxtext.schema import PainPointReport
from cxtext.settings import Settings
from cxtext.store.registry import ModelFiles
from cxtext.store.run import RUN_FORMAT, RUN_KIND

if TYPE_CHECKING:
    from cxtext.pipeline.looks import FirstLook

PACKAGES = ("cxtext", "numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "vaderSentiment")


def versions() -> dict[str, str]:
    """The versions of the packages that a result may depend on."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def run_record(
    found: Inputs,
    settings: Settings,
    report: PainPointReport,
    look: FirstLook,
    seconds: Mapping[str, float],
    model: ModelFiles | None,
) -> dict[str, Any]:
    """The record of a run, JSON-ready."""
    return {
        "kind": RUN_KIND,
        "format": RUN_FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": [
            {
                "name": f.name,
                "kind": f.kind,
                "sha256": f.sha256,
                "bytes": f.n_bytes,
                "encoding": f.encoding,
                "dialect": f.dialect,
            }
            for f in found.source.files
        ],
        "columns": {name: [_choice(c) for c in columns.choices] for name, columns in found.columns.items()},
        "settings": settings.recorded(),
        "model": f"{model.name}@{model.version}" if model else None,
        "rows": {
            "in": report.read["rows_in"],
            "used": report.read["rows_used"],
            "dropped": report.read["dropped"],
            "duplicates": report.read["duplicates"],
        },
        "rejected": [
            {"source": r.source, "row": r.row, "reason": r.reason, "detail": r.detail}
            for c in look.chunks
            for r in c.rejected
        ][:1000],
        "timings": dict(seconds),
        "versions": {**versions(), "python": platform.python_version()},
    }


def _choice(choice: Any) -> dict[str, Any]:
    return {"role": choice.role, "column": choice.column, "reason": choice.reason, "declared": choice.declared}
