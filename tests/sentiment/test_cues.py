"""Cues fire on what customers say and stay silent on near misses; matching agrees with a plain reading of phrases."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cxtext.schema import Units
from cxtext.sentiment.cues import EMOJI_CUES, _emoji, cues, emoji_valence
from cxtext.sentiment.cues_book import phrase_book
from cxtext.sentiment.cues_match import bare_words, find
from cxtext.sentiment.lexical import CUES, TABLES, read_phrases
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units


def held(texts):
    table = token_table(texts)
    columns = cues(table, split_units(table, "response"))
    return [{name for name, column in columns.items() if column[i]} for i in range(len(texts))]


HITS = {
    "effort": [
        "This is the third time I call about the same bill",
        "Third time I've had to email you.",
        "I had to repeat my story to every agent",
        "had to call four times before anyone knew",
        "I was passed from one department to another",
        "They kept transferring me between teams",
        "After 6 emails the refund finally came",
        "Why do I need to jump through so many hoops?",
        "wasted two hours of my morning on hold",
        "I was on hold for ages",
        "it's impossible to cancel online",
        "Couldn't get through to anyone at all",
        "explained my problem again and again",
        "too many steps just to change a password",
        "the returns process is so complicated",
        "Still chasing you for an answer",
        "We went round in circles for a week",
        "Not easy to find the phone number",
        "I spent 3 hours trying to log in",
        "Had to start all over again",
    ],
    "urgency": [
        "This is urgent, I need my card",
        "please fix this asap",
        "I need an answer today!",
        "Refund me immediately",
        "We are stranded at the airport",
        "I'm locked out of my account",
        "Can't wait any longer for a reply",
        "No heating since Friday",
        "someone please help",
        "How much longer will this take?",
        "Still waiting for my parcel",
    ],
    "churn_threat": [
        "I am cancelling my subscription today",
        "We will be switching to a competitor",
        "thinking about moving to another provider",
        "I want my money back",
        "You have lost a customer",
        "Closing my account next week",
        "I'll take my business elsewhere",
        "never again!",
        "Won't be renewing",
        "I will not hesitate to cancel",
        "Time to find a new supplier",
        "Uninstalled the app after a day",
        "That was the last straw",
        "I'm done with this company",
        "My lawyer will be in touch",
    ],
    "frustrated": [
        "So frustrating!",
        "I'm fed up with the excuses",
        "sick and tired of waiting",
        "at my wits' end",
        "This drives me crazy",
        "absolutely furious",
        "what a joke",
        "For God's sake, answer",
        "Never been so frustrated in my life",
        "not only annoying but expensive",
    ],
    "ignored": [
        "My emails were ignored",
        "Nobody replied for two weeks",
        "no one ever called back",
        "Still haven't heard back from you",
        "They just don't care",
        "I was fobbed off again",
        "radio silence since Monday",
        "Like talking to a brick wall",
        "they never answered my question",
        "left us waiting in the dark",
        "Zero communication from the team",
    ],
    "disrespected": [
        "The clerk was rude",
        "She hung up on me",
        "I was treated like a criminal",
        "he rolled his eyes",
        "patronising and dismissive staff",
        "They laughed at me",
        "spoke down to my mother",
        "What an attitude from the manager",
        "made me feel stupid",
        "Very unprofessional behaviour",
    ],
    "disappointed": [
        "Very disappointed with the quality",
        "we felt let down",
        "not what I expected",
        "the food went downhill",
        "It didn't live up to the hype",
        "Such a shame, I loved this place",
        "I expected better from you",
        "Not worth the money",
        "it used to be so good",
        "Wasn't impressed at all",
    ],
    "delighted": [
        "Absolutely delighted with the result",
        "I love this app",
        "Best purchase I have made",
        "They went above and beyond",
        "exceeded our expectations",
        "You made my day",
        "couldn't be happier",
        "Five stars all the way",
        "blown away by the view",
        "Can't fault the crew",
    ],
    "grateful": [
        "Thank you so much",
        "many thanks to the nurses",
        "I really appreciate your help",
        "so grateful for the support",
        "Hats off to the driver",
        "Can't thank you enough",
        "Credit to your team",
    ],
    "emoji_negative": ["My bag is gone 😤", "seriously🙄"],
    "emoji_positive": ["All done 👍", "❤️ it"],
}

MISSES = {
    "effort": [
        "We never had to repeat anything",
        "I didn't have to call twice",
        "Third time I stay here and always lovely",
        "The hike was hard to forget",
        "No hassle, no hoops to jump through",
        "Every time I visit I smile",
        "I call my mother on Sundays",
    ],
    "urgency": [
        "It is not urgent",
        "They answered immediately",
        "No rush at all",
        "I could wait another day",
        "The room was ready right away",
        "She works in the emergency department",
    ],
    "churn_threat": [
        "My flight was cancelled",
        "I'm not cancelling my subscription",
        "Cancel my order please",
        "We left the hotel at nine",
        "I would recommend it to anyone",
        "Switch to dark mode is missing",
        "The shirt is too small and tight",
        "I lost weight with this plan",
        "with a money back guarantee",
    ],
    "frustrated": [
        "I was never frustrated",
        "Not annoying at all",
        "A stress free booking",
        "without any hassle",
        "ridiculously cheap and good",
        "Madly in love with it",
    ],
    "ignored": [
        "I ignored the bad reviews",
        "They never ignored me",
        "She replied at once",
        "A callback within minutes",
        "It will not return to normal soon",
        "I don't care for the colour",
    ],
    "disrespected": [
        "The staff were not rude",
        "Never felt disrespected",
        "treated with respect",
        "A great attitude from everyone",
        "the mock exam was fine",
        "To add insult to injury it rained",
        "he was short and tall was she",
    ],
    "disappointed": [
        "Not disappointed!",
        "It never disappoints",
        "you won't be disappointed",
        "Better than I expected",
        "It lived up to the hype",
        "could not have been better",
        "worth every penny",
    ],
    "delighted": [
        "I would love a bigger screen",
        "not perfect",
        "I am not happy with it",
        "My outstanding balance is wrong",
        "I'd be happy if it worked",
        "The food could be better",
        "in the first class lounge",
    ],
    "grateful": [
        "Thanks for nothing",
        "No thanks",
        "I would appreciate it if you replied",
        "I didn't appreciate the tone",
        "Thank God it's over",
        "late thanks to my train",
    ],
    "emoji_negative": ["All done 👍", "plain"],
    "emoji_positive": ["My bag is gone 😤", "no emoji here"],
}


@pytest.mark.parametrize("cue", [*CUES, *EMOJI_CUES])
def test_hits(cue):
    texts = HITS[cue]
    assert [t for t, got in zip(texts, held(texts), strict=True) if cue not in got] == []


@pytest.mark.parametrize("cue", [*CUES, *EMOJI_CUES])
def test_near_misses(cue):
    texts = MISSES[cue]
    assert [t for t, got in zip(texts, held(texts), strict=True) if cue in got] == []


def test_a_cue_marks_its_unit_only():
    table = token_table(["Lovely staff, thank you. I am cancelling my contract.", None, "Nothing to say here"])
    units = split_units(table)
    columns = cues(table, units)
    assert list(columns) == [*CUES, *EMOJI_CUES]
    assert columns["grateful"].tolist() == [True, False, False]
    assert columns["churn_threat"].tolist() == [False, True, False]
    back = Units(units.response[::-1], units.first[::-1], units.last[::-1])
    assert cues(table, back)["churn_threat"].tolist() == [False, True, False][::-1]


def test_a_phrase_does_not_reach_across_units_or_texts():
    table = token_table(["third time", "I call you"])
    assert not cues(table, split_units(table))["effort"].any()
    assert cues(token_table([]), Units(*(np.zeros(0, dtype=np.int64),) * 3))["effort"].shape == (0,)


def test_no_units_and_no_texts():
    table = token_table(["", None])
    columns = cues(table, split_units(table))
    assert {len(c) for c in columns.values()} == {0}


def test_cues_do_not_depend_on_the_chunk():
    texts = [t for rows in (*HITS.values(), *MISSES.values()) for t in rows]
    assert held(texts) == [held([t])[0] for t in texts]


@pytest.mark.parametrize("cue", CUES)
def test_tables_are_well_formed(cue):
    rows = read_phrases(TABLES / f"{cue}.csv")
    assert len(rows) == len(set(rows)) > 40
    assert sum(not exception for _, exception in rows) > 30
    for phrase, _ in rows:
        assert phrase == phrase.strip().lower()
        assert re.fullmatch(r"\^?[^|\s]+(\|[^|\s]+)*( [^|\s]+(\|[^|\s]+)*)*\$?", phrase), phrase
        assert not re.search(r"[a-z#*]\?\|", phrase), f"? belongs to the end of a slot: {phrase}"


def test_emoji_know_whether_vader_scores_them():
    vader = SentimentIntensityAnalyzer()
    for emoji, (valence, cue, scored) in _emoji().items():
        assert len(emoji) == 1
        assert -4 <= valence <= 4
        assert cue in ("", *CUES)
        assert scored == (vader.polarity_scores(emoji)["compound"] != 0)


def test_emoji_valence_adds_what_vader_lacks():
    table = token_table(["👎👎 bad", "fine", "👍", "😍"])
    valence = emoji_valence(table, split_units(table, "response"))
    worth = _emoji()["👎"][0]
    assert valence.tolist() == [2 * worth, 0.0, _emoji()["👍"][0], 0.0]
    assert worth < 0


# The matcher against a plain reading of the grammar by regular expressions.


def plain(words, phrase):
    """Every (start, end) where the phrase fits the words, by trying all ways."""
    opens, closes = phrase.startswith("^"), phrase.endswith("$")
    slots = phrase.removeprefix("^").removesuffix("$").split()

    def fits(word, slot):
        return any(
            (o == "*" and word != "not")
            or (o == "#" and word.isdigit())
            or (o.endswith("*") and o != "*" and word.startswith(o[:-1]))
            if "*" in o or o == "#"
            else word == o
            for o in slot.split("|")
        )

    def ends(at, rest):
        if not rest:
            return {at}
        out = ends(at, rest[1:]) if rest[0].endswith("?") else set()
        if at < len(words) and fits(words[at], rest[0].removesuffix("?")):
            out |= ends(at + 1, rest[1:])
        return out

    found = {(s, e) for s in range(len(words)) for e in ends(s, slots) if e > s}
    return {(s, e) for s, e in found if (not opens or s == 0) and (not closes or e == len(words))}


WORDS = ["call", "calls", "called", "again", "not", "my", "bill", "3", "42", "the"]
SLOT = st.sampled_from(
    ["call", "call*", "again", "my|the", "bill|again", "#", "*", "my?", "*?", "ca*|bill", "the?", "not", "3|call"]
)
PHRASE = st.builds(
    lambda opens, slots, closes: ("^" if opens else "") + " ".join(slots) + ("$" if closes else ""),
    st.booleans(),
    st.lists(SLOT, min_size=1, max_size=4).filter(
        lambda s: any(not x.endswith("?") and x != "*" for x in s)  # something must be there
    ),
    st.booleans(),
)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(PHRASE, min_size=1, max_size=4),
    st.lists(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join), min_size=1, max_size=4),
)
def test_matches_are_those_of_a_plain_reading(phrases, texts):
    book = phrase_book({f"n{i}": [(p, False)] for i, p in enumerate(phrases)})
    table = token_table(texts)
    units = split_units(table, "response")
    m = find(table, units, book)
    got = set(zip(m.unit.tolist(), m.start.tolist(), m.end.tolist(), m.name.tolist(), strict=True))
    wanted = set()
    for u, (i, first) in enumerate(zip(units.response.tolist(), units.first.tolist(), strict=True)):
        for n, phrase in enumerate(phrases):
            wanted |= {(u, first + s, first + e, n) for s, e in plain(texts[i].split(), phrase)}
    assert got == wanted


def test_an_exception_cancels_what_it_overlaps():
    book = phrase_book({"thanks": [("thanks", False), ("no thanks", True)], "other": [("thanks", False)]})
    table = token_table(["no thanks but thanks", "thanks"])
    m = find(table, split_units(table, "response"), book)
    names = [book.names[n] for n in m.name]
    assert sorted(zip(m.start.tolist(), names, strict=True)) == [
        (1, "other"),
        (3, "other"),
        (3, "thanks"),
        (4, "other"),
        (4, "thanks"),
    ]


def test_words_are_bare():
    assert bare_words(["Can’t", "“CALL”", "it's,", "(3rd)", "!!!", "re-send", "Ça"]).to_pylist() == [
        *("cant", "call", "its", "3rd", "", "re-send", "ça"),
    ]


@pytest.mark.parametrize("phrase", ["", "*", "a b c d e f g h i j k"])
def test_phrases_that_cannot_be_read(phrase):
    with pytest.raises(ValueError, match="one to ten words"):
        phrase_book({"x": [(phrase, False)]})
