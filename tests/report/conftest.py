"""Two invented reports: one of a made-up VPN provider with every section filled, one written by an attacker."""

from __future__ import annotations

import difflib
import importlib.util
import math
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from cxtext.schema import Estimate, Exemplar, Impact, Metric, PainPoint, PainPointReport, PainPointRow, Trend

NAN = math.nan
RESPONSES = 4180
MONTHS = tuple(f"2025-{m:02d}" for m in range(1, 13))
VOLUMES = (310, 322, 335, 340, 352, 347, 361, 358, 350, 366, 371, 368)

METRICS = (
    Metric("nps", "would_recommend", "nps", True, 0, 10),
    Metric("csat", "satisfaction", "csat", True, 1, 5),
    Metric("reopened", "reopened", "rate", False),
)

# label | terms | theme | share of responses | NPS adjusted, half width | CSAT adjusted | verdict | trend | sentences
STORY: tuple[tuple[Any, ...], ...] = (
    (
        "connection drops every few minutes",
        ("drops", "reconnect", "disconnects", "tunnel"),
        "Connection",
        0.118,
        -5.2,
        0.9,
        -0.21,
        "solid",
        "steady",
        (
            "It drops the tunnel every few minutes and I have to reconnect by hand.",
            "Mid-call the connection just disconnects, third time this week.",
            "Reconnect, wait, reconnect again. On hotel wifi it never stays up for ten minutes.",
        ),
    ),
    (
        "too slow in the evening",
        ("slow", "speed", "buffering", "evening"),
        "Connection",
        0.094,
        -3.4,
        0.8,
        -0.12,
        "solid",
        "steady",
        (
            "Speed is fine at noon and then crawls in the evening, films keep buffering.",
            "So slow after seven that I switch it off to load a page.",
            "I pay for the fast plan and get a quarter of the speed I had without it.",
        ),
    ),
    (
        "charged again after cancelling",
        ("charged", "cancelled", "refund", "renewal"),
        "Billing",
        0.041,
        -4.6,
        1.1,
        -0.16,
        "solid",
        "rising",
        (
            "I cancelled in March and was charged again in April.",
            "Nobody answers about my refund, the renewal went through although I had cancelled.",
            "You charged my card twice for one year.",
        ),
    ),
    (
        "login code never arrives",
        ("login", "code", "email", "verification"),
        "Account",
        0.033,
        -2.1,
        0.9,
        -0.11,
        "solid",
        "emerging",
        (
            "The login code never reaches my inbox, I have been locked out since Sunday.",
            "Asked for the verification email five times. Nothing.",
            "Since the update it wants a code at every login and the code comes an hour later.",
        ),
    ),
    (
        "app crashes on startup",
        ("crashes", "startup", "update", "opens"),
        "App",
        0.052,
        -2.4,
        0.8,
        -0.10,
        "solid",
        "burst",
        (
            "After the update the app crashes as soon as it opens.",
            "Crashes on startup on my old tablet, reinstalling did not help.",
            "It opens, shows the map and is gone.",
        ),
    ),
    (
        "no answer from support",
        ("support", "answer", "waiting", "ticket"),
        "Service",
        0.061,
        -2.0,
        0.7,
        -0.19,
        "solid",
        "steady",
        (
            "Eight days waiting and no answer to my ticket.",
            "Support sends the same three lines whatever I ask.",
            "The chat says two minutes, I waited fifty.",
        ),
    ),
    (
        "kill switch leaves me offline",
        ("kill", "switch", "offline", "internet"),
        "Connection",
        0.017,
        -1.5,
        0.7,
        -0.04,
        "solid",
        "steady",
        (
            "The kill switch stays on after I quit and I have no internet at all.",
            "Offline until I reboot, the kill switch will not let go.",
        ),
    ),
    (
        "streaming site blocks the server",
        ("streaming", "blocked", "proxy", "server"),
        "Servers",
        0.083,
        -0.4,
        0.7,
        0.01,
        "solid",
        "fading",
        (
            "Half of the servers are blocked by my streaming service again.",
            "It tells me to turn off my proxy, tried nine servers.",
        ),
    ),
    (
        "too few servers nearby",
        ("servers", "nearby", "countries", "city"),
        "Servers",
        0.026,
        -0.3,
        0.5,
        -0.02,
        "loose",
        "steady",
        (
            "Would be nice to have servers nearby, the closest city is 900 km away.",
            "Not enough countries in South America.",
        ),
    ),
    (
        "price went up without notice",
        ("price", "raised", "notice", "expensive"),
        "Billing",
        0.038,
        -1.2,
        0.7,
        -0.01,
        "solid",
        "rising",
        ("The price went up by a third and nobody gave notice.", "Got expensive, raised twice in a year."),
    ),
    (
        "dark mode missing",
        ("dark", "mode", "bright", "night"),
        "App",
        0.047,
        0.2,
        0.5,
        0.00,
        "solid",
        "gone",
        ("Please add a dark mode, it is so bright at night.", "Still no dark mode? Everything else is great."),
    ),
    (
        "router setup is confusing",
        ("router", "setup", "instructions", "manual"),
        "Setup",
        0.002,
        NAN,
        NAN,
        NAN,
        "loose",
        "too few",
        ("The router instructions skip the step where it asks for a key.",),
    ),
)


def est(value: float, half: float = NAN, n: int = 500, method: str = "Wilson", status: str = "") -> Estimate:
    return Estimate(value, value - half, value + half, n, method, status)


def row(place: int, told: tuple[Any, ...]) -> PainPointRow:
    label, terms, theme, share, nps, half, csat, verdict, trend, sentences = told
    n = round(share * RESPONSES)
    name = f"PP-{place:03d}"
    few = math.isnan(nps)
    method = "OLS, clustered by customer"
    hidden = Estimate(NAN, NAN, NAN, n, "adjusted Wald", "suppressed")
    status = "low confidence" if n * 0.4 < 100 else ""
    impacts = {}
    for metric, adjusted, width, base, factor in (
        ("nps", nps, half, 18.0, 1.45),
        ("csat", csat, 0.04, 3.9, 1.3),
        ("reopened", -csat / 10 if not few else NAN, 0.006, 0.08, 1.2),
    ):
        answered = round(n * {"nps": 0.4, "csat": 0.55, "reopened": 0.5}[metric])
        if few:
            impacts[metric] = Impact(
                name,
                metric,
                answered,
                hidden,
                est(base, 1.0, 1600),
                hidden,
                hidden,
                None,
                note="fewer than 10 mentioners answered",
            )
            continue
        drop = adjusted / share
        q = 0.0004 if abs(adjusted) > 2 * width else 0.21
        impacts[metric] = Impact(
            name,
            metric,
            answered,
            est(base + drop, 3 * width, answered, "adjusted Wald", status),
            est(base, width, 1650 - answered, "adjusted Wald"),
            est(drop, 4 * width, answered, "adjusted Wald", status),
            est(adjusted * factor, width, 1650, "influence function"),
            est(adjusted, width, 1650, method),
            p=q / 3,
            q=q,
            relative_weight=est(max(0.002, abs(adjusted) / 60), 0.004, 1650, "Johnson"),
            vif=1.1 + place / 20,
        )
    shape = {
        "emerging": (0, 0, 0, 0, 0, 0, 0, 1, 2, 9, 58, 68),
        "burst": (12, 13, 12, 14, 13, 12, 15, 14, 72, 15, 13, 12),
        "rising": range(8, 20),
        "fading": range(40, 16, -2),
        "gone": (30, 34, 33, 31, 20, 11, 4, 2, 0, 0, 0, 0),
    }
    weights = tuple(shape.get(trend, (10, 11, 10, 9, 10, 12, 10, 9, 11, 10, 10, 9)))
    counts = tuple(round(n * w / sum(weights)) for w in weights)
    q = {"steady": 0.6, "too few": NAN}.get(trend, 0.003)
    series = Trend(
        name,
        trend,
        q,
        3.2 if trend == "emerging" else 0.1,
        MONTHS,
        counts,
        VOLUMES,
        note="no seasonality adjustment" if trend != "too few" else "fewer than 5 mentions",
    )
    exemplars = tuple(Exemplar(f"R-{place:02d}{i:03d}", s, 0.9 - i / 20) for i, s in enumerate(sentences))
    cells = (
        {}
        if few
        else {
            "channel": tuple(
                {
                    "pain_point": name,
                    "level": level,
                    "n": size,
                    "mentions": round(size * share * k),
                    "rate": share * k,
                    "residual": (k - 1) * 9,
                    "q": 0.001 if abs(k - 1) > 0.3 else 0.4,
                    "flag": abs(k - 1) > 0.3,
                    "scores": {
                        "nps": {
                            "mentioners": asdict(est(4.0 - place, 8, 90, "adjusted Wald")),
                            "gap": asdict(est(-20.0 + place, 9, 90, "adjusted Wald")),
                        }
                    },
                }
                for level, size, k in (("app review", 1500, 0.7), ("ticket", 1400, 1.5), ("survey", 1280, 0.8))
            ),
            "touchpoint": tuple(
                {
                    "pain_point": name,
                    "level": level,
                    "n": size,
                    "mentions": round(size * share * k),
                    "rate": share * k,
                    "residual": (k - 1) * 4,
                    "q": 0.3,
                    "flag": False,
                    "scores": {},
                }
                for level, size, k in (("checkout", 620, 1.1), ("setup", 480, 0.9))
            ),
        }
    )
    return PainPointRow(
        PainPoint(
            name,
            label,
            terms,
            theme,
            "new" if trend == "emerging" else "active",
            "2025-01-03",
            n + n // 6,
            0.61,
            0.34,
            0.83 if verdict == "solid" else 0.64,
            0.22,
            verdict,
            (f"PP-{place % 12 + 1:03d}",),
            exemplars,
            "Payments team" if theme == "Billing" else "",
            "Fix planned for spring" if place == 3 else "",
        ),
        n,
        share,
        -0.62 + place / 20,
        impacts,
        series,
        {"request": n // 5, "churn threat": n // 9, "repeat": n // 7},
        cells,
        tuple(f"R-{place:02d}{i:03d}" for i in range(n)),
        {"median_words": 18 + place, "share_of_complaints": share * 2},
    )


def movement(rows: tuple[PainPointRow, ...]) -> dict[str, Any]:
    parts = [(-0.5 * i - 1.25, 0.25 * (i % 3) - 0.5) for i in range(5)]
    moved = [
        {"pain_point": rows[i].pain_point.id, "label": rows[i].pain_point.label, "mix": m, "rate": r, "total": m + r}
        for i, (m, r) in enumerate(parts)
    ]
    moved.append({"pain_point": "", "label": "no pain point", "mix": 0.5, "rate": 0.75, "total": 1.25})
    change = sum(item["total"] for item in moved)
    values = [24.0, 23.1, 25.2, 24.4, 22.0, 21.5, 22.3, 20.9, 17.4, 16.2, 14.8]
    values.append(values[0] + change)
    nps = {
        "period": "month",
        "periods": list(MONTHS),
        "values": values,
        "lows": [v - 6 for v in values],
        "highs": [v + 6 for v in values],
        "ns": [v // 3 for v in VOLUMES],
        "partial_last": True,
        "from": MONTHS[0],
        "to": MONTHS[-1],
        "before": asdict(est(values[0], 6, 103, "adjusted Wald")),
        "after": asdict(est(values[-1], 6, 122, "adjusted Wald")),
        "change": change,
        "rows": moved,
    }
    flat = [3.9, 3.88, 3.91, 3.9, 3.86, 3.84, 3.85, 3.83, 3.74, 3.8, 3.78, 3.77]
    csat = {
        **nps,
        "values": flat,
        "lows": [v - 0.1 for v in flat],
        "highs": [v + 0.1 for v in flat],
        "partial_last": False,
        "before": asdict(est(flat[0], 0.1, 160, "Student t")),
        "after": asdict(est(flat[-1], 0.1, 190, "Student t")),
        "change": -0.125,
        "rows": [
            {**moved[0], "mix": -0.25, "rate": 0.0, "total": -0.25},
            {**moved[-1], "mix": 0.0, "rate": 0.125, "total": 0.125},
        ],
    }
    return {"nps": nps, "csat": csat}


def facts(rows: tuple[PainPointRow, ...]) -> dict[str, Any]:
    ids = [r.pain_point.id for r in rows]
    shares = {r.pain_point.id: r.prevalence for r in rows}
    queue = [
        {
            "response_id": f"R-9{i:04d}",
            "metric": "nps",
            "score": 9 + i % 2,
            "sentiment": -0.5 - i / 50,
            "pain_point": ids[i % 6],
            "text": "Love it, been here for years, but you charged me twice and that was awful.",
        }
        for i in range(7)
    ]
    kinds = (
        "frequent and harmful",
        "frequent and harmful",
        "small but harmful",
        "small but harmful",
        "frequent and harmful",
        "frequent and harmful",
        "small but harmful",
        "frequent but harmless",
        "minor",
        "minor",
        "frequent but harmless",
        "minor",
    )
    return {
        "headline": "NPS fell by 11.3 points from January to December; dropped connections and charges after "
        "cancelling go with most of it.",
        "actions": [
            {
                "pain_point": ids[0],
                "headline": "Keep the tunnel up on changing networks",
                "why": "11.8 % mention it and it goes with 5.2 NPS points, more than any other.",
            },
            {
                "pain_point": ids[2],
                "headline": "Stop charging people who cancelled",
                "why": "Only 4.1 % mention it, but it goes with 4.6 NPS points and it is rising.",
            },
            {
                "pain_point": ids[3],
                "headline": "Find out why login codes arrive late",
                "why": "Hardly anyone mentioned it until October; now one response in six does.",
            },
        ],
        "health": {
            "value": 0.78,
            "verdict": "Good enough to act on",
            "next_action": "Label 100 complaints by hand to see how well the clusters fit.",
        },
        "score_details": {
            "nps": {
                "kind": "nps",
                "high_good": True,
                "low": 0,
                "high": 10,
                "column": "would_recommend",
                "n": 1650,
                "missing": 2530,
                "distribution": [[i, c] for i, c in enumerate((90, 30, 44, 52, 60, 120, 132, 210, 262, 290, 360))],
                "promoters": 0.394,
                "passives": 0.286,
                "detractors": 0.32,
                "mean": asdict(est(7.0, 0.1, 1650)),
                "commenters": asdict(est(12.7, 3.1, 1210, "adjusted Wald")),
                "non_commenters": asdict(est(33.1, 5.9, 440, "adjusted Wald")),
                "comment_share": 0.733,
            },
            "csat": {
                "kind": "csat",
                "high_good": True,
                "low": 1,
                "high": 5,
                "column": "satisfaction",
                "n": 2260,
                "missing": 1920,
                "distribution": [[1, 180], [2, 150], [3, 310], [4, 760], [5, 860]],
                "mean": asdict(est(3.82, 0.05, 2260, "Student t")),
                "top_box": asdict(est(0.717, 0.019, 2260)),
                "commenters": asdict(est(3.7, 0.06, 1800)),
                "non_commenters": asdict(est(4.2, 0.09, 460)),
                "comment_share": 0.8,
            },
        },
        "movement": movement(rows),
        "trends": [asdict(r.trend) for r in rows if r.trend],
        "bursts": [
            {"pain_point": ids[4], "period": "2025-09", "count": 72, "expected": 13.4, "q": 0.0002, "share_q": 0.0004}
        ],
        "cells": {d: [c for r in rows for c in r.cells.get(d, ())] for d in ("channel", "touchpoint")},
        "cells_suppressed": {"channel": 3, "touchpoint": 11},
        "consistency": [
            {"pain_point": i, "dimension": "channel", "chi2": 24.571, "df": 2, "q": 0.0004, "cramers_v": 0.1197}
            for i in ids[:4]
        ],
        "moment_relationship": [
            {"pain_point": i, "kind": kind, "csat": "csat", "nps": "nps", "why": "adjusted impact on both, q < 0.05"}
            for i, kind in zip(ids, ("both", "both", "both", "relationship", "both", "moment"), strict=False)
        ],
        "quadrants": [
            {
                "pain_point": i,
                "metric": "nps",
                "kind": k,
                "hidden_under_good_average": i == ids[2],
                "why": "compared with the median share and impact",
            }
            for i, k in zip(ids, kinds, strict=True)
        ],
        "promoters_detractors": [
            {
                "pain_point": i,
                "promoters": asdict(est(shares[i] * 0.5, 0.01, 650)),
                "detractors": asdict(est(shares[i] * 1.9, 0.02, 528)),
                "difference": asdict(est(shares[i] * -1.4, 0.02, 1178)),
                "q": 0.001 if shares[i] > 0.03 else 0.3,
            }
            for i in ids[:-1]
        ],
        "mismatch": {
            "hidden_complaints": queue,
            "n_hidden": 63,
            "praise_from_detractors": [
                {**queue[0], "score": 3, "sentiment": 0.6, "text": "Nice people in the chat, thank you Vera!"}
            ],
            "n_praise": 8,
            "check_sentiment": [{**queue[1], "score": 1, "sentiment": 0.4, "text": "Kindly refund my money."}],
            "n_check": 21,
            "agreement": {"nps": {"spearman": 0.48, "kendall": 0.36, "n": 1210}},
            "reversed": [],
        },
        "what_if": [
            {"pain_point": i, "metric": "nps", "reduction": 0.5, "change": asdict(est(2.6 - k, 0.5, 1650))}
            for k, i in enumerate(ids[:3])
        ],
        "relative_weights": {
            "nps": {
                "r2": 0.21,
                "weights": {i: asdict(est(0.05 - k / 200, 0.004, 1650, "Johnson")) for k, i in enumerate(ids[:6])},
            }
        },
        "vif": {"nps": [{"pain_point": ids[0], "vif": 5.6, "merge_with": ids[6]}]},
        "staff": {
            "n_staff": 212,
            "n_customers": 3968,
            "rows": [
                {
                    "pain_point": i,
                    "staff": asdict(est(shares[i] * 0.6, 0.01, 212)),
                    "customers": asdict(est(shares[i], 0.01, 3968)),
                    "q": 0.02,
                }
                for i in ids[:6]
            ],
        },
        "match": {
            "file": "survey_scores.csv",
            "on": "customer",
            "window_days": 90,
            "matched": 1650,
            "unmatched": 310,
            "rate": 0.842,
            "many_to_one": 12,
            "lag_days": [1, 9, 61],
            "by_channel": {
                "ticket": {"n": 1200, "matched": 1092, "rate": 0.91},
                "survey": {"n": 760, "matched": 558, "rate": 0.734},
            },
            "scores": {"nps": {"matched": asdict(est(18.1, 3, 1650)), "unmatched": asdict(est(20.4, 7, 310))}},
        },
        "agreement": {
            "metric": "nps",
            "learned": 0.58,
            "vader": 0.41,
            "n": 1210,
            "used": True,
            "why": "closer to the scores than VADER on held-out customers",
        },
        "themes": [
            {"name": "Connection", "pain_points": [ids[0], ids[1], ids[6]]},
            {"name": "Billing", "pain_points": [ids[2], ids[9]]},
        ],
        "codebook": {
            "applied": [{"id": "PP-009", "decision": "label", "done": True, "why": ""}],
            "unfitting": [{"id": "PP-031", "decision": "merge", "done": False, "why": "PP-031 isn't in this model"}],
        },
        "drift": {
            "unclustered": 0.21,
            "unclustered_at_training": 0.18,
            "new_phrases": [{"phrase": "passkey", "n": 61, "share": 0.0051, "at_training": 0.0004}],
            "retrain": False,
            "why": "hardly more is left over than at training",
        },
        "lexical": {"request": 402, "churn threat": 118},
    }


def vpn() -> PainPointReport:
    rows = tuple(row(i, told) for i, told in enumerate(STORY, 1))
    return PainPointReport(
        "Hushbrook VPN, customer feedback 2025",
        {
            "rows_in": 4391,
            "rows_used": RESPONSES,
            "dropped": {"blank text": 143, "duplicate id": 21, "no text column": 47},
            "duplicates": 96,
            "languages": {"en": 4022, "de": 91, "es": 67},
            "redactions": {"email": 38, "phone": 9},
            "sources": [
                {
                    "name": "reviews.csv",
                    "rows": 1571,
                    "columns": [
                        {"role": "text", "column": "comment", "reason": "longest texts", "declared": False},
                        {"role": "nps", "column": "would_recommend", "reason": "named by --nps", "declared": True},
                    ],
                    "notes": ["UTF-8, semicolons"],
                },
                {"name": "tickets.xlsx", "rows": 2820, "columns": [], "notes": []},
            ],
            "first_day": "2025-01-03",
            "last_day": "2025-12-29",
            "units": 11873,
            "complaints": 5120,
            "clustered": 4044,
            "unclustered_share": 0.21,
            "set_aside": {"not English": 158},
        },
        METRICS,
        {
            "nps": est(18.1, 3.0, 1650, "adjusted Wald"),
            "csat": est(3.82, 0.05, 2260, "Student t"),
            "reopened": est(0.081, 0.012, 1400, "Wilson"),
        },
        rows,
        facts(rows),
        {"unit": "sentence", "n_clusters": "auto", "random_state": 0, "keep": "complaints"},
        {"cxtext": "0.1.0", "python": "3.11", "numpy": "2.4"},
    )


EVIL = (
    '<script>document.title="owned"</script>',
    '"><img src=x onerror="document.title=1">',
    "</script><script>alert(1)</script>",
    '=HYPERLINK("http://evil.invalid","click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\u202egnp.exe\u202c reversed \u2066isolated",
    "null\x00byte \x1b[31mred\x1b[0m bell\x07 \x9b2J",
    "W" * 10_000,
    "{{ 7*7 }} {% raw %} ${7*7} [link](javascript:alert(1)) ![i](http://evil.invalid/x.png)",
    "[bold red]markup[/bold red] | pipe | `code` \u0000",
    "\u0645\u0631\u062d\u0628\u0627 \u4f60\u597d \U0001f621\U0001f3fd e\u0301\u0327",
    "lone \ud800 surrogate \u2028 line",
)


def hostile() -> PainPointReport:
    """The VPN report after an attacker had a say in every text of it."""
    good = vpn()
    rows = tuple(
        replace(
            r,
            pain_point=replace(
                r.pain_point,
                label=EVIL[i % len(EVIL)],
                terms=(EVIL[(i + 1) % len(EVIL)], "drops"),
                theme=EVIL[(i + 2) % len(EVIL)],
                owner=EVIL[(i + 3) % len(EVIL)],
                note=EVIL[(i + 4) % len(EVIL)],
                exemplars=tuple(Exemplar(EVIL[(i + k) % len(EVIL)], text, 0.5) for k, text in enumerate(EVIL)),
            ),
        )
        for i, r in enumerate(good.pain_points)
    )
    told = dict(good.facts)
    told["headline"] = EVIL[0] + EVIL[8]
    told["actions"] = [{"pain_point": "PP-001", "headline": EVIL[2], "why": EVIL[1]}]
    told["mismatch"] = {
        **told["mismatch"],
        "hidden_complaints": [
            {"response_id": text, "metric": "nps", "score": 9, "sentiment": -0.5, "pain_point": "PP-001", "text": text}
            for text in EVIL
        ],
    }
    moved = told["movement"]["nps"]
    told["movement"] = {"nps": {**moved, "rows": [{**m, "label": EVIL[k]} for k, m in enumerate(moved["rows"])]}}
    read = {
        **good.read,
        "dropped": {EVIL[0]: 3, EVIL[8]: 2},
        "sources": [
            {
                "name": EVIL[1],
                "rows": 3,
                "columns": [{"role": "text", "column": EVIL[2], "reason": EVIL[3], "declared": True}],
                "notes": [EVIL[7]],
            }
        ],
    }
    metrics = (*good.metrics[:2], replace(good.metrics[2], name=EVIL[3]))
    rows = tuple(replace(r, impacts={EVIL[3] if k == "reopened" else k: v for k, v in r.impacts.items()}) for r in rows)
    scores = {EVIL[3] if k == "reopened" else k: v for k, v in good.scores.items()}
    return replace(
        good,
        title=EVIL[0],
        read=read,
        metrics=metrics,
        scores=scores,
        pain_points=rows,
        facts=told,
        settings={EVIL[0]: EVIL[2]},
    )


def bare() -> PainPointReport:
    """A report in which nothing was found and no score was given."""
    return PainPointReport("Nothing to see", {"rows_in": 3, "rows_used": 2, "dropped": {"blank text": 1}}, (), {}, ())


@pytest.fixture(scope="session")
def report() -> PainPointReport:
    return vpn()


@pytest.fixture(scope="session")
def evil() -> PainPointReport:
    return hostile()


@pytest.fixture(scope="session")
def empty() -> PainPointReport:
    return bare()


GOLD = Path(__file__).resolve().parent.parent / "gold" / "report"


class Gold:
    """Compares what people see with what was accepted before; see tests/gold/report/README.md."""

    def __call__(self, name: str, actual: str) -> None:
        path = GOLD / name
        if os.environ.get("CXTEXT_ACCEPT") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="")
            return
        assert path.exists(), f"no gold file {name}: look at the output, then accept it with CXTEXT_ACCEPT=1"
        with path.open(encoding="utf-8", newline="") as file:
            expected = file.read()
        if actual != expected:
            lines = difflib.unified_diff(
                expected.splitlines(), actual.splitlines(), "accepted", "now", lineterm="", n=1
            )
            shown = "\n".join(line[:300] for line in list(lines)[:60])
            pytest.fail(f"{name} differs from its gold file (CXTEXT_ACCEPT=1 accepts it):\n{shown}")


@pytest.fixture(scope="session")
def gold() -> Gold:
    return Gold()


@pytest.fixture(scope="session")
def linked() -> Callable[..., PainPointReport]:
    """Makes a report by running the linking on generated rows; see ``linked.py``."""
    spec = importlib.util.spec_from_file_location("linked", Path(__file__).with_name("linked.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Callable[..., PainPointReport] = module.report
    return made
