"""A library call leaves its process as it was; only the command line, in a process of its own, sets it up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WATCH = """
import ctypes, gc, json, locale, os, signal, sys, warnings
import altair, joblib, numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet, scipy.sparse
import scipy.special, threadpoolctl, jinja2
try:
    import sklearn.metrics
except ImportError:
    pass
joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(i) for i in range(4))  # whatever joblib itself does

asked = []
plain = ctypes.CDLL
class Recorder(plain):
    def __getattr__(self, name):
        asked.append(name)
        return super().__getattr__(name)
ctypes.CDLL = Recorder

def state():
    return {
        "warnings": [str(f) for f in warnings.filters],
        "importers": [str(i) for i in sys.meta_path],
        "path hooks": [str(i) for i in sys.path_hooks],
        "path": list(sys.path),
        "environment": dict(os.environ),
        "garbage": gc.get_threshold(),
        "errors of numpy": np.geterr(),
        "threads of Arrow": [pa.cpu_count(), pa.io_thread_count()],
        "threads of BLAS": [i["num_threads"] for i in threadpoolctl.threadpool_info()],
        "options of pandas": str(pd.get_option("display.max_rows")),
        "theme of Altair": str(altair.theme.active),
        "folder": os.getcwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": [str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)],
        "memory settings": asked.count("mallopt"),
    }
"""
LIBRARY = """
import cxtext
texts = [f"{a} {b} {c} and nobody in support cares."
         for a in ("The parcel", "My order", "A shipment") for b in ("got lost", "came late", "was wet")
         for c in ("in Arden", "in Belmor", "at the depot", "on Monday", "again")]
frame = pd.DataFrame({"comment": texts, "stars": [1, 2, 3, 5, 4] * 9})
before = state()
for jobs in (1, 2):
    cxtext.analyze(frame, text="comment", jobs=jobs, chunk_rows=5, output=f"run-{jobs}")
    assert os.path.exists(f"run-{jobs}/report.html")
after = state()
print("changed:", json.dumps([name for name in before if before[name] != after[name]]))
"""


def run(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def test_a_library_call_changes_nothing_that_the_process_shares(tmp_path: Path) -> None:
    assert run(WATCH + LIBRARY, tmp_path) == "changed: []"


@pytest.mark.skipif(sys.platform != "linux", reason="memory settings of glibc")
def test_the_command_line_sets_its_own_process_up(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("comment\nThe parcel came late and wet\n", encoding="utf-8")
    code = WATCH + (
        "sys.argv = ['cxtext', 'score', 'in.csv', '-o', 'out.csv', '--quiet']\n"
        "from cxtext.cli import main\n"
        "try: main()\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        "print('mallopt' in asked, os.environ['MALLOC_MMAP_THRESHOLD_'])"
    )
    assert run(code, tmp_path) == f"True {32 << 20}"
