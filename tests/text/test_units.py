"""Sentences and clauses: where they are cut, that nothing is lost, and where they stand in their texts."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.schema import Units
from cxtext.text.tokens import token_table
from cxtext.text.units import RUN_ON, split_units, unit_spans, unit_texts


def cut(text, kind="sentence"):
    table = token_table([text])
    return unit_texts(table, split_units(table, kind)).to_pylist()


SENTENCES = [
    ("The queue was long. Nobody helped.", ["The queue was long.", "Nobody helped."]),
    ("Why is it down? Fix this! Thanks a lot", ["Why is it down?", "Fix this!", "Thanks a lot"]),
    ("service was slow. no one came. we left", ["service was slow.", "no one came.", "we left"]),
    ("I spoke to Mr. Hale and Dr. Wood. Both were kind.", ["I spoke to Mr. Hale and Dr. Wood.", "Both were kind."]),
    ("Add more games, e.g. chess. Please do.", ["Add more games, e.g. chess.", "Please do."]),
    ("Rated 3.5 by me. Version 2.0.1 broke it.", ["Rated 3.5 by me.", "Version 2.0.1 broke it."]),
    ("Came at 9 a.m. and left. All fine now", ["Came at 9 a.m. and left.", "All fine now"]),
    ("Open until 5 p.m. The desk was closed", ["Open until 5 p.m.", "The desk was closed"]),
    ("Waited 30 mins. The driver left", ["Waited 30 mins.", "The driver left"]),
    ("I waited... and waited some more", ["I waited... and waited some more"]),
    ("I waited for hours... Nobody called back", ["I waited for hours...", "Nobody called back"]),
    ("So bad!!! Never again for me", ["So bad!!!", "Never again for me"]),
    ("So bad !!! Never again for me", ["So bad !!!", "Never again for me"]),
    ('He said "go away." Then he hung up.', ['He said "go away."', "Then he hung up."]),
    ('He said " go away . " Then he hung up.', ['He said " go away . "', "Then he hung up."]),
    ("Lost my bag (twice!) Still no answer", ["Lost my bag (twice!)", "Still no answer"]),
    ("Love the seats 😀 The food was cold", ["Love the seats 😀", "The food was cold"]),
    ("Love the seats. 😀😀 The food was cold", ["Love the seats. 😀😀", "The food was cold"]),
    ("Lost again :( Their desk was shut", ["Lost again :(", "Their desk was shut"]),
    ("I ❤️ this store and 😀 its staff", ["I ❤️ this store and 😀 its staff"]),
    ("1. slow app 2. rude staff 3. high fees", ["1. slow app", "2. rude staff", "3. high fees"]),
    ("Wrong are: 1) slow app 2) rude staff", ["Wrong are:", "1) slow app", "2) rude staff"]),
    ("I give it a 3. The desk was shut", ["I give it a 3.", "The desk was shut"]),
    ("• slow app • rude staff", ["• slow app", "• rude staff"]),
    ("•slow app •rude staff", ["•slow app", "•rude staff"]),
    ("Terrible. The staff ignored me.", ["Terrible. The staff ignored me."]),
    ("The staff ignored me. Terrible.", ["The staff ignored me. Terrible."]),
    ("Good. Bad. Ugly.", ["Good. Bad. Ugly."]),
    ("Take bus no. 7 there. It was late", ["Take bus no. 7 there.", "It was late"]),
    ("They told me no. I left", ["They told me no.", "I left"]),
    ("Poor service.Terrible food", ["Poor service.Terrible food"]),
    ("See www.example.org. It is wrong", ["See www.example.org.", "It is wrong"]),
    ("wow", ["wow"]),
    ("...", ["..."]),
    ("  ", []),
    ("C'est nul ! Le service dort.", ["C'est nul !", "Le service dort."]),
]


@pytest.mark.parametrize(("text", "wanted"), SENTENCES)
def test_sentences(text, wanted):
    assert cut(text) == wanted


CLAUSES = [
    ("Great app, but support never answers.", ["Great app,", "but support never answers."]),
    ("The room was clean however the bed was hard", ["The room was clean", "however the bed was hard"]),
    ("Although it was late, the crew was kind.", ["Although it was late, the crew was kind."]),
    ("cheap and quick; the seats are hard", ["cheap and quick;", "the seats are hard"]),
    ("cheap and quick - the seats are hard", ["cheap and quick -", "the seats are hard"]),
    ("I like it, and they were kind", ["I like it,", "and they were kind"]),
    ("The app is slow, and it\u2019s dear", ["The app is slow,", "and it\u2019s dear"]),
    ("tea, coffee, and milk", ["tea, coffee, and milk"]),
    ("Not yet fixed", ["Not yet fixed"]),
    ("It loads, yet nothing plays", ["It loads,", "yet nothing plays"]),
    ("The staff is good though", ["The staff is good though"]),
    ("I waited... and nobody came. The end was bad", ["I waited...", "and nobody came.", "The end was bad"]),
]


@pytest.mark.parametrize(("text", "wanted"), CLAUSES)
def test_clauses(text, wanted):
    assert cut(text, "clause") == wanted


def test_a_response_is_one_unit_and_blanks_have_none():
    table = token_table(["One. Two words here.", None, "", "Three four"])
    units = split_units(table, "response")
    assert units.response.tolist() == [0, 3]
    assert unit_texts(table, units).to_pylist() == ["One. Two words here.", "Three four"]


def test_run_ons_are_cut_where_a_clause_could_start():
    text = "the agent put me on hold again and nobody told me why, " * 20
    units = cut(text)
    assert len(units) > 5
    assert max(len(u.split()) for u in units) <= RUN_ON
    assert all(u.split()[0] in ("the", "and") for u in units)
    assert len(cut("no way to cut this " * 30)) == 1


def test_lone_surrogates_keep_their_units():
    table = token_table(["bad \ud83d byte. Then more words"])
    assert unit_texts(table, split_units(table)).to_pylist() == ["bad � byte.", "Then more words"]


PIECES = (
    *("good", "bad", "but", "however,", "The", "and", "I", "1.", "2.", "3.", "...", ".", "!", "?!", ":)", "😀", "😀!"),
    *(";", "-", "—", "•", "(", ")", '"', "”", "e.g.", "Mr.", "etc.", "p.m.", "No.", "no.", "7", "é"),
)
piece = st.sampled_from(
    [
        *PIECES,
        *("though, they", "x;", "x,", "yet", "so bad.", "\u2028", "\xa0", "  ", "\n", "☹️", "\x1c", "word word. Word"),
    ]
)
text = st.one_of(
    st.none(),
    st.lists(piece, max_size=25).map(" ".join),
    st.lists(piece, max_size=10).map("".join),
    st.text(max_size=20),
    st.lists(piece, min_size=70, max_size=150).map(" ".join),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(text, max_size=6), st.sampled_from(["sentence", "clause", "response"]))
def test_units_tile_the_tokens_and_do_not_depend_on_the_chunk(texts, kind):
    table = token_table(texts)
    units = split_units(table, kind)
    covered = [t for a, b in zip(units.first.tolist(), units.last.tolist(), strict=True) for t in range(a, b)]
    assert covered == list(range(len(table.codes)))
    assert (units.last > units.first).all()
    assert set(units.response.tolist()) == {i for i, t in enumerate(texts) if (t or "").split()}
    assert (table.offsets[units.response] <= units.first).all()
    assert (units.last <= table.offsets[units.response + 1]).all()
    together = unit_texts(table, units).to_pylist()
    assert together == [u for t in texts for u in cut(t, kind)]

    for given_texts in (texts, pa.array(texts, type=pa.string())):
        start, end = unit_spans(given_texts, table, units)
        for i, a, b, words in zip(units.response, start, end, together, strict=True):
            assert " ".join(texts[i][a:b].split()) == words
            assert texts[i][a:b].strip() == texts[i][a:b]
    which = np.arange(len(units))[::-2]
    some = unit_spans(texts, table, units, which)
    assert some[0].tolist() == start[which].tolist()
    assert some[1].tolist() == end[which].tolist()
    assert unit_texts(table, units, which).to_pylist() == [together[w] for w in which]


def test_no_units_are_no_trouble():
    table = token_table([None, ""])
    units = split_units(table, "clause")
    assert len(units) == 0
    assert unit_texts(table, units).to_pylist() == []
    assert [a.tolist() for a in unit_spans([None, ""], table, units)] == [[], []]
    assert isinstance(units, Units)
