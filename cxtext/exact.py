"""Arithmetic that gives the same bits on every processor.

Sums of floats depend on the order in which a linear algebra kernel adds, and library logarithms on the instruction set.
Here both are avoided. Points are whole numbers, so short that every partial sum of a product of two points can be held
exactly: rows of length at most `LONGEST` (4096) in float32, since by Cauchy and Schwarz no partial sum exceeds 2**24,
and of length at most `FULL` (2**26) in float64. What can't be whole (logarithms, exponentials, square roots, quotients)
is computed element by element with the operations that IEEE 754 defines to the last bit.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Real = TypeVar("Real", np.float32, np.float64)

LONGEST = 4096.0
# The length that points are scaled to: rounding adds at most half the root of the number of axes (of 4,096 at most).
UNIT = 4064.0
FULL = 2.0**26
# Columns are scaled to this, which leaves room for rounding.
_COLUMN = FULL * (1 - 2.0**-14)
_BLOCK = 512

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_TENS = np.array([float(f"1e{n}") for n in range(301)])
_SQRT_HALF = 0.7071067811865476


def square_lengths(rows: npt.NDArray[Real]) -> Float64:
    """Squared length of each row of whole numbers: float64[U], exact for rows of length up to 2**26."""
    out = np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK].astype(np.float64)
        out[start : start + _BLOCK] = np.einsum("ij,ij->i", block, block)
    return out


def unit_rows(rows: npt.NDArray[Any], length: float = UNIT) -> Float32:
    """Rows of whole numbers (length up to 2**26) scaled to ``length`` and rounded: float32; zero rows stay zero."""
    size = np.sqrt(square_lengths(rows))
    factor = np.divide(length, size, out=np.zeros(len(size)), where=size > 0)
    out: Float32 = np.rint(rows * factor[:, None]).astype(np.float32)
    return out


def similarity(product: npt.NDArray[Any]) -> Float32:
    """Products of points as cosine similarities, -1..1, to four digits: float32."""
    out: Float32 = np.round(np.clip(product / (UNIT * UNIT), -1.0, 1.0), 4).astype(np.float32)
    return out


def total(values: npt.NDArray[Any]) -> float:
    """Sum of any floats, always in the same order: 256 lanes, then the lanes."""
    lanes = np.zeros((-(-max(1, values.size) // 256), 256))
    lanes.ravel()[: values.size] = values.ravel()
    return float(np.cumsum(lanes.sum(axis=0))[-1])


def dot(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """Inner product of any two float vectors, always added in the same order."""
    return total(a * b)


def exp(x: npt.ArrayLike) -> Float64:
    """e to the x, to about one part in 10**15, with nothing but products and sums."""
    z = np.clip(np.asarray(x, dtype=np.float64), -700.0, 700.0)
    k = np.rint(z * 1.4426950408889634)
    r = (z - k * _LN2_HIGH) - k * _LN2_LOW
    value = np.full_like(r, 1.0 / 6227020800.0)
    for n in (479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1):
        value *= r
        value += 1.0 / n
    out: Float64 = np.ldexp(value, k.astype(np.int32))
    return out


def log(x: npt.ArrayLike) -> Float64:
    """Natural logarithm of positive numbers, to about one part in 10**15, with nothing but products and sums."""
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    low = mantissa < _SQRT_HALF
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    k = exponent - low.astype(np.float64)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    value = np.full_like(s, 1.0 / 23.0)
    for n in range(21, 0, -2):
        value *= square
        value += 1.0 / n
    out: Float64 = k * _LN2_HIGH + (2.0 * s * value + k * _LN2_LOW)
    return out


def log1p(x: npt.ArrayLike) -> Float64:
    """Natural logarithm of 1 + x, for x >= 0."""
    return log(1.0 + np.asarray(x, dtype=np.float64))


def logistic(x: npt.ArrayLike) -> Float64:
    """1 / (1 + exp(-x)): a probability, 0..1, for log odds x."""
    out: Float64 = 1.0 / (1.0 + exp(-np.asarray(x, dtype=np.float64)))
    return out


def nine_digits(x: npt.ArrayLike) -> Float64:
    """Floats rounded to nine significant digits: what a linear algebra library solved, the same on every processor."""
    value = np.asarray(x, dtype=np.float64)
    size = np.abs(value)
    fit = np.isfinite(value) & (size > 1e-290)
    magnitude = np.floor(log(np.where(fit, size, 1.0)) * 0.4342944819032518)
    up, down = _TENS[np.clip(8 - magnitude, 0, 300).astype(int)], _TENS[np.clip(magnitude - 8, 0, 300).astype(int)]
    return np.where(fit, np.rint(value * up / down) / up * down, value)


def unit_columns(matrix: Float64) -> Float64:
    """Columns scaled to length 2**26 and rounded to whole numbers; zero columns stay zero: float64[n, r]."""
    top = np.abs(matrix).max(axis=0, initial=0.0)
    # First coarse, so that the length can be computed exactly; then as fine as that length allows.
    spare = 26 - int(np.frexp(np.sqrt(float(max(1, len(matrix)))))[1])
    coarse = np.ldexp(1.0, spare - np.frexp(top)[1])
    whole = np.rint(matrix * coarse)
    length = np.sqrt(np.einsum("ij,ij->j", whole, whole))
    scale = np.divide(coarse * _COLUMN, length, out=np.zeros(len(length)), where=length > 0)
    out: Float64 = np.rint(matrix * scale)
    return out


def inverse_factor(gram: Float64) -> Float64:
    """The upper triangle R**-1 of a positive matrix R'R: float64[r, r]; columns that add nothing become zero."""
    r = len(gram)
    left, out = gram.copy(), np.eye(r)
    for j in range(r):
        pivot = left[j, j]
        if not pivot > 1e-9:
            out[:, j] = 0.0
            left[j, :] = left[:, j] = 0.0
            continue
        root = np.sqrt(pivot)
        row = left[j] / root
        out[:, j] /= root
        out[:, j + 1 :] -= out[:, j : j + 1] * row[None, j + 1 :]
        left[j + 1 :, j + 1 :] -= row[j + 1 :, None] * row[None, j + 1 :]
    return out


def _bits(squares: Float64) -> int:
    """A power of two that no length reaches, given squared lengths."""
    return int(np.frexp(np.sqrt(max(float(squares.max(initial=0.0)), 1e-300)) * (1.0 + 2.0**-30))[1])


def orthonormal(matrix: Float64) -> Float64:
    """An orthogonal basis of the columns, in their order, as whole numbers of length 2**26: float64[n, r].

    Cholesky's QR, twice (Yamamoto et al. 2015), on whole numbers.
    """
    basis = matrix
    for _ in range(2):
        basis = unit_columns(basis)
        triangle = inverse_factor((basis.T @ basis) / (_COLUMN * _COLUMN))
        # As fine as a product whose partial sums stay under 2**53 allows.
        used = _bits(np.square(basis).sum(axis=1)) + _bits(np.square(triangle).sum(axis=0))
        basis = basis @ np.rint(np.ldexp(triangle, 52 - used))
    return unit_columns(basis)


def leading_vectors(matrix: Any, rank: int, rounds: int = 6) -> tuple[Float64, Float64]:
    """The ``rank`` leading left singular vectors [n, rank] and singular values of a matrix of whole numbers.

    ``matrix``: sparse or dense float64, rows and columns of length up to 2**26. Vectors are whole numbers of length
    2**26 (divide by `FULL`), each with its largest entry positive. Orthogonal iteration on a subspace ten axes wider
    than asked for (Halko, Martinsson & Tropp 2011), from a fixed start.
    """
    n, m = matrix.shape
    turned = matrix.T.tocsr() if hasattr(matrix, "tocsr") else np.ascontiguousarray(matrix.T)
    width = min(rank + 10, n, m)
    start = np.random.RandomState(0).randint(-(1 << 20), 1 << 20, size=(m, width)).astype(np.float64)
    span = unit_columns(start)
    basis = orthonormal(matrix @ span)
    for _ in range(rounds):
        basis = orthonormal(matrix @ unit_columns(turned @ basis))
    image = turned @ basis
    whole = unit_columns(image)
    top = np.abs(image).max(axis=0, initial=0.0)
    # Each column was scaled to length 2**26: its own length is the ratio of the largest entries before and after.
    after = np.abs(whole).max(axis=0, initial=0.0)
    values = np.divide(top, after, out=np.zeros(width), where=after > 0) * (_COLUMN / FULL)
    largest = np.argmax(np.abs(basis), axis=0)
    signs = np.sign(basis[largest, np.arange(width)])
    return (basis * signs)[:, :rank], values[:rank]
