"""Who speaks: rows of customers, rows of staff, and which rows belong to the same customer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cxtext.schema import LinkTable

# Values of an author-role column that mean "one of us"; compared in lower case.
STAFF_ROLES = frozenset(
    {
        "staff",
        "agent",
        "employee",
        "internal",
        "support",
        "support agent",
        "team",
        "moderator",
        "admin",
        "representative",
    }
)


def staff_rows(table: LinkTable) -> npt.NDArray[np.bool_]:
    """bool[N]: rows written by staff, by the level names of the author role; all False without that column."""
    n = table.mentions.shape[0]
    codes = table.categories.get("author_role")
    if codes is None:
        return np.zeros(n, dtype=bool)
    names = table.levels.get("author_role", ())
    is_staff = np.array([name.strip().lower() in STAFF_ROLES for name in names] + [False], dtype=bool)
    return np.asarray(is_staff[codes], dtype=bool)  # code -1 takes the last entry: not staff


def take(table: LinkTable, rows: npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> LinkTable:
    """The same table with some rows only (mask or positions), order kept."""
    return replace(
        table,
        mentions=sp.csr_array(table.mentions[rows]),
        values={name: np.asarray(v)[rows] for name, v in table.values.items()},
        customer=table.customer[rows],
        day=table.day[rows],
        categories={name: c[rows] for name, c in table.categories.items()},
        words=table.words[rows],
        commented=table.commented[rows],
        sentiment=table.sentiment[rows],
    )


def customers(table: LinkTable) -> LinkTable:
    """The table without rows written by staff; staff are compared beside customers, never pooled with them."""
    staff = staff_rows(table)
    return take(table, ~staff) if staff.any() else table


def customer_groups(customer: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.int64], int, bool]:
    """Number customers 0..G-1; an unknown one (-1) is a customer of its own: (group int64[n], G, do any repeat)."""
    customer = np.asarray(customer)
    n = len(customer)
    known = customer >= 0
    group = np.empty(n, dtype=np.int64)
    codes = customer[known].astype(np.int64)
    # Codes are small whole numbers: marking them beats sorting them.
    seen = np.zeros(int(codes.max(initial=-1)) + 1, dtype=bool)
    seen[codes] = True
    group[known] = (np.cumsum(seen) - 1)[codes]
    distinct, unknown = int(seen.sum()), int(n - known.sum())
    group[~known] = distinct + np.arange(unknown)
    return group, distinct + unknown, distinct < int(known.sum())


def nonzeros(mentions: sp.csr_array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Who mentions what, as (response index, pain point index) pairs in row order, each pair once."""
    m = mentions.astype(bool)
    if not m.has_canonical_format:
        m = m.copy()
        m.sum_duplicates()
    if m.nnz and not m.data.all():
        m = m.copy()
        m.eliminate_zeros()
    rows = np.repeat(np.arange(m.shape[0], dtype=np.int64), np.diff(m.indptr))
    return rows, m.indices.astype(np.int64)
