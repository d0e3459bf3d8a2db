"""Made-up bookings as the cells of a report, with the effects, habits and session shocks that a test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from queries.measures.clustering import Clustering, design_effect
from queries.measures.design_effects import DesignEffects
from queries.measures.frequent import with_frequent
from queries.measures.group_verdicts import GroupKey, GroupVerdict, group_verdicts
from queries.model.factors import COMPARED, HOUR_BANDS, PARTIES, VISITS
from queries.model.groupings import LEAD_TIME_BANDS
from reports.sections.factors.content import model_of
from reports.sections.where.like_for_like import compared_in

_LEAD_SHARES = (0.25, 0.15, 0.3, 0.12, 0.08, 0.05, 0.05)
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Simulated:
    """Bookings of a year or so: who booked, which session, their factors, and the outcome."""

    frame: pl.DataFrame
    cells: pl.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        keys = [name for name in self.frame.columns if name not in ("contact", "session", "missed")]
        counts = self.frame.group_by(keys, maintain_order=True).agg(
            pl.len().cast(pl.Int64).alias("rated_bookings"), pl.col("missed").sum().alias("missed_bookings")
        )
        part = pl.lit(None, pl.String).alias("part")
        last = ["location_id", "staff_id", "rated_bookings", "missed_bookings"]
        self.cells = counts.select(part, pl.exclude(last), *last)

    def design_effects(self) -> DesignEffects:
        """The design effects of all bookings and of each level, as the definitions say: from contacts and sessions."""
        correlations = {of: self._correlation(of) for of in ("contact", "session")}
        columns = [column for column in self.frame.columns if column not in ("contact", "session", "missed")]
        known = {
            (column.removesuffix("_id"), level): _effect(rows, correlations)
            for column in columns
            for (level,), rows in self.frame.group_by(column)
        }
        return DesignEffects(_effect(self.frame, correlations), known)  # type: ignore[arg-type]

    def clustering(self) -> Clustering:
        """The correlations and squares over all bookings."""
        correlations = (self._correlation(of) for of in ("contact", "session"))
        squares = (_squares(self.frame, of) for of in ("contact", "session"))
        return Clustering(*correlations, *squares, whole=self.design_effects().whole)

    def rates(self, families: Sequence[str] = COMPARED) -> dict[str, pl.DataFrame]:
        """Counts by family with their flags, of which the three contacts that missed most are withheld."""
        return {family: self._rates(family) for family in families}

    def verdicts(self) -> dict[GroupKey, GroupVerdict]:
        """The verdicts on all groups, which are compared like for like as well."""
        modelled = model_of(self.cells, 10, self.design_effects())
        return group_verdicts(self.rates(), compared_in(modelled, 10), self.clustering(), 10)

    def _rates(self, family: str) -> pl.DataFrame:
        key = pl.col(family if family == "service" else f"{family}_id").alias(f"{family}_id")
        groups = [
            {
                f"{family}_id": level,
                "missed_bookings": int(rows["missed"].sum()),
                "rated_bookings": rows.height,
                "contact_squares": _squares(rows, "contact"),
                "session_squares": _squares(rows, "session"),
            }
            for (level,), rows in self.frame.group_by(key, maintain_order=True)
        ]
        withheld = [pl.lit(None, pl.Int64).alias(f"top_{of}") for of in ("missed", "rated", "squares")]
        clustering = self.clustering()
        counts = (
            pl.DataFrame(groups).sort(f"{family}_id").with_columns(*withheld, design_effect=design_effect(clustering))
        )
        return with_frequent(counts, 10, clustering)

    def _correlation(self, of: str) -> float:
        missed = self.frame["missed"].cast(pl.Float64)
        p = float(missed.mean())  # type: ignore[arg-type]
        u = self.frame.select(of, u=pl.col("missed") - p)
        sums = u.group_by(of).agg(pl.len().cast(pl.Float64).alias("n"), pl.col("u").sum(), s=(pl.col("u") ** 2).sum())
        pairs = float((sums["n"] * (sums["n"] - 1)).sum())
        together = float((sums["u"] ** 2 - sums["s"]).sum())
        return max(0.0, together / (pairs * p * (1 - p)) + 1 / missed.len()) if pairs else 0.0


def _effect(rows: pl.DataFrame, correlations: dict[str, float]) -> float:
    extra = 0.0
    for of, correlation in correlations.items():
        extra += correlation * (_squares(rows, of) / rows.height - 1)
    return max(1.0, 1 + extra)


def _squares(rows: pl.DataFrame, of: str) -> int:
    sizes = rows.group_by(of).len()["len"].cast(pl.Int64)
    return int((sizes * sizes).sum())


def simulate(
    seed: int,
    bookings: int = 2000,
    base: float = 0.13,
    habits: float = 0.0,
    shocks: float = 0.0,
    lead: float = 0.0,
    staff: float = 0.0,
    regulars: int | None = None,
) -> Simulated:
    """Bookings of `bookings` / 10 contacts in sessions of 8, each of a member of staff, a service, a day and an hour.

    Half of the contacts are members; all other factors vary within contacts. `habits` and `shocks` are standard
    deviations on the logit scale, between contacts and between sessions; `lead` is the effect of one band of lead time,
    `staff` that of the second member of staff, who has the longer leads too.
    """
    random = np.random.default_rng(seed)
    sessions = bookings // 8
    session = np.repeat(np.arange(sessions), 8)[:bookings]
    n = len(session)
    people = regulars or bookings // 10
    contact = random.integers(0, people, n)
    of_session = {
        "weekday": random.integers(1, 7, sessions),
        "hours": random.integers(0, 4, sessions),
        "service": random.integers(0, 5, sessions),
        "staff": random.integers(0, 6, sessions),
        "location": random.integers(0, 3, sessions),
    }
    at = {name: values[session] for name, values in of_session.items()}
    band = random.choice(len(_LEAD_SHARES), n, p=_LEAD_SHARES)
    far = (at["staff"] == 1) & (random.random(n) < 0.5)
    band = np.where(far, np.minimum(band + 2, 6), band)
    eta = np.log(base / (1 - base)) + lead * (band - 2) + staff * (at["staff"] == 1)
    eta = eta + random.normal(0, 1, people)[contact] * habits + random.normal(0, 1, sessions)[session] * shocks
    missed = random.random(n) < 1 / (1 + np.exp(-eta))
    seen: dict[int, int] = {}
    first = [seen.setdefault(int(who), place) == place for place, who in enumerate(contact)]
    frame = pl.DataFrame(
        {
            "lead_time": [LEAD_TIME_BANDS[each] for each in band],
            "local_weekday": [str(each) for each in at["weekday"]],
            "local_hours": [HOUR_BANDS[each + 1] for each in at["hours"]],
            "service": [f"service-{each}" for each in at["service"]],
            "visit": [VISITS[0 if each else 1] for each in first],
            "party": [PARTIES[each] for each in random.choice(3, n, p=(0.7, 0.2, 0.1))],
            "attributes.channel": [("web", "phone", "app")[each] for each in random.integers(0, 3, n)],
            "attributes.member": ["true" if each % 2 else "false" for each in contact],
            "location_id": [f"location-{each}" for each in at["location"]],
            "staff_id": [f"staff-{each}" for each in at["staff"]],
            "contact": contact,
            "session": session,
            "missed": missed,
        }
    )
    return Simulated(frame)


def medical(seed: int, bookings: int = 20_000) -> Simulated:
    """Appointments like those of the public medical set: a text message goes out only for long leads, and helps.

    The longer the lead the more are missed: same day 4 %, over four weeks 33 %. With a message the odds are 0.78 of
    those without; yet of all bookings those with a message are missed far more often.
    """
    random = np.random.default_rng(seed)
    days = np.where(random.random(bookings) < 0.36, 0, 1 + random.exponential(12, bookings).astype(int))
    bands = np.searchsorted([0, 1, 7, 14, 21, 28], days)
    rate = np.array([0.05, 0.2, 0.24, 0.29, 0.31, 0.33, 0.35])[bands]
    sms = (days > 2) & (random.random(bookings) < 0.6)
    odds = rate / (1 - rate) * np.where(sms, 0.78, 1.0)
    missed = random.random(bookings) < odds / (1 + odds)
    clinic = random.integers(0, 8, bookings)
    return Simulated(
        pl.DataFrame(
            {
                "lead_time": [LEAD_TIME_BANDS[each] for each in bands],
                "local_weekday": [str(each) for each in random.integers(1, 6, bookings)],
                "local_hours": [None] * bookings,
                "service": ["service-0"] * bookings,
                "visit": [VISITS[each] for each in random.integers(0, 2, bookings)],
                "party": ["1"] * bookings,
                "attributes.age_band": [
                    ("0-17", "18-39", "40-64", "65+")[each] for each in random.integers(0, 4, bookings)
                ],
                "attributes.sms": ["true" if each else "false" for each in sms],
                "location_id": [f"location-{each}" for each in clinic],
                "staff_id": [None] * bookings,
                "contact": random.integers(0, bookings // 2, bookings),
                "session": np.arange(bookings),
                "missed": missed,
            },
            schema_overrides={"local_hours": pl.String, "staff_id": pl.String},
        )
    )
