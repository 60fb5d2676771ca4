"""What a word list can't see, to its digits: why sentiment is learned from scores and never replaces one."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from cxtext.sentiment.vader import polarity
from cxtext.text.tokens import token_table

REVIEWS = Path(__file__).resolve().parents[2] / "../shared/data/reviews"


@pytest.mark.parametrize(
    ("text", "compound"),
    [("App crashes every time I open it", 0.0), ("my card was declined", 0.0), ("Kindly refund my money", 0.49)],
)
def test_complaints_without_a_word_of_feeling(text, compound) -> None:
    assert float(polarity(token_table([text])).compound[0]) == pytest.approx(compound, abs=0.005)


@pytest.mark.shared
@pytest.mark.skipif(not REVIEWS.is_dir(), reason="the measuring data isn't beside the checkout")
def test_two_in_five_tweets_that_people_call_negative_look_positive() -> None:
    with (REVIEWS / "airline_tweets.csv").open(encoding="utf-8", newline="") as stream:
        texts = [r["text"] for r in csv.DictReader(stream) if r["airline_sentiment"] == "negative"]
    assert len(texts) > 9000
    assert 100 * np.mean(polarity(token_table(texts)).compound >= 0.05) == pytest.approx(40.5, abs=0.3)
