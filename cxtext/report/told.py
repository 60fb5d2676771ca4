"""The headline and the three things to do first, in sentences with their figures.

Linking decides which pain points come first (``facts["actions"]``); here they are put into words, in the same units,
decimals and names as the tables below them.
"""

from __future__ import annotations

from dataclasses import dataclass

from cxtext.report import figures
from cxtext.report.facts import records
from cxtext.schema import Metric, PainPointReport, PainPointRow, Trend

_RECENT = 4  # a growing pain point's latest quarter of periods is set against the rest


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: the pain point's id ("" if it isn't shown), what to do, and the reasons, worst score first."""

    pain_point: str
    headline: str
    reasons: tuple[str, ...]


def headline(report: PainPointReport) -> str:
    """The first pain point with what goes with it, in one sentence; what linking said if there are no figures."""
    said = str(report.facts.get("headline") or "")
    first = next(iter(records(report.facts.get("actions"))), {})
    row = _rows(report).get(str(first.get("pain_point")))
    harms = _harms(report, row, "95\u00a0% interval ") if row is not None else []
    if row is None or not harms:
        return said
    where = f"“{row.pain_point.label}” is in {_reach(row)}"
    return f"{where} and goes with {harms[0]}, other pain points and covariates equal."


def actions(report: PainPointReport) -> list[Action]:
    """Up to three pain points to act on, with reach, the scores they go with, and how they move."""
    rows, result = _rows(report), []
    for item in records(report.facts.get("actions"))[:3]:
        row = rows.get(str(item.get("pain_point")))
        title = str(item.get("headline") or "")
        if row is None:
            result.append(Action("", title, (str(item.get("why") or ""),)))
            continue
        reasons = [_reach(row), *_harms(report, row)[:2]]
        moves = _moves(report, row)
        result.append(Action(row.pain_point.id, title, (*reasons, *([moves] if moves else []))))
    return result


def _rows(report: PainPointReport) -> dict[str, PainPointRow]:
    return {row.pain_point.id: row for row in report.pain_points}


def _reach(row: PainPointRow) -> str:
    share = figures.share(row.prevalence)
    return f"{figures.count(row.n_mentions)} responses{f' ({share})' if share else ''}"


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
        mine = [b for b in records(report.facts.get("bursts")) if b.get("pain_point") == row.pain_point.id]
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
