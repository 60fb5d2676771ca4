"""The complaint model on invented texts, its invariances, its file, and its reach on real data where there is some."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.errors import ModelError
from cxtext.sentiment.complaint import ComplaintModel, log_odds
from cxtext.sentiment.complaint_words import ByResponse, WordWeights, fitting
from cxtext.sentiment.features import NO_PAIR
from cxtext.sentiment.vader import polarity, unit_polarity
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "cx-en"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "gold"
MODEL = ComplaintModel.load(SHIPPED)

COMPLAINTS = [
    "The app crashes whenever I try to upload a photo",
    "Kindly return the money for my cancelled booking",
    "My card got declined at the till again",
    "Still waiting for a reply to the letter I sent in March",
    "Four hours in a corridor before anyone spoke to us",
    "Shorter queues would help",
    "You need more people on the phones at weekends",
    "Nobody told us the gate had changed",
    "The parcel was left on the doorstep in the rain",
    "I've called three times and nobody rings back",
    "Not one of the lifts was working",
    "could be cleaner",
]
OTHERS = [
    "Nothing.",
    "none",
    "Nothing, everyone was wonderful",
    "I cannot fault the care my father received",
    "It couldn't have gone any better",
    "No complaints whatsoever",
    "Friendly staff and a spotless room",
    "The nurse explained every step and put me at ease",
    "We did not have to wait at all",
    "Quick, easy and good value",
    "What time does the desk open on Sundays?",
    "I collected two parcels on Tuesday",
    "Thank you all so much",
    "Fits perfectly and looks lovely",
]


def predict(texts: list[str], model: ComplaintModel = MODEL) -> dict[str, np.ndarray]:
    table = token_table(texts)
    units = split_units(table)
    parts, whole = unit_polarity(table, units), polarity(table)
    of_units = model.predict_units(table, units, parts)
    responses = model.predict_responses(table, units, parts, whole, of_units)
    return {
        "units": of_units,
        "responses": responses,
        "unit_sentiment": model.unit_sentiment(table, units, parts, of_units),
        "sentiment": model.response_sentiment(table, units, parts, whole, of_units, responses),
        "compound": whole.compound,
        "which": units.response,
    }


@pytest.mark.parametrize("text", COMPLAINTS)
def test_complaints_are_found(text: str) -> None:
    found = predict([text])
    assert found["responses"][0] > 0.5
    assert found["sentiment"][0] < 0


@pytest.mark.parametrize("text", OTHERS)
def test_praise_contentment_and_plain_questions_are_no_complaints(text: str) -> None:
    found = predict([text])
    assert found["responses"][0] < 0.5
    assert found["units"].max() < 0.5
    assert found["sentiment"][0] > -0.1


def test_praise_before_but_does_not_hide_the_complaint_after_it() -> None:
    found = predict(["Great screen, but the hinge snapped in the second week", "Great screen"])
    assert found["responses"][0] > 0.5 > found["responses"][1]
    assert found["sentiment"][0] < found["sentiment"][1]


def test_the_complaint_in_a_mixed_response_is_the_unit_that_complains() -> None:
    found = predict(["The staff were kind and patient. The heating was broken for three days."])
    assert found["units"][0] < 0.5 < found["units"][1]
    assert found["unit_sentiment"][0] > 0 > found["unit_sentiment"][1]


@pytest.mark.parametrize("text", ["", "   ", "!!!", "... ?!", "👍👍", "-- * --"])
def test_a_text_without_words_is_no_complaint_and_neutral(text: str) -> None:
    found = predict([text, "The lift is broken"])
    assert found["responses"][0] == 0
    assert found["sentiment"][0] == 0
    assert found["responses"][1] > 0.5


def test_no_texts_at_all() -> None:
    found = predict([])
    assert {len(v) for v in found.values()} == {0}


WORDS = [
    "app",
    "Crashes",
    "not",
    "good,",
    "GREAT!",
    "waiting",
    "3",
    "hours",
    "£20",
    "why?",
    "@shop",
    "don't",
    "😡",
    "no",
    "fine.",
]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_a_text_is_judged_alone_whatever_stands_beside_it(texts: list[str], random: object) -> None:
    together = predict(texts)
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = predict([texts[i] for i in order])
    for name in ("responses", "sentiment"):
        assert together[name][order].tobytes() == shuffled[name].tobytes()
        assert together[name].tobytes() == b"".join(predict([t])[name].tobytes() for t in texts)
        assert together[name].dtype == np.float32
    assert ((together["responses"] >= 0) & (together["responses"] <= 1)).all()
    assert (np.abs(together["sentiment"]) <= 1).all()


def test_results_for_one_table_do_not_leak_into_the_next() -> None:
    first = predict(COMPLAINTS)
    predict(OTHERS)
    assert predict(COMPLAINTS)["responses"].tobytes() == first["responses"].tobytes()


def test_it_tells_complaints_apart_better_than_vader() -> None:
    found = predict(COMPLAINTS + OTHERS)
    gold = np.arange(len(COMPLAINTS + OTHERS)) < len(COMPLAINTS)
    assert auc(gold, found["responses"]) == 1
    assert auc(gold, -found["sentiment"]) > auc(gold, -found["compound"])


def auc(gold: np.ndarray, score: np.ndarray) -> float:
    pairs = score[gold][:, None] - score[~gold][None, :]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def test_saving_and_loading_gives_the_same_bytes(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    for name in ("complaint.npz", "complaint.json"):
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes()
    again = ComplaintModel.load(tmp_path)
    assert predict(COMPLAINTS, again)["responses"].tobytes() == predict(COMPLAINTS)["responses"].tobytes()


def test_the_weights_are_small_and_hold_no_objects() -> None:
    assert (SHIPPED / "complaint.npz").stat().st_size < 3_000_000
    with np.load(SHIPPED / "complaint.npz", allow_pickle=False) as saved:
        assert all(saved[name].dtype != object for name in saved.files)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "complaint.npz").unlink(),
        lambda folder: (folder / "complaint.json").write_text("{", encoding="utf-8"),
        lambda folder: (folder / "complaint.json").write_text('{"format": 1}', encoding="utf-8"),
        lambda folder: (folder / "complaint.json").write_text('{"format": 99}', encoding="utf-8"),
        lambda folder: (folder / "complaint.npz").write_bytes((folder / "complaint.npz").read_bytes()[:5000]),
        lambda folder: np.savez(folder / "complaint.npz", words=np.zeros(3, np.uint8)),
    ],
)
def test_damaged_weights_are_one_clear_error(tmp_path: Path, damage: object) -> None:
    for name in ("complaint.npz", "complaint.json"):
        shutil.copy(SHIPPED / name, tmp_path)
    damage(tmp_path)  # type: ignore[operator]
    with pytest.raises(ModelError) as caught:
        ComplaintModel.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_card_tells_where_the_weights_come_from_and_how_good_they_are() -> None:
    card = json.loads((SHIPPED / "complaint.json").read_text(encoding="utf-8"))
    sources = {row["source"]: row["licence"] for row in card["trained_on"]}
    assert "airline" not in sources
    assert set(sources.values()) <= {"MIT", "CC0-1.0", "CC-BY-4.0"}
    unseen = {row["source"]: row["auc"] for row in card["measured"]["source_left_out"]}
    assert unseen["nhs"] >= 0.82
    assert unseen["airline"] >= 0.84
    assert unseen["amazon_in"] >= 0.90
    assert card["bad_at"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-1, 1)), max_size=20))
def test_mean_lowest_and_highest_by_response(rows: list[tuple[int, float]]) -> None:
    rows = sorted(rows, key=lambda r: r[0])
    which = np.array([r for r, _ in rows], np.int32)
    grouped, values = ByResponse(which, 5), np.array([v for _, v in rows])
    mean, low, high = grouped.mean(values), grouped.lowest(values), grouped.highest(values)
    for i in range(5):
        own = [v for r, v in rows if r == i] or [0.0]
        total = 0.0
        for v in own:  # added in order, so to the last digit
            total += v
        assert mean[i] == total / len(own)
        assert (low[i], high[i]) == (min(own), max(own))


def test_every_pair_that_fits_is_found_with_its_weight_and_no_other_is() -> None:
    rng = np.random.default_rng(5)
    keys = np.unique(rng.integers(0, 2**31, 60_000)).astype(np.uint32)
    keys = keys[fitting(keys)]
    assert len(keys) > 55_000
    pair = rng.integers(-3000, 3000, len(keys)).astype(np.int16)
    plain = MODEL.weights
    weights = WordWeights(plain.words, plain.single, plain.negated, plain.flags, keys, pair)
    assert (weights._pair_weights[weights._places(keys)] == pair).all()
    others = np.setdiff1d(rng.integers(0, 2**31, 10_000), keys).astype(np.uint32)
    assert not weights._places(others).any()
    assert not weights._places(np.array([NO_PAIR], np.uint32)).any()


def test_log_odds_are_held_within_bounds() -> None:
    assert log_odds(np.array([0.0, 0.5, 1.0])).tolist() == pytest.approx([-9.2102404, 0, 9.2102404])


@pytest.mark.shared
@pytest.mark.parametrize(("name", "at_least"), [("airline", 0.84), ("nhs", 0.9), ("amazon_in", 0.9)])
def test_reach_on_real_complaints(name: str, at_least: float) -> None:
    file = SHARED / f"complaints_{name}.csv"
    if not file.exists():
        pytest.skip("the measuring data is not beside this checkout")
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))[:4000]
    found = predict([row["text"] for row in rows])
    gold = np.array([row["label"] == "1" for row in rows])
    assert auc(gold, found["responses"]) >= at_least
    assert auc(gold, -found["sentiment"]) > auc(gold, -found["compound"])
