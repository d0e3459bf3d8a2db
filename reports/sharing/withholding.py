"""Counts go in; the same as they may be shown to others come out: small ones withheld, others rounded.

Counts of 1 to 7 are null, others go to the nearest 5; rates are then taken from the rounded counts. Since a reader can
subtract the parts of a total from it, further counts are withheld until each count of 1 to 7 can still be any of them,
as far as everything told shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

SMALLEST_TOLD = 8
_STEP = 5
_ERROR = _STEP // 2
_UNBOUNDED = 10**12
_MARKED, _NO_SHOWS = "marked_bookings", "no_shows"
# What a group tells; of the unmarked only the whole tells, for they are few nearly everywhere.
_OF_GROUPS = (_MARKED, _NO_SHOWS)
# Each total of the whole with its two parts.
_TOTALS = (
    ("marked_bookings", ("attended_bookings", "no_shows")),
    ("bookings", ("marked_bookings", "unmarked_bookings")),
)
_WHOLE = ""

Place = tuple[str, int, str]
Window = tuple[int, int]
Sum = tuple[Place, list[Place]]


def told(count: int) -> int | None:
    """A count as it may be shown to others."""
    return None if _is_small(count) else (count + _ERROR) // _STEP * _STEP


def rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that are no parts of a told total: every count (Int64) of 1 to 7 null, every other to the nearest 5."""
    columns = [name for name, kind in frame.schema.items() if kind == pl.Int64 and name not in _GROUP_NUMBERS]
    return frame.with_columns(_each_told(frame[name]) for name in columns)


def shared(whole: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The one row of counts over all, and its tables by group, as they may be shown together.

    Every count (Int64) and amount that is not told is null. Groups without a due booking are left out, and so are all
    groups of a table where withholding single counts would not do.
    """
    due = {name: frame.filter(pl.col("bookings") > 0) for name, frame in tables.items()}
    row = whole.row(0, named=True)
    found = _Counts.of(row, due)
    found.withhold()
    mine = _of_the_whole(row)
    return (
        _blank(whole).with_columns(pl.lit(told(row[name] or 0), pl.Int64).alias(name) for name in mine),
        {name: found.shown(name, frame) for name, frame in due.items()},
    )


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Ids of the database replaced by numbers in the order of names; one that is not known stays so."""
    ids = [name for name in frame.columns if name.endswith("_id")]
    if not ids:
        return frame
    (key,) = ids
    ordered = frame.sort(key.removesuffix("_id"), key, nulls_last=True).with_row_index("number", 1)
    number = pl.when(pl.col(key).is_not_null()).then(pl.col("number").cast(pl.String))
    return ordered.with_columns(number.alias(key)).drop("number")


def _of_the_whole(row: Mapping[str, int | None]) -> list[str]:
    """The columns of the row over all that are told.

    Of two parts of a total both are told or none, and a total of two small ones is not.
    """
    bookings, unmarked, cancelled, late = (
        row[name] or 0 for name in ("bookings", "unmarked_bookings", "cancelled_bookings", "late_cancelled")
    )
    marked, no_shows = row[_MARKED] or 0, row[_NO_SHOWS] or 0
    is_marked_told = not _is_small(marked) and not _are_small(no_shows, marked - no_shows)
    is_split = is_marked_told and not _is_small(no_shows) and not _is_small(marked - no_shows)
    is_due_told = not _is_small(bookings) and not _is_small(unmarked)
    is_cancelled_told = not _is_small(cancelled) and not _are_small(late, cancelled - late)
    is_late_told = is_cancelled_told and not _is_small(late) and not _is_small(cancelled - late)
    chosen = {
        "bookings": is_due_told,
        "unmarked_bookings": is_due_told and is_marked_told,
        "marked_bookings": is_marked_told,
        "no_shows": is_split,
        "attended_bookings": is_split,
        "cancelled_bookings": is_cancelled_told,
        "late_cancelled": is_late_told and row["late_cancelled"] is not None,
        "walk_ins": True,
        "sessions": True,
    }
    return [name for name, is_told in chosen.items() if is_told]


def _are_small(*counts: int) -> bool:
    return all(map(_is_small, counts))


@dataclass(slots=True)
class _Counts:
    """Every count that is told or could be worked out, and which of them are told.

    `sums` are totals with their parts. A reader knows a window for each count: two on either side of one that is told,
    1 to 7 for a small one. What the sums leave of the windows is exact, since they make a tree: the windows of a
    group's two counts never meet, as no-shows are told only where eight others or more attended.
    """

    counts: dict[Place, int]
    told: set[Place]
    sums: list[Sum] = field(default_factory=list)

    @classmethod
    def of(cls, row: Mapping[str, int | None], tables: Mapping[str, pl.DataFrame]) -> _Counts:
        """The counts of the whole and of each table's groups, before anything is withheld for another's sake."""
        names = {name for total, parts in _TOTALS for name in (total, *parts)}
        found = cls({(_WHOLE, 0, name): row[name] or 0 for name in names}, set())
        found.told = {(_WHOLE, 0, name) for name in names if name in _of_the_whole(row)}
        found.sums = [((_WHOLE, 0, total), [(_WHOLE, 0, part) for part in parts]) for total, parts in _TOTALS]
        for name, frame in tables.items():
            found._add(name, frame)
        return found

    def _add(self, table: str, frame: pl.DataFrame) -> None:
        for at, (marked, no_shows) in enumerate(frame.select(_OF_GROUPS).iter_rows()):
            self.counts |= {(table, at, _MARKED): marked, (table, at, _NO_SHOWS): no_shows}
            if (_WHOLE, 0, _MARKED) in self.told and not _is_small(marked):
                self.told.add((table, at, _MARKED))
                others = marked - no_shows
                split = no_shows == 0 or min(no_shows, others) >= SMALLEST_TOLD
                self.told |= {(table, at, _NO_SHOWS)} if split and (_WHOLE, 0, _NO_SHOWS) in self.told else set()
        if frame.height:
            self.sums += [
                ((_WHOLE, 0, column), [(table, at, column) for at in range(frame.height)]) for column in _OF_GROUPS
            ]

    def withhold(self) -> None:
        """Withhold counts until no small one is told by the others."""
        while (leak := self._leak()) is not None:
            table, column = leak
            mine = [place for place in self.told if place[0] == table and place[2] == column and self.counts[place]]
            if not mine:
                self._leave_out(table)
                continue
            # The smallest costs least, and is large enough to hide what could be worked out.
            table, at, column = min(mine, key=lambda place: (self.counts[place], place))
            self.told -= {(table, at, column), (table, at, _NO_SHOWS)}

    def _leave_out(self, table: str) -> None:
        self.counts = {place: count for place, count in self.counts.items() if place[0] != table}
        self.told = {place for place in self.told if place[0] != table}
        self.sums = [(total, parts) for total, parts in self.sums if parts[0][0] != table]

    def shown(self, table: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The table with what is told of it; without rows where it is left out."""
        if (table, 0, _MARKED) not in self.counts:
            return frame.clear()
        return _blank(frame).with_columns(
            pl.Series(column, [self._as_told((table, at, column)) for at in range(frame.height)], dtype=pl.Int64)
            for column in _OF_GROUPS
        )

    def _as_told(self, place: Place) -> int | None:
        return told(self.counts[place]) if place in self.told else None

    def _leak(self) -> tuple[str, str] | None:
        """The table and column of a small count that cannot be all of 1 to 7 any more, if there is one."""
        windows = {place: self._window(place) for place in self.counts}
        contradicted = _narrow(windows, self.sums)
        for table, at, column in sorted(self.counts.keys() - self.told):
            low, high = windows[table, at, column]
            leaks = _is_small(self.counts[table, at, column]) and (low > 1 or high < SMALLEST_TOLD - 1)
            if table != _WHOLE and (leaks or contradicted):
                return table, column
        return None

    def _window(self, place: Place) -> Window:
        """What a count may be by itself, narrower where that keeps it apart from the count beside it."""
        table, at, column = place
        count = self.counts[place]
        as_told = self._as_told(place)
        if as_told is not None:
            return (as_told - _ERROR, as_told + _ERROR) if as_told else (0, 0)
        if table == _WHOLE:
            return (1, SMALLEST_TOLD - 1) if _is_small(count) else (0, _UNBOUNDED)
        marked = self._as_told((table, at, _MARKED))
        if _is_small(self.counts[_WHOLE, 0, column]) or (column == _NO_SHOWS and marked is None):
            return 0, SMALLEST_TOLD - 1
        if _is_small(count):
            return 1, SMALLEST_TOLD - 1
        return (0, (marked or 0) - _ERROR) if column == _NO_SHOWS else (SMALLEST_TOLD - 1, _UNBOUNDED)


def _narrow(windows: dict[Place, Window], sums: Sequence[Sum]) -> bool:
    """Cut from the windows what no sum allows, until nothing is left to cut; whether one is empty then.

    That can be, as some were taken narrower than a reader knows them.
    """
    before: dict[Place, Window] = {}
    while windows != before:
        before = dict(windows)
        for total, parts in sums:
            low, high = sum(windows[part][0] for part in parts), sum(windows[part][1] for part in parts)
            least, most = windows[total]
            narrower = {total: (max(least, low), min(most, high))}
            for part in parts:
                mine, its = windows[part]
                narrower[part] = (max(mine, least - (high - its)), min(its, most - (low - mine)))
            windows |= narrower
            if any(least > most for least, most in narrower.values()):
                return True
    return False


def _is_small(count: int) -> bool:
    return 0 < count < SMALLEST_TOLD


def _each_told(counts: pl.Series) -> pl.Series:
    return pl.Series(counts.name, [None if count is None else told(count) for count in counts], dtype=pl.Int64)


def _blank(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without its counts and amounts; what says which group a row is stays."""
    named = _GROUP_NUMBERS & set(frame.columns)
    columns = [name for name, kind in frame.schema.items() if kind == pl.Int64 or isinstance(kind, pl.Decimal)]
    return frame.with_columns(pl.lit(None, frame.schema[name]).alias(name) for name in columns if name not in named)


# Whole numbers that say what a group is, not how much of it there is.
_GROUP_NUMBERS = {"local_weekday", "local_hour"}
