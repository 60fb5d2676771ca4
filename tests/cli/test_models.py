"""cxtext models and cxtext codebook, on a small model kept with the tests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxtext.cli.app import app

KEPT = Path(__file__).resolve().parents[1] / "data" / "models"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    shutil.copytree(KEPT, tmp_path / "models")
    return tmp_path / "models"


def run(models: Path, *arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, [*arguments, "--models-dir", str(models)])
    assert done.exit_code == status, done.output
    if status:
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1
        return done.stderr
    return done.stdout


def test_listing_and_showing(models: Path) -> None:
    assert "* kept@1" in run(models, "models", "list")
    told = run(models, "models", "show", "kept")
    assert told.startswith("kept@1: 6 pain points")
    assert "PP-001 changed my password" in told
    facts = json.loads(run(models, "models", "show", "kept@1", "--json"))
    assert (facts["name"], facts["version"], len(facts["pain_points"])) == ("kept", 1, 6)
    assert json.loads(run(models, "models", "list", "--json"))[0]["promoted"] is True
    assert "no models yet" in run(models.parent / "nothing", "models", "list")


def test_a_damaged_version_is_listed_with_its_trouble(models: Path) -> None:
    (models / "kept" / "1" / "manifest.json").write_text("{", encoding="utf-8")
    assert "damaged" in run(models, "models", "list")
    assert "damaged" in run(models, "models", "show", "kept", status=1)


def test_versions_side_by_side(models: Path) -> None:
    texts = models.parent / "in.csv"
    who = ("The parcel", "My order", "The express delivery", "Their courier's package", "A shipment of mine")
    what = ("got lost at the depot", "arrived two weeks late", "was crushed and wet", "never reached my door")
    lines = [f"{a} {b} and nobody in support cares." for a in who for b in what]
    texts.write_text("comment\n" + "\n".join(lines), encoding="utf-8")
    run(models, "train", str(texts), "--text", "comment", "--model", "kept", "--n-clusters", "2", "--jobs", "1")
    version = 2
    told = run(models, "models", "diff", f"kept@{version}")
    assert told.startswith(f"kept@1 -> kept@{version}:")
    assert json.loads(run(models, "models", "diff", f"kept@{version}", "--json"))
    assert "by id" in run(models, "models", "diff", f"kept@{version}", "kept@1")
    assert "trained from nothing" in run(models, "models", "diff", "kept@1", status=1)
    run(models, "models", "promote", f"kept@{version}")
    assert "promote another one first" in run(models, "models", "remove", f"kept@{version}", status=1)
    assert run(models, "models", "rollback", "kept").startswith("kept is now kept@1")
    run(models, "models", "remove", f"kept@{version}")
    assert "earliest" in run(models, "models", "rollback", "kept", status=1)
    run(models, "models", "remove", "kept", "--all")
    assert not list(models.glob("*kept*"))


def test_handing_a_model_on(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.cxmodel"
    run(models, "models", "export", "kept", "-o", str(file))
    there = tmp_path / "there"
    assert "kept@1 is in" in run(there, "models", "import", str(file))
    assert "theirs@1" in run(there, "models", "import", str(file), "--as", "theirs")
    assert "Parcels that get lost" in run(there, "codebook", "show", "theirs")
    file.write_bytes(file.read_bytes()[:-50])
    assert "damaged" in run(there, "models", "import", str(file), status=1)


def test_deciding(models: Path) -> None:
    run(models, "codebook", "rename", "kept", "PP-001", "Can't get in")
    run(models, "codebook", "note", "kept", "PP-001", "Since the move", "--owner", "identity team")
    run(models, "codebook", "merge", "kept", "PP-006", "PP-005")
    run(
        models,
        "codebook",
        "split",
        "kept",
        "PP-002",
        "music",
        "--words",
        "music",
        "--words",
        "hold mus*",
        "--label",
        "Music",
    )
    run(models, "codebook", "ignore", "kept", "PP-003")
    run(models, "codebook", "pin", "kept", "PP-002")
    run(models, "codebook", "seed", "kept", "breakfast", "--words", "cold coffee", "--example", "The eggs were cold.")
    run(models, "codebook", "merge", "kept", "PP-004", "breakfast")
    told = run(models, "codebook", "show", "kept")
    for line in (
        'PP-001 (trained as changed my password): "Can\'t get in"; owner identity team; note: Since the move',
        "merged into PP-005", 'PP-002.music "Music" by music, hold mus*', "ignored", "pinned",
        'breakfast: seed "breakfast" by cold coffee, The eggs were cold.', "merged into breakfast",
    ):  # fmt: skip
        assert line in told
    assert "DOESN'T FIT" not in told
    file = models / "kept" / "codebook.toml"
    assert file.read_text(encoding="utf-8").startswith("# Decisions that must still apply")
    for undo in (
        ("rename", "PP-001"), ("note", "PP-001"), ("merge", "PP-006"), ("split", "PP-002", "music"),
        ("ignore", "PP-003"), ("pin", "PP-002"), ("merge", "PP-004"), ("seed", "breakfast"),
    ):  # fmt: skip
        run(models, "codebook", undo[0], "kept", *undo[1:], "--undo")
    left = run(models, "codebook", "show", "kept")
    assert "1 pain points decided on, 0 seeds" in left


def test_what_fits_nothing_is_shown(models: Path) -> None:
    file = models / "kept" / "codebook.toml"
    file.write_text('[pain_points.PP-099]\nlabel = "Gone"\n', encoding="utf-8")
    assert "DOESN'T FIT: the model has no such pain point now" in run(models, "codebook", "show", "kept")
    run(models, "codebook", "rename", "kept", "PP-001", "Login")
    assert 'label = "Gone"' in file.read_text(encoding="utf-8")


def test_a_seed_before_any_training(models: Path) -> None:
    assert "no codebook and no trained version yet" in run(models, "codebook", "show", "fresh")
    run(models, "codebook", "seed", "fresh", "lifts", "--words", "lift", "--label", "Lifts")
    assert 'lifts: seed "Lifts" by lift' in run(models, "codebook", "show", "fresh")
    assert "no trained version and no seed" in run(models, "codebook", "rename", "fresh", "PP-001", "x", status=1)
    run(models, "codebook", "rename", "fresh", "lifts", "Lifts and stairs")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("models", "show", "nothing"), "there is no model 'nothing'"),
        (("models", "show", "../kept"), "can't name a model"),
        (("models", "show", "kept@9"), "there is no kept@9"),
        (("models", "promote", "kept"), "promote which version"),
        (("models", "remove", "kept"), "remove which version"),
        (("models", "import", "nowhere.cxmodel"), "no such file"),
        (("codebook", "rename", "kept", "PP-001"), "takes a new name, or --undo"),
        (("codebook", "rename", "kept", "PP-099", "x"), "no pain point 'PP-099'"),
        (("codebook", "merge", "kept", "PP-001"), "merge takes two"),
        (("codebook", "merge", "kept", "PP-001", "PP-001"), "merge takes two"),
        (("codebook", "merge", "kept", "PP-001", "PP-099"), "no pain point 'PP-099'"),
        (("codebook", "split", "kept", "PP-001", "x"), "takes --words"),
        (("codebook", "split", "kept", "PP-001", "a b", "--words", "w"), "can't be an id"),
        (("codebook", "seed", "kept", "PP-001", "--words", "w"), "can't be an id"),
        (("codebook", "seed", "kept", "lifts"), "takes --words or --example"),
        (("codebook", "show", "kept@1"), "belongs to all versions"),
        (("codebook", "ignore", "../kept", "PP-001"), "can't name a model"),
    ],
)
def test_refusals_are_one_line_and_change_nothing(arguments: tuple[str, ...], told: str, models: Path) -> None:
    before = {p: p.read_bytes() for p in models.rglob("*") if p.is_file()}
    assert told in run(models, *arguments, status=1)
    after = {p: p.read_bytes() for p in models.rglob("*") if p.is_file() and not p.name.startswith(".")}
    assert after == before


def test_what_people_called_a_pain_point_is_shown(models: Path) -> None:
    run(models, "codebook", "rename", "kept", "PP-001", "Can't get in")
    assert "PP-001 Can't get in (trained as changed my password; " in run(models, "models", "show", "kept")
    assert "PP-004 Parcels that get lost (trained as " in run(models, "models", "show", "kept@1")
    facts = json.loads(run(models, "models", "show", "kept", "--json"))["pain_points"]
    named = {p["id"]: (p["label"], p["trained_label"]) for p in facts}
    assert named["PP-001"] == ("Can't get in", "changed my password")
    run(models, "codebook", "rename", "kept", "PP-001", "--undo")
    assert "PP-001 changed my password (" in run(models, "models", "show", "kept")


@pytest.mark.parametrize(("model", "told"), [(None, "cxtext train INPUT --model NAME"), ("kept@1", "made with kept")])
@pytest.mark.parametrize("place", ["run", "deep/run"])
def test_a_run_folder_has_no_codebook(
    model: str | None, told: str, place: str, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(models.parent)
    Path(place).mkdir(parents=True)
    (Path(place) / "run.json").write_text(
        json.dumps({"kind": "cxtext run", "format": 1, "model": model}), encoding="utf-8"
    )
    for arguments in (("rename", place, "PP-035", "Late"), ("ignore", place, "PP-035"), ("show", place)):
        said = run(models, "codebook", *arguments, status=1)
        assert "is a run folder" in said
        assert "need a trained model" in said
        assert told in said
    assert sorted(p.name for p in models.iterdir()) == ["README.md", "kept"]
