"""What differs between two runs, or between the arms of a test within one: read back from run folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp

from cxtext.errors import InputError, RequestError
from cxtext.link import compare as comparing
from cxtext.pipeline.collect import CATEGORIES
from cxtext.pipeline.exporting import load_report
from cxtext.schema import METRIC_PREFIX, SEGMENT_PREFIX, LinkTable, Metric, PainPointReport
from cxtext.store.run import read_run
from cxtext.store.tables import read_parquet

SHOWN = 15
SURE = 0.05


def compare(
    runs: Sequence[Path],
    arm: str | None,
    control: str | None = None,
    cutoff: str | None = None,
    unit: str | None = None,
) -> dict[str, Any]:
    """Compare two runs, or the groups that the column `arm` makes in one, JSON-ready.

    With `cutoff` (YYYY-MM-DD, when the treatment began) arms are also compared by difference in differences,
    clustered by `unit`, the column at whose level arms were assigned. Raises RequestError for other numbers of runs.
    """
    if arm is None and len(runs) != 2:
        raise RequestError(f"compare takes two runs, or one run and --arm COLUMN; {len(runs)} given")
    if arm is not None and len(runs) != 1:
        raise RequestError(f"--arm compares groups within one run; {len(runs)} runs given")
    reports = [load_report(run) for run in runs]
    labels = {row.pain_point.id: row.pain_point.label for report in reports for row in report.pain_points}
    tables = [link_table(run, report) for run, report in zip(runs, reports, strict=True)]
    ids = [[row.pain_point.id for row in report.pain_points] for report in reports]
    if arm is not None:
        facts = comparing.compare_arms(tables[0], _plain(arm), ids[0], control=control, cutoff=cutoff, unit=unit)
        return {**facts, "labels": labels, "notes": []}
    notes = []
    models = [read_run(run).get("model") for run in runs]
    names = ids
    if models[0] is None or models[0] != models[1]:
        names = [[row.pain_point.label for row in report.pain_points] for report in reports]
        labels = {name: name for each in names for name in each}
        notes = [
            (
                "the runs were not made with one model, so pain points are matched by label; "
                "analyze both with the same --model to compare them all"
            )
        ]
    facts = comparing.compare(tables[0], tables[1], names[0], names[1], names=(runs[0].name, runs[1].name))
    comparison = {key: facts[key] for key in facts if key != "notes"}
    return {"comparisons": [comparison], "labels": labels, "notes": [*notes, *facts["notes"]]}


def link_table(run: Path, report: PainPointReport) -> LinkTable:
    """The compact numbers of a finished run; the pain points are those of its report, in its order."""
    table = read_parquet(run / "responses.parquet")
    if "text" in table.column_names:
        commented = ~pc.is_null(table["text"]).to_numpy()
        table = table.drop_columns(["text"])
    counted = np.flatnonzero(~table["duplicate"].to_numpy())
    table, commented = table.take(pa.array(counted)), commented[counted]
    n = len(table)
    place = {row.pain_point.id: j for j, row in enumerate(report.pain_points)}
    lists = table["pain_points"].combine_chunks()
    columns = np.array([place.get(i, -1) for i in lists.flatten().to_pylist()], np.int64)
    rows = np.repeat(np.arange(n), np.diff(lists.offsets.to_numpy()))
    kept = columns >= 0
    mentions = sp.csr_array((np.ones(int(kept.sum()), bool), (rows[kept], columns[kept])), shape=(n, len(place)))
    categories, levels = _categories(table)
    return LinkTable(
        mentions=mentions,
        metrics=report.metrics,
        values={m.name: _numbers(table, m) for m in report.metrics},
        customer=_codes(table["customer"])[0] if "customer" in table.column_names else np.full(n, -1, np.int32),
        day=_days(table, n),
        categories=categories,
        levels=levels,
        words=table["words"].to_numpy(),
        commented=commented,
        sentiment=pc.fill_null(table["sentiment"], np.nan).to_numpy(),
    )


def _numbers(table: pa.Table, metric: Metric) -> Any:
    name = METRIC_PREFIX + metric.name
    if name not in table.column_names:
        raise InputError(
            f"responses.parquet lacks the score {metric.name!r} that the report has; run cxtext analyze again"
        )
    return pc.fill_null(table[name], np.nan).to_numpy()


def _days(table: pa.Table, n: int) -> Any:
    if "date" not in table.column_names:
        return np.full(n, -1, np.int32)
    return pc.fill_null(pc.cast(pc.cast(table["date"], pa.date32()), pa.int32()), -1).to_numpy()


def _categories(table: pa.Table) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    categories, levels = {}, {}
    for name in table.column_names:
        if name in CATEGORIES or name.startswith(SEGMENT_PREFIX):
            codes, found = _codes(table[name])
            categories[_plain(name)], levels[_plain(name)] = codes, found
    return categories, levels


def _plain(name: str) -> str:
    return name.removeprefix(SEGMENT_PREFIX)


def _codes(column: pa.ChunkedArray) -> tuple[Any, tuple[str, ...]]:
    """int32 codes into the sorted levels, -1 for null."""
    encoded = column.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=lambda i: str(names[i]))
    rank = np.full(len(names) + 1, -1, np.int32)
    rank[order] = np.arange(len(names))
    return rank[pc.fill_null(encoded.indices, len(names)).to_numpy(zero_copy_only=False)], tuple(
        str(names[i]) for i in order
    )


def lines(facts: Mapping[str, Any]) -> list[str]:
    """The facts as lines for a terminal: scores first, then the pain points that differ most."""
    told = [f"Note: {note}" for note in facts["notes"]]
    for part in facts["comparisons"]:
        a, b = part["a"], part["b"]
        told += [
            "",
            f"{b['name']} (n {b['n']:,}) beside {a['name']} (n {a['n']:,}); differences are the first minus the second",
        ]
        told += [f"Note: {note}" for note in part.get("notes", [])]
        for name, score in part["scores"].items():
            told.append(f"  {name:18s} {_level(score['a'])} -> {_level(score['b'])}  {_difference(score)}")
            if any(row["warn"] for row in part["balance"]) and score.get("standardised"):
                told.append(f"  {'':18s} standardised {_difference({'difference': score['standardised']})}")
        told.append("  pain points, the clearest differences first (share of responses):")
        for row in part["rows"][:SHOWN]:
            label = str(facts["labels"].get(row["pain_point"], row["pain_point"]))[:32]
            told.append(
                f"    {label:32s} {_level(row['a'], 100)} -> {_level(row['b'], 100)} %  {_difference(row, 100)}"
            )
        effect = part.get("did")
        if effect:
            told.append(f"  difference in differences from {effect['cutoff']} on, by {effect['unit']}:")
            told += [
                f"    {name:18s} {_difference({'difference': e['effect']})}" for name, e in effect["scores"].items()
            ]
            moved = [row for row in effect["rows"] if row["q"] is not None and row["q"] < SURE]
            told += [
                f"    {str(facts['labels'].get(row['pain_point'], row['pain_point']))[:32]:32s} "
                f"{_difference({'difference': row['effect'], 'q': row['q']}, 100)} points of its share"
                for row in moved[:SHOWN]
            ]
    return told


def _level(estimate: Mapping[str, Any], times: float = 1) -> str:
    value = estimate["value"]
    # adding 0 turns -0.0 into 0.0
    return "too few" if value is None or value != value else f"{round(value * times, 2) + 0.0:.2f}"


def _difference(row: Mapping[str, Any], times: float = 1) -> str:
    e = row["difference"]
    if e["value"] is None or e["value"] != e["value"]:
        return "too few"
    q = row.get("q")
    sure = f", q {q:.3f}" if isinstance(q, float) and q == q else ""
    return f"{e['value'] * times:+.2f} [{e['low'] * times:+.2f}, {e['high'] * times:+.2f}]{sure}"
