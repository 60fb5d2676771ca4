"""The one call of the pipeline: a planted story is told, facts are plain, and the same rows give the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from cxtext.link.analyse import LinkOptions, analyse
from cxtext.link.mismatch import MentionUnits
from cxtext.link.people import take
from cxtext.link.profile import priority
from cxtext.schema import Metric, PainPoint

DAY = int(np.datetime64("2024-06-03", "D").astype(int))
HOURS = Metric("hours", "hours", "number", False)
EFFORT = Metric("effort", "effort", "ces", False, 1, 5)
NAMES = ("cannot log in", "agents are rude", "long waits", "tiny print", "new bug")


@pytest.fixture
def story(make_table, nps, csat, churn):
    """2,400 answers of 1,500 customers: "long waits" is frequent but harmless, "agents are rude" small but harmful,
    "cannot log in" hurts the moment only, "new bug" emerges late, "tiny print" does nothing."""
    rng = np.random.default_rng(12)
    n = 2400
    who = rng.integers(0, 1500, n)
    week = np.sort(rng.integers(0, 30, n))
    m = (
        rng.random((n, 5))
        < np.c_[np.full(n, 0.12), np.full(n, 0.03), np.full(n, 0.3), np.full(n, 0.1), np.where(week >= 25, 0.15, 0.003)]
    )
    noise = rng.normal(size=(n, 3))
    csat_v = np.clip(np.round(4.4 - 1.2 * m[:, 0] - 1.5 * m[:, 1] + 0.7 * noise[:, 0]), 1, 5)
    nps_v = np.clip(np.round(8.6 - 5 * m[:, 1] - 2 * m[:, 4] + 1.2 * noise[:, 1]), 0, 10)
    nps_v[rng.random(n) < 0.2] = np.nan
    role = (rng.random(n) < 0.08).astype(int)
    mood = np.clip(0.3 * (csat_v - 3) + 0.2 * noise[:, 2], -1, 1)
    return make_table(
        m, {nps: nps_v, csat: csat_v, churn: (rng.random(n) < 0.1 + 0.3 * m[:, 1]).astype(float),
            HOURS: rng.exponential(8, n), EFFORT: rng.integers(1, 6, n).astype(float)},
        customer=who, day=DAY + 7 * week + np.arange(n) % 7, words=rng.integers(3, 90, n), sentiment=mood,
        commented=rng.random(n) < 0.95,
        categories={"author_role": role, "channel": rng.integers(0, 3, n), "plan": rng.integers(0, 2, n)},
        levels={"author_role": ("customer", "staff"), "channel": ("app", "chat", "phone"), "plan": ("free", "paid")},
    )  # fmt: skip


@pytest.fixture
def points() -> list[PainPoint]:
    return [PainPoint(f"PP-{i:03d}", name, ()) for i, name in enumerate(NAMES)]


def units(t) -> MentionUnits:
    coo = t.mentions.tocoo()
    return MentionUnits(coo.row, coo.col, np.where(coo.col == 0, -0.5, -0.1))


SECTIONS = {
    "score_details", "movement", "trends", "cells", "cells_suppressed", "consistency", "moment_relationship",
    "quadrants", "promoters_detractors", "mismatch", "what_if", "relative_weights", "staff", "actions", "headline",
    "priority", "impact_model",
}  # fmt: skip


def walk(x):
    yield x
    if isinstance(x, dict):
        for k, v in x.items():
            yield k
            yield from walk(v)
    elif isinstance(x, list):
        for v in x:
            yield from walk(v)


def test_the_story_is_told(story, points) -> None:
    r = analyse(story, points, units=units(story))
    assert set(r.facts) >= SECTIONS
    assert {type(x) for x in walk(r.facts)} <= {str, int, float, bool, type(None), list, dict}
    json.dumps(r.facts)
    kind = {(q["pain_point"], q["metric"]): q["kind"] for q in r.facts["quadrants"]}
    assert kind["PP-001", "nps"] == "small but harmful"
    assert kind["PP-002", "nps"] == kind["PP-002", "csat"] == "frequent but harmless"
    assert kind["PP-000", "csat"] == "frequent and harmful"
    moment = {m["pain_point"]: m["kind"] for m in r.facts["moment_relationship"]}
    assert [moment[p.id] for p in points[:4]] == ["moment", "both", "neither", "neither"]
    assert moment["PP-004"] == "relationship"
    assert {t.pain_point: t.kind for t in r.trends}["PP-004"] == "emerging"
    assert r.facts["priority"][0] in ("PP-000", "PP-001")
    assert [points[j].id for j in r.order] == r.facts["priority"]
    assert set(r.facts["priority"][-2:]) == {"PP-002", "PP-003"}
    assert 1 <= len(r.facts["actions"]) <= 3
    assert "goes with" in r.facts["headline"]
    assert "cause" not in json.dumps(r.facts["actions"])


@pytest.mark.parametrize(
    ("metric", "listed"),
    [
        (Metric("effort", "effort", "ces", True, 1, 5), True),
        (Metric("stars", "rating", "number", True, 1, 5), True),  # nothing else speaks for the moment
        (Metric("hours", "hours", "number", False), False),
    ],
)
def test_effort_and_stars_stand_for_the_moment_where_there_is_no_csat(story, points, nps, metric, listed) -> None:
    t = replace(story, metrics=(nps, metric), values={"nps": story.values["nps"], metric.name: story.values["csat"]})
    found = {m["pain_point"]: m for m in analyse(t, points).facts.get("moment_relationship", [])}
    assert bool(found) == listed
    if listed:
        assert (found["PP-000"]["kind"], found["PP-000"]["csat"]) == ("moment", metric.name)
        assert found["PP-001"]["kind"] == "both"


def test_stars_don_t_speak_for_a_contact_that_was_rated(story, points, nps, csat) -> None:
    rng = np.random.default_rng(3)
    stars = Metric("stars", "rating", "number", True, 1, 5)
    values = {"nps": story.values["nps"], "csat": rng.integers(1, 6, 2400).astype(float)}
    t = replace(story, metrics=(nps, csat, stars), values={**values, "stars": story.values["csat"]})
    kinds = {m["pain_point"]: m["kind"] for m in analyse(t, points).facts["moment_relationship"]}
    assert kinds["PP-000"] == "neither"


def test_scores_are_those_of_customers(story, points, csat) -> None:
    r = analyse(story, points)
    own = story.categories["author_role"] == 0
    assert r.scores["csat"].value == pytest.approx(np.mean(story.values["csat"][own]))
    assert (r.facts["staff"]["n_staff"], r.facts["staff"]["n_customers"]) == (int((~own).sum()), int(own.sum()))
    d = r.facts["score_details"]["csat"]
    assert sum(c for _, c in d["distribution"]) == d["n"] == int(own.sum())
    assert d["top_box"]["value"] == pytest.approx(np.mean(story.values["csat"][own] >= 4))
    assert d["commenters"]["n"] + d["non_commenters"]["n"] == d["n"]


def test_each_score_is_described_in_its_own_way(story, points) -> None:
    d = analyse(story, points).facts["score_details"]
    assert d["nps"]["promoters"] + d["nps"]["passives"] + d["nps"]["detractors"] == pytest.approx(1)
    assert d["hours"]["median"]["method"] == "median, order statistics"
    assert len(d["hours"]["bins"]) == 10
    assert d["effort"]["ease"]["value"] == pytest.approx(6 - d["effort"]["mean"]["value"])
    assert d["effort"]["direction"] == "lower is better"
    assert d["churn"]["top_box"] is None
    assert d["nps"]["mean"]["value"] > 5  # of the answers, not of the points


def test_what_if_is_half_the_adjusted_figure_turned_round(story, points) -> None:
    r = analyse(story, points)
    row = next(x for x in r.facts["what_if"] if (x["pain_point"], x["metric"]) == ("PP-001", "nps"))
    a = r.impacts["nps"][1].adjusted
    assert row["change"]["value"] == pytest.approx(-a.value / 2)
    assert row["change"]["low"] == pytest.approx(-a.high / 2)
    assert row["change"]["low"] > 0


def test_weights_are_in_the_impacts_and_sum_to_r2(story, points) -> None:
    r = analyse(story, points)
    w = r.facts["relative_weights"]["csat"]
    assert sum(e["value"] for e in w["weights"].values()) == pytest.approx(w["r2"])
    assert r.impacts["csat"][0].relative_weight.value == w["weights"]["PP-000"]["value"]


def test_overlapping_pain_points_are_offered_for_merging(story, points) -> None:
    m = story.mentions.toarray()
    m[:, 3] = m[:, 2]
    m[:25, 3] = ~m[:25, 3]
    t = replace(story, mentions=type(story.mentions)(m))
    vif = {v["pain_point"]: v for v in analyse(t, points).facts["vif"]["csat"]}
    assert vif["PP-002"]["merge_with"] == "PP-003"
    assert vif["PP-003"]["vif"] > 5


def test_same_rows_same_bytes_and_the_input_stays_as_it_was(story, points) -> None:
    before = story.values["nps"].copy(), story.mentions.data.copy()
    first = json.dumps(analyse(story, points, units=units(story)).facts)
    assert first == json.dumps(analyse(story, points, units=units(story)).facts)
    assert np.array_equal(before[0], story.values["nps"], equal_nan=True)
    assert np.array_equal(before[1], story.mentions.data)


def test_nothing_but_texts(story, points) -> None:
    bare = replace(
        story, metrics=(), values={}, categories={}, levels={}, day=np.full_like(story.day, -1),
        customer=np.full_like(story.customer, -1),
    )  # fmt: skip
    r = analyse(bare, points, units=units(story))
    assert r.scores == {}
    assert r.trends == ()
    assert len(r.facts["priority"]) == 5
    assert "actions" not in r.facts


@pytest.mark.parametrize("n", [0, 1, 5, 30])
def test_small_tables_do_not_fail(story, points, n) -> None:
    r = analyse(take(story, np.arange(n)), points)
    json.dumps(r.facts)
    for rows in r.impacts.values():
        assert len(rows) == 5


def test_no_pain_points_at_all(story) -> None:
    t = replace(story, mentions=story.mentions[:, :0])
    r = analyse(t, [])
    assert r.impacts["nps"] == ()
    assert r.order == ()
    assert np.isfinite(r.scores["nps"].value)
    assert r.facts["headline"].startswith("No pain point")


def test_options_reach_the_figures(story, points) -> None:
    r = analyse(story, points, LinkOptions(confidence=0.8, min_cell=200, covariates=("words",), top={"csat": 5}))
    assert r.impacts["nps"][1].gap.status == "suppressed"
    assert r.facts["impact_model"]["csat"]["covariates"] == ["words"]
    own = story.categories["author_role"] == 0
    assert r.facts["score_details"]["csat"]["top_box"]["value"] == pytest.approx(
        np.mean(story.values["csat"][own] == 5)
    )


def test_a_few_silent_answers_are_not_everybody_minus_the_others(story, points) -> None:
    few = replace(story, commented=np.arange(2400) >= 4)
    d = analyse(few, points).facts["score_details"]["csat"]
    assert d["commenters"]["status"] == d["non_commenters"]["status"] == "suppressed"
    alone = analyse(take(story, np.arange(6)), points).facts["score_details"]["nps"]
    assert alone["distribution"] == []
    assert "promoters" not in alone


def test_nothing_of_a_pain_point_below_the_minimum_is_shown(story, points) -> None:
    r = analyse(story, points, LinkOptions(min_cell=100))
    rare = [i for i in r.impacts["csat"] if i.n_mentioners < 100]
    assert rare
    for i in rare:
        assert i.relative_weight is None
        assert i.pain_point not in r.facts["relative_weights"]["csat"]["weights"]
        assert i.adjusted is None or np.isnan(i.adjusted.value)
        assert not [w for w in r.facts["what_if"] if (w["pain_point"], w["metric"]) == (i.pain_point, "csat")]


def test_priority_prefers_certain_harm_to_loud_harm(story, points, csat) -> None:
    r = analyse(story, points)
    metrics = [m for m in story.metrics if m.name == "csat"]
    rows = list(r.impacts["csat"])
    loud = replace(rows[3].adjusted, value=-9.0, low=-30.0, high=12.0)
    rows[3] = replace(rows[3], adjusted=loud)
    assert priority(points, {"csat": rows}, metrics, {"csat": 1.0})[0] != 3


def test_loose_groups_wait_until_the_others_are_through(story, points) -> None:
    before = [a["pain_point"] for a in analyse(story, points).facts["actions"]]
    loose = [replace(p, verdict="loose" if p.id == before[0] else "solid") for p in points]
    after = analyse(story, loose)
    told = [a["pain_point"] for a in after.facts["actions"]]
    assert told[0] == before[1]
    assert before[0] not in told[:2]
    assert after.facts["headline"].startswith(f"“{NAMES[int(told[0][-3:])]}”")
    assert after.facts["priority"] == analyse(story, points).facts["priority"]
