"""The sentences at the top: whose figures they hold, and what they say when there are none."""

from __future__ import annotations

from dataclasses import replace

from cxtext.report import told
from cxtext.schema import PainPointReport


def test_the_headline_has_reach_score_unit_and_interval(report: PainPointReport) -> None:
    text = told.headline(report)
    row = next(r for r in report.pain_points if r.pain_point.id == report.facts["actions"][0]["pain_point"])
    assert row.pain_point.label in text
    assert f"{row.n_mentions:,} responses" in text
    assert "NPS points" in text
    assert "interval" in text


def test_without_figures_it_says_what_linking_said(report: PainPointReport) -> None:
    bare = replace(report, pain_points=tuple(replace(row, impacts={}) for row in report.pain_points))
    assert told.headline(bare) == report.facts["headline"]
    assert told.headline(replace(report, facts={})) == ""
    assert told.actions(replace(report, facts={})) == []


def test_actions_say_how_it_moves(report: PainPointReport) -> None:
    kinds = {row.pain_point.id: row.trend.kind for row in report.pain_points if row.trend}
    growing = [a for a in told.actions(report) if kinds.get(a.pain_point) in ("emerging", "rising")]
    assert growing
    for action in growing:
        assert "growing" in action.reasons[-1]
        assert "before" in action.reasons[-1]


def test_a_burst_is_told_with_its_figures(report: PainPointReport) -> None:
    row = next(r for r in report.pain_points if r.trend and r.trend.kind == "burst")
    burst = {"pain_point": row.pain_point.id, "period": "2025-09-08", "count": 14, "expected": 3.2}
    facts = {**report.facts, "bursts": [burst], "actions": [{"pain_point": row.pain_point.id, "headline": "Look"}]}
    assert "14 responses, 3.2 expected" in told.actions(replace(report, facts=facts))[0].reasons[-1]


def test_a_pain_point_that_is_not_shown_keeps_its_words(report: PainPointReport) -> None:
    facts = {**report.facts, "actions": [{"pain_point": "PP-999", "headline": "Look", "why": "because"}]}
    (action,) = told.actions(replace(report, facts=facts))
    assert (action.pain_point, action.reasons) == ("", ("because",))
