"""Choose what part of a report to hand on: one pain point, the first few, those large enough, without quotes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from cxtext.errors import RequestError
from cxtext.report.facts import mapping
from cxtext.report.figures import as_float
from cxtext.schema import PainPointReport, PainPointRow

# The quote-bearing lists of facts["mismatch"].
_QUEUES = ("hidden_complaints", "praise_from_detractors", "check_sentiment")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What an export keeps.

    ``pain_point``: only this id; ``top``: the first so many in priority order; ``min_n``: those with at least so
    many mentions; ``quotes``: whether customers' sentences are shown (ids of responses always are).
    """

    pain_point: str | None = None
    top: int | None = None
    min_n: int = 0
    quotes: bool = True


def select(report: PainPointReport, options: ExportOptions) -> PainPointReport:
    """The report cut down to what the options ask for; its facts still add up.

    Facts about a pain point that is left out go with it; in a movement that must add up, the rows left out are
    pooled into one. ``facts["selection"]`` says what was chosen and how many pain points are not shown. Raises
    :class:`~cxtext.errors.RequestError` for an id that isn't in the report and for ``top`` below 1.
    """
    if options == ExportOptions():
        return report
    if options.top is not None and options.top < 1:
        raise RequestError(f"--top {options.top}: give a number of 1 or more")
    rows = report.pain_points
    if options.pain_point is not None:
        rows = tuple(row for row in rows if row.pain_point.id.casefold() == options.pain_point.casefold())
        if not rows:
            raise RequestError(_unknown(options.pain_point, report))
    rows = tuple(row for row in rows if row.n_mentions >= options.min_n)[: options.top]
    kept = {row.pain_point.id for row in rows}
    gone = {row.pain_point.id for row in report.pain_points} - kept
    facts = {name: _keep(name, value, gone) for name, value in report.facts.items()}
    rows = tuple(_without_neighbours(row, gone) for row in rows)
    if not options.quotes:
        rows = tuple(_without_quotes(row) for row in rows)
        if isinstance(facts.get("mismatch"), Mapping):
            facts["mismatch"] = {
                key: [{**item, "text": ""} for item in value] if key in _QUEUES and value else value
                for key, value in facts["mismatch"].items()
            }
    facts["selection"] = {**asdict(options), "left_out": len(gone)}
    return replace(report, pain_points=rows, facts=facts)


def with_mentions(report: PainPointReport, mentions: Iterable[Mapping[str, Any]]) -> PainPointReport:
    """The report of one pain point with every sentence that mentions it, not only the exemplars.

    ``report`` comes from :func:`select` with ``pain_point``; ``mentions`` are records with ``response_id``, ``unit``
    (0-based place in the response), ``sentiment`` (-1..1), ``similarity`` (-1..1) and ``text``. They become
    ``facts["mentions"]``, without the text where the selection leaves out quotes. Their ids become those of the row.
    """
    quotes = mapping(report.facts.get("selection")).get("quotes", True)
    kept = ("response_id", "unit", "sentiment", "similarity", *(["text"] if quotes else []))
    found = [{key: item.get(key) for key in kept} for item in mentions]
    ids = tuple(dict.fromkeys(str(item["response_id"]) for item in found))
    rows = tuple(replace(row, mention_ids=ids) for row in report.pain_points)
    return replace(report, pain_points=rows, facts={**report.facts, "mentions": found})


def _unknown(wanted: str, report: PainPointReport) -> str:
    ids = [row.pain_point.id for row in report.pain_points]
    there = f"it has {', '.join(ids[:8])}{' ...' if len(ids) > 8 else ''}" if ids else "it has none"
    return f"--pain-point {wanted}: no such pain point in this report; {there}"


def _without_neighbours(row: PainPointRow, gone: set[str]) -> PainPointRow:
    kept = tuple(id_ for id_ in row.pain_point.neighbours if id_ not in gone)
    return replace(row, pain_point=replace(row.pain_point, neighbours=kept))


def _without_quotes(row: PainPointRow) -> PainPointRow:
    return replace(row, pain_point=replace(row.pain_point, exemplars=()))


def _keep(name: str, value: Any, gone: set[str]) -> Any:
    """One fact without the pain points that are gone: rows that name one, and keys that are one."""
    if name == "movement" and isinstance(value, Mapping):
        return {metric: _pooled(mapping(moved), gone) for metric, moved in value.items()}
    if name == "themes" and isinstance(value, (list, tuple)):
        themes = [
            {**theme, "pain_points": [p for p in theme.get("pain_points", ()) if p not in gone]} for theme in value
        ]
        return [theme for theme in themes if theme["pain_points"]]
    if name == "priority" and isinstance(value, (list, tuple)):
        return [id_ for id_ in value if id_ not in gone]
    if name == "health" and isinstance(value, Mapping):
        # What to do next about a pain point that isn't shown would lead nowhere.
        words = set(str(value.get("next_action") or "").replace(",", " ").replace(":", " ").split())
        return {**value, "next_action": ""} if words & gone else value
    if name in ("headline", "codebook"):
        return value
    return _pruned(value, gone)


def _pruned(value: Any, gone: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _pruned(item, gone) for key, item in value.items() if key not in gone}
    if isinstance(value, (list, tuple)):
        return [_pruned(v, gone) for v in value if not (isinstance(v, Mapping) and v.get("pain_point") in gone)]
    return value


def _pooled(moved: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    rows = list(moved.get("rows") or ())
    left_out = [row for row in rows if row.get("pain_point") in gone]
    if not left_out:
        return dict(moved)
    pooled = {key: sum(as_float(row.get(key)) for row in left_out) for key in ("mix", "rate", "total")}
    kept = [row for row in rows if row.get("pain_point") not in gone]
    return {**moved, "rows": [*kept, {"pain_point": "", "label": "pain points left out of this selection", **pooled}]}
