"""Two groups: differences, balance, and the effect with a control."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from cxtext.errors import RequestError
from cxtext.link.compare import compare, compare_arms
from cxtext.link.intervals import newcombe
from cxtext.schema import Metric

START = int(np.datetime64("2025-03-01", "D").astype(int))


def experiment(make_table, nps, n=2000, seed=0, lopsided=False):
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    plan = (rng.random(n) < np.where(arm == 1, 0.7, 0.3)).astype(int) if lopsided else rng.integers(0, 2, n)
    m = rng.random((n, 3)) < np.c_[np.where(arm == 1, 0.08, 0.2), np.full((n, 2), 0.1)]
    score = np.clip(np.round(8 - 3 * m[:, 0] - 1.5 * plan * lopsided + rng.normal(size=n)), 0, 10)
    return make_table(
        m, {nps: score}, categories={"layout": arm, "plan": plan},
        levels={"layout": ("old", "new"), "plan": ("free", "paid")},
    ), arm, m  # fmt: skip


def test_arms_of_a_test(make_table, nps) -> None:
    t, arm, m = experiment(make_table, nps, seed=1)
    f = compare_arms(t, "layout", ["hidden button", "b", "c"], control="old")
    (c,) = f["comparisons"]
    assert (c["a"]["name"], c["b"]["name"]) == ("old", "new")
    row = c["rows"][0]
    assert row["pain_point"] == "hidden button"
    d, low, high = newcombe(m[arm == 1, 0].sum(), (arm == 1).sum(), m[arm == 0, 0].sum(), (arm == 0).sum())
    assert [row["difference"][k] for k in ("value", "low", "high")] == pytest.approx(
        [float(d), float(low), float(high)]
    )
    assert row["q"] < 0.001
    assert all(r["q"] > 0.05 for r in c["rows"][1:])
    assert c["scores"]["nps"]["difference"]["low"] > 0
    assert c["notes"] == ["an effect only if chance decided who got which; otherwise a difference between groups"]
    json.dumps(f, allow_nan=True)


def test_a_segment_that_predicts_the_arm_is_named_and_held_equal(make_table, nps) -> None:
    t, _, _ = experiment(make_table, nps, lopsided=True)
    (c,) = compare_arms(t, "layout", ["a", "b", "c"], control="old")["comparisons"]
    assert [b["dimension"] for b in c["balance"] if b["warn"]] == ["plan"]
    assert "plan" in c["notes"][0]
    raw, equal = c["scores"]["nps"]["difference"]["value"], c["scores"]["nps"]["standardised"]["value"]
    assert equal > raw + 8


@pytest.mark.parametrize(
    ("arm", "control", "words"), [("layoot", None, "layout"), ("layout", "older", "values: new, old")]
)
def test_what_is_not_there_is_named(make_table, nps, arm, control, words) -> None:
    with pytest.raises(RequestError, match=words):
        compare_arms(experiment(make_table, nps, 100)[0], arm, list("abc"), control=control)


def test_two_runs_meet_by_id(make_table, nps) -> None:
    rng = np.random.default_rng(0)
    a = make_table(rng.random((500, 2)) < [0.1, 0.3], {nps: rng.integers(0, 11, 500)}, customer=np.arange(500))
    b = make_table(rng.random((700, 2)) < [0.3, 0.25], {nps: rng.integers(0, 11, 700)}, customer=np.arange(700))
    f = compare(a, b, ["PP-1", "PP-2"], ["PP-2", "PP-3"], names=("May", "June"))
    assert [r["pain_point"] for r in f["rows"]] == ["PP-2"]
    assert f["rows"][0]["a"]["value"] == pytest.approx(a.mentions.toarray()[:, 1].mean())
    assert f["rows"][0]["b"]["value"] == pytest.approx(b.mentions.toarray()[:, 0].mean())
    assert (f["only_in_a"], f["only_in_b"]) == (["PP-1"], ["PP-3"])
    assert "change, not effect" in f["notes"][-1]
    assert f["scores"]["nps"]["difference"]["n"] == 1200


def test_scores_on_other_scales_are_not_compared(make_table) -> None:
    ones = np.ones((30, 1))
    a = make_table(ones, {Metric("csat", "s", "csat", True, 1, 5): np.full(30, 4)})
    b = make_table(ones, {Metric("csat", "s", "csat", True, 1, 10): np.full(30, 8)})
    f = compare(a, b, ["x"])
    assert f["scores"] == {}
    assert "another scale" in f["notes"][0]


def test_small_groups_are_suppressed(make_table, nps) -> None:
    a = make_table(np.ones((9, 1)), {nps: np.full(9, 9)})
    b = make_table(np.ones((50, 1)), {nps: np.full(50, 9)})
    assert compare(a, b, ["x"])["rows"][0]["difference"]["status"] == "suppressed"


def shops(make_table, csat, seed, effect):
    """Forty shops, half treated from 1 March on; shops differ, and everyone drifts."""
    rng = np.random.default_rng(seed)
    shop = np.repeat(np.arange(40), 40)
    day = START - 30 + rng.integers(0, 60, 1600)
    treated, post = shop % 2, day >= START
    base = rng.normal(size=40)[shop] + 0.4 * rng.normal(size=(40, 2))[shop, post.astype(int)]
    v = 3 + 0.5 * post + base + effect * treated * post + rng.normal(size=1600)
    m = rng.random((1600, 1)) < 0.3
    return make_table(m, {Metric("m", "m", "number"): v}, day=day, categories={"arm": treated, "shop": shop})


def test_difference_in_differences(make_table, csat) -> None:
    t = shops(make_table, csat, 0, 1.0)
    (c,) = compare_arms(t, "arm", ["x"], control="arm 0", cutoff="2025-03-01", unit="shop")["comparisons"]
    d = c["did"]["scores"]["m"]
    assert d["clusters"] == 40
    assert d["effect"]["low"] < 1.0 < d["effect"]["high"]
    assert d["p"] < 0.01
    assert c["did"]["unit"] == "shop"
    assert c["did"]["rows"][0]["q"] > 0.01


def test_shops_that_were_assigned_whole_are_no_imbalance(make_table, csat) -> None:
    t = shops(make_table, csat, 0, 1.0)
    for unit in ("shop", None):
        (c,) = compare_arms(t, "arm", ["x"], control="arm 0", cutoff="2025-03-01", unit=unit)["comparisons"]
        assert [b["dimension"] for b in c["balance"]] == []
        assert c["scores"]["m"]["standardised"]["value"] == pytest.approx(c["scores"]["m"]["difference"]["value"])
        assert "moved alike" in c["notes"][-1]


def test_before_and_after_is_change_not_effect(make_table, nps) -> None:
    rng = np.random.default_rng(0)
    day = START + np.arange(300) // 5
    t = make_table(
        rng.random((300, 1)) < 0.3, {nps: rng.integers(0, 11, 300)}, day=day,
        categories={"when": day >= START + 30}, levels={"when": ("before", "after")},
    )  # fmt: skip
    (c,) = compare_arms(t, "when", ["x"], control="before")["comparisons"]
    assert "change, not effect" in c["notes"][-1]


def test_a_cutoff_that_is_no_day_is_one_line(make_table, nps) -> None:
    with pytest.raises(RequestError, match="YYYY-MM-DD"):
        compare_arms(experiment(make_table, nps, 100)[0], "layout", list("abc"), cutoff="soon")


def test_difference_in_differences_is_statsmodels_and_keeps_its_level(make_table, csat) -> None:
    smf = pytest.importorskip("statsmodels.formula.api")
    rejected = []
    for seed in range(60):
        t = shops(make_table, csat, seed, 0.0)
        (c,) = compare_arms(t, "arm", [], control="arm 0", cutoff="2025-03-01", unit="shop")["comparisons"]
        d = c["did"]["scores"]["m"]
        rejected.append(d["p"] < 0.05)
        if seed == 0:
            post = (t.day >= START).astype(int)
            data = pd.DataFrame({"y": t.values["m"], "t": t.categories["arm"], "post": post})
            fit = smf.ols("y ~ t * post", data).fit(
                cov_type="cluster", cov_kwds={"groups": t.categories["shop"]}, use_t=True
            )
            assert (d["effect"]["value"], d["p"]) == pytest.approx((fit.params["t:post"], fit.pvalues["t:post"]))
    assert np.mean(rejected) <= 0.13
