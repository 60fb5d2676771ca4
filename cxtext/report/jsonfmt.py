"""The report as JSON, and back: everything another program or a later export needs, with a format number.

Numbers that can't be given (NaN) are null. Keys stand in the order of the tables in ``schema`` and, inside facts, in
the order in which they were computed, so the same report gives the same bytes. ``report.schema.json`` beside this
file describes the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from cxtext.errors import InputError
from cxtext.plain import plain
from cxtext.report.facts import mapping, records
from cxtext.report.figures import as_float, estimate
from cxtext.schema import Estimate, Exemplar, Impact, Metric, PainPoint, PainPointReport, PainPointRow, Trend

# Raise it when a reader of the old format would misread the new one (a key renamed, removed, or with another meaning);
# new keys alone don't need it. Then teach `from_json` to read both.
FORMAT = 1
_WHAT = "cxtext pain point report"
_ROW = tuple(item.name for item in fields(PainPointRow))


def to_json(report: PainPointReport) -> str:
    """The whole report as JSON text, one line per section and per pain point (deterministic).

    A pain point's ``cells`` are null where they are the rows of ``facts["cells"]`` that name it, which is the rule:
    they are the largest part of a report and stand in it once.
    """
    lines = [f'"format":{FORMAT}', f'"what":{_dump(_WHAT)}']
    shared = _cells_by_pain_point(report.facts)
    for item in fields(report):
        value = getattr(report, item.name)
        if item.name == "pain_points":
            rows = ",\n".join(_dump(_without_shared_cells(row, shared)) for row in value)
            lines.append(f'"pain_points":[\n{rows}\n]' if rows else '"pain_points":[]')
        else:
            lines.append(f'"{item.name}":{_dump(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def from_json(text: str) -> PainPointReport:
    """The report that :func:`to_json` wrote; exporting it again gives the same bytes.

    Raises :class:`~cxtext.errors.InputError` if the text isn't such a report, is damaged, or has a newer format.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InputError(f"report.json is damaged ({error}); run `cxtext analyze` again") from error
    if not isinstance(data, dict) or data.get("what") != _WHAT:
        raise InputError("this JSON is no cxtext report; give a run folder or its report.json")
    number = data.get("format")
    if not isinstance(number, int) or number > FORMAT:
        raise InputError(f"report.json has format {number}, this version reads up to {FORMAT}; update cxtext")
    try:
        shared = _cells_by_pain_point(data["facts"])
        return PainPointReport(
            title=data["title"],
            read=data["read"],
            metrics=tuple(_metric(item) for item in data["metrics"]),
            scores={name: _estimate(item) for name, item in data["scores"].items()},
            pain_points=tuple(_row(item, shared) for item in data["pain_points"]),
            facts=data["facts"],
            settings=data["settings"],
            versions=data["versions"],
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(
            f"report.json is incomplete ({type(error).__name__}: {error}); run `cxtext analyze` again"
        ) from error


# A lone surrogate can't be written as UTF-8; U+2028/2029 end a line in older JavaScript.
_UNWRITABLE = re.compile("[\ud800-\udfff\u2028\u2029]")


def _dump(value: Any) -> str:
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
    return text if text.isascii() else _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_Shared = Callable[[str], dict[str, tuple[Any, ...]]]


def _cells_by_pain_point(facts: Mapping[str, Any]) -> _Shared:
    """What ``facts["cells"]`` has for a pain point: its rows by dimension, in the order of the fact."""
    cells = mapping(facts.get("cells"))
    found: dict[str, dict[str, list[Any]]] = {}
    for dimension, rows in cells.items():
        for row in records(rows):
            found.setdefault(str(row.get("pain_point")), {}).setdefault(dimension, []).append(row)

    def of(pain_point: str) -> dict[str, tuple[Any, ...]]:
        mine = found.get(pain_point, {})
        return {dimension: tuple(mine.get(dimension, ())) for dimension in cells}

    return of


def _without_shared_cells(row: PainPointRow, shared: _Shared) -> dict[str, Any]:
    content = {name: getattr(row, name) for name in _ROW}
    # The very same rows, or equal ones; equality of the whole also holds for NaN that is the same object.
    if row.cells == shared(row.pain_point.id):
        content["cells"] = None
    return content


def _metric(item: Mapping[str, Any]) -> Metric:
    return Metric(**{**item, "missing": tuple(item.get("missing", ()))})


def _estimate(item: Any) -> Estimate:
    result = estimate(item)
    if result is None:
        raise ValueError("an estimate is missing")
    return result


def _maybe(make: Callable[[Any], Any], item: Any) -> Any:
    return None if item is None else make(item)


def _impact(item: Mapping[str, Any]) -> Impact:
    return Impact(
        pain_point=item["pain_point"],
        metric=item["metric"],
        n_mentioners=item["n_mentioners"],
        mentioners=_estimate(item["mentioners"]),
        others=_estimate(item["others"]),
        gap=_estimate(item["gap"]),
        leave_out=_estimate(item["leave_out"]),
        adjusted=_maybe(_estimate, item["adjusted"]),
        p=as_float(item["p"]),
        q=as_float(item["q"]),
        relative_weight=_maybe(_estimate, item["relative_weight"]),
        vif=as_float(item["vif"]),
        note=item["note"],
    )


def _trend(item: Mapping[str, Any]) -> Trend:
    series = {key: tuple(item[key]) for key in ("periods", "counts", "totals")}
    return Trend(**{**item, **series, "q": as_float(item["q"]), "change": as_float(item["change"])})


def _pain_point(item: Mapping[str, Any]) -> PainPoint:
    exemplars = tuple(Exemplar(**{**e, "similarity": as_float(e["similarity"])}) for e in item["exemplars"])
    figures = {
        key: as_float(item[key]) for key in ("coverage", "cohesion", "separation", "stability", "null_stability")
    }
    lists = {key: tuple(item[key]) for key in ("terms", "neighbours")}
    return PainPoint(**{**item, **figures, **lists, "exemplars": exemplars})


def _row(item: Mapping[str, Any], shared: _Shared) -> PainPointRow:
    point = _pain_point(item["pain_point"])
    own = item["cells"]
    return PainPointRow(
        pain_point=point,
        n_mentions=item["n_mentions"],
        prevalence=as_float(item["prevalence"]),
        sentiment=as_float(item["sentiment"]),
        n_weak=item.get("n_weak", 0),  # reports of before have none
        impacts={name: _impact(impact) for name, impact in item["impacts"].items()},
        trend=_maybe(_trend, item["trend"]),
        cues=item["cues"],
        cells=shared(point.id) if own is None else {name: tuple(rows) for name, rows in own.items()},
        mention_ids=tuple(item["mention_ids"]),
        extra=item["extra"],
    )
