"""Time `cxtext analyze` on generated reviews of several sizes beside the plain stack, as ratios in one run.

    python benchmarks/bench_scale.py [ROWS ...]      (default: 10000 100000 1000000)

The plain stack is what people write by hand: a vaderSentiment loop, TfidfVectorizer(1-2-grams), MiniBatchKMeans; it is
timed on 20,000 rows and scaled up. Peak memory is that of the whole process tree, from the operating system's accounts.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SUBJECTS = [
    "app",
    "parcel",
    "invoice",
    "agent",
    "website",
    "card",
    "router",
    "booking",
    "refund",
    "phone",
    "store",
    "ticket",
    "room",
    "order",
    "driver",
    "chat",
]
FAULTS = [
    "never arrived", "was late again", "kept me waiting for an hour", "crashed twice", "charged me double",
    "didn't answer",
    "was rude to me", "lost my details", "is far too slow", "was cancelled without a word", "works fine now",
    "was a pleasant surprise",
    "made me repeat everything", "is easy to use", "came damaged", "was sorted out quickly",
    "is more expensive than they said",
]  # fmt: skip
FRAMES = [
    "The {s} {f}.", "I have to say that the {s} {f}, and nobody told me why.", "After {n} days the {s} {f}!",
    "My {s} {f} on {d} and I called {n} times.", "Honestly, the {s} {f}, but the {t} was okay.",
    "Why is it that the {s} {f}?",
    "We were told the {s} would be ready; instead it {f}.", "For {n} euros I expected more: the {s} {f}.",
]  # fmt: skip
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def write_reviews(rows: int, file: Path) -> None:
    """Reviews of about 45 words put together from phrases, with an NPS, a CSAT, a date and a channel."""
    draw = np.random.RandomState(1)
    days = np.datetime64("2025-01-01") + draw.randint(0, 365, rows)
    with file.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["id", "customer", "date", "channel", "nps", "csat", "text"])
        for i in range(rows):
            said = " ".join(
                FRAMES[draw.randint(len(FRAMES))].format(
                    s=SUBJECTS[draw.randint(len(SUBJECTS))], t=SUBJECTS[draw.randint(len(SUBJECTS))],
                    f=FAULTS[draw.randint(len(FAULTS))], n=draw.randint(2, 40), d=DAYS[draw.randint(7)],
                )
                for _ in range(4)
            )  # fmt: skip
            out.writerow(
                [
                    i,
                    f"C{i * 7919 % (rows // 2 + 1)}",
                    days[i],
                    ("web", "app", "store")[i % 3],
                    draw.randint(11),
                    draw.randint(1, 6),
                    said,
                ]
            )


def analyze(file: Path, folder: Path) -> tuple[float, float]:
    """Seconds and peak MiB of the largest process of one `cxtext analyze`."""
    command = [
        "cxtext",
        "analyze",
        file,
        "--nps",
        "nps",
        "--csat",
        "csat:1-5",
        "--segment",
        "channel",
        "-o",
        folder / "run",
        "--quiet",
    ]
    start = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True)
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def plain_stack(file: Path, rows: int) -> float:
    """Seconds of the plain stack, scaled up to `rows` from at most 20,000."""
    import pandas as pd
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.feature_extraction.text import TfidfVectorizer
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    texts = pd.read_csv(file, nrows=20_000).text.tolist()
    start = time.perf_counter()
    scorer = SentimentIntensityAnalyzer()
    for text in texts:
        scorer.polarity_scores(text)
    terms = TfidfVectorizer(ngram_range=(1, 2), min_df=2, stop_words="english").fit_transform(texts)
    MiniBatchKMeans(40, n_init=3, random_state=0).fit_predict(terms)
    return (time.perf_counter() - start) * rows / len(texts)


def main(sizes: list[int]) -> None:
    print(f"{'rows':>9} {'seconds':>8} {'rows/s':>8} {'MiB':>6} {'plain stack':>12} {'ratio':>6}")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_reviews(rows, folder / "in.csv")
            seconds, peak = analyze(folder / "in.csv", folder)
            plain = plain_stack(folder / "in.csv", rows)
        print(
            f"{rows:9,} {seconds:8.1f} {rows / seconds:8,.0f} {peak:6.0f} {plain:12.1f} {plain / seconds:6.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or [10_000, 100_000, 1_000_000])
