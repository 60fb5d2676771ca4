"""A small builder of link tables, so that each test says only what matters to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from cxtext.schema import LinkTable, Metric

NPS = Metric("nps", "score", "nps", True, 0, 10)
CSAT = Metric("csat", "stars", "csat", True, 1, 5)
CHURN = Metric("churn", "left", "rate", False, 0, 1)


def table(mentions: Any, metrics: dict[Metric, Any] | None = None, **parts: Any) -> LinkTable:
    """A link table from a dense 0/1 array and scores; everything else gets a plain default."""
    m = np.atleast_2d(np.asarray(mentions))
    n = m.shape[0]
    metrics = metrics or {}
    categories = {k: np.asarray(v, dtype=np.int32) for k, v in parts.get("categories", {}).items()}
    levels = parts.get("levels") or {
        k: tuple(f"{k} {i}" for i in range(int(v.max()) + 1)) for k, v in categories.items()
    }
    return LinkTable(
        mentions=sp.csr_array(m.astype(bool)),
        metrics=tuple(metrics),
        values={k.name: np.asarray(v, dtype=np.float64) for k, v in metrics.items()},
        customer=np.asarray(parts.get("customer", np.full(n, -1)), dtype=np.int32),
        day=np.asarray(parts.get("day", np.full(n, -1)), dtype=np.int32),
        categories=categories,
        levels=levels,
        words=np.asarray(parts.get("words", np.full(n, 10)), dtype=np.int32),
        commented=np.asarray(parts.get("commented", np.ones(n)), dtype=bool),
        sentiment=np.asarray(parts.get("sentiment", np.zeros(n)), dtype=np.float64),
    )


@pytest.fixture(scope="session", name="table")
def table_builder() -> Callable[..., LinkTable]:
    return table


@pytest.fixture
def make_table() -> Callable[..., LinkTable]:
    return table


@pytest.fixture
def nps() -> Metric:
    return NPS


@pytest.fixture
def csat() -> Metric:
    return CSAT


@pytest.fixture
def churn() -> Metric:
    return CHURN
