"""Retraining on real reviews keeps ids; needs the measuring data beside the checkout."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cxtext.pipeline.progress import Progress
from cxtext.pipeline.rows import assign
from cxtext.pipeline.training import train
from cxtext.settings import Declared, Settings

REVIEWS = Path(__file__).resolve().parents[2] / "../shared/data/reviews/clothing.csv"
ROWS = 4_000


@pytest.mark.shared
@pytest.mark.skipif(not REVIEWS.is_file(), reason="the measuring data isn't beside the checkout")
def test_a_quarter_more_reviews_keep_the_ids(tmp_path: Path) -> None:
    with REVIEWS.open(encoding="utf-8", newline="") as stream:
        texts = [row["Review Text"] for row in csv.DictReader(stream)][:ROWS]
    random.Random(1).shuffle(texts)
    text, settings = Declared(text="text"), Settings(model="c", models_dir=str(tmp_path / "m"), jobs=1)
    files = [tmp_path / "some.csv", tmp_path / "all.csv"]
    for file, n in zip(files, (len(texts) * 4 // 5, len(texts)), strict=True):
        with file.open("w", encoding="utf-8", newline="") as sink:
            csv.writer(sink).writerows([["text"], *([t] for t in texts[:n])])
    found = []
    for version, file in enumerate(files, start=1):
        train([str(file)], text, settings, Progress())
        out = tmp_path / f"{version}.parquet"
        chosen = Settings(model=f"c@{version}", models_dir=settings.models_dir, jobs=1)
        assign([str(files[1])], text, chosen, Progress(), out)
        found.append(pq.read_table(out, columns=["pain_point"])["pain_point"].to_pylist())
    both = [(a, b) for a, b in zip(*found, strict=True) if a and b]
    assert len(both) > ROWS
    assert sum(a == b for a, b in both) >= 0.95 * len(both)
