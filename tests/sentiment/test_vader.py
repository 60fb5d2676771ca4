"""The oracle is vaderSentiment itself: all four figures, to the last digit, on any text and any unit."""

import math
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vaderSentiment import vaderSentiment as vader

from cxtext.schema import Units
from cxtext.sentiment.vader import compensated_sum, polarity, unit_polarity
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units, unit_texts

ORACLE = vader.SentimentIntensityAnalyzer()
FIGURES = ("neg", "neu", "pos", "compound")


def expected(texts):
    return [tuple(ORACLE.polarity_scores(t)[k] for k in FIGURES) for t in texts]


def ours(p):
    return list(zip(*(getattr(p, k).tolist() for k in FIGURES), strict=True))


def check(texts):
    for got, wanted, text in zip(ours(polarity(token_table(texts))), expected(texts), texts, strict=True):
        assert got == wanted, text


RULES = {
    "plain": "The staff were kind and the room was good",
    "booster": "very good, extremely bad, hardly good, really really good, so so bad",
    "booster in capitals": "VERY good but HARDLY bad, REALLY great and SO awful",
    "capitals": "GOOD service, the food was BAD, NOT good",
    "all capitals": "GOOD SERVICE BAD FOOD",
    "negation": "not good, never been good, isn't very good, cannot ever be good, don't like it",
    "negation far": "not at all good; not the very best; nobody ain't a bit happy",
    "never so": "never so good, never this bad, never ever so good, never been so happy, was so very happy",
    "this close": "I like this great place and so good a crew",
    "without doubt": "without doubt good, without a doubt the best, without any doubt bad, without great doubt",
    "no": "no good, no problem, no, nor no great loss, there is no real joy, neither sad or happy, no fun or joy",
    "least": "least good, at least good, the very least bad, the least happy, least",
    "kind of": "kind of good, KIND OF bad, kind, kind of, a kind of sad sort of good just enough fun, most kind of you",
    "idioms": "the shit, it is the shit, this is the bomb, a real bad ass, the bus stop, yeah right, kiss of death",
    "idioms around": "to die for, cake to die for now, my beating heart, that was a bad ass show, badass great",
    "idiom first": "kiss of death. the shit! yeah right, happy days were the bus stop horror",
    "but": "good but bad but great, no but yes",
    "but and halves": "nice but okay, okay nice but good, nice okay nice okay but okay nice nice okay",
    "but first": "but good and bad",
    "but last": "good and bad but",
    "but twice the same": "good good but good good bad bad",
    "but and equal values": "great but fun good okay nice great good fun bad terrible awful",
    "marks": "good! bad!! good!!! fine!!!!! what? what?? bad??? why????",
    "marks alone": "! !! ? ?? good !!!! ????",
    "marks without feeling": "the box arrived!!!! why???",
    "emoticons": "I am :) and :( and :D and ;) and <3 and :-/ :'( XD (-:",
    "emoji": "I 😀 it😀😀so much 😡! 💔🔛 🆙good☹️ ©right",
    "emoji alone": "😀",
    "emoji glued": "good😀bad 😀, VERY😡",
    "punctuation": "...good... 'bad' (great) good/bad good,bad -good- *bad* #happy @sad good. no. :good: \"kind\" of",
    "short": "ok ok. no no! :o xo h8 :p !ok",
    "other letters": "trés GOOD, ÉTÉ bad, İyi ſad good\u200b \ufeffgood Straße GROẞ ΣΑΣ good’s isn’t good",
    "other blanks": "not\xa0good very\u2028bad GOOD\x1ctimes\x85kind\u3000of",
    "mixed capitals": "This is 100 GOOD 5",
    "number capitals": "GOOD 100 !!!",
    "cancels out": "good bad great terrible love hate!!!",
    "empty": "",
    "blank": " \n\t ",
}


@pytest.mark.parametrize("text", RULES.values(), ids=RULES.keys())
def test_each_rule(text):
    check([text, text.upper(), text.capitalize(), text + "!!", " " + text.replace(", ", " ")])


def test_null_is_blank():
    p = polarity(token_table([None, "good"]))
    assert ours(p)[0] == (0.0, 0.0, 0.0, 0.0)
    assert polarity(token_table([])).neg.shape == (0,)


LEXICON = sorted(ORACLE.lexicon)
PIECES = st.one_of(
    st.sampled_from(LEXICON),
    st.sampled_from(sorted(vader.BOOSTER_DICT)),
    st.sampled_from(vader.NEGATE),
    st.sampled_from([*vader.SPECIAL_CASES, "kind of", "never so", "without doubt", "without a doubt", "at least"]),
    st.sampled_from(["but", "But", "BUT", "no", "or", "nor", "least", "very", "the", "of", "a", "this", "so", "never"]),
    st.sampled_from(["good", "bad", "great", "kind", "doubt", "n't"]),
    st.sampled_from(["good", "great", "bad", "fun", "okay", "nice", "awful"]),
    st.sampled_from(sorted(ORACLE.emojis)[::40]),
    st.sampled_from(["!", "?", "!!!!", "???", "…", "\u200b", "İ", "ß", "ǅ", "’", "😀", "☹️", "5", "A"]),
)
SHAPES = st.sampled_from(
    [str, str, str, str.upper, str.capitalize, lambda w: w + "!", lambda w: f"'{w}',", "({})".format]
)
BLANKS = st.sampled_from([" "] * 12 + ["", "  ", "\n", "\xa0", "\u2028", "\x85", "\x1c", ", ", " - "])
TEXTS = st.one_of(
    st.lists(st.tuples(PIECES, SHAPES, BLANKS).map(lambda x: x[1](x[0]) + x[2]), max_size=25).map("".join),
    st.lists(PIECES, max_size=8).map(" ".join),
    st.text(max_size=25),
)


@settings(deadline=None, max_examples=400)
@example(["but"])
@example(["good but", "", "but good"])
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_generated_texts(texts):
    check(texts)


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(["sentence", "clause", "response"]))
def test_units_score_as_their_words_joined_by_blanks(texts, kind):
    table = token_table(texts)
    units = split_units(table, kind)
    wanted = expected(unit_texts(table, units).to_pylist())
    assert ours(unit_polarity(table, units)) == wanted
    some = np.arange(len(units))[::-2]  # any choice of units, in any order
    chosen = Units(units.response[some], units.first[some], units.last[some])
    assert ours(unit_polarity(table, chosen)) == [wanted[i] for i in some]


def test_thousands_of_random_texts():
    rng = random.Random(7)
    common = ["the", "of", "and", "to", "it", "was", "is", "very", "not", "AND", "GOOD"]
    common += ["good", "bad", "but", "no", "so", "this", "never", "kind", "least", "great"]
    pools = (
        common,
        common,
        LEXICON,
        list(vader.BOOSTER_DICT),
        vader.NEGATE,
        list(vader.SPECIAL_CASES),
        ["!", "?", "."],
    )
    texts = [" ".join(rng.choice(rng.choice(pools)) for _ in range(rng.randrange(40))) for _ in range(4000)]
    check(texts)


def test_a_lone_surrogate_is_scored_as_vader_would():
    check(["good \ud83d bad", "so\ud83dgood"])


def test_scores_do_not_depend_on_the_chunk():
    texts = list(RULES.values())
    whole = ours(polarity(token_table(texts)))
    assert whole == [ours(polarity(token_table([t])))[0] for t in texts]
    assert whole[::-1] == ours(polarity(token_table(texts[::-1])))


def test_compensated_sum_is_that_of_newer_pythons():
    rng = np.random.default_rng(3)
    sizes = rng.integers(0, 30, 200)
    text = np.repeat(np.arange(200), sizes)
    value = np.round(rng.normal(0, 3, len(text)), 2)
    got = compensated_sum(value, text, 200)
    for i in range(200):
        mine = value[text == i].tolist()
        assert got[i] == pytest.approx(math.fsum(mine), abs=1e-14)
        if sys.version_info >= (3, 12):
            assert got[i] == sum(mine)
    assert compensated_sum(np.array([1e16, 1.0, -1e16]), np.zeros(3, dtype=int), 1)[0] == 1.0


SHARED = Path(__file__).resolve().parents[2] / "../shared/data/gold"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets", "tweets"])
def test_rated_texts(name):
    path = SHARED / f"sentiment_{name}.csv"
    if not path.exists():
        pytest.skip("the measuring data is not beside the checkout")
    import pandas as pd

    check([str(t) for t in pd.read_csv(path).text])
