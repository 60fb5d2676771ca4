"""A trained clusterer from its file, whichever version of cxtext wrote it."""

from __future__ import annotations

from pathlib import Path

from cxtext.cluster.model import upgraded
from cxtext.schema import ClusterModel
from cxtext.store import arrays


def read_clusterer(file: str | Path) -> ClusterModel:
    """Read a clusterer in the present format. Raises ModelError for a damaged or foreign file."""
    return upgraded(arrays.read_model(Path(file)))
