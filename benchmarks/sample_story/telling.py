"""How customers of the invented Tarnveil put things: texts made of the hand-written sentences in this folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def read_patterns(name: str) -> dict[str, list[str]]:
    """The sentences of a story file, by heading."""
    parts: dict[str, list[str]] = {}
    heading = ""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line and not line.startswith("# "):
            parts.setdefault(heading, []).append(line)
    return parts


class Teller:
    """Writes texts from the hand-written sentences, and sees to it that no long text is told twice by accident."""

    def __init__(self, rng: np.random.RandomState) -> None:
        self.rng = rng
        self.pains = read_patterns("pain_points.txt")
        self.other = read_patterns("other.txt")
        lines = (HERE / "slots.txt").read_text(encoding="utf-8").splitlines()
        self.slots = {
            name: [v.strip() for v in values.split("|")] for name, values in (line.split(":", 1) for line in lines)
        }
        self.decks: dict[str, list[str]] = {}
        self.told: set[str] = set()

    def chance(self, p: float) -> bool:
        return bool(self.rng.random_sample() < p)

    def pick(self, options: list[str]) -> str:
        return options[int(self.rng.randint(len(options)))]

    def line(self, heading: str) -> str:
        """The next sentence of a heading: each is used once before any is used again."""
        if not self.decks.get(heading):
            deck = self.pains.get(heading) or self.other[heading]
            self.decks[heading] = [deck[i] for i in self.rng.permutation(len(deck))]
        return self.fill(self.decks[heading].pop())

    def fill(self, pattern: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: self.entry(match[1]), pattern)

    def entry(self, slot: str) -> str:
        return str(int(self.rng.randint(10_000, 99_999))) if slot == "entry" else self.pick(self.slots[slot])

    def once(self, write: Callable[[], list[str]], rough: float = 1.0) -> str:
        for _ in range(12):
            parts = write()
            text = " ".join(parts)
            folded = re.sub(r"[^a-z ]", "", re.sub(r"\S*\d\S*", "", text.lower()))
            if len(folded.split()) < 6 or folded not in self.told:
                break
        self.told.add(folded)
        return self.roughen(text, rough)

    def sentences(self, name: str, share_of_two: float) -> list[str]:
        count = 1 + self.chance(share_of_two)
        out = [self.line(name) for _ in range(count)]
        if self.chance(0.22):
            out[0] = f"{self.line('lead_in')} {lower_first(out[0])}"
        return out

    def opinion(self, mentions: tuple[str, ...], level: float, wordy: float) -> str:
        """A review or comment; ``level`` 0..1 is the score on its scale, ``wordy`` how much people write here."""

        def write() -> list[str]:
            if not mentions and self.chance(0.22):
                return [self.line("short_praise" if level > 0.6 else "short_vague" if level < 0.4 else "middling")]
            if self.chance(0.012):
                return [self.line("off_topic")]
            long = self.chance(0.07 * wordy)
            pains = [part for name in mentions for part in self.sentences(name, 0.95 if long else 0.32 * wordy)]
            praise = level > 0.6 and (not mentions or self.chance(0.6))
            before = [self.line("praise") for _ in range(1 + self.chance(0.4 * wordy) + 2 * long)] if praise else []
            if not mentions and not praise:
                before = [self.line("vague" if level < 0.4 else "middling") for _ in range(1 + self.chance(0.5))]
            if before and pains and self.chance(0.35):
                pains[0] = f"{before.pop().rstrip('.!')}, but {lower_first(pains[0])}"
            fillers = [
                self.line("filler") for _ in range(self.chance(0.35 * wordy) + self.chance(0.12 * wordy) + 3 * long)
            ]
            middle = fillers + pains if self.chance(0.5) else pains + fillers
            after = []
            if mentions and self.chance(0.35):
                after = [self.line("more_praise" if level > 0.6 else "more_anger")]
            elif level < 0.3 and self.chance(0.3):
                after = [self.line("vague")]
            return [*before, *middle, *after]

        return self.once(write)

    def ticket(self, mentions: tuple[str, ...]) -> str:
        def write() -> list[str]:
            hello = (
                [self.pick(["Hello,", "Hi,", "Hi there,", "Good morning,", "Dear support,", "Hey"])]
                if self.chance(0.55)
                else []
            )
            pains = [part for name in mentions for part in self.sentences(name, 0.5)] or [self.line("question")]
            fillers = [self.line("filler") for _ in range(self.chance(0.45) + self.chance(0.2))]
            after = [self.line("more_anger")] if mentions and self.chance(0.3) else []
            private = [self.line("personal")] if self.chance(0.06) else []
            bye = [self.pick(["Thanks", "Thank you.", "Regards", "Please help.", "Cheers"])] if self.chance(0.4) else []
            return [*hello, *(fillers + pains if self.chance(0.4) else pains + fillers), *after, *private, *bye]

        return self.once(write, 0.7)

    def note(self) -> str:
        return self.once(lambda: [self.line("staff") for _ in range(1 + self.chance(0.6))], 0.3)

    def foreign(self, language: str, level: float) -> str:
        lines = self.other[{"de": "german", "fr": "french", "es": "spanish"}[language]]
        fitting = [line.removeprefix("+ ") for line in lines if line.startswith("+ ") == (level > 0.6)]
        return " ".join(fitting[i] for i in self.rng.permutation(len(fitting))[: 1 + self.chance(0.4)])

    def roughen(self, text: str, rough: float) -> str:
        """Typing as it is: slips, no capitals, no full stops, now and then a shout or leftover markup."""
        if self.chance(0.16 * rough):
            text = self.slip(text)
        if self.chance(0.13 * rough):
            text = text.lower()
        elif self.chance(0.02 * rough):
            text = text.upper()
        if self.chance(0.1 * rough):
            text = text.rstrip(".")
        if self.chance(0.08 * rough):
            text = text.replace(". ", ", ")
        if self.chance(0.012 * rough):
            text = text.replace("'", "&#39;").replace(". ", ".<br/>", 1)
        return text

    def slip(self, text: str) -> str:
        words = text.split(" ")
        for _ in range(1 + self.chance(0.4)):
            place = int(self.rng.randint(len(words)))
            word = words[place]
            if not word.isalpha() or len(word) < 4:
                continue
            at = int(self.rng.randint(1, len(word) - 2))
            kind = int(self.rng.randint(3))
            words[place] = (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :] if kind == 0
                else word[:at] + word[at + 1 :] if kind == 1
                else word[:at] + word[at] + word[at:]
            )  # fmt: skip
        return " ".join(words)


def lower_first(text: str) -> str:
    return text if text.startswith(("I ", "I'", "IP", "DNS", "VPN")) else text[0].lower() + text[1:]
