"""``inspect`` tells what would be read, and shows no verbatim."""

from __future__ import annotations

import json

from cxtext.read.columns import choose_columns
from cxtext.read.inspection import inspect
from cxtext.read.source import open_source
from cxtext.settings import Declared

LINES = [
    "id,day,plan,comment,csat",
    "1,2025-01-02,basic,The invoice came twice this month,2",
    "2,2025-01-03,basic,The invoice came twice this month,2",
    "2,2025-01-03,basic,The invoice came twice this month,2",
    "4,2025-01-09,plus,,5",
    "5,2025-01-04,plus,,",
    "6,2025-01-04,plus,Support was quick to call me back,9",
    "7,2025-01-04,plus,Support was quick to call me back,3,x",
    "8,never,basic,The kiosk printed half a ticket",
]


def _facts(tmp_path, lines=LINES, **options):
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(lines) + "\n")
    source = open_source([str(path)], **options)
    declared = Declared(csat="csat:1-5", date="day")
    columns = {file.name: choose_columns(source.head(file), declared, source=file.name) for file in source.files}
    return inspect(source, columns)


def test_facts_of_a_file(tmp_path):
    facts = _facts(tmp_path)
    (file,) = facts["files"]
    assert (facts["rows"], facts["used"]) == (8, 6)
    assert facts["rejected"] == {"no text and no score": 1, "too many cells": 1}
    assert [(row["row"], row["reason"]) for row in file["rejected_rows"]] == [
        (4, "no text and no score"),
        (6, "too many cells"),
    ]
    assert file["set_to_missing"] == {"csat: values off 1-5": 1, "date: cells that aren't dates": 1}
    assert (file["first_day"], file["last_day"]) == ("2025-01-02", "2025-01-09")
    assert (file["duplicate_rows"], file["duplicate_texts"], file["with_text"]) == (1, 2, 5)
    by_name = {column["name"]: column for column in file["columns"]}
    assert by_name["comment"]["missing"] == 2
    assert by_name["plan"]["examples"] == ["basic", "plus"]
    (score,) = file["scores"]
    assert score["levels"] == [[2, 3], [5, 1]]
    assert any("too few cells" in note for note in file["notes"])


def test_no_verbatim_is_shown(tmp_path):
    shown = json.dumps(_facts(tmp_path), allow_nan=False)
    assert "invoice" not in shown
    assert "kiosk" not in shown


def test_chunks_change_nothing(tmp_path):
    assert _facts(tmp_path, chunk_rows=2) == _facts(tmp_path)
