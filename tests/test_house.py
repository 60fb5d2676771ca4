"""The house stands: stages never import each other, imports have no cycle, start-up stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "cxtext"
STAGES = ("read", "prepare", "text", "sentiment", "cluster", "link", "report", "store")
FOUNDATION = ("errors", "escape", "exact", "plain", "schema", "settings", "values", "words")
LONGEST = 400
HEAVY = ("numpy", "pandas", "scipy", "sklearn", "pyarrow", "altair", "joblib", "jinja2", "sqlalchemy", "vaderSentiment")


def modules() -> dict[str, Path]:
    return {
        ".".join(("cxtext", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): p
        for p in sorted(PACKAGE.rglob("*.py"))
    }


def imported(path: Path, *, top_level_only: bool = False) -> set[str]:
    """The cxtext modules that a file imports, those for type checkers alone left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found: set[str] = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("cxtext")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cxtext"):
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found & set(modules())


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_no_sibling(stage: str) -> None:
    allowed = {f"cxtext.{name}" for name in FOUNDATION} | {"cxtext"}
    for name, path in modules().items():
        if name == f"cxtext.{stage}" or name.startswith(f"cxtext.{stage}."):
            strangers = {m for m in imported(path) - allowed if not f"{m}.".startswith(f"cxtext.{stage}.")}
            assert not strangers, f"{name} imports {sorted(strangers)}"


@pytest.mark.parametrize("name", FOUNDATION)
def test_the_foundation_rests_on_nothing_above(name: str) -> None:
    assert imported(PACKAGE / f"{name}.py") <= {f"cxtext.{other}" for other in FOUNDATION} | {"cxtext"}


def test_imports_have_no_cycle() -> None:
    graph = {name: imported(path, top_level_only=True) - {name} for name, path in modules().items()}
    state: dict[str, int] = defaultdict(int)

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert state[name] != 1, " -> ".join((*trail[trail.index(name) :], name))
        if state[name]:
            return
        state[name] = 1
        for other in sorted(graph[name]):
            # a package's own __init__ and its modules are one room
            if not name.startswith(f"{other}."):
                visit(other, (*trail, name))
        state[name] = 2

    for name in graph:
        visit(name, ())


def test_a_planted_sibling_import_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text("def f():\n    from cxtext.link import metrics\n", encoding="utf-8")
    assert "cxtext.link.metrics" in imported(file)


def test_no_room_is_too_long() -> None:
    long = {
        name: n
        for name, path in modules().items()
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from cxtext.cli.app import app\n"
        "try: app(['analyze', '--help'])\n"
        "except SystemExit: pass\n"
        f"print('loaded:', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("loaded: []"), done.stdout[-300:] + done.stderr[-300:]
