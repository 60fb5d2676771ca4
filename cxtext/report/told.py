"""The headline and the three things to do first, in sentences with their figures.

Linking decides which pain points come first (``facts["actions"]``); here they are put into words, in the same units,
decimals and names as the tables below them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxtext.report import figures
from cxtext.report.facts import mapping, records
from cxtext.schema import Metric, PainPointReport, PainPointRow, Trend

_SURE = 0.05
_RECENT = 4  # a growing pain point's latest quarter of periods is set against the rest


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: the pain point's id ("" if it isn't shown), what to do, the reasons, worst score first, and
    a sentence of a customer ("" where none is shown)."""

    pain_point: str
    headline: str
    reasons: tuple[str, ...]
    quote: str = ""


def headline(report: PainPointReport) -> str:
    """The first pain point with what goes with it, in one sentence; what linking said if there are no figures."""
    said = str(report.facts.get("headline") or "")
    first = next(iter(records(report.facts.get("actions"))), {})
    row = _rows(report).get(str(first.get("pain_point")))
    harms = _harms(report, row, "95\u00a0% interval ") if row is not None else []
    if row is not None and harms:
        start = f"Start with “{row.pain_point.label}”: {_reach(row)} mention it"
        return f"{start}, and {harms[0]} go with it, other things equal."
    if row is None and report.facts.get("selection") and report.pain_points:
        # A selection is about its own pain points, never about one that was left out.
        row = report.pain_points[0]
        harms = _harms(report, row, "95\u00a0% interval ")
        beside = f", and {harms[0]} go with it, other things equal" if harms else ""
        return f"“{row.pain_point.label}”: {_reach(row)} mention it{beside}."
    return said


def actions(report: PainPointReport) -> list[Action]:
    """Up to three pain points to act on, with reach, the scores they go with, and how they move."""
    rows, result = _rows(report), []
    for item in records(report.facts.get("actions"))[:3]:
        row = rows.get(str(item.get("pain_point")))
        title = str(item.get("headline") or "")
        if row is None:
            result.append(Action("", title, (str(item.get("why") or ""),)))
            continue
        said = (_reach(row), _beside_others(report, row), *_harms(report, row)[:2], _loose(row), _moves(report, row))
        result.append(Action(row.pain_point.id, title, tuple(part for part in said if part), _quote(row)))
    return result


def moved(report: PainPointReport, name: str) -> str:
    """A score's last movement in a few words, "" if there is none: "−10.3 from 2025-11 to 2025-12"."""
    facts = mapping(mapping(report.facts.get("movement")).get(name))
    if figures.missing(facts.get("change")):
        return ""
    change = figures.rulers(report.metrics)[name].change(facts["change"])
    return f"{change} from {facts.get('from')} to {facts.get('to')}"


def blurred(facts: Mapping[str, Any]) -> bool:
    """Whether the intervals of a score in two periods share values: then the change between them may be chance."""
    before, after = (figures.estimate(facts.get(key)) for key in ("before", "after"))
    if before is None or after is None:
        return False
    if any(figures.missing(end) for e in (before, after) for end in (e.low, e.high)):
        return False
    return before.low <= after.high and after.low <= before.high


def model_fit(report: PainPointReport) -> str:
    """Whether the trained model that was used still fits, with its figures; "" where none was used."""
    drift = mapping(report.facts.get("drift"))
    why = str(drift.get("why") or "").rstrip(".")
    if not why:
        return ""
    parts = [f"{'Train again: ' if drift.get('retrain') else ''}{why}"]
    now, before = figures.share(drift.get("unclustered")), figures.share(drift.get("unclustered_at_training"))
    if now and before:
        parts.append(f"Unclustered now {now}, at training {before}")
    phrases = []
    for item in records(drift.get("new_phrases"))[:8]:
        share, usual = figures.share(item.get("share")), figures.share(item.get("at_training"))
        phrases.append(f"“{item.get('phrase')}” in {share} (before {usual})")
    if phrases:
        parts.append(f"New words: {', '.join(phrases)}")
    return ". ".join(parts) + "."


def decisions(report: PainPointReport, which: str) -> list[str]:
    """The codebook's decisions that were "applied", or those "unfitting" with the reason."""
    lines = []
    for item in records(mapping(report.facts.get("codebook")).get(which)):
        why = f" ({item['why']})" if item.get("why") else ""
        lines.append(f"{item.get('decision')} of {item.get('id')}{why}")
    return lines


def _rows(report: PainPointReport) -> dict[str, PainPointRow]:
    return {row.pain_point.id: row for row in report.pain_points}


def _reach(row: PainPointRow) -> str:
    share = figures.share(row.prevalence)
    return f"{figures.count(row.n_mentions)} responses{f' ({share})' if share else ''}"


def _beside_others(report: PainPointReport, row: PainPointRow) -> str:
    """The first score that is worse with it, of those who mention it and of the others."""
    for metric in sorted(report.metrics, key=lambda m: not _given(m)):
        ruler, impact = figures.ruler(metric), row.impacts.get(metric.name)
        if impact is None or not (figures.known(impact.mentioners) and figures.known(impact.others)):
            continue
        if figures.known(impact.gap) and figures.sure(impact.gap) and ruler.tone(impact.gap.value) == "bad":
            with_it, without = ruler.value(impact.mentioners.value), ruler.value(impact.others.value)
            return f"{ruler.name} {with_it} where it is mentioned, {without} elsewhere"
    return ""


def _loose(row: PainPointRow) -> str:
    return "a loose group: read its sentences before you act" if row.pain_point.verdict == "loose" else ""


def _quote(row: PainPointRow) -> str:
    """The first sentence of middling length among the exemplars, else the first."""
    texts = [" ".join(e.text.split()) for e in row.pain_point.exemplars if e.text.strip()]
    return next((text for text in texts if 30 <= len(text) <= 140), texts[0] if texts else "")


def _given(metric: Metric) -> bool:
    """Whether customers gave the score themselves; hours, churn and the like are told after these."""
    return metric.kind in ("nps", "csat", "ces") or (metric.kind == "number" and metric.high is not None)


def _harms(report: PainPointReport, row: PainPointRow, word: str = "") -> list[str]:
    """The scores that are worse with it, where the interval leaves out zero: "−2.4 NPS points (−3.4 to −1.4)"."""
    told = []
    for metric in sorted(report.metrics, key=lambda m: not _given(m)):
        ruler, impact = figures.ruler(metric), row.impacts.get(metric.name)
        e = impact.adjusted if impact is not None else None
        if e is None or not figures.known(e) or not figures.sure(e) or ruler.tone(e.value) != "bad":
            continue
        way = "" if ruler.high_good else f"; {ruler.direction}"
        told.append(f"{ruler.change_of(e)} {ruler.unit} ({word}{ruler.interval(e, change=True)}{way})")
    return told


def _moves(report: PainPointReport, row: PainPointRow) -> str:
    """How it moves, with the figures that say so; nothing where it is steady."""
    trend = row.trend
    if trend is None:
        return ""
    if trend.kind == "burst":
        mine = [b for b in bursts(report) if b.get("pain_point") == row.pain_point.id]
        if not mine:
            return ""
        peak = max(mine, key=lambda b: figures.as_float(b.get("count")))
        expected = figures.decimal(peak.get("expected"), 1)
        where = f"{period(trend, peak.get('period'))}: {figures.count(peak.get('count'))} responses"
        return f"a burst in {where}{f', {expected} expected' if expected else ''}"
    if trend.kind in ("emerging", "rising", "fading"):
        recent = max(1, len(trend.counts) // _RECENT)
        now = _rate(trend.counts[-recent:], trend.totals[-recent:])
        before = _rate(trend.counts[:-recent], trend.totals[:-recent])
        if now and before:
            word = {"emerging": "new and growing", "rising": "growing", "fading": "fading"}[trend.kind]
            return f"{word}: {now} of the responses since {trend.periods[-recent]}, {before} before"
    return ""


def bursts(report: PainPointReport) -> list[Mapping[str, Any]]:
    """The bursts in shares; where only the number of mentions is up, more was written about everything."""
    found = records(report.facts.get("bursts"))
    return [b for b in found if figures.missing(b.get("share_q")) or b["share_q"] < _SURE]


def period(trend: Trend | None, start: object) -> str:
    """A period in words: a day that starts a week says so."""
    text = str(start or "")
    starts = trend.periods if trend is not None else ()
    return f"the week of {text}" if text.count("-") == 2 and (not starts or starts[0].count("-") == 2) else text


def _rate(counts: tuple[int, ...], totals: tuple[int, ...]) -> str:
    n = sum(totals)
    return figures.share(sum(counts) / n) if n else ""


def metric_names(report: PainPointReport, names: object) -> str:
    """Names of scores as the report writes them, from "nps, resolution_hours"."""
    rulers = figures.rulers(report.metrics)
    parts = [part.strip() for part in str(names or "").split(",")]
    return ", ".join(rulers[p].name if p in rulers else p for p in parts if p)
