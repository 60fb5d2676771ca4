"""Reads the openly licensed texts that the word vectors are fitted on, one named source at a time.

Each source is one CSV file under the data folder, with the column that holds the text, its licence, and the most
sentences taken from it, so that no single kind of feedback drowns the others. Gold labels and scores are never read.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|(?:\\n)+")
_SPACE = re.compile(r"\s+")
_LONGEST = 40  # words: longer runs without a full stop are cut, as the encoder would cut them anyway


@dataclass(frozen=True)
class Source:
    """One file of feedback: where it is, which columns hold text, its licence, and its share of the sentences."""

    name: str
    path: str
    columns: tuple[str, ...]
    licence: str
    credit: str
    at_most: int


SOURCES: tuple[Source, ...] = (
    Source(
        "nhs", "reviews/nhs_fft.csv", ("FFT answer",), "MIT", "NHS friends-and-family comments, pxtextmining", 20_000
    ),
    Source("banking77", "gold/clusters_banking77.csv", ("text",), "CC-BY-4.0", "BANKING77, PolyAI", 20_000),
    Source("cesamard", "gold/complaints_amazon_in.csv", ("text",), "MIT", "CESAMARD product reviews", 15_000),
    Source("lounges", "reviews/airport_lounges.csv", ("content",), "CC0-1.0", "Skytrax lounge reviews", 14_000),
    Source("seats", "reviews/airline_seats.csv", ("content",), "CC0-1.0", "Skytrax seat reviews", 10_000),
    Source("clothing", "reviews/clothing.csv", ("Title", "Review Text"), "CC0-1.0", "Women's clothing reviews", 16_000),
    Source("vader_products", "gold/sentiment_amazonReviewSnippets.csv", ("text",), "MIT", "VADER ground truth", 6_000),
    Source("vader_movies", "gold/sentiment_movieReviewSnippets.csv", ("text",), "MIT", "VADER ground truth", 6_000),
    Source("vader_news", "gold/sentiment_nytEditorialSnippets.csv", ("text",), "MIT", "VADER ground truth", 6_000),
    Source("vader_tweets", "gold/sentiment_tweets.csv", ("text",), "MIT", "VADER ground truth", 6_000),
)
# Not a file of feedback: invented sentences, see distill_words.py.
EVERYDAY = Source("everyday", "everyday_words.txt", (), "MIT", "invented for cxtext from everyday words", 12_000)


def words(text: str) -> list[str]:
    """Split a text into the lower-cased words that have vectors: letters and digits with inner apostrophes."""
    return WORD.findall(text.lower().replace("’", "'").replace("‘", "'"))


def sentences(text: str) -> list[str]:
    """Split a text into sentences of 2 to 40 words; longer stretches are cut into pieces of at most 40."""
    found = []
    for part in _SENTENCE_END.split(text.replace("’", "'").replace("‘", "'")):
        tokens = _SPACE.sub(" ", part).strip().split(" ")
        for start in range(0, len(tokens), _LONGEST):
            piece = " ".join(tokens[start : start + _LONGEST])
            if len(words(piece)) >= 2:
                found.append(piece)
    return found


def content_key(text: str) -> bytes:
    """Name a text by its content, so that sampling and caching never depend on the order of rows."""
    return hashlib.sha256(text.encode("utf-8")).digest()[:16]


def read_sentences(data: Path, source: Source) -> list[str]:
    """Read one source's distinct sentences, in content-hash order, at most `source.at_most` of them."""
    csv.field_size_limit(2**24)
    found: set[str] = set()
    with (data / source.path).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            for column in source.columns:
                found.update(sentences(row.get(column) or ""))
    return sorted(found, key=content_key)[: source.at_most]


def read_all(data: Path, leave_out: Sequence[str] = ()) -> dict[str, list[str]]:
    """Read every source except those left out, each sentence credited to the first source that has it."""
    unknown = sorted(set(leave_out) - {source.name for source in SOURCES})
    if unknown:
        names = ", ".join(source.name for source in SOURCES)
        raise SystemExit(f"no source named {', '.join(unknown)}; the sources are {names}")
    # A sentence that a left-out source also contains is left out everywhere: "left out" must be the truth.
    barred = {s for source in SOURCES if source.name in leave_out for s in _every_sentence(data, source)}
    taken: dict[str, list[str]] = {}
    seen: set[str] = set(barred)
    for source in SOURCES:
        if source.name not in leave_out:
            taken[source.name] = [s for s in read_sentences(data, source) if s not in seen]
            seen.update(taken[source.name])
    return taken


def _every_sentence(data: Path, source: Source) -> list[str]:
    return read_sentences(data, Source(**{**source.__dict__, "at_most": 10**9}))
