"""Made-up histories of a business whose regulars have habits, with the figures that the product gives of them.

40 series of 8 regulars over 52 weeks at three locations. Regulars book four weeks of five: some 13,300 bookings, 333 a
series. The rate is 12 %. The logits of regulars vary by a standard deviation, and so do those of sessions; otherwise
nothing differs, unless a series or a location is made worse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.measures.clustering import Clustering, clustering_of
from queries.measures.frequent import flagged_together, with_frequent
from queries.measures.rates import with_rates

SERIES, REGULARS, WEEKS, LOCATIONS, BOOKED, BASE = 40, 8, 52, 3, 0.8, 0.12
_QUANTILES = [NormalDist().inv_cdf((at + 0.5) / 200) for at in range(200)]


@dataclass(frozen=True)
class Scene:
    """Standard deviations of the logits of regulars and sessions, and rates added to some series (by number).

    They are added from the week `since` on. A share `leaving` of the regulars leaves each week, and others come.
    """

    of_regulars: float = 0.0
    of_sessions: float = 0.0
    added: Mapping[int, float] = field(default_factory=dict)
    since: int = 0
    leaving: float = 0.0


@dataclass(frozen=True)
class Told:
    """The figures of one history: interval of the rate over all, and the flagged groups by their names."""

    low: float
    high: float
    flagged: frozenset[str]


def told_of(scene: Scene, seed: int) -> Told:
    """A history of the scene, counted, rated and flagged."""
    counts, clustering = counted(scene, seed)
    overall = with_rates(counts[""], clustering).row(0, named=True)
    frames = {
        name: with_frequent(with_rates(frame, clustering), 10, clustering) for name, frame in counts.items() if name
    }
    together = flagged_together(frames, 10)
    flagged = (name for frame in together.values() for name in frame.filter("frequent")["name"])
    return Told(overall["no_show_rate_low"], overall["no_show_rate_high"], frozenset(flagged))


def mean_rate(centre: float, sd: float) -> float:
    """The mean of 1 / (1 + exp(-x)) over x normal."""
    return sum(1 / (1 + math.exp(-centre - sd * z)) for z in _QUANTILES) / len(_QUANTILES)


@cache
def centre_of(rate: float, sd: float) -> float:
    """The mean logit at which logits with a standard deviation have a given rate, by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_rate(middle, sd) < rate else (low, middle)
    return (low + high) / 2


def counted(scene: Scene, seed: int) -> tuple[dict[str, pl.DataFrame], Clustering]:
    """Counts over all (""), by series and by location, with the clustering of all bookings."""
    frame = drawn(scene, seed)
    return {"": counts_by(frame, ""), **{by: counts_by(frame, by) for by in ("series", "location")}}, clusters(frame)


def drawn(scene: Scene, seed: int) -> pl.DataFrame:
    """The bookings of a history: series, contact, session, week, location (whole numbers), missed (0 or 1)."""
    rng = np.random.default_rng(seed)
    sd = math.hypot(scene.of_regulars, scene.of_sessions)
    centres = [centre_of(BASE + scene.added.get(series, 0.0), sd) for series in range(SERIES)]
    shape = (SERIES, REGULARS, WEEKS)
    series, who, week = (axis.ravel() for axis in np.indices(shape))
    habits = rng.normal(0, scene.of_regulars, SERIES * REGULARS)
    shocks = rng.normal(0, scene.of_sessions, SERIES * WEEKS)
    contact, session = series * REGULARS + who, series * WEEKS + week
    centre = np.array(centres)[series]
    if scene.since:
        centre = np.where(week >= scene.since, centre, centre_of(BASE, sd))
    if scene.leaving:
        contact, habits = _with_leavers(rng, scene, shape)
    rates = 1 / (1 + np.exp(-(centre + habits[contact] + shocks[session])))
    columns = {"series": series, "contact": contact, "session": session, "week": week}
    frame = pl.DataFrame(columns | {"missed": (rng.random(rates.size) < rates) * 1})
    frame = frame.filter(pl.Series(rng.random(rates.size) < BOOKED))
    return frame.with_columns(location=pl.col("series") % LOCATIONS)


def _with_leavers(
    rng: np.random.Generator, scene: Scene, shape: tuple[int, int, int]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The contact of each booking and the habits of all: others with habits of their own take the place of leavers."""
    begins = rng.random(shape) < scene.leaving
    places = SERIES * REGULARS
    who = np.arange(places).reshape(*shape[:2], 1) + places * np.cumsum(begins, axis=2)
    known, contact = np.unique(who, return_inverse=True)
    return contact.ravel(), rng.normal(0, scene.of_regulars, len(known))


def counts_by(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """The counts that rates and flags take, of each group of bookings."""
    keyed = frame.with_columns(name=pl.lit(by) if not by else pl.format(f"{by} {{}}", by))
    sums = keyed.group_by("name").agg(rated_bookings=pl.len().cast(pl.Int64), missed_bookings=pl.col("missed").sum())
    each = {of: keyed.group_by("name", of).agg(n=pl.len().cast(pl.Int64), y=pl.col("missed").sum()) for of in _CLUSTERS}
    top = each["contact"].sort("y", pl.col("n").neg(), descending=True).filter(pl.col("y") > 0)
    squares = [
        groups.group_by("name").agg((pl.col("n") ** 2).sum().alias(f"{of}_squares")) for of, groups in each.items()
    ]
    n, y = pl.col("n").head(3), pl.col("y").head(3)
    tops = top.group_by("name").agg(top_missed=y.sum(), top_rated=n.sum(), top_squares=(n**2).sum())
    for sums_of in (*squares, tops):
        sums = sums.join(sums_of, on="name", how="left")
    plain = {name: pl.col("rated_bookings") for name in ("booked_marked", "booked_squared", "register_marked")}
    zero = {name: pl.lit(0, pl.Int64) for name in ("unmarked_bookings", "register_excused", "late_cancelled")}
    both = {name: pl.col("missed_bookings") for name in ("absent", "register_no_shows")}
    return sums.with_columns(**plain, **zero, **both).sort("name")


def clusters(frame: pl.DataFrame) -> Clustering:
    """The clustering of all bookings of a frame."""
    sums: dict[str, int] = {"rated_bookings": frame.height, "missed_bookings": int(frame["missed"].sum())}
    for of in _CLUSTERS:
        n, y = pl.col("n"), pl.col("y")
        groups = frame.group_by(of).agg(n=pl.len().cast(pl.Int64), y=pl.col("missed").sum())
        made = groups.select(squares=(n * n).sum(), products=(n * y).sum(), missed_squares=(y * y).sum())
        sums |= {f"{of}_{name}": value for name, value in made.row(0, named=True).items()}
    return clustering_of(sums)


_CLUSTERS = ("contact", "session")
