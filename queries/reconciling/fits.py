"""Describe the definitions that fit as a frame. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from queries.reconciling.answer import FITS
from queries.reconciling.definitions import Definitions
from queries.reconciling.search import Family


def fits_frame(definitions: Definitions, families: Sequence[Family]) -> pl.DataFrame:
    """A row for each definition of some families, with the rows that it adds to and removes from noshow's: `FITS`."""
    own = definitions.counted([()])
    n = definitions.n
    rows = []
    for number, family in enumerate(families, 1):
        theirs = definitions.counted([family.definitions[0]])
        moves = (
            (theirs.counted & ~own.counted, own.counted & ~theirs.counted),
            (theirs.missed & ~own.missed, own.missed & ~theirs.missed),
        )
        moved = [int((one @ n)[0]) for pair in moves for one in pair]
        rate = family.part / family.whole if family.whole else None
        for definition in family.definitions:
            chosen = [definitions.effects[place].explanation for place in definition]
            name = " + ".join(each.name for each in chosen) or "own"
            words = " and ".join(each.words for each in chosen) or "counts as noshow does"
            sources = "; ".join(each.source for each in chosen)
            rows.append((name, words, family.part, family.whole, rate, *moved, number, sources))
    return pl.DataFrame(rows, schema=FITS, orient="row")
