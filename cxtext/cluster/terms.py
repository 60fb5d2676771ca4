"""Which terms stand in each unit: words and word pairs, looked up once per distinct token.

A *word* is what remains of a token when markup, punctuation, digits, links and @handles are gone, in lower case,
contractions kept whole ("didn't"); a token may hold several words ("price/quality") or none ("--"). A *pair* is two
words that follow each other in a unit. After the look-up everything is array work over the stream of token codes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cxtext.cluster.words import FUNCTION_WORDS, GREETINGS, NEGATIONS
from cxtext.schema import TokenTable, Units

if TYPE_CHECKING:
    import scipy.sparse as sp

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LONG_FIGURE = re.compile("&#[0-9]{1000,}")  # Python refuses to make a number of them
_LINK = re.compile(r"://|^www\.", re.IGNORECASE)
# What redaction leaves behind ("[handle]", "<PHONE>") says nothing about the subject.
_PLACEHOLDER = re.compile(r"[\[<{(][A-Z][A-Z_ -]*\d*[\]>})]|\[(?:email|url|card|iban|phone|order|handle)\]")
# Exports often hold line ends as two characters, a backslash and a letter.
_ESCAPES = re.compile(r"\\[nrt]")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


@lru_cache(maxsize=1 << 17)
def words_of_token(token: str) -> tuple[str, ...]:
    """The words in one whitespace token, in order: lower case, no punctuation, digits, links or handles.

    ``"Re-booking!!"`` gives ``("re", "booking")``, ``"DIDN'T"`` ``("didn't",)``, ``"@acme"`` and ``"12.50"`` nothing.
    Remembered: one chunk of texts uses much the same tokens as the next.
    """
    if token.isascii() and token.isalpha():
        return (token.lower(),)
    if "&" in token:
        token = html.unescape(_LONG_FIGURE.sub(" ", token))
    if token[:1] == "@" or _LINK.search(token):
        return ()
    if token[:1] in tuple(".,;:!?\"'*-(") and token.lstrip(".,;:!?\"'*-(")[:1] == "@":
        return ()
    if "\\" in token:
        token = _ESCAPES.sub(" ", token)
    token = _PLACEHOLDER.sub(" ", token)
    return tuple(_WORD.findall(token.translate(_APOSTROPHES).lower()))


@dataclass(frozen=True, slots=True)
class WordStream:
    """The words of U units, one after the other.

    ``codes`` int32[W] index into ``words`` (distinct words, in order of first use in the token list);
    unit i holds ``codes[offsets[i]:offsets[i+1]]``.
    """

    codes: Int32
    offsets: Int64
    words: list[str]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def ranges(first: Int64, length: Int64) -> Int64:
    """The integers of U half-open ranges, one range after the other: int64[sum(length)]."""
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    out: Int64 = np.arange(total, dtype=np.int64) + np.repeat(first - (ends - length), length)
    return out


def word_stream(tokens: TokenTable, units: Units) -> WordStream:
    """Turn the tokens of some units into words. Units may be any subset, in any order."""
    parts = [words_of_token(token) for token in tokens.tokens]
    count = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    ends = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    flat = list(chain.from_iterable(parts))
    index = {word: i for i, word in enumerate(dict.fromkeys(flat))}
    word_of = np.fromiter(map(index.__getitem__, flat), dtype=np.int32, count=len(flat))
    first = np.asarray(units.first, dtype=np.int64)
    length = np.asarray(units.last, dtype=np.int64) - first
    whole = (
        len(first) > 0
        and first[0] == 0
        and length.sum() == len(tokens.codes)
        and np.array_equal(first[1:], first[:-1] + length[:-1])
    )
    codes = np.asarray(tokens.codes) if whole else np.asarray(tokens.codes)[ranges(first, length)]
    per_token = count[codes]
    running = np.empty(len(codes) + 1, dtype=np.int64)
    running[0] = 0
    np.cumsum(per_token, out=running[1:])
    bounds = np.empty(len(first) + 1, dtype=np.int64)
    bounds[0] = 0
    np.cumsum(length, out=bounds[1:])
    if len(word_of):
        # Most tokens hold exactly one word: take their word directly, and expand the others.
        out = (
            word_of[ranges(ends[codes], per_token)]
            if per_token.max(initial=0) > 1
            else word_of[ends[codes[per_token > 0]]]
        )
    else:
        out = np.empty(0, dtype=np.int32)
    return WordStream(out, running[bounds], list(index))


def has_subject(tokens: TokenTable, units: Units) -> npt.NDArray[np.bool_]:
    """Whether a unit says what it is about: bool[U], False for "Nothing.", "No, not really", "n/a" or "Thank you".

    Such answers read alike whatever was asked ("what was good?", "what could be better?"): put together as a group
    they would mix the happiest with the unhappiest. A unit has a subject if any word is more than a letter, a function
    word, a negation or a courtesy.
    """
    bare = FUNCTION_WORDS | NEGATIONS | GREETINGS
    telling = np.array([any(len(w) > 1 and w not in bare for w in words_of_token(t)) for t in tokens.tokens] or [False])
    running = np.concatenate([[0], np.cumsum(telling[tokens.codes])])
    found: npt.NDArray[np.bool_] = running[units.last] > running[units.first]
    return found


def look_up(words: Sequence[str], vocabulary: dict[str, int]) -> Int32:
    """The place of each word in a vocabulary, -1 where it is not in it: int32[len(words)]."""
    return np.fromiter((vocabulary.get(word, -1) for word in words), dtype=np.int32, count=len(words))


def counts(stream: WordStream, place: Int32, n_terms: int) -> sp.csr_array:
    """How often each vocabulary word occurs in each unit: float32 CSR [U, n_terms], canonical.

    ``place`` int32[len(stream.words)] gives each word's column or -1.
    """
    return _csr(place[stream.codes], stream.offsets, n_terms)


def _csr(columns: npt.NDArray[np.integer], offsets: Int64, n_columns: int) -> sp.csr_array:
    import scipy.sparse as sp

    keep = columns >= 0
    kept = np.empty(len(columns) + 1, dtype=np.int64)
    kept[0] = 0
    np.cumsum(keep, out=kept[1:])
    indices = columns[keep].astype(np.int32, copy=False)
    matrix = sp.csr_array(
        (np.ones(len(indices), dtype=np.float32), indices, kept[offsets].astype(np.int32)),
        shape=(len(offsets) - 1, n_columns),
    )
    matrix.sum_duplicates()
    return matrix


def document_frequency(matrix: sp.csr_array) -> Int64:
    """In how many units each term occurs: int64[n_terms]. The matrix must be canonical."""
    return np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int64)


def sorted_vocabulary(words: Iterable[str]) -> dict[str, int]:
    """Number the words in code-point order, so that a vocabulary never depends on the order of the texts."""
    return {word: i for i, word in enumerate(sorted(words))}
