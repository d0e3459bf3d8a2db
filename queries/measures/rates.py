"""The rates of a frame of counts: pure functions, no database.

Rates are null if there is nothing to divide. Formulas: `wilson_low`/`wilson_high` are the Wilson score interval at 95
% (Wilson 1927, JASA 22:209), over the effective number n / D of bookings that are alike (`clustering`). Participants
take Kish's effective number (Kish 1965), since a party comes or stays away together, divided by D too; `shrunk_rate`
is the beta-binomial mean with its weight from the method of moments.
"""

from __future__ import annotations

import math

import polars as pl

from queries.measures.clustering import Clustering, design_effect

# The normal quantile at 97.5 %, correctly rounded (`statistics.NormalDist` is a unit off); the macro z95 has the same.
Z95 = 1.959963984540054
FEWEST_GROUPS_TO_SHRINK = 10


def with_rates(counts: pl.DataFrame, clustering: Clustering) -> pl.DataFrame:
    """Add the rates of each row (Float64): no_show_rate to lost_seat_rate, as in the view `no_show_by_service`.

    `clustering` is that of all bookings that the rows are compared with.
    """
    rated, missed, late = pl.col("rated_bookings"), pl.col("missed_bookings"), pl.col("late_cancelled")
    in_register, unmarked = pl.col("register_marked"), pl.col("unmarked_bookings")
    registered = in_register - pl.col("register_excused") + unmarked
    participants = _divide(pl.col("absent"), pl.col("booked_marked"))
    booked_marked = pl.col("booked_marked").cast(pl.Float64)
    effect = pl.col("design_effect")
    effective = rated / effect
    kish = _divide(booked_marked * booked_marked, pl.col("booked_squared")) / effect
    rate = _divide(missed, rated)
    return counts.with_columns(design_effect=design_effect(clustering)).with_columns(
        no_show_rate=rate,
        no_show_rate_low=wilson_low(rate * effective, effective),
        no_show_rate_high=wilson_high(rate * effective, effective),
        design_effect=effect,
        effective_n=effective,
        coverage=_divide(in_register, in_register + unmarked),
        bound_low=_divide(pl.col("register_no_shows"), registered),
        bound_high=_divide(pl.col("register_no_shows") + unmarked, registered),
        participant_no_show_rate=participants,
        participant_no_show_rate_low=wilson_low(participants * kish, kish),
        participant_no_show_rate_high=wilson_high(participants * kish, kish),
        lost_seat_rate=_divide(missed + late, rated + late),
    )


def wilson_low(k: pl.Expr, n: pl.Expr) -> pl.Expr:
    """Lower limit of the Wilson score interval, 95 %, for k of n; null where n is 0, exactly 0 where k is."""
    centre, spread, scale = _wilson(k, n)
    return pl.when((n > 0) & (k == 0)).then(0.0).otherwise(((centre - spread) / scale).clip(lower_bound=0.0))


def wilson_high(k: pl.Expr, n: pl.Expr) -> pl.Expr:
    """Upper limit of the Wilson score interval, 95 %, for k of n; null where n is 0, exactly 1 where k is n."""
    centre, spread, scale = _wilson(k, n)
    return pl.when((n > 0) & (k == n)).then(1.0).otherwise(((centre + spread) / scale).clip(upper_bound=1.0))


def with_shrunk_rates(rates: pl.DataFrame) -> pl.DataFrame:
    """Add shrunk_rate, expected_no_shows and excess_no_shows (Float64), which compare a group with all of them.

    shrunk_rate = (N + M·p) / (n + M) with p pooled over the groups and M from `prior_weight`; null if the groups show
    no difference beyond chance, or are fewer than ten. With p = 0.16 and M = 16, 0 of 6 becomes 2.56 of 22, or 0.116.
    """
    total = int(rates["rated_bookings"].sum())
    pooled = int(rates["missed_bookings"].sum()) / total if total else None
    weight = (
        prior_weight(rates) if rates.filter(pl.col("rated_bookings") > 0).height >= FEWEST_GROUPS_TO_SHRINK else None
    )
    expected = pl.col("rated_bookings") * pl.lit(pooled, pl.Float64)
    shrunk = (pl.col("missed_bookings") + pl.lit(weight, pl.Float64) * pl.lit(pooled, pl.Float64)) / (
        pl.col("rated_bookings") + pl.lit(weight, pl.Float64)
    )
    return rates.with_columns(
        shrunk_rate=pl.when(shrunk.is_finite()).then(shrunk),
        expected_no_shows=expected,
        excess_no_shows=pl.col("missed_bookings") - expected,
    )


def prior_weight(counts: pl.DataFrame) -> float | None:
    """M, the weight in bookings of the pooled rate in a shrunk rate; None if τ² is not above 0.

    τ² = (Σ n(r − p)² − p(1 − p)(m − 1)) / (Σn − Σn²/Σn) over the m groups with rated bookings;
    M = p(1 − p)/τ² − 1, not below 0.
    """
    rated = counts.filter(pl.col("rated_bookings") > 0)
    if rated.height < 2:
        return None
    groups = list(rated.select("rated_bookings", "missed_bookings").iter_rows())
    total = sum(n for n, _ in groups)
    p = sum(k for _, k in groups if k is not None) / total
    # The sum of floats must not depend on the order of the groups: `fsum` rounds once, at the end.
    spread = math.fsum(n * (k / n - p) * (k / n - p) for n, k in groups if k is not None)
    between = spread - p * (1 - p) * (rated.height - 1)
    tau_squared = between / (total - sum(n * n for n, _ in groups) / total)
    return max(0.0, p * (1 - p) / tau_squared - 1) if tau_squared > 0 and math.isfinite(tau_squared) else None


def _wilson(k: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    # Null if n is 0, and so are the limits: 0 / 0 would be NaN, which `clip` keeps.
    n = pl.when(n > 0).then(n.cast(pl.Float64))
    r = k / n
    centre = r + Z95 * Z95 / (2 * n)
    spread = Z95 * ((r * (1 - r) + Z95 * Z95 / (4 * n)) / n).sqrt()
    return centre, spread, 1 + Z95 * Z95 / n


def _divide(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
