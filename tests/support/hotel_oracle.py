"""Rates, intervals, design effects and flags of the hotel bookings, worked out from the CSV alone.

Numpy, scipy and statsmodels take the place of the product's SQL and formulas. Run over the whole data set, it compares
every figure by service, month and weekday with those of a database: `python tests/support/hotel_oracle.py CSV DB`.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import betabinom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

import queries

AS_OF = "2017-12-31T00:00:00Z"
COMPARED = ("rated_bookings", "missed_bookings", "no_show_rate", "no_show_rate_low", "no_show_rate_high",
            "design_effect", "p_value", "frequent")  # fmt: skip
GROUPINGS = ("service", "month", "local_weekday")
Figures = Mapping[object, Mapping[str, float]]


@dataclass(frozen=True)
class Booking:
    service: str
    date: dt.date
    missed: bool

    def group(self, grouping: str) -> object:
        if grouping == "service":
            return self.service
        return self.date.replace(day=1) if grouping == "month" else self.date.isoweekday()


def bookings_of(path: Path) -> list[Booking]:
    """The bookings that were not cancelled: guests who came, and no-shows."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    months = {dt.date(2000, number, 1).strftime("%B"): number for number in range(1, 13)}
    dates = [
        dt.date(int(row["arrival_date_year"]), months[row["arrival_date_month"]], int(row["arrival_date_day_of_month"]))
        for row in rows
    ]
    return [
        Booking(row["hotel"], date, row["reservation_status"] == "No-Show")
        for row, date in zip(rows, dates, strict=True)
        if row["reservation_status"] != "Canceled"
    ]


def session_correlation(bookings: Sequence[Booking]) -> float:
    """The mean product of pairs of a session, with the doubt about the rate taken out by iteration, not solved."""
    n = len(bookings)
    rate = sum(each.missed for each in bookings) / n
    sessions: dict[object, list[float]] = defaultdict(list)
    for each in bookings:
        sessions[each.service, each.date].append(each.missed - rate)
    pairs = sum(sum(us) ** 2 - sum(u * u for u in us) for us in sessions.values())
    squares = sum(len(us) ** 2 for us in sessions.values())
    raw = pairs / ((squares - n) * rate * (1 - rate))
    found = raw
    for _ in range(200):
        doubt = (1 + found * (squares / n - 1)) / n
        found = raw * (1 - doubt) + doubt
    return max(0.0, found)


def figures_of(bookings: Sequence[Booking], grouping: str, min_bookings: int = 10) -> Figures:
    """The figures of `COMPARED` by group; there are no contacts, so that sessions alone make bookings alike."""
    rho = session_correlation(bookings)
    groups: dict[object, list[Booking]] = defaultdict(list)
    for each in bookings:
        groups[each.group(grouping)].append(each)
    total, all_missed = len(bookings), sum(each.missed for each in bookings)
    sizes = {key: Counter((each.service, each.date) for each in mine) for key, mine in groups.items()}
    squares = {key: sum(size**2 for size in each.values()) for key, each in sizes.items()}
    made: dict[object, dict[str, float]] = {}
    for key, mine in groups.items():
        n, k = len(mine), sum(each.missed for each in mine)
        effect = max(1.0, 1 + rho * (squares[key] / n - 1))
        low, high = proportion_confint(k / effect, n / effect, method="wilson")
        rest, rest_missed = total - n, all_missed - k
        rest_effect = max(1.0, 1 + rho * ((sum(squares.values()) - squares[key]) / rest - 1)) if rest else 1.0
        made[key] = {
            "rated_bookings": n,
            "missed_bookings": k,
            "no_show_rate": k / n,
            "no_show_rate_low": low if k else 0.0,
            "no_show_rate_high": high if k < n else 1.0,
            "design_effect": effect,
            "p_value": _tail(k, n, effect, rest_missed, rest, rest_effect),
        }
    tested = [key for key in made if made[key]["rated_bookings"] >= min_bookings]
    rejected = multipletests([made[key]["p_value"] for key in tested], 0.05, method="fdr_bh")[0] if tested else []
    flags = dict(zip(tested, rejected, strict=True))
    return {key: {**row, "frequent": bool(flags.get(key, False))} for key, row in made.items()}


def _tail(k: int, n: int, effect: float, rest_missed: int, rest: int, rest_effect: float) -> float:
    if k * rest <= rest_missed * n:
        return 1.0
    p = rest_missed / rest
    alike = min(0.999, (effect + n * rest_effect / rest - 1) / (n - 1)) if n > 1 else 0.999
    theirs = betabinom(n, p * (1 - alike) / alike, (1 - p) * (1 - alike) / alike)
    # `sf` is 1 less the sum of all terms below, in which rounding shows: 1e-4 of a tail of 1e-6.
    terms = theirs.pmf(np.arange(k, n + 1))
    return float(terms.sum() - terms[0] / 2)


def largest_differences(path: Path, con: object) -> dict[str, float]:
    """The largest relative difference of each figure between the oracle and a database, over all groupings."""
    bookings = bookings_of(path)
    largest = dict.fromkeys(COMPARED, 0.0)
    for grouping in GROUPINGS:
        theirs = figures_of(bookings, grouping)
        ours = queries.no_show_rates(con, by=grouping, as_of=AS_OF)  # type: ignore[arg-type]
        rows = {row[grouping]: row for row in ours.to_dicts() if row["rated_bookings"]}
        assert rows.keys() == theirs.keys(), grouping
        for group, row in rows.items():
            for name in COMPARED:
                largest[name] = max(largest[name], _difference(float(row[name]), float(theirs[group][name])))
    return largest


def _difference(ours: float, theirs: float) -> float:
    return float(np.abs(ours - theirs) / max(abs(theirs), 1e-12)) if ours != theirs else 0.0


if __name__ == "__main__":
    with queries.connect(sys.argv[2]) as connection:
        for name, largest in largest_differences(Path(sys.argv[1]), connection).items():
            print(f"{name}: {largest:.2g}")
