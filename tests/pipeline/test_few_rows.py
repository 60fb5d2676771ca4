"""A handful of rows ends in a report or in one line, never in an error of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxtext.cli.app import app

SAID = [
    "The parcel arrived broken and nobody answered my mail",
    "The courier threw the box over the fence",
    "I was charged twice for one order",
    "The refund has not arrived after four weeks",
    "Your website crashes at the payment page",
    "The hotline kept me waiting for an hour",
    "The jacket is too small and the zip is broken",
    "The invoice shows the wrong address",
    "My voucher code was refused at the till",
    "The lamp stopped working after two days",
]


@pytest.mark.parametrize("keep", [[], ["--keep", "all"]])
@pytest.mark.parametrize("n", range(1, 11))
def test_a_few_rows_are_analysed_or_refused_in_one_line(n: int, keep: list[str], tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_text("text\n" + "".join(f"{line}\n" for line in SAID[:n]), encoding="utf-8")
    done = CliRunner().invoke(app, ["analyze", str(file), "-o", str(tmp_path / "run"), "--jobs", "1", *keep])
    assert done.exit_code in (0, 1), done.output
    assert "bug" not in done.output


def test_many_times_the_same_complaint_is_said_to_be_that(tmp_path: Path) -> None:
    file = tmp_path / "same.csv"
    rows = "".join(f"{i},The parcel arrived broken\n" for i in range(51))
    file.write_text("id,text\n" + rows, encoding="utf-8")
    done = CliRunner().invoke(app, ["analyze", str(file), "-o", str(tmp_path / "run"), "--jobs", "1"])
    assert done.exit_code in (0, 1), done.output
    assert "no complaints were found" not in done.output
