"""Responses without ids: every command names a row alike, in any order, whatever else it uses of the row."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cxtext.pipeline.analysis import analyze
from cxtext.pipeline.ids import Ids
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.rows import assign
from cxtext.settings import Declared, Settings

MODELS = Path(__file__).resolve().parents[1] / "data" / "models"
PLACES = ("Arden", "Belmor", "Corvey", "Dunmere", "Elsmark", "Farrow")
TEXTS = (
    *(f"The parcel for {place} got lost and nobody answers the phone." for place in PLACES),
    *(f"I can't log in from {place}. The password link never arrives." for place in PLACES),
    "Nobody answers the phone.",
)
ROWS = [
    # the same words with other scores, on other days, and wholly equal rows
    (text, stars, day, "app" if stars > 3 else "shop")
    for text in TEXTS
    for stars, day in ((1, "2026-03-14"), (1, "2026-03-14"), (5, "2026-03-14"), (1, "2026-03-15"), (1, "2026-03-14"))
]


def write(file: Path, rows: list[tuple[str, int, str, str]]) -> str:
    pd.DataFrame(rows, columns=["review", "stars", "when", "channel"]).to_csv(file, index=False)
    return str(file)


def named_by_assign(files: list[str], out: Path, **settings: int) -> pd.DataFrame:
    chosen = Settings(model="kept", models_dir=str(MODELS), keep="all", **settings)  # type: ignore[arg-type]
    assign(files, Declared(), chosen, Progress(), out)
    return pd.read_csv(out).drop_duplicates("row").reset_index(drop=True)


def named_by_analyze(files: list[str], out: Path, declared: Declared, **settings: int) -> pd.DataFrame:
    chosen = Settings(model="kept", models_dir=str(MODELS), keep="all", jobs=1, **settings)  # type: ignore[arg-type]
    analyze(files, declared, chosen, None, out)
    return pd.read_parquet(out / "responses.parquet")


@pytest.mark.parametrize(
    "declared",
    [Declared(), Declared(outcomes=("stars:number:high-good:1-5",)), Declared(segments=("channel",), channel="none")],
    ids=["nothing declared", "a score declared", "a segment declared"],
)
def test_assign_and_analyze_name_the_same_row_alike(declared: Declared, tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", ROWS)
    ours, theirs = (
        named_by_assign([file], tmp_path / "units.csv"),
        named_by_analyze([file], tmp_path / "run", declared),
    )
    assert len(ours) == len(theirs) == len(ROWS)
    assert ours.response_id.is_unique
    texts = [ROWS[row][0] for row in ours.row]
    assert Counter(zip(texts, ours.response_id, strict=True)) == Counter(
        zip(theirs.text, theirs.response_id, strict=True)
    )
    assert {i.partition("-")[2] for i in ours.response_id} == {"", "2", "3"}


def test_ids_depend_neither_on_order_nor_on_chunks_nor_on_other_files(tmp_path: Path) -> None:
    rows = list(ROWS)
    random.Random(5).shuffle(rows)
    whole = named_by_assign([write(tmp_path / "in.csv", ROWS)], tmp_path / "whole.csv", jobs=1)
    other = named_by_assign(
        [write(tmp_path / "b.csv", rows[:20]), write(tmp_path / "a.csv", rows[20:])],
        tmp_path / "parts.csv",
        jobs=2,
        chunk_rows=7,
    )
    said = [
        Counter(zip(([*source][row][0] for row in found.row), found.response_id, strict=True))
        for source, found in ((ROWS, whole), (rows, other))
    ]
    assert said[0] == said[1]


def test_equal_answers_in_rows_that_differ_elsewhere_keep_their_order(tmp_path: Path) -> None:
    found = []
    for name, turned in (("a", False), ("b", True)):
        rows = [(*row, str(i % 3)) for i, row in enumerate(ROWS)]
        frame = pd.DataFrame(rows[::-1] if turned else rows, columns=["review", "stars", "when", "channel", "agent"])
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        named_by_analyze([str(tmp_path / f"{name}.csv")], tmp_path / name, Declared(), chunk_rows=13)
        found.append((tmp_path / name / "responses.parquet").read_bytes())
    assert found[0] == found[1]


def test_own_ids_stay_and_only_the_others_are_numbered() -> None:
    ids = Ids()
    key = pa.array([None, 7 << 16, 7 << 16, 9 << 16], pa.uint64())
    assert ids.complete(pa.array(["a", None, None, None]), key).to_pylist() == [
        "a", "000000000007", "000000000007-2", "000000000009",
    ]  # fmt: skip
    assert ids.complete(pa.array([None, None], pa.string()), key[2:]).to_pylist() == [
        "000000000007-3",
        "000000000009-2",
    ]
    assert ids.complete(pa.array(["b"]), pa.nulls(1, pa.uint64())).to_pylist() == ["b"]


def test_numbers_are_those_of_counting_one_by_one() -> None:
    draws = np.random.default_rng(3).integers(0, 40, 3_000).astype(np.uint64)
    ids, seen, expected, got = Ids(), Counter[int](), [], []
    for part in np.split(draws, [1, 5, 400, 410, 2_000]):
        got += ids.complete(pa.nulls(len(part), pa.string()), pa.array(part << np.uint64(16))).to_pylist()
        for key in part.tolist():
            seen[key] += 1
            expected.append(f"{key:012x}" + (f"-{seen[key]}" if seen[key] > 1 else ""))
    assert got == expected
