"""Models that last: the same data gives the same bytes, ids outlive retraining, decisions outlive everything."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from cxtext.errors import InputError, ModelError, RequestError
from cxtext.pipeline import training, versions, wordvectors
from cxtext.pipeline.analysis import analyze
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.rows import assign
from cxtext.pipeline.training import train
from cxtext.settings import Declared, Settings
from cxtext.store import arrays, registry, shipped
from cxtext.store.codebook import beside, decide, edited, plant, split_off
from cxtext.store.manifest import read_json, read_manifest

KEPT = Path(__file__).resolve().parents[1] / "data" / "models"
TEXT = Declared(text="comment")
GOOD = {"coverage": 0.9, "stability": 0.8, "agreement": 0.6}


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


feedback = _load("feedback")
OLD = feedback.old_subjects


class Bench:
    """A models folder, and short ways to train and to look at what came out."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.models = folder, folder / "models"
        self.settings = Settings(model="demo", models_dir=str(self.models), jobs=1)

    def train(self, texts: list[str], shuffle: int | None = None, **more: Any) -> list[str]:
        file = feedback.write(self.folder / "in.csv", *texts, shuffle=shuffle)
        return train([file], TEXT, self.settings, Progress(), **more)

    def assigned(self, texts: list[str], **settings: Any) -> dict[str, tuple[str, str]]:
        """(id, label) of each text; these texts are one sentence each."""
        file, out = feedback.write(self.folder / "new.csv", *texts), self.folder / "out.parquet"
        assign(
            [file],
            TEXT,
            Settings(**{"model": "demo", "models_dir": str(self.models), "jobs": 1, **settings}),
            Progress(),
            out,
        )
        rows = pq.read_table(out).to_pylist()
        return {texts[r["row"]]: (r["pain_point"] or "", r["label"] or "") for r in rows}

    def model(self, spec: str = "demo") -> Any:
        return arrays.read_model(Path(registry.resolve(self.models, spec).clusters))

    def place(self, version: int) -> Path:
        return self.models / "demo" / str(version)

    def edited(self) -> Any:
        return edited(beside(self.models, "demo"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One version, trained once; tests that use it don't write."""
    bench = Bench(tmp_path_factory.mktemp("trained"))
    bench.train(OLD(50))
    return bench


def common(found: dict[str, tuple[str, str]], subject: str) -> str:
    """The id that most texts of a subject have."""
    ids = [found[t][0] for t in feedback.complaints(subject, 100) if t in found]
    return max(sorted(set(ids)), key=ids.count)


def test_the_same_data_gives_the_same_files_in_any_order(bench: Bench) -> None:
    bench.train(OLD(40))
    told = bench.train(OLD(40), shuffle=4)
    assert "kept" in told[0]
    assert "new" not in told[0]
    bench.train(OLD(40), fresh=True)
    other = Bench(bench.folder / "other")
    other.folder.mkdir()
    other.train(OLD(40), shuffle=9)
    first = (bench.place(1) / "clusters.npz").read_bytes()
    assert (bench.place(2) / "clusters.npz").read_bytes() == first
    assert (other.place(1) / "clusters.npz").read_bytes() == first
    for name in bench.model("demo@1").arrays:
        np.testing.assert_array_equal(bench.model("demo@1").arrays[name], bench.model("demo@3").arrays[name])
    assert [p.id for p in bench.model("demo@3").pain_points] == [p.id for p in bench.model("demo@1").pain_points]


def test_a_new_subject_opens_one_pain_point_and_the_others_keep_their_ids(bench: Bench) -> None:
    bench.train(OLD(50))
    before = bench.assigned(OLD(50))
    told = bench.train([*OLD(50), *feedback.complaints("breakfast", 50)])
    new = {p.id for p in bench.model().pain_points} - {p.id for p in bench.model("demo@1").pain_points}
    assert len(new) == 1
    after = bench.assigned([*OLD(50), *feedback.complaints("breakfast", 50)])
    assert common(after, "breakfast") in new
    both = [t for t in before if before[t][0] and after[t][0]]
    assert sum(before[t] == after[t] for t in both) >= 0.95 * len(both)
    assert any(line.strip().startswith("new") and "breakfast" in line for line in told)
    lineage = read_json(bench.place(2) / "lineage.json")
    assert lineage["from"] == 1
    assert {c["id"] for c in lineage["changes"] if c["change"] == "new"} == new


def test_more_of_the_same_keeps_the_ids(bench: Bench) -> None:
    bench.train(OLD(60))
    before = bench.assigned(OLD(80))
    bench.train(OLD(80))
    after = bench.assigned(OLD(80))
    both = [t for t in before if before[t][0] and after[t][0]]
    assert len(both) > 200
    assert sum(before[t][0] == after[t][0] for t in both) >= 0.95 * len(both)


def test_a_fresh_start_carries_ids_by_what_both_do_with_the_same_texts(bench: Bench) -> None:
    bench.train(OLD(50))
    before = bench.assigned(OLD(60))
    bench.train([*OLD(60), *feedback.complaints("breakfast", 60)], fresh=True)
    after = bench.assigned(OLD(60))
    assert read_manifest(bench.place(2))["fresh"] is True
    for subject in ("password", "invoice", "hold", "zip"):
        assert common(before, subject) == common(after, subject)


def test_what_is_gone_is_retired_and_its_number_never_comes_back(bench: Bench) -> None:
    bench.train(OLD(40))
    zip_id = common(bench.assigned(OLD(40)), "zip")
    told = bench.train([t for s in ("parcel", "password", "invoice", "hold") for t in feedback.complaints(s, 60)])
    assert any(line.strip().startswith(f"retired  {zip_id}") for line in told)
    bench.train([*OLD(40), *feedback.complaints("breakfast", 60)])
    assert zip_id not in {p.id for p in bench.model().pain_points}


def test_a_pinned_pain_point_survives(bench: Bench) -> None:
    bench.train(OLD(40))
    zip_id = common(bench.assigned(OLD(40)), "zip")
    with bench.edited() as document:
        decide(document, zip_id, pin=True)
    without = [t for s in ("parcel", "password", "invoice", "hold") for t in feedback.complaints(s, 60)]
    for fresh in (False, True):
        bench.train(without, fresh=fresh)
        assert zip_id in {p.id for p in bench.model().pain_points}
        found = bench.assigned(feedback.complaints("zip", 30))
        assert common(found, "zip") == zip_id


def test_decisions_survive_three_retrainings(bench: Bench) -> None:
    bench.train(OLD(40))
    first = bench.assigned(OLD(40))
    ids = {s: common(first, s) for s in ("password", "invoice", "hold", "zip")}
    assert len(set(ids.values())) == 4
    with bench.edited() as document:
        decide(document, ids["password"], label="Can't get in", owner="identity team")
        decide(document, ids["invoice"], merge_into=ids["hold"])
        decide(document, ids["zip"], ignore=True)
        plant(
            document,
            "breakfast",
            "Breakfast",
            ["hotel breakfast", "buffet", "scrambled eggs"],
            ["The coffee at breakfast was cold."],
        )
        decide(document, "PP-999", label="No such thing")
    before = beside(bench.models, "demo").read_bytes()
    batches = (
        OLD(55),
        [*OLD(60), *feedback.complaints("breakfast", 6)],
        [*OLD(70), *feedback.complaints("breakfast", 60)],
    )
    for batch in batches:
        told = bench.train(batch)
        assert any(f"{ids['password']} Can't get in" in line for line in told)
        assert any("codebook: PP-999" in line and "doesn't fit" in line for line in told)
        found = bench.assigned([*OLD(40), *feedback.complaints("breakfast", 40)])
        assert found[feedback.complaints("password", 1)[0]] == (ids["password"], "Can't get in")
        assert common(found, "invoice") == common(found, "hold") == ids["hold"]
        assert ids["zip"] not in {id_ for id_, _ in found.values()}
        assert common(found, "zip") == ""
        assert common(found, "breakfast") == "breakfast"
        assert {label for id_, label in found.values() if id_ == "breakfast"} == {"Breakfast"}
    assert beside(bench.models, "demo").read_bytes() == before


def test_an_edit_of_one_pain_point_leaves_the_others_alone(trained: Bench, tmp_path: Path) -> None:
    texts = OLD(60)
    before = trained.assigned(texts)
    target = common(before, "hold")
    book = tmp_path / "book.toml"
    with edited(book) as document:
        decide(document, target, label="Phone")
        split_off(document, target, "music", "Hold music", ["music", "plays mus*"])
    after = trained.assigned(texts, codebook=str(book))
    for text in texts:
        if before[text][0] != target:
            assert after[text] == before[text]
        elif "music" in text:
            assert after[text] == (f"{target}.music", "Hold music")
        else:
            assert after[text] == (target, "Phone")
    assert any(id_.endswith(".music") for id_, _ in after.values())


def test_a_worse_version_is_kept_but_not_promoted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.train(OLD(40))
    monkeypatch.setattr(versions, "MARGINS", {"coverage": -0.5})
    told = bench.train(OLD(50))
    assert told[-1].startswith("demo@2 is kept but not promoted: coverage fell from")
    assert registry.resolve(bench.models, "demo").version == 1
    assert read_manifest(bench.place(2))["why_not_promoted"]
    monkeypatch.undo()
    bench.train(OLD(50))
    assert (registry.resolve(bench.models, "demo").version, read_manifest(bench.place(3))["parent"]) == (3, 1)


@pytest.mark.parametrize(
    ("now", "before", "reasons"),
    [
        (
            {"coverage": 0.9, "stability": 0.8, "agreement": 0.6},
            {"coverage": 0.9, "stability": 0.8, "agreement": 0.6},
            0,
        ),
        (
            {"coverage": 0.86, "stability": 0.71, "agreement": 0.56},
            {"coverage": 0.9, "stability": 0.8, "agreement": 0.6},
            0,
        ),
        (
            {"coverage": 0.84, "stability": 0.69, "agreement": 0.54},
            {"coverage": 0.9, "stability": 0.8, "agreement": 0.6},
            3,
        ),
        ({"coverage": 0.5}, {}, 0),
        ({"coverage": 0.5, "agreement": None}, {"coverage": 0.8, "agreement": 0.7}, 1),
        ({"stability": 0.2}, {"stability": float("nan")}, 0),
    ],
)
def test_what_counts_as_worse(now: dict[str, Any], before: dict[str, Any], reasons: int) -> None:
    assert len(versions.worse(now, before)) == reasons


def test_refusals_come_before_any_version(bench: Bench) -> None:
    with pytest.raises(RequestError, match="leave @3 out"):
        train(["x.csv"], TEXT, Settings(model="demo@3", models_dir=str(bench.models)), Progress())
    with pytest.raises(InputError):
        train([str(bench.folder / "nowhere.csv")], TEXT, bench.settings, Progress())
    assert not bench.models.exists() or list(bench.models.iterdir()) == []
    with registry.writing(bench.models, "demo"), pytest.raises(ModelError, match="working on this model"):
        training.writing(bench.models, "demo", 0).__enter__()


def test_assigning_gives_what_training_gave(trained: Bench) -> None:
    lineage = read_json(trained.place(1) / "lineage.json")
    found = [id_ for id_, _ in trained.assigned(OLD(50)).values()]
    # near-copies count once in training, so no pain point can have fewer units here than it had there
    for change in lineage["changes"]:
        assert found.count(change["id"]) >= change["n_new"] > 0


def test_a_frozen_model_tells_whether_it_still_fits(trained: Bench, tmp_path: Path) -> None:
    same = analyze([feedback.write(tmp_path / "same.csv", *OLD(60))], TEXT, trained.settings)
    assert same.facts["drift"]["retrain"] is False
    assert same.facts["drift"]["new_phrases"] == []
    texts = [*OLD(40), *feedback.complaints("breakfast", 60)]
    other = analyze([feedback.write(tmp_path / "other.csv", *texts)], TEXT, trained.settings)
    drift = other.facts["drift"]
    assert drift["retrain"] is True
    assert "breakfast" in drift["why"]
    assert any("breakfast" in p["phrase"] for p in drift["new_phrases"])
    assert other.facts.get("codebook") is None
    assert {r.pain_point.id for r in same.pain_points} <= {p.id for p in trained.model().pain_points}


def test_the_starter_codebook_works_without_a_model(tmp_path: Path) -> None:
    file = feedback.write(tmp_path / "in.csv", *OLD(60))
    report = analyze([file], TEXT, Settings(codebook="cx", jobs=1))
    ids = {row.pain_point.id for row in report.pain_points}
    assert {"delivery", "access", "billing"} <= ids
    labels = [row.pain_point.label for row in report.pain_points]
    assert len(set(labels)) == len(labels)
    assert report.facts["codebook"]["unfitting"] == []


def test_a_model_fitted_with_the_vectors_of_another_release_speaks_for_the_words_it_knows(bench: Bench) -> None:
    bench.train(OLD(40))
    before = bench.assigned(OLD(40))
    model = bench.model()
    other = replace(model, meta=dict(model.meta) | {"vectors_mark": "another release"})
    registry.save(bench.models, "demo", other, None, read_manifest(bench.place(1)))
    assert wordvectors.vectors_of(model, str(shipped.folder())) is not None
    assert wordvectors.vectors_of(other, str(shipped.folder())) is None
    after = bench.assigned([*OLD(40), "Grumpy janitor yesterday."])
    assert after.pop("Grumpy janitor yesterday.") == ("", "")
    assert sum(before[t] == after[t] for t in before) >= 0.95 * len(before)
    report = analyze([feedback.write(bench.folder / "in.csv", *OLD(40))], TEXT, bench.settings)
    assert report.facts["drift"]["retrain"] is True
    assert "other word vectors" in report.facts["drift"]["why"]
    bench.train(OLD(40))
    assert wordvectors.vectors_of(bench.model(), str(shipped.folder())) is not None
    assert {p.id for p in bench.model().pain_points} == {p.id for p in model.pain_points}


KILLED = """
import importlib, os, signal, sys
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.training import train
from cxtext.settings import Declared, Settings
module, name = sys.argv[3].split(":")
setattr(importlib.import_module(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
train([sys.argv[1]], Declared(text="comment"), Settings(model="demo", models_dir=sys.argv[2], jobs=1), Progress())
"""
MOMENTS = {
    "before a number is given out": "cxtext.store.registry:count",
    "before the arrays are written": "cxtext.store.arrays:write_model",
    "before the manifest is written": "cxtext.store.registry:described",
    "before the files are on the disk": "cxtext.store.registry:flush",
    "before it is promoted": "cxtext.store.registry:point",
}


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_killed_training_leaves_the_version_before(moment: str, bench: Bench) -> None:
    bench.train(OLD(40))
    file = feedback.write(bench.folder / "more.csv", *OLD(60))
    done = subprocess.run([sys.executable, "-c", KILLED, file, str(bench.models), moment], check=False)
    assert done.returncode == -signal.SIGKILL
    assert registry.resolve(bench.models, "demo").version == 1
    bench.train(OLD(60))
    version = registry.resolve(bench.models, "demo").version
    assert version in (2, 3)  # a number that was given out is never given out again
    assert not [v for v in registry.versions(bench.models, "demo") if v.trouble]
    assert not list((bench.models / "demo").glob(".*.partial"))


@pytest.mark.parametrize("spec", sorted(f"{p.parent.name}@{p.name}" for p in KEPT.glob("*/[0-9]*")))
def test_models_of_earlier_commits_load_and_assign(spec: str, tmp_path: Path) -> None:
    texts = ["The parcel got lost and the courier just shrugged.", "I cannot log in with my new password."]
    file, out = feedback.write(tmp_path / "in.csv", *texts), tmp_path / "out.parquet"
    assign([file], TEXT, Settings(model=spec, models_dir=str(KEPT), jobs=1), Progress(), out)
    found = [row["label"] for row in pq.read_table(out).to_pylist()]
    assert found == ["Parcels that get lost", "changed my password"]


def test_there_are_models_of_earlier_commits() -> None:
    assert sorted(KEPT.glob("*/[0-9]*"))
