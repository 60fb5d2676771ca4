"""Invented sentences of each kind: those written one by one in kinds_seeds.txt, and more put together from its parts.

The same nouns and verbs stand in sentences of every kind, so that a model learns how something is said, not what about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

KIND_OF = {
    "complaint": ("complaint", 1),
    "bare": ("complaint", 0),
    "suggestion": ("suggestion", 1),
    "praise": ("praise", 1),
    "vague": ("praise", 0),
    "context": ("neutral", 0),
    "courtesy": ("neutral", 0),
    "question": ("neutral", 1),
    "advice": ("neutral", None),
    "neutral": ("neutral", None),
}
"""What each list says: its kind, and whether it names anything concrete (None: it says nothing about that)."""


@dataclass(frozen=True)
class Seed:
    """A sentence, its kind, whether it is concrete, and whether it was written one by one."""

    text: str
    kind: str
    concrete: int | None
    written: bool


def _lists() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            items = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            items.append(line)
    return found


_LIST = _lists()
_SLOT = {name.removeprefix("slot_"): items for name, items in _LIST.items() if name.startswith("slot_")}

_ASK = (
    "please {}",
    "could you please {}",
    "can you {}",
    "could you {}",
    "you should {}",
    "they should {}",
    "you could {}",
    "you need to {}",
    "they need to {}",
    "i suggest that you {}",
    "i suggest you {}",
    "i wish you would {}",
    "i wish they would {}",
    "wish you would {}",
    "it would be nice if you could {}",
    "it would be great if they would {}",
    "it would be good if you could {}",
    "it would be better if you would {}",
    "would be great if you could {}",
    "it would help to {}",
    "it might help to {}",
    "it would be a good idea to {}",
    "why not {}",
    "why don't you {}",
    "maybe {}",
    "maybe you could {}",
    "perhaps {}",
    "perhaps they could {}",
    "i would like you to {}",
    "i would like to see you {}",
    "we would like you to {}",
    "i'd love it if you would {}",
    "you really ought to {}",
    "you might want to {}",
    "{}",
    "{} please",
    "just {}",
    "kindly {}",
    "also {}",
    "so please {}",
    "my suggestion is to {}",
    "i hope you {}",
    "hopefully they will {}",
    "the company should {}",
    "the hotel could {}",
    "the bank should {}",
    "the team should {}",
    "good so far, but please {}",
    "all in all fine, though you should {}",
    "it is time to {}",
    "someone should {}",
    "i vote for this, please {}",
    "if you could {} that would be great",
    "i would recommend that you {}",
    "one improvement would be to {}",
    "to improve, {}",
)
_WANT = (
    "there should be {}",
    "there needs to be {}",
    "there could be {}",
    "it would be nice to have {}",
    "it would be great to have {}",
    "it would be useful if there was {}",
    "would be nice to have {}",
    "would be great to see {}",
    "i would like {}",
    "i would like to see {}",
    "i'd like to see {}",
    "i would love to have {}",
    "would love to see {}",
    "would love {}",
    "we need {}",
    "needs {}",
    "it needs {}",
    "it could do with {}",
    "could use {}",
    "i wish there was {}",
    "i wish it had {}",
    "wish there was {}",
    "wish it came with {}",
    "if only there was {}",
    "please add {}",
    "please give us {}",
    "{} would be nice",
    "{} would be great",
    "{} would be useful",
    "{} would help",
    "{} would make a difference",
    "{} would have been nice",
    "{} would be appreciated",
    "{} please",
    "how about {}",
    "what about {}",
    "any chance of {}",
    "all it needs is {}",
    "the only thing i would add is {}",
    "my only suggestion is {}",
    "i suggest {}",
    "suggestion: {}",
    "it would be perfect with {}",
    "it would be better with {}",
    "can we have {}",
    "could we get {}",
    "you should have {}",
    "they should have {}",
    "should come with {}",
    "you need {}",
    "i would appreciate {}",
    "people need {}",
    "customers would like {}",
    "hope to see {} soon",
    "provide {}",
    "have {}",
    "consider {}",
    "i would give five stars for {}",
)
_ABLE = (
    "{who} should be able to {vp}",
    "{who} need to be able to {vp}",
    "{who} need a way to {vp}",
    "{who} should be allowed to {vp}",
    "allow {who} to {vp}",
    "please allow {who} to {vp}",
    "let {who} {vp}",
    "enable {who} to {vp}",
    "give {who} the option to {vp}",
    "make it possible to {vp}",
    "make it easier to {vp}",
    "it should be possible to {vp}",
    "it should be easier to {vp}",
    "i want to be able to {vp}",
    "i would like to be able to {vp}",
    "i wish i could {vp}",
    "wish i could {vp}",
    "i wish it was possible to {vp}",
    "would be nice to be able to {vp}",
    "it would be great if we could {vp}",
    "it would be nice if {who} could {vp}",
    "it would be helpful to be able to {vp}",
    "being able to {vp} would be great",
    "the ability to {vp} would be nice",
    "add the ability to {vp}",
    "add an option to {vp}",
    "an option to {vp} would be useful",
    "need an option to {vp}",
    "there should be a way to {vp}",
    "please provide a way to {vp}",
    "i hope that soon we can {vp}",
    "we need the ability to {vp}",
    "support for this would let {who} {vp}",
)
_ABLE_OTHER = (
    ("i can't {vp}", "complaint", 1),
    ("it won't let me {vp}", "complaint", 1),
    ("unable to {vp}", "complaint", 1),
    ("there is no way to {vp}", "complaint", 1),
    ("i tried to {vp} but nothing happened", "complaint", 1),
    ("it takes an hour to {vp}", "complaint", 1),
    ("it is impossible to {vp}", "complaint", 1),
    ("why can't i {vp}", "complaint", 1),
    ("i had to call three times to {vp}", "complaint", 1),
    ("after the update i could no longer {vp}", "complaint", 1),
    ("you make it far too hard to {vp}", "complaint", 1),
    ("it is easy to {vp}", "praise", 1),
    ("i love that i can {vp}", "praise", 1),
    ("it is great to be able to {vp}", "praise", 1),
    ("you can {vp} in seconds", "praise", 1),
    ("the agent helped me to {vp}", "praise", 1),
    ("so simple to {vp}", "praise", 1),
    ("how do i {vp}", "neutral", 1),
    ("how can i {vp}", "neutral", 1),
    ("can i {vp}", "neutral", 1),
    ("is it possible to {vp}", "neutral", 1),
    ("i would like to {vp}", "neutral", 1),
    ("i want to {vp}", "neutral", 1),
    ("i need to {vp}", "neutral", 1),
    ("i'm calling to {vp}", "neutral", 1),
    ("i usually {vp} on sundays", "neutral", None),
    ("{who} {vp} in the app", "neutral", None),
    ("you can {vp} on the second page", "neutral", None),
    ("i managed to {vp}", "neutral", None),
    ("open the menu to {vp}", "neutral", None),
)
_WANT_OTHER = (
    ("i love {}", "praise", 1),
    ("it is great that there is {}", "praise", 1),
    ("good to have {}", "praise", 1),
    ("thank you for {}", "praise", 1),
    ("they even had {}", "praise", 1),
    ("they didn't give us {} although it was promised", "complaint", 1),
    ("we paid for {} and didn't get it", "complaint", 1),
    ("they charge extra for {}", "complaint", 1),
    ("they took away {} without asking", "complaint", 1),
    ("we asked for {} and nobody cared", "complaint", 1),
    ("do you have {}", "neutral", 1),
    ("is there {}", "neutral", 1),
    ("where can i find {}", "neutral", 1),
    ("there is {} on the second floor", "neutral", None),
    ("we bought {} in march", "neutral", None),
    ("i have {}", "neutral", None),
    ("we had {}", "neutral", None),
    ("i ordered {} on monday", "neutral", 0),
    ("it comes with {}", "neutral", None),
)
_BARE = (
    "worst {} ever",
    "the worst {} i have ever used",
    "worst {} in the world",
    "terrible {}",
    "awful {}",
    "horrible {}",
    "useless {}",
    "pathetic {}",
    "what a terrible {}",
    "what a joke of a {}",
    "i hate this {}",
    "never using this {} again",
    "avoid this {}",
    "stay away from this {}",
    "this {} is a joke",
    "this {} is terrible",
    "this {} is the worst",
    "such a bad {}",
    "disgrace of a {}",
    "do not use this {}",
)
_VAGUE = (
    "best {} ever",
    "the best {} i have ever used",
    "great {}",
    "excellent {}",
    "lovely {}",
    "i love this {}",
    "this {} is great",
    "this {} is the best",
    "highly recommend this {}",
    "would recommend this {}",
    "very good {}",
    "what a great {}",
    "fantastic {}",
)


def _styled(text: str, number: int) -> str:
    """Write it as people do: mostly with a capital, often without a full stop, sometimes with an exclamation mark."""
    for word in ("i", "i'm", "i've", "i'd", "i'll"):
        text = f" {text} ".replace(f" {word} ", f" {word.capitalize()} ").strip()
    style = number % 7
    if style != 3:
        text = text[:1].upper() + text[1:]
    return text + (".", ".", "", "", ".", "!", ".")[style]


def seeds() -> list[Seed]:
    """Every invented sentence, always the same and in the same order."""
    found: dict[str, Seed] = {}
    for name, (kind, concrete) in KIND_OF.items():
        for number, text in enumerate(_LIST[name]):
            asked = name == "question" or (name == "complaint" and text.split()[0] in ("where", "why", "how", "when"))
            for style in (number, number + 3):
                styled = _styled(text, style)
                if asked and number % 3:
                    styled = styled.rstrip(".!") + "?"
                found.setdefault(styled, Seed(styled, kind, concrete, True))
    for number, (text, kind, concrete) in enumerate(_made()):
        styled = _styled(text, number)
        found.setdefault(styled, Seed(styled, kind, concrete, False))
    return list(found.values())


def _made() -> Iterator[tuple[str, str, int | None]]:
    acts = [line.split("|") for line in _SLOT["act"]]
    for number, (frame, (base, _, thing)) in enumerate(product(_ASK, acts)):
        if number % 3 == 0 or frame in ("please {}", "{}"):
            yield frame.format(f"{base} {thing}"), "suggestion", 1
    for number, (_, past, thing) in enumerate(acts):
        yield f"they {past} {thing} last year", "neutral", None
        yield f"i am glad that you {past} {thing}", "praise", 1
        yield f"they promised it but never {past} {thing}", "complaint", 1
        yield (f"we {past} {thing} ourselves", f"last month someone {past} {thing}")[number % 2], "neutral", None
    for number, (frame, thing) in enumerate(product(_WANT, _SLOT["np"])):
        if number % 3 == 0:
            yield frame.format(thing), "suggestion", 1
    for number, ((frame, kind, concrete), thing) in enumerate(product(_WANT_OTHER, _SLOT["np"])):
        if number % 2 == 0:
            yield frame.format(thing), kind, concrete
    for number, (frame, vp) in enumerate(product(_ABLE, _SLOT["vp"])):
        if number % 2 == 0:
            yield frame.format(vp=vp, who=_SLOT["who"][number % len(_SLOT["who"])]), "suggestion", 1
    for number, ((frame, kind, concrete), vp) in enumerate(product(_ABLE_OTHER, _SLOT["vp"])):
        if number % 2 == 0:
            yield frame.format(vp=vp, who=_SLOT["who"][number % len(_SLOT["who"])]), kind, concrete
    for name, kind, concrete in (("bad", "complaint", 1), ("good", "praise", 1), ("plain", "neutral", 0)):
        for number, (thing, end) in enumerate(product(_SLOT["thing"], _SLOT[name])):
            if number % 3 == 0:
                bare = thing.removeprefix("the ")
                yield f"{(thing, 'my ' + bare, thing, bare)[number // 3 % 4]} {end}", kind, concrete
    for frame, trade in product(_BARE, _SLOT["trade"]):
        yield frame.format(trade), "complaint", 0
    for frame, trade in product(_VAGUE, _SLOT["trade"]):
        yield frame.format(trade), "praise", 0
    yield from _context()


def _context() -> Iterator[tuple[str, str, int | None]]:
    cities = _SLOT["city"]
    for number, city in enumerate(cities):
        other, third = cities[(number * 7 + 5) % len(cities)], cities[(number * 11 + 3) % len(cities)]
        yield f"{city} to {other}", "neutral", 0
        yield f"{city} - {third}", "neutral", 0
        yield f"from {other} to {city} in may", "neutral", 0
        yield f"i flew from {city} to {third}", "neutral", 0
        yield f"{city} to {third} via {other}", "neutral", 0
        yield f"we live in {city}", "neutral", 0
    verbs = ("runs", "started", "ends", "was", "is", "began", "is due", "renews", "expires")
    for number, (thing, verb, when) in enumerate(product(_SLOT["my"], verbs, _SLOT["when"])):
        if number % 5 == 0:
            yield f"{('my', 'our', 'the')[number // 5 % 3]} {thing} {verb} {when}", "neutral", 0
    for number, (verb, thing) in enumerate(product(("bought", "ordered", "booked", "got", "tried"), _SLOT["np"])):
        if number % 2:
            yield f"i {verb} {thing} {_SLOT['when'][number % len(_SLOT['when'])]}", "neutral", 0
    for number, (start, end) in enumerate(product(("hello", "hi", "dear", "thanks", "thank you"), _SLOT["trade"])):
        yield f"{start} {end}" + (" team", "")[number % 2], "neutral", 0
    urge = ("please help", "fix this", "sort this out", "please respond", "do something", "answer me", "please fix it")
    threat = ("or i am gone", "or i will leave", "before i cancel", "now", "soon", "asap", "today", "or i will switch")
    for start, end in product(urge, threat):
        if end in ("now", "soon", "asap", "today") and start.startswith("please"):
            yield f"{start} {end}", "neutral", 0
        else:
            yield f"{start} {end}", "complaint", 0
