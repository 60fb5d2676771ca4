"""What would be read, file by file, without analysing it: the facts behind ``cxtext inspect``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.read.delimited import Delimited
from cxtext.read.numbers import strings
from cxtext.read.responses import responses
from cxtext.read.scales import scale_text
from cxtext.read.source import Source, SourceFile
from cxtext.schema import METRIC_PREFIX, Columns, FeedbackChunk

EXAMPLES = 3
SHOWN_REJECTED = 20


class _FileFacts:
    """What one pass over a file's chunks adds up to."""

    def __init__(self, file: SourceFile, columns: Columns) -> None:
        self.file, self.columns = file, columns
        self.rows = self.used = self.texts = 0
        self.missing = dict.fromkeys(file.columns, 0)
        self.types = dict.fromkeys(file.columns, "string")
        self.examples: dict[str, list[str]] = {name: [] for name in file.columns}
        self.rejected: dict[str, int] = {}
        self.rejected_rows: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}
        self.row_hashes: list[np.ndarray] = []
        self.text_hashes: list[np.ndarray] = []
        self.levels: dict[str, dict[float, int]] = {metric.name: {} for metric in columns.metrics}
        self.first_day: str | None = None
        self.last_day: str | None = None

    def add(self, chunk: FeedbackChunk) -> None:
        """Take the next chunk of this file."""
        table, rejected, counts = responses(chunk, self.columns)
        self.rows += len(chunk.rows) + len(chunk.rejected)
        self.used += table.num_rows
        for row in sorted((*chunk.rejected, *rejected), key=lambda row: row.row):
            self.rejected[row.reason] = self.rejected.get(row.reason, 0) + 1
            if len(self.rejected_rows) < SHOWN_REJECTED:
                self.rejected_rows.append({"row": row.row, "reason": row.reason, "detail": row.detail})
        for why, count in counts.items():
            self.counts[why] = self.counts.get(why, 0) + count
        hashes = []
        for name in chunk.table.column_names:
            column = chunk.table[name]
            self.types[name] = str(column.type)
            array = strings(column)
            self.missing[name] += array.null_count
            hashes.append(_hashes(array))
            if name != self.columns.text and len(self.examples[name]) < EXAMPLES:
                self._take_examples(name, array)
        self.row_hashes.append(np.bitwise_xor.reduce([_mixed(h, i) for i, h in enumerate(hashes)]))
        text = table["text"].combine_chunks().drop_null()
        self.texts += len(text)
        self.text_hashes.append(_hashes(text))
        for metric in self.columns.metrics:
            if METRIC_PREFIX + metric.name in table.column_names:
                values = table[METRIC_PREFIX + metric.name].drop_null().to_numpy()
                found, tally = np.unique(values, return_counts=True)
                for value, count in zip(found.tolist(), tally.tolist(), strict=True):
                    self.levels[metric.name][value] = self.levels[metric.name].get(value, 0) + count
        if "date" in table.column_names and table["date"].null_count < table.num_rows:
            ends = pc.min_max(table["date"]).as_py()
            first, last = ends["min"].date().isoformat(), ends["max"].date().isoformat()
            self.first_day = min(first, self.first_day or first)
            self.last_day = max(last, self.last_day or last)

    def _take_examples(self, name: str, array: pa.Array) -> None:
        for value in pc.unique(array.slice(0, 200)).drop_null().to_pylist():
            short = value[:40]
            if short not in self.examples[name]:
                self.examples[name].append(short)
            if len(self.examples[name]) >= EXAMPLES:
                return

    def facts(self) -> dict[str, Any]:
        """Everything about the file, JSON-ready."""
        file, chosen = self.file, self.columns
        roles = {choice.column: choice.role for choice in chosen.choices}
        notes = [*file.notes, *chosen.notes]
        if isinstance(file.reader, Delimited) and file.reader.padded:
            notes.append(f"{file.reader.padded:,} rows had too few cells; the missing ones are empty")
        return {
            "name": file.name,
            "kind": file.kind,
            "encoding": file.encoding,
            "dialect": file.dialect,
            "bytes": file.n_bytes,
            "sha256": file.sha256,
            "rows": self.rows,
            "used": self.used,
            "with_text": self.texts,
            "columns": [
                {
                    "name": name,
                    "role": roles.get(name, ""),
                    "type": self.types[name],
                    "missing": self.missing[name],
                    "examples": self.examples[name],
                }
                for name in file.columns
            ],
            "choices": [
                {"role": c.role, "column": c.column, "reason": c.reason, "declared": c.declared} for c in chosen.choices
            ],
            "scores": [
                {
                    "name": metric.name,
                    "column": metric.column,
                    "kind": metric.kind,
                    "scale": scale_text(metric),
                    "values": sum(self.levels[metric.name].values()),
                    "levels": [[v, c] for v, c in sorted(self.levels[metric.name].items())][:12]
                    if len(self.levels[metric.name]) <= 12
                    else [],
                }
                for metric in chosen.metrics
            ],
            "first_day": self.first_day,
            "last_day": self.last_day,
            "duplicate_rows": _repeats(self.row_hashes),
            "duplicate_texts": _repeats(self.text_hashes),
            "rejected": dict(sorted(self.rejected.items())),
            "rejected_rows": self.rejected_rows,
            "set_to_missing": dict(sorted(self.counts.items())),
            "notes": notes,
        }


def inspect(source: Source, columns_by_file: Mapping[str, Columns]) -> dict[str, Any]:
    """Facts about an input for ``cxtext inspect``: read once in full, nothing analysed, nothing written.

    JSON-ready: ``rows``, ``used``, ``rejected`` by reason, ``notes`` and ``files``, one dict each: columns with type,
    missing cells and examples (never of the text), choices with reasons, scores with scale and values, days covered,
    exact duplicates, rejected rows (the first 20), values set to missing.
    """
    files = {file.name: _FileFacts(file, columns_by_file[file.name]) for file in source.files}
    for chunk in source.chunks():
        files[chunk.source].add(chunk)
    facts = [each.facts() for each in files.values()]
    rejected: dict[str, int] = {}
    for each in facts:
        for why, count in each["rejected"].items():
            rejected[why] = rejected.get(why, 0) + count
    return {
        "rows": sum(each["rows"] for each in facts),
        "used": sum(each["used"] for each in facts),
        "rejected": dict(sorted(rejected.items())),
        "notes": list(source.notes),
        "files": facts,
    }


def _hashes(array: pa.Array) -> np.ndarray:
    """A 64-bit hash for each string, 0 for null."""
    import pandas as pd

    values = array.to_numpy(zero_copy_only=False)
    hashed = np.asarray(pd.util.hash_array(values.astype(object), categorize=True), dtype=np.uint64)
    hashed[array.is_null().to_numpy(zero_copy_only=False)] = 0
    return hashed


def _mixed(hashes: np.ndarray, place: int) -> np.ndarray:
    """Hashes made to depend on the column they come from, so that swapped cells differ."""
    return (hashes + np.uint64(place + 1)) * np.uint64(0x9E3779B97F4A7C15 + 2 * place)


def _repeats(parts: list[np.ndarray]) -> int:
    """How many values are repeats of one seen before."""
    if not parts:
        return 0
    joined = np.concatenate(parts)
    return len(joined) - len(np.unique(joined))
