"""VADER's data, read from the vaderSentiment package: lexicon, boosters, negations, idioms, emoji.

Nothing is copied here: the package's own files and tables are the source, laid out as arrays so that a word is looked
up once for all its rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

# What VADER's rules ask about a word, one bit each.
LEXICON = 1
SCORED = 2  # in the lexicon and no booster: carries a valence of its own
BOOSTER = 4
NEGATION = 8
UPPER = 16  # all capitals
MARKED = 32  # holds "!" or "?"
BUT = 64
NO = 128
OR_NOR = 256
KIND = 512
OF = 1024
LEAST = 2048
AT_VERY = 4096
NEVER = 8192
SO_THIS = 16384
WITHOUT = 32768
DOUBT = 65536
PHRASE_KEY = 131072  # the telling word of an idiom or of a two-word booster
# Words that do something by themselves; all others matter only beside a scored one.
ACTIVE = SCORED | UPPER | MARKED | BUT | PHRASE_KEY

_NAMED = (
    ("but", BUT),
    ("no", NO),
    ("or", OR_NOR),
    ("nor", OR_NOR),
    ("kind", KIND),
    ("of", OF),
    ("least", LEAST),
    ("at", AT_VERY),
    ("very", AT_VERY),
    ("never", NEVER),
    ("so", SO_THIS),
    ("this", SO_THIS),
    ("without", WITHOUT),
    ("doubt", DOUBT),
)
# Too frequent to look for an idiom at each of them.
_COMMON = frozenset(("the", "of", "to", "for", "right", "just", "bad"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """An idiom or a booster of two or three words: ``words`` are ids, ``key`` the place of its telling word.

    ``valence`` replaces that of the word it touches; ``boost`` adds to it (NaN: doesn't apply).
    """

    words: tuple[int, ...]
    key: int
    valence: float
    boost: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """VADER's W words as rows of arrays, which have one row more, for any other word."""

    flags: npt.NDArray[np.int32]
    valence: npt.NDArray[np.float64]
    boost: npt.NDArray[np.float64]
    phrase_id: npt.NDArray[np.uint8]
    phrases: tuple[Phrase, ...]
    emoji: dict[str, str]
    rows: dict[str, int]
    caps: float
    negation: float


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read VADER's tables once a process (some 15 ms); a few MB."""
    from vaderSentiment import vaderSentiment as vader

    folder = Path(vader.__file__).parent
    valence = {w: float(m) for w, m in _pairs(folder / "vader_lexicon.txt")}
    emoji = {e: d for e, d in _pairs(folder / "emoji_utf8_lexicon.txt") if len(e) == 1}
    boosters: dict[str, float] = vader.BOOSTER_DICT
    idioms = {k: (v, float("nan")) for k, v in vader.SPECIAL_CASES.items() if " " in k}
    idioms |= {k: (float("nan"), v) for k, v in boosters.items() if " " in k}
    telling = {w for k in idioms for w in k.split()} - _COMMON
    ids = {w: i + 1 for i, w in enumerate(sorted({w for k in idioms for w in k.split()}))}

    flags: dict[str, int] = {}
    for words, bit in ((valence, LEXICON | SCORED), (boosters, BOOSTER), (vader.NEGATE, NEGATION)):
        for word in words:
            flags[word] = flags.get(word, 0) | bit
    for word, bit in _NAMED:
        flags[word] = flags.get(word, 0) | bit
    for word in ids:
        flags[word] = flags.get(word, 0) | (PHRASE_KEY if word in telling else 0)
    for word in boosters:
        flags[word] &= ~SCORED
    words = sorted(flags)
    return Lexicon(
        flags=np.array([*(flags[w] for w in words), 0], dtype=np.int32),
        valence=np.array([*(valence.get(w, 0.0) for w in words), 0.0]),
        boost=np.array([*(boosters.get(w, 0.0) for w in words), 0.0]),
        phrase_id=np.array([*(ids.get(w, 0) for w in words), 0], dtype=np.uint8),
        phrases=tuple(_phrase(k.split(), ids, telling, *v) for k, v in sorted(idioms.items())),
        emoji=emoji,
        rows={w: i for i, w in enumerate(words)},
        caps=vader.C_INCR,
        negation=vader.N_SCALAR,
    )


def _pairs(path: Path) -> list[tuple[str, str]]:
    """The first two columns of one of VADER's files, read as vaderSentiment reads them."""
    lines = path.read_bytes().decode("utf-8").rstrip("\n").split("\n")
    return [(a, b) for a, b, *_ in (line.strip().split("\t") for line in lines if line)]


def _phrase(words: list[str], ids: dict[str, int], telling: set[str], valence: float, boost: float) -> Phrase:
    key = next(i for i, w in enumerate(words) if w in telling)
    return Phrase(tuple(ids[w] for w in words), key, valence, boost)
