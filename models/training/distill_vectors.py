"""Distils a sentence encoder into word vectors small enough to ship, and writes them with their card.

    python models/training/distill_vectors.py --data DIR --out models/cx-en [--cache DIR] [--leave-out SOURCE]...

Needs the `distill` extra and the openly licensed texts named in distill_sources.py. Same texts, same bytes out.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from distill_encoder import CachedEncoder, model_folder
from distill_fit import count_words, ridge_toward, sif_weights, unit_rows
from distill_sources import WORD, read_all, words
from distill_write import write_vectors


def vocabulary(sentences: Sequence[str], at_least: int = 2) -> list[str]:
    """List the words that get a vector: the encoder's own whole words and those seen at least twice."""
    pieces = (model_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    seen = Counter(word for sentence in sentences for word in words(sentence))
    chosen = {piece for piece in pieces if piece.isascii() and WORD.fullmatch(piece)}
    return sorted(chosen | {word for word, count in seen.items() if count >= at_least and word.isascii()})


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and write the vectors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the openly licensed texts")
    parser.add_argument("--out", type=Path, required=True, help="folder that gets vectors.npz and vectors.json")
    parser.add_argument("--cache", type=Path, default=Path(".distill-cache"), help="where encoded texts are kept")
    parser.add_argument("--leave-out", action="append", default=[], metavar="SOURCE", help="fit without this source")
    parser.add_argument("--words-only", action="store_true", help="the encoder's vectors of single words, not fitted")
    parser.add_argument("--dims", type=int, default=256)
    parser.add_argument("--smoothing", type=float, default=1e-3)
    parser.add_argument("--strength", type=float, default=1.0)
    options = parser.parse_args(arguments)

    read = read_all(options.data, options.leave_out)
    sentences = [sentence for found in read.values() for sentence in found]
    names = vocabulary(sentences)
    encoder = CachedEncoder(options.cache)
    start = unit_rows(encoder.encode(names))
    counts = count_words(sentences, {word: row for row, word in enumerate(names)})
    weights = sif_weights(counts, options.smoothing)
    if options.words_only:
        vectors = start - np.average(start, axis=0, weights=np.asarray(counts.sum(axis=0)).ravel())
    else:
        design = counts * weights
        lengths = np.linalg.norm(design @ start, axis=1)
        design = (design / np.maximum(lengths, 1e-6)[:, None]).tocsr()
        vectors = ridge_toward(design, encoder.encode(sentences), start, options.strength)
    _, _, axes = np.linalg.svd(vectors.T @ vectors)
    vectors = (vectors @ axes[: options.dims].T).astype(np.float32)
    card = {"unknown_weight": 1.0, "smoothing": options.smoothing, "left_out": options.leave_out}
    write_vectors(options.out, names, vectors, weights, np.zeros((0, options.dims), np.float32), card)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
