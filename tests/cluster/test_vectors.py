"""Word vectors: looked up, put together from two words, spelled out, and never loaded from damaged files."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.cluster.vectors import ARRAYS, CARD, FORMAT, StaticVectors, verify
from cxtext.errors import ModelError

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "cx-en"


@pytest.fixture(scope="module")
def shipped() -> StaticVectors:
    return StaticVectors.load(SHIPPED)


def closeness(vectors: StaticVectors, one: str, other: str) -> float:
    a, b = vectors.vectors([one, other]).astype(np.float64)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def text_vector(vectors: StaticVectors, text: str) -> np.ndarray:
    words = text.split()
    total = vectors.weights(words) @ vectors.vectors(words)
    return total / np.linalg.norm(total)


# ---------------------------------------------------------------------------------- a tiny set, worked by hand

WORDS = {"cold": ([127, 0], 1 / 127, 1.0), "on hold": ([0, 127], 2 / 127, 0.5), "soup": ([0, 127], 1 / 127, 3.0)}


def write_tiny(folder: Path, **changes: object) -> Path:
    names = sorted(WORDS)
    arrays = {
        "words": np.frombuffer("\n".join(names).encode(), np.uint8),
        "codes": np.array([WORDS[n][0] for n in names], np.int8),
        "scales": np.array([WORDS[n][1] for n in names], np.float32),
        "weights": np.array([WORDS[n][2] for n in names], np.float32),
    }
    np.savez(folder / ARRAYS, **arrays)
    digest = hashlib.sha256((folder / ARRAYS).read_bytes()).hexdigest()
    card = {"format": FORMAT, "dim": 2, "unknown_weight": 0.25, "files": {ARRAYS: {"sha256": digest}}}
    (folder / CARD).write_text(json.dumps({**card, **changes}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("term", "vector", "weight", "known"),
    [
        ("cold", [1.0, 0.0], 1.0, True),
        ("soup", [0.0, 1.0], 3.0, True),
        ("cold soup", [0.25, 0.75], 2.0, True),  # mean vector by weight, plain mean of the weights
        ("cold zz", [1.0, 0.0], 0.5, True),  # the unknown half has weight 0 and does not dilute
        ("on hold", [0.0, 2.0], 0.5, True),  # a phrase of its own, not "on" and "hold"
        ("zz", [0.0, 0.0], 0.0, False),
        ("", [0.0, 0.0], 0.0, False),
        ("2019", [0.0, 0.0], 0.0, False),
    ],
)
def test_looks_up_terms(tmp_path: Path, term: str, vector: list[float], weight: float, known: bool) -> None:
    vectors = StaticVectors.load(write_tiny(tmp_path))
    np.testing.assert_allclose(vectors.vectors([term]), [vector], atol=1e-6)
    np.testing.assert_allclose(vectors.weights([term]), [weight], atol=1e-6)
    assert vectors.known([term]).tolist() == [known]
    assert (vectors.dim, len(vectors)) == (2, 3)


def test_spells_out_words_it_has_never_seen(tmp_path: Path) -> None:
    vectors = StaticVectors.load(write_tiny(tmp_path))
    np.testing.assert_allclose(vectors.vectors(["soupy", "colds"]), [[0, 1], [1, 0]], atol=1e-6)
    assert vectors.weights(["soupy"]).tolist() == [0.25]
    assert "soupy" not in vectors
    assert not vectors.known(["xylgrth", "12", "soup" * 11]).any()


def test_how_a_word_is_spelled_out_does_not_depend_on_the_company(shipped: StaticVectors) -> None:
    strange = [f"{word}{end}" for word in ("refund", "parking", "zebra", "überweis") for end in ("xe", "ish", "lyy")]
    together = shipped.vectors([*strange, *(f"filler{n}x" for n in range(300))])[: len(strange)]
    alone = np.concatenate([shipped.vectors([word]) for word in strange])
    assert together.tobytes() == alone.tobytes()


# ------------------------------------------------------------------------------------------------ damaged files


def test_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"vectors\.json is missing"):
        StaticVectors.load(tmp_path)
    write_tiny(tmp_path)
    (tmp_path / ARRAYS).unlink()
    with pytest.raises(ModelError, match=r"vectors\.npz is missing"):
        StaticVectors.load(tmp_path)
    with pytest.raises(ModelError, match=r"vectors\.npz can't be read"):
        verify(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 99}', "not json"])
def test_refuses_a_card_it_cannot_read(tmp_path: Path, content: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / CARD).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"vectors\.json"):
        StaticVectors.load(tmp_path)


def test_refuses_arrays_that_do_not_match_the_card(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="doesn't match"):
        StaticVectors.load(write_tiny(tmp_path, dim=3))


@pytest.mark.parametrize("cut", [0, 10, 0.5, 0.9])
def test_refuses_a_file_cut_short(tmp_path: Path, cut: float) -> None:
    write_tiny(tmp_path)
    content = (tmp_path / ARRAYS).read_bytes()
    (tmp_path / ARRAYS).write_bytes(content[: int(cut if cut >= 1 else cut * len(content))])
    with pytest.raises(ModelError, match=r"vectors\.npz is damaged"):
        StaticVectors.load(tmp_path)
    with pytest.raises(ModelError, match="not the file"):
        verify(tmp_path)


def test_a_flipped_bit_does_not_pass(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    content = bytearray((tmp_path / ARRAYS).read_bytes())
    content[content.index(b"cold")] ^= 1
    (tmp_path / ARRAYS).write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        StaticVectors.load(tmp_path)


def test_never_unpickles(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    with np.load(tmp_path / ARRAYS) as saved:
        arrays = dict(saved)
    arrays["codes"] = np.array([["cold", None]], dtype=object)
    np.savez(tmp_path / ARRAYS, **arrays)
    with pytest.raises(ModelError, match="damaged"):
        StaticVectors.load(tmp_path)


# ------------------------------------------------------------------------------------------- the shipped vectors


def test_the_shipped_files_are_what_their_card_says(shipped: StaticVectors) -> None:
    verify(SHIPPED)
    assert len(shipped) >= 30_000
    assert shipped.card["n_words"] == len(shipped)
    assert (SHIPPED / ARRAYS).stat().st_size == shipped.card["files"][ARRAYS]["bytes"] <= 10 * 1000 * 1000


@pytest.mark.parametrize(
    ("word", "like", "unlike"),
    [
        ("refund", "reimbursement", "parking"),
        ("rude", "impolite", "delivery"),
        ("invoice", "billing", "pillow"),
        ("nurse", "doctor", "router"),
        ("wifi", "internet", "breakfast"),
        ("shoes", "boots", "password"),
        ("late", "delayed", "salty"),
        ("app", "software", "curtain"),
    ],
)
def test_words_that_mean_the_same_are_close(shipped: StaticVectors, word: str, like: str, unlike: str) -> None:
    assert closeness(shipped, word, like) > closeness(shipped, word, unlike) + 0.15


@pytest.mark.parametrize(
    ("typed", "meant", "other"),
    [
        ("apointment", "appointment", "cooked"),
        ("refundd", "refund", "mattress"),
        ("unrefundable", "refund", "noisy"),
        ("passwrod", "password", "soup"),
        ("overchargeing", "overcharge", "weather"),
        ("delivary", "delivery", "login"),
    ],
)
def test_misspelled_words_land_near_the_right_one(shipped: StaticVectors, typed: str, meant: str, other: str) -> None:
    assert typed not in shipped
    assert shipped.known([typed]).all()
    assert closeness(shipped, typed, meant) > closeness(shipped, typed, other) + 0.15


def test_texts_about_the_same_thing_are_close_without_a_shared_word(shipped: StaticVectors) -> None:
    one = text_vector(shipped, "nobody picked up the phone")
    same = text_vector(shipped, "i called three times and got no answer")
    other = text_vector(shipped, "our soup arrived cold and far too salty")
    assert one @ same > one @ other + 0.15


def test_telling_words_weigh_more_than_filler(shipped: StaticVectors) -> None:
    filler, telling = shipped.weights(["the", "and", "it"]), shipped.weights(["refund", "overcharged", "mould"])
    assert filler.max() < 0.5 * telling.min()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_term_has_a_finite_vector_and_order_does_not_matter(terms: list[str]) -> None:
    vectors = StaticVectors.load(SHIPPED) if not _cached else _cached[0]
    _cached[:] = [vectors]
    rows, weights, known = vectors.vectors(terms), vectors.weights(terms), vectors.known(terms)
    assert rows.shape == (len(terms), vectors.dim)
    assert rows.dtype == weights.dtype == np.float32
    assert np.isfinite(rows).all()
    assert np.isfinite(weights).all()
    assert (weights >= 0).all()
    assert known.tolist() == (rows != 0).any(axis=1).tolist()
    assert vectors.vectors(terms[::-1])[::-1].tobytes() == rows.tobytes()


_cached: list[StaticVectors] = []


def test_hash_seed_changes_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cxtext.cluster.vectors import StaticVectors as S;"
        "import hashlib; v = S.load(Path(sys.argv[1]));"
        "print(hashlib.sha256(v.vectors(['refundd', 'on hold', 'cold', 'qz']).tobytes()).hexdigest())"
    )
    root = Path(__file__).resolve().parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(SHIPPED)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(digests) == 1


def test_loading_twice_gives_the_same(tmp_path: Path, shipped: StaticVectors) -> None:
    for name in (ARRAYS, CARD):
        shutil.copy(SHIPPED / name, tmp_path / name)
    terms = ["card", "refund please", "shambolicly"]
    assert StaticVectors.load(tmp_path).vectors(terms).tobytes() == shipped.vectors(terms).tobytes()
