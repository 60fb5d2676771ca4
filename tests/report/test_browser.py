"""The page in real headless Chromium: nothing is fetched, nothing fails, and everything works by mouse and keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cxtext.report import html
from cxtext.schema import PainPointReport

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
NAMES = ("report", "evil", "empty")
SERIOUS = ("serious", "critical")

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    must = os.environ.get("CXTEXT_REQUIRE_BROWSER") == "1"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if must:
            raise
        pytest.skip("Playwright for Python isn't installed")
    if CHROMIUM is None:
        if must:
            pytest.fail("CXTEXT_REQUIRE_BROWSER=1, but there is no chromium on the path")
        pytest.skip("there is no chromium on the path (set CXTEXT_REQUIRE_BROWSER=1 to make that a failure)")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=[*ARGS.split(), "--no-first-run"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, report: PainPointReport, evil: PainPointReport, empty: PainPointReport
) -> Path:
    path = tmp_path_factory.mktemp("pages")
    for name, facts in zip(NAMES, (report, evil, empty), strict=True):
        (path / f"{name}.html").write_text(html.to_html(facts), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Any, folder: Path) -> Iterator[Open]:
    """Opens a page and, at the end, fails on anything in its console and on every request that leaves it."""
    opened: list[tuple[Any, list[str], list[str]]] = []

    def go(name: str = "report", width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        page = context.new_page()
        told: list[str] = []
        asked: list[str] = []
        page.on("console", lambda m: told.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: told.append(str(e)))
        page.on("request", lambda r: asked.append(r.url))
        opened.append((context, told, asked))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield go
    for context, told, asked in opened:
        context.close()
        assert told == []
        assert {url for url in asked if not url.startswith(("data:", "blob:"))} == {asked[0]}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_opens_and_nothing_sticks_out(visit: Open, name: str, width: int, scheme: str) -> None:
    page = visit(name, width, color_scheme=scheme)
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = scheme == "dark"
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (colour == "rgb(255, 255, 255)") != dark


def test_hostile_text_runs_nothing(visit: Open) -> None:
    page = visit("evil")
    assert page.title() == '<script>document.title="owned"</script>'
    assert page.evaluate("document.querySelectorAll('img, iframe').length") == 0
    assert page.locator("main script").count() == 0
    assert "{{ 7*7 }}" in page.locator("#details").inner_text()
    for summary in page.locator("details.pp > summary").all()[3:6]:
        summary.click()
    page.locator("figure.chart").first.hover()
    page.wait_for_selector(".drawn")
    assert page.title() == '<script>document.title="owned"</script>'


def labels(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("#ranked tbody tr:visible th .id").all_inner_texts()]


def test_sorting(visit: Open) -> None:
    page = visit()
    share = page.locator("#ranked thead th[data-key=share]")
    share.locator("button").click()
    assert share.get_attribute("aria-sort") == "descending"
    assert labels(page)[:3] == ["PP-001", "PP-002", "PP-008"]
    share.locator("button").click()
    assert share.get_attribute("aria-sort") == "ascending"
    assert labels(page)[0] == "PP-012"
    impact = page.locator("#ranked thead th[data-key=m1]")
    impact.locator("button").click()
    assert labels(page)[:3] == ["PP-001", "PP-003", "PP-002"]
    impact.locator("button").click()
    assert labels(page)[-1] == "PP-012"  # blank is last either way
    assert page.locator("#ranked [aria-sort]").count() == 1


def test_filtering(visit: Open) -> None:
    page = visit()
    assert not page.locator("#ranked thead th.m2").is_visible()  # one score at a time
    page.fill("#filter", "server")
    assert labels(page) == ["PP-008", "PP-009"]
    assert "2 of 12" in page.locator("#shown").inner_text()
    page.fill("#filter", "")
    page.select_option("#by-trend", "emerging")
    assert labels(page) == ["PP-004"]
    page.select_option("#by-trend", "")
    page.select_option("#by-metric", label="CSAT")
    assert page.locator("#ranked thead th.m2").is_visible()
    assert not page.locator("#ranked thead th.m1").is_visible()


def test_searching_the_sentences(visit: Open) -> None:
    page = visit()
    page.fill("#search", "refund")
    assert page.locator(".quote:visible").count() == 1
    assert page.locator("details.pp:visible").count() == 1
    assert "1 sentence" in page.locator("#found").inner_text()
    page.fill("#search", "")
    assert page.locator("details.pp:visible").count() == 12


def test_a_link_opens_its_section(visit: Open) -> None:
    page = visit()
    assert page.locator("#PP-009").get_attribute("open") is None
    page.locator("#ranked a[href='#PP-009']").first.click()
    page.wait_for_selector("#PP-009[open]")
    page.locator("#ranked a[href='#PP-010-rows']").click()
    page.wait_for_selector("#PP-010[open]")
    assert page.locator("#PP-010-rows").is_visible()
    page.locator("#ranked a[href='#m-impact']").first.click()
    assert page.locator("#m-impact").is_visible()


def test_everything_works_by_keyboard(visit: Open) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#ranked thead th[data-key=n] button").focus()
    page.keyboard.press("Enter")
    assert page.locator("#ranked thead th[data-key=n]").get_attribute("aria-sort") == "descending"
    page.locator("#PP-009 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#PP-009").get_attribute("open") is not None
    reached = set()
    page.locator("#promoters summary").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('section')?.id"))
    assert {"mismatch", "staff", "settings"} <= reached


def test_dark_and_light_at_will(visit: Open) -> None:
    page = visit(color_scheme="light")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    ink = page.evaluate("getComputedStyle(document.querySelector('.plot text')).fill")
    assert ink != "rgb(86, 97, 113)"  # the charts follow
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_hover_details(visit: Open) -> None:
    page = visit()
    chart = page.locator("#matrix figure.chart").first
    chart.scroll_into_view_if_needed()
    chart.hover(position={"x": 5, "y": 5})
    chart.locator(".drawn").wait_for()
    chart.locator("path[aria-roledescription=point], .mark-symbol path").first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "PP-001" in page.locator("#vg-tooltip-element").inner_text()
    bar = page.locator("#PP-001 .bars [data-tip]").first
    bar.scroll_into_view_if_needed()
    bar.hover()
    assert "2025-01" in page.locator("#tip").inner_text()


def test_charts_fit_a_phone(visit: Open) -> None:
    page = visit(width=390)
    chart = page.locator("figure.chart").first
    chart.scroll_into_view_if_needed()
    chart.locator(".drawn svg").wait_for()
    assert chart.locator(".drawn svg").bounding_box()["width"] <= 390


@pytest.mark.parametrize("name", NAMES)
def test_it_prints(visit: Open, name: str) -> None:
    page = visit(name)
    data = page.pdf(format="A4")
    assert data.startswith(b"%PDF")
    assert len(data) > 10_000


def test_paper_is_white_and_has_no_tools(visit: Open) -> None:
    page = visit(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--page').trim()") == "#fff"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 36, 48)"
    assert not page.locator(".toc").is_visible()
    assert not page.locator("#tools").is_visible()
    assert page.locator("#PP-001 blockquote").first.is_visible()
    scores = page.locator(".score")
    assert scores.count() > 0
    assert all(scores.nth(i).is_visible() for i in range(scores.count()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_accessibility(visit: Open, name: str, width: int, scheme: str) -> None:
    """No serious violation in axe-core, whose axe.min.js the environment variable CXTEXT_AXE names."""
    axe = os.environ.get("CXTEXT_AXE")
    if not axe:
        pytest.skip("CXTEXT_AXE doesn't name an axe.min.js (npm install axe-core)")
    page = visit(name, width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for chart in page.locator("figure.chart").all():  # those that are drawn when they come into view, too
        chart.scroll_into_view_if_needed()
        if width < 760:
            chart.locator(".drawn").wait_for()
    page.evaluate(Path(axe).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations)")
    bad = [
        (v["id"], v["impact"], v["nodes"][0]["html"][:200], v["nodes"][0]["failureSummary"][:300])
        for v in found
        if v["impact"] in SERIOUS
    ]
    assert bad == []
