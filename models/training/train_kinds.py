"""Fits the four kinds on openly licensed and invented sentences and writes their weights with the card.

    python models/training/train_kinds.py --data DIR --out models/cx-en [--measure]

Reads complaint.npz and vectors.npz in --out and writes kinds.npz and kinds.json beside them. Real sentences get their
kind from their source's label together with P(complaint) and the wording; sentences on which these disagree are not
used. With `--measure` the card also says how well it does on each source that the kinds were fitted without, and, where
they lie in DIR/gold, on sets that are measured on only. Same texts, same bytes out.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from complaint_sources import SOURCES, Example, read_source
from kinds_fit import Design, Sentences, read_sentences, word_vectors
from kinds_seeds import seeds
from scipy.stats import rankdata

from cxtext.schema import KIND_NAMES
from cxtext.sentiment.complaint import ComplaintModel
from cxtext.sentiment.kinds import KindModel

STRENGTH = 3.0
SAY = {"written": 4.0, "made": 2.0, "real": 2.0}
"""How much each part counts in all, whatever its size."""
PER_SOURCE = 4_000  # sentences of one kind from one source
MEASURED_ONLY = "suggestions_software.csv"
FAMILIES = ("nhs", "amazon_in", "skytrax", "clothing", "vader_products")
BAD_AT = [
    "irony that no word betrays, and wishes that praise ('I wish I had found you sooner')",
    "bare nouns ('More staff', 'Parking'), which depend on the question that was asked",
    "advice to other customers that is worded like advice to the company ('you should try the terrace')",
    "a request to mend something ('please fix the login') may be called a complaint, a suggestion or courtesy",
    "plain descriptions of how something works in fields it has no words for",
    "languages other than English",
]
NOTES = [
    "AUC: the chance that a suggestion ranks above a sentence that is none.",
    (
        "suggestions_software is licensed for non-commercial use: measured on and never fitted on. About 30 of its "
        "sentences were looked at, and sentences in the style of such files were invented after that; without those "
        "the AUC is .849."
    ),
    "kinds of the real sentences are weak labels: of the source's own label, P(complaint) and the wording together.",
]

_SUGGESTS = re.compile(
    r"\b(?:(?:it |it'?d |that )?would (?:also |really )?be (?:nice|great|good|better|useful|helpful|lovely|ideal|handy)"
    r"|(?:could|should) (?:have|offer|provide|add|include|consider)"
    r"|(?:could|should) be (?:more|better|improved|given|offered|made|able|told)"
    r"|needs? to (?:be|have|offer|provide|improve|employ|make)|i (?:would )?(?:suggest|wish|like to see|love to see)"
    r"|wish (?:it|they|there|you)|please (?:add|make|provide|give|bring|keep|allow|include|offer|put|try)"
    r"|perhaps (?:a|an|more|they|you)|maybe (?:a|an|more|they|you)|there should be|if (?:it|they|you) could"
    r"|would (?:help|prefer)|could do with)\b"
)
_SHORT_WISH = re.compile(
    r"^(?:more|better|improve|improved|quicker|faster|fewer|less|shorter|longer|bigger|earlier|clearer|provide|employ|give"
    r"|make|have|keep|bring|get|put|reduce|increase|try|allow|send)\b"
)
_PAST_WISH = re.compile(r"should have|could have|would have")
_ADVICE = re.compile(
    r"\b(?:siz(?:e|ing) (?:up|down)|order (?:a|one) size|i(?:'d| would)? recommend (?:siz|order|go|try|ask|book)"
    r"|go (?:up|down) a size"
    r"|make sure (?:to|you)|if you (?:are|have|go|want|need|like))\b"
)
_STATE = re.compile(
    r"^(?:i am|i'm|i was|i have|i've|i bought|i ordered|i usually|i normally|i wear|i flew|i travel|i tried|i got|i had"
    r"|we were|we had|we flew|we booked|we arrived|my|our|this was|for reference|flight|flew)\b"
)


def real_sentences(data: Path, base: ComplaintModel, leave_out: Sequence[str]) -> list[tuple[str, str]]:
    """Sentences of the openly licensed sources with the kind that label, P(complaint) and wording agree on."""
    found: list[tuple[str, str]] = []
    for source in SOURCES:
        if source.family in leave_out or source.family not in FAMILIES:
            continue
        examples = [*read_source(data, source)]
        read = read_sentences([e.text for e in examples], base, whole=False)
        taken: Counter[str] = Counter()
        for text, kind in _kinds(read, examples, source.family):
            if taken[kind] < PER_SOURCE:
                taken[kind] += 1
                found.append((text, kind))
    return [*dict.fromkeys(found)]


def _kinds(read: Sentences, examples: list[Example], family: str) -> list[tuple[str, str]]:
    tokens = np.array(read.table.tokens, object)
    found = []
    for u in range(len(read.units)):
        text = " ".join(tokens[read.table.codes[read.units.first[u] : read.units.last[u]]])
        kind = _kind(
            text.lower().replace("’", "'"),
            examples[read.units.response[u]].label,
            float(read.complaint[u]),
            float(read.polarity.compound[u]),
            family,
        )
        if kind and 2 <= len(text.split()) <= 40:
            found.append((text, kind))
    return found


def _kind(text: str, label: float, chance: float, compound: float, family: str) -> str | None:
    if _ADVICE.search(text):
        return "neutral" if chance < 0.3 and abs(compound) < 0.5 else None
    if _SUGGESTS.search(text) and not _PAST_WISH.search(text):
        return "suggestion" if chance > 0.3 and "i wish i had" not in text else None
    if _SHORT_WISH.search(text):
        return "suggestion" if family == "nhs" and chance > 0.5 else None
    if re.search(r"\b(?:should|could|would|wish|need|needs|please|hope)\b", text):
        return None
    if label >= 0.8 and chance > 0.8:
        return "complaint"
    if label <= 0.2 and chance < 0.1 and compound > 0.3:
        return "praise"
    if _STATE.search(text) and abs(compound) < 0.2 and 0.02 < chance < 0.3:
        return "neutral"
    return None


def train(data: Path, folder: Path, leave_out: Sequence[str]) -> KindModel:
    """Fit on the invented sentences and on every source outside the families left out."""
    base = ComplaintModel.load(folder)
    made = seeds()
    real = real_sentences(data, base, leave_out)
    texts = [s.text for s in made] + [text for text, _ in real]
    part = np.array([("made", "written")[s.written] for s in made] + ["real"] * len(real))
    kind = np.array([KIND_NAMES.index(k) for k in [*(s.kind for s in made), *(k for _, k in real)]])  # type: ignore[arg-type]
    design = Design(read_sentences(texts, base, whole=True), base, word_vectors(folder, base))
    target = np.eye(len(KIND_NAMES))[kind]
    weight = _balanced(part, kind)
    kinds = design.fit(target, weight, STRENGTH)
    known = np.array([s.concrete is not None for s in made] + [False] * len(real))
    names = np.array([float(s.concrete or 0) for s in made] + [0.0] * len(real))
    known[len(made) :] = np.isin(
        kind[len(made) :], (0, 1)
    )  # real complaints with P > .8 and suggestions name something
    names[len(made) :] = 1.0
    share = _balanced(part, names.astype(int), known)
    concrete = design.fit(np.column_stack([names, 1 - names]), share, STRENGTH)
    model = design.folded(kinds, concrete, base)
    count = Counter(KIND_NAMES[k] for k in kind[len(made) :])
    about = {
        "name": "kinds",
        "language": "en",
        "left_out": sorted(leave_out),
        "trained_on": [
            {"source": "kinds_seeds", "licence": "MIT", "credit": "invented for cxtext", "texts": len(made)},
            *(
                {"source": s.name, "family": s.family, "licence": s.licence, "credit": s.credit}
                for s in SOURCES
                if s.family in FAMILIES and s.family not in leave_out
            ),
        ],
        "real_sentences": dict(sorted(count.items())),
        "word_vectors_from": "vectors.npz of this folder",
        "bad_at": BAD_AT,
        "notes": NOTES,
    }
    print(f"{len(made)} invented, real {dict(count)}, {len(model.arrays['pair_keys'])} pairs", file=sys.stderr)
    return replace(model, card={**model.card, **about})


def _balanced(part: np.ndarray, kind: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """A weight for each sentence: each part has its say, and each kind the same within it; mean 1."""
    weight = np.zeros(len(part))
    known = np.ones(len(part), bool) if known is None else known
    for name, say in SAY.items():
        for k in np.unique(kind[known & (part == name)]):
            own = known & (part == name) & (kind == k)
            weight[own] = say / own.sum()
    return weight * len(part) / weight.sum()


def measure_suggestions(model: KindModel, file: Path) -> dict[str, Any]:
    """Say how well `suggestion` tells suggestions from the rest of a labelled file."""
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    gold = np.array([row["label"] == "1" for row in rows])
    read = read_sentences([row["text"] for row in rows], model.complaint, whole=False)
    of_units = model.predict_units(read.table, read.units, read.polarity, read.complaint)
    n = len(rows)
    found = model.predict_responses(read.units, n, of_units, np.zeros(n, np.float32))
    flagged = found.suggestion >= 0.5
    right = float((flagged & gold).sum())
    return {
        "source": file.stem,
        "texts": n,
        "suggestions": round(float(gold.mean()), 4),
        "auc": round(_auc(gold, found.suggestion), 4),
        "precision_at_half": round(right / max(float(flagged.sum()), 1), 4),
        "recall_at_half": round(right / float(gold.sum()), 4),
    }


def _auc(gold: np.ndarray, score: np.ndarray) -> float:
    ranks, positive = rankdata(score), gold.sum()
    return float((ranks[gold].sum() - positive * (positive + 1) / 2) / (positive * (len(gold) - positive)))


def measure_left_out(data: Path, folder: Path, family: str) -> dict[str, Any]:
    """Fit without a family; say how often the kinds agree with the weak labels of its sentences."""
    model = train(data, folder, [family])
    others = [f for f in FAMILIES if f != family]
    texts = real_sentences(data, model.complaint, others)
    read = read_sentences([t for t, _ in texts], model.complaint, whole=True)
    found = model.predict_units(read.table, read.units, read.polarity, read.complaint).kind
    gold = np.array([KIND_NAMES.index(k) for _, k in texts])  # type: ignore[arg-type]
    recall = {
        name: round(float((found[gold == i] == i).mean()), 4) for i, name in enumerate(KIND_NAMES) if (gold == i).any()
    }
    return {"family": family, "sentences": len(texts), "right_by_kind": recall}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, measure if asked, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the openly licensed texts")
    parser.add_argument("--out", type=Path, required=True, help="folder that gets kinds.npz and kinds.json")
    parser.add_argument("--measure", action="store_true", help="fit without each source in turn and measure on it")
    options = parser.parse_args(arguments)
    model = train(options.data, options.out, [])
    card = dict(model.card)
    if options.measure:
        file = options.data / "gold" / MEASURED_ONLY
        measured: dict[str, Any] = {"never_fitted_on": [measure_suggestions(model, file)] if file.exists() else []}
        measured["source_left_out"] = [measure_left_out(options.data, options.out, family) for family in FAMILIES]
        card["measured"] = measured
    replace(model, card=card).save(options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
