"""Scores as figures with intervals: NPS, CSAT, CES, rates and numbers, each on its own scale and direction."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cxtext.link import intervals as iv
from cxtext.link.people import customer_groups
from cxtext.schema import Estimate, Metric

Floats = npt.NDArray[np.float64]
Statistic = Literal["default", "mean", "median", "top box"]

MIN_CELL = 10
LOW_CONFIDENCE = 100
PROMOTER = 9.0
DETRACTOR = 6.0
NAN = float("nan")


def estimate(value: float, low: float, high: float, n: int, method: str, min_n: int = MIN_CELL) -> Estimate:
    """Wrap a figure with its status; below ``min_n`` cases nothing of it is shown, below 100 it is "low confidence"."""
    if n < min_n:
        return Estimate(NAN, NAN, NAN, int(n), method, "suppressed")
    status = "low confidence" if n < LOW_CONFIDENCE else ""
    return Estimate(float(value), float(low), float(high), int(n), method, status)


def points(metric: Metric, values: npt.ArrayLike) -> Floats:
    """What one answer adds to the score, in points of the metric: -100, 0 or 100 for NPS, else the raw value.

    The mean of the points is the score. NaN stays NaN; codes in ``metric.missing`` become NaN.
    """
    v = np.array(values, dtype=np.float64)
    for code in metric.missing:
        v[v == code] = np.nan
    if metric.kind != "nps":
        return v
    return np.where(np.isnan(v), np.nan, 100.0 * ((v >= PROMOTER).astype(np.float64) - (v <= DETRACTOR)))


def direction(metric: Metric) -> float:
    """+1 when a larger value is better, -1 when it is worse."""
    return 1.0 if metric.high_good else -1.0


def ease(metric: Metric, values: npt.ArrayLike) -> Floats:
    """The same answers turned so that more is better: unchanged when high is good, else low + high - value.

    This is how customer effort is read in both directions. A low-good number without a scale is only negated.
    """
    v = points(metric, values) if metric.kind != "nps" else np.asarray(values, dtype=np.float64)
    if metric.high_good:
        return v
    span = (metric.low or 0.0) + (metric.high or 0.0) if metric.low is not None and metric.high is not None else 0.0
    return np.asarray(span - v)


def top_box(metric: Metric, top: float | None = None) -> float | None:
    """Where the top box begins on the ``ease`` scale: 4 of 1-5, 6 of 1-7, 9 of 1-10 or 0-10; ``None`` if undefined.

    On 0-100 and open scales nothing is assumed: pass ``top``, or let the user set it (``metric.top``, which is in the
    column's own numbers).
    """
    if top is not None:
        return top
    if metric.low is None or metric.high is None or metric.kind in ("rate", "nps"):
        return None
    if metric.top is not None:
        return metric.top if metric.high_good else metric.low + metric.high - metric.top
    span = metric.high - metric.low
    if not 1 < span <= 10:
        return None
    return metric.high - 1 if span >= 4 else metric.high


def design_effect(residuals: Floats, customer: npt.NDArray[np.integer[Any]] | None) -> tuple[float, int]:
    """How many times the variance of a mean grows because customers repeat, and the number of customers.

    1.0 when nobody repeats; never below 1 (a negative correlation within customers isn't counted in our favour).
    """
    n = len(residuals)
    if customer is None or n < 2:
        return 1.0, n
    group, g, repeats = customer_groups(customer)
    total = float(np.sum(residuals * residuals))
    if not repeats or g < 2 or total <= 0:
        return 1.0, g
    summed = np.bincount(group, weights=residuals, minlength=g)
    clustered = float(np.sum(summed * summed)) * g / (g - 1)
    return max(1.0, clustered / (total * n / (n - 1))), g


def summarise(
    metric: Metric,
    values: npt.ArrayLike,
    customer: npt.NDArray[np.integer[Any]] | None = None,
    min_n: int = MIN_CELL,
    confidence: float = 0.95,
    statistic: Statistic = "default",
    top: float | None = None,
) -> Estimate:
    """One score with its interval, from raw answers (NaN = none).

    NPS: points from -100 to 100, adjusted Wald around the adjusted NPS. Rates: share 0..1, Wilson. Else the mean with
    Student's interval. ``statistic="median"`` gives order statistics (for skewed times and amounts), ``"top box"`` the
    share of satisfied answers. Where customers repeat, the interval widens by the design effect of their answers.
    Below ``min_n`` answers everything is NaN and the status is "suppressed".
    """
    raw = np.asarray(values, dtype=np.float64)
    v = points(metric, raw)
    keep = np.isfinite(v)
    v = v[keep]
    who = None if customer is None else np.asarray(customer)[keep]
    n = len(v)
    if n == 0:
        return estimate(NAN, NAN, NAN, 0, _method(metric, statistic, False), max(min_n, 1))
    if statistic == "median":
        above = (v > np.median(v)).astype(np.float64)
        deff, _ = design_effect(above - float(np.mean(above)), who)
        method = _method(metric, statistic, deff > 1.0 and who is not None)
        return estimate(*iv.median_interval(v, confidence, deff), n, method, min_n)
    if statistic == "top box":
        cut = top_box(metric, top)
        if cut is None:
            return Estimate(NAN, NAN, NAN, n, "top box not defined on this scale", "suppressed")
        v = (ease(metric, v) >= cut).astype(np.float64)
    mean = float(np.mean(v))
    deff, g = design_effect(v - mean, who)
    clustered = deff > 1.0 and who is not None
    method = _method(metric, statistic, clustered)
    if metric.kind == "nps" and statistic == "default":
        d, pr = float(np.sum(v < 0)) / deff, float(np.sum(v > 0)) / deff
        _, low, high = iv.net_adjusted(d, n / deff - d - pr, pr, confidence)
        return estimate(mean, 100 * float(low), 100 * float(high), n, method, min_n)
    if metric.kind == "rate" or statistic == "top box":
        low, high = iv.wilson(float(np.sum(v)) / deff, n / deff, confidence)
        return estimate(mean, float(low), float(high), n, method, min_n)
    variance = float(np.var(v, ddof=1)) if n > 1 else NAN
    half = float(iv.t_value(confidence, (g if clustered else n) - 1)) * float(np.sqrt(deff * variance / n))
    return estimate(mean, mean - half, mean + half, n, method, min_n)


def _method(metric: Metric, statistic: Statistic, clustered: bool) -> str:
    if statistic == "median":
        name = "median, order statistics"
    elif metric.kind == "nps" and statistic == "default":
        name = "NPS, adjusted Wald" if (metric.low or 0) == 0 else "NPS-like (not a 0-10 scale), adjusted Wald"
    elif statistic == "top box":
        name = "top box, Wilson"
    elif metric.kind == "rate":
        name = "rate, Wilson"
    else:
        name = "mean, t interval"
    return name + (", clustered by customer" if clustered else "")
