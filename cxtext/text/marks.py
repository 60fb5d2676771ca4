"""What a token does to the sentence around it, told once per distinct token.

Each mark is one bit. Sentence and clause splitting only combine these bits by shifts, so the questions that need
a look at characters (is this stop an abbreviation? is this an emoji?) are asked a few thousand times a chunk, not
a few million.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy.typing as npt

STOP = 1  # ends a sentence, whatever follows
STOP_IF_CAPITAL = 2  # ends one when a capital follows: "etc.", "p.m.", "...", an emoji
ELLIPSIS = 4
TAIL = 8  # no word at all: closing quotes, "!!!", emoji, emoticons; belongs to what stands before it
CAPITAL = 16  # starts with a capital letter
WORD = 32  # holds a letter or a digit
BULLET = 64  # "•": always starts an item
DASH = 128  # a dash of its own
COMMA = 256  # ends with a comma
SEMICOLON = 512  # ends with a semicolon
CONTRAST = 1024  # "but", "however", ...: starts a clause
CONTRAST_AFTER_COMMA = 2048  # "yet", "while": starts one after a comma
LINKING = 4096  # "and", "so": starts one after a comma and before a subject
SUBJECT = 8192  # "I", "they", "the", ...
NUMBER = 16384  # "2." or "2)": a list item when the numbers count up from 1
NO_STOP_BEFORE_DIGIT = 32768  # "no." in "no. 7"
DIGIT = 65536  # starts with a digit
OPENER = 131072  # a lone opening bracket or quote: belongs to what follows
SMILEY = 262144  # an emoji or emoticon of its own
NO_WORD = 524288  # neither letter nor digit
TELLING = STOP | STOP_IF_CAPITAL | TAIL | BULLET | NUMBER | NO_STOP_BEFORE_DIGIT | OPENER | NO_WORD


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONTRAST_WORDS = _words(
    "but however although though whereas nevertheless nonetheless unfortunately sadly regardless alas"
)
_AFTER_COMMA = _words("yet while whilst except only unless still otherwise")
_LINKING = _words("and so or because then plus also which when")
_SUBJECTS = _words(
    "i we you he she it they the my our your his her their its this that these those there nobody everyone "
    "everything nothing i'm i've i'd i'll we're we've it's they're you're he's she's there's that's"
)
_NEVER = _words(
    "mr mrs ms mx dr prof sr jr st messrs rev hon gen col capt lt sgt eg ie vs cf viz al approx dept fig ref tel "
    "ext no. nos acct appt avg"
)
_IF_CAPITAL = _words("etc am pm inc ltd co corp plc hr hrs min mins sec secs wk wks yr yrs mo mos lb lbs oz kg")
_CLOSERS = "\"'`”’»›)]}>*_~"
_OPENERS = "\"'`“‘«‹([{<*_~"
_STOPS = ".!?…。！？｡؟।‼⁇⁈⁉"
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?")
_NUMBERED = re.compile(r"[(#]?(\d{1,2})[.)]")
_EMOTICON = re.compile(r"[<>|]?[:;=8xX][-'o^]?[)(\]\[DPpOo3/|\\*]+|<3+|\^[_.]?\^|[-–—]_+[-–—]")
_EMOTICON_STARTS = frozenset("<>|:;=8xX^-–—")
_DASHES = frozenset({"-", "--", "---", "–", "—", "―", "−"})
_BULLETS = frozenset({"•", "●", "▪", "◦", "‣", "·", "*", "➢", "➤", "✓", "✔", "■", "□", "○", "→", "=>", "->"})
_GLUED_BULLETS = "•●▪◦‣➢➤■□○"  # may stand right before their item
_WORD_SETS = (
    (CONTRAST_WORDS, CONTRAST),
    (_AFTER_COMMA, CONTRAST_AFTER_COMMA),
    (_LINKING, LINKING),
    (_SUBJECTS, SUBJECT),
)
_WORD_MARKS = {
    word: sum(bit for words, bit in _WORD_SETS if word in words)
    for word in sorted(frozenset().union(*(words for words, _ in _WORD_SETS)))
}


def telling_marks(tokens: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """The marks of each distinct token, and whether it has one of those that sentences are cut by: few tokens do."""
    marks = token_marks(tokens)
    marks[(marks & WORD) == 0] |= NO_WORD
    return marks, (marks & TELLING) != 0


def token_marks(tokens: Sequence[str]) -> npt.NDArray[np.int32]:
    """Tell for each distinct token which marks it carries: int32[V], the bits above.

    Tokens of ASCII letters and digits, with or without marks behind, are looked up by Arrow; the others one by one.
    """
    if not tokens:
        return np.zeros(0, dtype=np.int32)
    try:
        array = pa.array(tokens, type=pa.large_string())
    except UnicodeEncodeError:
        return np.array([_mark(t) for t in tokens], dtype=np.int32)
    data = np.frombuffer(array.buffers()[2], dtype=np.uint8)
    ends = np.frombuffer(array.buffers()[1], dtype=np.int64)
    first, last = data[ends[:-1][: len(tokens)]], data[ends[1 : len(tokens) + 1] - 1]
    marks = np.where(_ALNUM[last], WORD, 0).astype(np.int32)
    marks[_UPPER[first]] |= CAPITAL
    marks[_DIGITS[first]] |= DIGIT
    lower = pc.replace_substring(pc.ascii_lower(array), "\u2019", "'")
    found = pc.index_in(lower, value_set=_listed()[0])
    marks |= _listed()[1][pc.fill_null(found, -1).to_numpy(zero_copy_only=False)]
    odd = ~_ALNUM[last] | ~_ALNUM[first]
    second = data[np.minimum(ends[:-1][: len(tokens)] + 1, len(data) - 1)]
    face = _EYES[first] & _NOSE_OR_MOUTH[second]
    ended = np.flatnonzero(odd & _ALNUM[first] & _PLAIN_END[last] & ~face)
    word, tailed = _without_tail(array.take(pa.array(ended)), data, ends[ended])
    plain = np.flatnonzero(tailed & pc.ascii_is_alnum(word).to_numpy(zero_copy_only=False))
    ended, word = ended[plain], pc.ascii_lower(word.take(pa.array(plain)))
    listed = pc.fill_null(pc.index_in(word, value_set=_listed()[0]), -1).to_numpy(zero_copy_only=False)
    marks[ended] |= WORD | _listed()[1][listed]
    stop = _STOPPING[last[ended]]
    short = (last[ended] == ord(".")) & (listed < 0)
    words = word.take(pa.array(np.flatnonzero(short))).to_pylist() if short.any() else []
    stop[short] = [0 if w in _NEVER else STOP_IF_CAPITAL if w in _IF_CAPITAL else STOP for w in words]
    marks[ended] |= stop
    odd[ended] = False
    rest = np.flatnonzero(odd)
    marks[rest] = [_mark(tokens[v]) for v in rest.tolist()]
    return marks


def _without_tail(
    tokens: pa.Array, data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]
) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Tokens without the marks behind, and whether these are plain: "word,", "1234).", "word!?"."""
    word = pc.ascii_rtrim(tokens, ",;:!?).")
    calm = pc.ascii_rtrim(tokens, "!?")
    size, kept, word_size = (pc.binary_length(t).to_numpy(zero_copy_only=False) for t in (tokens, calm, word))
    tail = size - word_size
    closing = data[starts + word_size] == ord(")")
    plain = (tail == 1) | (closing & (tail == 2)) | (kept - word_size == closing)
    return word, plain & (word_size >= _SHORT)


def _bytes(characters: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=np.bool_)
    table[list(characters.encode())] = True
    return table


_UPPER = _bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = _bytes("0123456789")
_ALNUM = _bytes("abcdefghijklmnopqrstuvwxyz") | _UPPER | _DIGITS
_PLAIN_END = _bytes(",;:!?).")
_EYES, _NOSE_OR_MOUTH = _bytes("xX8"), _bytes("-'o^)(][DPpO3/|\\*")  # of emoticons that begin with a letter or digit
_SHORT = 3  # letters at least: "2)" may be a list's number, "e." and "no." are something of their own
_STOPPING = np.zeros(256, dtype=np.int32)
_STOPPING[list(b"!?.")] = STOP
_STOPPING[ord(",")], _STOPPING[ord(";")] = COMMA, SEMICOLON


@lru_cache(maxsize=1)
def _listed() -> tuple[Any, npt.NDArray[np.int32]]:
    """The listed words as an Arrow array, and their marks (last row: a word that isn't listed)."""
    return pa.array(list(_WORD_MARKS), type=pa.large_string()), np.array([*_WORD_MARKS.values(), 0], dtype=np.int32)


def _mark(token: str) -> int:
    """The marks of one token, by looking at its characters."""
    if token in _BULLETS:
        return BULLET
    if token[0] in _GLUED_BULLETS:
        rest = token.lstrip(_GLUED_BULLETS)
        return BULLET | (_mark(rest) if rest else 0)
    if token in _DASHES:
        return DASH
    marks = 0
    has_word = token[0].isalnum() or any(c.isalnum() for c in token)
    if token[0] in _EMOTICON_STARTS and _EMOTICON.fullmatch(token):
        return TAIL | SMILEY | STOP_IF_CAPITAL
    if not has_word:
        marks |= TAIL
        if all(c in _OPENERS for c in token) and not all(c in _CLOSERS for c in token):
            return OPENER
    else:
        marks |= WORD
    bare = token.lstrip(_OPENERS + "¿¡#@$£€-–—")
    if bare[:1].isupper():
        marks |= CAPITAL
    elif bare[:1].isdigit():
        marks |= DIGIT
    end = len(token)
    while end and ((closes := token[end - 1] in _CLOSERS) or _is_emoji(token[end - 1])):
        end -= 1
        marks |= 0 if closes else STOP_IF_CAPITAL | (SMILEY if not has_word else 0)
    core = token[:end]
    word = bare.strip(_CLOSERS + _STOPS + ",;:").lower().replace("’", "'")
    marks |= _WORD_MARKS.get(word, 0)
    if _NUMBERED.fullmatch(token):
        marks |= NUMBER
    if core.endswith((",", "،", "，")):
        marks |= COMMA
    elif core.endswith((";", "；")):
        marks |= SEMICOLON
    elif core.endswith(("...", "…")) or (core.endswith("..") and has_word):
        marks |= ELLIPSIS | STOP_IF_CAPITAL
    elif core.endswith(tuple(_STOPS)):
        marks |= _stop(core, word)
    return marks


def _stop(core: str, word: str) -> int:
    """How a token behaves that ends in a stop: abbreviations don't end a sentence, or only before a capital."""
    if not core.endswith("."):
        return STOP
    if word in _NEVER or core.lower().lstrip(_OPENERS) in ("e.g.", "i.e.", "c.f.", "n.b."):
        return 0
    if word in _IF_CAPITAL:
        return STOP_IF_CAPITAL
    if word == "no":
        return STOP | NO_STOP_BEFORE_DIGIT
    inner = core.lstrip(_OPENERS)
    if _DOTTED.fullmatch(inner) and inner not in ("I.", "i."):
        return 0 if len(inner) == 2 and inner.isupper() else STOP_IF_CAPITAL
    return STOP


def _is_emoji(c: str) -> bool:
    """Pictographs, their joiners and variation selectors (other symbols, category So, among them)."""
    if c <= "\u2000":
        return False
    return c in "\u200d\ufe0f\ufe0e\u20e3♥❤" or unicodedata.category(c) in ("So", "Sk")


def number_of(token: str) -> int:
    """The value of a list number such as "2." or "(2)"; -1 for any other token."""
    match = _NUMBERED.fullmatch(token)
    return int(match[1]) if match else -1
