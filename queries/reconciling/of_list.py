"""Answer for another system's list of bookings, with or without its number. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.errors import DataRefused
from queries.reconciling import sentences
from queries.reconciling.answer import ROWS, Reconciliation, Verdict
from queries.reconciling.cells import Plan
from queries.reconciling.definitions import Definition, Definitions
from queries.reconciling.fits import fits_frame
from queries.reconciling.said import Said
from queries.reconciling.search import Family, tried_of, verdict_on
from queries.reconciling.their_list import Comparison, Matched, best_of, list_cells, matched, smallest, within_list

# An explanation that leaves more of the differing rows is a part of the reason at most, and may not be it.
MOST_LEFT = 0.1
_STATES = ("not counted", "attended", "no-show")


@dataclass(frozen=True)
class _Asked:
    """The rows with their `cell`, every definition on the cells, the list beside them, and its unknown entries."""

    rows: pl.DataFrame
    unknown: pl.DataFrame
    definitions: Definitions
    comparison: Comparison

    @property
    def own(self) -> Family:
        """Noshow's own figure."""
        return self.family([()])

    def family(self, chosen: Sequence[Definition]) -> Family:
        """Definitions of the same rows with their counts."""
        sums = tried_of(self.definitions, iter([self.definitions.counted([chosen[0]])]))
        return Family(tuple(chosen), int(sums.part[0]), int(sums.whole[0]))


def answer(
    rows: pl.DataFrame, plan: Plan, theirs: pl.DataFrame, said: Said | None, is_bounded: bool = True
) -> Reconciliation:
    """Which explanations have the rows of the list; with a number, those of them that give it as well.

    If the rows are not `is_bounded` by a period, those of the list's own days are compared.
    Raises `DataRefused` if no booking of the list is known: nothing could be said of the others.
    """
    found = matched(rows, theirs)
    _require_known(found, theirs.height)
    # Days without a no-show are not in a list of no-shows, but their bookings are in the denominator.
    if not is_bounded and not (found.is_of_no_shows and said):
        found = within_list(found)
    cells, placed = list_cells(found, plan)
    definitions = Definitions(cells)
    asked = _Asked(placed, found.unknown, definitions, Comparison(definitions, found.is_of_no_shows))
    compared = asked.comparison.compare(asked.comparison.promising())
    chosen, left = best_of(compared)
    if said is not None and chosen and not left:
        return _with_number(asked, said)
    chosen = list(smallest(chosen))
    explains = bool(chosen) and chosen[0] != ()
    same = not compared.differing and found.unknown.is_empty()
    is_nearly_all = left <= MOST_LEFT * compared.differing
    verdict: Verdict = "none"
    if explains or same:
        verdict = "explained" if is_nearly_all else "several"
    named = chosen if explains else []
    unknown = sentences.unknown_bookings(found.unknown, found.rows["local_date"])
    names = sentences.names_of(definitions.effects, named)
    sentence = sentences.of_a_list(
        compared.differing, left if explains else compared.differing, unknown, names, verdict
    )
    families = [asked.family(chosen)] if explains or same else []
    return _answer(asked, verdict, sentence, families, named, len(compared.definitions))


def _require_known(found: Matched, listed: int) -> None:
    """Raise `DataRefused` if no entry of a list is known, or if it cannot be known which sessions entries are of."""
    if found.undated:
        entries = "1 entry is" if found.undated == 1 else f"{found.undated:,} entries are"
        raise DataRefused(
            "reconcile.undated",
            f"{entries} without a date and of bookings with several sessions: it is not known which session is meant",
            "Give each entry its session's date, or leave courses out with --where '{\"isCourse\": false}'",
        )
    if found.unknown.height < listed:
        return
    if not listed:
        raise DataRefused("reconcile.unknown", "the list is empty", "Give a list with a row for each booking")
    if found.rows.is_empty():
        raise DataRefused("reconcile.unknown", "no booking here is within the filter", "See --where")
    raise DataRefused(
        "reconcile.unknown",
        f"no booking of the list is known, of {listed:,}",
        "If its ids are not GUIDs, name the mapping that the bookings were loaded with",
    )


def _with_number(asked: _Asked, said: Said) -> Reconciliation:
    """Of the definitions that have the very rows of the list, those that make the number as well."""
    definitions, comparison = asked.definitions, asked.comparison
    agreeing = [definitions.counted([()])]
    for counted in definitions.all():
        same = (comparison.states(counted) == comparison.theirs).all(axis=1)
        if same.any():
            agreeing.append(definitions.counted([counted.definitions[place] for place in np.flatnonzero(same)]))
    tried = tried_of(definitions, iter(agreeing))
    fits = said.fits(tried.part, tried.whole)
    # Noshow's own definition leads, and may not have the rows of the list.
    fits[0] = fits[0] and bool((comparison.own == comparison.theirs).all())
    families = tried.families(fits)
    verdict = verdict_on(families, tried.by_chance(said, fits))
    chosen = list(families[0].definitions) if len(families) == 1 else []
    names = sentences.names_of(definitions.effects, chosen)
    sentence = sentences.of_a_list_and_number(said, families, names, verdict)
    return _answer(asked, verdict, sentence, families, chosen, tried.different)


def _answer(
    asked: _Asked,
    verdict: Verdict,
    sentence: str,
    families: Sequence[Family],
    chosen: Sequence[Definition],
    tried: int,
) -> Reconciliation:
    own = asked.own
    return Reconciliation(
        verdict,
        sentence,
        own.part,
        own.whole,
        fits_frame(asked.definitions, families),
        tried,
        rows=pl.concat([_differing_rows(asked, chosen), _unknown_rows(asked.unknown)]),
    )


def _differing_rows(asked: _Asked, chosen: Sequence[Definition]) -> pl.DataFrame:
    """The rows that differ: `ROWS`."""
    cell = asked.rows["cell"].to_numpy()
    comparison, definitions = asked.comparison, asked.definitions
    here, there = comparison.own[cell], comparison.theirs[cell]
    explained_by = pl.Series([None] * len(cell), dtype=pl.String)
    if chosen and chosen[0]:
        explains = comparison.states(definitions.counted([chosen[0]]))[0][cell] == there
        names = " or ".join(sentences.keys_of(definitions.effects, chosen))
        explained_by = pl.select(pl.when(pl.Series(explains)).then(pl.lit(names))).to_series()
    rows = asked.rows.with_columns(
        pl.col("booking_id").cast(pl.String), here=_words_of(here), there=_words_of(there), explained_by=explained_by
    )
    return rows.select(*ROWS).filter(pl.Series(here != there))


def _unknown_rows(unknown: pl.DataFrame) -> pl.DataFrame:
    """Entries of the list that noshow has no row for: `ROWS`."""
    nothing = {name: pl.lit(None, pl.String) for name in ("session_id", "service", "location", "explained_by")}
    there = pl.col("state").replace_strict(dict(enumerate(_STATES)), return_dtype=pl.String)
    return unknown.with_columns(**nothing, local_date=pl.col("date"), here=pl.col("why"), there=there).select(*ROWS)


def _words_of(states: npt.NDArray[np.int8]) -> pl.Series:
    return pl.Series(np.array(_STATES)[states], dtype=pl.String)
