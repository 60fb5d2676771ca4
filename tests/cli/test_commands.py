"""The other commands through their runner, on a run, a model and a few small files made for the purpose."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cxtext.cli.app import ROOMS, app, build, needed

SAMPLE = Path(__file__).resolve().parents[2] / "sample_reviews"
Call = Callable[..., Result]


def call(*arguments: object, status: int = 0) -> Result:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == status, done.output
    return done


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    call("analyze", SAMPLE, "-o", folder, "--quiet")
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    call("train", SAMPLE / "app_reviews.csv", "--model", "apps", "--models-dir", folder, "--quiet")
    return folder


TEXTS = [
    "Great app, love it!",
    "The app crashes EVERY time I open it :(",
    "",
    "Kindly refund my money",
    '=HYPERLINK("http://x","click")',
    'Ünïcode – and a line\nbreak, with "quotes"',
]


@pytest.fixture
def scored_input(tmp_path: Path) -> Path:
    file = tmp_path / "in.csv"
    pd.DataFrame({"no": range(len(TEXTS)), "text": TEXTS, "sentiment": "mine"}).to_csv(file, index=False)
    return file


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_score_gives_one_row_out_per_row_in_the_same_order(ending: str, scored_input: Path, tmp_path: Path) -> None:
    out = tmp_path / f"out.{ending}"
    call("score", scored_input, "--text", "text", "-o", out, "--quiet")
    read = {
        "csv": lambda: pd.read_csv(out, keep_default_na=False),
        "tsv": lambda: pd.read_csv(out, sep="\t", keep_default_na=False),
        "jsonl": lambda: pd.read_json(out, lines=True, dtype=False, precise_float=True),
        "parquet": lambda: pd.read_parquet(out),
    }[ending]
    found = read()
    assert found["no"].astype(int).tolist() == list(range(len(TEXTS)))
    assert found["sentiment_input"].tolist() == ["mine"] * len(TEXTS)
    oracle = SentimentIntensityAnalyzer()
    for name in ("neg", "neu", "pos", "compound"):
        expected = [oracle.polarity_scores(text)[name] for text in TEXTS]
        assert found[f"vader_{name}"].astype(float).tolist() == expected
    assert found["sentiment"].astype(float).between(-1, 1).all()
    assert found["complaint"].astype(float).between(0, 1).all()
    assert found["complaint"].astype(float)[1] > 0.5 > found["complaint"].astype(float)[0]
    text = str(found["text"][4])
    assert text.startswith("'=" if ending in ("csv", "tsv") else "=")


def test_texts_that_stand_several_times_are_scored_like_each_alone(tmp_path: Path) -> None:
    once = ["Nothing.", "The lift was broken again!", "", "Kind staff :)", "Nothing"]
    often = [once[i % len(once)] for i in (0, 1, 2, 3, 4, 0, 0, 3, 2, 1, 4, 4, 0)]
    tables = []
    for name, texts in (("once", once), ("often", often)):
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(["text", *(f'"{text}"' for text in texts)]), encoding="utf-8")
        call("score", file, "--text", "text", "-o", tmp_path / f"{name}.parquet", "--quiet")
        tables.append(pq.read_table(tmp_path / f"{name}.parquet").to_pylist())
    alone = {row["text"]: row for row in tables[0]}
    assert [alone[text] for text in often] == tables[1]


def test_score_to_stdout_is_csv(scored_input: Path) -> None:
    out = call("score", scored_input, "--text", "text", "--quiet").stdout
    assert out.splitlines()[0].replace('"', "").startswith("no,text,sentiment_input,vader_neg")


def test_score_does_not_ask_for_the_scale_of_a_score(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    rows = [f"The seat was far too narrow for row {i},{i % 10 + 1},0{i % 9 + 1}/0{i % 8 + 1}/2026" for i in range(40)]
    file.write_text("\n".join(["review,overall_rating,date", *rows]), encoding="utf-8")
    call("inspect", file, status=1)  # what an analysis needs to know
    done = call("score", file)
    assert len(done.stdout.splitlines()) == 41
    assert "text = 'review'" in done.stderr
    assert "overall_rating" not in done.stderr


def test_an_unknown_table_format_is_refused_before_anything_is_written(scored_input: Path, tmp_path: Path) -> None:
    done = call("score", scored_input, "--text", "text", "-o", tmp_path / "out.docx", "--quiet", status=1)
    assert ".csv" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_assign_gives_one_row_per_unit_with_the_columns_of_the_contract(models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    call("assign", SAMPLE / "app_reviews.csv", "--model", "apps", "--models-dir", models, "-o", out, "--quiet")
    found = pd.read_csv(out, keep_default_na=False)
    assert list(found.columns) == [
        "row", "response_id", "unit", "start", "end", "text", "kind", "sentiment", "complaint",
        "pain_point", "label", "similarity", "sure",
    ]  # fmt: skip
    given = pd.read_csv(SAMPLE / "app_reviews.csv")
    assert found.row.between(0, len(given) - 1).all()
    assert (given.review_id.iloc[found.row].to_numpy() == found.response_id).all()
    assert found.groupby("row").unit.apply(lambda u: list(u) == list(range(len(u)))).all()
    assert 0.05 < (found.pain_point != "").mean() < 1
    assert ((found.pain_point == "") == (found.label == "")).all()


def test_assigning_is_the_same_in_small_chunks(models: Path, tmp_path: Path) -> None:
    for name, more in (("a.csv", []), ("b.csv", ["--chunk-rows", "97", "--jobs", "2"])):
        call(
            "assign",
            SAMPLE / "app_reviews.csv",
            "--model",
            "apps",
            "--models-dir",
            models,
            "-o",
            tmp_path / name,
            "--quiet",
            *more,
        )
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_new_dump_is_analyzed_with_a_trained_model(models: Path, tmp_path: Path) -> None:
    call(
        "analyze",
        SAMPLE / "nps_survey.csv",
        "--model",
        "apps",
        "--models-dir",
        models,
        "-o",
        tmp_path / "run",
        "--quiet",
    )
    assert json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["model"] == "apps@1"


def test_assign_needs_a_model(tmp_path: Path) -> None:
    assert "--model" in call("assign", SAMPLE / "app_reviews.csv", "-o", tmp_path / "out.csv", status=1).stderr


@pytest.mark.parametrize("format_", ["html", "md", "csv", "xlsx", "json"])
def test_a_run_is_exported(format_: str, run: Path, tmp_path: Path) -> None:
    out = tmp_path / f"report.{format_}"
    call("export", run, "--format", format_, "-o", out, "--top", "3")
    assert out.stat().st_size > 500


def test_export_refuses_what_it_cannot_do(run: Path, tmp_path: Path) -> None:
    assert "html" in call("export", run, "--format", "docx", status=1).stderr
    assert "not a run folder" in call("export", tmp_path, "--format", "md", status=1).stderr
    assert "PP-999" in call("export", run, "--format", "md", "--pain-point", "PP-999", status=1).stderr


def test_quotes_can_be_left_out(run: Path, tmp_path: Path) -> None:
    from cxtext.pipeline.exporting import load_report

    for name, more in (("with.json", []), ("without.json", ["--no-quotes"])):
        call("export", run, "--format", "json", "-o", tmp_path / name, *more)
    quotes = {e.text for row in load_report(run).pain_points for e in row.pain_point.exemplars if len(e.text) > 30}
    assert len(quotes) > 10
    kept, left_out = ((tmp_path / name).read_text(encoding="utf-8") for name in ("with.json", "without.json"))
    assert all(json.dumps(quote, ensure_ascii=False)[1:-1] in kept for quote in quotes)
    assert not any(json.dumps(quote, ensure_ascii=False)[1:-1] in left_out for quote in quotes)


def test_inspect_shows_what_would_be_read_and_changes_nothing(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "support_tickets.csv", tmp_path)
    out = call("inspect", tmp_path / "support_tickets.csv", "--quiet").stdout
    for told in ("csat", "1-5", "description", "Languages: en", "Personal data", "duplicates"):
        assert told in out
    assert [p.name for p in tmp_path.iterdir()] == ["support_tickets.csv"]
    facts = json.loads(call("inspect", tmp_path / "support_tickets.csv", "--json", "--quiet").stdout)
    assert facts["rows"] == len(pd.read_csv(tmp_path / "support_tickets.csv"))
    assert facts["personal_data"]["email"] > 0


def test_compare_arms_and_runs(run: Path) -> None:
    out = call("compare", run, "--arm", "plan", "--cutoff", "2025-07-01").stdout
    assert "difference in differences" in out
    facts = json.loads(call("compare", run, run, "--json").stdout)
    (comparison,) = facts["comparisons"]
    assert all(
        abs(row["difference"]["value"]) < 1e-9 for row in comparison["rows"] if row["difference"]["value"] is not None
    )
    assert "no category" in call("compare", run, "--arm", "nope", status=1).stderr
    assert "two runs" in call("compare", run, status=1).stderr


def test_evaluate_prints_agreement_with_labels(tmp_path: Path) -> None:
    topics = {
        "late": [
            "parcel came late",
            "delivery was delayed by a week",
            "courier never arrived",
            "package still not here",
        ],
        "rude": ["staff were rude", "the agent shouted at me", "impolite man at the desk", "clerk was unfriendly"],
    }
    towns = ["Arden", "Belmor", "Corvey", "Dunmere", "Elsmark", "Farrow", "Glenby", "Harwick", "Ilford", "Jarrow"]
    rows = [(f"{text} in {town}", label) for town in towns for label, texts in topics.items() for text in texts]
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(tmp_path / "gold.csv", index=False)
    done = call(
        "evaluate",
        tmp_path / "gold.csv",
        "--label",
        "label",
        "--text",
        "text",
        "--keep",
        "all",
        "--unit",
        "response",
        "--json",
        "--quiet",
    )
    facts = json.loads(done.stdout)
    assert facts["k_gold"] == 2
    assert facts["ami"] > 0.3
    assert (
        "theme"
        in call("evaluate", tmp_path / "gold.csv", "--label", "theme", "--text", "text", "--quiet", status=1).stderr
    )


def test_scores_of_another_file_are_joined(tmp_path: Path) -> None:
    survey = pd.read_csv(SAMPLE / "nps_survey.csv")
    survey[["customer_id", "date", "nps"]].to_csv(tmp_path / "nps.csv", index=False)
    tickets = SAMPLE / "support_tickets.csv"
    call(
        "analyze",
        tickets,
        "--scores",
        tmp_path / "nps.csv",
        "--on",
        "customer_id",
        "--within",
        "90d",
        "-o",
        tmp_path / "run",
        "--quiet",
    )
    found = pd.read_parquet(tmp_path / "run" / "responses.parquet")
    assert 0.2 < found["metric:nps"].notna().mean() < 0.8
    row = found[found["metric:nps"].notna()].iloc[0]
    near = survey[survey.customer_id == row.customer].copy()
    near["lag"] = (pd.to_datetime(near.date) - row.date).abs()
    near = near[near.nps.notna()].sort_values("lag") if near.nps.notna().any() else near
    assert row["metric:nps"] in set(near[near.lag == near.lag.min()].nps)
    assert (
        "--within"
        in call(
            "analyze", tickets, "--scores", tmp_path / "nps.csv", "--on", "customer_id", "--within", "soon", status=1
        ).stderr
    )
    assert "nobody" in call("analyze", tickets, "--scores", tmp_path / "nps.csv", "--on", "nobody", status=1).stderr


def test_a_reversed_score_is_reported_with_the_flag_that_mends_it() -> None:
    done = call("analyze", SAMPLE / "app_reviews.csv", "--outcome", "rating:number:low-good:1-5")
    assert "looks reversed" in done.stderr
    assert "rating:number:high-good" in done.stderr
    assert "looks reversed" not in call("analyze", SAMPLE / "app_reviews.csv").stderr


def test_learned_sentiment_tells_how_well_it_agrees() -> None:
    assert "VADER alone" in call("analyze", SAMPLE / "app_reviews.csv").stderr


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "cxtext", "--version"], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("cxtext ")


@pytest.mark.parametrize(
    ("arguments", "rooms"),
    [
        (["score", "--help"], ("score",)),
        (["--help"], ROOMS),
        ([], ROOMS),
        (["scor"], ROOMS),
        (["--version", "score"], ROOMS),
    ],
)
def test_only_the_room_of_the_command_is_loaded(arguments: list[str], rooms: tuple[str, ...]) -> None:
    assert tuple(needed(arguments)) == rooms


def test_one_room_alone_answers_as_the_whole_house() -> None:
    runner = CliRunner()
    for room in ROOMS:
        alone, whole = (runner.invoke(each, [room, "--help"]) for each in (build([room]), app))
        assert (alone.exit_code, alone.stdout) == (whole.exit_code, whole.stdout)
