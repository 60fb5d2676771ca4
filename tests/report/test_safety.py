"""Customers' text can't act on the reader's spreadsheet, terminal or wiki."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cxtext.report import safety


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+call", "'+call"),
        ("-1", "-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("  =1", "'  =1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("", ""),
        ("null\0byte", "null\ufffdbyte"),
    ],
)
def test_cell(text: str, safe: str) -> None:
    assert safety.cell(text) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil.invalid\x07link\x1b]8;;\x07", "link"),
        ("a\u202egnp.exe\u202c", "a gnp.exe"),
        ("one\r\ntwo\tthree", "one two three"),
        ("\x9b2Jcleared", "cleared"),
        ("caf\u00e9 \U0001f621", "caf\u00e9 \U0001f621"),
    ],
)
def test_terminal(text: str, safe: str) -> None:
    assert safety.terminal(text) == safe


@given(st.text())
def test_terminal_lines_hold_no_control_character(text: str) -> None:
    out = safety.terminal(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202a\u202e\u2066\u2069\u2028" for c in out)


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n a1\u200b\ufeff\uff1d"), max_size=6))
def test_cells_never_start_a_formula(text: str) -> None:
    out = safety.cell(text)
    assert not out.startswith(("=", "@", "\t", "\r", "\n"))
    assert not out.startswith(("+", "-")) or float(out) == float(text)


@given(st.text(alphabet=st.sampled_from("[]()<>!`*_~#+-=.:/\\|&;@ab1 \nhtpws&lgt")))
def test_markdown_text_renders_as_itself(text: str) -> None:
    """A CommonMark parser finds no markup in it: one paragraph, whose text is what the customer wrote."""
    written = safety.markdown(text)
    tokens = MarkdownIt("commonmark").parse("x " + written)
    inline = [t for t in tokens if t.type == "inline"]
    assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {t.type for t in inline[0].children or []} <= {"text", "text_special"}
    shown = "".join(t.content for t in inline[0].children or [])
    assert shown.replace("\u2060", "").split() == ["x", *text.split()]


@given(st.text(alphabet=st.sampled_from("#-+=>:1.) a")))
def test_markdown_text_starts_no_block(text: str) -> None:
    kinds = {t.type for t in MarkdownIt("commonmark").parse(safety.markdown(text))}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}


@given(st.text(), st.integers(1, 50))
def test_short_is_short_and_says_so(text: str, limit: int) -> None:
    out = safety.short(text, limit)
    assert len(out) <= limit
    assert out == text or out.endswith("\u2026")


@pytest.mark.parametrize(
    ("text", "written"),
    [("q <0.001", "q <0.001"), ("a < b", "a < b"), ("<b>bold", "&lt;b&gt;bold"), ("x <script", "x &lt;script")],
)
def test_markdown_reads_well_unrendered(text: str, written: str) -> None:
    assert safety.markdown(text) == written
