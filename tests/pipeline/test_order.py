"""No order, no seams: the same rows give the same bytes in any row order, chunk size, split and number of workers."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from cxtext.pipeline.analysis import analyze
from cxtext.settings import Declared, Settings

SAMPLE = Path(__file__).resolve().parents[2] / "sample_reviews"
FILES = ("report.json", "report.html", "pain_points.csv", "responses.parquet", "mentions.parquet")


def as_it_is(rows: list[str], folder: Path, name: str) -> None:
    (folder / name).write_text("".join(rows), encoding="utf-8")


def shuffled(rows: list[str], folder: Path, name: str) -> None:
    body = rows[1:]
    random.Random(7).shuffle(body)
    as_it_is([rows[0], *body], folder, name)


def split(rows: list[str], folder: Path, name: str) -> None:
    body = rows[1:]
    random.Random(8).shuffle(body)
    half = len(body) // 3
    as_it_is([rows[0], *body[half:]], folder, f"b-{name}")
    as_it_is([rows[0], *body[:half]], folder, f"a-{name}")


def records(file: Path) -> list[str]:
    """The lines of a CSV file, cells over several lines kept together."""
    whole: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        if whole and whole[-1].count('"') % 2:
            whole[-1] += line
        else:
            whole.append(line)
    return whole


def run(folder: Path, change: Callable[[list[str], Path, str], None], **settings: object) -> dict[str, bytes]:
    source = folder / "in"
    source.mkdir(parents=True)
    for file in sorted(SAMPLE.glob("*.csv")):
        change(records(file), source, file.name)
    analyze([str(source)], Declared(), Settings(**settings), None, folder / "run")  # type: ignore[arg-type]
    return {name: (folder / "run" / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return run(tmp_path_factory.mktemp("plain"), as_it_is, jobs=1)


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        (shuffled, {"jobs": 1}),
        (split, {"jobs": 1}),
        (as_it_is, {"jobs": 2, "chunk_rows": 137}),
        (shuffled, {"jobs": 1, "chunk_rows": 61}),
    ],
    ids=["shuffled", "split", "two workers, small chunks", "shuffled, tiny chunks"],
)
def test_the_same_rows_give_the_same_bytes(
    change: Callable[[list[str], Path, str], None],
    settings: dict[str, object],
    expected: dict[str, bytes],
    tmp_path: Path,
) -> None:
    found = run(tmp_path, change, **settings)
    assert [name for name in FILES if found[name] != expected[name]] == []


def test_another_row_gives_other_bytes(expected: dict[str, bytes], tmp_path: Path) -> None:
    found = run(tmp_path, lambda rows, folder, name: as_it_is(rows[:-1], folder, name), jobs=1)
    assert all(found[name] != expected[name] for name in FILES)
