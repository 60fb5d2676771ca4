"""Score changes between periods: the parts add up to the whole, and say what happened."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.link.movement import kitagawa, movement

JANUARY = int(np.datetime64("2025-01-01", "D").astype(int))
FEBRUARY = int(np.datetime64("2025-02-01", "D").astype(int))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10_000))
def test_mix_and_rate_add_up(groups, seed) -> None:
    rng = np.random.default_rng(seed)
    share0, share1 = (x / x.sum() for x in rng.random((2, groups)) + 1e-3)
    mean0, mean1 = rng.normal(0, 50, (2, groups))
    mix, rate = kitagawa(share0, mean0, share1, mean1)
    assert mix.sum() + rate.sum() == pytest.approx(share1 @ mean1 - share0 @ mean0, abs=1e-9)


def test_a_group_that_is_new_has_only_a_mix_part() -> None:
    mix, rate = kitagawa(np.array([0.0, 1.0]), np.array([np.nan, 50.0]), np.array([0.5, 0.5]), np.array([-50.0, 50.0]))
    assert rate[0] == 0
    assert mix.sum() + rate.sum() == pytest.approx(-50)
    assert mix[0] < 0


def two_months(make_table, metric, share0, share1, seed=0, n=800):
    rng = np.random.default_rng(seed)
    m = np.r_[rng.random((n, 2)) < share0, rng.random((n, 2)) < share1]
    score = np.where(m[:, 0], rng.integers(0, 7, 2 * n), rng.integers(6, 11, 2 * n)).astype(float)
    # Both months and the day after them, so that the second one is over and the third is cut off.
    day = np.r_[JANUARY + np.arange(n) % 31, FEBRUARY + np.arange(n) % 28]
    return make_table(np.r_[m, [[0, 0]]], {metric: np.r_[score, 9]}, day=np.r_[day, FEBRUARY + 28]), score, m


def test_the_rows_add_up_exactly_to_the_change(make_table, nps) -> None:
    t, score, _ = two_months(make_table, nps, (0.1, 0.2), (0.4, 0.2))
    f = movement(t, nps, ["lost parcels", "long forms"])
    assert (f["period"], f["from"], f["to"], f["partial_last"]) == ("month", "2025-01", "2025-02", True)
    assert f["change"] == sum(r["total"] for r in f["rows"])
    points = np.where(score >= 9, 100, np.where(score <= 6, -100, 0))
    assert f["change"] == pytest.approx(points[800:].mean() - points[:800].mean(), abs=1e-9)
    assert f["change"] == pytest.approx(f["after"].value - f["before"].value, abs=1e-9)
    first = f["rows"][0]
    assert first["pain_point"] == "lost parcels"
    assert first["mix"] < 5 * abs(first["rate"]) * -1
    assert f["rows"][-1]["pain_point"] == ""


def test_the_few_of_a_month_that_is_not_over_cant_be_worked_out(make_table, nps) -> None:
    """Three answers of the newest month are the whole minus the months shown; so one more month isn't shown."""
    day = np.r_[JANUARY - 60 + np.repeat(np.arange(119), 2), np.full(3, FEBRUARY + 28)]
    f = movement(make_table(np.ones((241, 1)), {nps: np.full(241, 9.0)}, day=day), nps, ["x"])
    assert (f["from"], f["to"], f["partial_last"]) == ("2025-01", "2025-02", True)
    shown = [i for i, x in enumerate(f["values"]) if np.isfinite(x)]
    assert [f["periods"][i] for i in shown] == ["2024-12", "2025-01", "2025-02"]
    assert 241 - sum(f["ns"][i] for i in shown) >= 10


def test_pain_points_with_few_mentions_share_a_row_and_all_still_adds_up(make_table, nps) -> None:
    rng = np.random.default_rng(2)
    m = rng.random((1600, 4)) < [0.2, 0.002, 0.002, 0.1]
    m[:, 1:3] = False
    m[[5, 900], 1] = m[[7, 8, 901, 902], 2] = True
    day = np.r_[JANUARY + np.arange(800) % 31, FEBRUARY + np.arange(800) % 28]
    score = rng.integers(0, 11, 1600).astype(float)
    f = movement(make_table(m, {nps: score}, day=day), nps, list("abcd"))
    # Two and four mentions are six: the smallest of the others joins them.
    assert [r["pain_point"] for r in f["rows"]][-2:] == ["", ""]
    assert {r["pain_point"] for r in f["rows"]} == {"a", ""}
    assert f["rows"][-2]["label"] == "pain points with few mentions"
    assert f["rows"][-2]["n"] >= 10
    assert f["rows"][-1]["label"] == "no pain point"
    points = np.where(score >= 9, 100, np.where(score <= 6, -100, 0))
    assert f["change"] == pytest.approx(points[800:].mean() - points[:800].mean(), abs=1e-9)
    assert sum(r["total"] for r in f["rows"]) == f["change"]


def test_no_dates_no_movement(make_table, nps) -> None:
    assert movement(make_table(np.ones((50, 1)), {nps: np.full(50, 9.0)}), nps, ["x"]) is None


def test_short_spans_are_read_by_week(make_table, nps) -> None:
    day = np.repeat(JANUARY + 5 + np.arange(21), 10)
    f = movement(make_table(np.ones((210, 1)), {nps: np.full(210, 9.0)}, day=day), nps, ["x"])
    assert f["period"] == "week"
