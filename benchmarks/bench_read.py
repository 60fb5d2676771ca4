"""How well and how fast files are read, beside pyarrow and DuckDB: ``python benchmarks/bench_read.py [MB]``.

Prints a table of the messy corpus in tests/read (a tick where every row and column is read as written), then the
CPU time and the peak memory for a clean and a messy CSV of the size given (default 100 MB), each in its own process.
DuckDB isn't a dependency of cxtext: without it its column stays empty.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Table = tuple[list[str], list[tuple[str, ...]]]


def load_corpus() -> list[Any]:
    """The messy files of the tests."""
    path = HERE.parent / "tests" / "read" / "messy_files.py"
    spec = importlib.util.spec_from_file_location("messy_files", path)
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(spec)
    sys.modules["messy_files"] = module
    spec.loader.exec_module(module)
    return module.corpus()


def by_cxtext(path: str) -> Table:
    """cxtext's own reader, everything detected."""
    from cxtext.read.source import open_source

    source = open_source([path])
    rows = [tuple(row.values()) for chunk in source.chunks() for row in chunk.table.to_pylist()]
    return list(source.files[0].columns), _plain(rows)


def by_duckdb(path: str) -> Table:
    """DuckDB's sniffer as it comes, all columns as text."""
    return _duckdb(path, "all_varchar=true")


def by_duckdb_lenient(path: str) -> Table:
    """DuckDB at its most forgiving."""
    return _duckdb(path, "all_varchar=true, strict_mode=false, null_padding=true, ignore_errors=true")


def _duckdb(path: str, options: str) -> Table:
    import duckdb

    result = duckdb.sql(f"select * from read_csv('{path}', {options}, parallel=false)")
    return list(result.columns), _plain(result.fetchall())


def by_pyarrow(path: str) -> Table:
    """pyarrow.csv with line breaks in cells allowed (it has no sniffer: comma and UTF-8 unless told)."""
    import pyarrow as pa
    import pyarrow.csv as pc

    with open(path, "rb") as stream:
        names = pc.open_csv(stream, parse_options=pc.ParseOptions(newlines_in_values=True)).schema.names
    table = pc.read_csv(
        path,
        parse_options=pc.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip"),
        convert_options=pc.ConvertOptions(column_types={name: pa.string() for name in names}),
    )
    columns = [column.to_pylist() for column in table.columns]
    return table.column_names, _plain(list(zip(*columns, strict=True)))


def _plain(rows: list[Any]) -> list[tuple[str, ...]]:
    return [tuple(("" if cell is None else str(cell)).strip() for cell in row) for row in rows]


def is_right(case: Any, table: Table) -> bool:
    """All rows in order, and every column name that is neither empty nor repeated."""
    names, rows = table
    same_names = len(names) == len(case.columns) and all(
        found == wanted or not wanted or case.columns.count(wanted) > 1
        for found, wanted in zip(names, case.columns, strict=True)
    )
    return same_names and rows == _plain(case.rows)


READERS: dict[str, Callable[[str], Table]] = {
    "cxtext": by_cxtext,
    "DuckDB": by_duckdb,
    "DuckDB, lenient": by_duckdb_lenient,
    "pyarrow": by_pyarrow,
}


def messy() -> None:
    """Print the table of the corpus."""
    totals = dict.fromkeys(READERS, 0)
    corpus = load_corpus()
    print(f"| file | {' | '.join(READERS)} |")
    print(f"|---|{'---|' * len(READERS)}")
    with tempfile.TemporaryDirectory() as folder:
        for case in corpus:
            path = Path(folder) / "file.csv"
            path.write_bytes(case.data)
            marks = []
            for name, reader in READERS.items():
                try:
                    right, mark = is_right(case, reader(str(path))), "no"
                except ImportError:
                    right, mark = False, "-"
                except Exception:
                    right, mark = False, "error"
                totals[name] += right
                marks.append("yes" if right else mark)
            print(f"| {case.name} | {' | '.join(marks)} |")
    print(f"| **right, of {len(corpus)}** | {' | '.join(str(total) for total in totals.values())} |")


# ----------------------------------------------------------------------------------------------- speed


def write_reviews(path: Path, megabytes: float, messy_quotes: bool) -> int:
    """Write invented reviews of about 60 words to a CSV; returns the number of rows."""
    rng = random.Random(7)
    words = (
        "the",
        "app",
        "parcel",
        "driver",
        "refund",
        "login",
        "agent",
        "waited",
        "never",
        "arrived",
        "wrong",
        "twice,",
    )
    rows, size = 0, 0
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("id,date,text,stars,channel\n")
        while size < megabytes * 1e6:
            block = []
            for _ in range(2000):
                text = " ".join(rng.choices(words, k=rng.randint(20, 100)))
                quote = ' "so-called" ' if messy_quotes and rows % 50 == 0 else ""
                block.append(f'{rows},2025-0{rows % 9 + 1}-11,"{text}{quote}.",{rows % 5 + 1},app\n')
                rows += 1
            joined = "".join(block)
            size += len(joined)
            out.write(joined)
    return rows


CHILD = """
import json, resource, sys, time
import pyarrow.csv, pandas  # what any analysis loads anyway
sys.path.insert(0, {here!r})
start = time.process_time()
{body}
spent = time.process_time() - start
print(json.dumps([rows, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
BODIES = {
    "cxtext": """
from cxtext.read.source import open_source
rows = sum(chunk.table.num_rows for chunk in open_source([{path!r}]).chunks())
""",
    "DuckDB": """
import duckdb
duckdb.sql("set threads=1; set preserve_insertion_order=true; set enable_progress_bar=false")
rows = 0
reader = duckdb.sql("select * from read_csv({path!r}, all_varchar=true)").to_arrow_reader(20000)
for batch in reader:
    rows += batch.num_rows
""",
    "pyarrow": """
import pyarrow.csv as pc
rows = 0
options = pc.ParseOptions(newlines_in_values=True)
for batch in pc.open_csv({path!r}, parse_options=options, read_options=pc.ReadOptions(use_threads=False)):
    rows += batch.num_rows
""",
}


def speed(megabytes: float) -> None:
    """Print rows, seconds and peak memory of each reader for a clean and a messy file."""
    print(f"\n| {megabytes:g} MB | reader | rows | CPU seconds | MB/s | peak MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("clean", "messy"):
            path = Path(folder) / f"{kind}.csv"
            write_reviews(path, megabytes, kind == "messy")
            for name, body in BODIES.items():
                code = CHILD.format(here=str(HERE.parent), body=body.format(path=str(path)))
                done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
                if done.returncode:
                    print(f"| {kind} | {name} | failed: {done.stderr.strip().splitlines()[-1][:70]} | | | |")
                    continue
                rows, spent, peak = json.loads(done.stdout.strip().splitlines()[-1])
                print(f"| {kind} | {name} | {rows:,} | {spent:.2f} | {megabytes / spent:.0f} | {peak:.0f} |")


def main() -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("megabytes", nargs="?", type=float, default=100)
    started = time.perf_counter()
    messy()
    speed(parser.parse_args().megabytes)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
