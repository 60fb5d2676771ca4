from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import pytest

from cxtext.cluster.fit import fit
from cxtext.cluster.vectors import StaticVectors
from cxtext.schema import ClusterModel, TokenTable, Units
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

# Invented complaints about an invented gym chain: who, what, and a tail, combined.
SUBJECTS: dict[str, tuple[list[str], list[str]]] = {
    "showers": (
        ["The showers", "Both showers", "The shower heads"],
        ["only run cold water", "were freezing again", "have no hot water", "never get warm"],
    ),
    "parking": (
        ["The car park", "Parking", "The parking garage"],
        ["is always full", "was full by seven", "has no free spaces", "has too few spots for cars"],
    ),
    "billing": (
        ["My membership fee", "The monthly payment", "My bank account"],
        ["was charged twice", "got debited two times", "was billed after I cancelled", "shows a double charge"],
    ),
    "music": (
        ["The music", "The speakers", "The playlist"],
        ["is far too loud", "are blasting all day", "drowns out conversation", "hurts my ears with the volume"],
    ),
    "machines": (
        ["The treadmill", "Two rowing machines", "The exercise bikes"],
        ["has been broken for weeks", "are out of order", "still need repair", "stopped working, nobody fixes it"],
    ),
    "app": (
        ["The booking app", "Your mobile app", "The app"],
        ["crashes when I log in", "keeps logging me out", "freezes on the login screen", "shows an error at sign in"],
    ),
    "classes": (
        ["The yoga class", "Pilates on Tuesday", "The spinning class"],
        ["was cancelled without notice", "is booked out for weeks", "got cancelled again", "never has a free place"],
    ),
    "coach": (
        ["My trainer", "The personal trainer", "The coach"],
        ["did not turn up", "forgot our session", "missed the appointment", "was half an hour late for our session"],
    ),
}
TAILS = [
    "",
    "and nobody apologised.",
    "for the third time.",
    "which ruins my evening.",
    "as always.",
    "and I told reception.",
]


def complaints() -> tuple[list[str], list[str]]:
    """Texts in hash order, and what each is about."""
    rows = [
        (" ".join([who, what, tail]).strip(), subject)
        for subject, (whos, whats) in SUBJECTS.items()
        for who, what, tail in itertools.product(whos, whats, TAILS)
    ]
    rows.sort(key=lambda row: hashlib.blake2b(row[0].encode()).digest())
    return [text for text, _ in rows], [subject for _, subject in rows]


def read(texts: list[str]) -> tuple[TokenTable, Units]:
    table = token_table(texts)
    return table, split_units(table, "response")


@pytest.fixture(scope="session")
def vectors() -> StaticVectors:
    return StaticVectors.load(Path(__file__).resolve().parents[2] / "models" / "cx-en")


@pytest.fixture(scope="session")
def corpus() -> tuple[list[str], list[str]]:
    return complaints()


@pytest.fixture(scope="session")
def model(corpus: tuple[list[str], list[str]], vectors: StaticVectors) -> ClusterModel:
    return fit(*read(corpus[0]), vectors=vectors)
