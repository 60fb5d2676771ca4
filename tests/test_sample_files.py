"""The sample files are what their README says, and the planted harm can be found in them."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cxtext.prepare.duplicates import content_key, flood_groups, folded_words, signatures
from cxtext.prepare.language import languages
from cxtext.prepare.normalise import normalise
from cxtext.prepare.redact import redact
from cxtext.text.tokens import token_table

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_reviews"
KEY = ROOT / "tests" / "data"
FILES = {
    "app_reviews": ("review_id", "review", "rating"),
    "support_tickets": ("ticket_id", "description", "csat"),
    "nps_survey": ("response_id", "comment", "nps"),
}
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    return {name: read(SAMPLE / f"{name}.csv") for name in FILES}


@pytest.fixture(scope="module")
def truth() -> dict[str, Row]:
    return {row["id"]: row for row in read(KEY / "sample_truth.csv")}


@pytest.fixture(scope="module")
def planted() -> dict[str, dict[str, dict[str, float]]]:
    return json.loads((KEY / "sample_planted.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_size_and_answer_key(rows: dict[str, list[Row]], truth: dict[str, Row]) -> None:
    assert sum(map(len, rows.values())) >= 1500
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 1_500_000
    ids = [row[FILES[name][0]] for name, part in rows.items() for row in part]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(truth)
    customers = [{row["customer_id"] for row in part} - {""} for part in rows.values()]
    assert len(customers[0] & customers[1] & customers[2]) > 50


def test_the_generator_makes_these_very_files(tmp_path: Path) -> None:
    script = ROOT / "benchmarks" / "make_sample_reviews.py"
    subprocess.run([sys.executable, str(script), str(tmp_path), str(tmp_path)], check=True)
    for made in sorted(tmp_path.iterdir()):
        kept = (SAMPLE if made.stem in FILES else KEY) / made.name
        assert made.read_bytes() == kept.read_bytes(), made.name


def test_the_readme_tells_the_planted_figures(planted: dict[str, dict[str, dict[str, float]]]) -> None:
    told = {}
    for line in (SAMPLE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("−", "-") for cell in line.strip("|").split("|")]
        if (name := re.fullmatch(r"`(\w+)`", cells[0])) and len(cells) > 9:
            told[name[1]] = [float(cell) for cell in cells[2:10]]
    expected = {
        name: [
            facts["responses"],
            *(facts["csat"]["mentioners"], facts["csat"]["harm"]),
            *(facts["nps"]["mentioners"], facts["nps"]["harm"], facts["nps_points"]["impact"]),
            *(facts["rating"]["mentioners"], facts["rating"]["harm"]),
        ]
        for name, facts in planted.items()
    }
    assert told == expected


@pytest.mark.parametrize("name", list(FILES))
def test_regression_on_the_true_labels_finds_the_planted_harm(
    name: str, rows: dict[str, list[Row]], truth: dict[str, Row], planted: dict[str, dict[str, dict[str, float]]]
) -> None:
    id_column, text, metric = FILES[name]
    scored = [row for row in rows[name] if row[metric] and truth[row[id_column]]["kind"] == "customer"]
    y = np.array([float(row[metric]) for row in scored])
    names = sorted(planted)
    said = [truth[row[id_column]]["pain_points"].split() for row in scored]
    columns = [[float(pain in pains) for pains in said] for pain in names]
    columns += [[1.0] * len(y), [float(bool(row[text])) for row in scored]]
    for column in ("plan", "channel"):
        levels = sorted({row.get(column, "") for row in scored})[1:]
        columns += [[float(row.get(column, "") == level) for row in scored] for level in levels]
    design = np.array(columns).T
    coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
    residual = y - design @ coefficients
    inverse = np.linalg.pinv(design.T @ design)
    errors = np.sqrt(np.diag(inverse @ (design.T * residual**2) @ design @ inverse))
    for place, pain in enumerate(names):
        facts = planted[pain][metric]
        if pain == "router_setup":  # planted with those in a good mood, which no column shows
            assert coefficients[place] > facts["harm"]
        elif facts["mentioners"] >= 20:
            assert abs(coefficients[place] - facts["harm"]) < 3.5 * errors[place] + 0.1, pain


def test_preparing_the_sample(rows: dict[str, list[Row]], truth: dict[str, Row]) -> None:
    every = [(row[FILES[name][0]], row[FILES[name][1]]) for name, part in rows.items() for row in part]
    texts, counts = redact(normalise(pa.array([text for _, text in every])))
    assert min(counts[kind] for kind in ("email", "phone", "card", "iban", "url")) >= 1
    assert not any("@" in text for text in texts.to_pylist())
    table = token_table(texts)
    found = languages(table).to_pylist()
    expected = [truth[row]["language"] for row, _ in every]
    wrong = [(a, b, text) for a, b, (_, text) in zip(found, expected, every, strict=True) if a not in (b, "und")]
    assert len(wrong) <= 0.002 * len(every), wrong
    leaders = flood_groups(signatures(table), content_key(pa.array([row for row, _ in every])), folded_words(table))
    sizes = Counter(leaders.tolist())
    kinds = np.array([truth[row]["kind"] for row, _ in every])
    assert len(set(leaders[kinds == "flood"].tolist())) <= 4
    assert sum(sizes[leader] > 1 for leader in leaders[kinds == "copy"].tolist()) == 8
    # chance alone must not make floods of complaints
    complaints = np.array([bool(truth[row]["pain_points"]) and truth[row]["kind"] == "customer" for row, _ in every])
    alone = np.array([sizes[leader] == 1 for leader in leaders.tolist()])
    assert alone[complaints].mean() > 0.97
