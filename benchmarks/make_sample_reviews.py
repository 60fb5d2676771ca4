"""Make sample_reviews/ and its answer key: a year in the life of Tarnveil, a VPN provider that doesn't exist.

``python benchmarks/make_sample_reviews.py [FOLDER KEY_FOLDER]`` writes the three files of sample_reviews/, and into
tests/data sample_truth.csv (which row mentions what) and sample_planted.json (how much harm was planted). The
sentences were written by hand (sample_story/); chance, with a fixed seed, decides who says what. A score is drawn
from a customer's general contentment, the plan or channel, the planted effect of every pain point mentioned, and
noise; then it is rounded and clipped to its scale. "Harm" is what the rows that mention a pain point lost by it:
their scores as drawn, less the scores that the same draws give without it.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sample_story.telling import Teller

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SEED = 20250137
START, DAYS = date(2025, 1, 1), 365
FILES = ("app_reviews", "support_tickets", "nps_survey")


@dataclass(frozen=True)
class Planted:
    """How often each file mentions a pain point, and what a mention does to each score before rounding."""

    reach: dict[str, float]
    effect: dict[str, float]
    timing: str = "all year"


def planted(
    app: float, tickets: float, nps: float, *, rating: float, csat: float, points: float, timing: str = ""
) -> Planted:
    reach = dict(zip(FILES, (app, tickets, nps), strict=True))
    return Planted(reach, {"rating": rating, "csat": csat, "nps": points}, timing or "all year")


STORY = {
    "slow_evening": planted(
        0.10, 0.05, 0.11, rating=-0.9, csat=-0.2, points=-2.0, timing="rising slowly, by half over the year"
    ),
    "streaming_blocked": planted(0.075, 0.05, 0.075, rating=-0.8, csat=0.0, points=-1.6),
    "renewal_price": planted(0.04, 0.03, 0.10, rating=-0.5, csat=0.0, points=-2.4),
    "billed_after_cancel": planted(0.04, 0.065, 0.05, rating=-2.4, csat=-2.0, points=-5.0),
    "support_wait": planted(0.025, 0.13, 0.04, rating=-0.2, csat=-1.4, points=0.0),
    "chatbot": planted(0.015, 0.09, 0.025, rating=0.0, csat=-1.2, points=0.0),
    "disconnects": planted(0.09, 0.10, 0.07, rating=-1.1, csat=-0.5, points=-1.7),
    "login_code": planted(
        0.05, 0.09, 0.035, rating=-0.6, csat=-0.5, points=0.0, timing="five times as often on 9-15 June"
    ),
    "crash_update": planted(0.28, 0.24, 0.22, rating=-1.7, csat=-0.7, points=-2.0, timing="only November and December"),
    "kill_switch_leak": planted(0.04, 0.06, 0.05, rating=-2.2, csat=-1.4, points=-4.5),
    "wish_list": planted(0.10, 0.02, 0.10, rating=0.0, csat=0.0, points=0.0),
    "captchas": planted(0.055, 0.03, 0.065, rating=-0.1, csat=0.0, points=-0.3),
    "battery_drain": planted(
        0.065, 0.02, 0.035, rating=-1.0, csat=-0.2, points=-0.8, timing="all year, mostly on phones"
    ),
    "refund_slow": planted(0.025, 0.08, 0.045, rating=-1.2, csat=-1.2, points=-2.0),
    "router_setup": planted(
        0.035, 0.05, 0.07, rating=-0.1, csat=0.0, points=-0.2, timing="all year, mostly by happy customers"
    ),
}
SCALES = {"rating": (1, 5), "csat": (1, 5), "nps": (0, 10)}
TOUCHPOINTS = {
    "billing": ("renewal_price", "billed_after_cancel", "refund_slow"),
    "account": ("login_code",),
    "connection": ("slow_evening", "streaming_blocked", "disconnects", "kill_switch_leak", "captchas", "router_setup"),
    "app": ("crash_update", "battery_drain", "wish_list"),
}


@dataclass
class Customer:
    """Somebody who may turn up in all three files; ``mood`` is how content they are in general."""

    id: str
    mood: float
    plan: str
    country: str
    platform: str


@dataclass
class Row:
    """A response before it is written: its cells, what it mentions, and its latent scores without those mentions."""

    id: str
    file: str
    cells: dict[str, Any]
    mentions: tuple[str, ...] = ()
    language: str = "en"
    kind: str = "customer"
    latent: dict[str, float] = field(default_factory=dict)


def score(metric: str, latent: float, mentions: Iterable[str]) -> int:
    """A latent score with the harm of its mentions, rounded and clipped to the scale."""
    low, high = SCALES[metric]
    return int(np.clip(np.floor(latent + sum(STORY[name].effect[metric] for name in mentions) + 0.5), low, high))


class Year:
    """Draws customers, dates, mentions and scores."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.RandomState(seed)  # unlike default_rng's, its stream is promised never to change
        self.teller = Teller(self.rng)
        pick = self.rng.choice
        self.customers = [
            Customer(
                f"C-{10_000 + 7 * i}",
                float(self.rng.normal()),
                str(pick(["monthly", "yearly", "family", "business"], p=[0.35, 0.4, 0.15, 0.1])),
                str(
                    pick(
                        ["US", "UK", "DE", "CA", "AU", "NL", "IN", "BR"],
                        p=[0.3, 0.16, 0.14, 0.1, 0.08, 0.08, 0.08, 0.06],
                    )
                ),
                str(pick(["Android", "iOS", "Windows", "macOS", "Linux"], p=[0.36, 0.26, 0.22, 0.12, 0.04])),
            )
            for i in range(1300)
        ]
        activity = self.rng.gamma(1.2, size=len(self.customers))
        self.activity = activity / activity.sum()

    def customer(self) -> Customer:
        return self.customers[int(self.rng.choice(len(self.customers), p=self.activity))]

    def days(self, count: int) -> list[date]:
        """Dates in order; a few more in the second half of the year, when there are more customers."""
        places = np.sort(DAYS * self.rng.random_sample(count) ** 0.85)
        return [START + timedelta(days=int(place)) for place in places]

    def mentions(self, file: str, day: date, who: Customer, channel: str = "") -> tuple[str, ...]:
        out = []
        for name, plan in STORY.items():
            p = plan.reach[file]
            if name == "slow_evening":
                p *= (0.8 + 0.4 * (day - START).days / DAYS) * (1.4 if who.plan == "monthly" else 0.8)
            elif name == "login_code" and date(2025, 6, 9) <= day <= date(2025, 6, 15):
                p *= 5
            elif name == "crash_update":
                p *= (day >= date(2025, 11, 1)) * (1.25 if who.platform == "Android" else 0.85)
            elif name == "battery_drain":
                p *= 1.4 if who.platform in ("Android", "iOS") else 0.3
            elif name == "router_setup":
                p *= float(np.exp(0.9 * who.mood - 0.4))
            elif name == "support_wait" and channel:
                p *= 1.6 if channel == "email" else 0.7
            if self.rng.random_sample() < p:
                out.append(name)
        return tuple(out[i] for i in sorted(self.rng.permutation(len(out))[:3]))

    def latent(self, metric: str, who: Customer, channel: str = "") -> float:
        plan = {"monthly": -0.3, "family": 0.15}.get(who.plan, 0.0)
        if metric == "nps":
            return 8.55 + 1.1 * who.mood + 1.6 * plan + float(self.rng.normal(0, 1.25))
        if metric == "rating":
            return 4.35 + 0.45 * who.mood + plan + float(self.rng.normal(0, 0.65))
        return 4.3 + 0.4 * who.mood - 0.35 * (channel == "email") + float(self.rng.normal(0, 0.7))

    def language(self, share: float) -> str:
        return (
            str(self.rng.choice(["de", "fr", "es"], p=[0.5, 0.25, 0.25])) if self.rng.random_sample() < share else "en"
        )

    def app_reviews(self, count: int) -> list[Row]:
        rows = []
        for number, day in enumerate(self.days(count)):
            who, language = self.customer(), self.language(0.05)
            silent = self.rng.random_sample() < 0.05
            mentions = self.mentions("app_reviews", day, who) if language == "en" and not silent else ()
            latent = self.latent("rating", who)
            stars = score("rating", latent, mentions)
            level = (stars - 1) / 4
            text = (
                self.teller.opinion(mentions, level, 1.0) if language == "en" else self.teller.foreign(language, level)
            )
            version = next(v for v, since in reversed(VERSIONS) if day >= since)
            missing = self.rng.random_sample() < 0.02
            cells = {
                "review_id": f"R{50_000 + 3 * number}",
                "date": day.isoformat(),
                "device": who.platform,
                "app_version": version,
                "rating": "" if missing else stars,
                "review": "" if silent else text,
                "customer_id": who.id if self.rng.random_sample() < 0.55 else "",
            }
            scores = {} if missing else {"rating": latent}
            rows.append(Row(str(cells["review_id"]), "app_reviews", cells, mentions, language, "customer", scores))
        return rows

    def nps_survey(self, count: int) -> list[Row]:
        rows = []
        for number, day in enumerate(self.days(count)):
            who, language = self.customer(), self.language(0.05)
            silent = self.rng.random_sample() < 0.22
            mentions = self.mentions("nps_survey", day, who) if language == "en" and not silent else ()
            latent = self.latent("nps", who)
            nps = score("nps", latent, mentions)
            text = (
                self.teller.opinion(mentions, nps / 10, 0.7)
                if language == "en"
                else self.teller.foreign(language, nps / 10)
            )
            if not silent and self.rng.random_sample() < 0.01:
                text = f"{text} {self.teller.line('personal')}"
            missing = not silent and self.rng.random_sample() < 0.03
            cells = {
                "response_id": f"S{7_000 + number}",
                "customer_id": who.id,
                "date": day.isoformat(),
                "nps": "" if missing else nps,
                "comment": "" if silent else text,
                "plan": who.plan,
                "country": who.country,
            }
            scores = {} if missing else {"nps": latent}
            rows.append(Row(str(cells["response_id"]), "nps_survey", cells, mentions, language, "customer", scores))
        return rows

    def support_tickets(self, count: int) -> list[Row]:
        rows = []
        for number, day in enumerate(self.days(count)):
            who, channel = (
                self.customer(),
                str(self.rng.choice(["email", "chat", "phone", "web form"], p=[0.4, 0.35, 0.1, 0.15])),
            )
            staff = self.rng.random_sample() < 0.08
            mentions = () if staff else self.mentions("support_tickets", day, who, channel)
            latent = self.latent("csat", who, channel)
            missing = staff or self.rng.random_sample() < 0.28
            row = Row(f"T-{3_000 + number}", "support_tickets", {}, mentions, "en", "staff" if staff else "customer")
            row.latent = {} if missing else {"csat": latent}
            text = self.teller.note() if staff else self.teller.ticket(mentions)
            row.cells = self.ticket_cells(
                row, who, day, channel, "" if missing else score("csat", latent, mentions), text
            )
            rows.append(row)
        return rows

    def ticket_cells(
        self, row: Row, who: Customer, day: date, channel: str, csat: int | str, text: str
    ) -> dict[str, Any]:
        about = [place for place, names in TOUCHPOINTS.items() if set(names) & set(row.mentions)]
        slow = 1.0 * ("support_wait" in row.mentions) + 0.8 * ("refund_slow" in row.mentions)
        escalated = 0.05 + 0.3 * bool({"billed_after_cancel", "kill_switch_leak"} & set(row.mentions))
        reopened = 0.07 + 0.25 * ("chatbot" in row.mentions) + 0.08 * ("login_code" in row.mentions)
        leaving = bool({"billed_after_cancel", "refund_slow"} & set(row.mentions))
        stage = "leaving" if leaving else "renewal" if "renewal_price" in row.mentions else ""
        return {
            "ticket_id": row.id,
            "customer_id": who.id,
            "date": day.isoformat(),
            "channel": channel,
            "touchpoint": about[0] if about else str(self.rng.choice(["billing", "account", "connection", "app"])),
            "stage": stage or str(self.rng.choice(["onboarding", "use"], p=[0.3, 0.7])),
            "author_role": "staff" if row.kind == "staff" else "customer",
            "description": text,
            "csat": csat,
            "resolution_hours": round(float(np.exp(self.rng.normal(2.3 + slow, 0.7))), 1),
            "reopened": "yes" if self.rng.random_sample() < reopened else "no",
            "escalated": "yes" if self.rng.random_sample() < escalated else "no",
        }

    def flood(self, count: int) -> list[Row]:
        """Many copies of one message within two weeks of September, after a giveaway went wrong."""
        rows = []
        for number in range(count):
            row = Row(f"T-{9_000 + number}", "support_tickets", {}, kind="flood")
            day = date(2025, 9, 8) + timedelta(days=int(self.rng.randint(14)))
            text = self.teller.line("flood")
            row.cells = self.ticket_cells(row, self.customer(), day, "web form", "", text)
            rows.append(row)
        return rows

    def copies(self, rows: list[Row], count: int) -> list[Row]:
        """Some reviews sent twice: same words, another id, a few days later."""
        long = [row for row in rows if len(str(row.cells["review"]).split()) > 12]
        out = []
        for number in range(count):
            first = long[int(self.rng.randint(len(long)))]
            day = min(
                date.fromisoformat(first.cells["date"]) + timedelta(days=int(self.rng.randint(1, 6))),
                date(2025, 12, 31),
            )
            cells = {**first.cells, "review_id": f"R{90_000 + number}", "date": day.isoformat()}
            out.append(Row(cells["review_id"], first.file, cells, first.mentions, first.language, "copy"))
        return out


VERSIONS = [
    ("6.9", START),
    ("7.0", date(2025, 2, 20)),
    ("v7.2", date(2025, 6, 12)),
    ("v7.3", date(2025, 8, 28)),
    ("v8.0", date(2025, 11, 1)),
]


def realised(rows: list[Row]) -> dict[str, Any]:
    """What was planted, as it came out: by pain point and score the mentioners, their harm, and what it cost all."""
    out: dict[str, Any] = {}
    for name, plan in STORY.items():
        facts: dict[str, Any] = {
            "responses": sum(name in row.mentions for row in rows if row.kind == "customer"),
            "timing": plan.timing,
        }
        for metric in SCALES:
            scored = [row for row in rows if metric in row.latent]
            pairs = [
                (
                    score(metric, row.latent[metric], row.mentions),
                    score(metric, row.latent[metric], [m for m in row.mentions if m != name]),
                )
                for row in scored
                if name in row.mentions
            ]
            lost = [real - without for real, without in pairs]
            facts[metric] = {
                "mentioners": len(pairs),
                "harm": round(float(np.mean(lost)), 2),
                "impact": round(sum(lost) / len(scored), 3),
            }
            if metric == "nps":
                points = [100 * (kind(real) - kind(without)) for real, without in pairs]
                facts["nps_points"] = {
                    "harm": round(float(np.mean(points)), 1),
                    "impact": round(sum(points) / len(scored), 2),
                }
        out[name] = facts
    return out


def kind(nps: int) -> int:
    return (nps >= 9) - (nps <= 6)


def make(folder: Path, key: Path) -> None:
    """Write the sample into ``folder`` and its answer key into ``key``."""
    year = Year(SEED)
    # each file from a seed of its own, so that an edit to one doesn't redraw the others
    year.rng.seed(SEED + 1)
    app = year.app_reviews(920)
    year.rng.seed(SEED + 2)
    nps = year.nps_survey(960)
    year.rng.seed(SEED + 3)
    tickets = year.support_tickets(800)
    app += year.copies(app, 8)
    tickets += year.flood(32)
    everything = app + tickets + nps
    for name, rows in zip(FILES, (app, tickets, nps), strict=True):
        rows.sort(key=lambda row: (row.cells["date"], row.id))
        write(folder / f"{name}.csv", [row.cells for row in rows])
    truth = [
        {
            "id": row.id,
            "file": row.file,
            "kind": row.kind,
            "language": row.language,
            "pain_points": " ".join(row.mentions),
        }
        for row in sorted(everything, key=lambda row: (row.file, row.id))
    ]
    write(key / "sample_truth.csv", truth)
    text = json.dumps(realised(everything), indent=1, sort_keys=True)
    (key / "sample_planted.json").write_text(text + "\n", encoding="utf-8")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:3]]
    make(*(folders or [ROOT / "sample_reviews", ROOT / "tests" / "data"]))
