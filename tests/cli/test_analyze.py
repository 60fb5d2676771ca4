"""cxtext analyze through its runner: what is written, what is refused, in one line and without leftovers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxtext.cli.app import app

SAMPLE = Path(__file__).resolve().parents[2] / "sample_reviews"
COLUMNS = ["pain_point", "label", "tag", "theme", "coverage", "terms", "status", "verdict", "first_seen"]
COLUMNS += ["n_mentions", "n_weak", "prevalence", "sentiment"]
PER_METRIC = ["n", "mentioners", "others", "gap", "gap_low", "gap_high", "impact"]
PER_METRIC += ["adjusted", "adjusted_low", "adjusted_high", "q"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analyze") / "run"
    done = CliRunner().invoke(app, ["analyze", str(SAMPLE), "-o", str(folder)])
    assert done.exit_code == 0, done.output
    (folder.parent / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    (folder.parent / "stderr.txt").write_text(done.stderr, encoding="utf-8")
    return folder


def test_a_run_has_the_files_of_the_contract(run: Path) -> None:
    names = {p.name for p in run.iterdir()}
    assert names == {
        "report.html",
        "report.json",
        "pain_points.csv",
        "mentions.parquet",
        "responses.parquet",
        "run.json",
    }
    assert isinstance(json.loads((run / "report.json").read_text(encoding="utf-8"))["format"], int)


def test_pain_points_csv_has_the_columns_of_the_contract_in_order(run: Path) -> None:
    found = pd.read_csv(run / "pain_points.csv")
    metrics = ["nps", "csat", "resolution_hours", "stars", "escalated", "reopened"]
    assert list(found.columns) == COLUMNS + [f"{m}_{part}" for m in metrics for part in PER_METRIC] + [
        "trend",
        "trend_q",
    ]
    assert found.pain_point.str.fullmatch(r"PP-\d{3,}").all()
    assert found.label.is_unique
    assert found.prevalence.between(0, 1).all()


def test_the_record_says_what_was_read_and_with_what(run: Path) -> None:
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    rows = record["rows"]
    assert rows["in"] == rows["used"] + rows["duplicates"] + sum(rows["dropped"].values())
    assert {len(entry["sha256"]) for entry in record["inputs"]} == {64}
    assert record["versions"]["vaderSentiment"]
    assert set(record["timings"]) >= {"score", "fit", "link"}


def test_every_mention_points_at_a_response_and_into_its_text(run: Path) -> None:
    mentions, responses = pd.read_parquet(run / "mentions.parquet"), pd.read_parquet(run / "responses.parquet")
    assert set(mentions.response_id) <= set(responses.response_id)
    text = responses.drop_duplicates("response_id").set_index("response_id").text
    for row in mentions.head(200).itertuples():
        said = text[row.response_id][row.start : row.end]
        assert said.split() == row.text.split()


def test_the_summary_is_on_stdout_and_the_choices_on_stderr(run: Path) -> None:
    out = (run.parent / "stdout.txt").read_text(encoding="utf-8")
    assert "report.html" in out
    assert len(out.splitlines()) <= 24
    assert max(map(len, out.splitlines()[:-1])) <= 80
    assert "text = 'comment'" in (run.parent / "stderr.txt").read_text(encoding="utf-8")


def test_personal_data_is_nowhere_in_the_run(run: Path) -> None:
    planted = ("@example.", "555-01")
    assert any(mark in (SAMPLE / "support_tickets.csv").read_text(encoding="utf-8") for mark in planted)
    for name in ("report.html", "report.json", "pain_points.csv"):
        assert not any(mark in (run / name).read_text(encoding="utf-8") for mark in planted), name
    for name in ("mentions.parquet", "responses.parquet"):
        texts = pd.read_parquet(run / name).text.dropna()
        assert not any(texts.str.contains(mark, regex=False).any() for mark in planted), name


BAD = {
    "missing file": (["nowhere.csv"], "no such file"),
    "empty file": (["empty.csv"], "empty.csv"),
    "a folder without data": (["folder"], "folder"),
    "one column of numbers": (["numbers.csv"], "--text"),
    "a text column that isn't there": (["good.csv", "--text", "nope"], "nope"),
    "an unreadable Parquet": (["broken.parquet"], "broken.parquet"),
    "a truncated gzip": (["cut.csv.gz"], "cut.csv.gz"),
    "an output that isn't ours": (["good.csv", "-o", "folder-of-mine"], "folder-of-mine"),
    "a model that isn't there": (["good.csv", "--model", "nope"], "nope"),
    "scores without a key": (["good.csv", "--scores", "good.csv"], "--on"),
    "a text column without texts": (["good.csv", "--text", "blank"], "--text"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.csv").touch()
    Path("folder").mkdir()
    Path("folder-of-mine").mkdir()
    Path("folder-of-mine/notes.txt").write_text("mine", encoding="utf-8")
    Path("numbers.csv").write_text("a\n1\n2\n3\n", encoding="utf-8")
    Path("good.csv").write_text(
        "id,comment,blank\n1,The parcel came late and wet,\n2,Nobody answers the phone,\n", encoding="utf-8"
    )
    Path("broken.parquet").write_text("this is no parquet", encoding="utf-8")
    Path("cut.csv.gz").write_bytes(gzip.compress(b"id,comment\n1,The parcel came late and wet\n" * 200)[:-40])
    before = sorted(str(p) for p in Path().rglob("*"))
    arguments, told = BAD[case]
    if "-o" not in arguments:
        arguments = [*arguments, "-o", "run"]
    done = CliRunner().invoke(app, ["analyze", *arguments, "--quiet"])
    assert done.exit_code == 1, done.output
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert sorted(str(p) for p in Path().rglob("*")) == before


def test_a_wrong_flag_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["analyze", str(SAMPLE), "--nonsense"]).exit_code == 2


@pytest.mark.parametrize("command", ["analyze", "score", "train", "assign", "export", "inspect", "compare", "evaluate"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"cxtext {command} " in " ".join(done.output.split())
