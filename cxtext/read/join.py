"""Joining score files to responses: by exact key, or by customer and nearness in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.errors import InputError, RequestError
from cxtext.read.columns import nearest
from cxtext.read.dates import to_dates
from cxtext.read.numbers import strings
from cxtext.read.responses import metric_values
from cxtext.read.source import Source
from cxtext.schema import Columns, Metric

How = Literal["exact", "transactional", "relational"]
Many = Literal["all", "nearest"]
WINDOWS = {"transactional": 7, "relational": 90}
NO_DAY = -1
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class JoinResult:
    """Scores laid beside N responses, in the order of the responses given.

    ``values[metric]`` float64[N], NaN where nothing matched; ``survey`` int64[N] row of the score file, -1 for none;
    ``lag_days`` float64[N] survey minus response; ``weights`` float64[N], 1/m where one survey row serves m responses.
    ``match`` is the JSON-ready report; ``matched_scores``/``unmatched_scores`` are the score rows' own values, split
    by whether they found a response: if these differ, the match is a selection. ``categories[name]`` string[N]: the
    segments that the score file knows (a plan, a country), null where nothing matched.
    """

    metrics: tuple[Metric, ...]
    values: Mapping[str, FloatArray]
    survey: IntArray
    lag_days: FloatArray
    weights: FloatArray
    match: Mapping[str, Any]
    matched_scores: Mapping[str, FloatArray] = field(default_factory=dict)
    unmatched_scores: Mapping[str, FloatArray] = field(default_factory=dict)
    categories: Mapping[str, pa.Array] = field(default_factory=dict)


@dataclass(frozen=True)
class _Surveys:
    key: pa.Array
    day: IntArray
    values: dict[str, FloatArray]
    categories: dict[str, pa.Array]
    metrics: tuple[Metric, ...]
    counts: dict[str, int]


def join_scores(
    responses: Any,
    scores: Source,
    columns: Mapping[str, Columns],
    *,
    on: str,
    within_days: int | None = None,
    how: How = "exact",
    many: Many | None = None,
) -> JoinResult:
    """Find for each response the score row that belongs to it.

    `responses`: an Arrow table or data frame with ``key``, for the windows ``day`` (days since 1970, -1 unknown), and
    if known ``channel``. `scores` with its `columns` (by file name) holds the key column `on`. *exact*: same key.
    *transactional*: the first survey on or after the response's day, at most `within_days` (7) later. *relational*:
    the nearest, before or after, at most `within_days` (90) away. Null keys never match; no score is ever imputed.

    `many` says what happens when one score row finds several responses: ``nearest`` leaves it with the one closest in
    time (the default of *transactional*), ``all`` gives it to all, with weights of 1/m.
    """
    if how not in ("exact", "transactional", "relational"):
        raise RequestError(f"no such way to join: {how!r} (exact, transactional, relational)")
    table = responses if isinstance(responses, pa.Table) else pa.Table.from_pandas(responses, preserve_index=False)
    surveys = _read_surveys(scores, columns, on)
    window = within_days if within_days is not None else WINDOWS.get(how)
    own_key = strings(table["key"])
    size = table.num_rows
    day = np.full(size, NO_DAY, np.int64)
    if "day" in table.column_names:
        day = np.asarray(pc.fill_null(table["day"].combine_chunks(), NO_DAY).to_numpy(zero_copy_only=False), np.int64)
    left, right, keys = _codes(own_key, surveys.key)
    if how != "exact" and not (surveys.day != NO_DAY).any():
        raise InputError(
            f"{_names(scores)}: a join within {window} days needs a date column in the score file; use --date"
        )
    order = _canonical_order(right, surveys)
    picked, lag, lost = _pick(left, day, right[order], surveys.day[order], surveys, order, how, window)
    survey = np.where(picked >= 0, order[picked], -1)
    many = many or ("nearest" if how == "transactional" else "all")
    served = np.bincount(survey[survey >= 0], minlength=len(right)) if len(right) else np.zeros(0, np.int64)
    crowded = int((served > 1).sum())
    if many == "nearest" and crowded:
        survey = _keep_nearest(survey, lag, _tie_break(table, day))
        lag = np.where(survey >= 0, lag, np.nan)
        served = np.bincount(survey[survey >= 0], minlength=len(right))
    hit = survey >= 0
    weights = np.ones(size)
    weights[hit] = 1.0 / served[survey[hit]]
    values = {}
    for name, given in surveys.values.items():
        values[name] = np.full(size, np.nan)
        values[name][hit] = given[survey[hit]]
    used = np.zeros(len(right), dtype=bool)
    used[survey[hit]] = True
    lost["key is missing"] = own_key.null_count
    report = {
        "file": _names(scores),
        "on": on,
        "how": how,
        "window_days": window,
        "matched": int(hit.sum()),
        "unmatched": int((~hit).sum()),
        "rate": float(hit.mean()) if size else None,
        "many_to_one": crowded,
        "many": many,
        "lag_days": [float(q) for q in np.nanquantile(lag[hit], (0.1, 0.5, 0.9))]
        if (~np.isnan(lag[hit])).any()
        else None,
        "by_channel": _by_channel(table, hit),
        "by_period": _by_period(day, hit),
        "why_unmatched": {why: count for why, count in sorted(lost.items()) if count},
        "keys": keys,
        "score_rows": len(right),
        "score_rows_used": int(used.sum()),
        "values_lost": dict(sorted(surveys.counts.items())),
    }
    matched = {name: given[used & ~np.isnan(given)] for name, given in surveys.values.items()}
    unmatched = {name: given[~used & ~np.isnan(given)] for name, given in surveys.values.items()}
    report["scores"] = {
        name: {"matched": _mean(matched[name]), "unmatched": _mean(unmatched[name])} for name in surveys.values
    }
    place = pa.array(np.where(hit, survey, 0), mask=~hit)
    categories = {name: given.take(place) for name, given in surveys.categories.items()}
    return JoinResult(surveys.metrics, values, survey, lag, weights, report, matched, unmatched, categories)


def _names(scores: Source) -> str:
    return ", ".join(file.name for file in scores.files)


def _read_surveys(scores: Source, columns: Mapping[str, Columns], on: str) -> _Surveys:
    """The score file's keys, days and metric values, all rows."""
    metrics: dict[str, Metric] = {}
    for name in columns:
        metrics |= {metric.name: metric for metric in columns[name].metrics}
    if not metrics:
        raise InputError(f"{_names(scores)}: no score column found; name one with --nps, --csat, --ces or --outcome")
    if on in metrics or any(metric.column == on for metric in metrics.values()):
        raise RequestError(f"--on {on!r} is a score, not a key")
    keys: list[pa.Array] = []
    days: list[IntArray] = []
    values: dict[str, list[FloatArray]] = {name: [] for name in metrics}
    wanted = sorted({s for c in columns.values() for s in c.segments if s != on})
    categories: dict[str, list[pa.Array]] = {name: [] for name in wanted}
    counts: dict[str, int] = {}
    for chunk in scores.chunks():
        chosen, table = columns[chunk.source], chunk.table
        if on not in table.column_names:
            hint = nearest(on, table.column_names)
            raise InputError(f"{chunk.source}: --on {on!r}: there is no such column; {hint}")
        keys.append(strings(table[on]))
        if chosen.date in table.column_names:
            days.append(_days(to_dates(table[chosen.date], chosen.day_first).values))
        else:
            days.append(np.full(table.num_rows, NO_DAY, np.int64))
        here = {metric.name: metric for metric in chosen.metrics}
        for name, given in values.items():
            known = name in here and here[name].column in table.column_names
            lost: dict[str, int] = {}
            given.append(
                metric_values(table[here[name].column], here[name], lost) if known else np.full(table.num_rows, np.nan)
            )
            for why, count in lost.items():
                counts[why] = counts.get(why, 0) + count
        for name in wanted:
            known = name in chosen.segments and name in table.column_names
            categories[name].append(strings(table[name]) if known else pa.nulls(table.num_rows, pa.string()))
    joined = {name: np.concatenate(given) if given else np.empty(0) for name, given in values.items()}
    key = pa.concat_arrays(keys) if keys else pa.array([], pa.string())
    levels = {name: pa.concat_arrays(given) for name, given in categories.items() if given}
    return _Surveys(
        key, np.concatenate(days) if days else np.empty(0, np.int64), joined, levels, tuple(metrics.values()), counts
    )


def _days(values: npt.NDArray[np.datetime64]) -> IntArray:
    """Instants to days since 1970-01-01, NO_DAY where unknown."""
    days = values.astype("datetime64[D]")
    return np.where(np.isnat(days), NO_DAY, days.astype(np.int64))


# ------------------------------------------------------------------------------------------------ keys


def _codes(ours: pa.Array, theirs: pa.Array) -> tuple[IntArray, IntArray, dict[str, Any]]:
    """Both sides' keys as numbers, -1 for null; and in which spelling they were compared, how many keys are shared.

    Compared as they stand (77.0 is 77, which is how spreadsheets write it); or without leading zeros (00123 = 123), or
    without regard to case, where that finds more shared keys and never melts two keys of one side into one. What
    melting forbids is counted in ``apart``: keys that would be shared if 012 and 12 were one customer.
    """
    plain_ours, plain_theirs = _whole(ours), _whole(theirs)
    pointed = _shared(plain_ours, plain_theirs) > _shared(ours, theirs)
    if pointed:
        ours, theirs = plain_ours, plain_theirs
    best = (_shared(ours, theirs), "numbers without .0" if pointed else "as written", ours, theirs)
    most = best[0]
    for note, change in (("numbers without leading zeros", _bare_number), ("any case", pc.utf8_lower)):
        left, right = change(ours), change(theirs)
        shared = _shared(left, right)
        most = max(most, shared)
        if _distinct(left) == _distinct(ours) and _distinct(right) == _distinct(theirs) and shared > best[0]:
            best = (shared, note, left, right)
    shared, note, left, right = best
    coded = pa.concat_arrays([left, right]).dictionary_encode()
    codes = pc.fill_null(coded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    # the order of first appearance depends on the rows' order: rank the keys by their text instead
    ranks = np.empty(max(1, len(coded.dictionary)), np.int64)
    ranks[pc.array_sort_indices(coded.dictionary).to_numpy()] = np.arange(len(coded.dictionary))
    codes = np.where(codes >= 0, ranks[codes], -1)
    keys: dict[str, Any] = {"read_as": note, "shared": shared}
    if most > shared:
        keys["apart"] = most - shared
    return codes[: len(left)], codes[len(left) :], keys


def _shared(left: pa.Array, right: pa.Array) -> int:
    return int(pc.sum(pc.is_in(pc.unique(left).drop_null(), pc.unique(right).drop_null())).as_py() or 0)


def _distinct(keys: pa.Array) -> int:
    return len(pc.unique(keys).drop_null())


def _whole(keys: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(keys, r"^(\d+)\.0+$", r"\1")


def _bare_number(keys: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(keys, r"^0*(\d+?)(?:\.0+)?$", r"\1")


# ------------------------------------------------------------------------------------------------ match


def _canonical_order(key: IntArray, surveys: _Surveys) -> IntArray:
    """Score rows by key, day, then values, so that ties don't depend on the order of the file."""
    ties = [np.nan_to_num(surveys.values[name], nan=-np.inf) for name in sorted(surveys.values, reverse=True)]
    return np.lexsort((*ties, surveys.day, key))


def _pick(
    left: IntArray,
    day: IntArray,
    right: IntArray,
    survey_day: IntArray,
    surveys: _Surveys,
    order: IntArray,
    how: How,
    window: int | None,
) -> tuple[IntArray, FloatArray, dict[str, int]]:
    """For each response the place of its score row in canonical order (-1: none), the lag, and why others have none."""
    size = len(left)
    picked = np.full(size, -1, np.int64)
    lag = np.full(size, np.nan)
    lost: dict[str, int] = {}
    if not len(right):
        return picked, lag, {"key not in the score file": size}
    first = np.searchsorted(right, left, "left")
    last = np.searchsorted(right, left, "right")
    known = (left >= 0) & (last > first)
    lost["key not in the score file"] = int(((left >= 0) & ~known).sum())
    if how == "exact":
        alone = known & (last - first == 1)
        picked[alone] = first[alone]
        rest = np.flatnonzero(known & ~alone)
        rest_dated = rest[day[rest] != NO_DAY]
        if len(rest_dated):
            _nearest(picked, rest_dated, day, right, survey_day, left)
        same = _all_same(first, last, rest[picked[rest] < 0], surveys, order)
        picked[same] = first[same]
        lost["several score rows for the key and no date to choose by"] = int((picked[rest] < 0).sum())
        hit = np.flatnonzero((picked >= 0) & (day != NO_DAY))
        both = hit[survey_day[picked[hit]] != NO_DAY]
        lag[both] = survey_day[picked[both]] - day[both]
        if window is not None:
            far = np.abs(lag) > window
            picked[far], lag[far] = -1, np.nan
            lost[f"more than {window} days apart"] = int(far.sum())
        return picked, lag, lost
    dated = np.flatnonzero(known & (day != NO_DAY))
    lost["response without a date"] = int((known & (day == NO_DAY)).sum())
    if how == "transactional":
        place = _search(right, survey_day, left[dated], day[dated])
        good = (place < len(right)) & (right[np.minimum(place, len(right) - 1)] == left[dated])
        picked[dated[good]] = place[good]
    else:
        _nearest(picked, dated, day, right, survey_day, left)
    hit = np.flatnonzero(picked >= 0)
    lag[hit] = survey_day[picked[hit]] - day[hit]
    far = np.abs(lag) > (window if window is not None else np.inf)
    picked[far], lag[far] = -1, np.nan
    lost[f"no survey within {window} days"] = int((picked[dated] < 0).sum())
    return picked, lag, lost


def _search(right: IntArray, survey_day: IntArray, key: IntArray, day: IntArray) -> IntArray:
    """Where (key, day) would stand among the sorted score rows."""
    span = 1 << 20  # more days than any calendar date used here
    return np.searchsorted(right * span + survey_day, key * span + day, "left")


def _nearest(
    picked: IntArray, at: IntArray, day: IntArray, right: IntArray, survey_day: IntArray, left: IntArray
) -> None:
    """Give each response in `at` the score row of its key that is nearest in time; of two equally near, the later."""
    place = _search(right, survey_day, left[at], day[at])
    gaps = np.full((2, len(at)), np.inf)
    for side, candidate in enumerate((place, place - 1)):
        inside = (candidate >= 0) & (candidate < len(right))
        spot = np.clip(candidate, 0, len(right) - 1)
        good = inside & (right[spot] == left[at]) & (survey_day[spot] != NO_DAY)
        gaps[side, good] = np.abs(survey_day[spot[good]] - day[at[good]])
    before = gaps[1] < gaps[0]
    found = np.isfinite(np.minimum(gaps[0], gaps[1]))
    picked[at[found]] = np.where(before, place - 1, place)[found]


def _all_same(first: IntArray, last: IntArray, rest: IntArray, surveys: _Surveys, order: IntArray) -> IntArray:
    """Those of `rest` whose several score rows all say the same, so that any of them will do."""
    good = np.ones(len(rest), dtype=bool)
    for given in surveys.values.values():
        ordered = np.nan_to_num(given[order], nan=-np.inf)
        changes = np.concatenate([[0], np.cumsum(np.diff(ordered) != 0)]) if len(ordered) else np.zeros(1)
        good &= changes[last[rest] - 1] == changes[first[rest]]
    return rest[good]


def _tie_break(table: pa.Table, day: IntArray) -> IntArray:
    """A rank for responses that doesn't depend on their order: later day first, then ``response_id`` where given."""
    ranks = -day
    if "response_id" in table.column_names:
        coded = table["response_id"].combine_chunks().dictionary_encode()
        place = np.empty(max(1, len(coded.dictionary)), np.int64)
        place[pc.array_sort_indices(coded.dictionary).to_numpy()] = np.arange(len(coded.dictionary))
        codes = pc.fill_null(coded.indices.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        order = np.lexsort((place[codes], ranks))
    else:
        order = np.argsort(ranks, kind="stable")
    result = np.empty(len(day), np.int64)
    result[order] = np.arange(len(day))
    return result


def _keep_nearest(survey: IntArray, lag: FloatArray, tie: IntArray) -> IntArray:
    """Leave each score row with the response nearest in time, of equals with the one that `tie` ranks first."""
    hit = np.flatnonzero(survey >= 0)
    order = hit[np.lexsort((tie[hit], np.nan_to_num(np.abs(lag[hit]), nan=np.inf), survey[hit]))]
    keep = np.ones(len(order), dtype=bool)
    keep[1:] = survey[order][1:] != survey[order][:-1]
    kept = np.full(len(survey), -1, np.int64)
    kept[order[keep]] = survey[order[keep]]
    return kept


# ----------------------------------------------------------------------------------------------- report


def _rate(hit: npt.NDArray[np.bool_]) -> dict[str, Any]:
    return {"n": len(hit), "matched": int(hit.sum()), "rate": float(hit.mean())}


def _by_channel(table: pa.Table, hit: npt.NDArray[np.bool_]) -> dict[str, Any]:
    if "channel" not in table.column_names:
        return {}
    channel = np.array([name if name is not None else "" for name in table["channel"].to_pylist()])
    return {str(name) or "(none)": _rate(hit[channel == name]) for name in np.unique(channel)}


def _by_period(day: IntArray, hit: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Match rate by month."""
    known = day != NO_DAY
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    return {str(month): _rate(hit[known & (months == month)]) for month in np.unique(months[known])}


def _mean(values: FloatArray) -> dict[str, Any]:
    return {"mean": float(values.mean()) if len(values) else None, "n": len(values)}
