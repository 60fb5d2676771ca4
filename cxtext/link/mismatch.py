"""Where text and score disagree: hidden complaints, praise from unhappy scorers, and columns that look reversed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext.link.metrics import PROMOTER, ease, top_box
from cxtext.link.people import staff_rows
from cxtext.link.ranks import kendall, spearman
from cxtext.schema import LinkTable, Metric

Floats = npt.NDArray[np.float64]

NEGATIVE = -0.3
POSITIVE = 0.5
MOST_LISTED = 100
KENDALL_ROWS = 20_000
REVERSED = -0.1
DETRACTOR = 6.0


Case = tuple[float, int, str, float, int]
"""Strength (lower = stronger), response, metric, its score, mention (-1: the whole text)."""


class Cases:
    """Cases of one kind, held as arrays: there may be a million of them, and a hundred are shown."""

    def __init__(self) -> None:
        self.count = 0
        self.parts: list[tuple[str, Floats, npt.NDArray[Any], Floats, npt.NDArray[Any]]] = []

    def add(
        self, metric: str, strength: npt.NDArray[Any], response: npt.NDArray[Any], score: Floats, unit: npt.NDArray[Any]
    ) -> None:
        """More cases; ``score`` float[N] is of all responses. A response counts once for each metric."""
        hit = np.zeros(len(score), dtype=bool)
        hit[response] = True
        self.count += int(hit.sum())
        self.parts.append((metric, strength.astype(np.float64), response, score[response], unit))

    def first(self, most: int) -> list[Case]:
        """The strongest cases; ties in the order of responses, metrics, scores and mentions."""
        found: list[Case] = []
        for metric, strength, response, score, unit in self.parts:
            some = np.arange(len(strength))
            if len(some) > most:
                some = np.flatnonzero(strength <= np.partition(strength, most - 1)[most - 1])
            order = some[np.lexsort((unit[some], score[some], response[some], strength[some]))][:most]
            found += [
                (float(strength[i]), int(response[i]), metric, float(score[i]), int(unit[i])) for i in order.tolist()
            ]
        return sorted(found)[:most]


@dataclass(frozen=True)
class MentionUnits:
    """The U units that mention a pain point: ``response`` int[U] row of the link table, ``pain_point`` int[U] column,
    ``sentiment`` float[U] of the unit itself (-1..1). ``texts`` the units' redacted words and ``response_ids`` of all N
    responses fill the lists for people; without them those fields stay empty."""

    response: npt.NDArray[Any]
    pain_point: npt.NDArray[Any]
    sentiment: npt.NDArray[Any]
    texts: Sequence[str] | None = None
    response_ids: Sequence[str] | None = None
    response_texts: Sequence[str] | None = None


def mismatch(
    table: LinkTable,
    units: MentionUnits,
    pain_points: Sequence[str],
    *,
    sentiment: Floats | None = None,
    most_listed: int = MOST_LISTED,
) -> dict[str, Any]:
    """Compare what customers wrote with the score they gave, for every score that has a top and a bottom.

    Hidden complaint: a top-box score and a unit at or below -.3 that mentions a pain point. Praise from a detractor: a
    bottom-box score, a text at +.5 or above and no pain point in it. "Check sentiment": the same with a pain point in
    it, mostly words that the lexicon misreads. ``sentiment`` float[N] replaces the table's: give the lexicon's own when
    the table's was learned from these very scores, or a reversed column can't be noticed. All cases are counted, the
    strongest ``most_listed`` listed. Rows of staff don't count.
    """
    text_sentiment = np.asarray(table.sentiment if sentiment is None else sentiment, dtype=np.float64)
    staff = staff_rows(table)
    text_sentiment = np.where(staff | ~np.asarray(table.commented), np.nan, text_sentiment)
    response, point, unit = (np.asarray(x) for x in (units.response, units.pain_point, units.sentiment))
    mentions_any = np.zeros(len(staff), dtype=bool)
    mentions_any[response] = True
    hidden, praise, check = Cases(), Cases(), Cases()
    agreement: dict[str, Any] = {}
    backwards: list[dict[str, Any]] = []
    for metric in table.metrics:
        raw = np.asarray(table.values[metric.name], dtype=np.float64)
        good = ease(metric, raw)
        agreement[metric.name] = _agreement(text_sentiment, good)
        odd = _reversed(metric, agreement[metric.name])
        if odd:
            # Every "mismatch" of such a column would be an artefact.
            backwards.append(odd)
            continue
        top, bottom = _boxes(metric, good)
        if not (top.any() or bottom.any()):
            continue
        low = np.flatnonzero(unit <= NEGATIVE)
        found = low[(top & ~staff)[response[low]]]
        hidden.add(metric.name, unit[found], response[found], raw, found)
        glad = bottom & (text_sentiment >= POSITIVE)
        for rows, target in ((glad & ~mentions_any, praise), (glad & mentions_any, check)):
            at = np.flatnonzero(rows)
            target.add(metric.name, -text_sentiment[at], at, raw, np.full(len(at), -1))

    def listed(cases: Cases) -> list[dict[str, Any]]:
        return [_item(x, units, point, pain_points) for x in cases.first(most_listed)]

    return {
        "hidden_complaints": listed(hidden),
        "n_hidden": hidden.count,
        "praise_from_detractors": listed(praise),
        "n_praise": praise.count,
        "check_sentiment": listed(check),
        "n_check": check.count,
        "agreement": agreement,
        "reversed": backwards,
    }


def _item(
    x: tuple[float, int, str, float, int], units: MentionUnits, point: npt.NDArray[Any], pain_points: Sequence[str]
) -> dict[str, Any]:
    key, row, metric, score, unit = x
    texts = units.texts if unit >= 0 else units.response_texts
    return {
        "response_id": units.response_ids[row] if units.response_ids is not None else "",
        "metric": metric,
        "score": score,
        "sentiment": key if unit >= 0 else -key,
        "pain_point": pain_points[int(point[unit])] if unit >= 0 else "",
        "text": texts[unit if unit >= 0 else row] if texts is not None else "",
        "response": row,
    }


def _boxes(metric: Metric, good: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which answers are in the top and in the bottom box (promoters and detractors for NPS)."""
    if metric.kind == "nps":
        return good >= PROMOTER, good <= DETRACTOR
    cut = top_box(metric)
    if cut is None or metric.low is None or metric.high is None:
        none = np.zeros(len(good), dtype=bool)
        return none, none
    return good >= cut, good <= metric.low + (metric.high - cut)


def _agreement(sentiment: Floats, good: Floats) -> dict[str, Any]:
    """Rank correlations of text sentiment with the score turned so that more is better: positive = they agree."""
    both = np.flatnonzero(np.isfinite(sentiment) & np.isfinite(good))
    n = len(both)
    if n < 10 or np.ptp(sentiment[both]) == 0 or np.ptp(good[both]) == 0:
        return {"spearman": float("nan"), "kendall": float("nan"), "n": n}
    some = both[np.linspace(0, n - 1, KENDALL_ROWS).astype(np.int64)] if n > KENDALL_ROWS else both
    return {
        "spearman": spearman(sentiment[both], good[both]),
        "kendall": kendall(sentiment[some], good[some]),
        "n": n,
    }


def _reversed(metric: Metric, found: dict[str, Any]) -> dict[str, Any] | None:
    """A score that falls where texts are friendlier was probably declared the wrong way round: name the flag."""
    rho, n = found["spearman"], found["n"]
    if not (n >= 50 and rho <= REVERSED and abs(rho) * np.sqrt(n) > 4):
        return None
    other = "low-good" if metric.high_good else "high-good"
    scale = f":{metric.low:g}-{metric.high:g}" if metric.low is not None and metric.high is not None else ""
    codes = ":missing=" + ",".join(f"{c:g}" for c in metric.missing) if metric.missing else ""
    if metric.kind == "ces":
        flag = f'--ces "{metric.column}{scale}:{other}"'
    else:
        kind = "rate" if metric.kind == "rate" else "number"
        flag = f'--outcome "{metric.column}:{kind}:{other}{codes}"'
    return {"metric": metric.name, "spearman": rho, "flag": flag}
