"""Two groups side by side: A/B tests, before and after, two runs; what differs, and whether the groups are alike.

Differences are always second minus first (B minus A, treated minus control). A before/after comparison without a
control group shows change, not effect; with one, ``difference_in_differences`` estimates the effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.errors import RequestError
from cxtext.link import intervals as iv
from cxtext.link.adjusted import adjusted
from cxtext.link.cells import association
from cxtext.link.contrast import Contrast, Sample, contrast
from cxtext.link.design import default_covariates
from cxtext.link.did import difference_in_differences
from cxtext.link.metrics import LOW_CONFIDENCE, MIN_CELL, NAN, points
from cxtext.link.people import customer_groups, customers, staff_rows, take
from cxtext.plain import plain
from cxtext.schema import Estimate, LinkTable, Metric, nine

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MENTION = Metric("mention", "", "rate", False, 0, 1)


def compare(
    a: LinkTable,
    b: LinkTable,
    pain_points_a: Sequence[str],
    pain_points_b: Sequence[str] | None = None,
    *,
    names: tuple[str, str] = ("A", "B"),
    min_cell: int = MIN_CELL,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """Set run B beside run A: pain points by id, scores by name, as JSON-ready facts.

    Pain points and scores that only one run knows are named, not compared. Customers of the two runs count as different
    people. Differences are B minus A.
    """
    ids_b = list(pain_points_a if pain_points_b is None else pain_points_b)
    ids_a = list(pain_points_a)
    common = sorted(set(ids_a) & set(ids_b))
    shared, odd = _shared_metrics(a, b)
    table = stack(_columns(a, [ids_a.index(i) for i in common]), _columns(b, [ids_b.index(i) for i in common]), shared)
    second = np.r_[np.zeros(a.mentions.shape[0], dtype=bool), np.ones(b.mentions.shape[0], dtype=bool)]
    facts = _comparison(table, second, common, names, (), min_cell, confidence)
    facts["only_in_a"] = sorted(set(ids_a) - set(ids_b))
    facts["only_in_b"] = sorted(set(ids_b) - set(ids_a))
    facts["notes"] = [*odd, *facts["notes"], "two runs without random assignment: change, not effect"]
    return dict(plain(facts, nine))


def compare_arms(
    table: LinkTable,
    arm: str,
    pain_points: Sequence[str],
    *,
    control: str | None = None,
    cutoff: str | None = None,
    unit: str | None = None,
    min_cell: int = MIN_CELL,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """Compare the arms of a test, named by a category of the table, as JSON-ready facts.

    Every other arm is set against ``control`` (by default the first by name). With ``cutoff``, the day (YYYY-MM-DD)
    from which the treatment ran, each comparison also has a difference in differences, clustered by the category
    ``unit`` at which arms were assigned, else by customer. Categories whose levels lie in one arm each (shops that were
    assigned whole) are neither balance nor covariates. Raises RequestError for an arm that isn't there.
    """
    day = None if cutoff is None else _day(cutoff)
    table = customers(table)
    codes, levels = _category(table, arm)
    present = [name for i, name in enumerate(levels) if (codes == i).any()]
    if len(present) < 2:
        raise RequestError(f"the column {arm!r} has fewer than two values: nothing to compare")
    if control is None:
        control = sorted(present)[0]
    if control not in present:
        raise RequestError(f"{control!r} isn't a value of {arm!r}; values: {', '.join(sorted(present))}")
    out: list[dict[str, Any]] = []
    for name in sorted(set(present) - {control}):
        rows = (codes == levels.index(control)) | (codes == levels.index(name))
        part = take(table, np.flatnonzero(rows))
        second = codes[rows] == levels.index(name)
        apart = (arm, *(() if unit is None else (unit,)), *_nested(part, second))
        facts = _comparison(part, second, pain_points, (control, name), apart, min_cell, confidence)
        facts["notes"].append(_meaning(part.day, second, (control, name), day))
        if cutoff is not None and day is not None:
            by = None if unit is None else _category(part, unit)[0]
            facts["did"] = difference_in_differences(part, second, day, pain_points, by, confidence)
            facts["did"]["cutoff"], facts["did"]["unit"] = cutoff, unit or "customer"
        out.append(facts)
    return dict(plain({"arm": arm, "control": control, "comparisons": out}, nine))


def _day(cutoff: str) -> int:
    """Days since 1970 of a date written YYYY-MM-DD."""
    try:
        return date.fromisoformat(cutoff).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        raise RequestError(f"--cutoff {cutoff}: write the day on which it began as YYYY-MM-DD") from None


def _nested(table: LinkTable, second: Bools) -> tuple[str, ...]:
    """Categories of several levels a group, each of which lies in one group only: they were assigned, not compared."""
    found = []
    for name in sorted(table.categories):
        codes = np.asarray(table.categories[name])
        known = codes >= 0
        size = len(table.levels[name])
        in_a, in_b = (np.bincount(codes[known & side], minlength=size) > 0 for side in (~second, second))
        if not (in_a & in_b).any() and in_a.any() and in_b.any() and (in_a | in_b).sum() > 2:
            found.append(name)
    return tuple(found)


def _meaning(day: npt.NDArray[Any], second: Bools, names: tuple[str, str], cutoff: int | None) -> str:
    """What the difference may be called: an effect needs chance or a control."""
    a, b = (day[side & (day >= 0)] for side in (~second, second))
    if len(a) and len(b) and (a.max() < b.min() or b.max() < a.min()):
        return f"{names[0]} and {names[1]} are different times without a control group: change, not effect"
    if cutoff is not None:
        return "the difference in differences is an effect only if both groups would otherwise have moved alike"
    return "an effect only if chance decided who got which; otherwise a difference between groups"


def _category(table: LinkTable, name: str) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    if name not in table.categories:
        known = ", ".join(sorted(table.categories)) or "none"
        raise RequestError(f"there is no category {name!r}; categories of this run: {known}")
    return np.asarray(table.categories[name]), tuple(table.levels[name])


def _comparison(
    table: LinkTable, second: Bools, pain_points: Sequence[str], names: tuple[str, str], not_covariates: Sequence[str],
    min_cell: int, confidence: float,
) -> dict[str, Any]:  # fmt: skip
    own = customers(table)
    if own is not table:
        second = second[~staff_rows(table)]
        table = own
    n = len(second)
    group, n_groups, repeats = customer_groups(table.customer)
    by_column = sp.csc_array(table.mentions)
    rows: list[dict[str, Any]] = []
    for j, name in enumerate(pain_points):
        v = np.zeros(n)
        v[by_column.indices[by_column.indptr[j] : by_column.indptr[j + 1]]] = 1.0
        c = contrast(_sample(MENTION, v, second, group, n_groups, repeats, np.arange(n)), confidence)
        rows.append({"pain_point": name, **_facts(c, MENTION, min_cell), "q": NAN})
    for row, q in zip(rows, iv.benjamini_hochberg(np.array([r["p"] for r in rows], dtype=np.float64)), strict=True):
        row["q"] = float(q)
    rows.sort(key=lambda r: (np.isnan(r["p"]), r["p"], r["pain_point"]))
    covariates = tuple(c for c in default_covariates(table) if c not in (*not_covariates, "period"))
    scores: dict[str, Any] = {}
    for m in table.metrics:
        v = points(m, table.values[m.name])
        kept = np.flatnonzero(np.isfinite(v))
        of, groups, again = customer_groups(table.customer[kept])
        s = _sample(m, v[kept], second[kept], of, groups, again, kept)
        facts = _facts(contrast(s, confidence), m, min_cell)
        facts["standardised"] = _standardised(table, s, covariates, confidence)
        scores[m.name] = facts
    balance = _balance(table, second, not_covariates)
    unlike = [b["dimension"] for b in balance if b["warn"]]
    notes = [f"the groups differ in {', '.join(unlike)}: read the standardised differences"] if unlike else []
    return {
        "a": {"name": names[0], "n": int(np.sum(~second))},
        "b": {"name": names[1], "n": int(np.sum(second))},
        "rows": rows,
        "scores": scores,
        "balance": balance,
        "notes": notes,
    }


def _sample(
    m: Metric, v: Floats, second: Bools, group: npt.NDArray[np.int64], n_groups: int, repeats: bool,
    kept: npt.NDArray[np.int64],
) -> Sample:  # fmt: skip
    """The second group plays the part of one pain point, so that every interval and clustering rule is the same."""
    rows = np.flatnonzero(second)
    return Sample(m, v, rows, np.zeros(len(rows), dtype=np.int64), 1, group, n_groups, repeats, kept)


def _facts(c: Contrast, m: Metric, min_cell: int) -> dict[str, Any]:
    n_b, n_a = int(c.n1[0]), int(c.n0[0])
    level = {"nps": "NPS, adjusted Wald", "rate": "rate, Wilson"}.get(m.kind, "mean, t interval")
    method = {"nps": "NPS difference, adjusted Wald", "rate": "difference of rates, Newcombe"}.get(m.kind, "Welch")
    if c.clustered:
        level, method = "clustered by customer", "difference, clustered by customer"
    if min(n_a, n_b) < min_cell:
        hidden = [
            Estimate(NAN, NAN, NAN, n, x, "suppressed") for n, x in ((n_a, level), (n_b, level), (n_a + n_b, method))
        ]
        return {"a": hidden[0], "b": hidden[1], "difference": hidden[2], "p": NAN}

    def of(value: Floats, low: Floats, high: Floats, n: int, how: str, cases: int) -> Estimate:
        status = "low confidence" if cases < LOW_CONFIDENCE else ""
        return Estimate(float(value[0]), float(low[0]), float(high[0]), n, how, status)

    return {
        "a": of(c.mean0, c.low0, c.high0, n_a, level, n_a),
        "b": of(c.mean1, c.low1, c.high1, n_b, level, n_b),
        "difference": of(c.gap, c.gap_low, c.gap_high, n_a + n_b, method, min(n_a, n_b)),
        "p": float(c.gap_p[0]),
    }


def _standardised(table: LinkTable, s: Sample, covariates: tuple[str, ...], confidence: float) -> Estimate | None:
    """The difference with segments, channel and length held equal (regression); ``None`` where it can't be given."""
    adj = adjusted(table, s, covariates=covariates, confidence=confidence)
    if not np.isfinite(adj.b[0]):
        return None
    method = "regression on group, " + (", ".join(adj.used) or "no covariates")
    return Estimate(float(adj.b[0]), float(adj.b_low[0]), float(adj.b_high[0]), len(s), method)


def _balance(table: LinkTable, second: Bools, skip: Sequence[str]) -> list[dict[str, Any]]:
    """Does anything measured before predict the group? In a sound test nothing does."""
    out: list[dict[str, Any]] = []
    for name in sorted(table.categories):
        if name in skip:
            continue
        codes, levels = np.asarray(table.categories[name]), table.levels[name]
        known = codes >= 0
        k = np.bincount(codes[known] + len(levels) * second[known], minlength=2 * len(levels)).reshape(2, len(levels))
        a = association(k)
        counts = [[levels[i], int(k[0, i]), int(k[1, i])] for i in range(len(levels)) if k[:, i].any()]
        out.append({"dimension": name, "p": a.p, "q": NAN, "cramers_v": a.v_corrected, "warn": False, "levels": counts})
    words = np.log1p(table.words.astype(np.float64))
    x, y = words[~second], words[second]
    if len(x) > 1 and len(y) > 1 and np.ptp(words) > 0:
        _, _, _, p = iv.welch(np.mean(y), np.var(y, ddof=1), len(y), np.mean(x), np.var(x, ddof=1), len(x))
        out.append({"dimension": "length of the text", "p": float(p), "q": NAN, "cramers_v": NAN, "warn": False,
                    "levels": []})  # fmt: skip
    for row, q in zip(out, iv.benjamini_hochberg(np.array([r["p"] for r in out], dtype=np.float64)), strict=True):
        row["q"], row["warn"] = float(q), bool(q < 0.05)
    return out


def _shared_metrics(a: LinkTable, b: LinkTable) -> tuple[tuple[Metric, ...], list[str]]:
    """Scores that both runs have on the same scale and in the same direction, and what to say about the others."""
    mine = {m.name: m for m in b.metrics}
    shared, notes = [], []
    for m in a.metrics:
        o = mine.get(m.name)
        if o is None:
            continue
        if (m.kind, m.low, m.high, m.high_good) == (o.kind, o.low, o.high, o.high_good):
            shared.append(m)
        else:
            notes.append(f"{m.name} has another scale or direction in the two runs: not compared")
    return tuple(shared), notes


def _columns(table: LinkTable, which: Sequence[int]) -> LinkTable:
    return replace(table, mentions=sp.csr_array(table.mentions[:, list(which)]))


def stack(a: LinkTable, b: LinkTable, metrics: tuple[Metric, ...]) -> LinkTable:
    """One table below the other; levels are matched by name, customers kept apart. Columns must be the same."""
    categories: dict[str, Any] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in sorted(set(a.categories) & set(b.categories)):
        names = tuple(sorted(set(a.levels[name]) | set(b.levels[name])))
        place = {x: i for i, x in enumerate(names)}
        parts = []
        for t in (a, b):
            mapped = np.array([place[x] for x in t.levels[name]] + [-1], dtype=np.int32)
            parts.append(mapped[t.categories[name]])
        categories[name], levels[name] = np.concatenate(parts), names
    apart = int(a.customer.max(initial=-1)) + 1
    other = np.where(b.customer >= 0, b.customer + apart, -1)
    return LinkTable(
        mentions=sp.csr_array(sp.vstack([a.mentions, b.mentions])),
        metrics=metrics,
        values={m.name: np.concatenate([a.values[m.name], b.values[m.name]]) for m in metrics},
        customer=np.concatenate([a.customer, other]),
        day=np.concatenate([a.day, b.day]),
        categories=categories,
        levels=levels,
        words=np.concatenate([a.words, b.words]),
        commented=np.concatenate([a.commented, b.commented]),
        sentiment=np.concatenate([a.sentiment, b.sentiment]),
    )
