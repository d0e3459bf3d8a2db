"""Compare another system's list of bookings, row by row, with every definition. Pure.

A row of the fact is not in a list (0), in it as one that came (1), or in it as a no-show (2), and so it is under each
definition. A definition explains a row if the list has the row as the definition counts it, and noshow counts it
otherwise; it contradicts a row if noshow counts it as the list does, and the definition otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.reconciling.cells import Cells, Effect, Plan, cells_of, with_common_values
from queries.reconciling.definitions import Counted, Definition, Definitions
from queries.reconciling.explanations import Explanation
from queries.reconciling.search import MOST_BY_CHANCE

# An explanation has to explain so many rows, or all rows that differ. Fewer can be errors of single rows.
FEWEST_EXPLAINED = 5
# Of the rows that an explanation changes, so large a share may be otherwise in the list, as errors of single rows.
MOST_CONTRADICTED = 0.01
# Pairs are tried in the order of the differing rows that they touch; of those that do not touch all, so many.
_PAIRS_TRIED = 150
_CONTACTS, _DAYS = "contacts_gone", "days_gone"
_WORDS = {
    _CONTACTS: "lacks every {row} of {value}, who may have been deleted there",
    _DAYS: "lacks every {row} of {value}",
}
_FROM_THE_LIST = "seen in the list that was compared"


@dataclass(frozen=True, slots=True)
class Matched:
    """The rows of the fact with `theirs` (0, 1 or 2) beside them, and rows of the list without a booking here.

    `unknown` has the columns of the list, and `why`: "no such booking" or "twice in the list". `undated` is the number
    of entries that do not say which session of their booking they are of.
    """

    rows: pl.DataFrame
    unknown: pl.DataFrame
    is_of_no_shows: bool
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """Definitions compared with a list: the rows that differ, and those left over and contradicted by each of them.

    A definition made from the list's own gaps, such as contacts of whom it lacks every booking, `is_unsound` if the
    list lacks other rows as well: then whatever made those gaps may have made all of them.
    `rows` is the number of rows that noshow counts; `print` is the same for definitions with the same rows.
    """

    definitions: tuple[Definition, ...]
    rows: int
    differing: int
    left: npt.NDArray[np.int64]
    contradicted: npt.NDArray[np.int64]
    is_unsound: npt.NDArray[np.bool_]
    print: tuple[bytes, ...]

    def explained(self) -> npt.NDArray[np.int64]:
        """Rows that each definition explains."""
        found: npt.NDArray[np.int64] = self.differing - self.left + self.contradicted
        return found


def matched(rows: pl.DataFrame, theirs: pl.DataFrame) -> Matched:
    """Find the row of each entry of a list: of its booking, the session of the nearest date.

    `rows` are those of `read_rows`; `theirs` has booking_id (String), date (Date, may be null) and state (1 came, 2
    missed, 0 neither). Of an entry without a date the first session is taken, as it names a course booking as a whole;
    but not if the list repeats the booking, or has no-shows alone, which may be of any session.
    """
    listed = theirs.with_row_index("entry")
    ours = rows.select(
        "session_id", "local_date", "starts_at", pl.col("booking_id").cast(pl.String), row=pl.int_range(pl.len())
    )
    found = listed.join(ours, on="booking_id", how="inner").with_columns(
        apart=(pl.col("date") - pl.col("local_date")).dt.total_days().abs().fill_null(0)
    )
    nearest = found.sort("entry", "apart", "starts_at", "session_id").unique("entry", keep="first", maintain_order=True)
    first = nearest.sort("row", "entry").unique("row", keep="first", maintain_order=True)
    unknown = listed.join(nearest.select("entry"), on="entry", how="anti").with_columns(why=pl.lit("no such booking"))
    twice = listed.join(nearest.select("entry"), on="entry", how="semi").join(
        first.select("entry"), on="entry", how="anti"
    )
    unknown = pl.concat([unknown, twice.with_columns(why=pl.lit("twice in the list"))]).drop("entry")
    state = pl.Series("theirs", np.zeros(rows.height, dtype=np.int8))
    state = state.scatter(first["row"], first["state"].cast(pl.Int8)) if first.height else state
    counts = theirs.filter(pl.col("state") > 0)["state"]
    is_of_no_shows = bool(counts.len()) and bool((counts == 2).all())
    several = ours.group_by("booking_id").len().filter(pl.col("len") > 1)
    undated = listed.filter(pl.col("date").is_null()).join(several, on="booking_id", how="semi")
    is_unclear = is_of_no_shows or bool(undated["booking_id"].is_duplicated().any())
    return Matched(rows.with_columns(state), unknown, is_of_no_shows, undated.height if is_unclear else 0)


def within_list(found: Matched) -> Matched:
    """The rows with the period from the first to the last session that the list has, for whoever names no period.

    A list of March says nothing of April. Explanations of dates have no effect then.
    """
    days = found.rows.filter(pl.col("theirs") > 0)["local_date"].drop_nulls()
    if days.is_empty():
        return found
    inside = pl.col("local_date").is_between(days.min(), days.max()).fill_null(False)
    periods = [name for name in found.rows.columns if name == "in_period" or name.startswith("period_")]
    return replace(found, rows=found.rows.with_columns(inside.alias(name) for name in periods))


def list_cells(found: Matched, plan: Plan) -> tuple[Cells, pl.DataFrame]:
    """The cells of rows with `theirs`, with effects that only a list can show; and the rows with their `cell`."""
    effects = {
        _CONTACTS: _gone_contacts(found),
        _DAYS: _gone_days(found),
    }
    rows = found.rows.with_columns(
        **{name: pl.lit(False) if effect is None else effect[1] for name, effect in effects.items()}
    )
    also = ("theirs", *effects)
    cells = cells_of(rows, plan, also)
    own = [
        Effect(
            Explanation(
                name,
                _WORDS[name].format(value=effect[0], row="no-show" if found.is_of_no_shows else "booking"),
                _FROM_THE_LIST,
            ),
            {"dropped": cells.frame[name].to_numpy()},
        )
        for name, effect in effects.items()
        if effect is not None
    ]
    numbered = cells.frame.select(*cells.keys, cell=pl.int_range(pl.len(), dtype=pl.Int64))
    merged = with_common_values(rows.with_columns(n=pl.lit(1)), plan)
    placed = merged.join(numbered, on=list(cells.keys), how="left", nulls_equal=True, maintain_order="left")
    # Units do not show in a list of bookings, but in the figure beside it.
    return replace(cells, effects=(*cells.effects, *own)), found.rows.with_columns(placed["cell"])


class Comparison:
    """A list and every definition on the cells of its rows."""

    def __init__(self, definitions: Definitions, is_of_no_shows: bool) -> None:
        self._definitions = definitions
        self._of_no_shows = is_of_no_shows
        # The state of each cell in the list, and under noshow's own definition.
        self.theirs: npt.NDArray[np.int8] = definitions.cells.frame["theirs"].to_numpy()
        self.own: npt.NDArray[np.int8] = self.states(definitions.counted([()]))[0]

    def states(self, counted: Counted) -> npt.NDArray[np.int8]:
        """The state of each cell under each definition, as a list of this kind shows it."""
        shown: npt.NDArray[np.int8] = np.where(counted.missed, np.int8(2), counted.states)
        if self._of_no_shows:
            shown[shown == 1] = 0
        return shown

    def compare(self, definitions: Sequence[Definition]) -> Compared:
        """Compare some definitions with the list."""
        n, effects = self._definitions.n, self._definitions.effects
        states = self.states(self._definitions.counted(definitions))
        differs, own_differs = states != self.theirs, self.own != self.theirs
        prints = tuple(row.tobytes() for row in np.ascontiguousarray(states))
        left = differs @ n
        rows, differing = int((self.own > 0) @ n), int(own_differs @ n)
        lacks, listed = ((states > 0) & (self.theirs == 0)) @ n, int((self.theirs > 0) @ n)
        is_of_gaps = [
            any(effects[place].explanation.source == _FROM_THE_LIST for place in each) for each in definitions
        ]
        is_unsound = np.array(is_of_gaps) & (lacks > np.maximum(1, MOST_CONTRADICTED * listed))
        return Compared(tuple(definitions), rows, differing, left, (differs & ~own_differs) @ n, is_unsound, prints)

    def promising(self) -> list[Definition]:
        """Single explanations, and the pairs that can explain most of the rows that differ."""
        definitions, effects = self._definitions, self._definitions.effects
        singles = [place for place, effect in enumerate(effects) if not effect.explanation.is_of_units]
        differing = np.where(self.own != self.theirs, definitions.n, 0)
        touched = definitions.touched[singles].astype(np.float64)
        alone = touched @ differing
        covered = alone[:, None] + alone[None, :] - (touched * differing) @ touched.T
        useful = np.triu((alone[:, None] > 0) & (alone[None, :] > 0), 1)
        one, other = np.nonzero(useful)
        order = np.argsort(-covered[one, other], kind="stable")
        # Those that can explain every row, and beside them the most promising of the rest.
        some = order[: max(_PAIRS_TRIED, int((covered[one, other] >= differing.sum()).sum()))]
        pairs = [(singles[one[place]], singles[other[place]]) for place in some]
        return [(), *((each,) for each in singles), *(pair for pair in pairs if definitions.can_join(*pair))]


def best_of(compared: Compared) -> tuple[list[Definition], int]:
    """The definitions that explain a list best, all with the same rows, and how many rows they leave; none if unclear.

    Each explanation has to explain `FEWEST_EXPLAINED` rows, or to leave none over, and must not be contradicted by more
    than errors of single rows are. If another definition does as well and differs in its rows, none is named. An error
    of one row may happen to be the one row that a definition changes, so few definitions may change one row alone.
    """
    explained = compared.explained()
    changed = explained + compared.contradicted
    sizes = np.array([len(each) for each in compared.definitions])
    by_chance = len({compared.print[place] for place in np.flatnonzero(changed == 1)}) / max(1, compared.rows)
    leaves_none = (compared.left == 0) & ((explained > 1) | (by_chance <= MOST_BY_CHANCE))
    usable = (sizes == 0) | (
        ((explained >= FEWEST_EXPLAINED * sizes) | leaves_none)
        & (compared.contradicted <= MOST_CONTRADICTED * changed)
        & ~compared.is_unsound
    )
    # An explanation more has to pay for itself.
    price = np.where(compared.left == 0, sizes / 4, FEWEST_EXPLAINED * sizes)
    score = np.where(usable, compared.left + price, np.inf)
    best = int(score.argmin())
    left = int(compared.left[best])
    same = [
        place
        for place in np.flatnonzero(usable & (compared.left == left) & (sizes <= 2))
        if compared.print[place] == compared.print[best]
    ]
    near = np.flatnonzero(usable & (score < score[best] + FEWEST_EXPLAINED))
    rivals = [place for place in near if compared.print[place] != compared.print[best]]
    # Definitions that leave no row over have the same rows, so that none of them is in doubt.
    if left and any(not _is_part(compared, best, int(place)) for place in rivals):
        return [], compared.differing
    return [compared.definitions[place] for place in same], left


def _is_part(compared: Compared, best: int, other: int) -> bool:
    """Whether another definition is the best one with less or more: its explanations are among the other's."""
    one, two = {*compared.definitions[best]}, {*compared.definitions[other]}
    return one <= two or two <= one


def smallest(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """Of definitions with the same rows those that hold no other."""
    every = list(definitions)
    return tuple(each for each in every if not any({*other} < {*each} for other in every))


def _missing(found: Matched) -> pl.DataFrame:
    """The rows that noshow counts, and whether the list lacks them: participant, local date, is_missing."""
    counted = pl.col("in_period") & pl.col("is_due") & pl.col("is_missed" if found.is_of_no_shows else "is_rated")
    return found.rows.filter(counted).with_columns(is_missing=pl.col("theirs") == 0)


def _gone_contacts(found: Matched) -> tuple[str, pl.Expr] | None:
    """Contacts of whom the list lacks every booking, if they have more bookings than single errors would leave out."""
    each = (
        _missing(found)
        .drop_nulls("participant_id")
        .group_by("participant_id")
        .agg(rows=pl.len(), missing=pl.col("is_missing").sum())
    )
    gone = each.filter(pl.col("missing") == pl.col("rows"))
    if gone["rows"].sum() - gone.height < FEWEST_EXPLAINED:
        return None
    contacts = "one contact" if gone.height == 1 else f"{gone.height:,} contacts"
    return contacts, pl.col("participant_id").is_in(gone["participant_id"].implode()).fill_null(False)


def _gone_days(found: Matched) -> tuple[str, pl.Expr] | None:
    """The longest run of days of which the list lacks every booking."""
    days = _missing(found).group_by("local_date").agg(rows=pl.len(), missing=pl.col("is_missing").sum())
    days = days.sort("local_date").with_columns(is_gone=pl.col("missing") == pl.col("rows"))
    runs = days.with_columns(run=pl.col("is_gone").rle_id()).filter("is_gone").group_by("run")
    found_runs = runs.agg(pl.col("rows").sum(), first=pl.col("local_date").min(), last=pl.col("local_date").max())
    if found_runs.is_empty() or found_runs["rows"].max() < FEWEST_EXPLAINED:  # type: ignore[operator]
        return None
    first, last = found_runs.sort("rows", "first", descending=[True, False]).select("first", "last").row(0)
    words = f"{first}" if first == last else f"{first} to {last}"
    return words, pl.col("local_date").is_between(first, last).fill_null(False)
