"""Questions, requests and contrasts, told apart from complaints and praise; figures by response."""

import numpy as np
import pytest

from cxtext.sentiment.contrast import unit_kinds
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units


def kinds(texts, cut="response"):
    table = token_table(texts)
    return unit_kinds(table, split_units(table, cut))


QUESTIONS = [
    "Where is my refund?",
    "why is the app so slow",
    "Is there a way to change my seat",
    "how do I cancel",
    "Any update on my order",
    'Did they say "tomorrow?"',
    "You closed my account?!",
    "So when will it be fixed",
    "How long does delivery take",
    "I was wondering if you open on Sundays",
    "Can anyone help me",
    "@acme_help where is my parcel",
    "- is there no way out",
]
NO_QUESTIONS = [
    "What a lovely place",
    "When I called they hung up",
    "How nice of them",
    "What is great is the price",
    "Do not buy this",
    "Have never been so happy",
    "The staff know what they do",
    "Is good",
    "I don't know as I am unsure if it was him",
    "Who cares, it works",
]
REQUESTS = [
    "Please add a dark mode",
    "Kindly refund my money",
    "Can you fix the login",
    "could someone call me back",
    "I would like a receipt",
    "I'd love to see more colours",
    "It would be nice if the queue were shorter",
    "I wish there was more parking",
    "The menu needs to be updated",
    "You should offer more sizes",
    "Let me know when it ships",
    "Could do with more staff",
    "need better lighting in the hall",
    "Opening hours could be longer",
]
NO_REQUESTS = [
    "The crew was rude",
    "Loved every minute",
    "Can you believe they charged me twice",
    "I wish I had never bought it",
    "Eager to please",
    "I would recommend it to anyone",
    "They kindly helped us",
    "App crashes every time I open it",
    "My card was declined",
    "Very pleased with it",
    "You must be joking",
    "I love the colour",
    "Staff kept me safe whether I like it or not",
    "It was all perfect for me",
    "Be aware of the step",
]


@pytest.mark.parametrize("name", ["question", "request"])
def test_told_apart(name):
    yes, no = (QUESTIONS, NO_QUESTIONS) if name == "question" else (REQUESTS, NO_REQUESTS)
    assert [t for t, held in zip(yes, getattr(kinds(yes), name), strict=True) if not held] == []
    assert [t for t, held in zip(no, getattr(kinds(no), name), strict=True) if held] == []


CONTRASTS = [
    ("Great app, but support never answers.", ["before", "after"]),
    ("The room was clean. However, the bed was hard.", ["before", "after"]),
    ("The bed was hard although the room was clean", ["after", "before"]),
    ("It was cheap. We came again.", ["", ""]),
    ("But nobody came.", ["after"]),
    ("Although it was late, all was well", ["before"]),
    ("Good seats; the only problem is the price", ["before", "after"]),
    ("It loads, yet nothing plays, and they know it", ["before", "after", ""]),
]


@pytest.mark.parametrize(("text", "wanted"), CONTRASTS)
def test_sides_of_a_contrast(text, wanted):
    found = kinds([text], "clause")
    sides = np.where(found.contrast_after, "after", np.where(found.contrast_before, "before", ""))
    assert sides.tolist() == wanted


def test_a_contrast_does_not_reach_into_another_response():
    found = kinds(["Great app", "but it crashes"], "clause")
    assert found.contrast_before.tolist() == [False, False]
    assert found.contrast_after.tolist() == [False, True]


def test_whole_sentences_hold_both_sides():
    texts = ["Great app, but support never answers.", "but why", "Not only cheap but good", "All good"]
    assert kinds(texts).contrast_inside.tolist() == [True, False, False, False]


def test_no_units():
    found = kinds(["", None])
    assert found.question.shape == found.contrast_after.shape == (0,)


def test_kinds_do_not_depend_on_the_chunk():
    texts = [*QUESTIONS, *NO_REQUESTS, *(t for t, _ in CONTRASTS)]
    together = kinds(texts, "clause")
    for name in ("question", "request", "contrast_after", "contrast_before", "contrast_inside"):
        alone = np.concatenate([getattr(kinds([t], "clause"), name) for t in texts])
        assert getattr(together, name).tolist() == alone.tolist()
