"""Flags, configuration file and defaults become one set of options; flags win."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import cxtext
from cxtext.cli.app import app
from cxtext.cli.options import asked
from cxtext.errors import RequestError
from cxtext.settings import Settings, checked_options, kinds, options
from cxtext.values import Written


def test_nothing_given_means_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CXTEXT_MODELS", raising=False)
    got = asked({"text": None, "jobs": None, "segments": []})
    assert got.settings == Settings()
    assert got.declared.text is None
    assert got.declared.segments == ()


def test_a_flag_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cxtext.toml").write_text(
        'text = "review"\nmin-cell = 25\nsegment = ["plan", "country"]\njobs = 3\n', encoding="utf-8"
    )
    got = asked({"text": "comment", "jobs": None})
    assert (got.declared.text, got.declared.segments) == ("comment", ("plan", "country"))
    assert (got.settings.min_cell, got.settings.jobs) == (25, 3)


def test_the_environment_names_the_models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXTEXT_MODELS", "elsewhere")
    assert asked({}).settings.models_dir == "elsewhere"
    assert asked({"models_dir": "here"}).settings.models_dir == "here"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"unit": "word"}, "expected sentence or clause or response, as in --unit sentence"),
        ({"keep": "some"}, "expected complaints or all"),
        ({"n_clusters": "many"}, "auto, or a whole number"),
        ({"n_clusters": "1"}, "from 2 on"),
        ({"min_cell": 0}, "from 1 on, as in --min-cell 1"),
        ({"config": "nowhere.toml"}, "no such configuration file"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    given: dict[str, object], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=told):
        asked(dict(given))


@pytest.mark.parametrize(
    ("text", "told"), [("text = ", "not a readable TOML"), ("colour = 'red'", "no setting 'colour'")]
)
def test_a_wrong_configuration_file_is_refused(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cxtext.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=told):
        asked({})


@pytest.mark.parametrize(("value", "number"), [("auto", None), ("12", 12), (None, None), (40, 40)])
def test_the_number_of_clusters(
    value: object, number: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert asked({"n_clusters": value}).settings.n_clusters == number


EXAMPLES = {
    # what stands in the file -> what the line says of it
    'jobs = "3"': 'jobs = "3": expected a whole number from 0 on, as in jobs = 3',
    "jobs = 2.5": "jobs = 2.5: expected a whole number from 0 on, as in jobs = 0",
    "jobs = true": "jobs = true: expected a whole number",
    "jobs = -1": "jobs = -1: expected a whole number from 0 on",
    "text = 5": 'text = 5: expected one text, as in text = "5"',
    'text = ["a", "b"]': 'expected one text, as in text = "a"',
    "date = 2026-05-01": 'expected one text, as in date = "2026-05-01"',
    'outcome = "nps:number:high-good"': 'expected a list of texts, as in outcome = ["nps:number:high-good"]',
    "segment = [1, 2]": 'expected a list of texts, as in segment = ["1", "2"]',
    'quiet = "yes"': 'quiet = "yes": expected true or false, as in quiet = true',
    "unit = 3": 'unit = 3: expected sentence or clause or response, as in unit = "sentence"',
    'unit = "sentences"': 'as in unit = "sentence"',
    "min-cell = [10]": "min-cell = [10]: expected a whole number from 1 on",
    "n-clusters = 1": "expected auto, or a whole number from 2 on",
    "[text]\nname = 1": "expected one text",
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_value_of_the_wrong_type_in_the_file_is_one_line(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cxtext.toml").write_text(text + "\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["analyze", "nowhere.csv"])
    assert done.exit_code == 1, done.output
    assert done.stderr.startswith("cxtext: cxtext.toml: "), done.stderr
    assert EXAMPLES[text] in done.stderr
    assert len(done.stderr.splitlines()) == 1


WRONG = (object(), 3.5, {"a": 1}, [[1]], [object()], b"bytes")


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_option_refuses_what_its_type_is_not(name: str) -> None:
    for value in WRONG:
        with pytest.raises(RequestError, match=f"{name}=.* expected .*, as in {name}="):
            cxtext.analyze("nowhere.csv", **{name: value})


def test_the_types_that_python_has_for_the_same_thing_are_taken() -> None:
    given = {"segments": ["plan"], "models_dir": Path("here"), "jobs": np.int64(2), "n_clusters": "auto"}
    declared, settings = options(checked_options(given, Written.in_python()))
    assert declared.segments == ("plan",)
    assert (settings.models_dir, settings.jobs, settings.n_clusters) == ("here", 2, None)
    assert type(settings.jobs) is int
    with pytest.raises(RequestError, match="given twice"):
        checked_options({"segments": ["plan"], "segment": ["plan"]}, Written.in_python())
