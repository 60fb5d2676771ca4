"""How long linking takes and how much memory it needs: ``python benchmarks/bench_link.py [responses]``.

By default a million responses by 60 pain points and 3 scores with repeating customers. Prints seconds for the impact
figures alone (gap, leave-out, adjusted, weights) and for all of linking, and the peak resident memory.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import scipy.sparse as sp

from cxtext.link.analyse import analyse
from cxtext.link.impact import impacts
from cxtext.schema import LinkTable, Metric, PainPoint

PAIN_POINTS = 60


def table(n: int, seed: int = 0) -> LinkTable:
    """n responses of n/2 customers over a year; about 1.7 pain points each; effects of all sizes."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(n * rng.uniform(0.005, 0.05, PAIN_POINTS))
    rows = np.concatenate([rng.choice(n, k, replace=False) for k in count])
    cols = np.repeat(np.arange(PAIN_POINTS), count)
    mentions = sp.csr_array((np.ones(len(rows), dtype=bool), (rows, cols)), shape=(n, PAIN_POINTS))
    mood = rng.normal(size=n) + mentions.astype(np.float64) @ rng.normal(-0.3, 0.3, PAIN_POINTS)
    metrics = (
        Metric("nps", "nps", "nps", True, 0, 10),
        Metric("csat", "csat", "csat", True, 1, 5),
        Metric("churned", "churned", "rate", False, 0, 1),
    )
    values = {
        "nps": np.clip(np.round(8 + 2 * mood), 0, 10),
        "csat": np.clip(np.round(4 + mood), 1, 5),
        "churned": (mood < -1).astype(np.float64),
    }
    categories = {
        "channel": rng.integers(0, 4, n).astype(np.int32),
        "plan": rng.integers(0, 6, n).astype(np.int32),
        "touchpoint": rng.integers(0, 5, n).astype(np.int32),
        "author_role": (rng.random(n) < 0.05).astype(np.int32),
    }
    levels = {name: tuple(f"{name} {i}" for i in range(int(c.max()) + 1)) for name, c in categories.items()}
    levels["author_role"] = ("customer", "staff")
    return LinkTable(
        mentions, metrics, values, rng.integers(0, n // 2, n).astype(np.int32),
        (20_000 + rng.integers(0, 365, n)).astype(np.int32), categories, levels,
        rng.integers(1, 120, n).astype(np.int32), np.ones(n, dtype=bool), np.clip(mood / 3, -1, 1),
    )  # fmt: skip


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    t = table(n)
    ids = [f"PP-{i:03d}" for i in range(PAIN_POINTS)]

    def measured(name: str, work) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{name:<40}{wall:8.1f} s wall {cpu:8.1f} s CPU {peak:8.2f} GiB peak")

    print(f"{n:,} responses x {PAIN_POINTS} pain points x {len(t.metrics)} scores, {t.mentions.nnz:,} mentions")
    measured("impact figures", lambda: [impacts(t, m, ids) for m in t.metrics])
    measured("all of linking", lambda: analyse(t, [PainPoint(i, f"pain point {i}", ()) for i in ids]))


if __name__ == "__main__":
    main()
