"""Score files meet responses by key and by time; what doesn't match stays unmatched, with the reason."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cxtext.errors import InputError, RequestError
from cxtext.read.columns import choose_columns
from cxtext.read.join import join_scores
from cxtext.read.source import open_source
from cxtext.settings import Declared

NAN = float("nan")


def _day(text):
    return int(np.datetime64(text, "D").astype(int))


@pytest.fixture
def scores(tmp_path):
    def make(text, **declared):
        path = tmp_path / "survey.csv"
        path.write_text(text)
        source = open_source([str(path)])
        (file,) = source.files
        columns = choose_columns(source.head(file), Declared(**declared), source=file.name, need_text=False)
        return source, {file.name: columns}

    return make


def _keys(*rows):
    """Responses of (key, date, channel)."""
    return pa.table(
        {
            "key": pa.array([row[0] for row in rows], pa.string()),
            "day": pa.array([_day(row[1]) if row[1] else -1 for row in rows], pa.int32()),
            "channel": pa.array([row[2] if len(row) > 2 else None for row in rows], pa.string()),
        }
    )


SURVEY = """customer,date,nps
A,2025-01-10,9
A,2025-03-01,3
B,2025-01-12,10
,2025-01-10,0
C,2025-01-01,7
D,2025-01-02,55
"""


def test_transactional_is_the_first_survey_after_the_contact(scores):
    source, columns = scores(SURVEY, nps="nps")
    keys = _keys(
        ("A", "2025-01-05"), ("A", "2025-01-11"), ("A", "2025-02-28"), ("B", "2025-01-12"), ("B", "2025-01-13")
    )
    found = join_scores(keys, source, columns, on="customer", how="transactional")
    np.testing.assert_array_equal(found.values["nps"], [9, NAN, 3, 10, NAN])
    np.testing.assert_array_equal(found.lag_days, [5, NAN, 1, 0, NAN])
    assert found.match["why_unmatched"] == {"no survey within 7 days": 2}
    wider = join_scores(keys, source, columns, on="customer", how="transactional", within_days=60)
    np.testing.assert_array_equal(wider.values["nps"], [9, NAN, 3, 10, NAN])  # the March survey stays with the nearest
    assert wider.match["many_to_one"] == 1
    shared = join_scores(keys, source, columns, on="customer", how="transactional", within_days=60, many="all")
    np.testing.assert_array_equal(shared.values["nps"], [9, 3, 3, 10, NAN])
    np.testing.assert_array_equal(shared.weights, [1, 0.5, 0.5, 1, 1])


def test_relational_is_the_nearest_either_way(scores):
    source, columns = scores(SURVEY, nps="nps")
    keys = _keys(
        ("A", "2025-02-01"), ("A", "2025-02-08"), ("A", "2025-02-04"), ("C", "2025-06-01"), ("C", "2025-02-01")
    )
    found = join_scores(keys, source, columns, on="customer", how="relational")
    # 4 February lies 25 days from either: the later survey is taken
    np.testing.assert_array_equal(found.values["nps"], [9, 3, 3, NAN, 7])
    np.testing.assert_array_equal(found.lag_days, [-22, 21, 25, NAN, -31])
    assert found.match["why_unmatched"] == {"no survey within 90 days": 1}


def test_null_keys_never_match(scores):
    source, columns = scores(SURVEY, nps="nps")
    for how in ("exact", "transactional", "relational"):
        found = join_scores(_keys((None, "2025-01-10"), ("", "2025-01-10")), source, columns, on="customer", how=how)
        assert np.isnan(found.values["nps"]).all()
        assert found.match["why_unmatched"]["key is missing"] == 2


def test_exact_with_several_rows_for_a_key(scores):
    text = "order_id,nps\n1,9\n1,9\n2,3\n2,8\n3,6\n"
    source, columns = scores(text)
    found = join_scores(_keys(("1", None), ("2", None), ("3", None), ("4", None)), source, columns, on="order_id")
    np.testing.assert_array_equal(found.values["nps"], [9, NAN, 6, NAN])
    assert found.match["why_unmatched"] == {
        "key not in the score file": 1,
        "several score rows for the key and no date to choose by": 1,
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "note"),
    [
        (("123", "77"), ("00123", "0077"), "numbers without leading zeros"),
        (("00123", "0077"), ("123", "77.0"), "numbers without leading zeros"),
        (("Ann@x.org", "BOB@x.org"), ("ann@x.org", "bob@X.org"), "any case"),
        (("123", "77"), ("123", "77"), "as written"),
    ],
)
def test_keys_written_in_two_ways(scores, ours, theirs, note):
    source, columns = scores(f"key,nps\n{theirs[0]},9\n{theirs[1]},2\n")
    found = join_scores(_keys((ours[0], None), (ours[1], None)), source, columns, on="key")
    assert found.values["nps"].tolist() == [9, 2]
    assert found.match["keys"] == {"read_as": note, "shared": 2}


def test_zeros_that_tell_customers_apart_are_kept(scores):
    source, columns = scores("key,nps\n0123,9\n123,2\n55,4\n0077,1\n")
    found = join_scores(_keys(("0123", None), ("77", None)), source, columns, on="key")
    np.testing.assert_array_equal(found.values["nps"], [9, NAN])
    assert found.match["keys"]["read_as"] == "as written"


def test_report_says_who_is_missing(scores):
    source, columns = scores(SURVEY, nps="nps")
    keys = _keys(
        ("A", "2025-01-09", "app"), ("B", "2025-01-11", "app"), ("Z", "2025-02-01", "phone"), ("C", None, "phone")
    )
    found = join_scores(keys, source, columns, on="customer", how="transactional")
    match = json.loads(json.dumps(found.match, allow_nan=False))
    assert (match["matched"], match["unmatched"], match["rate"]) == (2, 2, 0.5)
    assert match["by_channel"]["app"] == {"n": 2, "matched": 2, "rate": 1.0}
    assert match["by_channel"]["phone"]["rate"] == 0
    assert match["by_period"]["2025-02"] == {"n": 1, "matched": 0, "rate": 0.0}
    assert match["lag_days"] == [1, 1, 1]
    assert match["values_lost"] == {"nps: values off 0-10": 1}
    assert match["scores"]["nps"] == {"matched": {"mean": 9.5, "n": 2}, "unmatched": {"mean": 10 / 3, "n": 3}}
    assert sorted(found.unmatched_scores["nps"].tolist()) == [0, 3, 7]


def test_order_of_rows_changes_nothing(scores):
    rng = np.random.default_rng(5)
    lines = [f"{key},2025-01-{day:02},{nps}" for key, day, nps in rng.integers((0, 1, 0), (9, 29, 11), (80, 3))]
    contacts = [(str(key), f"2025-01-{day:02}", "x") for key, day in rng.integers((0, 1), (9, 29), (60, 2))]
    results = []
    for turn in range(3):
        order = rng.permutation(len(lines)) if turn else np.arange(len(lines))
        mine = rng.permutation(len(contacts)) if turn else np.arange(len(contacts))
        source, columns = scores("key,date,nps\n" + "\n".join(lines[i] for i in order) + "\n", nps="nps")
        keys = _keys(*[contacts[i] for i in mine])
        keys = keys.append_column("response_id", pa.array([f"r{i}" for i in mine]))
        for how in ("transactional", "relational"):
            found = join_scores(keys, source, columns, on="key", how=how)
            back = np.argsort(mine)
            results.append((how, found.values["nps"][back], found.weights[back]))
    for how in ("transactional", "relational"):
        first, *others = [result for result in results if result[0] == how]
        for other in others:
            np.testing.assert_array_equal(first[1], other[1])
            np.testing.assert_array_equal(first[2], other[2])


def test_as_of_join_agrees_with_pandas(scores):
    rng = np.random.default_rng(11)
    survey = pd.DataFrame({"key": rng.integers(0, 30, 200), "day": rng.permutation(np.arange(20100, 20300))})
    survey["nps"] = rng.integers(0, 11, 200)
    contact = pd.DataFrame({"key": rng.integers(0, 33, 150), "day": rng.integers(20100, 20300, 150)})
    dates = survey.day.to_numpy().astype("datetime64[D]").astype(str)
    lines = [f"{k},{d},{n}" for k, d, n in zip(survey.key, dates, survey.nps, strict=True)]
    source, columns = scores("key,date,nps\n" + "\n".join(lines) + "\n", nps="nps")
    frame = contact.assign(key=contact.key.astype(str))
    found = join_scores(frame, source, columns, on="key", how="transactional", within_days=9, many="all")
    expected = pd.merge_asof(
        contact.reset_index().sort_values("day"), survey.sort_values("day"),
        on="day", by="key", direction="forward", tolerance=9,
    ).sort_values("index")  # fmt: skip
    np.testing.assert_array_equal(found.values["nps"], expected.nps.to_numpy(float))
    assert found.match["matched"] == int(expected.nps.notna().sum()) > 20


def test_requests_that_make_no_sense(scores):
    source, columns = scores(SURVEY, nps="nps")
    keys = _keys(("A", "2025-01-09"))
    with pytest.raises(InputError, match="did you mean 'customer'"):
        join_scores(keys, source, columns, on="custmer")
    with pytest.raises(RequestError, match="is a score"):
        join_scores(keys, source, columns, on="nps")
    undated, columns = scores("key,nps\nA,9\n")
    with pytest.raises(InputError, match="needs a date column"):
        join_scores(keys, undated, columns, on="key", how="relational")
    bare, columns = scores("key,colour\nA,red\n")
    with pytest.raises(InputError, match="no score column"):
        join_scores(keys, bare, columns, on="key")
