"""Times `cxtext score` as a whole process against a loop over vaderSentiment.

    python benchmarks/bench_score.py [--rows 1000000] [--sample 20000] [--jobs 1] [--own FILE.csv:COLUMN]...

The sentences are made here from templates; none is anybody's. With `--own` they are those of your own files, shuffled
and repeated until there are enough. `cxtext score` is timed from its start to its end: reading the CSV, every column it
gives (VADER, sentiment, complaint, cues), writing.
Its modules are compiled beforehand, as an installer does. The loop is timed on a sample, with nothing read or written,
and scaled up. Both in CPU seconds, so that a busy machine counts against neither; the clock is told as well, where a
second core helps, as rows are written while the next are scored.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_WHO = "The driver|My adviser|The nurse at the desk|Your app|The new website|The night crew|Their support line"
_DID = (
    "was not very helpful about|kept me waiting an hour for|sorted out|never answered my mail about|explained"
    "|charged me twice for|was kind and patient with|crashed during|made a great job of|could be clearer on"
)
_WHAT = (
    "the refund|my booking in May|the second delivery|a change of address|the broken hinge|our appointment"
    "|the payment page|my mother's medication|the size chart|the loyalty points|the window seat|the late train"
)
_END = (
    ".|!|, thank you so much.|, which is really disappointing.| and nobody could tell me why.| :)|, AGAIN!!"
    "| but it works now.|, no complaints.| and I want my money back."
)
_WHEN = (
    "on Monday|last week|again|twice|in the evening|at the weekend|before the holidays|this morning|for once|as usual"
)
_REFERENCE = 20  # one sentence in so many names a reference number that no other names


def sentences(rows: int, seed: int = 0) -> list[str]:
    """Make that many sentences of about 12 words; some are alike, as in real feedback, and some hold a new token."""
    rng = np.random.default_rng(seed)
    lists = [part.split("|") for part in (_WHO, _DID, _WHAT, _WHEN, _END)]
    picks = [rng.integers(0, len(words), rows).tolist() for words in lists]
    found = []
    for number, chosen in enumerate(zip(*picks, strict=True)):
        who, did, what, when, end = (words[i] for words, i in zip(lists, chosen, strict=True))
        reference = f" (ref {number})" if number % _REFERENCE == 0 else ""
        found.append(f"{who} {did} {what} {when}{reference}{end}")
    return found


def own_sentences(places: list[str], rows: int, seed: int = 0) -> list[str]:
    """Cut the texts of ``FILE.csv:COLUMN`` into sentences; shuffle and repeat them until there are that many."""
    from cxtext.text.tokens import token_table
    from cxtext.text.units import split_units, unit_texts

    texts = []
    for place in places:
        file, _, column = place.rpartition(":")
        with open(file, encoding="utf-8", newline="") as handle:
            texts += [row[column] for row in csv.DictReader(handle)]
    table = token_table(texts)
    found = np.array(unit_texts(table, split_units(table)).to_pylist(), dtype=object)
    rng = np.random.default_rng(seed)
    rounds = [rng.permutation(len(found)) for _ in range(-(-rows // len(found)))]
    return list(found[np.concatenate(rounds)[:rows]])


def vader_seconds(texts: list[str]) -> float:
    """CPU seconds for vaderSentiment's own loop over the texts."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    start = time.process_time()
    for text in texts:
        analyser.polarity_scores(text)
    return time.process_time() - start


def score_seconds(texts: list[str], jobs: int) -> tuple[float, float]:
    """Seconds by the clock and CPU seconds of the whole process `cxtext score`, from its start to its end."""
    command = Path(sys.executable).with_name("cxtext")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        with source.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow(["text"])
            writer.writerows([text] for text in texts)
        flags = ["--text", "text", "-o", str(target), "--jobs", str(jobs), "--quiet"]
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"), str(jobs))
        surroundings = {**os.environ, **one_thread, "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
        surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
        few = Path(folder, "few.csv")
        with few.open("w", newline="", encoding="utf-8") as handle:
            csv.writer(handle).writerows([["text"], *([text] for text in texts[:100])])
        for each in (few, source):  # the first run compiles
            start, spent = time.perf_counter(), _cpu_of_children()
            subprocess.run([command, "score", each, *flags], check=True, cwd=folder, env=surroundings)
        seconds = time.perf_counter() - start, _cpu_of_children() - spent
        with target.open(encoding="utf-8", newline="") as handle:
            found = csv.reader(handle)
            columns = next(found)
            rows = sum(1 for _ in found)
        if rows != len(texts) or not {"vader_compound", "sentiment", "complaint"} <= set(columns):
            raise SystemExit(f"{rows} rows out for {len(texts)} in, columns {columns}")
    return seconds


def _cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def main() -> None:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=20_000, help="sentences that vaderSentiment is timed on")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--own", action="append", metavar="FILE.csv:COLUMN", help="sentences of your own (repeatable)")
    options = parser.parse_args()
    texts = own_sentences(options.own, options.rows) if options.own else sentences(options.rows)
    sample = texts[: options.sample]
    before = vader_seconds(sample)
    clock, ours = score_seconds(texts, options.jobs)
    loop = (before + vader_seconds(sample)) / 2 * len(texts) / len(sample)  # half before, half after: fair under load
    print(
        f"{len(texts)} sentences: vaderSentiment's loop {loop:.1f} s (scaled up from {2 * len(sample)}), "
        f"cxtext score --jobs {options.jobs} {ours:.1f} s ({clock:.1f} s by the clock), ratio {loop / ours:.1f} "
        f"({loop / clock:.1f} by the clock)"
    )


if __name__ == "__main__":
    main()
