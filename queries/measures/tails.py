"""Tails of distributions that the standard library lacks. Pure.

SciPy has them too, but takes a second to import and 100 MB on the disk.
"""

from __future__ import annotations

import math

_CONVERGED = 1e-15
_MOST_TERMS = 10_000
# Where a divisor of the fraction would be 0, this takes its place (Lentz).
_TINY = 1e-300


def chi_square_tail(x: float, degrees: int) -> float:
    """The chi-square distribution above x, with a whole number of degrees of freedom.

    Q(n, x) = Q(n - 2, x) + (x/2)^(n/2 - 1) e^(-x/2) / gamma(n/2), from erfc for odd and e^(-x/2) for even degrees
    (Abramowitz and Stegun 26.4.4-5).
    """
    half = x / 2
    if half <= 0:
        return 1.0
    tail = math.erfc(math.sqrt(half)) if degrees % 2 else math.exp(-half)
    for lower in range(1 if degrees % 2 else 2, degrees, 2):
        tail += math.exp(lower / 2 * math.log(half) - half - math.lgamma(lower / 2 + 1))
    return min(1.0, tail)


def beta_distribution(x: float, a: float, b: float) -> float:
    """The beta distribution up to x: the regularised incomplete beta function, by its continued fraction.

    Numerical Recipes 6.4, with Lentz's method. The fraction converges fast below the mean; above it the mirrored one
    is taken.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_distribution(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x),
    )
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _MOST_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _not_zero(1 + term * d), _not_zero(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < _CONVERGED:
            break
    return front * fraction / a


def binomial_tail(k: float, n: float, p: float) -> float:
    """P(K > k) + P(K = k)/2 (mid-p) for a binomial K of n trials; k and n need not be whole.

    P(K >= k) is the beta distribution with k and n - k + 1 up to p, which has values between whole numbers too.
    """
    at_least = beta_distribution(p, k, n - k + 1) if k > 0 else 1.0
    above = beta_distribution(p, k + 1, n - k) if k < n else 0.0
    return (at_least + above) / 2


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
