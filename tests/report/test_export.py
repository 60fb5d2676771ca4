"""``cxtext export`` on a real run: every format, cut down in every way, and a schema that names all that is in it."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from cxtext.cli.app import app

SAMPLE = Path(__file__).resolve().parents[2] / "sample_reviews"
FORMATS = ("html", "md", "csv", "xlsx", "json")

pytestmark = pytest.mark.xdist_group("export")


def call(*arguments: object) -> bytes:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "run"
    call("analyze", SAMPLE, "-o", folder, "--quiet")
    return folder


@pytest.fixture(scope="module")
def facts(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "report.json").read_text(encoding="utf-8"))
    return found


def cells(file: Path) -> set[str]:
    """Every text that a workbook shows; a formula in it is a failure."""
    book = openpyxl.load_workbook(file)
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}


@pytest.mark.parametrize("format_", FORMATS)
def test_one_pain_point_with_all_its_sentences(format_: str, run: Path, tmp_path: Path, facts: dict[str, Any]) -> None:
    id_ = facts["pain_points"][5]["pain_point"]["id"]
    table = parquet.read_table(run / "mentions.parquet").to_pylist()
    mine = [row for row in table if row["pain_point"] == id_]
    others = [row["pain_point"]["id"] for row in facts["pain_points"] if row["pain_point"]["id"] != id_]
    assert len(mine) > len(facts["pain_points"][5]["pain_point"]["exemplars"])
    out = tmp_path / f"one.{format_}"
    call("export", run, "--format", format_, "--pain-point", id_.lower(), "-o", out)
    if format_ == "xlsx":
        shown = cells(out)
        assert id_ in shown
        assert not shown & set(others)
        texts = {str(row["text"]).lstrip("'") for row in mine}
        assert len(texts - {s.lstrip("'") for s in shown}) == 0
        return
    text = out.read_text(encoding="utf-8")
    assert id_ in text
    if format_ == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert sorted((r["response_id"], r["unit"]) for r in rows) == sorted(
            (str(m["response_id"]), str(m["unit"])) for m in mine
        )
    elif format_ == "json":
        again = json.loads(text)
        assert [row["pain_point"]["id"] for row in again["pain_points"]] == [id_]
        assert len(again["facts"]["mentions"]) == len(mine)
    elif format_ == "md":
        for mention in mine:
            assert f"`{mention['response_id']}`" in text
        assert not list(tmp_path.glob("*.png"))  # a ticket is one file
    else:
        assert f'id="{id_}"' in text
        assert not any(f'id="{other}"' in text for other in others)


@pytest.mark.parametrize("format_", FORMATS)
def test_cut_down_and_without_quotes(format_: str, run: Path, tmp_path: Path, facts: dict[str, Any]) -> None:
    rows = facts["pain_points"]
    least = sorted(row["n_mentions"] for row in rows)[len(rows) // 2]
    kept = [row["pain_point"]["id"] for row in rows if row["n_mentions"] >= least][:4]
    left_out = [row["pain_point"]["id"] for row in rows if row["pain_point"]["id"] not in kept]
    quotes = {e["text"] for row in rows for e in row["pain_point"]["exemplars"] if e["text"].isascii()}
    quotes = {q for q in quotes if len(q) > 30 and q.replace(" ", "").replace(",", "").rstrip(".").isalnum()}
    assert len(quotes) > 20
    out = tmp_path / f"few.{format_}"
    call("export", run, "--format", format_, "--top", 4, "--min-n", least, "--no-quotes", "-o", out)
    text = "\n".join(cells(out)) if format_ == "xlsx" else out.read_text(encoding="utf-8")
    assert all(id_ in text for id_ in kept)
    assert [id_ for id_ in left_out if f">{id_}<" in text or (format_ != "html" and id_ in text)] == []
    assert not [quote for quote in quotes if quote in text]


def test_to_standard_output(run: Path) -> None:
    assert call("export", run, "--format", "json") == (run / "report.json").read_bytes()
    assert call("export", run, "--format", "csv", "-o", "-") == (run / "pain_points.csv").read_bytes()
    assert call("export", run, "--format", "html", "-o", "-") == (run / "report.html").read_bytes()


def unnamed(value: Any, schema: dict[str, Any], whole: dict[str, Any], path: str = "") -> set[str]:
    """The keys of a report that its schema doesn't name."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if value is None:
        return set()
    if "anyOf" in schema:
        return set.intersection(*(unnamed(value, one, whole, path) for one in schema["anyOf"] if one != NULL))
    found: set[str] = set()
    if isinstance(value, dict):
        names, rest = schema.get("properties", {}), schema.get("additionalProperties")
        for key, item in value.items():
            if key in names:
                found |= unnamed(item, names[key], whole, f"{path}.{key}")
            elif isinstance(rest, dict):
                found |= unnamed(item, rest, whole, f"{path}.*")
            else:
                found.add(f"{path}.{key}")
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            found |= unnamed(item, schema["items"], whole, f"{path}[]")
    return found


NULL = {"type": "null"}


def test_the_schema_names_every_key(facts: dict[str, Any]) -> None:
    schema = json.loads(resources.files("cxtext.report").joinpath("report.schema.json").read_text("utf-8"))
    assert unnamed(facts, schema, schema) == set()
    assert unnamed({**facts, "facts": {"odd": 1}}, schema, schema) == {".facts.odd"}
