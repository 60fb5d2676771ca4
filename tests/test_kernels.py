"""The same answer on every machine: each linear algebra kernel and instruction set gives the same bytes.

Each variant trains, assigns and analyzes in a process of its own, since a kernel is chosen when numpy is loaded.
"""

from __future__ import annotations

import csv
import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_reviews"
SHARED = ROOT.parent / "shared" / "data" / "gold" / "clusters_nhs.csv"
FILES = (
    "models/m/1/clusters.npz",
    "assigned.csv",
    "run/pain_points.csv",
    "run/mentions.parquet",
    "run/responses.parquet",
    "run/report.json",
)
CODE = """
import sys
from cxtext.cli import main

for line in sys.stdin.read().splitlines():
    sys.argv = line.split("\\t")
    try:
        main()
    except SystemExit as done:
        if done.code:
            raise
"""


@cache
def optional_features() -> str:
    """What numpy may do without on this machine, as NPY_DISABLE_CPU_FEATURES wants it."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))


def sample_rows() -> dict[str, list[list[str]]]:
    """Every file of the sample: its header and its rows."""
    out = {}
    for file in sorted(SAMPLE.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as source:
            out[file.name] = list(csv.reader(source))
    return out


def gold_rows() -> dict[str, list[list[str]]]:
    """NHS comments beside the checkout; else an invented corpus, made of the sample's sentences in another mixture."""
    if SHARED.exists():
        with SHARED.open(encoding="utf-8", newline="") as source:
            return {"nhs.csv": list(csv.reader(source))}
    draw = random.Random(3)
    column, words = sample_rows(), []
    for header, *rows in column.values():
        text = max(range(len(header)), key=lambda i: sum(len(row[i]) for row in rows[:200]))
        words += [sentence.strip() for row in rows for sentence in row[text].split(".") if len(sentence) > 20]
    words.sort()
    return {"mixed.csv": [["text"], *([". ".join(draw.sample(words, 2))] for _ in range(900))]}


def plain(rows: list[list[str]]) -> list[list[list[str]]]:
    return [rows]


def shuffled(rows: list[list[str]]) -> list[list[list[str]]]:
    body = rows[1:]
    random.Random(7).shuffle(body)
    return [[rows[0], *body]]


def split(rows: list[list[str]]) -> list[list[list[str]]]:
    first, second = shuffled(rows)[0][1 : len(rows) // 3], shuffled(rows)[0][len(rows) // 3 :]
    return [[rows[0], *second], [rows[0], *first]]


Change = Callable[[list[list[str]]], list[list[list[str]]]]


def run(folder: Path, corpus: str, change: Change, environment: dict[str, str], flags: list[str]) -> dict[str, str]:
    """Train, assign and analyze in a fresh process; a digest of each file."""
    source = folder / "in"
    source.mkdir(parents=True)
    for name, rows in (sample_rows() if corpus == "sample" else gold_rows()).items():
        for part, some in enumerate(change(rows)):
            with (source / f"{part}-{name}").open("w", encoding="utf-8", newline="") as target:
                csv.writer(target).writerows(some)
    keep = [] if corpus == "sample" else ["--text", "text", "--keep", "all", "--unit", "response"]
    common = ["in", *keep, "--quiet", *flags]
    orders = [
        ["cxtext", "train", *common, "--model", "m", "--models-dir", "models"],
        ["cxtext", "analyze", *common, "-o", "run"],
    ]
    if change is plain:  # one row out per unit of a row in: the order is that of the input
        orders.append(["cxtext", "assign", *common, "--model", "m", "--models-dir", "models", "-o", "assigned.csv"])
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input="\n".join("\t".join(order) for order in orders),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGILL:
        pytest.skip(f"this processor can't run {environment}: illegal instruction")
    assert done.returncode == 0, done.stderr[-2000:]
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES if (folder / name).exists()
    }


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, str]]:
    """What this machine's own kernel gives for a corpus."""

    @cache
    def by_default(corpus: str) -> dict[str, str]:
        return run(tmp_path_factory.mktemp("default"), corpus, plain, {}, ["--jobs", "1"])

    return by_default


VARIANTS: dict[str, tuple[Change, dict[str, str], list[str]]] = {
    "prescott": (plain, {"OPENBLAS_CORETYPE": "Prescott"}, ["--jobs", "1"]),
    "sandybridge, two threads": (
        plain, {"OPENBLAS_CORETYPE": "Sandybridge", "OPENBLAS_NUM_THREADS": "2"}, ["--jobs", "1"]
    ),
    "haswell, one thread": (plain, {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"}, ["--jobs", "1"]),
    "numpy without what is optional": (plain, {"NPY_DISABLE_CPU_FEATURES": "optional"}, ["--jobs", "1"]),
    "prescott, shuffled, two workers": (shuffled, {"OPENBLAS_CORETYPE": "Prescott"}, ["--jobs", "2"]),
    "nehalem, split": (split, {"OPENBLAS_CORETYPE": "Nehalem"}, ["--jobs", "1"]),
}  # fmt: skip


ON_GOLD = ("prescott", "numpy without what is optional", "nehalem, split")


@pytest.mark.parametrize(
    ("variant", "corpus"), [*((name, "sample") for name in VARIANTS), *((name, "gold") for name in ON_GOLD)]
)
def test_every_kernel_gives_the_same_bytes(
    variant: str, corpus: str, expected: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    change, environment, flags = VARIANTS[variant]
    if environment.get("NPY_DISABLE_CPU_FEATURES") == "optional":
        if not optional_features():
            pytest.skip("numpy uses nothing optional on this processor")
        environment = {"NPY_DISABLE_CPU_FEATURES": optional_features(), "OPENBLAS_CORETYPE": "Prescott"}
    digests = run(tmp_path, corpus, change, environment, flags)
    assert "run/report.json" in digests
    assert {name: d for name, d in digests.items() if d != expected(corpus)[name]} == {}
