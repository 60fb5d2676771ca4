"""Flags, configuration file and defaults become one set of options; flags win."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxtext.cli.options import asked
from cxtext.errors import RequestError
from cxtext.settings import Settings


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
        ({"unit": "word"}, "choose sentence or clause or response"),
        ({"keep": "some"}, "choose complaints or all"),
        ({"n_clusters": "many"}, "auto, or a whole number"),
        ({"n_clusters": "1"}, "from 2 on"),
        ({"min_cell": 0}, "at least 1"),
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
