"""The sentences at the top: whose figures they hold, and what they say when there are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtext.report import told
from cxtext.report.html import to_html
from cxtext.report.markdown import to_markdown
from cxtext.report.selection import ExportOptions, select
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


def test_the_reasons_hold_both_groups_scores_and_a_sentence(report: PainPointReport) -> None:
    first = told.actions(report)[0]
    assert any("where it is mentioned" in reason and "elsewhere" in reason for reason in first.reasons)
    row = next(r for r in report.pain_points if r.pain_point.id == first.pain_point)
    assert first.quote in [e.text for e in row.pain_point.exemplars]
    mute = replace(row, pain_point=replace(row.pain_point, exemplars=()))
    assert told.actions(replace(report, pain_points=(mute,)))[0].quote == ""


def test_a_loose_group_is_to_be_read_first(report: PainPointReport) -> None:
    id_ = report.facts["actions"][0]["pain_point"]
    rows = tuple(
        replace(r, pain_point=replace(r.pain_point, verdict="loose")) if r.pain_point.id == id_ else r
        for r in report.pain_points
    )
    assert "read its sentences" in " ".join(told.actions(replace(report, pain_points=rows))[0].reasons)
    assert "read its sentences" not in " ".join(told.actions(report)[0].reasons)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [((1.0, 2.0), (1.9, 3.0), True), ((1.0, 2.0), (2.1, 3.0), False), ((2.1, 3.0), (1.0, 2.0), False)],
)
def test_a_change_is_blurred_where_the_intervals_overlap(
    before: tuple[float, float], after: tuple[float, float], expected: bool
) -> None:
    ends = {
        key: {"value": sum(span) / 2, "low": span[0], "high": span[1], "n": 90}
        for key, span in (("before", before), ("after", after))
    }
    assert told.blurred(ends) is expected
    assert told.blurred({"before": ends["before"]}) is False
    assert told.blurred({**ends, "after": {"value": 1.0, "low": None, "high": None, "n": 3}}) is False


def test_bursts_are_those_in_shares(report: PainPointReport) -> None:
    common = {"pain_point": "PP-001", "period": "2025-03-03", "count": 9, "expected": 8.1, "q": 0.01}
    facts = {**report.facts, "bursts": [{**common, "share_q": 0.4}, {**common, "share_q": 0.02}, common]}
    assert [b.get("share_q") for b in told.bursts(replace(report, facts=facts))] == [0.02, None]


def test_fit_and_decisions(report: PainPointReport) -> None:
    fit = told.model_fit(report)
    assert fit.startswith("hardly more is left over")
    assert "Unclustered now 21.0 %, at training 18.0 %" in fit
    assert "“passkey” in 0.5 % (before <0.1 %)" in fit
    again = {**report.facts["drift"], "retrain": True}
    assert told.model_fit(replace(report, facts={**report.facts, "drift": again})).startswith("Train again: ")
    assert told.model_fit(replace(report, facts={})) == ""
    assert told.decisions(report, "applied") == ["label of PP-009"]
    assert told.decisions(report, "unfitting") == ["merge of PP-031 (PP-031 isn't in this model)"]
    assert told.decisions(replace(report, facts={}), "applied") == []


def test_page_and_ticket_tell_fit_and_decisions(report: PainPointReport) -> None:
    page, text = to_html(report), to_markdown(report, pictures=False)[0]
    for there in (page, text):
        assert "at training" in there
        assert "merge of" in there
        assert "label of" in there


def test_the_headline_of_a_selection_is_about_the_selection(report) -> None:
    for row in report.pain_points:
        chosen = select(report, ExportOptions(pain_point=row.pain_point.id))
        assert row.pain_point.label in told.headline(chosen)
        others = [r.pain_point.label for r in report.pain_points if r is not row]
        assert not any(label in told.headline(chosen) for label in others)
