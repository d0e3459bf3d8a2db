"""How alike bookings of one contact and of one session are, and by how much that widens an interval. Pure.

A contact who missed once is likely to miss again, and a session can go wrong for everybody in it. With y = 1 for a
no-show and 0 otherwise over the n rated bookings compared, p their mean and u = y - p, the correlation of two bookings
of one contact (or one session, in the same way) is over the groups g

    r = sum[(sum u)² - sum u²] / (sum n_g (n_g - 1) · p(1 - p)),

the mean product of pairs over the variance. Written out it needs integer sums only: of a group's n_g² (`squares`),
y_g n_g (`products`) and y_g² (`missed_squares`), so that every engine has the same result to the last digit.

p is estimated from the same bookings. If the variance of p is d p(1 - p), then E[u_i u_j] of a pair is (rho - d) p(1
- p) and p(1 - p) itself is estimated as (1 - d) of its value, so that r = (rho - d) / (1 - d), or rho = r + d (1 -
r). Here d = D/n, D = 1 + A_c rho_c + A_s rho_s being the design effect of all bookings and A = squares / n - 1. Both
together give

    d = (1 + A_c r_c + A_s r_s) / (n - A_c (1 - r_c) - A_s (1 - r_s)).

Independent bookings have r = -1/(n - 1) on average, d = 1/n, and so rho = 0. If nearly all bookings are of one
contact or session (the divisor is below 1), nothing can be estimated, and d is taken as 0.

The design effect of some of the bookings is D = 1 + rho_contact (sum n_c² / n - 1) + rho_session (sum n_s² / n - 1), at
least 1 (Kish 1965; two ways of clustering added). Their effective number is n / D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Clustering:
    """The correlations of two bookings of one contact and of one session, each from 0 to 1, over all that are compared.

    `contact_squares` and `session_squares` are the sums of squares over all of them; None if withheld. A group whose
    own squares are withheld takes `whole`, the design effect of all.
    """

    contact: float = 0.0
    session: float = 0.0
    contact_squares: int | None = None
    session_squares: int | None = None
    whole: float = 1.0

    def effect(self, n: int, contact_squares: int | None, session_squares: int | None) -> float:
        """The design effect of n bookings, n above 0."""
        if contact_squares is None or session_squares is None:
            return self.whole
        extra = self.contact * (contact_squares / n - 1), self.session * (session_squares / n - 1)
        return max(1.0, 1 + extra[0] + extra[1])

    def effect_of_rest(self, n: int, contact_squares: int | None, session_squares: int | None) -> float:
        """The most that the design effect of the n bookings beside a group can be, given the squares of the group.

        A contact of both has (N - n)² among the rest, which is at most N² - n²: the difference of the squares.
        """
        if None in (contact_squares, session_squares, self.contact_squares, self.session_squares):
            return self.whole
        rest = (
            (self.contact_squares or 0) - (contact_squares or 0),
            (self.session_squares or 0) - (session_squares or 0),
        )
        return self.effect(n, *rest)


INDEPENDENT = Clustering()


def clustering_of(clusters: Mapping[str, Any]) -> Clustering:
    """The clustering from a row of `clusters_of`: numbers of bookings and no-shows, and the sums of both kinds."""
    n = clusters["rated_bookings"]
    if not n:
        return INDEPENDENT
    contact, session = (min(1.0, max(0.0, rho or 0.0)) for rho in correlations(clusters))
    squares = clusters["contact_squares"], clusters["session_squares"]
    found = Clustering(contact, session, *squares)
    return replace(found, whole=found.effect(n, *squares))


def clustering_of_all(frame: pl.DataFrame) -> Clustering:
    """The clustering from a frame of clusters with one row, or with none, as that of no bookings may be."""
    return clustering_of(frame.row(0, named=True)) if frame.height else INDEPENDENT


def correlations(clusters: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The correlations of two bookings of one contact and of one session, which chance can make less than 0.

    None if no two bookings are of one contact or session, or if all or none were missed.
    """
    n, y = clusters["rated_bookings"], clusters["missed_bookings"]
    sums = [[clusters[f"{of}_{name}"] for name in _SUMS] for of in ("contact", "session")]
    contact, session = (_pair_correlation(n, y, *each) for each in sums)
    contact_extra, session_extra = (squares / n - 1 for squares, *_ in sums)
    shift = _shift(float(n), contact or 0.0, contact_extra, session or 0.0, session_extra)
    return _corrected(contact, shift), _corrected(session, shift)


def design_effect(clustering: Clustering) -> pl.Expr:
    """The design effect of each row of counts (Float64); null if nothing is rated."""
    n = pl.col("rated_bookings")
    contact, session = (pl.col(f"{of}_squares") / n - 1 for of in ("contact", "session"))
    own = pl.max_horizontal(pl.lit(1.0), 1 + clustering.contact * contact + clustering.session * session)
    is_known = pl.col("contact_squares").is_not_null() & pl.col("session_squares").is_not_null()
    return pl.when(n > 0).then(pl.when(is_known).then(own).otherwise(pl.lit(clustering.whole)))


_SUMS = ("squares", "products", "missed_squares")


def _pair_correlation(n: int, y: int, squares: int, products: int, missed_squares: int) -> float | None:
    # The operations come in the order of the macro `pair_correlation`, so that the results are the same.
    if squares <= n or not 0 < y < n:
        return None
    p = y / n
    together = missed_squares - 2 * p * products + p * p * squares
    alone = y - 2 * p * y + p * p * n
    return (together - alone) / ((squares - n) * (p * (1 - p)))


def _shift(n: float, contact: float, contact_extra: float, session: float, session_extra: float) -> float:
    left = n - contact_extra * (1 - contact) - session_extra * (1 - session)
    return (1 + contact_extra * contact + session_extra * session) / left if left >= 1 else 0.0


def _corrected(r: float | None, shift: float) -> float | None:
    return None if r is None else r + shift * (1 - r)
