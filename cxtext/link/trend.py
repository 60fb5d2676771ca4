"""How each pain point's share of responses moves: emerging, rising, burst, steady, fading, gone, or too few to say.

Shares are tested, not counts: twice the mentions among twice the responses is no news. Three questions are put to each
pain point (is the newest stretch different from before, is there a slope, is the newest period out of line), their
smallest p is multiplied by three, and Benjamini-Hochberg runs over all pain points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext.link import intervals as iv
from cxtext.link.people import customers, nonzeros
from cxtext.link.periods import Periods, Unit, periods
from cxtext.link.surveillance import Normal, cusum, normal_rate, rate_fit, two_periods
from cxtext.schema import LinkTable, Trend

Floats = npt.NDArray[np.float64]

FALSE_DISCOVERIES = 0.10
MIN_MENTIONS = 10
MIN_RECENT = 5
MIN_PERIODS = 4
RECENT: dict[Unit, int] = {"day": 3, "week": 4, "month": 2}
BURST_Q = 0.05
# A neighbour of a period that stands out belongs to the same burst if its own share is up at this p.
EPISODE_P = 0.05
# To be called by that name a pain point needs more: its past has many periods that could stand out by chance.
BURST_KIND_Q = 0.01
# A short series can't tell its own dispersion: the usual one of all pain points counts as this many periods more.
PRIOR_PERIODS = 8


def counts_by_period(table: LinkTable, p: Periods) -> Floats:
    """Mentions of each pain point in each complete period: float64[T, P]."""
    rows, cols = nonzeros(table.mentions)
    size = table.mentions.shape[1]
    at = p.index[rows]
    dated = at >= 0
    cell = at[dated] * size + cols[dated]
    return np.bincount(cell, minlength=len(p) * size).reshape(len(p), size).astype(np.float64)


def trends(
    table: LinkTable, pain_points: Sequence[str], unit: Unit | None = None
) -> tuple[list[Trend], list[dict[str, Any]], Periods]:
    """Judge every pain point over time: (one ``Trend`` each, the bursts that passed, the periods used).

    Only customers' dated responses count. ``change`` of a trend is the newest stretch's rate over the earlier rate,
    minus 1 (0.5: half as much again; half a mention stands in for none); ``q`` that of the movement, or of the peak if
    the kind is burst. No seasonality is taken out.
    """
    table = customers(table)
    p = periods(table.day, unit)
    y, n = counts_by_period(table, p), p.totals.astype(np.float64)
    found, share_p, share_q = bursts(y, n, p, pain_points)
    tests = [_Test.of(y[:, j], n, RECENT[p.unit], share_p[-1:, j]) for j in range(y.shape[1])]
    q = iv.benjamini_hochberg([t.p for t in tests])
    note = _notes(p)
    out: list[Trend] = []
    risen: set[str] = set()
    for j, name in enumerate(pain_points):
        burst_at = np.flatnonzero(share_q[:, j] < BURST_KIND_Q) if len(p) else np.zeros(0, dtype=np.int64)
        kind, why = tests[j].kind(float(q[j]), burst_at, p)
        judged = float(np.min(share_q[burst_at, j])) if kind == "burst" and len(burst_at) else float(q[j])
        if kind in ("emerging", "rising"):
            risen.add(name)
        out.append(
            Trend(
                pain_point=name,
                kind=kind,
                q=judged,
                change=tests[j].change,
                periods=p.labels,
                counts=tuple(int(c) for c in y[:, j]),
                totals=tuple(int(c) for c in p.totals),
                note="; ".join(x for x in (why, note) if x),
            )
        )
    # Every period of a new level stands out against the old one; that is told once, by the trend.
    return out, [b for b in found if b["pain_point"] not in risen or b["period"] in p.labels[-1:]], p


def _notes(p: Periods) -> str:
    parts = []
    if p.partial:
        parts.append(f"the {p.unit} of {p.partial} isn't over and is left out")
    if len(p) >= MIN_PERIODS:
        parts.append("no seasonality adjustment")
    return "; ".join(parts)


def bursts(y: Floats, n: Floats, p: Periods, pain_points: Sequence[str]) -> tuple[list[dict[str, Any]], Floats, Floats]:
    """Times with far more mentions than the others lead to expect: (list, share p, share q), both [T, P].

    ``q`` tests the count, ``share_q`` the share of responses (a busy day raises every count, not every share); both by
    Benjamini-Hochberg over all pain points and periods with at least 5 mentions. Periods that follow each other are one
    burst from ``first`` to ``last``, told by its peak (``period``, the share that stands out most); a neighbour belongs
    to it if its share is up at p < .05. The list starts with the burst that has the most mentions beyond chance:
    ``excess_low``, what ``excess`` (mentions above the expected share) is at least, at 99 %.
    """
    t = len(n)
    p_count = _tails(y, np.ones(t)).p
    share = _tails(y, n)
    size = y.shape[1]
    q = iv.benjamini_hochberg(p_count.ravel()).reshape(t, size)
    share_q = iv.benjamini_hochberg(share.p.ravel()).reshape(t, size)
    passed = (q < BURST_Q) | (share_q < BURST_Q)
    rows: list[dict[str, Any]] = []
    for j in np.flatnonzero(passed.any(axis=0)).tolist():
        for run in _runs(passed[:, j] | (share.p[:, j] < EPISODE_P)):
            if not passed[run, j].any():
                continue
            peak = run[int(np.nanargmin(share.p[run, j]))]
            excess, reach = share.excess(y, run, j)
            rows.append(
                {
                    "pain_point": pain_points[j],
                    "period": p.labels[peak],
                    "first": p.labels[run[0]],
                    "last": p.labels[run[-1]],
                    "count": int(y[peak, j]),
                    "total": int(n[peak]),
                    "expected": float(share.expected[peak, j]),
                    "excess": excess,
                    "excess_low": excess - reach,
                    "q": float(np.nanmin(q[run, j])),
                    "share_q": float(share_q[peak, j]),
                }
            )
    rows.sort(key=lambda b: (-b["excess_low"], b["share_q"], b["q"], b["pain_point"], b["period"]))
    return rows, share.p, share_q


def _runs(on: npt.NDArray[np.bool_]) -> list[list[int]]:
    """Stretches of periods in a row that are on, each as the list of its periods."""
    at = np.flatnonzero(on)
    return [run.tolist() for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(run)]


@dataclass(frozen=True)
class _Tails:
    """One-sided ``p`` of every cell [T, P] (NaN below 5 mentions or with too few periods), its ``expected`` count, the
    variance around it (``own``) and the relative variance of the expectation itself (``shared``)."""

    p: Floats
    expected: Floats
    own: Floats
    shared: Floats

    def excess(self, y: Floats, run: list[int], j: int) -> tuple[float, float]:
        """Mentions beyond the expected ones in some periods of a pain point, and how far the truth may lie below.

        What is expected comes from the same other periods throughout, so that its errors add up in full.
        """
        mu = self.expected[run, j]
        variance = float(np.sum(self.own[run, j])) + float(np.sum(mu * np.sqrt(self.shared[run, j]))) ** 2
        return float(np.sum(y[run, j] - mu)), iv.z_value(1 - 2 * BURST_KIND_Q) * float(np.sqrt(variance))


def _tails(y: Floats, volume: Floats) -> _Tails:
    """How far each cell [T, P] is out of line with the other periods, given the volume of each period."""
    t, size = y.shape
    found = _Tails(*(np.full((t, size), np.nan) for _ in range(4)))
    if t < MIN_PERIODS:
        return found
    normal: list[Normal] = [normal_rate(y[:, j], volume) for j in range(size)]
    told = [float(np.median(x.phi)) for j, x in enumerate(normal) if float(np.sum(y[:, j])) >= MIN_MENTIONS]
    usual, prior = (float(np.median(told)), PRIOR_PERIODS) if len(told) >= MIN_RECENT else (1.0, 0)
    for j, x in enumerate(normal):
        phi = np.maximum(1.0, (x.df * x.phi + prior * usual) / np.maximum(x.df + prior, 1e-9))
        enough = y[:, j] >= MIN_RECENT
        found.p[enough, j] = x.tail(y[:, j], phi)[enough]
        found.expected[:, j] = x.expected
        found.own[:, j] = phi * x.expected
        found.shared[:, j] = phi / np.maximum(x.basis, 1e-9)
    return found


class _Test:
    """What is known about one pain point's series, and the verdict drawn from it."""

    def __init__(self, y: Floats, n: Floats, recent: int) -> None:
        self.y, self.n, self.recent = y, n, recent
        self.p, self.change = float("nan"), float("nan")
        self.up, self.which = True, ""

    @staticmethod
    def of(y: Floats, n: Floats, recent: int, last_p: Floats) -> _Test:
        """``last_p``: p of the newest period standing out (one value, or none), NaN if not tested."""
        test = _Test(y, n, recent)
        test._run(last_p)
        return test

    def _run(self, last_p: Floats) -> None:
        y, n, w = self.y, self.n, self.recent
        if len(y) < MIN_PERIODS or len(y) <= w or float(np.sum(y)) < MIN_MENTIONS:
            return
        y1, n1, y0, n0 = (float(np.sum(a)) for a in (y[-w:], n[-w:], y[:-w], n[:-w]))
        if n1 == 0 or n0 == 0:
            return
        self.change = (max(y1, 0.5 * (y1 == 0)) / n1) / (max(y0, 0.5 * (y0 == 0)) / n0) - 1
        before = rate_fit(y[:-w], n[:-w], slope=False)
        whole = rate_fit(y, n, slope=True)
        recent_p = two_periods(y1, n1, y0, n0, before.phi)
        if before.phi > 1:  # phi itself is an estimate from few periods: Student's tails, not the normal's
            recent_p = float(iv.student_p(iv.normal_quantile(recent_p), len(y) - w - 1))
        candidates = [("recent", recent_p, y1 / n1 > y0 / n0)]
        if np.isfinite(whole.slope_se) and whole.slope_se > 0:
            candidates.append(("slope", float(iv.student_p(whole.slope / whole.slope_se, len(y) - 2)), whole.slope > 0))
        if len(last_p) and np.isfinite(last_p[0]):
            candidates.append(("last", float(last_p[0]), True))
        # An alarm upwards needs something to look at: five mentions in the newest stretch.
        candidates = [c for c in candidates if not c[2] or y1 >= MIN_RECENT]
        if not candidates:
            self.p = 1.0
            return
        self.which, smallest, self.up = min(candidates, key=lambda c: c[1])
        self.p = min(1.0, 3 * smallest)

    def kind(self, q: float, burst_at: npt.NDArray[np.int64], p: Periods) -> tuple[str, str]:
        """The verdict and why, in words."""
        y, n, w = self.y, self.n, self.recent
        if np.isnan(self.p):
            return "too few", "" if float(np.sum(y)) < MIN_MENTIONS else f"fewer than {MIN_PERIODS} periods to compare"
        # Several periods in a row up to the newest are no burst but a new level.
        newest = np.isin(np.arange(len(y) - min(3, w), len(y)), burst_at)
        burst = 0 < len(burst_at) <= max(1, len(y) // 4) and not newest.all()
        if q < FALSE_DISCOVERIES:
            if burst and not self._holds_without(burst_at):
                return "burst", self._when(burst_at, p)
            y1, n1 = float(np.sum(y[-w:])), float(np.sum(n[-w:]))
            if not self.up:
                return ("gone", f"no mention in the last {w} {p.unit}s") if y1 == 0 else ("fading", "")
            early = max(1, (len(y) - w) // 2)
            rate_early = float(np.sum(y[:early])) / max(float(np.sum(n[:early])), 1.0)
            since = self._since(p)
            if rate_early <= 0.2 * y1 / n1 and y1 >= MIN_RECENT:
                return "emerging", since
            return "rising", since
        if burst:
            return "burst", self._when(burst_at, p)
        return "steady", ""

    def _holds_without(self, burst_at: npt.NDArray[np.int64]) -> bool:
        """Is the movement still there when the burst's periods are taken out?"""
        keep = np.setdiff1d(np.arange(len(self.y)), burst_at)
        rest = _Test.of(self.y[keep], self.n[keep], self.recent, np.zeros(0))
        return bool(rest.p < FALSE_DISCOVERIES / 2) and rest.up == self.up

    def _when(self, burst_at: npt.NDArray[np.int64], p: Periods) -> str:
        return "peak in " + ", ".join(p.labels[i] for i in burst_at.tolist())

    def _since(self, p: Periods) -> str:
        """When the slow rise began: the start of the CUSUM's last climb."""
        early = max(1, (len(self.y) - self.recent) // 2)
        base = max(float(np.sum(self.y[:early])), 0.5) / max(float(np.sum(self.n[:early])), 1.0)
        now = float(np.sum(self.y[-self.recent :])) / max(float(np.sum(self.n[-self.recent :])), 1.0)
        climb = cusum(self.y, base * self.n, max(1.5, now / base))
        zero = np.flatnonzero(climb <= 0)
        start = int(zero[-1]) + 1 if len(zero) else 0
        return f"more since {p.labels[start]}" if start < len(p) and climb[-1] > 0 else ""
