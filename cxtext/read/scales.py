"""Which columns are scores, and on what scale: told only where header and values leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from cxtext.errors import AmbiguousError, InputError, RequestError
from cxtext.read.headers import DURATIONS, LOSSES, STAR_HEADERS
from cxtext.read.profile import Profile
from cxtext.schema import Choice, Metric
from cxtext.settings import Declared, ScoreDeclaration, score_declaration

NO_SCORE = "none"
MANY = 500  # answers among which a scale's lowest value should turn up
Scores = tuple[list[Metric], list[Choice], list[str]]


def metric_name(column: str) -> str:
    """A metric's name from its column: lower case, words joined by ``_``."""
    return re.sub(r"\W+", "_", column.lower()).strip("_") or "score"


def declared_scores(profiles: Mapping[str, Profile], declared: Declared, source: str) -> Scores:
    """The scores that flags name, among the columns that this file has. A scale left open is read off the values."""
    metrics: list[Metric] = []
    choices: list[Choice] = []
    notes: list[str] = []
    for role, flag, value in _given(declared):
        given = score_declaration(value, flag)
        column = given.column
        if column == NO_SCORE or column not in profiles:
            continue
        seen = profiles[column]
        metric = _with_top(_completed(role, flag, given, seen, source), given, flag, value)
        if any(other.name == metric.name for other in metrics):
            raise InputError(f"{flag} {value!r}: the score {metric.name} is already taken from another column")
        metrics.append(metric)
        choices.append(Choice(role, column, f"declared, {scale_text(metric)}", True))
        if role == "nps" and given.low is None:
            notes += _no_zero(seen)
    return metrics, choices, notes


def _no_zero(seen: Profile) -> list[str]:
    """A doubt to tell: among many answers to a 0-10 question some zero is to be expected."""
    if seen.low != 1 or seen.count < MANY:
        return []
    return [f'no 0 among {seen.count:,} NPS answers: if 1-10 was asked, say --nps "{seen.name}:1-10"']


def _with_top(metric: Metric, given: ScoreDeclaration, flag: str, value: str) -> Metric:
    """The metric with the top box that the user set, which must lie on its scale."""
    if given.top is None:
        return metric
    if metric.kind in ("nps", "rate") or metric.low is None or metric.high is None:
        raise RequestError(f"{flag} {value!r}: a top box needs a scale, such as 0-100, and isn't for NPS or rates")
    worst = metric.low if metric.high_good else metric.high
    if not metric.low <= given.top <= metric.high or given.top == worst:
        raise RequestError(f"{flag} {value!r}: top={given.top:g} isn't on the scale {metric.low:g}-{metric.high:g}")
    return replace(metric, top=given.top)


def _given(declared: Declared) -> Iterable[tuple[str, str, str]]:
    for role in ("nps", "csat", "ces"):
        value = getattr(declared, role)
        if value:
            yield role, f"--{role}", value
    for value in declared.outcomes:
        yield "outcome", "--outcome", value


def declared_score_columns(declared: Declared) -> list[tuple[str, str]]:
    """(flag, column) of every score that flags name."""
    pairs = [(flag, score_declaration(value, flag).column) for _, flag, value in _given(declared)]
    return [(flag, column) for flag, column in pairs if column != NO_SCORE]


def _completed(role: str, flag: str, given: ScoreDeclaration, seen: Profile, source: str) -> Metric:
    """A declared score with its open parts filled in from the values, or AmbiguousError naming what to add."""
    column = given.column
    place = f"{source}, column {column!r}"
    if role == "outcome":
        if given.kind is None or given.high_good is None:
            raise AmbiguousError(f'{place}: say what it is: --outcome "{column}:rate|number:high-good|low-good"')
        if given.kind == "number" and not len(seen.numbers) and seen.count:
            raise InputError(f"{place}: --outcome wants numbers, but it holds {_examples(seen)}")
        name = metric_name(column)
        return Metric(name, column, given.kind, given.high_good, given.low, given.high, given.missing)
    if not len(seen.numbers) and seen.count:
        raise InputError(f"{place}: {flag} wants numbers, but it holds {_examples(seen)}")
    if role == "nps":
        low, high = (0.0, 10.0) if given.low is None else (given.low, given.high)
        if (low, high) not in ((0.0, 10.0), (1.0, 10.0)):
            raise InputError(
                f'{place}: NPS is asked on 0-10; for {low:g}-{high:g} use --csat "{column}:{low:g}-{high:g}"'
            )
        name = "nps" if low == 0 else "nps_like"
        return Metric(name, column, "nps", given.high_good is not False, low, high, given.missing)
    if role == "ces" and (given.low is None or given.high_good is None):
        raise AmbiguousError(
            f"{place}: --ces needs scale and direction, since surveys differ in both: "
            f'--ces "{column}:{_guess(seen)}:high-good" if a high value means easy, low-good if it means effort'
        )
    low_high = (given.low, given.high) if given.low is not None else csat_scale(seen, source)
    kind = "csat" if role == "csat" else "ces"
    return Metric(role, column, kind, given.high_good is not False, *low_high, given.missing)  # type: ignore[arg-type]


def _examples(seen: Profile) -> str:
    return ", ".join(repr(level[:20]) for level in seen.levels[:3]) or "nothing"


def _guess(seen: Profile) -> str:
    return f"1-{5 if not seen.high > 5 else 7 if not seen.high > 7 else 10}"


def scale_text(metric: Metric) -> str:
    """A metric's scale and direction in words."""
    scale = "" if metric.low is None or metric.high is None else f"{metric.low:g}-{metric.high:g}, "
    kind = "a rate, " if metric.kind == "rate" else ""
    missing = f", missing codes {', '.join(f'{code:g}' for code in metric.missing)}" if metric.missing else ""
    top = "" if metric.top is None else f", top box from {metric.top:g}"
    return f"{kind}{scale}{'high' if metric.high_good else 'low'} is good{missing}{top}"


def csat_scale(seen: Profile, source: str, flag: str = "--csat") -> tuple[float, float]:
    """A satisfaction scale where the values settle it: 1-5, 1-7, or 0-10 with zeros; else AmbiguousError."""
    low, high = seen.low, seen.high
    if seen.whole and low >= 1 and high == 5:
        return 1.0, 5.0
    if seen.whole and low >= 1 and high == 7:
        return 1.0, 7.0
    if seen.whole and low == 0 and high == 10:
        return 0.0, 10.0
    raise AmbiguousError(
        f"{source}, column {seen.name!r}: values run from {low:g} to {high:g}, which fits more than one scale; "
        f"{_options(seen, flag)}, or {flag} none to leave it out"
    )


def _options(seen: Profile, flag: str) -> str:
    low, high = seen.low, seen.high
    scales = ["1-5", "0-5"] if low >= 0 and high <= 5 else []
    scales += ["1-7", "1-10"] if 5 < high <= 7 else []
    scales += ["1-10", "0-10"] if 7 < high <= 10 else []
    scales += ["0-100"] if high > 10 else []
    if high < 5:
        scales = ["1-5", "1-7", "1-10"]
    return "say " + " or ".join(f'{flag} "{seen.name}:{scale}"' for scale in dict.fromkeys(scales))


# ------------------------------------------------------------------------------------------- detection


def detected_scores(profiles: Sequence[Profile], declared: Declared, date: Profile | None, source: str) -> Scores:
    """The scores that the headers name and the values confirm.

    A column whose header says that it is a score, but whose scale stays open, raises AmbiguousError with the flag
    that settles it; once the user has declared any score, such columns are only noted.
    """
    metrics: list[Metric] = []
    choices: list[Choice] = []
    notes: list[str] = []
    settled = bool(declared_score_columns(declared))
    named = {column for _, column in declared_score_columns(declared)}
    rest = [seen for seen in profiles if seen.name not in named and seen.count]

    def add(metric: Metric, reason: str) -> None:
        metrics.append(metric)
        choices.append(Choice(metric.name, metric.column, f"{reason}, {scale_text(metric)}", False))
        rest[:] = [seen for seen in rest if seen.name != metric.column]

    def doubt(error: AmbiguousError, seen: Profile) -> None:
        if not settled:
            raise error
        notes.append(f"column {seen.name!r} may be a score, but its scale is open; not used")
        rest[:] = [other for other in rest if other.name != seen.name]

    if declared.nps is None:
        for seen in _one_of([p for p in rest if _says_nps(p)], "nps", source, notes):
            if seen.whole and seen.low >= 0 and seen.high <= 10 and seen.numeric > 0.9:
                add(Metric("nps", seen.name, "nps", True, 0, 10), "the header says NPS and the values lie in 0-10")
                notes += _no_zero(seen)
            elif len(seen.numbers) and seen.numeric > 0.9:
                text = f"{source}, column {seen.name!r}: the header says NPS but values run from {seen.low:g} to "
                text += f"{seen.high:g}; name the column of 0-10 answers with --nps, or --nps none to leave it out"
                doubt(AmbiguousError(text), seen)
    if declared.csat is None:
        for seen in _one_of([p for p in rest if _says_csat(p)], "csat", source, notes):
            try:
                low, high = csat_scale(seen, source)
                add(
                    Metric("csat", seen.name, "csat", True, low, high), f"the header says satisfaction, {_values(seen)}"
                )
            except AmbiguousError as error:
                doubt(error, seen)
    if declared.ces is None:
        for seen in [p for p in rest if _says_ces(p)][:1]:
            text = (
                f"{source}, column {seen.name!r}: looks like a customer effort score, whose direction can't be told; "
            )
            text += f'say --ces "{seen.name}:{_guess(seen)}:high-good" if a high value means easy, '
            text += f'--ces "{seen.name}:{_guess(seen)}:low-good" if it means effort, or --ces none to leave it out'
            doubt(AmbiguousError(text), seen)
    if not (declared.csat == NO_SCORE and not settled):
        for seen in _headline_first([p for p in rest if frozenset(p.words) in STAR_HEADERS and p.numeric > 0.8])[:1]:
            if seen.low >= 1 and seen.high == 5 and (seen.numbers * 2 == np.round(seen.numbers * 2)).all():
                add(Metric("stars", seen.name, "number", True, 1, 5), f"the header says rating, {_values(seen)}")
            else:
                doubt(_open_rating(seen, date, source), seen)
    for seen in list(rest):
        _plain_outcome(seen, add)
    unused = [
        p.name for p in rest if p.whole and p.numeric > 0.9 and 2 <= p.distinct <= 11 and p.low >= -1 and p.high <= 10
    ]
    if unused:
        more = f" and {len(unused) - 6} more" if len(unused) > 6 else ""
        notes.append(f"not used, could be scores: {', '.join(unused[:6])}{more} (declare with --outcome)")
    return metrics, choices, notes


def _values(seen: Profile) -> str:
    return f"values {seen.low:g} to {seen.high:g}"


def _one_of(candidates: list[Profile], role: str, source: str, notes: list[str]) -> list[Profile]:
    """The column that names the role most plainly; AmbiguousError if two do so equally."""
    if len(candidates) < 2:
        return candidates
    plain = [seen for seen in candidates if role in seen.words]
    best = plain or candidates
    shortest = min(len(seen.words) for seen in best)
    best = [seen for seen in best if len(seen.words) == shortest]
    if len(best) > 1:
        names = " or ".join(f'--{role} "{seen.name}"' for seen in best[:3])
        raise AmbiguousError(f"{source}: several columns could be the {role.upper()} score; say {names}")
    return best


def _headline_first(candidates: list[Profile]) -> list[Profile]:
    return sorted(
        candidates, key=lambda seen: ("rating" not in seen.words and "stars" not in seen.words, len(seen.words))
    )


def _says_nps(seen: Profile) -> bool:
    words = set(seen.words)
    likely = words & {"likely", "likelihood", "probability"} and words & {"recommend", "recommendation", "recommending"}
    return seen.numeric > 0.5 and bool("nps" in words or {"net", "promoter"} <= words or likely or words == {"ltr"})


def _says_csat(seen: Profile) -> bool:
    words = set(seen.words)
    return (
        seen.numeric > 0.5 and not seen.yes_no and bool(words & {"csat", "satisfaction", "satisfied", "zufriedenheit"})
    )


def _says_ces(seen: Profile) -> bool:
    words = set(seen.words)
    return seen.numeric > 0.5 and bool(
        "ces" in words or words >= {"effort"} or {"easy", "handle"} <= words or words == {"ease"}
    )


def _open_rating(seen: Profile, date: Profile | None, source: str) -> AmbiguousError:
    """A rating whose scale stays open: the message says why and what to type."""
    text = (
        f"{source}, column {seen.name!r}: a rating with values from {seen.low:g} to {seen.high:g}, so its scale is open"
    )
    change = _scale_change(seen, date)
    if change:
        text += f" ({change})"
    tops = ["5"] if seen.high <= 5 else ["10"] if seen.high <= 10 else ["100"]
    lows = ["0", "1"] if seen.low < 1 else ["1"]
    flags = [f'--outcome "{seen.name}:number:high-good:{low}-{top}"' for top in tops for low in lows]
    if seen.high <= 10 and seen.high > 5 and seen.low >= 0:
        flags.append(f'--nps "{seen.name}:{"0" if seen.low < 1 else "1"}-10"')
    return AmbiguousError(f"{text}; say {' or '.join(flags)}, or --csat none to leave it out")


def _scale_change(seen: Profile, date: Profile | None) -> str:
    """A clause that says from when on the maximum is another, or nothing."""
    if date is None or date.dates is None:
        return ""
    years = date.dates.values.astype("datetime64[Y]").astype(np.int64) + 1970
    known = ~np.isnan(seen.values) & ~np.isnat(date.dates.values)
    tops: dict[int, int] = {}
    for year in np.unique(years[known]):
        values = seen.values[known & (years == year)]
        if len(values) >= 20:  # a few stray values don't make a scale
            tops[int(year)] = 5 if np.mean(values > 5) < 0.02 else 10
    if len(set(tops.values())) < 2:
        return ""
    small, large = ([year for year, top in tops.items() if top == each] for each in (5, 10))
    return f"values stay within 5 in {_span(small)}, and reach {seen.high:g} in {_span(large)}: the scale changed"


def _span(years: list[int]) -> str:
    return f"{years[0]}" if len(years) == 1 else f"{years[0]}-{years[-1]}"


def _plain_outcome(seen: Profile, add: object) -> None:
    words = set(seen.words) - {"is", "was", "has", "ind", "flag", "customer", "ticket", "would", "case"}
    assert callable(add)
    if seen.yes_no and words and words <= LOSSES:
        add(
            Metric(metric_name(seen.name), seen.name, "rate", False, 0, 1),
            "the header names a loss and the values are yes/no",
        )
    elif seen.yes_no and words <= {"recommended", "recommend", "recommends"} and words:
        add(
            Metric(metric_name(seen.name), seen.name, "rate", True, 0, 1),
            "the header says recommended and the values are yes/no",
        )
    elif seen.numeric > 0.9 and words & {"resolution", "resolve"} and words & DURATIONS and seen.low >= 0:
        add(Metric(metric_name(seen.name), seen.name, "number", False), "the header says time to resolution")
