"""Make customers' text harmless in the place where it is shown.

Text comes from strangers. In a spreadsheet a cell that starts with ``=`` is a formula, in a terminal an escape
sequence moves the cursor, a right-to-left override turns a name round. Each function here takes text and gives
text; HTML is escaped by the templates.
"""

from __future__ import annotations

import re

from cxtext import escape

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_BIDI = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_TERMINAL = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff{_BIDI}\ud800-\udfff]+")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# In Markdown these may start a link, an image, code, HTML, a table cell or emphasis wherever they stand
# ("<" before a figure or a blank starts nothing) ...
_MARKDOWN = re.compile(r"([\\`*_{}\[\]>|~$&!]|<(?![\d\s]))")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# ... these a heading, a list or a rule at the start of a line ...
_LINE_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+](?:[-\s]|$))|(?=[#=:]))")
# ... and these become links or wake people up without any sign around them.
_BARE_LINK = re.compile(r"(?<=\w):(?=//)|(?<=www)\.|(?<=mailto):", re.IGNORECASE)
_MENTION = re.compile(r"@(?=\w)")


def cell(text: str) -> str:
    """Text for a CSV or XLSX cell: what a spreadsheet would take for a formula starts with an apostrophe."""
    return escape.cell(_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def terminal(text: str) -> str:
    """Text for a terminal line: no escape sequences, control or direction marks, line breaks as one blank."""
    return _TERMINAL.sub(" ", _ANSI.sub("", text)).strip()


def visible(text: str) -> str:
    """Text for a page: control characters become a visible replacement mark, direction overrides go."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _OVERRIDES.sub("", text))


def markdown(text: str) -> str:
    """Text for Markdown on one line, with everything that could be markup escaped."""
    line = _MARKDOWN.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), " ".join(visible(text).split()))
    line = _BARE_LINK.sub(lambda found: "\\" + found[0], line)
    return _MENTION.sub("@\u2060", _LINE_START.sub(r"\1\\", line))


def short(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut at a blank where there is one, with an ellipsis that says so."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    blank = cut.rfind(" ")
    if blank > limit * 0.6:
        cut = cut[:blank]
    return cut.rstrip() + "\N{HORIZONTAL ELLIPSIS}"
