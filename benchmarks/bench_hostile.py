"""Time the text stages on repetitive texts that tempt patterns into more than linear work.

  python benchmarks/bench_hostile.py                     1,000, 10,000 and 100,000 characters
  python benchmarks/bench_hostile.py --most 1000000      up to a million
  python benchmarks/bench_hostile.py --limit 20          give up on a pattern and stage after 20 s

One text a pattern. CPU milliseconds of: cleaning up, redaction, tokens, language, units, terms. ``growth`` is the time
of the longest text over that of the one a tenth as long: about 10 where work is linear, 100 where it is quadratic,
1,000 where it is cubic. Below a few milliseconds it says nothing.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if not any(Path(p).resolve() == ROOT for p in sys.path if p):
    sys.path.insert(0, str(ROOT))

import pyarrow as pa  # noqa: E402

from cxtext.cluster.terms import word_stream  # noqa: E402
from cxtext.prepare.language import languages  # noqa: E402
from cxtext.prepare.normalise import normalise  # noqa: E402
from cxtext.prepare.redact import redact  # noqa: E402
from cxtext.text.tokens import token_table  # noqa: E402
from cxtext.text.units import split_units  # noqa: E402

# Each is repeated to the length asked for; "(first, again, last)" repeats only the middle.
PATTERNS: dict[str, str | tuple[str, str, str]] = {
    "single figures": "1 ",
    "figures and dashes": "1-",
    "pairs of figures": "12 34 ",
    "bracketed figures": "(0)",
    "dotted figures": "1.",
    "one long number": "1234567890",
    "long numbers": "123456789012345678901234567890 ",
    "telephones glued": "0123456789-",
    "telephones": "020 7946 0958 ",
    "telephones in brackets": "+1 (212) 555-0143,",
    "french telephones": "06 12 34 56 78 ",
    "cards": "4111 1111 1111 1111 ",
    "cards, one figure off": "4111-1111-1111-1112-",
    "groups of three": "123 ",
    "times and dates": "12:30 01/02/2025 ",
    "ibans": "DE89 3704 0044 0532 0130 00 ",
    "ibans, all but": "DE89 ",
    "iban heads": "GB82WEST",
    "mails": "ann@mail.example.org ",
    "mails glued": "ann@mail.example.org",
    "signs of mails": "@a@a",
    "mail without end": ("x@y.zz ", "a", ""),
    "mail of dots": ("x@y.zz a@", "a.", ""),
    "mail of words": ("x@y.zz ", "a.b-c_d+", ""),
    "spelt mails": "ann (at) mail ",
    "handles": "@ann ",
    "handles glued": "@ann.",
    "web addresses": "http://a.example/b ",
    "web addresses glued": "http://",
    "www": "www.www.",
    "www inside words": "awww.",
    "domains": ("see ", "a.com.", "/x y"),
    "domains with ports": "a.com:1",
    "domains of dashes": ("x://y ", "a-", ".com/x"),
    "slashes": "/",
    "dots": ".",
    "stops after letters": "a.",
    "dashes": "-",
    "exclamation marks": ("a", "!", "a"),
    "brackets": "(",
    "closing brackets": ("a", ")", "a"),
    "quotes": '"',
    "apostrophes": "'",
    "apostrophes in a word": "a'",
    "less-than signs": "<",
    "comments": "<!--",
    "comments that end": "<!-->",
    "tags without end": "<a ",
    "tags in tags": ("", "<a ", ">"),
    "line breaks in tags": "<br\n",
    "entities": "&amp;",
    "entities in entities": ("&", "amp;", ""),
    "figures of entities": ("&#", "9", ";"),
    "ampersands": "&",
    "backslashes": "\\",
    "written line ends": "\\r\\n",
    "line ends": "\n",
    "blanks": ("a", " ", "a"),
    "no-break spaces": ("a", "\xa0", "a"),
    "tabs and figures": "1\t",
    "emoji": "😡",
    "emoji and closers": "😡)",
    "joined emoji": "👩\u200d",
    "combining marks": ("e", "\u0301", ""),
    "unordered combining marks": ("e", "\u0315\u0300", ""),
    "bullets": "•",
    "ellipses": "…",
    "stars and underscores": "*_",
    "cjk": "服务太慢了",
    "arabic": "خدمة",
    "one word": "a",
    "one capital word": "A",
    "words": "the app is slow ",
    "placeholders": "[A_",
    "smileys": ":-)",
    "list numbers": "1. 2) ",
    "figures in words": "four one ",
    "double figures in words": "double ",
}


def hostile(pattern: str | tuple[str, str, str], length: int) -> str:
    """A text of about so many characters."""
    first, again, last = pattern if isinstance(pattern, tuple) else ("", pattern, "")
    return first + again * (length // len(again)) + last


def stages(text: str) -> list[tuple[str, Callable[[], Any]]]:
    """What is timed, in order; each works on what the text is, not on what the stage before made of it."""
    texts = pa.array([text], pa.large_string())
    table = token_table(texts)
    return [
        ("clean", lambda: normalise(texts)),
        ("redact", lambda: redact(texts)),
        ("tokens", lambda: token_table(texts)),
        ("language", lambda: languages(table)),
        ("units", lambda: split_units(table, "clause")),
        ("terms", lambda: word_stream(table, split_units(table, "response"))),
    ]


def measure(pattern: str | tuple[str, str, str], lengths: list[int], limit: float) -> dict[str, list[float]]:
    """CPU milliseconds of each stage at each length; a stage that took long isn't tried at the next length."""
    found: dict[str, list[float]] = {}
    for length in lengths:
        for name, work in stages(hostile(pattern, length)):
            times = found.setdefault(name, [])
            if times and times[-1] * 8 > limit * 1000:
                times.append(float("inf"))
                continue
            start = time.process_time()
            try:
                work()
            except Exception as error:
                print(f"  {name} fails: {type(error).__name__}: {str(error)[:80]}")
            times.append(1000 * (time.process_time() - start))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds that a longer text may be expected to take")
    parser.add_argument("--only", default="", help="patterns whose name holds this")
    options = parser.parse_args()
    lengths = [options.most // 100, options.most // 10, options.most]
    languages(token_table(["bonjour tout le monde, ceci est une phrase"]))  # loads the detector
    head = "".join(f"{f'{n:,}':>12}" for n in lengths)
    print(f"{'pattern':<28}{'worst stage':<12}{head}   growth   all stages")
    worst = 0.0
    for name, pattern in PATTERNS.items():
        if options.only not in name:
            continue
        found = measure(pattern, lengths, options.limit)
        stage = max(found, key=lambda each: found[each][-1])
        times = found[stage]
        shown = "".join(f"{value:12.1f}" if value < float("inf") else f"{'given up':>12}" for value in times)
        growth = times[-1] / max(times[-2], 0.1)
        whole = sum(each[-1] for each in found.values())
        print(f"{name:<28}{stage:<12}{shown}   {growth:6.1f}   {whole:10.1f}", flush=True)
        worst = max(worst, whole)
    print(f"the slowest pattern took {worst:,.0f} ms of CPU for {options.most:,} characters")


if __name__ == "__main__":
    main()
