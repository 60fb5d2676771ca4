"""Time VADER's scores on the token table beside vaderSentiment's own loop, on one core, and check that they agree.

  python benchmarks/bench_vader.py                        texts made up here: reviews of ~90 words, single sentences
  python benchmarks/bench_vader.py FILE.csv [COLUMN]      a column of yours (default: "text"), whole and by sentence

Both sides start from the same list of strings; ours includes making the token table. CPU seconds, best of five for
ours, best of two for vaderSentiment on a sample; ratios above 1 mean that cxtext is faster.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if not any(Path(p).resolve() == ROOT for p in sys.path if p):
    sys.path.insert(0, str(ROOT))

from cxtext.schema import Polarity  # noqa: E402
from cxtext.sentiment.vader import polarity, unit_polarity  # noqa: E402
from cxtext.text.tokens import token_table  # noqa: E402
from cxtext.text.units import split_units, unit_texts  # noqa: E402


def options(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("|")]


SUBJECTS = options(
    """
    The app | My router | Their support team | The new dashboard | This plan | The driver | Our hotel room | The
    invoice
    """
)
VERBS = options(
    """
    is | was never | seems | has become | feels | isn't | was not really | turned out | is always | can be
    """
)
OPINIONS = options(
    """
    great | very slow | extremely helpful | TERRIBLE | a bit confusing | kind of expensive | good value | useless |
    so friendly | hardly reliable | perfect | broken again | a nightmare | lovely | the worst I have used | fine
    """
)
TAILS = options(
    """
    and it took three days to get an answer | but the staff were kind | since the last update | on my phone and on
    the web | when I travel for work | , which is a shame | and I told them so twice | after an hour on hold | for
    the price I paid | although the website says otherwise | and nobody called me back | in the evening hours | at
    the airport
    """
)
ENDS = (".", ".", ".", "!", "!!", "?", "...", ". :)", ". 😡")


def sentence(rng: random.Random) -> str:
    """Make up one plausible sentence, with now and then a rare word (a number, a typo)."""
    words = [rng.choice(SUBJECTS), rng.choice(VERBS), rng.choice(OPINIONS), rng.choice(TAILS)]
    if rng.random() < 0.3:
        words.insert(3, f"ref-{rng.randrange(10**6)}")
    return " ".join(words) + rng.choice(ENDS)


def best(work: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def compare(name: str, texts: Sequence[str], sample: int) -> None:
    """Print one line: words per text, seconds for both per 10,000 texts, the ratio, the texts that differ."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    some = texts[:: max(1, len(texts) // sample)][:sample]
    reference = [analyzer.polarity_scores(t) for t in some]
    theirs = best(lambda: [analyzer.polarity_scores(t) for t in some], 2) / len(some)
    chunks = [texts[i : i + 20_000] for i in range(0, len(texts), 20_000)]

    def ours() -> None:
        for chunk in chunks:
            polarity(token_table(chunk))

    ours()
    mine = best(ours, 5) / len(texts)
    differ = differences(polarity(token_table(some)), reference)
    words = sum(len(t.split()) for t in some) / len(some)
    print(
        f"{name:22s} {len(texts):7d} texts of {words:5.1f} words: vaderSentiment {theirs * 1e4:6.2f} s, "
        f"cxtext {mine * 1e4:6.3f} s per 10,000: {theirs / mine:5.1f}x, {differ} of {len(some)} differ"
    )


def differences(ours: Polarity, reference: Sequence[dict[str, float]]) -> int:
    return sum(
        any(getattr(ours, k)[i] != wanted[k] for k in ("neg", "neu", "pos", "compound"))
        for i, wanted in enumerate(reference)
    )


def units(texts: Sequence[str]) -> list[str]:
    """Cut the texts into sentences, say how long the scores take from there, and hand the sentences back."""
    table = token_table(texts)
    cut = best(lambda: split_units(table), 3)
    found = split_units(table)
    scored = best(lambda: unit_polarity(table, found), 5)
    print(f"{'':22s} {len(found)} sentences in them: cut in {cut:.3f} s, scored in {scored:.3f} s (tokens at hand)")
    sentences: list[str] = unit_texts(table, found).to_pylist()
    return sentences


def main(arguments: Sequence[str]) -> None:
    if arguments:
        import pyarrow.csv

        options = pyarrow.csv.ParseOptions(newlines_in_values=True)
        table = pyarrow.csv.read_csv(arguments[0], parse_options=options)
        column = table[arguments[1] if len(arguments) > 1 else "text"]
        texts = [str(t) for t in column.to_pylist() if t is not None]
    else:
        rng = random.Random(1)
        texts = [" ".join(sentence(rng) for _ in range(8)) for _ in range(20_000)]
    compare("texts", texts, 2_000)
    compare("their sentences", units(texts), 10_000)


if __name__ == "__main__":
    main(sys.argv[1:])
