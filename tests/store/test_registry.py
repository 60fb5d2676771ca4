"""Versions appear whole or not at all, the promoted one is never lost, and nothing in a model's folder can run code."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cxtext.errors import CxtextError, ModelError, OutputError, RequestError
from cxtext.schema import ClusterModel, PainPoint
from cxtext.store import arrays, registry
from cxtext.store.codebook import edited
from cxtext.store.lock import locked
from cxtext.store.manifest import split_spec

MANIFEST = {"unit": "sentence", "keep": "complaints", "quality": {"coverage": 0.8}}
LEARNED = ({"coef": np.arange(4.0)}, {"used": True})


def model(k: int = 2) -> ClusterModel:
    points = tuple(PainPoint(f"PP-{j + 1:03d}", f"thing {j}", (f"word{j}",)) for j in range(k))
    return ClusterModel({"centres": np.eye(k, 3, dtype=np.float32)}, {"next_id": k + 1}, points)


def make(models: Path, name: str = "demo", n: int = 1, **more: object) -> int:
    version = 0
    for _ in range(n):
        version = registry.save(models, name, model(), LEARNED, {**MANIFEST, **more})
    return version


def test_a_saved_version_is_the_promoted_one_and_comes_back(tmp_path: Path) -> None:
    assert make(tmp_path) == 1
    assert make(tmp_path) == 2
    files = registry.resolve(tmp_path, "demo")
    assert (files.name, files.version, files.unit, files.keep) == ("demo", 2, "sentence", "complaints")
    assert [p.id for p in arrays.read_model(Path(files.clusters)).pain_points] == ["PP-001", "PP-002"]
    assert files.learned is not None
    assert registry.resolve(tmp_path, "demo@1").version == 1
    assert sorted(p.name for p in (tmp_path / "demo" / "2").iterdir()) == [
        "clusters.npz",
        "learned.npz",
        "manifest.json",
    ]


def test_the_same_model_gives_the_same_files(tmp_path: Path) -> None:
    make(tmp_path, n=2)
    for name in ("clusters.npz", "learned.npz"):
        assert (tmp_path / "demo" / "1" / name).read_bytes() == (tmp_path / "demo" / "2" / name).read_bytes()


def test_a_version_may_wait_for_promotion(tmp_path: Path) -> None:
    make(tmp_path)
    assert registry.save(tmp_path, "demo", model(), None, MANIFEST, promote_it=False) == 2
    assert registry.resolve(tmp_path, "demo").version == 1
    assert [(v.number, v.promoted) for v in registry.versions(tmp_path)] == [(1, True), (2, False)]
    assert registry.promote(tmp_path, "demo@2") == 2
    assert registry.resolve(tmp_path, "demo").version == 2
    assert registry.rollback(tmp_path, "demo") == (2, 1)
    with pytest.raises(ModelError, match="earliest"):
        registry.rollback(tmp_path, "demo")


def keep_unpromoted(folder: Path) -> int:
    manifest = {**MANIFEST, "why_not_promoted": ["coverage fell"]}
    return registry.save(folder, "demo", model(), None, manifest, promote_it=False)


def test_going_back_goes_to_the_version_promoted_before(tmp_path: Path) -> None:
    make(tmp_path)
    keep_unpromoted(tmp_path)
    make(tmp_path)
    assert registry.rollback(tmp_path, "demo") == (3, 1), "2 was never promoted"
    make(tmp_path)
    registry.promote(tmp_path, "demo@3")
    assert registry.rollback(tmp_path, "demo") == (3, 4)
    assert registry.rollback(tmp_path, "demo") == (4, 1)
    with pytest.raises(ModelError, match="earliest version that was promoted"):
        registry.rollback(tmp_path, "demo")


@pytest.mark.parametrize("older", [False, True], ids=["", "a model of an earlier cxtext"])
def test_a_version_that_was_never_promoted_takes_no_good_one_back(older: bool, tmp_path: Path) -> None:
    make(tmp_path, n=2)
    assert keep_unpromoted(tmp_path) == 3
    if older:
        (tmp_path / "demo" / ".promotions.json").unlink()
    with pytest.raises(RequestError, match=r"demo@3 was never promoted.* demo@2 stays; .* models promote demo@1"):
        registry.rollback(tmp_path, "demo")
    assert registry.promoted(tmp_path, "demo") == 2
    registry.remove(tmp_path, "demo@3")
    assert registry.rollback(tmp_path, "demo") == (2, 1)


def test_models_of_an_earlier_version_go_back_along_their_parents(tmp_path: Path) -> None:
    make(tmp_path, n=2)
    make(tmp_path, parent=1)
    (tmp_path / "demo" / ".promotions.json").unlink()
    assert registry.rollback(tmp_path, "demo") == (3, 1)


def test_removing(tmp_path: Path) -> None:
    make(tmp_path, n=2)
    with pytest.raises(RequestError, match="promote another one first"):
        registry.remove(tmp_path, "demo@2")
    with pytest.raises(RequestError, match="which version"):
        registry.remove(tmp_path, "demo")
    registry.promote(tmp_path, "demo@1")
    registry.remove(tmp_path, "demo@2")
    assert registry.numbers(tmp_path / "demo") == [1]
    assert make(tmp_path) == 3, "a number is never used twice"
    registry.remove(tmp_path, "demo", everything=True)
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_pain_points_are_never_used_twice(tmp_path: Path) -> None:
    assert registry.next_id(tmp_path, "demo") == 1
    registry.save(tmp_path, "demo", model(6), None, MANIFEST)
    registry.save(tmp_path, "demo", model(2), None, MANIFEST)
    assert registry.next_id(tmp_path, "demo") == 7


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "../demo",
        "/etc",
        "a/b",
        "a\\b",
        ".hidden",
        "-flag",
        "a b",
        "a\n",
        "é",
        "x" * 65,
        "con",
        "NUL.txt",
        "demo.",
        "demo@",
        "demo@0",
        "demo@-1",
        "demo@1/..",
        "demo@two",
        "demo@²",
        "demo@1@2",
    ],
)
def test_names_that_could_be_anything_else_are_refused(spec: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as told:
        registry.resolve(tmp_path, spec)
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("spec", "parts"), [("a", ("a", None)), ("support-2026.v1", ("support-2026.v1", None)), ("x_1@12", ("x_1", 12))]
)
def test_names_as_people_give_them(spec: str, parts: tuple[str, int | None]) -> None:
    assert split_spec(spec) == parts


@pytest.mark.parametrize("spec", ["none", "demo@9"])
def test_what_is_not_there_is_told(spec: str, tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(ModelError, match="there is no"):
        registry.resolve(tmp_path, spec)


class Trap:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.file,)


def damage(place: Path, kind: str, sprung: Path) -> None:
    clusters, manifest = place / "clusters.npz", place / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    if kind == "truncated":
        clusters.write_bytes(clusters.read_bytes()[:-9])
    elif kind == "one bit":
        whole = bytearray(clusters.read_bytes())
        whole[len(whole) // 2] ^= 1
        clusters.write_bytes(whole)
    elif kind == "pickle":
        clusters.write_bytes(pickle.dumps(Trap(sprung)))
    elif kind == "gone":
        clusters.unlink()
    elif kind == "link":
        target = place.parent / "elsewhere.npz"
        clusters.rename(target)
        clusters.symlink_to(target)
    elif kind == "slipped in":
        told["files"].pop("learned.npz")
    elif kind == "manifest cut":
        manifest.write_bytes(manifest.read_bytes()[:40])
    elif kind == "manifest deep":
        manifest.write_text("[" * 200_000, encoding="utf-8")
    elif kind == "later format":
        told["format"] = 99
    elif kind == "foreign":
        told = {"name": "somebody else's", "format": 1}
    elif kind == "path trick":
        told["files"]["../../demo.npz"] = {"sha256": "0" * 64, "bytes": 1}
    elif kind == "list":
        told = [1, 2]
    elif kind == "unit":
        told["unit"] = {"a": 1}
    if not kind.startswith("manifest"):
        manifest.write_text(json.dumps(told), encoding="utf-8")


KINDS = [
    "truncated",
    "one bit",
    "pickle",
    "gone",
    "link",
    "slipped in",
    "manifest cut",
    "manifest deep",
    "later format",
    "foreign",
    "path trick",
    "list",
    "unit",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_or_hostile_version_is_one_line_and_runs_nothing(kind: str, tmp_path: Path) -> None:
    models, sprung = tmp_path / "models", tmp_path / "sprung"
    make(models, n=2)
    damage(models / "demo" / "2", kind, sprung)
    with pytest.raises(ModelError) as told:
        registry.resolve(models, "demo")
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 300 + len(str(tmp_path))
    assert not sprung.exists()
    assert [v.number for v in registry.versions(models)] == [1, 2], "the list still shows it"
    assert registry.rollback(models, "demo") == (2, 1)
    assert registry.resolve(models, "demo").version == 1


def test_a_damaged_pointer_is_told(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "demo" / "current").write_text("../../etc", encoding="utf-8")
    with pytest.raises(ModelError, match="promote demo@V"):
        registry.resolve(tmp_path, "demo")


def test_a_damaged_version_is_not_promoted(tmp_path: Path) -> None:
    make(tmp_path, n=2)
    damage(tmp_path / "demo" / "1", "one bit", tmp_path)
    with pytest.raises(ModelError, match="damaged"):
        registry.promote(tmp_path, "demo@1")
    assert registry.resolve(tmp_path, "demo").version == 2


# ------------------------------------------------------------------------------------------- locks and kills


def python(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_name_at_work_is_refused_and_another_one_is_not(tmp_path: Path) -> None:
    with registry.writing(tmp_path, "demo"):
        with (
            pytest.raises(ModelError, match=f"process {os.getpid()} is working on this model"),
            locked(tmp_path / "demo", 0),
        ):
            pass
        make(tmp_path, "other")
    make(tmp_path)
    assert registry.resolve(tmp_path, "demo").version == 1


def test_a_lock_without_versions_leaves_nothing(tmp_path: Path) -> None:
    with registry.writing(tmp_path, "demo"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_dead_process_holds_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from cxtext.store.lock import locked\n"
        "with locked(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert python(code, tmp_path / "demo").returncode == -9
    assert (tmp_path / "demo" / ".lock").exists()
    assert make(tmp_path) == 1


SAVERS = """
import os, sys
from pathlib import Path
import numpy as np
from cxtext.schema import ClusterModel, PainPoint
from cxtext.store import registry

models = Path(sys.argv[1])
points = (PainPoint("PP-001", "a", ()), PainPoint("PP-002", "b", ()))
model = ClusterModel({"centres": np.ones((2, 3), np.float32)}, {"next_id": 3}, points)

def save(times):
    for _ in range(times):
        registry.save(models, "demo", model, None, {"unit": "sentence", "keep": "complaints"})

def child(work):
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    return pid
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_two_processes_share_a_name(tmp_path: Path) -> None:
    code = SAVERS + "pids = [child(lambda: save(8)) for _ in range(4)]\nprint([os.waitpid(p, 0)[1] for p in pids])"
    done = python(code, tmp_path)
    assert done.stdout.strip() == "[0, 0, 0, 0]", done.stderr
    assert registry.numbers(tmp_path / "demo") == list(range(1, 33))
    for version in range(1, 33):
        registry.resolve(tmp_path, f"demo@{version}")


KILLS = """
import random, signal, time
from cxtext.errors import CxtextError

def whole():
    found = registry.resolve(models, "demo").version
    for number in registry.numbers(models / "demo"):
        registry.resolve(models, f"demo@{number}")
    partial = [p.name for p in (models / "demo").glob(".*.partial")]
    assert len(partial) <= 1, partial
    return found, len(partial)

def at_event(n):
    # the n-th time that the save touches the disk is its last
    seen = 0
    def hook(event, args):
        nonlocal seen
        if event in ("open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "os.truncate", "os.listdir"):
            seen += 1
            if seen == n:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    save(1)

save(1)
last, partials, kills = whole()[0], 0, 0
for n in range(1, 400):
    _, status = os.waitpid(child(lambda: at_event(n)), 0)
    found, partial = whole()
    assert found >= last
    last, partials = found, partials + partial
    if not os.WIFSIGNALED(status):
        assert status == 0
        break
    kills += 1
draw = random.Random(5)
for _ in range(60):
    pid = child(lambda: save(10_000))
    time.sleep(draw.uniform(0.001, 0.03))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    found, partial = whole()
    assert found >= last
    last, kills = found, kills + 1
save(1)
assert whole() == (registry.numbers(models / "demo")[-1], 0)
print(kills, partials)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_moment_leaves_the_versions_whole(tmp_path: Path) -> None:
    done = python(SAVERS + KILLS, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    kills, partials = map(int, done.stdout.split())
    assert kills >= 80
    assert partials >= 5, "some kills came in the middle of writing"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="isn't a model's folder"):
        make(tmp_path)
    with pytest.raises(OutputError, match="isn't a model's folder"), edited(tmp_path / "demo" / "codebook.toml"):
        pass
    assert [p.name for p in (tmp_path / "demo").iterdir()] == ["notes.txt"]


def test_every_error_is_ours(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(CxtextError):
        make(tmp_path)
