"""Fits the complaint model on openly licensed texts and writes its weights with their card.

    python models/training/train_complaint.py --data DIR --out models/cx-en [--leave-out SOURCE]... [--cache DIR]

Needs the `distill` extra (word vectors of an Apache-2.0 encoder; only the resulting weights are kept). Sources to
leave out: nhs, amazon_in, skytrax, clothing, vader_*, seeds. Same texts, same bytes out.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from complaint_fit import Design, calibrate, read_texts, set_sentiment, vocabulary
from complaint_sources import SOURCES, read_examples
from distill_encoder import CachedEncoder

from cxtext.sentiment.features import CLASSES

BAD_AT = [
    "irony ('thanks for losing my bag, you are the best')",
    "bare nouns that name a topic ('Parking'), which are a complaint only as the answer to 'what could be better?'",
    "a request or a plain question about something that went wrong, which it takes for a complaint more often than not",
    "long stories with a good ending, and praise that lists the troubles which were solved",
    "languages other than English, slang and names it has not met: an unknown word counts for nothing",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, calibrate and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the openly licensed texts")
    parser.add_argument("--out", type=Path, required=True, help="folder that gets complaint.npz and complaint.json")
    parser.add_argument("--cache", type=Path, default=Path(".distill-cache"), help="where encoded words are kept")
    parser.add_argument("--leave-out", action="append", default=[], metavar="SOURCE", help="fit without this source")
    options = parser.parse_args(arguments)

    examples = read_examples(options.data, options.leave_out)
    texts = read_texts(examples)
    words = vocabulary(texts)
    encoder = CachedEncoder(options.cache)

    def encode(names: Sequence[str]) -> np.ndarray:
        vectors = encoder.encode(list(names))
        vectors[: len(CLASSES)] = 0
        return vectors

    design = Design(texts, words, encode)
    print(f"{len(examples)} texts, {len(words)} words, {len(design.pair_keys)} pairs", file=sys.stderr)
    model = set_sentiment(texts, calibrate(design, design.fit(np.ones(len(examples), bool))))
    count = Counter(example.source for example in examples)
    model.card.update(
        {
            "name": "complaint",
            "language": "en",
            "left_out": sorted(options.leave_out),
            "trained_on": [
                {"source": s.name, "family": s.family, "licence": s.licence, "credit": s.credit, "texts": count[s.name]}
                for s in SOURCES
                if count[s.name]
            ]
            + [{"source": "seeds", "licence": "MIT", "credit": "invented for cxtext", "texts": count["seeds"]}],
            "word_vectors_from": "all-MiniLM-L6-v2 (Apache-2.0), used while fitting only",
            "bad_at": BAD_AT,
        }
    )
    options.out.mkdir(parents=True, exist_ok=True)
    model.save(options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
