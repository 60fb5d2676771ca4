"""How each figure is computed, in plain words: the method section of the page, to which every figure leads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cxtext.report.facts import mapping
from cxtext.report.figures import estimate, missing, rulers
from cxtext.schema import PainPointReport


@dataclass(frozen=True, slots=True)
class Formula:
    """One entry of the method section: ``key`` is its anchor, ``way`` says which direction is good."""

    key: str
    name: str
    formula: str
    way: str
    caveat: str = ""


FORMULAS = (
    Formula(
        "share",
        "Share (prevalence)",
        "responses that mention it / all responses used. Interval: Wilson.",
        "0 to 100 %; for a pain point, lower is better.",
        "Counts people who wrote about it, not people who have it. Near-duplicates count once.",
    ),
    Formula(
        "sentiment",
        "Sentiment",
        "mean over the mentions of how the sentence reads.",
        "−1 (bad) to 1 (good).",
        "A word list misreads irony and polite complaints; where scores are there, it was learned from them "
        "if that was closer to the scores.",
    ),
    Formula(
        "nps",
        "NPS",
        "100 × (share of 9 and 10 − share of 0 to 6). Interval: adjusted Wald, centred on the adjusted NPS.",
        "−100 to 100; higher is better.",
        "Suppressed below 10 answers, marked “low confidence” below 100.",
    ),
    Formula(
        "csat",
        "CSAT, CES and other means",
        "mean of the answers on their own scale. Interval: Student t. {top_box} Interval of a top box: Wilson.",
        "As declared for each question.",
        "A mean and a top-box share can put two groups in opposite order.",
    ),
    Formula(
        "gap",
        "Gap",
        "score of those who mention it − score of those who don't.",
        "Sign is that of the score.",
        "Says how unhappy they are, not how many they are; the groups differ in other ways too.",
    ),
    Formula(
        "impact",
        "Impact (adjusted)",
        "share of mentioners × regression coefficient, with all other pain points, segment, channel, length "
        "of the text and period held equal. Standard errors are clustered by customer where customers repeat.",
        "Points of the score; below zero goes with a worse score where higher is better.",
        "Associated with, never proof of a cause: what was not asked can't be held equal. Needs 20 mentioners "
        "with a score.",
    ),
    Formula(
        "leave-out",
        "Impact (unadjusted, leave-out)",
        "score − score without the mentioners = share × gap.",
        "Points of the score.",
        "Counts complaints that come together more than once, so it is usually larger than the adjusted "
        "figure and the figures don't add up. Shown where the adjusted one can't be given.",
    ),
    Formula(
        "q",
        "q-value",
        "false-discovery rate (Benjamini-Hochberg) over all pain points tested, not only those shown.",
        "0 to 1; smaller is surer. Below 0.05 the dot is coloured.",
    ),
    Formula(
        "movement",
        "Movement",
        "change of a score between two periods split into mix (more or fewer mentions) and rate (better or "
        "worse scores of those who mention it), with a row for responses without a pain point.",
        "The rows add up to the change exactly.",
        "A description of the change, not its explanation.",
    ),
    Formula(
        "trend",
        "Trend",
        "quasi-Poisson rate of mentions per response and period, Benjamini-Hochberg over all pain points. “More "
        "since” is where a cumulative sum begins its last climb: it dates a rise and doesn't test it.",
        "For a pain point, falling is good.",
        "With less than two years of data there is no seasonal adjustment. A last period that isn't over is hollow.",
    ),
    Formula(
        "quadrant",
        "Reach and harm",
        "frequent: mentioned at least as often as the median pain point. Harmful: adjusted impact with q < 0.05, and "
        "at least a fifth of a standard deviation per mention. A dashed line is drawn where it parts the groups.",
        "Start at the upper right; look twice at the upper left.",
        "“Hidden under a good average”: harmful, while the overall score looks fine.",
    ),
    Formula(
        "cells",
        "Channels and segments",
        "share of mentions at each level; adjusted residual (O − E) / √(E(1 − r)(1 − c)), marked above 3; "
        "bias-corrected Cramér's V.",
        "Residual above zero: more than elsewhere.",
        "Cells below the minimum size are left out, and so are those from which they could be worked out.",
    ),
    Formula(
        "groups",
        "Two groups compared",
        "share of each group that mentions it, Wilson; difference by Newcombe's hybrid.",
        "Lower is better on both sides.",
    ),
    Formula(
        "mismatch",
        "Where text and score disagree",
        "hidden complaint: a top answer and a sentence at or below −0.3 that belongs to a pain point. Check "
        "sentiment: a bottom answer with a text that reads well.",
        "Read the sentences: these lists are for people.",
        "Most of “check sentiment” is the word list's error, not the customer's.",
    ),
    Formula(
        "weight",
        "Relative weight",
        "share of the explained variance that goes with a pain point. {weights}",
        "0 to 1; larger matters more for differences between people; no sign.",
        "Depends on how frequent the pain point is.",
    ),
    Formula(
        "cluster",
        "How pain points are found",
        "complaint sentences with similar words are grouped; the number of groups is the smallest that "
        "different views of the words and half samples agree on; a sentence too far from every group stays "
        "unclustered. Stability: bootstrap Jaccard, beside what shuffled words reach.",
        "Cohesion, separation and stability: higher is better.",
        "“Loose” groups hold more than one complaint; “boilerplate” ones hold set phrases. Names and "
        "addresses are not recognised by the redaction.",
    ),
)


_WAYS = {
    "LMG": "averaged over all orders in which pain points enter the model (Lindeman, Merenda, Gold)",
    "Johnson": "Johnson's closed form",
}


def formulas(report: PainPointReport) -> tuple[Formula, ...]:
    """The entries of the method section, in the words of this report: which formula was used for which score, and
    from which answer on a top box counts."""
    known = {"top_box": _top_boxes(report), "weights": _weights(report)}
    return tuple(replace(f, formula=_filled(f.formula, known)) for f in FORMULAS)


def _filled(text: str, known: dict[str, str]) -> str:
    for name, words in known.items():
        text = text.replace(f"{{{name}}}", words)
    return " ".join(text.split())


def _top_boxes(report: PainPointReport) -> str:
    """Which answers are the top box of each score, as linking counted them."""
    details, told = mapping(report.facts.get("score_details")), []
    for name, ruler in rulers(report.metrics).items():
        one = mapping(details.get(name))
        start, low, high = (one.get(key) for key in ("top_box_from", "low", "high"))
        if missing(start) or estimate(one.get("top_box")) is None:
            continue
        best = high if ruler.high_good else low
        alone = not missing(best) and best == start
        told.append(f"{ruler.name} {start:g}" + ("" if alone else " or more" if ruler.high_good else " or less"))
    return f"Top box: share of the best answers ({'; '.join(told)})." if told else "No top box was counted."


def _weights(report: PainPointReport) -> str:
    """The way each score's weights were computed, by the name that linking put beside the figures."""
    names = rulers(report.metrics)
    by_way: dict[str, list[str]] = {}
    for name, told in mapping(report.facts.get("relative_weights")).items():
        first = estimate(next(iter(mapping(mapping(told).get("weights")).values()), None))
        way = first.method.split(",")[0] if first is not None else ""
        if way:
            by_way.setdefault(_WAYS.get(way, way), []).append(names[name].name if name in names else name)
    if not by_way:
        return "None was computed for this report."
    return "Here: " + "; ".join(f"{way} for {', '.join(scores)}" for way, scores in by_way.items()) + "."
