"""Lists words worth a vector that the fitted texts may lack: customers' everyday words in their forms, and VADER's."""

from __future__ import annotations

import importlib.util
import random
import re
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_VOWELS = "aeiou"
# Endings that take no plural.
_NO_PLURAL = re.compile(r"(s|ing|ed|ly|ness|able|ible|ful|less|ous|ive|al|ic|ity|ism|ish|[^a-z])$")


# How customers put things; {a} and {b} are things of one subject, {v} a verb, {d} its past form.
_PATTERNS = (
    "how do I {v} my {a}?",
    "I want to {v} the {a}",
    "my {a} was {d}",
    "they {d} the {a} without telling me",
    "why was my {a} {d}?",
    "there is a problem with the {a} and the {b}",
    "the {a} is not working",
    "I am still waiting for the {a}",
    "where can I find the {a}?",
    "no {a} and no {b}",
    "can I use the {a} with my {b}?",
    "the {a} was terrible but the {b} was fine",
    "what is the {a} for the {b}?",
    "I did not get a {a}",
    "{a} {b}",
    "I was charged for a {a}",
)


def _subjects() -> dict[str, list[str]]:
    """Read everyday_words.txt: the words under each heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in (_HERE / "everyday_words.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("#"):
            heading = line[1:].strip()
        else:
            found.setdefault(heading, []).extend(line.split())
    return found


def everyday_words() -> list[str]:
    """List the everyday words with plurals, and the -s, -ed and -ing forms of the verbs; sorted, each once."""
    found: set[str] = set()
    for heading, listed in _subjects().items():
        for word in listed:
            found.update([word, *(verb_forms(word) if heading == "verbs" else plural(word))])
    return sorted(found)


def everyday_sentences(how_many: int) -> list[str]:
    """Put everyday words of one subject together as customers would; invented, and the same on every run."""
    subjects = _subjects()
    verbs = sorted(subjects.pop("verbs"))
    topics = {heading: sorted(set(listed)) for heading, listed in subjects.items() if len(listed) >= 30}
    draws = random.Random(0)
    total: list[str] = [heading for heading, listed in topics.items() for _ in listed]  # larger subjects more often
    found: dict[str, None] = {}
    while len(found) < how_many:
        one, other = draws.sample(topics[draws.choice(total)], 2)
        verb = draws.choice(verbs)
        pattern = draws.choice(_PATTERNS)
        found[pattern.format(a=one, b=other, v=verb, d=verb_forms(verb)[1])] = None
    return list(found)


def plural(word: str) -> list[str]:
    """Form the plural of a word by the spelling rules of English; none for short or already ending words."""
    return [] if len(word) < 4 or _NO_PLURAL.search(word) else [_with_s(word)]


def verb_forms(word: str) -> list[str]:
    """Form the -s, -ed and -ing forms of a verb by the spelling rules of English."""
    if word.endswith("e"):
        return [word + "s", word + "d", word[:-1] + "ing"]
    if word.endswith("y") and word[-2] not in _VOWELS:
        return [_with_s(word), word[:-1] + "ied", word + "ing"]
    # "ship" doubles its last letter, "cheat" and "order" do not; words of two syllables seldom do.
    short_vowel = word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS
    stem = word + word[-1] if short_vowel and len(re.findall(r"[aeiouy]+", word)) == 1 else word
    return [_with_s(word), stem + "ed", stem + "ing"]


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def lexicon_words() -> list[str]:
    """Read the words of the VADER lexicon (MIT), which lists most words of praise and blame with their inflections."""
    spec = importlib.util.find_spec("vaderSentiment")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("vaderSentiment is not installed: pip install 'cxtext[distill]'")
    path = Path(next(iter(spec.submodule_search_locations))) / "vader_lexicon.txt"
    return sorted({line.split("\t")[0].lower() for line in path.read_text(encoding="utf-8").split("\n")} - {""})
