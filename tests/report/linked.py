"""A report as linking makes it, from generated rows of which it is known what harms whom."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from cxtext.link.analyse import LinkOptions, analyse
from cxtext.schema import LinkTable, Metric, PainPoint, PainPointReport, PainPointRow

NPS = Metric("nps", "would_recommend", "nps", True, 0, 10)
CSAT = Metric("csat", "satisfaction", "csat", True, 1, 5)
HARMFUL, PRAISED, HARMLESS, RARE = (f"PP-{i:03}" for i in range(1, 5))


def report(points: int = 4, rows: int = 800, seed: int = 3, metric: Metric = NPS, **dated: object) -> PainPointReport:
    """Detractors mention PP-001, promoters PP-002; PP-003 and all after PP-004 go with nothing; PP-004 is rare.

    ``dated["day"]`` int32[rows]: the day of each response, -1 where it isn't known.
    """
    rng = np.random.default_rng(seed)
    low, high = float(metric.low or 0), float(metric.high or 0)
    content = rng.normal(0.62, 0.25, rows)
    mentions = rng.random((rows, points)) < 0.12
    mentions[:, 3] = rng.random(rows) < 0.03
    content = content - 0.35 * mentions[:, 0] + 0.3 * mentions[:, 1]
    values = np.clip(np.round(low + content * (high - low)), low, high)
    table = LinkTable(
        mentions=sp.csr_array(mentions),
        metrics=(metric,),
        values={metric.name: values},
        customer=np.full(rows, -1, dtype=np.int32),
        day=np.asarray(dated.get("day", np.full(rows, -1)), dtype=np.int32),
        categories={},
        levels={},
        words=np.full(rows, 12, dtype=np.int32),
        commented=np.ones(rows, dtype=bool),
        sentiment=np.zeros(rows),
    )
    named = [PainPoint(f"PP-{i:03}", f"complaint number {i}", (f"word{i}",)) for i in range(1, points + 1)]
    found = analyse(table, named, LinkOptions())
    trends = {t.pain_point: t for t in found.trends}
    lines = [
        PainPointRow(
            p, int(mentions[:, j].sum()), float(mentions[:, j].mean()), -0.2,
            impacts={name: impacts[j] for name, impacts in found.impacts.items()}, trend=trends.get(p.id),
        )
        for j, p in enumerate(named)
    ]  # fmt: skip
    return PainPointReport(
        "Generated rows", {"rows_in": rows, "rows_used": rows}, (metric,), found.scores,
        tuple(lines[j] for j in found.order), found.facts,
    )  # fmt: skip
