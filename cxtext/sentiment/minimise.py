"""Minimising a smooth function of many numbers, to the same bits on every processor.

L-BFGS (Nocedal & Wright 2006, algorithm 7.4) with sums in a fixed order. SciPy's adds up with the processor's own
kernel, and sixty steps make of a last digit another model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from cxtext import exact

if TYPE_CHECKING:
    from cxtext.schema import FloatArray

_MEMORY = 10
# Sufficient decrease and curvature (strong Wolfe conditions), and how many tries a step gets.
_DECREASE, _CURVATURE, _TRIES = 1e-4, 0.9, 20
_FLAT = 2e-9  # relative gain at which there is nothing left to win


def minimise(function: Callable[[FloatArray], tuple[float, FloatArray]], start: FloatArray, steps: int) -> FloatArray:
    """The point, float64[n], where ``function`` is smallest, after at most ``steps`` steps.

    ``function`` gives its value and its gradient float64[n] at a point; it should be convex.
    """
    point = start
    value, gradient = function(point)
    moves: list[tuple[FloatArray, FloatArray, float]] = []
    for step in range(steps):
        direction = _direction(gradient, moves)
        slope = exact.dot(gradient, direction)
        if not slope < 0:
            break
        first = 1.0 if step else min(1.0, 1.0 / max(exact.total(np.abs(gradient)), 1e-300))
        found = _line_search(function, point, value, slope, direction, first)
        if found is None:
            break
        size, new_value, new_gradient = found
        move, turn = size * direction, new_gradient - gradient
        gain = value - new_value
        point, value, gradient = point + move, new_value, new_gradient
        curvature = exact.dot(move, turn)
        if curvature > 0:
            moves = [*moves[-_MEMORY + 1 :], (move, turn, curvature)]
        if gain <= _FLAT * max(abs(value), 1.0):
            break
    return point


def _direction(gradient: FloatArray, moves: list[tuple[FloatArray, FloatArray, float]]) -> FloatArray:
    """The two-loop recursion: minus the gradient times what the last moves say about the curvature."""
    out = -gradient
    shares: list[float] = []
    for move, turn, curvature in reversed(moves):
        shares.append(exact.dot(move, out) / curvature)
        out = out - shares[-1] * turn
    if moves:
        _, turn, curvature = moves[-1]
        out = out * (curvature / exact.dot(turn, turn))
    for (move, turn, curvature), share in zip(moves, reversed(shares), strict=True):
        out = out + (share - exact.dot(turn, out) / curvature) * move
    return out


def _line_search(
    function: Callable[[FloatArray], tuple[float, FloatArray]],
    point: FloatArray,
    value: float,
    slope: float,
    direction: FloatArray,
    size: float,
) -> tuple[float, float, FloatArray] | None:
    """A step size that meets the Wolfe conditions, by bisection: the size, the value and the gradient there."""
    low, high = 0.0, np.inf
    best: tuple[float, float, FloatArray] | None = None
    for _ in range(_TRIES):
        new_value, gradient = function(point + size * direction)
        if not new_value <= value + _DECREASE * size * slope:
            high = size
        else:
            best = size, new_value, gradient
            if exact.dot(gradient, direction) >= _CURVATURE * slope:
                return best
            low = size
        size = 0.5 * (low + high) if np.isfinite(high) else 2.0 * low
    return best
