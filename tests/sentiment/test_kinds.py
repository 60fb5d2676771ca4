"""What a sentence is: complaint, suggestion, praise or neutral, and whether it names anything concrete."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cxtext.schema import KIND_NAMES, Kinds, Units
from cxtext.sentiment.kinds import KindModel
from cxtext.sentiment.vader import unit_polarity
from cxtext.text.tokens import token_table

FOLDER = Path(__file__).resolve().parents[2] / "models" / "cx-en"

COMPLAINTS = """The courier left my parcel in the rain
Nobody picked up the phone for forty minutes
My card was declined three times at the till
The room smelled of smoke and the sheets were stained
Your app logs me out every single day
I was charged for a gym class that was cancelled
The bus never turned up this morning
Two of the plates arrived broken
I have been waiting six weeks for my refund
The nurse ignored my questions
The heating has been off since Friday
They delivered the wrong size again
The meter reading on my bill is wrong
The waiter forgot our starters
My luggage did not arrive with the flight
The website crashes at the payment page
We could not be more disappointed with the boiler repair
The battery dies after two hours
The seat was dirty and the screen did not work
I had to explain my problem to four different agents"""
SUGGESTIONS = """It would be great if you could add a dark mode
Please add an option to pay by invoice
You should open the pool earlier in the morning
I wish there were more vegetarian dishes
It would help to have signs in the car park
Please bring back the old menu
Why not send a text message before the delivery
I would like to see more benches in the waiting room
Could you please allow two passengers on one ticket
The form should ask for the postcode first
Consider offering smaller portions for children
An export to a spreadsheet would be useful
There should be a button to pause the subscription
More staff at the weekend would be nice
I suggest sending the reminder a week earlier"""
PRAISE = """The staff were friendly and quick
Great coffee and a lovely terrace
My parcel came a day early
The nurse explained everything so well
Easy to use and it just works
Zero complaints, everything was perfect
The best hotel we have ever stayed in
Fast delivery and well packed
I love the new layout
The driver was polite and helpful
We could not be more pleased with the kitchen
Setting up the router took five minutes, brilliant"""
NEUTRAL = """I am a customer since 2015
My contract runs until the end of June
We travelled from Lisbon to Oslo
I ordered two pairs on Monday
My order number is below
Hello everyone
I work nights at a bakery
Is the shop open on Sundays
I bought the blue one
We have two children"""
VAGUE = """Please help
What a shame
Worst company ever
I am so angry
Thank you
Fix this soon or I am gone
Never again
My contract runs until May
I am not a technical person"""


@pytest.fixture(scope="module")
def model() -> KindModel:
    return KindModel.load(FOLDER)


def kinds(model: KindModel, texts: list[str]) -> Kinds:
    table = token_table(pa.array(texts, pa.string()))
    units = Units(np.arange(len(texts), dtype=np.int32), table.offsets[:-1].copy(), table.offsets[1:].copy())
    polarity = unit_polarity(table, units)
    return model.predict_units(table, units, polarity, model.complaint.predict_units(table, units, polarity))


@pytest.mark.parametrize(
    ("kind", "sentences", "least"),
    [
        ("complaint", COMPLAINTS, 0.9),
        ("suggestion", SUGGESTIONS, 0.9),
        ("praise", PRAISE, 0.9),
        ("neutral", NEUTRAL, 0.8),
    ],
)
def test_invented_sentences_of_many_trades_are_told_apart(
    model: KindModel, kind: str, sentences: str, least: float
) -> None:
    texts = sentences.splitlines()
    right = kinds(model, texts).kind == KIND_NAMES.index(kind)  # type: ignore[arg-type]
    assert right.mean() >= least, [text for text, good in zip(texts, right, strict=True) if not good]


def test_what_names_nothing_is_not_concrete(model: KindModel) -> None:
    vague, told = kinds(model, VAGUE.splitlines()).concrete, kinds(model, COMPLAINTS.splitlines()).concrete
    assert (vague < 0.3).mean() >= 0.85, vague
    assert (told >= 0.3).all(), told


def test_a_typographic_apostrophe_changes_nothing(model: KindModel) -> None:
    texts = [
        "The lift doesn't work",
        "You shouldn't close so early",
        "The drawer won't open",
    ]
    curly = [text.replace("'", "\u2019") for text in texts]
    straight, typographic = kinds(model, texts), kinds(model, curly)
    assert (straight.kind == typographic.kind).all()


def test_neighbours_change_nothing(model: KindModel) -> None:
    texts = [*COMPLAINTS.splitlines(), *SUGGESTIONS.splitlines(), *PRAISE.splitlines()]
    together = kinds(model, texts)
    for i in (0, 7, 21, len(texts) - 1):
        alone = kinds(model, [texts[i]])
        assert (alone.suggestion[0], alone.concrete[0], alone.kind[0]) == (
            together.suggestion[i], together.concrete[i], together.kind[i],
        )  # fmt: skip


def test_a_text_without_words_is_neutral(model: KindModel) -> None:
    found = kinds(model, ["...", "!!!"])
    assert (found.kind == KIND_NAMES.index("neutral")).all()
    assert not found.suggestion.any()
