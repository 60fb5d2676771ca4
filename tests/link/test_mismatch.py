"""Text against score: the queue, and columns that point the other way."""

from __future__ import annotations

import numpy as np
import pytest

from cxtext.link.mismatch import MentionUnits, mismatch
from cxtext.schema import Metric


def units(*rows, **more):
    response, point, sentiment = (np.array(x) for x in zip(*rows, strict=True)) if rows else ([], [], [])
    return MentionUnits(np.array(response, int), np.array(point, int), np.array(sentiment, float), **more)


def test_the_queue(make_table, nps) -> None:
    score = np.array([10, 9, 10, 2, 1, 7, 10.0])
    mood = np.array([0.6, 0.4, 0.8, 0.9, 0.7, 0.0, 0.5])
    m = np.array([[1], [1], [0], [0], [1], [1], [1]])
    t = make_table(m, {nps: score}, sentiment=mood)
    u = units(
        (0, 0, -0.5), (1, 0, -0.2), (4, 0, 0.4), (5, 0, -0.9), (6, 0, -0.3),
        texts=["The courier never rings.", "Fine", "Well, great courier", "Courier again", "No courier for two days"],
        response_ids=list("abcdefg"), response_texts=[f"text {i}" for i in range(7)],
    )  # fmt: skip
    f = mismatch(t, u, ["courier"])
    assert [x["response_id"] for x in f["hidden_complaints"]] == ["a", "g"]
    assert f["hidden_complaints"][0] == {
        "response_id": "a", "metric": "nps", "score": 10.0, "sentiment": -0.5, "pain_point": "courier",
        "text": "The courier never rings.", "response": 0,
    }  # fmt: skip
    assert [(x["response_id"], x["text"]) for x in f["praise_from_detractors"]] == [("d", "text 3")]
    assert [x["response_id"] for x in f["check_sentiment"]] == ["e"]
    assert (f["n_hidden"], f["n_praise"], f["n_check"]) == (2, 1, 1)


def test_two_sentences_of_one_response_count_once_and_lists_are_cut(make_table, nps) -> None:
    t = make_table(np.ones((30, 1)), {nps: np.full(30, 10.0)})
    u = units(*[(i % 30, 0, -0.4 - i / 100) for i in range(40)])
    f = mismatch(t, u, ["x"], most_listed=5)
    assert (len(f["hidden_complaints"]), f["n_hidden"]) == (5, 30)
    assert f["hidden_complaints"][0]["sentiment"] == pytest.approx(-0.79)


@pytest.mark.parametrize(
    ("metric", "flag"),
    [
        (Metric("fft", "FFT", "number", True, 1, 5, (6.0, 7.0)), '--outcome "FFT:number:low-good:missing=6,7"'),
        (Metric("csat", "stars", "csat", True, 1, 5), '--outcome "stars:number:low-good"'),
        (Metric("ces", "effort", "ces", True, 1, 7), '--ces "effort:1-7:low-good"'),
        (Metric("left", "left", "rate", True, 0, 1), '--outcome "left:rate:low-good"'),
    ],
)
def test_a_reversed_column_is_named_with_its_flag(make_table, metric, flag) -> None:
    rng = np.random.default_rng(0)
    mood = rng.uniform(-1, 1, 300)
    v = (mood < 0).astype(float) if metric.kind == "rate" else np.clip(np.round(3 - 2 * mood), 1, 5)
    t = make_table(np.zeros((300, 1)), {metric: v}, sentiment=mood)
    f = mismatch(t, units(), ["x"])
    assert f["reversed"][0]["flag"] == flag
    assert f["agreement"][metric.name]["spearman"] < -0.8
    right = Metric(metric.name, metric.column, metric.kind, False, metric.low, metric.high, metric.missing)
    f = mismatch(make_table(np.zeros((300, 1)), {right: v}, sentiment=mood), units(), ["x"])
    assert f["reversed"] == []
    assert f["agreement"][metric.name]["kendall"] > 0.6


def test_a_reversed_column_fills_no_queue(make_table, csat) -> None:
    mood = np.linspace(-1, 1, 200)
    t = make_table(np.ones((200, 1)), {csat: np.where(mood < 0, 5.0, 1.0)}, sentiment=mood)
    f = mismatch(t, units(*[(i, 0, -0.9) for i in range(100)]), ["x"])
    assert f["n_hidden"] == f["n_praise"] == f["n_check"] == 0


def test_staff_and_blank_texts_do_not_count(make_table, nps) -> None:
    t = make_table(
        np.ones((40, 1)), {nps: np.full(40, 10.0)}, commented=np.arange(40) % 2,
        categories={"author_role": np.arange(40) < 20}, levels={"author_role": ("customer", "staff")},
    )  # fmt: skip
    f = mismatch(t, units(*[(i, 0, -0.5) for i in range(40)]), ["x"])
    assert f["n_hidden"] == 20
    assert f["agreement"]["nps"]["n"] == 10
