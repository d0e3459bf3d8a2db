"""Answer for another system's sums per day, week, month or service. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from queries.errors import DataRefused
from queries.reconciling import sentences
from queries.reconciling.answer import GROUPS, Reconciliation, Verdict
from queries.reconciling.cells import Buckets, Numbers
from queries.reconciling.definitions import Counted, Definitions
from queries.reconciling.fits import fits_frame
from queries.reconciling.said import Said
from queries.reconciling.search import Family, tried_of
from queries.reconciling.their_sums import SumsOf


def answer(definitions: Definitions, theirs: pl.DataFrame, said: Said | None) -> Reconciliation:
    """Which explanations give every sum; with a number, those of them that give it as well.

    Raises `DataRefused` without any sum, or if noshow has no bookings in any of their groups.
    """
    if theirs.is_empty():
        raise DataRefused("reconcile.unknown", "there are no sums to compare", "Give a sum for each day, week or month")
    of_groups = SumsOf(definitions, theirs)
    if not of_groups.is_known:
        raise DataRefused(
            "reconcile.unknown",
            f"no sum is of a {'day' if theirs['group'].dtype == pl.Date else 'service'} that noshow has bookings of",
            "See the period, the filter, and the days or services of the sums",
        )
    differing: list[Numbers] = []

    def noting() -> Iterator[Counted]:
        # One part of the definitions after the other: all of them at once would not fit into memory.
        for counted in definitions.all():
            differing.append(of_groups.differing(counted))
            yield counted

    tried = tried_of(definitions, noting())
    fits = np.concatenate(differing) == 0
    if said is not None:
        fits &= said.fits(tried.part, tried.whole)
    own = tried.own
    families = [own] if fits[0] else _fewest(tried.families(fits), of_groups)
    verdict: Verdict = "none" if not families else "explained" if len(families) == 1 else "several"
    names = sentences.names_of(definitions.effects, families[0].definitions) if families else []
    return Reconciliation(
        verdict,
        sentences.of_sums(theirs.height, int(differing[0][0]), names, verdict),
        own.part,
        own.whole,
        fits_frame(definitions, families),
        tried.different,
        groups=_differing_groups(theirs, of_groups),
    )


def buckets_of(groups: pl.Series) -> Buckets:
    """The kind of groups of sums: months if all begin on the first day, weeks if all on one weekday, else days."""
    if groups.dtype != pl.Date:
        return Buckets(column="service")
    if (groups.dt.day() == 1).all():
        return Buckets(unit="month")
    weekdays = groups.dt.weekday().unique()
    if weekdays.len() == 1 and groups.len() > 1:
        return Buckets(unit="week", shift=(8 - int(weekdays[0])) % 7)
    return Buckets(unit="day")


def _differing_groups(theirs: pl.DataFrame, of_groups: SumsOf) -> pl.DataFrame:
    """The groups whose sums differ: `GROUPS`."""
    part, whole = of_groups.sums(())
    groups = pl.DataFrame(
        {
            "group": theirs["group"].cast(pl.String),
            "numerator": part,
            "denominator": whole,
            "their_numerator": theirs["part"].cast(pl.Int64),
            "their_denominator": theirs["whole"].cast(pl.Int64),
        },
        schema=GROUPS,
    )
    pairs = (("numerator", "their_numerator"), ("denominator", "their_denominator"))
    # A sum that they do not give cannot differ.
    return groups.filter(pl.any_horizontal((pl.col(ours) != pl.col(other)).fill_null(False) for ours, other in pairs))


def _fewest(families: list[Family], of_groups: SumsOf) -> list[Family]:
    """The family of fewest explanations if it alone has so few, and all others are the same within the groups.

    A second explanation of rows that the sums do not cover, such as another month, changes nothing of them.
    """
    if len(families) < 2:
        return families
    fewest = [family for family in families if len(family.definitions[0]) == len(families[0].definitions[0])]
    sums = [of_groups.sums(family.definitions[0]) for family in families]
    is_same = all((part == sums[0][0]).all() and (whole == sums[0][1]).all() for part, whole in sums)
    return fewest if is_same and len(fewest) == 1 and len(fewest[0].definitions[0]) == 1 else families
