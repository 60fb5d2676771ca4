"""One column of sentences stays one column, whatever marks the sentences hold; tables stay tables."""

from __future__ import annotations

import csv
from itertools import cycle, islice
from pathlib import Path

import pytest

from cxtext.read.source import open_source

LINKS = [
    "Look at my seat https://pics.example/a1 it is torn",
    "Nobody answers https://pics.example/b2",
    "Paid twice, see https://pics.example/c3",
]
TIMES = [
    "The train at 10:30 never came",
    "I was told 9:15 and it was 11",
    "Waited from 8:00 on in the cold",
    "The shop was shut at 17:45 already",
]
TAGS = [
    "My third call today #neveragain",
    "You lost my bag again #latebags",
    "So kind at the desk #thanks",
    "Still no reply #waiting",
]
COMMAS = [
    "The driver was rude to my mother, and late",
    "Great shop, will be back",
    "I called twice, nobody knew",
    "Nice room, cold water",
]
FACES = [
    "Such lovely staff at the desk :) see you soon",
    "No refund :( for weeks now",
    "Works again :) after the update",
]
ASIDES = [
    "Nothing: for me it was perfect, thank you all",
    "Waiting: two hours in the cold",
    "Food: it was warm for once",
]
PROSE = {"links": LINKS, "times": TIMES, "tags": TAGS, "commas": COMMAS, "faces": FACES, "asides": ASIDES}


@pytest.mark.parametrize("head", ["text", "Customer comment", None])
@pytest.mark.parametrize("rows", [15, 300])
@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("texts", PROSE.values(), ids=PROSE)
def test_one_column_of_sentences_is_not_cut(
    texts: list[str], quoted: bool, rows: int, head: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "in.csv"
    lines = [f'"{text}"' if quoted else text for text in islice(cycle(texts), rows)]
    file.write_text("\n".join([*([head] if head else []), *lines]) + "\n", encoding="utf-8")
    found = open_source([str(file)]).files[0]
    assert found.columns == (head or "column_1",)


HEADS = [
    ("What did you like?", "What could be better?"),
    ("comment", "agent note"),
    ("What did you like best about our service, and why?", "Anything else that you would like to tell us?"),
]


@pytest.mark.parametrize("delimiter", [",", ";", ":", "#", "|", "\t"])
@pytest.mark.parametrize("title", [None, "Export of the survey"])
@pytest.mark.parametrize("head", HEADS, ids=["questions", "names", "sentences"])
def test_two_columns_of_sentences_stay_two(
    head: tuple[str, str], title: str | None, delimiter: str, tmp_path: Path
) -> None:
    file = tmp_path / "in.csv"
    texts = cycle([text for column in PROSE.values() for text in column])
    with file.open("w", newline="", encoding="utf-8") as handle:
        if title:
            handle.write(title + "\n")
        writer = csv.writer(handle, delimiter=delimiter)
        writer.writerows([head, *([next(texts), next(texts)] for _ in range(60))])
    assert open_source([str(file)]).files[0].columns == head


def test_a_blank_after_each_comma_makes_no_sentence(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    rows = [f"{city}, {text.replace(',', '')}" for city, text in zip(cycle(["Leeds", "York"]), LINKS + TIMES)]
    file.write_text("\n".join(["city, comment", *rows]), encoding="utf-8")
    assert open_source([str(file)]).files[0].columns == ("city", "comment")
