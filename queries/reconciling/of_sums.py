"""Answer for another system's sums per day, week, month or service. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.errors import DataRefused
from queries.reconciling import sentences
from queries.reconciling.answer import GROUPS, Reconciliation
from queries.reconciling.cells import Buckets
from queries.reconciling.definitions import Counted, Definitions
from queries.reconciling.fits import fits_frame
from queries.reconciling.said import Said
from queries.reconciling.search import Family, Tried, expected_by_chance, others_than, tried_of, verdict_on
from queries.reconciling.their_sums import InGroups, SumsOf, joined

# A definition that hits the total by chance hits each further sum that differs with this chance at most.
_CHANCE_OF_A_GROUP = 0.1
# Errors of more than so many rows are not distinguished by the groups they fall into.
_MOST_PLACED = 3


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
    parts: list[InGroups] = []

    def noting() -> Iterator[Counted]:
        # One part of the definitions after the other: all of them at once would not fit into memory.
        for counted in definitions.all():
            parts.append(of_groups.compared(counted))
            yield counted

    tried = tried_of(definitions, noting())
    inside = joined(parts)
    fits = inside.differing == 0
    if said is not None:
        fits &= said.fits(tried.part, tried.whole)
    own = tried.own
    families = _fewest(tried.families(fits), of_groups)
    by_chance, by_errors = _by_chance(of_groups, inside, fits), _by_errors(tried, inside, families, theirs)
    verdict = verdict_on(families, by_chance, by_errors)
    names = sentences.names_of(definitions.effects, families[0].definitions) if families else []
    return Reconciliation(
        verdict,
        sentences.of_sums(theirs.height, int(inside.differing[0]), names, verdict, len(families)),
        own.part,
        own.whole,
        fits_frame(definitions, families),
        tried.different,
        by_chance,
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


def _by_chance(of_groups: SumsOf, inside: InGroups, fits: npt.NDArray[np.bool_]) -> float:
    """How many definitions are expected to give the sums by chance, as dense as they lie around the total."""
    said = of_groups.said
    if said is None:
        # No-shows alone are small numbers: whoever gives a few of them has shown nothing.
        return 0.0 if of_groups.groups > _MOST_PLACED else 1.0
    others = others_than(fits, inside.print)
    by_total = expected_by_chance(said, inside.part[others], inside.whole[others])
    return float(by_total * _CHANCE_OF_A_GROUP ** (int(inside.differing[0]) - 1))


def _by_errors(tried: Tried, inside: InGroups, families: list[Family], theirs: pl.DataFrame) -> float:
    """How many definitions errors of single rows would hit, as `Tried.by_errors`, but group by group."""
    if not families:
        return 0.0
    chosen = families[0].definitions[0]
    moved = int(inside.moved[tried.definitions.index(chosen)])
    hit = np.unique(inside.print[tried.as_simple_as(chosen) & (inside.moved <= moved)])
    given = 2 if theirs["whole"].null_count() == 0 else 1
    ways = float(2 * moved + 1) ** given * float(theirs.height) ** min(moved, _MOST_PLACED)
    return float((hit != inside.print[0]).sum() / ways)


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
