"""Each format: round trip, columns of the contract, nothing active in it, the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import altair
import jsonschema
import openpyxl
import pytest
from rich.console import Console

from cxtext.errors import InputError, RequestError
from cxtext.report import charts, csvfmt, html, jsonfmt, markdown, tables, terminal, vega, xlsx
from cxtext.report.notebook import ReportView
from cxtext.report.selection import ExportOptions, select, with_mentions
from cxtext.schema import PainPointReport

ALL = ["report", "evil", "empty"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def any_report(request: pytest.FixtureRequest) -> PainPointReport:
    return request.getfixturevalue(request.param)


every = pytest.mark.parametrize("any_report", ALL, indirect=True)


# ------------------------------------------------------------------------------------------------ JSON


@every
def test_json_round_trip_is_exact(any_report: PainPointReport) -> None:
    text = jsonfmt.to_json(any_report)
    again = jsonfmt.from_json(text)
    assert jsonfmt.to_json(again) == text
    assert csvfmt.tables(again) == csvfmt.tables(any_report)
    assert markdown.to_markdown(again, pictures=False) == markdown.to_markdown(any_report, pictures=False)
    text.encode("utf-8")


def test_the_page_is_the_same_from_the_report_and_from_its_json(report: PainPointReport) -> None:
    assert html.to_html(jsonfmt.from_json(jsonfmt.to_json(report))) == html.to_html(report)


@every
def test_json_fits_the_published_schema(any_report: PainPointReport) -> None:
    schema = json.loads(resources.files("cxtext.report").joinpath("report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(jsonfmt.to_json(any_report)), schema)
    assert schema["properties"]["format"]["const"] == jsonfmt.FORMAT


def test_cells_stand_once_in_the_json_and_come_back(report: PainPointReport) -> None:
    again = jsonfmt.from_json(jsonfmt.to_json(report))
    kept = [row["cells"] for row in json.loads(jsonfmt.to_json(report))["pain_points"]]
    assert None in kept
    for before, after in zip(report.pain_points, again.pain_points, strict=True):
        own = {name: [cell["level"] for cell in cells] for name, cells in before.cells.items()}
        assert {name: [cell["level"] for cell in cells] for name, cells in after.cells.items()} == own
    odd = replace(report.pain_points[0], cells={"plan": ({"pain_point": "PP-001", "level": "gold", "n": 12},)})
    changed = replace(report, pain_points=(odd, *report.pain_points[1:]))
    assert jsonfmt.from_json(jsonfmt.to_json(changed)).pain_points[0].cells == odd.cells


def test_one_pain_point_comes_with_all_its_sentences(report: PainPointReport) -> None:
    told = [
        {"response_id": "R-1", "unit": 0, "sentiment": -0.4, "similarity": 0.7, "text": "=1+1 dropped again"},
        {"response_id": "R-2", "unit": 3, "sentiment": None, "similarity": 0.6, "text": "and | dropped *again*"},
        {"response_id": "R-1", "unit": 2, "sentiment": 0.1, "similarity": 0.5, "text": "still dropping"},
    ]
    for quotes in (True, False):
        one = with_mentions(select(report, ExportOptions(pain_point="PP-001", quotes=quotes)), told)
        assert one.pain_points[0].mention_ids == ("R-1", "R-2")
        text = csvfmt.sentences_csv(one)
        assert text.count("\n") == 4
        assert ("PP-001,R-1,0,-0.4,0.7,'=1+1 dropped again" in text) == quotes
        assert ("dropped again" in markdown.to_markdown(one, pictures=False)[0]) == quotes
        assert ("and \\| dropped \\*again\\*" in markdown.to_markdown(one, pictures=False)[0]) == quotes
        assert ("dropped again" in jsonfmt.to_json(one)) == quotes
        sheet = openpyxl.load_workbook(io.BytesIO(xlsx.to_xlsx(one)))["Sentences"]
        cells = [cell.value for cell in sheet["F"]]
        assert cells[1:2] == (["'=1+1 dropped again"] if quotes else [None])
        assert all(cell.data_type != "f" for row in sheet for cell in row)
        schema = json.loads(resources.files("cxtext.report").joinpath("report.schema.json").read_text("utf-8"))
        jsonschema.validate(json.loads(jsonfmt.to_json(one)), schema)


def test_the_schema_notices_a_renamed_key(report: PainPointReport) -> None:
    schema = json.loads(resources.files("cxtext.report").joinpath("report.schema.json").read_text("utf-8"))
    broken = jsonfmt.to_json(report).replace('"prevalence"', '"share"')
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(broken), schema)


def test_the_manual_has_the_same_schema() -> None:
    shipped = resources.files("cxtext.report").joinpath("report.schema.json").read_bytes()
    assert (ROOT / "docs" / "report.schema.json").read_bytes() == shipped


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "damaged"),
        ("[]", "no cxtext report"),
        ('{"what": "something else"}', "no cxtext report"),
        (f'{{"what": "cxtext pain point report", "format": {jsonfmt.FORMAT + 1}}}', "update cxtext"),
        ('{"what": "cxtext pain point report", "format": 1}', "incomplete"),
    ],
)
def test_what_is_no_report_is_an_input_error(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        jsonfmt.from_json(text)


# ------------------------------------------------------------------------------------------------- CSV


def test_columns_of_the_contract(report: PainPointReport) -> None:
    head = next(csv.reader(io.StringIO(csvfmt.pain_points_csv(report))))
    expected = ["pain_point", "label", "tag", "theme", "coverage", "terms", "status", "verdict", "first_seen"]
    expected += ["n_mentions", "n_weak", "prevalence", "sentiment"]
    parts = ("n", "mentioners", "others", "gap", "gap_low", "gap_high", "impact")
    parts += ("adjusted", "adjusted_low", "adjusted_high", "q")
    expected += [f"{m}_{part}" for m in ("nps", "csat", "reopened") for part in parts]
    assert head == [*expected, "trend", "trend_q"]


def test_figures_of_a_row(report: PainPointReport) -> None:
    rows = list(csv.DictReader(io.StringIO(csvfmt.pain_points_csv(report))))
    first, last = rows[0], rows[-1]
    assert first["pain_point"] == "PP-001"
    assert float(first["prevalence"]) == pytest.approx(0.118)
    assert float(first["nps_adjusted"]) == pytest.approx(-5.2)
    assert float(first["nps_impact"]) == pytest.approx(-5.2 * 1.45)  # the leave-out figure
    assert last["nps_gap"] == last["nps_adjusted"] == last["nps_q"] == ""  # too few
    assert last["trend"] == "too few"


@every
def test_no_cell_is_a_formula(any_report: PainPointReport) -> None:
    for name, text in csvfmt.tables(any_report).items():
        for row in csv.reader(io.StringIO(text)):
            for cell in row:
                numeric = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
                assert numeric or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), (name, cell[:40])


def test_every_row_has_every_column(evil: PainPointReport) -> None:
    for text in csvfmt.tables(evil).values():
        assert len({len(row) for row in csv.reader(io.StringIO(text))}) == 1


def test_every_table_is_documented() -> None:
    manual = (ROOT / "docs" / "report.md").read_text("utf-8")
    for name, columns in tables.every_column().items():
        assert f"`{name}`" in manual, name
        for column in columns:
            assert f"`{column.name}`" in manual, f"{name}.{column.name}"
            assert column.meaning


# ------------------------------------------------------------------------------------------------ XLSX


@every
def test_a_formula_in_a_workbook_stays_text(any_report: PainPointReport) -> None:
    data = xlsx.to_xlsx(any_report)
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                if cell.data_type == "s":
                    assert not str(cell.value).startswith(("=", "+", "@", "\t"))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert not any("<f>" in file.read(name).decode("utf-8") for name in file.namelist() if "worksheets" in name)


def test_a_workbook_is_the_same_bytes_every_time(report: PainPointReport) -> None:
    assert xlsx.to_xlsx(report) == xlsx.to_xlsx(report)


def test_sheets_are_ready_to_work_with(report: PainPointReport) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx.to_xlsx(report)))
    assert book.sheetnames[:3] == ["Summary", "Pain points", "Scores"]
    assert len(book["Summary"]._charts) >= 3
    points = book["Pain points"]
    assert points.freeze_panes == "C2"
    assert points.auto_filter.ref
    shares = [cell for cell in points[2] if cell.number_format == "0.0%"]
    assert [cell.value for cell in shares] == [pytest.approx(0.118)]


# ---------------------------------------------------------------------------------------------- Markdown


def test_pictures_stand_beside_the_text(report: PainPointReport) -> None:
    text, pictures = markdown.to_markdown(report)
    assert set(re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)) == set(pictures)
    assert all(data.startswith(b"\x89PNG") for data in pictures.values())


def test_one_pain_point_with_all_its_mentions(report: PainPointReport) -> None:
    text, pictures = markdown.to_markdown(report, options=ExportOptions(pain_point="pp-003"))
    row = report.pain_points[2]
    assert all(f"`{i}`" in text for i in row.mention_ids)
    assert "PP-001" not in text
    assert list(pictures) == ["trend-PP-003.png"]


# ---------------------------------------------------------------------------------------------- terminal


@every
@pytest.mark.parametrize("width", [80, 60, 120])
def test_the_summary_fits_the_screen(any_report: PainPointReport, width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(terminal.summary(any_report, width, where="run"))
    lines = out.getvalue().splitlines()
    assert len(lines) <= terminal.LINES
    assert all(len(line) <= width for line in lines)
    assert "\x1b" not in out.getvalue()
    assert "run" in lines[-1]


def test_colour_is_for_terminals_only(report: PainPointReport) -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system="standard")
    console.print(terminal.summary(report))
    assert "\x1b[31m" in out.getvalue()


# -------------------------------------------------------------------------------------------------- HTML


class Page(HTMLParser):
    """Collects what a page is made of: tags, ids, links, the text of scripts."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "path", "circle", "line", "rect", "polyline"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.problems: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)


@pytest.fixture(scope="module")
def pages(report: PainPointReport, evil: PainPointReport, empty: PainPointReport) -> dict[str, str]:
    return {"report": html.to_html(report), "evil": html.to_html(evil), "empty": html.to_html(empty)}


@pytest.mark.parametrize("which", ALL)
def test_the_page_is_well_formed(which: str, pages: dict[str, str]) -> None:
    page = Page(pages[which])
    assert page.problems == []
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    links = [str(a["href"])[1:] for t, a in page.tags if t == "a" and str(a.get("href")).startswith("#")]
    assert set(links) <= set(ids)


@pytest.mark.parametrize("which", ALL)
def test_the_page_asks_for_nothing(which: str, pages: dict[str, str]) -> None:
    page = Page(pages[which])
    for tag, attrs in page.tags:
        assert tag not in ("iframe", "object", "embed", "base", "audio", "video")
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)
        if tag not in ("svg", "template"):
            for name in ("src", "href", "action", "xlink:href", "srcset", "data"):
                value = attrs.get(name)
                assert value is None or value.startswith(("#", "data:")), (tag, name, value)
    assert pages[which].count("url(") == len(re.findall(r"url\(#[\w-]+\)", pages[which]))


@pytest.mark.parametrize("which", ALL)
def test_scripts_are_ours_alone(which: str, pages: dict[str, str]) -> None:
    assert Page(pages[which]).scripts == [html.text_of("templates/page.js")]


def test_hostile_text_is_shown_as_text(pages: dict[str, str]) -> None:
    page = pages["evil"]
    assert "&lt;script&gt;document.title=&#34;owned&#34;&lt;/script&gt;" in page
    assert "&#34;&gt;&lt;img src=x onerror=" in page
    assert not any(attrs.get("src") == "x" for _, attrs in Page(page).tags)
    assert "\x00" not in page
    assert "\u202e" not in page
    assert "W" * 1000 not in page
    assert "{{ 7*7 }} {% raw %}" in page


@pytest.mark.parametrize("which", ALL)
def test_headings_are_in_order(which: str, pages: dict[str, str]) -> None:
    levels = [int(tag[1]) for tag, _ in Page(pages[which]).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_table_has_a_caption(pages: dict[str, str]) -> None:
    tags = [tag for tag, _ in Page(pages["report"]).tags]
    assert all(tags[i + 1] == "caption" for i, tag in enumerate(tags) if tag == "table")


def test_the_page_says_associated_not_caused(pages: dict[str, str]) -> None:
    prose = re.sub(r"<(script|style|template)\b.*?</\1>", "", pages["report"], flags=re.DOTALL)
    assert not re.search(r"\bcauses?d? (?!:)", re.sub(r"no proof of a cause|never proof of a cause", "", prose))
    assert "goes with" in prose


def big(report: PainPointReport, points: int, words: str) -> PainPointReport:
    rows = []
    for i in range(points):
        row = report.pain_points[i % len(report.pain_points)]
        quotes = tuple(replace(e, text=words) for e in row.pain_point.exemplars) * 10
        point = replace(row.pain_point, id=f"PP-{i + 1:04d}", exemplars=quotes, label=words[:500], note=words)
        ids = tuple(f"R-{i:04d}-{j:06d}" for j in range(3000))
        rows.append(replace(row, pain_point=point, mention_ids=ids, n_mentions=3000))
    return replace(report, pain_points=tuple(rows))


def test_the_page_keeps_below_its_limit(report: PainPointReport) -> None:
    page = html.to_html(big(report, 400, "<&\"'\u20ac\U0001f621" * 2000))
    assert len(page.encode("utf-8")) <= 3_000_000
    assert "more are in" in page
    assert Page(page).problems == []


def test_the_same_report_gives_the_same_page(report: PainPointReport, pages: dict[str, str]) -> None:
    assert html.to_html(report) == pages["report"]


# ---------------------------------------------------------------------------------------- charts, notebook


@every
def test_charts_are_valid_vega_lite(any_report: PainPointReport) -> None:
    for name in charts.names(any_report):
        altair.Chart.from_dict(charts.chart(any_report, name)).to_dict()


def test_the_engine_can_start_in_the_background(report: PainPointReport) -> None:
    before = vega.svg(charts.chart(report, "promoters"))
    vega.warm_up()
    assert vega.svg(charts.chart(report, "promoters")) == before


def test_an_unknown_chart_names_those_there_are(report: PainPointReport) -> None:
    with pytest.raises(RequestError, match="matrix:nps"):
        charts.chart(report, "pie")


def test_a_waterfall_adds_up(report: PainPointReport) -> None:
    steps = charts.chart(report, "movement:nps")["data"]["values"]
    moved = report.facts["movement"]["nps"]
    assert steps[0]["to"] == moved["before"]["value"]
    level = steps[0]["to"]
    for step in steps[1:-1]:
        assert level in (pytest.approx(step["from"]), pytest.approx(step["to"]))
        level = step["to"] if level == pytest.approx(step["from"]) else step["from"]
    assert level == pytest.approx(steps[-1]["to"])


def test_a_view_for_notebooks(report: PainPointReport, evil: PainPointReport) -> None:
    view = ReportView(report)
    assert list(view.pain_points["pain_point"])[:2] == ["PP-001", "PP-002"]
    assert view.pain_points["prevalence"].dtype.kind == "f"
    assert isinstance(view.chart("matrix"), altair.LayerChart)
    assert view.table("trends").shape == (12 * 12, 6)
    shown = ReportView(evil)._repr_html_()
    assert "<script" not in shown
    assert "<img src=x" not in shown


# ----------------------------------------------------------------------------------------- missing facts


def shown(report: PainPointReport) -> None:
    """Every exporter, without pictures."""
    csvfmt.tables(report)
    jsonfmt.to_json(report)
    markdown.to_markdown(report, pictures=False)
    charts.names(report)
    terminal.summary(report)
    select(report, ExportOptions(top=1, quotes=False))


@pytest.mark.parametrize("nothing", [None, [], {}])
def test_any_fact_may_be_missing(report: PainPointReport, nothing: Any) -> None:
    for name in report.facts:
        shown(replace(report, facts={**report.facts, name: nothing}))
        if isinstance(report.facts[name], dict):
            shown(replace(report, facts={**report.facts, name: dict.fromkeys(report.facts[name], nothing)}))
    bare = replace(report, facts=dict.fromkeys(report.facts, nothing), read=dict.fromkeys(report.read), scores={})
    xlsx.to_xlsx(bare)
    assert Page(html.to_html(bare)).problems == []
    hollow = {k: dict.fromkeys(v, nothing) if isinstance(v, dict) else nothing for k, v in report.facts.items()}
    assert Page(html.to_html(replace(report, facts=hollow))).problems == []


# --------------------------------------------------------------------------------------------- selection


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (ExportOptions(), 12),
        (ExportOptions(top=3), 3),
        (ExportOptions(min_n=200), 5),
        (ExportOptions(min_n=200, top=2), 2),
        (ExportOptions(pain_point="PP-007"), 1),
    ],
)
def test_select(report: PainPointReport, options: ExportOptions, ids: int) -> None:
    assert len(select(report, options).pain_points) == ids


def test_a_selection_still_adds_up(report: PainPointReport) -> None:
    moved = select(report, ExportOptions(top=2)).facts["movement"]["nps"]
    assert sum(row["total"] for row in moved["rows"]) == pytest.approx(moved["change"])
    assert {row["pain_point"] for row in moved["rows"]} == {"PP-001", "PP-002", ""}


def test_a_selection_names_nothing_that_was_left_out(report: PainPointReport) -> None:
    text = jsonfmt.to_json(select(report, ExportOptions(pain_point="PP-003")))
    rest: dict[str, Any] = json.loads(text)
    del rest["pain_points"][0]["pain_point"]["neighbours"]
    rest["facts"].pop("vif")
    rest["facts"].pop("codebook")
    assert set(re.findall(r"PP-\d+", json.dumps(rest))) == {"PP-003"}


def test_without_quotes_no_sentence_is_left(report: PainPointReport) -> None:
    chosen = select(report, ExportOptions(quotes=False))
    sentences = [e.text for row in report.pain_points for e in row.pain_point.exemplars]
    sentences += [item["text"] for item in report.facts["mismatch"]["hidden_complaints"]]
    for text in (jsonfmt.to_json(chosen), html.to_html(chosen), markdown.to_markdown(chosen, pictures=False)[0]):
        assert not any(sentence in text for sentence in sentences)


def test_an_unknown_pain_point_is_a_request_error(report: PainPointReport) -> None:
    with pytest.raises(RequestError, match="PP-999"):
        select(report, ExportOptions(pain_point="PP-999"))
    with pytest.raises(RequestError, match="--top"):
        select(report, ExportOptions(top=0))


def test_the_summary_fits_whatever_the_score_is_called(report: PainPointReport) -> None:
    long = replace(report.metrics[0], name="how_likely_are_you_to_tell_a_friend", column="How likely to tell a friend")
    renamed = {report.metrics[0].name: long.name}
    rows = tuple(
        replace(row, impacts={renamed.get(name, name): impact for name, impact in row.impacts.items()})
        for row in report.pain_points
    )
    scores = {renamed.get(name, name): e for name, e in report.scores.items()}
    odd = replace(report, metrics=(long, *report.metrics[1:]), pain_points=rows, scores=scores)
    lines = terminal.summary(odd).plain.split("\n")
    assert len(lines) <= terminal.LINES
    assert max(map(len, lines)) <= 80
    assert any(line.endswith("* if q < 0.05.") for line in lines)
    assert any("impact, 95 % int." in line for line in lines)


def test_the_report_of_a_notebook_prints_as_the_summary(report: PainPointReport) -> None:
    assert repr(ReportView(report)) == terminal.summary(report).plain


def test_steps_of_no_height_are_left_out_and_the_rest_adds_up(report: PainPointReport) -> None:
    from cxtext.report.chart_change import steps

    moved = report.facts["movement"]["nps"]
    still = [{"pain_point": f"PP-{900 + i}", "label": "still", "mix": 0.0, "rate": 0.0, "total": 0.0} for i in range(4)]
    facts = {**report.facts, "movement": {"nps": {**moved, "rows": [*moved["rows"], *still]}}}
    drawn = steps(replace(report, facts=facts), "nps")
    assert [s["step"] for s in drawn] == [s["step"] for s in steps(report, "nps")]
    assert not any("still" in s["step"] for s in drawn)
    ends = [(s["from"], s["to"]) for s in drawn]
    for (low, high), (start, end) in pairwise(ends):
        assert min(abs(x - y) for x in (low, high) for y in (start, end)) < 1e-9
    assert f">{'still'}<" not in html.to_html(replace(report, facts=facts))
