"""A model travels as one file; what comes in is checked before anything is put in place."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cxtext.errors import ModelError, RequestError
from cxtext.schema import ClusterModel, PainPoint
from cxtext.store import registry
from cxtext.store.bundle import export_model, import_model

MANIFEST = {"unit": "clause", "keep": "all"}


def make(models: Path, name: str = "demo", label: str = "on hold") -> int:
    model = ClusterModel(
        {"centres": np.eye(1, 3, dtype=np.float32)}, {"next_id": 2}, (PainPoint("PP-001", label, ("hold",)),)
    )
    return registry.save(models, name, model, ({"coef": np.arange(3.0)}, {}), MANIFEST, lineage={"steps": []})


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    make(tmp_path / "mine")
    (tmp_path / "mine" / "demo" / "codebook.toml").write_text(
        '[pain_points.PP-001]\nlabel = "Waiting"\n', encoding="utf-8"
    )
    export_model(tmp_path / "mine", "demo", tmp_path / "demo.cxmodel")
    return tmp_path / "demo.cxmodel"


def contents(place: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in place.iterdir()}


def test_out_and_in_again(bundle: Path, tmp_path: Path) -> None:
    assert import_model(tmp_path / "yours", bundle) == ("demo", 1, [])
    assert registry.resolve(tmp_path / "yours", "demo").version == 1
    assert contents(tmp_path / "yours" / "demo" / "1") == contents(tmp_path / "mine" / "demo" / "1")
    assert "Waiting" in (tmp_path / "yours" / "demo" / "codebook.toml").read_text(encoding="utf-8")
    assert registry.next_id(tmp_path / "yours", "demo") == 2
    export_model(tmp_path / "yours", "demo@1", tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == bundle.read_bytes()


def test_the_same_version_again_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    _, version, notes = import_model(tmp_path / "mine", bundle)
    assert version == 1
    assert "nothing was changed" in notes[0]


def test_a_later_version_joins_its_earlier_ones(bundle: Path, tmp_path: Path) -> None:
    import_model(tmp_path / "yours", bundle)
    make(tmp_path / "mine")
    export_model(tmp_path / "mine", "demo", bundle)
    name, version, notes = import_model(tmp_path / "yours", bundle)
    assert (name, version) == ("demo", 2)
    assert any("stays the promoted version" in note for note in notes)
    assert any("has one of its own" in note for note in notes)
    assert registry.resolve(tmp_path / "yours", "demo").version == 1


def test_another_model_of_that_name_is_not_mixed_in(bundle: Path, tmp_path: Path) -> None:
    make(tmp_path / "yours", label="parking")
    with pytest.raises(ModelError, match="--as"):
        import_model(tmp_path / "yours", bundle)
    assert import_model(tmp_path / "yours", bundle, "theirs") == ("theirs", 1, [])
    assert registry.resolve(tmp_path / "yours", "theirs").version == 1
    assert json.loads((tmp_path / "yours/theirs/1/manifest.json").read_text(encoding="utf-8"))["name"] == "theirs"
    with pytest.raises(RequestError):
        import_model(tmp_path / "yours", bundle, "../theirs")


def rewrite(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def add(
    bundle: Path, name: str, mode: int = 0, compress: int = zipfile.ZIP_STORED, content: bytes = b"../../demo"
) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr, entry.compress_type = mode << 16, compress
        archive.writestr(entry, content)


def without(name: str) -> Callable[[Path], None]:
    return lambda bundle: rewrite(bundle, lambda members: members.pop(name) and None)


def with_manifest(**told: object) -> Callable[[Path], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | told).encode()

    return lambda bundle: rewrite(bundle, change)


def spoiled(members: dict[str, bytes]) -> None:
    members["clusters.npz"] = members["clusters.npz"][:-20]


def swollen(bundle: Path) -> None:
    """The central directory claims a member of 3 GB."""
    whole = bundle.read_bytes()
    place = whole.rindex(b"PK\x01\x02")
    claim = (3 << 30).to_bytes(4, "little")
    bundle.write_bytes(whole[: place + 20] + claim + claim + whole[place + 28 :])


def with_nul(bundle: Path) -> None:
    """A name that ends early for whoever stops reading at the zero byte."""
    add(bundle, "phrases.json#.txt")
    bundle.write_bytes(bundle.read_bytes().replace(b"phrases.json#", b"phrases.json\0"))


HOSTILE: dict[str, Callable[[Path], None]] = {
    "climbs out": lambda b: add(b, "../evil.txt"),
    "absolute": lambda b: add(b, "/tmp/evil.txt"),
    "drive": lambda b: add(b, "C:\\evil.txt"),
    "folder": lambda b: add(b, "lineage.json/"),
    "stranger": lambda b: add(b, "evil.py"),
    "nul in the name": with_nul,
    "symlink": lambda b: add(b, "phrases.json", stat.S_IFLNK | 0o777),
    "device": lambda b: add(b, "phrases.json", stat.S_IFCHR | 0o666),
    "squeezed": lambda b: add(b, "phrases.json", compress=zipfile.ZIP_DEFLATED, content=bytes(1 << 20)),
    "twice": lambda b: add(b, "clusters.npz"),
    "swollen": swollen,
    "spoiled codebook": lambda b: rewrite(b, lambda members: members.update({"codebook.toml": b"[pain_points"})),
    "no manifest": without("manifest.json"),
    "no clusters": without("clusters.npz"),
    "a file less": without("learned.npz"),
    "spoiled": lambda b: rewrite(b, spoiled),
    "evil name": with_manifest(name="../../evil"),
    "evil version": with_manifest(version="../1"),
    "no version": with_manifest(version=None),
    "later format": with_manifest(format=99),
    "evil file": with_manifest(files={"clusters.npz": {"sha256": "", "bytes": 1}, "../x": {"sha256": "", "bytes": 1}}),
    "truncated": lambda b: b.write_bytes(b.read_bytes()[:-30]) and None,
    "not a zip": lambda b: b.write_bytes(b"\x80\x04cos\nsystem\n") and None,
    "empty": lambda b: b.write_bytes(b"") and None,
    "gone": lambda b: b.unlink(),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a version"])
def test_a_hostile_or_damaged_file_is_one_line_and_leaves_nothing(
    kind: str, beside: bool, bundle: Path, tmp_path: Path
) -> None:
    yours = tmp_path / "deep" / "yours"
    if beside:
        import_model(yours, bundle)
        make(tmp_path / "mine")
        export_model(tmp_path / "mine", "demo", bundle)
    before = sorted(p for p in yours.rglob("*")) if beside else []
    HOSTILE[kind](bundle)
    with pytest.raises(ModelError) as told:
        import_model(yours, bundle)
    assert "\n" not in str(told.value)
    assert sorted(p for p in yours.rglob("*")) == before
    assert {p.name for p in tmp_path.iterdir()} <= {"mine", "deep", "demo.cxmodel"}
    assert not Path("/tmp/evil.txt").exists()


def test_a_damaged_version_is_not_exported(tmp_path: Path) -> None:
    make(tmp_path)
    file = tmp_path / "demo" / "1" / "clusters.npz"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ModelError, match="damaged"):
        export_model(tmp_path, "demo", tmp_path / "out")
    assert not (tmp_path / "out").exists()
