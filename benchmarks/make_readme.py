"""Make README's figures and picture anew from the sample: `python benchmarks/make_readme.py`.

The summary between the markers is what `cxtext analyze sample_reviews -o run` prints; the picture is the top of its
page in a headless Chromium (CXTEXT_CHROMIUM names another binary). tests/test_readme.py fails when the summary is old.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- summary of the sample: benchmarks/make_readme.py -->\n", "<!-- end of the summary -->\n"
WIDTH, HEIGHT = 1280, 1500


def printed(folder: Path) -> str:
    """What the command prints for the sample, run in an empty folder."""
    shutil.copytree(ROOT / "sample_reviews", folder / "sample_reviews")
    done = subprocess.run(
        [sys.executable, "-m", "cxtext", "analyze", "sample_reviews", "-o", "run"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def block(text: str) -> str:
    """The summary as README shows it: a block of code."""
    lines = "".join(f"    {line.rstrip()}".rstrip() + "\n" for line in text.strip().splitlines())
    return f"{BEGIN}\n{lines}\n{END}"


def shown(readme: str) -> str:
    """The block that README has now. Raises ValueError when its markers are gone."""
    begin, end = readme.index(BEGIN), readme.index(END) + len(END)
    return readme[begin:end]


def picture(page: Path, target: Path) -> None:
    """Draw the top of the page."""
    from playwright.sync_api import sync_playwright

    browser_path = os.environ.get("CXTEXT_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto(page.resolve().as_uri())
        tab.wait_for_timeout(500)
        tab.screenshot(path=str(target))
        browser.close()


def main() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        answer = printed(Path(folder))
        readme.write_text(text.replace(shown(text), block(answer)), encoding="utf-8")
        picture(Path(folder) / "run" / "report.html", ROOT / "docs" / "report.png")
    print(re.sub(r"\n+$", "", answer))


if __name__ == "__main__":
    main()
