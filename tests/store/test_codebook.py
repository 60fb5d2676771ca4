"""What people wrote into a codebook stays as they wrote it, and what can't be meant is told with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxtext.errors import InputError, RequestError
from cxtext.store.codebook import (
    Codebook,
    Entry,
    Part,
    Seed,
    checked_id,
    decide,
    edited,
    load,
    named,
    plant,
    shipped_codebook,
    split_off,
    unsplit,
    uproot,
)

BY_HAND = """\
# The team's codebook.

[pain_points.PP-009]  # looked at in May
owner = "contact centre"   # ask Noor
label = "Nobody picks up"

[seeds.parking]
words = [ "car park",   # both
          "parking ticket" ]

[pain_points.PP-002]
merge_into = "parking"
split.late = { words = ["late*"], label = "Too late" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "codebook.toml").write_text(BY_HAND, encoding="utf-8")
    return tmp_path / "codebook.toml"


def test_a_codebook_as_people_write_it(file: Path) -> None:
    assert load(file) == Codebook(
        (
            Entry("PP-009", label="Nobody picks up", owner="contact centre"),
            Entry("PP-002", merge_into="parking", split=(Part("PP-002.late", "Too late", ("late*",)),)),
        ),
        (Seed("parking", "parking", ("car park", "parking ticket")),),
    )


def test_an_edit_leaves_everything_else_as_it_was(file: Path) -> None:
    with edited(file) as document:
        decide(document, "PP-009", label="No answer on the phone")
    assert file.read_text(encoding="utf-8") == BY_HAND.replace("Nobody picks up", "No answer on the phone")
    with edited(file) as document:
        decide(document, "PP-009", pin=True)
        decide(document, "PP-009", pin=None)
        plant(document, "parking", "", ["car park"], [])
    assert load(file).entries[0] == Entry("PP-009", label="No answer on the phone", owner="contact centre")
    for comment in ("# The team's codebook.", "# looked at in May", "# ask Noor"):
        assert comment in file.read_text(encoding="utf-8")


def test_every_edit_and_its_undoing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "codebook.toml"
    with edited(file) as document:
        decide(document, "PP-001", label='Say "hold"\\', ignore=True)
        decide(document, "PP-002", merge_into="PP-001")
        assert split_off(document, "PP-001", "music", "Hold music", ["music"]) == "PP-001.music"
        plant(document, "lifts", "Lifts", ["lift"], ["The lift is out of order."])
        plant(document, "lifts", "", ["elevator", "lift"], [])
        decide(document, "lifts", owner="estates", ignore=True)
    assert file.read_text(encoding="utf-8").startswith("# Decisions about the pain points")
    book = load(file)
    assert book.entries[0] == Entry(
        "PP-001", label='Say "hold"\\', ignore=True, split=(Part("PP-001.music", "Hold music", ("music",)),)
    )
    assert book.seeds == (
        Seed("lifts", "Lifts", ("lift", "elevator"), ("The lift is out of order.",), True, "", "estates"),
    )
    with edited(file) as document:
        unsplit(document, "PP-001", "music")
        decide(document, "PP-001", label=None, ignore=None)
        decide(document, "PP-002", merge_into=None)
        uproot(document, "lifts")
    assert load(file) == Codebook()


def test_a_failed_edit_changes_nothing(file: Path) -> None:
    def half(document: Any) -> None:
        decide(document, "PP-009", label="changed")
        unsplit(document, "PP-009", "nothing")

    with pytest.raises(RequestError, match="no part"), edited(file) as document:
        half(document)
    with pytest.raises(RequestError, match="is a seed"), edited(file) as document:
        decide(document, "parking", merge_into="PP-009")
    with pytest.raises(InputError, match="must be a text"), edited(file) as document:
        decide(document, "PP-009", label=7)
    assert file.read_text(encoding="utf-8") == BY_HAND
    assert sorted(p.name for p in file.parent.iterdir()) == [".codebook.lock", "codebook.toml"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[pain_points", "not a readable TOML"),
        ("[painpoints.PP-001]", "'painpoints' means nothing here"),
        ('[pain_points.PP-001]\nlable = "x"', r"\[pain_points.PP-001\]: 'lable' means nothing"),
        ("[pain_points.PP-001]\nlabel = 3", "label must be a text"),
        ('[pain_points.PP-001]\nignore = "yes"', "ignore must be true or false"),
        ("pain_points = 3", "must be a table"),
        ("[pain_points]\nPP-001 = 1", "must be a table"),
        ("[pain_points.PP-001.split.late]", "words are missing"),
        ('[pain_points.PP-001.split."a b"]\nwords = ["x"]', "can't be an id"),
        ("[seeds.lifts]", "give words or examples"),
        ('[seeds.PP-001]\nwords = ["x"]', "can't be an id"),
        ('[seeds."../x"]\nwords = ["x"]', "can't be an id"),
        ('[seeds.lifts]\nwords = "lift"', "must be a list"),
        ("[seeds.lifts]\nwords = [1]", "must be a list"),
        ("format = 2", "later cxtext"),
        ('format = "one"', "format must be 1"),
        ("x = " + "[" * 5000, "not a readable TOML"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(text: str, told: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told) as error:
        load(file)
    assert str(file) in str(error.value)
    with pytest.raises(InputError, match=told), edited(file):
        pass
    assert file.read_text(encoding="utf-8") == text


def test_files_that_are_no_text_are_told(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a readable TOML"):
        load(file)
    with pytest.raises(InputError, match="no such codebook"):
        named("nowhere.toml")


@pytest.mark.parametrize("key", ["parking", "P-1", "a", "x_y-z", "9lives"])
def test_ids(key: str) -> None:
    assert checked_id(key, "here") == key


def test_one_codebook_over_another() -> None:
    mine = Codebook((Entry("PP-001", label="mine"),), (Seed("a", "mine", ("x",)),))
    base = Codebook(
        (Entry("PP-001", label="base"), Entry("PP-002", ignore=True)),
        (Seed("a", "base", ("x",)), Seed("b", "b", ("y",))),
    )
    both = mine.over(base)
    assert [(e.id, e.label) for e in both.entries] == [("PP-001", "mine"), ("PP-002", "")]
    assert [(s.id, s.label) for s in both.seeds] == [("a", "mine"), ("b", "b")]


def test_the_starter_codebook_has_themes_that_differ() -> None:
    book = named("cx")
    assert book == load(shipped_codebook())
    assert len(book.seeds) >= 16
    assert len({s.label for s in book.seeds}) == len(book.seeds)
    words = [w for s in book.seeds for w in s.words]
    assert len(set(words)) == len(words)
    assert all(len(s.words) >= 4 and len(s.examples) >= 3 for s in book.seeds)
