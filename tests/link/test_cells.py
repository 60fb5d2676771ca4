"""Groups: published association values, suppression with complements, staff apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxtext.link.cells import adjusted_residuals, association, cells, suppressed

HOMES = [[90, 60, 104, 95], [30, 50, 51, 20], [30, 40, 45, 35]]


def test_association_of_a_classic_table() -> None:
    a = association(HOMES)
    assert (a.chi2, a.df, a.v, a.v_corrected) == pytest.approx((24.571, 6, 0.1375, 0.1197), abs=5e-4)
    assert a.chi2 == pytest.approx(24.5712, abs=1e-4)
    assert (a.chi2, a.p) == pytest.approx(stats.chi2_contingency(HOMES)[:2])


def test_residuals_square_to_chi2_in_a_two_by_two() -> None:
    o = [[30, 70], [55, 45]]
    z = adjusted_residuals(o)
    assert z[0, 0] ** 2 == pytest.approx(stats.chi2_contingency(o, correction=False).statistic)
    assert z.sum() == pytest.approx(0)


def test_empty_rows_do_not_count() -> None:
    assert association([[5, 5], [0, 0]]).df == 0
    assert association([[5, 0, 9], [3, 0, 4]]).df == 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([50, 60, 70], [0, 0, 0]),
        ([5, 60, 70], [1, 1, 0]),  # 5 alone could be worked out from the total
        ([5, 6, 70, 80], [1, 1, 0, 0]),
        ([0, 60, 70], [0, 0, 0]),
        ([5], [1]),
    ],
)
def test_suppression_covers_complements(counts, expected) -> None:
    assert list(suppressed(counts, 10)) == [bool(x) for x in expected]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_nothing_hidden_can_be_worked_out(counts) -> None:
    hide = suppressed(counts, 10)
    n = np.array(counts)
    assert not ((n > 0) & (n < 10) & ~hide).any()
    assert n[hide].sum() == 0 or n[hide].sum() >= 10 or hide[n > 0].all()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 30), st.integers(0, 7))
def test_a_small_rest_is_hidden_with_the_next_smallest(counts, rest, kept) -> None:
    hide = suppressed(counts, 10, rest, [kept])
    n = np.array(counts)
    assert not ((n > 0) & (n < 10) & ~hide).any()
    secret = n[hide].sum() + rest
    assert secret == 0 or secret >= 10 or hide[n > 0].all()
    if kept < len(n) and hide[kept] and n[kept] >= 10:
        assert hide[n > 0].all()


def test_mentioners_in_a_level_too_small_to_show_give_nothing_away(make_table, csat) -> None:
    """Fax and telex have 12 responses, 3 of which mention it: their score is what the other levels leave over."""
    rng = np.random.default_rng(1)
    channel = np.r_[np.repeat([0, 1, 2], [300, 300, 300]), np.repeat([3, 4], 6)]
    m = np.zeros(912)
    m[:40] = m[300:330] = m[600:611] = m[900:903] = 1
    t = make_table(
        m[:, None], {csat: rng.integers(1, 6, 912).astype(float)}, categories={"channel": channel},
        levels={"channel": ("app", "phone", "web", "fax", "telex")},
    )  # fmt: skip
    rows = {r["level"]: r["scores"]["csat"] for r in cells(t, ["x"])["cells"]["channel"]}
    assert set(rows) == {"app", "phone", "web"}
    assert rows["web"]["mentioners"].status == rows["web"]["gap"].status == "suppressed"
    assert rows["app"]["mentioners"].status != "suppressed"


def channels(make_table, csat, customer=None, n=1200):
    rng = np.random.default_rng(0)
    channel = rng.integers(0, 3, n)
    channel[:4] = 3
    m = rng.random((n, 2)) < np.c_[np.where(channel == 1, 0.35, 0.1), np.full(n, 0.15)]
    v = np.clip(np.round(4 - 1.5 * m[:, 0] + rng.normal(size=n)), 1, 5)
    return make_table(
        m, {csat: v}, customer=np.arange(n) if customer is None else customer, categories={"channel": channel},
        levels={"channel": ("app", "phone", "web", "fax")},
    )  # fmt: skip


def test_a_complaint_that_sits_in_one_channel(make_table, csat) -> None:
    f = cells(channels(make_table, csat), ["hold music", "fees"])
    phone = next(r for r in f["cells"]["channel"] if r["pain_point"] == "hold music" and r["level"] == "phone")
    assert phone["flag"] == "over"
    assert phone["residual"] > 3
    assert phone["rate"] == phone["mentions"] / phone["n"]
    assert phone["scores"]["csat"]["gap"].value == pytest.approx(-1.5, abs=0.5)
    assert not any(r["flag"] for r in f["cells"]["channel"] if r["pain_point"] == "fees")
    test = {c["pain_point"]: c for c in f["consistency"]}
    assert test["hold music"]["q"] < 0.001 < 0.05 < test["fees"]["q"]
    # "fax" has 4 responses, so the smallest other channel goes with it.
    assert f["cells_suppressed"]["channel"] == 2
    assert len({r["level"] for r in f["cells"]["channel"]}) == 2


def test_repeating_customers_weaken_the_test(make_table, csat) -> None:
    once = cells(channels(make_table, csat), ["a", "b"])["consistency"][0]
    t = channels(make_table, csat)
    rows = np.repeat(np.arange(1200), 4)
    many = make_table(
        t.mentions.toarray()[rows], {csat: t.values["csat"][rows]}, customer=rows,
        categories={"channel": t.categories["channel"][rows]}, levels=t.levels,
    )  # fmt: skip
    again = cells(many, ["a", "b"], min_cell=40)["consistency"][0]
    assert again["chi2"] == pytest.approx(once["chi2"], rel=0.1)


def test_staff_stand_beside_customers_without_scores(make_table, csat) -> None:
    rng = np.random.default_rng(1)
    t = make_table(
        rng.random((400, 1)) < 0.3, {csat: rng.integers(1, 6, 400)},
        categories={"author_role": np.arange(400) % 2, "channel": rng.integers(0, 2, 400)},
        levels={"author_role": ("customer", "staff"), "channel": ("app", "web")},
    )  # fmt: skip
    f = cells(t, ["x"])
    assert {r["level"] for r in f["cells"]["author_role"]} == {"customer", "staff"}
    assert all(r["scores"] == {} for r in f["cells"]["author_role"])
    assert sum(r["n"] for r in f["cells"]["channel"]) == 200
