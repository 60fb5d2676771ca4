"""Texts as people meant them: without control characters, HTML leftovers and broken Unicode."""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from cxtext.prepare.scan import Bools, as_strings, byte_set, put, signs

if TYPE_CHECKING:
    import pyarrow as pa

# Tab, newline and carriage return are white space to everybody and stay.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_LITERAL_NEWLINE = re.compile(r"(?:\\r)?\\n")
_DRIVE_PATH = re.compile(r"[A-Za-z]:\\")
# With the semicolon only: "AT&T" and "?a=1&copy=2" are no entities.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Known tags only: "<3" is a heart and "<my bank>" a placeholder.
_TAG_NAMES = (
    "a|abbr|b|big|blockquote|body|br|center|cite|code|del|div|em|font|footer|h[1-6]|head|header|hr|html|"
    "i|img|ins|li|link|mark|meta|nobr|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|"
    "tfoot|th|thead|title|tr|tt|u|ul"
)
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*|\s*/)?>", re.IGNORECASE)
_COMMENT_OR_TAG = re.compile(rf"<!--.*?-->|{_TAG.pattern}", re.IGNORECASE | re.DOTALL)
_ROUNDS = 8  # "&amp;lt;br&amp;gt;" takes three
_OPENING_SIGNS = str.maketrans("&<", "  ")
# No script puts more marks on a letter than 30 (Unicode's stream-safe format); composing them takes the square of it.
_NEVER_MARKED = 30
_MARKS, _FEWER_MARKS = r"(\p{M}{30})\p{M}+", r"\1"
_SURROGATE = re.compile("[\ud800-\udfff]")

# Bytes that may begin something to repair: control characters (C1 ones are C2 80..9F in UTF-8, which the lead byte
# announces), backslash, ampersand, less-than, surrogates (lead byte ED), the byte order mark (EF).
_SUSPECTS = [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x5C, 0x26, 0x3C, 0x7F, 0xC2, 0xED, 0xEF]
_SUSPECT = byte_set(_SUSPECTS)
_SUSPECT_OR_FOREIGN = byte_set([*_SUSPECTS, *range(0x80, 0x100)])
# Letters up to U+02FF are in NFC already (lead bytes up to CB); so are general punctuation and emoji (E2, F0), but
# for a handful of signs such as the Kelvin sign, which Arrow puts right with the others.
_MAY_COMPOSE = byte_set([*range(0xCC, 0xF0)])
_FOREIGN = byte_set(range(0x80, 0x100))
_EDGE_SPACE = np.zeros(256, dtype=np.bool_)  # bytes that white space at an end of a text may begin or end with
_EDGE_SPACE[[*range(0x21), *range(0x80, 0x100)]] = True


def normalise(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Clean up texts without changing what they say: same length N, null stays null.

    Control characters, NUL and a byte order mark become blanks; a literal ``\\n`` becomes a line break; HTML
    entities are unescaped and known HTML tags become blanks; letters are composed (Unicode NFC) and keep at most 30
    marks each; lone surrogates and other invalid UTF-8 go; white space at both ends goes. Everything else stays as it
    is, and doing it twice changes nothing more. Returns Arrow strings (large strings if large ones came in).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = as_strings(texts)
    seen = signs(texts)
    filled = np.flatnonzero(np.diff(seen.offsets))
    edged = np.zeros(len(texts), dtype=np.bool_)
    edged[filled] = _EDGE_SPACE[seen.data[seen.offsets[filled]]] | _EDGE_SPACE[seen.data[seen.offsets[filled + 1] - 1]]
    sound = not (_FOREIGN & seen.present).any() or _valid(texts)
    suspect = seen.counts(_SUSPECT if sound else _SUSPECT_OR_FOREIGN) > 0
    rows = np.flatnonzero(suspect | edged | (seen.counts(_MAY_COMPOSE) > 0))
    if not len(rows):
        return texts
    repaired = _repaired(texts.take(pa.array(rows)), suspect[rows])
    mask = np.zeros(len(texts), dtype=np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), pc.utf8_trim_whitespace(_composed(repaired)))


def _repaired(texts: pa.Array, suspect: Bools) -> pa.Array:
    """The texts with those repaired, one by one, that hold something suspect."""
    seen = signs(texts)
    # bytes, since Arrow refuses to hand out invalid UTF-8 as strings; a null's bytes are masked again by `put`
    rows = np.flatnonzero(suspect & ~np.asarray(texts.is_null().to_numpy(zero_copy_only=False)))
    old = [seen.data[seen.offsets[i] : seen.offsets[i + 1]].tobytes() for i in rows.tolist()]
    new = [_normalise_one(text.decode("utf-8", "ignore")) for text in old]
    changed = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b.encode()]
    return put(texts, rows[changed], [new[i] for i in changed])


def _composed(texts: pa.Array) -> pa.Array:
    """The texts in Unicode's form NFC, where they may not be in it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = np.flatnonzero(signs(texts).counts(_MAY_COMPOSE))
    if not len(rows):
        return texts
    mask = np.zeros(len(texts), dtype=np.bool_)
    mask[rows] = True
    marked = pc.replace_substring_regex(texts.take(pa.array(rows)), _MARKS, _FEWER_MARKS)
    return pc.replace_with_mask(texts, pa.array(mask), pc.utf8_normalize(marked, form="NFC"))


def _valid(texts: pa.Array) -> bool:
    import pyarrow as pa

    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _normalise_one(text: str) -> str:
    text = _SURROGATE.sub("", text)
    for turn in count(1):
        before = text
        if "&" in text:
            text = _ENTITY.sub(_unescape, text)
        if "<" in text:
            text = _untagged(text)
        if "\\" in text and not _DRIVE_PATH.search(text):
            text = _LITERAL_NEWLINE.sub("\n", text)
        text = unicodedata.normalize("NFC", _fewer_marks(_CONTROL.sub(" ", text)))
        if text == before:
            break
        if turn == _ROUNDS:  # nobody packs a text so often: what is left of the packing goes
            text = text.translate(_OPENING_SIGNS)
    return text.strip()


def _fewer_marks(text: str) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(text) <= _NEVER_MARKED or text.isascii():
        return text
    # Compiling Arrow's expression takes 20 ms: it is left alone where there are too few marks to be cut.
    if sum(letter > "\u02ff" and unicodedata.category(letter)[0] == "M" for letter in text) <= _NEVER_MARKED:
        return text
    return str(pc.replace_substring_regex(pa.scalar(text), _MARKS, _FEWER_MARKS).as_py())


def _untagged(text: str) -> str:
    """The text with a blank for each tag and comment; behind the last end of a comment only tags are looked for."""
    end = text.rfind("-->") + 3 if "<!--" in text else 0
    if end < 3:
        return _TAG.sub(" ", text)
    return _COMMENT_OR_TAG.sub(" ", text[:end]) + _TAG.sub(" ", text[end:])


def _unescape(match: re.Match[str]) -> str:
    entity = match.group()
    if entity[1] == "#":
        text = _SURROGATE.sub("", html.unescape(entity))
    else:  # exact names only: html.unescape would read "&notathing;" as a negation sign and the rest
        text = html5.get(entity[1:], entity)
    return " " if text == "\xa0" else text
