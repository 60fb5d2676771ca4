"""Reads the openly licensed texts that the complaint model is fitted on, with what each says about complaint or not.

A label is a number from 0 (praise, plain) to 1 (complaint); scores and stars give weak labels in between. The airline
tweets are licensed for non-commercial use only: they are never read here, only by whoever measures the result.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from complaint_seeds import seeds

Row = dict[str, str]


@dataclass(frozen=True)
class Source:
    """One file of texts: its family (what is left out together), licence, columns, and how a row's label is read."""

    name: str
    family: str
    path: str
    text: str
    licence: str
    credit: str
    label: Callable[[Row], float | None]


@dataclass(frozen=True)
class Example:
    """A text with its label; ``source`` and ``family`` say where it comes from."""

    source: str
    family: str
    text: str
    label: float


def _yes(column: str) -> Callable[[Row], float | None]:
    return lambda row: float(row[column])


def _no(column: str) -> Callable[[Row], float | None]:
    return lambda row: 1 - float(row[column])


def _steps(column: str, values: dict[str, float]) -> Callable[[Row], float | None]:
    return lambda row: values.get((row[column] or "").removesuffix(".0"))


def _raters(row: Row) -> float | None:
    """Mean sentiment of the raters, -4..4, as a soft label: -1 gives .82, 0 gives .5."""
    return 1 / (1 + math.exp(1.5 * float(row["label"])))


SOURCES: tuple[Source, ...] = (
    Source(
        "nhs", "nhs", "gold/complaints_nhs.csv", "text", "MIT", "NHS friends-and-family, pxtextmining", _yes("label")
    ),
    Source(
        "nhs_fft",
        "nhs",
        "reviews/nhs_fft.csv",
        "FFT answer",
        "MIT",
        "NHS friends-and-family, pxtextmining",
        _steps("FFT categorical answer", {"1": 0.05, "2": 0.25, "3": 0.5, "4": 0.8, "5": 0.95}),
    ),
    Source("amazon_in", "amazon_in", "gold/complaints_amazon_in.csv", "text", "MIT", "CESAMARD", _yes("label")),
    Source("seats", "skytrax", "reviews/airline_seats.csv", "content", "CC0-1.0", "Skytrax scrape", _no("recommended")),
    Source(
        "lounges", "skytrax", "reviews/airport_lounges.csv", "content", "CC0-1.0", "Skytrax scrape", _no("recommended")
    ),
    Source(
        "clothing",
        "clothing",
        "reviews/clothing.csv",
        "Review Text",
        "CC0-1.0",
        "Women's clothing reviews",
        _steps("Rating", {"1": 1.0, "2": 1.0, "3": 0.5, "4": 0.2, "5": 0.0}),
    ),
    *(
        Source(
            f"vader_{kind}", f"vader_{kind}", f"gold/sentiment_{file}.csv", "text", "MIT", "VADER ground truth", _raters
        )
        for kind, file in (
            ("products", "amazonReviewSnippets"),
            ("movies", "movieReviewSnippets"),
            ("news", "nytEditorialSnippets"),
            ("tweets", "tweets"),
        )
    ),
)
GOLD = {"nhs": "nhs", "amazon_in": "amazon_in", "seats": "skytrax", "lounges": "skytrax", "clothing": "clothing"}
"""Sources whose labels are good enough to calibrate on, with their family."""


MEASURED_ONLY = Source(
    "airline", "airline", "gold/complaints_airline.csv", "text", "CC-BY-NC-SA-4.0", "US airline tweets", _yes("label")
)
"""Never fitted on: its licence forbids commercial use."""
FAMILIES = (*dict.fromkeys(source.family for source in SOURCES), "seeds")


def read_examples(data: Path, leave_out: Sequence[str]) -> list[Example]:
    """Read every labelled text outside the families in ``leave_out``, then add the invented ones."""
    found = [example for source in SOURCES if source.family not in leave_out for example in read_source(data, source)]
    if "seeds" not in leave_out:
        found += [Example("seeds", "seeds", text, float(label)) for text, label in seeds()]
    return found


def read_source(data: Path, source: Source) -> Iterator[Example]:
    """Read one source's texts that have a label."""
    csv.field_size_limit(2**24)
    with (data / source.path).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            text, label = tidy(row[source.text] or ""), source.label(row)
            if text and label is not None and text != "Did not answer":
                yield Example(source.name, source.family, text, label)


def tidy(text: str) -> str:
    """Undo what scraping left behind: written-out line breaks and the commonest HTML entities."""
    return text.replace("\\n", "\n").replace("&nbsp;", " ").replace("&amp;", "&").strip()
