"""Statistics of counts over time: quasi-Poisson fit, exact test of two periods, Farrington's bound, EWMA and CUSUM.

Sources: Farrington et al. (1996) and Noufaily et al. (2013) for the bound and its reweighting; Przyborowski & Wilenski
(1940) for two periods; Roberts (1959); Page (1954) and Lucas (1985) for the Poisson CUSUM.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from cxtext.exact import nine_digits
from cxtext.link.intervals import z_value
from cxtext.schema import nine

Floats = npt.NDArray[np.float64]


def exact_two_periods(y1: float, n1: float, y2: float, n2: float) -> float:
    """Are two rates the same? Exact two-sided p of ``y1`` given the sum: Y1 | Y1 + Y2 ~ Bin(., n1 / (n1 + n2))."""
    total, share = round(y1) + round(y2), n1 / (n1 + n2)
    if total == 0:
        return 1.0
    k = np.arange(total + 1, dtype=np.float64)
    log_p = (
        special.gammaln(total + 1) - special.gammaln(k + 1) - special.gammaln(total - k + 1)
        + special.xlogy(k, share) + special.xlog1py(total - k, -share)
    )  # fmt: skip
    p = np.exp(log_p)
    # All outcomes that are no likelier than the one seen, with room for rounding.
    return float(min(1.0, np.sum(p[p <= p[round(y1)] * (1 + 1e-7)])))


def two_periods(y1: float, n1: float, y2: float, n2: float, phi: float = 1.0) -> float:
    """The same question when counts vary more than chance (phi > 1): counts shrink by phi, tails are doubled."""
    a, b, share = y1 / phi, y2 / phi, n1 / (n1 + n2)
    if a + b <= 0:
        return 1.0
    up = special.betainc(a, b + 1, share) if a > 0 else 1.0
    down = special.betainc(b, a + 1, 1 - share) if b > 0 else 1.0
    return float(min(1.0, 2 * min(up, down)))


def dispersion(y: Floats, mu: Floats, parameters: int, weights: Floats | None = None) -> float:
    """How much more counts vary than chance alone would: max(1, Pearson chi-square / degrees of freedom)."""
    w = np.ones(len(y)) if weights is None else weights
    df = float(np.sum(w)) - parameters
    if df <= 0:
        return 1.0
    return max(1.0, float(np.sum(w * (y - mu) ** 2 / np.maximum(mu, 1e-9))) / df)


@dataclass(frozen=True)
class RateFit:
    """``mu`` expected counts, ``slope`` of the log rate per period with ``slope_se`` (NaN without), ``phi``."""

    mu: Floats
    slope: float
    slope_se: float
    phi: float


def rate_fit(y: Floats, n: Floats, slope: bool) -> RateFit:
    """Quasi-Poisson regression of counts on time with the volume as offset (constant rate if not ``slope``)."""
    rate = float(np.sum(y)) / max(float(np.sum(n)), 1e-9)
    if not slope or np.sum(y > 0) < 2:
        mu = rate * n
        return RateFit(mu, 0.0, float("nan"), dispersion(y, mu, 1))
    t = np.arange(len(y), dtype=np.float64)
    t -= np.sum(t * n) / np.sum(n)
    a, b = np.log(rate), 0.0
    information = np.eye(2)
    for _ in range(50):
        mu = n * np.exp(np.clip(a + b * t, -50, 50))
        gradient = np.array([np.sum(y - mu), np.sum(t * (y - mu))])
        information = np.array([[np.sum(mu), np.sum(t * mu)], [np.sum(t * mu), np.sum(t * t * mu)]])
        determinant = information[0, 0] * information[1, 1] - information[0, 1] ** 2
        if determinant <= 1e-12:
            break
        step = np.linalg.solve(information, gradient)
        step = np.clip(step, -1.0, 1.0)
        a, b = a + step[0], b + step[1]
        if np.abs(step).max() < 1e-10:
            break
    mu = n * np.exp(np.clip(a + b * t, -50, 50))
    phi = dispersion(y, mu, 2)
    determinant = information[0, 0] * information[1, 1] - information[0, 1] ** 2
    se = float(np.sqrt(phi * information[0, 0] / determinant)) if determinant > 1e-12 else float("nan")
    return RateFit(nine_digits(mu), nine(float(b)), nine(se), nine(phi))


@dataclass(frozen=True)
class Bound:
    """Farrington's comparison of one count with its expectation: ``lower`` and ``upper`` bound and one-sided ``p``."""

    expected: float
    lower: float
    upper: float
    p: float


def farrington(y: float, mu0: float, se: float, phi: float, alpha: float = 0.05) -> Bound:
    """Is a count above what its past leads to expect? 2/3-power bound with the uncertainty of the expectation.

    ``tau = phi + se^2 / mu0``; upper is ``(mu0^(2/3) + z sqrt(4/9 mu0^(1/3) tau))^(3/2)`` with z the normal quantile
    of 1 - alpha, and ``lower`` the same with minus.
    """
    tau = phi + se * se / mu0
    spread = np.sqrt(4 / 9 * mu0 ** (1 / 3) * tau)
    reach = z_value(1 - 2 * alpha) * spread
    upper = (mu0 ** (2 / 3) + reach) ** 1.5
    lower = max(mu0 ** (2 / 3) - reach, 0.0) ** 1.5
    p = special.ndtr(-(y ** (2 / 3) - mu0 ** (2 / 3)) / spread)
    return Bound(mu0, float(lower), float(upper), float(p))


def excess_p(y: Floats, mu: Floats, tau: Floats) -> Floats:
    """One-sided p of counts at or above ``y``: negative binomial with mean mu and variance mu tau (Poisson at tau 1).

    Exact in the tail where the 2/3-power bound is too eager, which matters for expectations below 5.
    """
    y, mu, tau = np.broadcast_arrays(np.asarray(y, float), np.maximum(mu, 1e-9), np.maximum(tau, 1.0))
    poisson = special.gammainc(np.maximum(y, 1e-9), mu)
    size = mu / np.maximum(tau - 1, 1e-9)
    spread = special.betainc(np.maximum(y, 1e-9), size, mu / (mu + size))
    return np.where(y <= 0, 1.0, np.where(tau < 1 + 1e-6, poisson, spread))


def ewma(z: Floats, smoothing: float = 0.2, width: float = 3.0) -> tuple[Floats, float]:
    """Exponentially weighted average of standardised deviations, and the limit that it should stay within.

    ``z_t = smoothing * x_t + (1 - smoothing) * z_(t-1)``; limit ``width * sqrt(smoothing / (2 - smoothing))``.
    """
    out, level = np.empty(len(z)), 0.0
    for i, x in enumerate(z):
        level = smoothing * float(x) + (1 - smoothing) * level
        out[i] = level
    return out, width * float(np.sqrt(smoothing / (2 - smoothing)))


def cusum(y: Floats, mu0: Floats, ratio: float = 1.5) -> Floats:
    """Evidence that the rate has grown ``ratio`` times, added up over periods: max(0, C + y - k), in mentions.

    ``k = (mu1 - mu0) / ln(mu1 / mu0)`` is Lucas's reference value for Poisson counts; it catches slow rises that no
    single period shows.
    """
    k = mu0 * (ratio - 1) / np.log(ratio)
    out, level = np.empty(len(y)), 0.0
    for i in range(len(y)):
        level = max(0.0, level + float(y[i]) - float(k[i]))
        out[i] = level
    return out


@dataclass(frozen=True)
class Normal:
    """For each of T periods, what the others lead to expect: ``expected`` count, ``phi`` with its degrees of freedom
    ``df``, and ``basis``, the expected mentions that the expectation rests on."""

    expected: Floats
    phi: Floats
    df: Floats
    basis: Floats

    def tail(self, y: Floats, phi: Floats) -> Floats:
        """One-sided p of each count, given a dispersion; the expectation's own uncertainty is included."""
        return excess_p(y, self.expected, phi * (1 + self.expected / np.maximum(self.basis, 1e-9)))


def normal_rate(y: Floats, n: Floats) -> Normal:
    """What the other periods lead to expect in each period; bursts among them don't count, nor do its neighbours.

    The rate starts from the calmer two thirds of the other periods; then each of them is weighted by 1, or less the
    further it stands out upwards (Noufaily's weights). Neighbours are left out because storms last.
    """
    t = len(y)
    apart = np.abs(np.arange(t)[:, None] - np.arange(t)[None, :])
    use = (apart > (1 if t >= 6 else 0)) & (n > 0)[None, :]
    rate = np.where(use, (y / np.maximum(n, 1.0))[None, :], np.inf)
    k = use.sum(axis=1)
    order = np.argsort(rate, axis=1, kind="stable")
    calm = np.arange(t)[None, :] < np.ceil(2 * k / 3)[:, None]
    sy, sn = np.sum(np.where(calm, y[order], 0.0), axis=1), np.sum(np.where(calm, n[order], 0.0), axis=1)
    least = 0.25 / np.maximum(np.sum(np.where(use, n[None, :], 0.0), axis=1), 1.0)
    r = np.maximum(sy / np.maximum(sn, 1.0), least)
    w = use.astype(np.float64)
    for _ in range(6):
        mu = r[:, None] * n[None, :] + 1e-12
        square = np.where(use, (y[None, :] - mu) ** 2 / mu, np.inf)
        # The median squared deviation (0.455 by chance alone) can't be swayed by the bursts it must reveal.
        middle = np.take_along_axis(np.sort(square, axis=1), np.maximum((k - 1) // 2, 0)[:, None], axis=1)
        spread = np.where(np.isfinite(middle), np.maximum(1.0, middle / 0.455), 1.0)
        s = 1.5 * (y[None, :] ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * np.sqrt(spread))
        w = use * np.where(s > 2.0, (2.0 / np.maximum(s, 1e-9)) ** 2, 1.0)
        r = np.maximum(np.sum(w * y, axis=1) / np.maximum(np.sum(w * n, axis=1), 1e-9), least)
    mu = r[:, None] * n[None, :] + 1e-12
    df = np.maximum(np.sum(w, axis=1) - 1, 0.0)
    phi = np.sum(w * (y[None, :] - mu) ** 2 / mu, axis=1) / np.maximum(df, 1e-9)
    return Normal(r * n, np.where(df > 0, np.maximum(phi, 1.0), 1.0), df, np.sum(w * mu, axis=1))
