"""The codebook acted on: each entry changes its own pain point, and what fits nothing is told, never dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.cluster import terms
from cxtext.pipeline.coded import containing
from cxtext.pipeline.decisions import apply
from cxtext.schema import Exemplar, PainPoint, Units
from cxtext.store.codebook import Codebook, Entry, Part, Seed
from cxtext.text.tokens import token_table


def point(number: int, **more: object) -> PainPoint:
    made = PainPoint(
        f"PP-{number:03d}", f"thing {number}", (f"word{number}",), n_units=10 * number, cohesion=0.1 * number,
        neighbours=(f"PP-{number % 4 + 1:03d}",), exemplars=(Exemplar("", f"Text {number}.", 0.5),),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


FOUR = [point(n) for n in (1, 2, 3, 4)]


def shown(*entries: Entry, seeds: tuple[Seed, ...] = (), points: list[PainPoint] = FOUR) -> tuple[list[str], list[str]]:
    """Ids of the shown pain points, and where each column goes."""
    done = apply(Codebook(entries, seeds), points)
    return [p.id for p in done.pain_points], [done.pain_points[j].id for j in done.of]


def test_nothing_decided_changes_nothing() -> None:
    done = apply(Codebook(), FOUR)
    assert list(done.pain_points) == FOUR
    assert done.of == (0, 1, 2, 3)
    assert done.splits == ()


def test_a_new_name_with_note_and_owner() -> None:
    done = apply(Codebook((Entry("PP-002", label="Waiting", note="see May", owner="shop"),)), FOUR)
    assert done.pain_points[1] == replace(FOUR[1], label="Waiting", note="see May", owner="shop")
    assert [p for j, p in enumerate(done.pain_points) if j != 1] == [FOUR[0], FOUR[2], FOUR[3]]


def test_merging() -> None:
    done = apply(Codebook((Entry("PP-001", merge_into="PP-003"),)), FOUR)
    assert [p.id for p in done.pain_points] == ["PP-002", "PP-003", "PP-004"]
    assert done.of == (1, 0, 1, 2)
    merged = done.pain_points[1]
    assert (merged.label, merged.n_units, merged.terms) == ("thing 3", 40, ("word3", "word1"))
    assert merged.cohesion == pytest.approx((30 * 0.3 + 10 * 0.1) / 40)
    assert done.pain_points[2].neighbours == ("PP-003",), "who was near the merged one is near the whole"
    assert [e.text for e in merged.exemplars] == ["Text 3.", "Text 1."]


def test_merges_follow_each_other_to_the_end() -> None:
    assert shown(Entry("PP-001", merge_into="PP-002"), Entry("PP-002", merge_into="PP-003"))[1] == [
        "PP-003", "PP-003", "PP-003", "PP-004"
    ]  # fmt: skip


def test_ignoring_sets_aside_what_was_merged_in_as_well() -> None:
    done = apply(Codebook((Entry("PP-001", merge_into="PP-002"), Entry("PP-002", ignore=True))), FOUR)
    assert [(p.id, p.status) for p in done.pain_points] == [
        ("PP-002", "ignored"), ("PP-003", "active"), ("PP-004", "active")
    ]  # fmt: skip
    assert done.of == (0, 0, 1, 2)


def test_splitting() -> None:
    parts = (Part("PP-002.late", "Too late", ("late*",)), Part("PP-002.lost", "Lost", ("lost",)))
    done = apply(Codebook((Entry("PP-002", split=parts),)), FOUR)
    assert [p.id for p in done.pain_points] == ["PP-001", "PP-002", "PP-002.late", "PP-002.lost", "PP-003", "PP-004"]
    assert done.splits == ((1, 2, ("late*",)), (1, 3, ("lost",)))
    assert done.pain_points[2].label == "Too late"
    assert done.of == (0, 1, 4, 5)


def test_a_part_can_take_in_another_pain_point_and_a_merged_one_keeps_its_parts() -> None:
    parts = (Part("PP-002.late", "Too late", ("late*",)),)
    done = apply(
        Codebook((Entry("PP-002", merge_into="PP-001", split=parts), Entry("PP-003", merge_into="PP-002.late"))), FOUR
    )
    assert [p.id for p in done.pain_points] == ["PP-001", "PP-002.late", "PP-004"]
    assert done.of == (0, 0, 1, 2)
    assert done.splits == ((1, 1, ("late*",)),)


def test_a_seed_takes_in_what_is_like_it_unless_people_said_otherwise() -> None:
    seed = PainPoint("lifts", "Lifts", ("lift",))
    book = Codebook((Entry("PP-002", label="Mine"),), (Seed("lifts", "Lifts", ("lift",)),))
    done = apply(book, [*FOUR, seed], {"PP-001": "lifts", "PP-002": "lifts"})
    assert [p.id for p in done.pain_points] == ["PP-002", "PP-003", "PP-004", "lifts"]
    assert done.of == (3, 0, 1, 2, 3)


def test_two_of_one_name_are_told_apart() -> None:
    done = apply(Codebook((Entry("PP-002", label="Thing 1"),)), FOUR)
    assert [p.label for p in done.pain_points][:2] == ["thing 1", "Thing 1 (PP-002)"]


def test_who_names_boilerplate_wants_to_see_it() -> None:
    dull = [point(1, verdict="boilerplate"), point(2, verdict="boilerplate")]
    done = apply(Codebook((Entry("PP-001", label="Greetings"),)), dull)
    assert [p.verdict for p in done.pain_points] == ["loose", "boilerplate"]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([Entry("PP-009", label="gone")], ("PP-009", "rename", "no such pain point")),
        ([Entry("PP-009", pin=True, ignore=True)], ("PP-009", "ignore, pin", "no such pain point")),
        ([Entry("PP-001", merge_into="PP-009")], ("PP-001", "merge into PP-009", "there is no PP-009")),
        ([Entry("PP-001", merge_into="PP-001")], ("PP-001", "merge into PP-001", "there is no")),
        ([Entry("PP-001", merge_into="PP-002", ignore=True)], ("PP-001", "merge into PP-002", "it is ignored")),
        (
            [Entry("PP-001", merge_into="PP-002"), Entry("PP-002", merge_into="PP-001")],
            ("PP-001", "merge", "run in a circle"),
        ),
    ],
)
def test_what_fits_nothing_is_told(entries: list[Entry], told: tuple[str, str, str]) -> None:
    done = apply(Codebook(tuple(entries)), FOUR)
    assert any((v.id, v.decision) == told[:2] and told[2] in v.why and not v.done for v in done.verdicts)
    assert {p.id for p in done.pain_points} >= {"PP-003", "PP-004"}


IDS = [f"PP-{n:03d}" for n in range(1, 7)]
ENTRIES = st.lists(
    st.builds(
        Entry, st.sampled_from(IDS), label=st.sampled_from(["", "a", "A", "thing 1"]),
        merge_into=st.sampled_from(["", *IDS]), ignore=st.booleans(), pin=st.booleans(),
    ),
    unique_by=lambda e: e.id,
)  # fmt: skip


@given(ENTRIES)
@settings(max_examples=150, deadline=None)
def test_whatever_is_decided_every_column_goes_somewhere_and_every_entry_is_told(entries: list[Entry]) -> None:
    done = apply(Codebook(tuple(entries)), FOUR)
    assert len(done.of) == len(FOUR)
    assert set(done.of) == set(range(len(done.pain_points)))
    labels = [p.label.casefold() for p in done.pain_points]
    assert len(set(labels)) == len(labels)
    assert {v.id for v in done.verdicts} == {e.id for e in entries}
    untouched = {p.id for p in FOUR} - {e.id for e in entries}
    assert untouched <= {p.id for p in done.pain_points}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["late"], [True, False, False, True]),
        (["late*"], [True, True, False, True]),
        (["call back"], [False, False, True, False]),
        (["back call"], [False, False, False, False]),
        (["Call BACK!", "nothing"], [False, False, True, False]),
        (["too late"], [True, False, False, False]),
        (["late nobody"], [False, False, False, False]),
        (["*", "", "..."], [False, False, False, False]),
        ([], [False, False, False, False]),
    ],
)
def test_words_that_tell_a_part(words: list[str], expected: list[bool]) -> None:
    texts = ["It came too late", "Later than agreed!", "Nobody did call back.", "late Late"]
    table = token_table(pa.array(texts))
    units = Units(np.arange(4, dtype=np.int32), table.offsets[:-1].copy(), table.offsets[1:].copy())
    assert containing(terms.word_stream(table, units), words).tolist() == expected
