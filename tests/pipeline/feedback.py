"""Invented complaints about a few subjects, put together from pieces; the same every time."""

from __future__ import annotations

import csv
import random
from itertools import product
from pathlib import Path

SUBJECTS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "parcel": (
        ["The parcel", "My delivery", "The courier's package", "The shipment", "My order from the shop"],
        [
            "arrived five days late",
            "was left in the rain",
            "never reached my door",
            "came with a crushed box",
            "got lost at the depot",
        ],
        [
            "and the tracking page was wrong",
            "although I paid for express shipping",
            "and the courier just shrugged",
            "for the second time",
        ],
    ),
    "password": (
        ["The login page", "My account", "The password reset", "The sign-in code", "The verification mail"],
        ["doesn't work", "keeps locking me out", "shows an error", "rejects my password", "has failed again"],
        ["so I cannot log in", "after I changed my password", "on my phone and my laptop", "since the weekend"],
    ),
    "invoice": (
        ["The invoice", "My bill", "The monthly charge", "The payment", "The direct debit"],
        [
            "was charged twice",
            "is higher than agreed",
            "shows a hidden fee",
            "has the wrong amount",
            "was taken from the wrong card",
        ],
        [
            "and billing refuses to correct it",
            "for the third month",
            "with no explanation of the fee",
            "although I had already paid",
        ],
    ),
    "hold": (
        ["The hotline", "Your phone support", "The call centre", "The telephone queue", "The support line"],
        [
            "kept me on hold for an hour",
            "hung up on me",
            "never answers the phone",
            "plays music for forty minutes",
            "dropped my call",
        ],
        ["and nobody called me back", "before I gave up waiting", "every time I call", "while I waited on the phone"],
    ),
    "zip": (
        [
            "The zip of the jacket",
            "The seam of the coat",
            "The lining of the jacket",
            "A button of the coat",
            "The jacket's fabric",
        ],
        ["broke after two days", "ripped at once", "is badly stitched", "fell apart in the wash", "is thin and cheap"],
        [
            "and the jacket is useless now",
            "so the quality of the coat is poor",
            "although the coat was new",
            "when I wore the jacket",
        ],
    ),
    "breakfast": (
        [
            "The breakfast buffet",
            "The hotel breakfast",
            "The coffee at breakfast",
            "The scrambled eggs",
            "The bread at the buffet",
        ],
        ["was cold", "was stale and dry", "tasted awful", "ran out by eight", "was inedible"],
        [
            "and the breakfast room was crowded",
            "on both mornings at the hotel",
            "and nobody refilled the buffet",
            "in the hotel restaurant",
        ],
    ),
}
OLD = ("parcel", "password", "invoice", "hold", "zip")


def complaints(subject: str, n: int, seed: int = 1) -> list[str]:
    """``n`` different complaints about a subject (at most 100)."""
    every = [f"{a} {b} {c}." for a, b, c in product(*SUBJECTS[subject])]
    random.Random(f"{subject}{seed}").shuffle(every)
    return every[:n]


def write(file: Path, *texts: str, shuffle: int | None = None) -> str:
    """A CSV file of texts, in a random order if asked; returns its path."""
    rows = list(texts)
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["comment"])
        writer.writerows([row] for row in rows)
    return str(file)


def old_subjects(n: int, seed: int = 1) -> list[str]:
    """``n`` complaints about each of the five subjects that models are trained on first."""
    return [text for subject in OLD for text in complaints(subject, n, seed)]
