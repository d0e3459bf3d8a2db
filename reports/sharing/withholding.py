"""Withhold counts that would give a small one away, and round the rest.

Rounding alone is not enough: a reader can subtract the parts of a total from it. With 35 marked bookings over all and
35 at one of two locations (33 to 37 each, rounded), the blank of the other can only be 1 to 4. So further counts are
withheld until, as far as everything shared shows, each count of 1 to 7 can still be any of 1 to 7. Rates are taken from
the rounded counts afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from reports.sharing.rounding import ERROR, GROUP_NUMBERS, SMALLEST_SHARED, is_small, round_count

_UNBOUNDED = 10**12
_RATED, _MISSED = "rated_bookings", "missed_bookings"
# The counts shared of a group. Unmarked bookings are shared of the whole only, as they are few nearly everywhere.
_OF_GROUPS = (_RATED, _MISSED)
# Rated bookings without the no-shows; not a column of the counts, but anyone can subtract.
_CAME = "came"
# Each total of the whole with its parts.
_TOTALS = (
    (_RATED, (_CAME, _MISSED)),
    ("bookings", (_RATED, "unmarked_bookings", "excused")),
)
# Counts that are those of the rate if no booking is presumed, and are not shared otherwise.
_UNPRESUMED = {"marked_bookings": _RATED, "no_shows": _MISSED, "attended_bookings": _CAME}
_WHOLE = ""

# A count by table (the whole is ""), number of the group in it, and column.
CountKey = tuple[str, int, str]
# The least and the most that a reader can take a count for.
Window = tuple[int, int]
Sum = tuple[CountKey, list[CountKey]]


def withhold_small(
    whole: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The one row of counts over all, and its tables by group, as they may be shared together.

    Every count (Int64) and amount that is withheld is null. Groups without a due booking are left out, and so are all
    groups of a table if withholding single counts would not do.
    """
    due = {name: frame.filter(pl.col("bookings") > 0) for name, frame in tables.items()}
    row = _with_came(whole.row(0, named=True))
    counts = _Counts.of(row, due)
    counts.withhold()
    shared = {name: round_count(row[name] or 0) for name in _shared_of_the_whole(row)}
    of_the_whole = shared | _unpresumed(row, shared) | _registers(row, shared)
    return (
        _blank(whole).with_columns(
            pl.lit(count, pl.Int64).alias(name) for name, count in of_the_whole.items() if name in whole.columns
        ),
        {name: counts.as_shared(name, frame) for name, frame in due.items()},
    )


def _with_came(row: Mapping[str, int | None]) -> dict[str, int | None]:
    return {**row, _CAME: (row[_RATED] or 0) - (row[_MISSED] or 0)}


def _unpresumed(row: Mapping[str, int | None], shared: Mapping[str, int | None]) -> dict[str, int | None]:
    """The marked counts, which are those of the rate if no booking is presumed; otherwise all of them stay blank."""
    presumed = ("presumed_attended", "presumed_missed")
    if any(row[name] for name in presumed):
        return {}
    return dict.fromkeys(presumed, 0) | {name: shared.get(same) for name, same in _UNPRESUMED.items()}


def _registers(row: Mapping[str, int | None], shared: Mapping[str, int | None]) -> dict[str, int | None]:
    """The sums of coverage and bounds, put together from counts that are shared anyway.

    Only if every booking is of a source that records both sides: otherwise they would be further counts, that others
    could be subtracted from.
    """
    rated, excused = row[_RATED] or 0, row["excused"] or 0
    if row["register_marked"] != rated + excused or row["register_no_shows"] != row[_MISSED]:
        return {}
    parts = (shared.get(_RATED), shared.get("excused"))
    marked = None if None in parts else sum(part for part in parts if part)
    return {
        "register_marked": marked,
        "register_no_shows": shared.get(_MISSED),
        "register_excused": shared.get("excused"),
    }


def _shared_of_the_whole(row: Mapping[str, int | None]) -> list[str]:
    """The counts of all bookings that may be shared.

    Of two parts of a total both are shared or none, and a total of two small parts is not.
    """
    bookings, unmarked, excused, cancelled, late = (
        row[name] or 0 for name in ("bookings", "unmarked_bookings", "excused", "cancelled_bookings", "late_cancelled")
    )
    rated, missed = row[_RATED] or 0, row[_MISSED] or 0
    is_rated_shared = not is_small(rated) and not _are_small(missed, rated - missed)
    is_split_shared = is_rated_shared and not is_small(missed) and not is_small(rated - missed)
    is_due_shared = not any(map(is_small, (bookings, unmarked, excused)))
    is_cancelled_shared = not is_small(cancelled) and not _are_small(late, cancelled - late)
    is_late_shared = is_cancelled_shared and not is_small(late) and not is_small(cancelled - late)
    columns = {
        "bookings": is_due_shared,
        "unmarked_bookings": is_due_shared and is_rated_shared,
        "excused": is_due_shared and is_rated_shared,
        _RATED: is_rated_shared,
        _MISSED: is_split_shared,
        _CAME: is_split_shared,
        "cancelled_bookings": is_cancelled_shared,
        "late_cancelled": is_late_shared and row["late_cancelled"] is not None,
        "walk_ins": True,
        "sessions": True,
    }
    return [name for name, is_shared in columns.items() if is_shared]


def _are_small(*counts: int) -> bool:
    return all(map(is_small, counts))


@dataclass(slots=True)
class _Counts:
    """Every count that is shared or could be worked out, and which of them are shared.

    `sums` are totals with their parts. A reader knows a window for each count: two on either side of a shared one, 1 to
    7 for a small one. The windows that the sums leave are exact, since the sums make a tree: the windows of a group's
    two counts never meet, as no-shows are shared only if eight others or more attended.
    """

    counts: dict[CountKey, int]
    shared: set[CountKey]
    sums: list[Sum] = field(default_factory=list)

    @classmethod
    def of(cls, row: Mapping[str, int | None], tables: Mapping[str, pl.DataFrame]) -> _Counts:
        """The counts of the whole and of each table's groups, before any is withheld for another's sake."""
        names = {name for total, parts in _TOTALS for name in (total, *parts)}
        made = cls({(_WHOLE, 0, name): row[name] or 0 for name in names}, set())
        made.shared = {(_WHOLE, 0, name) for name in names if name in _shared_of_the_whole(row)}
        made.sums = [((_WHOLE, 0, total), [(_WHOLE, 0, part) for part in parts]) for total, parts in _TOTALS]
        for name, frame in tables.items():
            made._add(name, frame)
        return made

    def _add(self, table: str, frame: pl.DataFrame) -> None:
        for at, (rated, missed) in enumerate(frame.select(_OF_GROUPS).iter_rows()):
            self.counts |= {(table, at, _RATED): rated, (table, at, _MISSED): missed}
            if (_WHOLE, 0, _RATED) in self.shared and not is_small(rated):
                self.shared.add((table, at, _RATED))
                others = rated - missed
                is_split_shared = missed == 0 or min(missed, others) >= SMALLEST_SHARED
                if is_split_shared and (_WHOLE, 0, _MISSED) in self.shared:
                    self.shared.add((table, at, _MISSED))
        if frame.height:
            self.sums += [
                ((_WHOLE, 0, column), [(table, at, column) for at in range(frame.height)]) for column in _OF_GROUPS
            ]

    def withhold(self) -> None:
        """Withhold counts until the others give no small one away."""
        while (leak := self._leak()) is not None:
            table, column = leak
            mine = [key for key in self.shared if key[0] == table and key[2] == column and self.counts[key]]
            if not mine:
                self._leave_out(table)
                continue
            # The smallest costs least, and is large enough to hide the count that could be worked out.
            table, at, column = min(mine, key=lambda key: (self.counts[key], key))
            self.shared -= {(table, at, column), (table, at, _MISSED)}

    def _leave_out(self, table: str) -> None:
        self.counts = {key: count for key, count in self.counts.items() if key[0] != table}
        self.shared = {key for key in self.shared if key[0] != table}
        self.sums = [(total, parts) for total, parts in self.sums if parts[0][0] != table]

    def as_shared(self, table: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The table with its shared counts; without rows if it is left out."""
        if (table, 0, _RATED) not in self.counts:
            return frame.clear()
        return _blank(frame).with_columns(
            pl.Series(column, [self._shared_count((table, at, column)) for at in range(frame.height)], dtype=pl.Int64)
            for column in _OF_GROUPS
        )

    def _shared_count(self, key: CountKey) -> int | None:
        return round_count(self.counts[key]) if key in self.shared else None

    def _leak(self) -> tuple[str, str] | None:
        """The table and column of a small count that can no longer be each of 1 to 7, if there is one."""
        windows = {key: self._window(key) for key in self.counts}
        is_contradicted = _narrow(windows, self.sums)
        for table, at, column in sorted(self.counts.keys() - self.shared):
            low, high = windows[table, at, column]
            leaks = is_small(self.counts[table, at, column]) and (low > 1 or high < SMALLEST_SHARED - 1)
            if table != _WHOLE and (leaks or is_contradicted):
                return table, column
        return None

    def _window(self, key: CountKey) -> Window:
        """The window of a count by itself, narrower if that keeps it apart from the count beside it."""
        table, at, column = key
        count = self.counts[key]
        shared = self._shared_count(key)
        if shared is not None:
            return (shared - ERROR, shared + ERROR) if shared else (0, 0)
        if table == _WHOLE:
            return (1, SMALLEST_SHARED - 1) if is_small(count) else (0, _UNBOUNDED)
        rated = self._shared_count((table, at, _RATED))
        if is_small(self.counts[_WHOLE, 0, column]) or (column == _MISSED and rated is None):
            return 0, SMALLEST_SHARED - 1
        if is_small(count):
            return 1, SMALLEST_SHARED - 1
        return (0, (rated or 0) - ERROR) if column == _MISSED else (SMALLEST_SHARED - 1, _UNBOUNDED)


def _narrow(windows: dict[CountKey, Window], sums: Sequence[Sum]) -> bool:
    """Narrow the windows to the values that the sums allow, until nothing changes. Returns whether one became empty.

    For a total in 38..42 with parts in 33..37 and 1..7 nothing is cut; with a total in 33..37 the small part is cut to
    1..4. A window can become empty, as some were taken narrower than a reader knows them.
    """
    before: dict[CountKey, Window] = {}
    while windows != before:
        before = dict(windows)
        for total, parts in sums:
            low, high = sum(windows[part][0] for part in parts), sum(windows[part][1] for part in parts)
            least, most = windows[total]
            narrower = {total: (max(least, low), min(most, high))}
            for part in parts:
                mine, its = windows[part]
                # The other parts take at least low - mine of the total and at most high - its.
                narrower[part] = (max(mine, least - (high - its)), min(its, most - (low - mine)))
            windows |= narrower
            if any(least > most for least, most in narrower.values()):
                return True
    return False


def _blank(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without its counts and amounts; columns that say which group a row is stay."""
    group_numbers = GROUP_NUMBERS & set(frame.columns)
    columns = [name for name, kind in frame.schema.items() if kind == pl.Int64 or isinstance(kind, pl.Decimal)]
    kept = (name for name in columns if name not in group_numbers)
    return frame.with_columns(pl.lit(None, frame.schema[name]).alias(name) for name in kept)
