"""What the report says about figures that linking computed: signs, formulas and verdicts of generated rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxtext.report import tables
from cxtext.report.formulas import formulas
from cxtext.report.xlsx import to_xlsx
from cxtext.schema import Metric, PainPointReport

ROOT = Path(__file__).resolve().parents[2]
Linked = Callable[..., PainPointReport]


@pytest.fixture(scope="module")
def generated(linked: Linked) -> PainPointReport:
    return linked()


def test_promoters_minus_detractors_has_one_sign_and_one_wording(generated: PainPointReport, tmp_path: Path) -> None:
    table = next(t for t in tables.tables(generated) if t.name == "promoters_detractors")
    names = [c.name for c in table.columns]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in table.rows}
    assert rows["PP-001"]["difference"] < -0.1  # detractors mention it
    assert rows["PP-002"]["difference"] > 0.1  # promoters do
    for row in rows.values():
        assert row["difference"] == pytest.approx(row["promoters"] - row["detractors"])
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]
    (meaning,) = (c.meaning for c in table.columns if c.name == "difference")
    assert meaning.startswith("Share of promoters minus share of detractors")
    assert "Detractors minus" not in (ROOT / "docs" / "report.md").read_text("utf-8")
    from openpyxl import load_workbook

    (tmp_path / "book.xlsx").write_bytes(to_xlsx(generated))
    book = load_workbook(tmp_path / "book.xlsx")
    said = [str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row if v is not None]
    notes = [cell.comment.text for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment]
    assert any(meaning in one for one in said + notes)
    assert not any("Detractors minus" in one for one in said + notes)


def formula(report: PainPointReport, key: str) -> str:
    return next(f.formula for f in formulas(report) if f.key == key)


@pytest.mark.parametrize(("points", "used", "other"), [(4, "Lindeman", "Johnson"), (16, "Johnson", "Lindeman")])
def test_the_method_section_names_the_weights_that_were_used(
    linked: Linked, points: int, used: str, other: str
) -> None:
    text = formula(linked(points), "weight")
    assert used in text
    assert other not in text
    assert "NPS" in text


@pytest.mark.parametrize(
    ("low", "high", "high_good", "words"),
    [
        (1, 5, True, "4 or more"),
        (1, 7, True, "6 or more"),
        (1, 4, True, "Effort 4)"),  # the best answer alone
        (1, 7, False, "2 or less"),
        (1, 4, False, "Effort 1)"),
        (0, 100, True, "No top box"),
    ],
)
def test_the_method_section_says_what_the_top_box_is(
    linked: Linked, low: float, high: float, high_good: bool, words: str
) -> None:
    made = linked(metric=Metric("effort", "effort", "ces", high_good, low, high))
    assert words in formula(made, "csat")
    assert "best two" not in formula(made, "csat")


def test_a_cumulative_sum_is_said_to_date_a_rise_only(generated: PainPointReport) -> None:
    assert "caught by" not in formula(generated, "trend")
    assert "doesn't test" in formula(generated, "trend")
    assert not any("{" in f.formula for f in formulas(generated))
