from __future__ import annotations

import hashlib
import json
import pickle

import numpy as np
import pytest

from cxtext.cluster import labels, quality
from cxtext.cluster.assign import Assigner
from cxtext.cluster.evaluate import agreement
from cxtext.cluster.fit import fit
from cxtext.errors import ModelError
from cxtext.schema import ClusterModel, Units
from cxtext.text.tokens import token_table
from cxtext.text.units import split_units


def read(texts):
    table = token_table(texts)
    return table, split_units(table, "response")


def in_hash_order(texts):
    return sorted(texts, key=lambda text: hashlib.blake2b(text.encode()).digest())


def ids_of(model, vectors, texts):
    found = Assigner(model, vectors).assign(*read(texts))
    return np.array([*(p.id for p in model.pain_points), ""])[found.cluster]


def same_arrays(a, b):
    return sorted(a.arrays) == sorted(b.arrays) and all(
        np.asarray(a.arrays[name]).tobytes() == np.asarray(b.arrays[name]).tobytes() for name in a.arrays
    )


def test_finds_the_planted_subjects(model, corpus, vectors) -> None:
    texts, subjects = corpus
    facts = agreement(subjects, ids_of(model, vectors, texts))
    assert 6 <= facts["k"] <= 16
    assert facts["ami"] > 0.75
    assert facts["unclustered"] < 0.1


def test_a_given_number_is_kept(corpus, vectors) -> None:
    fitted = fit(*read(corpus[0]), vectors=vectors, n_clusters=8)
    assert len(fitted.pain_points) == 8
    assert agreement(corpus[1], ids_of(fitted, vectors, corpus[0]))["ami"] > 0.8


def test_works_without_vectors(corpus) -> None:
    fitted = fit(*read(corpus[0]), vectors=None)
    assert agreement(corpus[1], ids_of(fitted, None, corpus[0]))["ami"] > 0.5


def test_fit_is_the_same_to_the_last_byte(model, corpus, vectors) -> None:
    again = fit(*read(corpus[0]), vectors=vectors)
    assert same_arrays(model, again)
    assert json.dumps(model.meta, sort_keys=True) == json.dumps(again.meta, sort_keys=True)
    assert model.pain_points == again.pain_points


def test_order_of_distinct_tokens_does_not_matter(model, corpus, vectors) -> None:
    table, units = read(corpus[0])
    turn = np.random.default_rng(5).permutation(len(table.tokens))
    place = np.argsort(turn)
    other = type(table)(place[table.codes].astype(np.int32), table.offsets, [table.tokens[i] for i in turn])
    assert same_arrays(model, fit(other, units, vectors=vectors))


@pytest.mark.parametrize("size", [1, 7, 64, 500])
def test_assignment_is_independent_of_chunks_and_order(model, corpus, vectors, size) -> None:
    texts = [*corpus[0], "Completely unheardof wordings about zebras", "", "the and of", "Trainer trainer trainer"]
    order = np.random.default_rng(size).permutation(len(texts))[:300]
    assigner = pickle.loads(pickle.dumps(Assigner(model, vectors)))
    table, units = read(texts)
    whole = Assigner(model, vectors).assign(table, units)
    cluster, similarity = np.full(len(texts), -1), np.zeros(len(texts), np.float32)
    cluster[units.response], similarity[units.response] = whole.cluster, whole.similarity
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        table, units = read([texts[i] for i in rows])
        part = assigner.assign(table, units)
        assert part.cluster.tolist() == cluster[rows[units.response]].tolist()
        assert part.similarity.tobytes() == similarity[rows[units.response]].tobytes()


def test_words_never_seen_in_training_are_understood(model, vectors) -> None:
    known, unseen = ids_of(
        model, vectors, ["The app crashes at login", "That smartphone application crashed at authentication"]
    )
    assert known == unseen != ""


def test_blank_units_are_unclustered(model, vectors) -> None:
    found = Assigner(model, vectors).assign(*read(["it is what it was", "!!!", "12 345"]))
    assert found.cluster.tolist() == [-1, -1, -1]
    assert found.similarity.tolist() == [0, 0, 0]


def test_words_dealt_out_at_random_are_mostly_unclustered(corpus, vectors) -> None:
    words = " ".join(corpus[0]).split()
    dealt = [words[i] for i in np.random.default_rng(3).permutation(len(words))]
    lengths = [len(text.split()) for text in corpus[0]]
    ends = np.cumsum(lengths)
    texts = in_hash_order(" ".join(dealt[b - n : b]) for n, b in zip(lengths, ends, strict=True))
    fitted = fit(*read(texts), vectors=vectors)
    assert (ids_of(fitted, vectors, texts) == "").mean() > 0.8


@pytest.mark.parametrize("texts", [[], [""], ["Late again"], ["Late again", "Rude staff"], ["same words here"] * 40])
def test_tiny_corpora(texts, vectors) -> None:
    fitted = fit(*read(texts), vectors=vectors)
    assert len(ids_of(fitted, vectors, texts or ["x"])) == len(read(texts or ["x"])[1])
    assert set(quality.health(fitted)) == {"value", "verdict", "next_action"}


def test_pain_points_are_described(model) -> None:
    points = model.pain_points
    assert [p.id for p in points] == [f"PP-{j:03d}" for j in range(1, len(points) + 1)]
    assert len({p.label for p in points}) == len(points)
    for p in points:
        assert p.label
        assert p.terms
        assert p.theme in model.meta["themes"]
        assert -1 <= p.cohesion <= 1
        assert 0 <= p.stability <= 1
        assert p.verdict in ("solid", "loose", "boilerplate")
    assert len(model.meta["exemplars"]) == len(points)
    assert 0 < quality.health(model)["value"] <= 1


def test_labels_are_phrases_that_customers_used(model, corpus) -> None:
    said = " ".join(corpus[0]).lower()
    assert all(p.label.lower() in said for p in model.pain_points)
    assert all(p.tag.split(" (")[0] in said for p in model.pain_points)


def test_labels_are_clauses_that_their_members_match(model) -> None:
    assert all(3 <= len(p.label.split()) <= 8 for p in model.pain_points)
    assert all(p.label[0].isupper() or p.label[0].isdigit() for p in model.pain_points)
    assert np.mean([p.coverage for p in model.pain_points]) >= 0.5


def test_a_flood_of_greetings_is_boilerplate(corpus, vectors) -> None:
    noise = [
        f"{a} {b} {c}"
        for a in ("Thanks", "Thank you", "Many thanks", "Cheers")
        for b in ("best regards", "kind regards", "sincerely")
        for c in ("everyone", "dear team", "good evening", "bye")
    ]
    texts = in_hash_order([*corpus[0], *noise])
    fitted = fit(*read(texts), vectors=vectors)
    ids = ids_of(fitted, vectors, noise)
    verdicts = {p.id: p.verdict for p in fitted.pain_points}
    assert np.mean([verdicts.get(i) in (None, "boilerplate") for i in ids]) > 0.8


def test_the_same_texts_again_change_nothing(model, corpus, vectors) -> None:
    again = fit(*read(corpus[0]), vectors=vectors, previous=model)
    assert same_arrays(model, again)
    assert again.pain_points == model.pain_points


def test_more_texts_keep_ids_and_a_new_subject_opens_one_pain_point(corpus, vectors) -> None:
    texts = corpus[0]
    first = fit(*read(texts[:430]), vectors=vectors)
    second = fit(*read(texts), vectors=vectors, previous=first)
    a, b = ids_of(first, vectors, texts), ids_of(second, vectors, texts)
    both = (a != "") & (b != "")
    assert (a == b)[both].mean() > 0.9
    new = [
        f"{a} {b}"
        for a in ("The coffee", "Your cafe's espresso", "The cappuccino", "Coffee at the bar")
        for b in (
            "tastes burnt",
            "is lukewarm and bitter",
            "costs a fortune",
            "was stale",
            "smells of burnt milk",
            "is undrinkable",
            "tastes like dishwater",
            "arrives cold",
        )
    ]
    more = in_hash_order([*texts, *new])
    third = fit(*read(more), vectors=vectors, previous=second)
    opened = [p.id for p in third.pain_points if p.status == "new"]
    assert len(opened) == 1
    assert int(opened[0][3:]) >= second.meta["next_id"]
    assert np.mean(ids_of(third, vectors, new) == opened[0]) > 0.8
    assert np.mean(ids_of(third, vectors, texts) == b) > 0.9
    assert {step["new"] for step in third.meta["lineage"] if step["change"] == "new"} == set(opened)


def test_a_fresh_fit_carries_ids_over(model, corpus, vectors) -> None:
    fewer = [t for t, subject in zip(*corpus, strict=True) if subject != "music"]
    fresh = fit(*read(fewer), vectors=vectors, previous=model, warm=False)
    a, b = ids_of(model, vectors, fewer), ids_of(fresh, vectors, fewer)
    assert (a == b).mean() > 0.6
    assert {p.id for p in fresh.pain_points if p.status == "new"}.isdisjoint(p.id for p in model.pain_points)


def test_ignored_words_are_never_features(corpus, vectors) -> None:
    fitted = fit(*read(corpus[0]), vectors=vectors, stop_valence=frozenset({"loud", "broken"}))
    assert not {"loud", "broken"} & set(bytes(fitted.arrays["words"]).decode().split("\n"))
    assert ids_of(fitted, vectors, ["loud broken"]).tolist() == [""]


def test_model_is_arrays_and_json(model, vectors, corpus, tmp_path) -> None:
    np.savez(tmp_path / "arrays.npz", **model.arrays)
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in saved.files}
    back = ClusterModel(arrays, json.loads(json.dumps(model.meta)), model.pain_points)
    assert ids_of(back, vectors, corpus[0]).tolist() == ids_of(model, vectors, corpus[0]).tolist()


@pytest.mark.parametrize("name", ["words", "matrix", "mean", "centres", "thresholds"])
def test_a_damaged_model_is_refused(model, vectors, name) -> None:
    arrays = dict(model.arrays)
    arrays[name] = arrays[name][: len(arrays[name]) // 2]
    with pytest.raises(ModelError, match="damaged"):
        Assigner(ClusterModel(arrays, model.meta, model.pain_points), vectors)
    with pytest.raises(ModelError, match="format"):
        Assigner(ClusterModel(model.arrays, dict(model.meta) | {"format": 99}, model.pain_points), vectors)


def test_units_can_be_any_ranges(model, corpus, vectors) -> None:
    table, units = read(corpus[0])
    some = np.array([5, 2, 9])
    part = Assigner(model, vectors).assign(table, Units(units.response[some], units.first[some], units.last[some]))
    assert part.cluster.tolist() == Assigner(model, vectors).assign(table, units).cluster[some].tolist()


def test_sentiment_only_words_are_seen_as_empty_talk() -> None:
    from cxtext.cluster.terms import word_stream

    stream = word_stream(*read(["awful terrible worst", "the card was declined", "awful card"]))
    share = quality.empty_talk(stream, np.array([0, 1, 2], dtype=np.int32), 3)
    assert share.tolist() == [1.0, 0.0, 0.5]


def test_copies_are_counted() -> None:
    from cxtext.cluster.terms import word_stream

    stream = word_stream(*read(["card lost", "card lost", "lost card", "pin lost"]))
    assert quality.sameness(stream, np.array([0, 0, 0, 1], dtype=np.int32), 2) == pytest.approx([1 / 3, 0])


@pytest.mark.parametrize(
    ("label", "telling", "expected"),
    [
        ("waiting time in chat", ("chat", "waiting", "queue"), "waiting time in chat"),
        ("staff", ("staff", "service", "rude", "desk"), "staff (service, rude)"),
        ("charge", ("charged", "not", "ok", "card"), "charge (card)"),
        ("refund", ("refund", "unfortunately", "refunds"), "refund"),
        ("", ("queue",), ""),
    ],
)
def test_a_label_of_one_word_says_what_about_it(label, telling, expected) -> None:
    assert labels.explained(label, telling) == expected
