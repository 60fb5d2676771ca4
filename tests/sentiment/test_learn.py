"""Sentiment learned from invented scores: it helps where it can, steps aside where it can't, and knows no row order."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtext.errors import ModelError
from cxtext.sentiment import learn_fit as fit
from cxtext.sentiment.complaint import ComplaintModel
from cxtext.sentiment.learn import FEWEST, LearnedSentiment, learn
from cxtext.sentiment.vader import polarity, unit_polarity
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units

BASE = ComplaintModel.load(Path(__file__).resolve().parents[2] / "models" / "cx-en")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "reviews" / "nhs_fft.csv"
GOOD = ["The grommet held", "Zinc plating as ordered", "Flange seated first time", "Mesh count within tolerance"]
BAD = ["Grommet slipped", "Plating at the other depot", "Flange seated on the third day", "Mesh count by hand"]
FILLER = ["on Monday", "for the north line", "in bay four", "with the new crew", "as per the order", "at the mill"]


def corpus(n: int, seed: int = 3) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Texts in a trade's own words, which no general lexicon rates, with scores 0-10, customers and content keys."""
    rng = np.random.default_rng(seed)
    happy = rng.random(n) < 0.7
    texts = [
        f"{(GOOD if h else BAD)[rng.integers(4)]} {FILLER[rng.integers(6)]}. Job {rng.integers(10**6)}" for h in happy
    ]
    scores = np.clip(np.where(happy, 9, 3) + rng.integers(-2, 3, n), 0, 10).astype(float)
    customer = rng.integers(-1, n // 3, n).astype(np.int32)
    return texts, scores, customer, keys_of(texts)


def keys_of(texts: list[str]) -> np.ndarray:
    digests = [hashlib.blake2b(t.encode(), digest_size=8).digest() for t in texts]
    return np.array([int.from_bytes(d, "little") for d in digests], np.uint64)


def read(texts: list[str]) -> tuple[object, ...]:
    table = token_table(texts)
    units = split_units(table)
    return table, units, unit_polarity(table, units), polarity(table)


def fitted(texts: list[str], scores: np.ndarray, customer: np.ndarray, keys: np.ndarray) -> LearnedSentiment:
    return learn(*read(texts), scores, customer, keys, BASE)  # type: ignore[arg-type]


def same(a: LearnedSentiment, b: LearnedSentiment, texts: list[str]) -> bool:
    seen = read(texts)
    return a.predict_responses(*seen).tobytes() == b.predict_responses(*seen).tobytes()  # type: ignore[arg-type]


def test_it_learns_the_words_of_a_trade() -> None:
    texts, scores, customer, keys = corpus(600)
    learned = fitted(texts, scores, customer, keys)
    assert learned.used
    assert learned.agreement > 0.6 > learned.vader_agreement
    assert f"{learned.agreement:.2f}" in learned.why
    fresh = read(["Grommet slipped in bay four", "The grommet held in bay four"])
    bad, good = learned.predict_responses(*fresh)  # type: ignore[arg-type]
    assert bad < -0.3
    assert good > 0.3
    units = learned.predict_units(*fresh[:3])  # type: ignore[arg-type]
    assert units[0] < 0 < units[1]
    assert units.dtype == np.float32


def test_held_out_estimates_are_given_where_there_is_a_score_and_kept_by_key() -> None:
    texts, scores, customer, keys = corpus(500)
    scores[::7] = np.nan
    learned = fitted(texts, scores, customer, keys)
    assert learned.held_out is not None
    assert (np.isfinite(learned.held_out) == np.isfinite(scores)).all()
    given_keys = learned.predict_responses(*read(texts), keys=keys)  # type: ignore[arg-type]
    scored = np.isfinite(scores)
    assert given_keys[scored].tobytes() == learned.held_out[scored].tobytes()
    assert np.isfinite(given_keys).all()
    assert learned.n == scored.sum()


def test_nobody_teaches_their_own_estimate() -> None:
    """A word that only one customer uses moves that customer's held-out estimates by next to nothing."""
    texts, scores, customer, _ = corpus(400)
    own = [f"Xylophone {place}" for place in FILLER]
    texts = texts + own
    customer = np.append(customer, np.full(len(own), customer.max() + 1)).astype(np.int32)
    low = fitted(texts, np.append(scores, np.zeros(len(own))), customer, keys_of(texts))
    high = fitted(texts, np.append(scores, np.full(len(own), 10.0)), customer, keys_of(texts))
    assert low.held_out is not None
    assert high.held_out is not None
    assert np.abs(low.held_out - high.held_out)[-len(own) :].max() < 0.15
    stranger = read(["Xylophone"])
    assert high.predict_responses(*stranger)[0] - low.predict_responses(*stranger)[0] > 0.4  # type: ignore[arg-type]


def test_row_order_and_customer_codes_change_nothing() -> None:
    texts, scores, customer, keys = corpus(400)
    learned = fitted(texts, scores, customer, keys)
    order = np.random.default_rng(1).permutation(len(texts))
    renamed = np.where(customer >= 0, customer.max() - customer, -1).astype(np.int32)
    again = fitted([texts[i] for i in order], scores[order], renamed[order], keys[order])
    assert same(learned, again, texts)
    assert learned.held_out is not None
    assert again.held_out is not None
    assert learned.held_out[order].tobytes() == again.held_out.tobytes()
    assert (learned.agreement, learned.why) == (again.agreement, again.why)


def test_the_scale_of_the_scores_does_not_matter() -> None:
    texts, scores, customer, keys = corpus(400)
    assert same(fitted(texts, scores, customer, keys), fitted(texts, scores * 0.4 + 1, customer, keys), texts)


@pytest.mark.parametrize(
    ("scores", "clause"),
    [
        (lambda s: np.where(np.arange(len(s)) < FEWEST - 1, s, np.nan), "too few"),
        (lambda s: np.full(len(s), 7.0), "the same"),
        (lambda s: np.full(len(s), np.nan), "too few"),
    ],
)
def test_it_steps_aside_without_enough_to_learn_from(scores: object, clause: str) -> None:
    texts, given_scores, customer, keys = corpus(400)
    learned = fitted(texts, scores(given_scores), customer, keys)  # type: ignore[operator]
    assert not learned.used
    assert clause in learned.why
    table, units, parts, whole = read(texts)
    probs = BASE.predict_units(table, units, parts)  # type: ignore[arg-type]
    responses = BASE.predict_responses(table, units, parts, whole, probs)  # type: ignore[arg-type]
    expected = BASE.response_sentiment(table, units, parts, whole, probs, responses)  # type: ignore[arg-type]
    assert learned.predict_responses(table, units, parts, whole).tobytes() == expected.tobytes()  # type: ignore[arg-type]


def test_it_steps_aside_when_scores_are_noise() -> None:
    texts, scores, customer, keys = corpus(500)
    plain = [
        ("Lovely helpful staff" if s > 6 else "Rude staff, dreadful service") + t[-11:]
        for t, s in zip(texts, scores, strict=True)
    ]
    noise = np.random.default_rng(2).integers(0, 11, len(plain)).astype(float)
    learned = fitted(plain, noise, customer, keys)
    assert not learned.used
    assert "no gain" in learned.why
    assert abs(learned.agreement) < 0.2


def test_one_customer_only_is_not_enough_to_check() -> None:
    texts, scores, customer, keys = corpus(300)
    learned = fitted(texts, scores, np.zeros_like(customer), keys)
    assert not learned.used
    assert "too few customers" in learned.why


def test_a_reversed_column_is_noticed() -> None:
    texts, scores, customer, keys = corpus(400)
    plain = [
        ("Lovely helpful staff " if s > 6 else "Rude staff, still waiting ") + t[-11:]
        for t, s in zip(texts, scores, strict=True)
    ]
    right, wrong = fitted(plain, scores, customer, keys), fitted(plain, 10 - scores, customer, keys)
    assert right.base_agreement > 0.5
    assert not right.reversed
    assert wrong.reversed
    assert not wrong.used
    assert wrong.vader_agreement < 0
    assert "direction" in wrong.why


def test_stored_and_read_again_it_says_the_same() -> None:
    texts, scores, customer, keys = corpus(400)
    for learned in (fitted(texts, scores, customer, keys), fitted(texts[:50], scores[:50], customer[:50], keys[:50])):
        arrays, meta = learned.arrays()
        assert all(a.dtype != object for a in arrays.values())
        again = LearnedSentiment.from_arrays(arrays, meta)
        assert same(learned, again, texts)
        assert (again.used, again.why, again.n) == (learned.used, learned.why, learned.n)


@pytest.mark.parametrize("change", [{"format": 99}, {"format": None}, {"base": {}, "format": 1, "why": None, "n": "x"}])
def test_damaged_arrays_are_one_clear_error(change: dict[str, object]) -> None:
    texts, scores, customer, keys = corpus(300)
    arrays, meta = fitted(texts, scores, customer, keys).arrays()
    with pytest.raises(ModelError):
        LearnedSentiment.from_arrays(arrays, {**meta, **change})
    del arrays["own_pair"]
    with pytest.raises(ModelError):
        LearnedSentiment.from_arrays(arrays, meta)


def test_blank_texts_stay_neutral() -> None:
    texts, scores, customer, keys = corpus(300)
    learned = fitted(texts, scores, customer, keys)
    assert learned.predict_responses(*read(["", "  ", "!!!"])).tolist() == [0, 0, 0]  # type: ignore[arg-type]


def test_folds_are_shared_by_customer_and_roughly_even() -> None:
    rng = np.random.default_rng(0)
    customer = rng.integers(-1, 300, 5000).astype(np.int32)
    keys = rng.integers(0, 2**63, 5000).astype(np.uint64)
    fold = fit.folds_by_customer(customer, keys)
    known = customer >= 0
    assert all(len(set(fold[known & (customer == c)].tolist())) == 1 for c in range(0, 300, 11))
    alone = np.bincount(fit.folds_by_customer(np.full(5000, -1, np.int32), keys), minlength=fit.FOLDS)
    assert alone.min() > 900


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-1, 1), st.floats(0.1, 3)), min_size=1, max_size=40))
def test_the_calibration_curve_rises(rows: list[tuple[float, float, float]]) -> None:
    score, target, weight = (np.array(c) for c in zip(*rows, strict=True))
    x, y = fit.isotonic(score, target, weight)
    assert (np.diff(y) > -1e-12).all()
    assert (np.diff(x) >= -1e-12).all()
    assert y.min() >= target.min() - 1e-9
    assert y.max() <= target.max() + 1e-9


def test_spearman_oracle() -> None:
    a = np.array([106, 100, 86, 101, 99, 103, 97, 113, 112, 110.0])
    b = np.array([7, 27, 2, 50, 28, 29, 20, 12, 6, 17.0])
    assert fit.spearman(a, b) == pytest.approx(-0.1757575757)
    assert np.isnan(fit.spearman(a, np.ones(10)))
    assert np.isnan(fit.spearman(a[:2], b[:2]))


@pytest.mark.shared
def test_learned_from_patients_scores_it_agrees_with_human_readers() -> None:
    if not SHARED.exists():
        pytest.skip("the measuring data is not beside this checkout")
    with SHARED.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["FFT answer"]]
    answer = np.array([float(row["FFT categorical answer"]) for row in rows])
    human = np.array([float(row["Comment sentiment"] or "nan") for row in rows])
    people = {name: i for i, name in enumerate(sorted({row["Respondent ID"] for row in rows}))}
    customer = np.array([people[row["Respondent ID"]] for row in rows], np.int32)
    texts = [row["FFT answer"] for row in rows]
    keys = keys_of([f"{row['Comment ID']} {row['FFT answer']}" for row in rows])
    learned = fitted(texts, np.where(answer < 6, 6 - answer, np.nan), customer, keys)
    assert learned.used
    assert learned.held_out is not None
    read_by_human = np.isfinite(human) & np.isfinite(learned.held_out)
    assert fit.spearman(learned.held_out[read_by_human], -human[read_by_human]) >= 0.60
