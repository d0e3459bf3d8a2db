"""Other systems that count no-shows by rules of their own, over the truth of a made-up business.

Written from the words of the rules in plain Polars, without noshow's views or its table of explanations, so that each
is a check on the other. A rule is named as noshow names its explanation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from support.simulated_business import AS_OF, Business

NOW = AS_OF.replace(tzinfo=None)
DAY = dt.timedelta(days=1)
Period = tuple[dt.date, dt.date]
c = pl.col


@dataclass
class System:
    """How a system counts: conditions and numbers over the truth, changed by its rules."""

    period: Period
    rated: pl.Expr = field(default_factory=lambda: c("is_confirmed") & c("outcome").is_in(["attended", "missed"]))
    missed: pl.Expr = field(default_factory=lambda: c("is_confirmed") & (c("outcome") == "missed").fill_null(False))
    kept: pl.Expr = field(default_factory=lambda: pl.lit(True))
    date: pl.Expr = field(default_factory=lambda: c("local_date"))
    due: pl.Expr = field(default_factory=lambda: c("end") + DAY <= NOW)
    people: bool = False
    weight: pl.Expr = field(default_factory=lambda: c("weight"))
    extra: pl.Expr = field(default_factory=lambda: pl.lit(0))

    def table(self, truth: pl.DataFrame) -> pl.DataFrame:
        """The truth with `state` (0 not counted, 1 came, 2 missed), `part` and `whole`."""
        first, last = self.period
        scope = self.kept & self.due & self.date.is_between(first, last)
        missed = (scope & self.missed).fill_null(False)
        counted = (scope & (self.rated | self.missed)).fill_null(False)
        stayed_away = (c("party") - c("came")).clip(0)
        attended = c("outcome").fill_null("") == "attended"
        if self.people:
            part = pl.when(missed).then("party").when(counted & attended).then(stayed_away).otherwise(0)
            whole = pl.when(counted).then(c("party") * self.weight + self.extra * c("weight")).otherwise(0)
        else:
            part = missed.cast(pl.Int64)
            whole = pl.when(counted).then(self.weight + self.extra * c("weight")).otherwise(0)
        return truth.with_columns(
            state=counted.cast(pl.Int8) + missed.cast(pl.Int8), part=part * self.weight, whole=whole, listed=self.date
        )


def _late(system: System) -> None:
    within = c("canceled") >= c("start") - dt.timedelta(hours=24)
    system.missed = system.missed | (~c("is_confirmed") & ~c("by_business") & within)


def _customers(system: System) -> None:
    system.missed = system.missed | (~c("is_confirmed") & ~c("by_business"))


def _keep(condition: pl.Expr) -> Callable[[System], None]:
    def change(system: System) -> None:
        system.kept = system.kept & condition

    return change


def _dated(date: pl.Expr) -> Callable[[System], None]:
    def change(system: System) -> None:
        system.date = date

    return change


def _ends(days: int) -> Callable[[System], None]:
    def change(system: System) -> None:
        system.period = (system.period[0], system.period[1] + days * DAY)

    return change


def _unmarked_missed(system: System) -> None:
    system.missed = system.missed | (c("is_confirmed") & c("outcome").is_null())


def _also(condition: pl.Expr) -> Callable[[System], None]:
    def change(system: System) -> None:
        system.rated = system.rated | condition

    return change


def _excused(system: System) -> None:
    system.missed = system.missed | (c("outcome") == "excused").fill_null(False)


def _people(system: System) -> None:
    system.people = True


def _no_weights(system: System) -> None:
    system.weight = pl.lit(1)


def _walk_ins(system: System) -> None:
    attended = c("outcome").fill_null("") == "attended"
    system.extra = pl.when(attended).then((c("came") - c("party")).clip(0)).otherwise(0)


def _due(condition: pl.Expr) -> Callable[[System], None]:
    def change(system: System) -> None:
        system.due = condition

    return change


def in_zone(zone: str, of: str = "start") -> pl.Expr:
    """The date of a moment in a zone."""
    return c(of).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


def in_own_zone(zones: Iterable[str], of: str) -> pl.Expr:
    """The date of a moment in the session's own zone."""
    return pl.coalesce(pl.when(c("zone") == zone).then(in_zone(zone, of)) for zone in zones)


# Rules that cannot both hold, since each sets the same.
ABOUT = {
    "period": ("utc_dates", "zone_dates", "booking_dates", "last_day_out", "day_after_in"),
    "due": ("without_grace", "not_due"),
    "units": ("participants", "weights_ignored"),
}
# Rules about how much a row counts for, which no list of bookings shows.
OF_UNITS = ("participants", "weights_ignored", "walk_ins")


def rules(made: Business, rng: np.random.Generator) -> dict[str, Callable[[System], None]]:
    """Every kind of rule by its name, each with a value of the business if it needs one."""
    truth = made.truth

    def some(column: str) -> object:
        return rng.choice(truth[column].drop_nulls().unique().sort().to_list())

    location, service, staff, file, marks = map(some, ("location", "service", "staff", "file", "marks_file"))
    zone = str(rng.choice([*made.zones, "America/New_York"]))
    return {
        "late_cancelled": _late,
        "customer_cancelled": _customers,
        "paid_only": _keep((c("payment") == "PAID").fill_null(False)),
        "unpaid_dropped": _keep((c("payment") != "NOT_PAID").fill_null(True)),
        "utc_dates": _dated(c("start").dt.date()),
        f"zone_dates: {zone}": _dated(in_zone(zone)),
        "booking_dates": _dated(in_own_zone(made.zones, "created")),
        "last_day_out": _ends(-1),
        "day_after_in": _ends(1),
        "deleted_contacts": _keep(c("contact").is_not_null()),
        "unmarked_missed": _unmarked_missed,
        "unmarked_attended": _also(c("is_confirmed") & c("outcome").is_null()),
        "of_all_due": _also(c("is_confirmed")),
        "of_all_booked": _also(pl.lit(True)),
        "participants": _people,
        "weights_ignored": _no_weights,
        "walk_ins": _walk_ins,
        "excused_missed": _excused,
        "courses_once": _keep(c("course").is_null() | (c("place_in_booking") == 1)),
        "courses_out": _keep(c("course").is_null()),
        "without_grace": _due(c("end") <= NOW),
        "not_due": _due(pl.lit(True)),
        f"location_out: {location}": _keep(c("location") != location),
        f"service_out: {service}": _keep(c("service") != service),
        f"staff_out: {staff}": _keep(c("staff") != staff),
        f"file_missing: file-{file}.csv (load {file})": _keep(c("file") != file),
        f"marks_missing: file-{marks}.csv (load {marks})": _keep((c("marks_file") != marks) | c("outcome").is_null()),
    }


def can_join(one: str, other: str) -> bool:
    """Whether two rules can hold at once."""
    kinds = [name.partition(":")[0] for name in (one, other)]
    return kinds[0] != kinds[1] and not any(all(kind in same for kind in kinds) for same in ABOUT.values())


def their_list(table: pl.DataFrame, only_no_shows: bool = False) -> pl.DataFrame:
    """The list of a system: booking_id, date, state, of the rows that it counts."""
    shown = table.filter(c("state") == 2 if only_no_shows else c("state") > 0)
    return shown.select(booking_id="booking", date="local_date", state="state")
