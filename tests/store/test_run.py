"""Run folders appear whole or not at all, and nothing that isn't ours is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxtext.errors import InputError, OutputError
from cxtext.store import aside
from cxtext.store.registry import point
from cxtext.store.run import RUN_FILE, RUN_FORMAT, RUN_KIND, check_target, is_run, read_run, staged


def make_run(folder: Path, **more: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN_FILE).write_text(json.dumps({"kind": RUN_KIND, "format": RUN_FORMAT, **more}), encoding="utf-8")


def test_a_new_run_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "run"
    with staged(target) as aside:
        make_run(aside)
        assert not target.exists()
    assert is_run(target)
    assert [p.name for p in target.parent.iterdir()] == ["run"]


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "run"
    make_run(target)
    (target / "left-over.txt").write_text("old", encoding="utf-8")
    with staged(target) as aside:
        make_run(aside, fresh=True)
    assert sorted(p.name for p in target.iterdir()) == [RUN_FILE]
    assert read_run(target)["fresh"] is True
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_an_interrupted_run_leaves_the_old_one(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "run"
    make_run(target, old=True)

    def interrupted() -> None:
        with staged(target) as aside:
            (aside / "half.txt").write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(error):
        interrupted()
    assert read_run(target)["old"] is True
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "run"
    with pytest.raises(OutputError, match="No space left"), staged(target):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="isn't empty and isn't a cxtext run"):
        check_target(tmp_path)
    (tmp_path / RUN_FILE).write_text('{"kind": "another tool"}', encoding="utf-8")
    with pytest.raises(OutputError):
        check_target(tmp_path)
    file = tmp_path / "notes.txt"
    with pytest.raises(OutputError, match="not a folder"):
        check_target(file)


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    check_target(tmp_path)


def test_reading_a_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        read_run(tmp_path)
    make_run(tmp_path / "later", format=RUN_FORMAT + 1)
    with pytest.raises(InputError, match="later cxtext"):
        read_run(tmp_path / "later")


def test_a_file_appears_at_the_end_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old", encoding="utf-8")

    def interrupted() -> None:
        with aside.file(target) as place:
            place.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text(encoding="utf-8") == "old"
    with aside.file(target) as place:
        place.write_text("new", encoding="utf-8")
    assert target.read_text(encoding="utf-8") == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(OutputError, match="is a folder"), aside.file(tmp_path):
        pass


@pytest.mark.parametrize("stop", [OSError("no space left"), KeyboardInterrupt(), ValueError("a bug")])
def test_a_pointer_that_cannot_be_written_leaves_nothing_behind(
    stop: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point(tmp_path, 1)

    def full(*_: object, **__: object) -> None:
        raise stop

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises((OutputError, type(stop))):
        point(tmp_path, 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".promotions.json", "current"]
    assert (tmp_path / "current").read_bytes() == b"1\n"


def test_files_are_put_in_place_in_one_way_only() -> None:
    store = Path(aside.__file__).parent
    ways = ("mkstemp", "os.replace", ".replace(target")
    others = {
        file.name for file in store.parent.rglob("*.py") if any(way in file.read_text(encoding="utf-8") for way in ways)
    }
    assert others == {"aside.py"}
