"""Every format as people see it, compared with what was accepted before."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from cxtext.report import csvfmt, html, jsonfmt, markdown, terminal, xlsx
from cxtext.report.notebook import ReportView
from cxtext.schema import PainPointReport


def scrubbed(page: str) -> str:
    """The page without what depends on fonts and library versions."""
    page = re.sub(r'(<template id="(?:vega|licences)">).*?(</template>)', r"\1...\2", page, flags=re.DOTALL)
    page = re.sub(r'<svg [^>]*class="marks".*?</svg>', "<svg>chart</svg>", page, flags=re.DOTALL)
    page = re.sub(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", "data:picture", page)
    page = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-...", page)
    page = re.sub(r"<script>.*?</script>", "<script>...</script>", page, flags=re.DOTALL)
    return re.sub(r"<style>.*?</style>", "<style>...</style>", page, flags=re.DOTALL)


def drawn(report: PainPointReport) -> str:
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=False).print(terminal.summary(report, 80, where="run/report.html"))
    return out.getvalue()


def dumped(data: bytes) -> str:
    """A workbook as text: panes, filters, and each cell's value and number format."""
    lines: list[str] = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        lines.append(f"== {sheet.title} | frozen {sheet.freeze_panes} | filter {sheet.auto_filter.ref}")
        lines.append(f"charts {len(sheet._charts)}")
        for row in sheet.iter_rows(max_row=40):
            cells = [f"{cell.value!r}:{cell.number_format}" for cell in row if cell.value is not None]
            lines.append(" | ".join(cells))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("which", ["report", "empty"])
def test_json(which: str, gold: Any, request: pytest.FixtureRequest) -> None:
    gold(f"{which}.json", jsonfmt.to_json(request.getfixturevalue(which)))


@pytest.mark.parametrize("which", ["report", "evil", "empty"])
def test_pain_points_csv(which: str, gold: Any, request: pytest.FixtureRequest) -> None:
    gold(f"{which}_pain_points.csv", csvfmt.pain_points_csv(request.getfixturevalue(which)))


def test_tables(report: PainPointReport, gold: Any) -> None:
    for name, text in csvfmt.tables(report).items():
        gold(f"tables/{name}.csv", "\n".join(text.split("\n")[:40]))


@pytest.mark.parametrize("which", ["report", "evil", "empty"])
def test_markdown(which: str, gold: Any, request: pytest.FixtureRequest) -> None:
    text, _ = markdown.to_markdown(request.getfixturevalue(which), pictures=False)
    gold(f"{which}.md", text)


@pytest.mark.parametrize("which", ["report", "evil", "empty"])
def test_terminal(which: str, gold: Any, request: pytest.FixtureRequest) -> None:
    gold(f"{which}.txt", drawn(request.getfixturevalue(which)))


@pytest.mark.parametrize("which", ["report", "evil", "empty"])
def test_html(which: str, gold: Any, request: pytest.FixtureRequest) -> None:
    gold(f"{which}.html", scrubbed(html.to_html(request.getfixturevalue(which))))


def test_workbook(report: PainPointReport, gold: Any) -> None:
    gold("report.xlsx.txt", dumped(xlsx.to_xlsx(report)))


def test_notebook(report: PainPointReport, gold: Any) -> None:
    gold("notebook.html", scrubbed(ReportView(report)._repr_html_()))
