"""Roles and scores are told from header and values; what stays open asks for its flag."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cxtext.errors import AmbiguousError, InputError, RequestError
from cxtext.read.columns import choose_columns
from cxtext.read.profile import header_words
from cxtext.schema import Metric
from cxtext.settings import Declared, ScoreDeclaration, score_declaration

TALK = [
    "The router drops the connection every evening",
    "Nobody answered my mail about the double charge",
    "Quick set-up and friendly voice on the phone",
    "I had to explain my problem to three people",
    "Since the update the map stays white",
    "Good value, though the manual is hard to read",
]


def _head(rows=60, **columns):
    made = {name: pa.array([str(value(i)) for i in range(rows)]) for name, value in columns.items()}
    return pa.table({"comment": [f"{TALK[i % 6]} ({i})" for i in range(rows)], **made})


def _choose(head, **declared):
    return choose_columns(head, Declared(**declared), source="survey.csv")


def _cycle(*values):
    return lambda i: values[i % len(values)]


# ----------------------------------------------------------------------------------------------- flags


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("score", ScoreDeclaration("score")),
        ("score:1-5", ScoreDeclaration("score", None, 1, 5)),
        ("Q1: how was it?", ScoreDeclaration("Q1: how was it?")),
        ("Q1: how was it?:1-7:low-good", ScoreDeclaration("Q1: how was it?", None, 1, 7, False)),
        ("spend:number:high-good", ScoreDeclaration("spend", "number", None, None, True)),
        ("a:number:low-good:1-5:missing=7,6", ScoreDeclaration("a", "number", 1, 5, False, (6, 7))),
        ("t:-2-2", ScoreDeclaration("t", None, -2, 2)),
    ],
)
def test_score_flags(value, expected):
    assert score_declaration(value, "--outcome") == expected


@pytest.mark.parametrize("value", ["", ":1-5", "a:5-1", "a:missing=x", "a:1-5:1-7"])
def test_score_flags_that_make_no_sense(value):
    with pytest.raises(RequestError):
        score_declaration(value, "--csat")


@pytest.mark.parametrize("name", ["reviewText", "review_text", "Review Text", "review-text", "REVIEW TEXT"])
def test_header_words(name):
    assert header_words(name) == ("review", "text")


# ----------------------------------------------------------------------------------------------- roles


def test_roles_and_reasons():
    head = _head(
        ticket_id=lambda i: 5000 + i,
        customer_id=lambda i: f"C{i % 20}",
        created_at=lambda i: f"2025-02-{i % 28 + 1:02} 10:00",
        channel=_cycle("phone", "chat", "mail"),
        touchpoint=_cycle("billing", "delivery"),
        journey_stage=_cycle("join", "use"),
        author_role=_cycle("customer", "customer", "staff"),
        plan=_cycle("basic", "plus"),
        agent_name=lambda i: f"Agent {i % 7}",
    )
    chosen = _choose(head)
    assert chosen.text == "comment"
    assert (chosen.id, chosen.customer, chosen.date) == ("ticket_id", "customer_id", "created_at")
    assert (chosen.channel, chosen.touchpoint) == ("channel", "touchpoint")
    assert (chosen.stage, chosen.author_role, chosen.segments) == ("journey_stage", "author_role", ("plan",))
    assert {choice.role for choice in chosen.choices} >= {"text", "id", "customer", "date", "channel", "segment"}
    assert all(choice.reason and not choice.declared for choice in chosen.choices)


def test_the_longer_text_wins_over_the_title():
    head = _head(title=lambda i: f"Bad evening number {i}", url=lambda i: f"/r/{i}")
    assert _choose(head).text == "comment"
    assert _choose(head, text="title").text == "title"


def test_a_table_without_text():
    head = pa.table({"nps": ["9", "3"], "customer_id": ["1", "2"]})
    with pytest.raises(InputError, match="--text"):
        _choose(head)
    assert choose_columns(head, Declared(), source="s.csv", need_text=False).text == ""


def test_declared_roles_are_recorded():
    chosen = _choose(_head(a=_cycle("x", "y")), channel="a", segments=("a",))
    assert chosen.channel == "a"
    assert [choice.declared for choice in chosen.choices if choice.column == "a"] == [True, True]


# ---------------------------------------------------------------------------------------------- scores


def _metric(head, **declared):
    (metric,) = _choose(head, **declared).metrics
    return metric


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("nps", range(11), Metric("nps", "nps", "nps", True, 0, 10)),
        ("NPS Score", (9, 10, 8), Metric("nps", "NPS Score", "nps", True, 0, 10)),
        ("Likelihood to recommend", range(11), Metric("nps", "Likelihood to recommend", "nps", True, 0, 10)),
        ("csat", (1, 3, 5), Metric("csat", "csat", "csat", True, 1, 5)),
        ("customer_satisfaction", (1, 4, 7), Metric("csat", "customer_satisfaction", "csat", True, 1, 7)),
        ("satisfaction", (0, 4, 10), Metric("csat", "satisfaction", "csat", True, 0, 10)),
        ("stars", (1, 2, 5), Metric("stars", "stars", "number", True, 1, 5)),
        ("Rating", ("4.5", 1, 5), Metric("stars", "Rating", "number", True, 1, 5)),
        ("reopened", (0, 1), Metric("reopened", "reopened", "rate", False, 0, 1)),
        ("Is Churned", ("yes", "no"), Metric("is_churned", "Is Churned", "rate", False, 0, 1)),
        ("resolution_hours", ("2.5", 40), Metric("resolution_hours", "resolution_hours", "number", False)),
        ("recommended", (0, 1), Metric("recommended", "recommended", "rate", True, 0, 1)),
    ],
)
def test_scores_told_beyond_doubt(name, values, expected):
    assert _metric(_head(**{name: _cycle(*values)})) == expected


@pytest.mark.parametrize(
    ("name", "values", "flag"),
    [
        ("satisfaction", range(1, 11), '--csat "satisfaction:1-10"'),
        ("csat", (0, 3, 5), '--csat "csat:1-5"'),
        ("csat", (1, 3, 4), '--csat "csat:1-5"'),
        ("rating", range(1, 11), '--nps "rating:1-10"'),
        ("overall_rating", (0, 5), '--outcome "overall_rating:number:high-good:0-5"'),
        ("ces", range(1, 8), '--ces "ces:1-7:high-good"'),
        ("Customer effort", range(1, 6), '--ces "Customer effort:1-5:low-good"'),
        ("nps", (-100, 0, 100), "--nps none"),
    ],
)
def test_open_scales_ask_for_their_flag(name, values, flag):
    head = _head(**{name: _cycle(*values)})
    with pytest.raises(AmbiguousError) as caught:
        _choose(head)
    assert flag in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_flag_an_error_offers_is_accepted():
    """Typing what the message says settles the question."""
    import re
    import shlex

    for name, values in (("satisfaction", range(1, 11)), ("overall_rating", range(1, 11)), ("ces", range(1, 8))):
        head = _head(**{name: _cycle(*values)})
        with pytest.raises(AmbiguousError) as caught:
            _choose(head)
        offers = re.findall(r'--(\w+) ("[^"]+"|none)', str(caught.value))
        assert offers
        for flag, value in offers:
            (text,) = shlex.split(value)
            declared = {"outcomes": (text,)} if flag == "outcome" else {flag: text}
            metrics = _choose(head, **declared).metrics
            assert len(metrics) == (text != "none")


def test_a_scale_that_changed_is_named():
    head = _head(
        date=lambda i: f"{2014 + i % 2}-05-{i % 28 + 1:02}",
        overall_rating=lambda i: i % 5 + 1 if i % 2 == 0 else i % 10 + 1 if i > 3 else "",
    )
    with pytest.raises(AmbiguousError, match="values stay within 5 in 2014, and reach 10 in 2015: the scale changed"):
        _choose(head)


def test_a_declared_score_settles_the_rest():
    head = _head(overall_rating=_cycle(*range(1, 11)), recommended=_cycle("0", "1"))
    chosen = _choose(head, outcomes=("recommended:rate:high-good",))
    assert [metric.name for metric in chosen.metrics] == ["recommended"]
    assert any("overall_rating" in note for note in chosen.notes)


def test_declared_scales():
    head = _head(a=_cycle(*range(1, 11)), b=_cycle(1, 2, 6))
    assert _metric(head, nps="a:1-10") == Metric("nps_like", "a", "nps", True, 1, 10)
    assert _metric(head, ces="b:1-7:low-good") == Metric("ces", "b", "ces", False, 1, 7)
    outcome = _metric(head, outcomes=("b:number:low-good:1-5:missing=6",))
    assert outcome == Metric("b", "b", "number", False, 1, 5, (6,))
    with pytest.raises(InputError, match="0-10"):
        _choose(head, nps="b:1-7")
    with pytest.raises(AmbiguousError, match="if a high value means easy"):
        _choose(head, ces="b")
    with pytest.raises(AmbiguousError, match=r"rate\|number"):
        _choose(head, outcomes=("b",))


def test_where_the_top_box_begins():
    head = _head(a=_cycle(*range(0, 101, 5)), b=_cycle(1, 2, 3, 4, 5))
    assert _metric(head, csat="a:0-100:top=80") == Metric("csat", "a", "csat", True, 0, 100, (), 80)
    assert _metric(head, ces="b:1-5:low-good:top=1").top == 1
    for wrong in ("a:0-100:top=0", "a:0-100:top=101", "a:0-100:top=x"):
        with pytest.raises(RequestError, match="top"):
            _choose(head, csat=wrong)
    with pytest.raises(RequestError, match="top box"):
        _choose(head, outcomes=("b:number:high-good:top=4",))


def test_many_answers_without_a_zero_leave_a_doubt():
    head = _head(600, rec=_cycle(*range(1, 11)))
    assert any('--nps "rec:1-10"' in note for note in _choose(head, nps="rec").notes)
    assert not _choose(head, nps="rec:0-10").notes
    assert not _choose(_head(rec=_cycle(*range(1, 11))), nps="rec").notes


def test_the_question_asked_becomes_a_segment_and_is_told():
    asked = {"FFT question": _cycle("What did we do well?", "What could be better?"), "plan": _cycle("a", "b", "c")}
    chosen = _choose(_head(**asked))
    assert chosen.segments == ("plan", "FFT question")
    assert any("2 questions" in note for note in chosen.notes)
    chosen = _choose(_head(**asked), segments=("plan",))
    assert chosen.segments == ("plan",)
    assert any('--segment "FFT question"' in note for note in chosen.notes)
    assert _choose(_head(question=_cycle("What did we do well?"))).segments == ()
    assert _choose(_head(question=_cycle("yes", "no"))).segments == ()
    assert _choose(_head(prompt=_cycle("good things", "bad things"))).segments == ("prompt",)


def test_small_whole_numbers_without_a_telling_header_are_only_noted():
    chosen = _choose(_head(q7=_cycle(1, 2, 3, 4, 5)))
    assert not chosen.metrics
    assert any("q7" in note and "--outcome" in note for note in chosen.notes)


# ----------------------------------------------------------------------------------------------- dates


def test_date_order():
    day = _head(date=lambda i: f"{i % 28 + 1}/03/2025")
    month = _head(date=lambda i: f"03/{i % 28 + 1}/2025")
    open_ = _head(date=lambda i: f"0{i % 9 + 1}/03/2025")
    assert _choose(day).day_first is True
    assert _choose(month).day_first is False
    with pytest.raises(AmbiguousError, match='--date "date:day-first"'):
        _choose(open_)
    assert _choose(open_, date="date:month-first").day_first is False
    assert _choose(_head(date=lambda i: f"0{i % 9 + 1}.03.2025")).day_first is True


def test_date_of_the_answer_not_of_the_visit():
    head = _head(date_visited=lambda i: f"2024-01-{i % 28 + 1:02}", submitted=lambda i: f"2025-01-{i % 28 + 1:02}")
    assert _choose(head).date == "submitted"
    assert _choose(_head(created=lambda i: 1_735_700_000 + i * 9999)).date == "created"
