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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from cxtext.errors import ModelError

FloatMatrix = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# Raise when an older cxtext could not read the new files, and say in docs/vectors.md what changed.
FORMAT = 1
ARRAYS, CARD = "vectors.npz", "vectors.json"

_GRAM_SIZES = (3, 4, 5)
_LONGEST_SPELLED = 40  # characters: longer "words" are pasted noise, and spelling them out would be slow
_FAINTEST = 0.05  # length: a spelled-out vector shorter than this says nothing


def character_grams(word: str) -> Iterator[str]:
    """Yield the 3- to 5-character pieces of a word, with `<` and `>` marking where it begins and ends."""
    marked = f"<{word}>"
    for size in _GRAM_SIZES:
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]


def gram_slots(word: str, n_slots: int) -> list[int]:
    """Say which rows of the spelling table stand for a word's pieces (CRC-32, the same on every machine)."""
    return [zlib.crc32(gram.encode("utf-8")) % n_slots for gram in character_grams(word)]


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
    _gram_codes: npt.NDArray[np.int8]
    _gram_scales: FloatMatrix

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
                    _gram_codes=saved["gram_codes"],
                    _gram_scales=saved["gram_scales"].astype(np.float32),
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
        if len(self._gram_codes):
            for position, word in enumerate(distinct):
                if not has_row[position]:
                    vectors[position] = self._spell(word)
        weights[~np.any(vectors != 0, axis=1)] = 0.0
        return _Found(len(terms), np.array(owners, np.int64), np.array(members, np.int64), vectors, weights)

    def _spell(self, word: str) -> FloatMatrix:
        """Put a word's vector together from its pieces; zero for numbers, noise, and the very long."""
        if len(word) > _LONGEST_SPELLED or not any(character.isalpha() for character in word):
            return np.zeros(self.dim, dtype=np.float32)
        slots = gram_slots(word, len(self._gram_codes))
        if not slots:
            return np.zeros(self.dim, dtype=np.float32)
        spelled = self._gram_scales[slots] @ self._gram_codes[slots].astype(np.float32) / np.float32(len(slots))
        return spelled if float(np.linalg.norm(spelled)) >= _FAINTEST else np.zeros_like(spelled)


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
