"""Reconcile noshow's figure with that of another system: the number, its list of bookings, or its sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from queries.errors import UsageError
from queries.gathered import period_of
from queries.language.filters import read_filter
from queries.language.resources import BOOKED_SESSION
from queries.moments import as_of_instant
from queries.reconciling import of_list, of_sums, sentences
from queries.reconciling.answer import Reconciliation
from queries.reconciling.cells import Scope, plan_of, read_cells, read_rows
from queries.reconciling.definitions import Definitions
from queries.reconciling.explanations import Explanation, shipped_explanations
from queries.reconciling.fits import fits_frame
from queries.reconciling.of_sums import buckets_of
from queries.reconciling.said import Said, read_said
from queries.reconciling.search import Tried, try_all, verdict_on

# The first and the last day of a period with an open end.
_OPEN = (dt.date(1900, 1, 1), dt.date(9999, 1, 1))


def reconcile(
    con: duckdb.DuckDBPyConnection,
    says: str | None = None,
    of: str | None = None,
    *,
    bookings: pl.DataFrame | None = None,
    sums: pl.DataFrame | None = None,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Reconciliation:
    """Find the definition, filter, date basis, zone or missing file that makes another system's number.

    `says` is the number as it is written there: `8.1%`, or counts such as `31/385`, which show far more; `of` is the
    denominator of a percentage. `bookings` is their list: booking_id (String), date (Date, of the session, may be
    null) and state (0 not counted, 1 came, 2 no-show). `sums` are their sums: group (Date: the first day of a day, week
    or month; or String: a service), part and whole (Int64). One of the three is needed; `says` may stand beside the
    others. `first` and `last` are local dates of sessions, by default those of the list, else all; `where` and `as_of`
    are those of `no_show_rates`.

    Raises `UsageError` if nothing is to be reconciled, and for a number, a filter, a period or a moment that makes no
    sense; `DataRefused` if no sum, or no booking of the list, is of anything that noshow has.
    """
    if says is None and bookings is None and sums is None:
        raise UsageError("reconcile.nothing", "nothing to reconcile with", "Give --says 8.1% or --with THEIR.csv")
    said = read_said(says, of) if says is not None else None
    dates = _dates(first, last)
    scope = Scope(read_filter(BOOKED_SESSION, where), as_of_instant(as_of), dates)
    if bookings is not None:
        plan = plan_of(con, shipped_explanations(), scope)
        return of_list.answer(read_rows(con, plan, scope), plan, bookings, said, dates is not None)
    if sums is not None:
        buckets = buckets_of(sums["group"])
        plan = plan_of(con, shipped_explanations(), scope, buckets)
        return of_sums.answer(Definitions(read_cells(con, plan, scope)), sums, said)
    assert said is not None, "one of the three is given"
    return prepared(con, scope).answer(said)


def _dates(first: dt.date | None, last: dt.date | None) -> tuple[dt.date, dt.date] | None:
    if first is None and last is None:
        return None
    # Explanations move the last day, and no date is after 9999.
    period = period_of(max(first or _OPEN[0], _OPEN[0]), min(last or _OPEN[1], _OPEN[1]))
    return period.first, period.last


def prepared(
    con: duckdb.DuckDBPyConnection, scope: Scope, explanations: Sequence[Explanation] | None = None
) -> Prepared:
    """Every definition counted over the facts of a scope, to ask several numbers about."""
    plan = plan_of(con, shipped_explanations() if explanations is None else explanations, scope)
    definitions = Definitions(read_cells(con, plan, scope))
    return Prepared(definitions, try_all(definitions))


@dataclass(frozen=True)
class Prepared:
    """Definitions and their counts."""

    definitions: Definitions
    tried: Tried

    def answer(self, said: Said) -> Reconciliation:
        """Which of the definitions make the number, and whether one can be named as the reason."""
        fits = said.fits(self.tried.part, self.tried.whole)
        own = self.tried.own
        families = self.tried.families(fits)
        by_chance, by_errors = self.tried.by_chance(said, fits), self.tried.by_errors(families)
        verdict = verdict_on(families, by_chance, by_errors)
        names = sentences.names_of(self.definitions.effects, families[0].definitions) if families else []
        return Reconciliation(
            verdict,
            sentences.of_a_number(said, own, families, by_chance, verdict, names, self.tried.different),
            own.part,
            own.whole,
            fits_frame(self.definitions, families),
            self.tried.different,
            by_chance,
        )
