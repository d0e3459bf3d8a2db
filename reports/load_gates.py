"""Hold the loads themselves to limits, for schedulers: the share set aside, the age, and values that are not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from queries.arguments import checked
from reports.drawing import words
from reports.gates import Gate

_EXAMPLES = 3
# Loads that finished so long before the newest belong to an earlier night.
_ONE_NIGHT = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """The limits to hold the loads to; None asks for nothing.

    `max_set_aside`: share (0 to 1) of the records of one kind that the newest loads may set aside. `max_age`: hours
    since the newest load. `max_unmet`: values that a mapping compares with constants and does not know.
    """

    max_set_aside: float | None = None
    max_age: float | None = None
    max_unmet: int | None = None


@dataclass(frozen=True, slots=True)
class Loads:
    """The measures `loads` and `findings` (`queries.loads`, `queries.findings`), and the moment they are seen at."""

    loads: pl.DataFrame
    findings: pl.DataFrame
    as_of: dt.datetime

    @property
    def newest(self) -> dt.datetime | None:
        """The moment at which the newest load finished (aware); None if nothing was loaded."""
        finished = self.loads["finished_at"].max()
        return finished.replace(tzinfo=dt.UTC) if isinstance(finished, dt.datetime) else None

    @property
    def last_night(self) -> pl.DataFrame:
        """The newest load, and those that finished within 12 hours before it."""
        newest = self.loads["finished_at"].max()
        if not isinstance(newest, dt.datetime):
            return self.loads.clear()
        return self.loads.filter(pl.col("finished_at") > newest - _ONE_NIGHT)


@checked
def load_gates(loads: Loads, limits: LoadLimits) -> tuple[Gate, ...]:
    """The checks asked for, each passed or failed. Without any load, share and age are unknown and fail."""
    asked = ((name, getattr(limits, name)) for name in CHECKS)
    return tuple(CHECKS[name](loads, limit) for name, limit in asked if limit is not None)


def _set_aside(loads: Loads, limit: float) -> Gate:
    """The kind of records of which most were set aside: a bad file of marks must not drown among many bookings."""
    by_kind = loads.last_night.group_by("kind").agg(pl.col("quarantined", "read").sum()).filter(pl.col("read") > 0)
    worst = by_kind.with_columns(share=pl.col("quarantined") / pl.col("read")).sort("share", "kind", descending=True)
    if not worst.height:
        return Gate("max_set_aside", limit, None, False, "nothing was loaded")
    row = worst.row(0, named=True)
    share, counts = float(row["share"]), words.of(row["quarantined"], row["read"])
    found, asked = words.percent_against(share, limit), words.percent_against(limit, share)
    said = f"{found} of the newest records of kind {row['kind']} were set aside ({counts}); at most {asked} asked for"
    return Gate("max_set_aside", limit, share, share <= limit, said.replace(words.NBSP, " "))


def _age(loads: Loads, limit: float) -> Gate:
    if loads.newest is None:
        return Gate("max_age", limit, None, False, "nothing was loaded")
    # A load of tonight may be newer than the moment that the night's figures hold for.
    hours = max(0.0, (loads.as_of - loads.newest).total_seconds() / 3600)
    moment = f"{loads.newest:%Y-%m-%d %H:%M} UTC"
    said = f"the newest load is {hours:,.1f} hours old ({moment}); at most {limit:,g} asked for"
    return Gate("max_age", limit, round(hours, 2), hours <= limit, said)


def _unmet(loads: Loads, limit: int) -> Gate:
    unmet = loads.findings.filter(pl.col("finding") == "unmet_value")
    records = int(unmet["records"].sum())
    examples = [f"{place}: {value!r}" for place, value in unmet.select("place", "value").iter_rows() if value]
    said = f" ({', '.join(examples[:_EXAMPLES])})" if examples else ""
    message = f"{records:,} times a value that the mapping does not know{said}; at most {limit:,} asked for"
    return Gate("max_unmet", limit, records, records <= limit, message)


# By the names of the limits.
CHECKS: Mapping[str, Callable[[Loads, float | int], Gate]] = {
    "max_set_aside": _set_aside,
    "max_age": _age,
    "max_unmet": lambda loads, limit: _unmet(loads, int(limit)),
}
