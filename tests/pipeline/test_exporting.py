"""All sentences of one pain point come from the run's own table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from cxtext.errors import InputError
from cxtext.pipeline.exporting import mentions_of


def test_mentions_of_one_pain_point_closest_first(tmp_path: Path) -> None:
    columns = {
        "pain_point": ["PP-001", "PP-002", "PP-001", "PP-001"],
        "response_id": ["b", "a", "a", "a"],
        "unit": pa.array([0, 1, 2, 0], pa.int32()),
        "sentiment": [-0.5, -0.1, 0.0, 0.2],
        "similarity": [0.4, 0.9, 0.4, 0.8],
        "text": ["late again", "too dear", "=still late", "never on time"],
    }
    parquet.write_table(pa.table(columns), tmp_path / "mentions.parquet")
    found = mentions_of(tmp_path, "PP-001")
    assert [(m["response_id"], m["unit"]) for m in found] == [("a", 0), ("a", 2), ("b", 0)]
    assert found[1]["text"] == "=still late"
    assert mentions_of(tmp_path, "PP-404") == []


def test_a_run_without_the_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mentions\.parquet"):
        mentions_of(tmp_path, "PP-001")
