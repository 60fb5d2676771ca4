"""Twice the text, at most about twice the work: counted in steps, never in seconds."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.cluster import terms
from cxtext.prepare import language, normalise, phone, redact
from cxtext.text import marks, units


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


STEPS = _module(Path(__file__).with_name("steps.py"))
BENCHMARK = _module(Path(__file__).resolve().parents[2] / "benchmarks" / "bench_hostile.py")
ROOMS = [redact, phone, normalise, language, marks, units, terms]
ROOMS += [
    importlib.import_module(f"cxtext.prepare.{name}")
    for name in ("payment", "spoken")
    if importlib.util.find_spec(f"cxtext.prepare.{name}")
]
ORDERS = r"\b[A-Z]{2}-\d{4}"


def work(text: str, order_ids: str | None = None) -> None:
    """All that is done to a text or to its distinct tokens by patterns or loops."""
    normalise.normalise(pa.array([text]))
    redact.redact(pa.array([text]), order_ids=order_ids)
    for token in dict.fromkeys(text.split()):
        language._kind(token)
        marks._mark(token)
        terms.words_of_token.__wrapped__(token)


def steps_of(text: str, order_ids: str | None = None) -> int:
    steps = STEPS.Steps()
    with pytest.MonkeyPatch.context() as patch:
        STEPS.counted(ROOMS, steps, patch.setattr)
        STEPS.lines_run(ROOMS, steps, lambda: work(text, order_ids))
    return int(steps.count)


@pytest.mark.parametrize("name", BENCHMARK.PATTERNS)
def test_twice_the_text_is_twice_the_work(name: str) -> None:
    once, twice = (steps_of(BENCHMARK.hostile(BENCHMARK.PATTERNS[name], length)) for length in (300, 600))
    assert twice <= 2.4 * once + 1_000, f"{once:,} steps, then {twice:,}"
    assert twice <= 600 * 2_500


def test_glued_order_numbers_are_twice_the_work() -> None:
    once, twice = (steps_of("AB-1234" * count, ORDERS) for count in (40, 80))
    assert twice <= 2.4 * once + 1_000
    assert redact.redact(pa.array(["AB-1234" * 50]), order_ids=ORDERS)[0].to_pylist() == ["[order]" * 50]


@pytest.mark.parametrize(
    "text",
    [
        "0123456789-" * 300,
        "1 2 " * 2_000,
        "06 12 34 56 78," * 300,
        "&" + "amp;" * 3_000,
        "&#x3" * 500 + "5" + ";" * 500,
        "<a " * 500 + ">" * 500,
        "<!--" * 5_000,
        "e" + "\u0315\u0300" * 5_000,
        "•" * 5_000,
        "&#" + "9" * 5_000 + ";",
        "&#1;",  # stands for nothing at all
        "😡" * 5_000,
        "a" * 1_000_000 + " x@y.zz",
    ],
    ids=lambda text: f"{text[:12]!a}",
)
def test_twice_is_once_for_large_ones_too(text: str) -> None:
    work(text)
    clean = normalise.normalise(pa.array([text]))
    assert normalise.normalise(clean).equals(clean)
    done, _ = redact.redact(clean)
    again, counts = redact.redact(done)
    assert again.equals(done)
    assert not any(counts.values())


PIECES = sorted({part for each in BENCHMARK.PATTERNS.values() for part in ([each] if isinstance(each, str) else each)})
CONTEXT = ["call ", "order ", "one ", "[phone]", "\u00a0", *"$ ,-+()#.:/@x"]
hostile_texts = st.lists(
    st.tuples(st.sampled_from(PIECES + CONTEXT), st.integers(1, 9)).map(lambda each: each[0] * each[1]), max_size=6
).map("".join)


@settings(max_examples=150, derandomize=True)
@given(hostile_texts)
def test_nothing_is_left_that_would_be_redacted(text: str) -> None:
    done, first = redact.redact(pa.array([text]))
    again, counts = redact.redact(done)
    assert again.to_pylist() == done.to_pylist()
    assert not any(counts.values())
    tokens = sum(done.to_pylist()[0].count(token) - text.count(token) for token in redact.TOKENS.values())
    assert tokens <= sum(first.values())
    assert not re.search(r"[a-z]@[a-z]+\.[a-z]{2}", done.to_pylist()[0])


@settings(max_examples=150, derandomize=True)
@given(hostile_texts)
def test_clean_stays_clean(text: str) -> None:
    clean = normalise.normalise(pa.array([text]))
    assert normalise.normalise(clean).to_pylist() == clean.to_pylist()


@settings(max_examples=25, derandomize=True)
@given(st.lists(st.sampled_from(PIECES + CONTEXT), min_size=1, max_size=4).map("".join))
def test_any_repetition_is_linear(piece: str) -> None:
    length = max(len(piece), 1)
    once, twice = (steps_of(piece * (size // length + 1)) for size in (200, 400))
    assert twice <= 2.6 * once + 2_000, f"{once:,} steps, then {twice:,}"
