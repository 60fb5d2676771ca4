"""cxtext from Python: what it offers can be found, and errors speak of the frame and of keywords."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxtext
from cxtext.api import _write_frame
from cxtext.errors import CxtextError

COMMENTS = [f"The parcel number {i} came late and wet." for i in range(40)]


def test_everything_offered_is_listed() -> None:
    code = "import cxtext, sys; print(sorted(set(cxtext.__all__) - set(dir(cxtext))), 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "False"]
    assert "analyze" in dir(cxtext)
    for name in cxtext.__all__:
        assert getattr(cxtext, name)


ODD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    # columns beside the comments, options, what the error says
    "an open scale": ({"rating": [i % 10 + 1 for i in range(40)]}, {}, r"the frame, column 'rating': .* csat=\"none\""),
    "no such column": ({}, {"text": "nope"}, r"the frame: text='nope': there is no such column"),
    "no such outcome": ({}, {"outcomes": ["q:number"]}, r"the frame: outcomes=\['q'\]"),
    "an unclear date": (
        {"date": [f"0{i % 9 + 1}/0{i % 8 + 1}/2026" for i in range(40)]},
        {},
        r"the frame, column 'date': .* date=\"date:day-first\"",
    ),
    "objects": ({"x": [*range(39), object()]}, {}, r"the frame, column 'x', row 39: holds a object"),
    "no complaint": ({}, {"text": "praise"}, r'keep="all" groups everything'),
}


@pytest.mark.parametrize("case", ODD)
def test_errors_name_the_frame_and_keywords(case: str) -> None:
    more, options, told = ODD[case]
    frame = pd.DataFrame({"comment": COMMENTS, **more})
    if options.get("text") == "praise":
        frame["praise"] = [f"Lovely staff, all {i} of them, thank you!" for i in range(40)]
    with pytest.raises(CxtextError) as caught:
        cxtext.analyze(frame, jobs=1, **options)
    assert re.search(told, str(caught.value)), str(caught.value)
    assert not re.search(r"\.parquet|tmp|--[a-z]", str(caught.value))


def test_two_columns_of_one_name_are_refused() -> None:
    frame = pd.DataFrame([[text, text] for text in COMMENTS], columns=["comment", "comment"])
    with pytest.raises(CxtextError, match="the frame: more than one column is called 'comment'"):
        cxtext.analyze(frame)


def test_columns_of_mixed_kinds_are_text(tmp_path: Path) -> None:
    mixed = pd.Series(["a", 5, None, np.nan, pd.NA, True, np.float64(2.5), b"\xe4b", "x\ud800"], dtype=object)
    _write_frame(pd.DataFrame({"mixed": mixed, "plain": range(9)}), tmp_path / "f.parquet")
    back = pd.read_parquet(tmp_path / "f.parquet")
    assert back.mixed.tolist()[:2] == ["a", "5"]
    assert back.mixed.isna().tolist() == [False, False, True, True, True, False, False, False, False]
    assert back.mixed.tolist()[5:] == ["True", "2.5", "\ufffdb", "x?"]
    assert back.plain.tolist() == list(range(9))


def test_a_frame_gives_the_same_report_every_time(tmp_path: Path) -> None:
    rows = [f"{a} {b}." for a in ("The parcel", "My order", "A shipment") for b in ("got lost", "came late", "was wet")]
    frame = pd.DataFrame(
        {"comment": [f"{row} Nobody in {town} cares." for row in rows for town in ("Arden", "Corvey")]}
    )
    for name in ("a", "b"):
        cxtext.analyze(frame, keep="all", n_clusters=2, jobs=1, output=tmp_path / name)
    reports = [(tmp_path / name / "report.json").read_bytes() for name in ("a", "b")]
    assert reports[0] == reports[1]
    record = json.loads((tmp_path / "a" / "run.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in record["inputs"]] == ["the frame"]
