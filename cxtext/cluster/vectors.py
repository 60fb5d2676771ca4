"""What words mean before any feedback has been read: the word vectors shipped with cxtext.

`StaticVectors` holds one vector and one weight per word, fitted once so that the weighted sum of a sentence's words
points where a sentence encoder would put the whole sentence (see docs/vectors.md; the fitting script is
models/training/distill_vectors.py). Texts about the same thing come out close together even when they share no word.

On disk: `vectors.npz` (arrays, no pickle) and `vectors.json` (the card: format, sizes, hashes, sources, figures).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.errors import ModelError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FloatMatrix = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# Raise when an older cxtext could not read the new files, and say in docs/vectors.md what changed.
FORMAT = 1
ARRAYS, CARD = "vectors.npz", "vectors.json"

_GRAM_SIZES = (3, 4, 5)
_GRAM_SLOTS = 1 << 17
_LONGEST_SPELLED = 40  # bytes: longer "words" are pasted noise, and spelling them out would be slow
_NEIGHBOURS = 10  # words with the most alike spelling that an unknown word is put together from
_SHARES = 2.0**24  # those are weighed by the fourth power of their likeness, in whole shares
_MOST_REMEMBERED = 20_000  # words put together from others that stay in memory: some 15 MB
_LEAST_ALIKE = 0.3  # below this, the nearest spelling says nothing: held-out words came out no better than chance
_COMMON_PIECE = 1500  # words: a piece that more words share is not looked at
_AT_ONCE = 256  # unknown words compared with the vocabulary at a time, to bound memory


@dataclass(frozen=True, eq=False)
class StaticVectors:
    """Vectors and weights of words, of two-word terms, and, by their spelling, of words never seen.

    A text's vector is the sum over its words of `weights` times `vectors`, scaled to length one.
    """

    card: dict[str, Any]
    _rows: dict[bytes, int]
    _codes: npt.NDArray[np.int8]
    _scales: FloatMatrix
    _weights: FloatMatrix

    @classmethod
    def load(cls, folder: Path) -> StaticVectors:
        """Load the vectors kept in a folder (about ten milliseconds for the shipped ones).

        Raises ModelError when the files are missing, damaged, or of a format this version doesn't know.
        """
        card = _read_card(folder)
        try:
            with np.load(folder / ARRAYS, allow_pickle=False) as saved:
                blob = saved["words"].tobytes()
                words = blob.split(b"\n") if blob else []
                loaded = cls(
                    card=card,
                    _rows=dict(zip(words, range(len(words)), strict=True)),
                    _codes=saved["codes"],
                    _scales=saved["scales"].astype(np.float32),
                    _weights=saved["weights"].astype(np.float32),
                )
        except FileNotFoundError as error:
            raise ModelError(f"{folder / ARRAYS} is missing; reinstall cxtext") from error
        except (BadZipFile, ValueError, KeyError, OSError, EOFError, zlib.error) as error:
            raise ModelError(f"{folder / ARRAYS} is damaged ({error}); reinstall cxtext") from error
        n_words, dim = loaded._codes.shape
        if len(loaded._rows) != n_words or dim != card["dim"] or len(loaded._weights) != n_words:
            raise ModelError(f"{folder / ARRAYS} doesn't match {CARD}; reinstall cxtext")
        return loaded

    @property
    def dim(self) -> int:
        """Tell how many numbers make one vector."""
        return int(self._codes.shape[1])

    def __len__(self) -> int:
        """Count the words and phrases that have a vector of their own."""
        return len(self._rows)

    def __contains__(self, term: object) -> bool:
        """Tell whether a term has a vector of its own, not one put together from its pieces."""
        return isinstance(term, str) and term.encode("utf-8", "replace") in self._rows

    def vectors(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term's vector, float32[n, dim]; a zero row where nothing is known about the term.

        A term is one lower-cased word, or two joined by a space: then it is the weighted mean of both, unless the
        phrase has a vector of its own. A word outside the vocabulary is put together from its character pieces.
        """
        found = self._find(terms)
        return found.mix(found.vectors, found.weights)

    def weights(self, terms: Sequence[str]) -> FloatMatrix:
        """Give each term's weight in a text's sum, float32[n], 0 and up: high for telling words, low for "the"."""
        found = self._find(terms)
        return found.mix(found.weights[:, None], np.ones_like(found.weights))[:, 0]

    def known(self, terms: Sequence[str]) -> BoolArray:
        """Tell for each term, bool[n], whether anything is known about it, if only by its spelling."""
        known: BoolArray = (self.vectors(terms) != 0).any(axis=1)
        return known

    def _find(self, terms: Sequence[str]) -> _Found:
        """Look up the distinct words that the terms are made of, each once."""
        distinct: dict[str, int] = {}
        owners: list[int] = []
        members: list[int] = []
        for owner, term in enumerate(terms):
            for word in (term,) if " " not in term or term in self else term.split(" "):
                owners.append(owner)
                members.append(distinct.setdefault(word, len(distinct)))
        rows = np.fromiter(
            (self._rows.get(w.encode("utf-8", "replace"), -1) for w in distinct), np.int64, len(distinct)
        )
        has_row = rows >= 0
        vectors = np.zeros((len(distinct), self.dim), dtype=np.float32)
        vectors[has_row] = self._codes[rows[has_row]] * self._scales[rows[has_row], None]
        weights = np.full(len(distinct), self.card["unknown_weight"], dtype=np.float32)
        weights[has_row] = self._weights[rows[has_row]]
        strange = [(position, word) for position, word in enumerate(distinct) if not has_row[position]]
        strange = [(position, word) for position, word in strange if _is_spelled(word)]
        if strange:
            vectors[[position for position, _ in strange]] = self._spell_once([word for _, word in strange])
        weights[~np.any(vectors != 0, axis=1)] = 0.0
        return _Found(len(terms), np.array(owners, np.int64), np.array(members, np.int64), vectors, weights)

    @cached_property
    def _spellings(self) -> _Spellings:
        return _Spellings.of(list(self._rows))  # only built once a word outside the vocabulary turns up

    def _spell_once(self, words: Sequence[str]) -> FloatMatrix:
        """As `_spell`, each word worked out the first time it is asked for: float32[n, dim]."""
        known = self._spelled
        if len(known) > _MOST_REMEMBERED:
            # a new one, not an emptied one: another thread may be reading the old
            known = self.__dict__["_spelled"] = {}
        fresh = [word for word in words if word not in known]
        if fresh:
            known.update(zip(fresh, self._spell(fresh), strict=True))
        return np.stack([known[word] for word in words])

    @cached_property
    def _spelled(self) -> dict[str, FloatMatrix]:
        return {}

    def _spell(self, words: Sequence[str]) -> FloatMatrix:
        """Put words together from those spelled most alike, float32[n, dim]; zero where nothing is alike."""
        spelled = np.zeros((len(words), self.dim), dtype=np.float32)
        for start in range(0, len(words), _AT_ONCE):
            rows, alike = self._spellings.nearest(
                [w.encode("utf-8", "replace") for w in words[start : start + _AT_ONCE]]
            )
            # Common words are the ones most often mistyped, and rare ones carry the larger weight.
            square = alike * alike
            share = square * square * (1.5 - np.minimum(self._weights[rows].astype(np.float64), 1.0))
            share = np.rint(share * _SHARES)  # whole, so that they add up exactly
            share /= np.maximum(share.sum(axis=1, keepdims=True), 1.0)
            part = (self._scales[rows] * share).astype(np.float32)
            mixed = np.zeros((len(rows), self.dim), dtype=np.float32)
            for i in range(_NEIGHBOURS):  # one neighbour after the other: always added in the same order
                mixed += self._codes[rows[:, i]] * part[:, i, None]
            spelled[start : start + _AT_ONCE] = mixed * (alike.max(axis=1) >= _LEAST_ALIKE)[:, None]
        return spelled


def _is_spelled(word: str) -> bool:
    return len(word.encode("utf-8", "replace")) <= _LONGEST_SPELLED and any(letter.isalpha() for letter in word)


@dataclass(frozen=True, eq=False)
class _Spellings:
    """The vocabulary by its character pieces: which words hold which piece, rare pieces counting more.

    All are whole numbers (see `cxtext.exact`).
    """

    pieces: csr_array  # float32[slots, words], columns of length exact.UNIT
    rarity: FloatMatrix  # float64[slots], in sixteenths

    @classmethod
    def of(cls, words: Sequence[bytes]) -> _Spellings:
        """Index a vocabulary (35,000 words in about 50 ms)."""
        counts = _count_pieces(words)
        texts = np.bincount(counts.indices, minlength=_GRAM_SLOTS)
        rarity = np.rint(16.0 * exact.log((1 + len(words)) / (1 + texts)))
        pieces = _unit_length(counts, rarity)
        # Pieces shared by very many words ("ing>") hardly change who is nearest, and cost most of the time.
        pieces.data[texts[counts.indices] > _COMMON_PIECE] = 0
        pieces.eliminate_zeros()
        return cls(pieces.T.tocsr(), rarity)

    def nearest(self, words: Sequence[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Find the words spelled most like each: rows int64[n, k] and likeness float64[n, k], 0..1 (1: the same).

        Ties go to the word that comes first; places that nothing fills have row 0 and likeness 0.
        """
        alike = (_unit_length(_count_pieces(words), self.rarity) @ self.pieces).tocsr()
        alike.data = np.minimum(alike.data / (exact.UNIT * exact.UNIT), 1.0)
        asked = np.repeat(np.arange(len(words)), np.diff(alike.indptr))
        near = np.flatnonzero(alike.data >= _LEAST_ALIKE / 2)  # few: sorting all would take ten times as long
        near = near[np.lexsort((alike.indices[near], -alike.data[near], asked[near]))]
        asked = asked[near]
        place = np.arange(len(near)) - np.searchsorted(asked, asked)
        best = place < _NEIGHBOURS
        asked, place, near = asked[best], place[best], near[best]
        rows = np.zeros((len(words), _NEIGHBOURS), dtype=np.int64)
        likeness = np.zeros((len(words), _NEIGHBOURS))
        rows[asked, place] = alike.indices[near]
        likeness[asked, place] = alike.data[near]
        return rows, likeness


def _count_pieces(words: Sequence[bytes]) -> csr_array:
    """Count each word's hashed 3- to 5-byte pieces, `<` and `>` marking its ends; float32[words, slots]."""
    from scipy.sparse import csr_array

    text = np.frombuffer(b"".join(b"<%b>" % word for word in words), dtype=np.uint8).astype(np.int64)
    lengths = np.array([len(word) + 2 for word in words], dtype=np.int64)
    owner = np.repeat(np.arange(len(words)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(text))  # bytes from here to the end of the word
    owners, slots = [], []
    code = np.zeros(len(text), dtype=np.int64)
    for offset in range(max(_GRAM_SIZES)):
        code = code * 1_000_003 + np.concatenate([text[offset:], np.zeros(min(offset, len(text)), np.int64)]) + 1
        if offset + 1 in _GRAM_SIZES:
            whole = left > offset
            owners.append(owner[whole])
            slots.append((code[whole] ^ (code[whole] >> 17)) % _GRAM_SLOTS)
    where = (np.concatenate(owners), np.concatenate(slots))
    return csr_array((np.ones(len(where[0]), np.float32), where), shape=(len(words), _GRAM_SLOTS))


def _unit_length(counts: csr_array, rarity: FloatMatrix) -> csr_array:
    weighed = counts.copy()
    weighed.data = counts.data * rarity[counts.indices]
    squares = np.bincount(
        np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr)), weighed.data**2, counts.shape[0]
    )
    scale = exact.UNIT / np.sqrt(np.maximum(squares, 1.0))
    weighed.data = np.rint(weighed.data * np.repeat(scale, np.diff(counts.indptr))).astype(np.float32)
    return weighed


@dataclass(frozen=True, eq=False)
class _Found:
    """Words looked up for a list of terms: which term (`owners`) uses which distinct word (`members`)."""

    n_terms: int
    owners: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]
    vectors: FloatMatrix
    weights: FloatMatrix

    def mix(self, values: FloatMatrix, shares: FloatMatrix) -> FloatMatrix:
        """Average the words' values into their terms, weighted by `shares`; float32[n_terms, columns]."""
        sizes = np.bincount(self.owners, minlength=self.n_terms)
        alone = sizes[self.owners] == 1
        mixed = np.zeros((self.n_terms, values.shape[1]), dtype=np.float32)
        # A single word is copied, not multiplied and divided by its share: the same bits whatever else is asked.
        mixed[self.owners[alone]] = values[self.members[alone]]
        if not alone.all():
            owners, members = self.owners[~alone], self.members[~alone]
            total = np.zeros(self.n_terms, dtype=np.float32)
            np.add.at(total, owners, shares[members])
            np.add.at(mixed, owners, values[members] * shares[members, None])
            several = sizes > 1
            mixed[several] /= np.where(total > 0, total, np.float32(1)).astype(np.float32)[several, None]
        return mixed


def verify(folder: Path) -> None:
    """Check the arrays against the hash in the card; raises ModelError when they differ."""
    card = _read_card(folder)
    try:
        digest = hashlib.sha256((folder / ARRAYS).read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{folder / ARRAYS} can't be read ({error}); reinstall cxtext") from error
    if digest != card["files"][ARRAYS]["sha256"]:
        raise ModelError(f"{folder / ARRAYS} is not the file that {CARD} describes; reinstall cxtext")


def _read_card(folder: Path) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{folder / CARD} is missing; reinstall cxtext") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / CARD} can't be read ({error}); reinstall cxtext") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        found = card.get("format") if isinstance(card, dict) else None
        raise ModelError(f"{folder / CARD} has format {found}, this cxtext reads {FORMAT}; use the cxtext it came with")
    return card
