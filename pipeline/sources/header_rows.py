"""Join two rows of names over the columns of a table: a row of groups, and the names in each group.

    Booking;;Customer;
    Date;Time;Name;Phone

are the columns `Booking Date`, `Booking Time`, `Customer Name` and `Customer Phone`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, zip_longest

from pipeline.faults import Refused
from pipeline.sources.headers import clean_name, holds_data

# The warning of a load that says which lines were joined.
HEADER_ROWS = "file.header_rows: "


def header_rows_read(first: int) -> str:
    """The warning that the line of this number and the next one name the columns together."""
    return f"{HEADER_ROWS}lines {first} and {first + 1} name the columns together"


def joined_names(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names of the columns. A group goes on to the right; a name without one, or a group without one, stays."""
    upper = [clean_name(cell) for cell in groups]
    lower = [clean_name(cell) for cell in names]
    made, group = [], ""
    for above, below in zip_longest(upper, lower, fillvalue=""):
        if above:
            # Over a blank cell it is the name of its column alone: no group.
            group = above if below else ""
        made.append(f"{group} {below}".strip() or above)
    return made


def are_header_rows(groups: Sequence[str], names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether two rows are groups and names, by themselves and by the rows `below` them.

    A header with unnamed columns over a first row of data must not be taken for them. So one group at least spans
    columns and has another one behind it, every column gets a name of its own, and the values below look unlike names:
    there is a column with digits in every row, and none in either header row.
    """
    upper, lower = ([clean_name(cell) for cell in row] for row in (groups, names))
    if len(upper) != len(lower) or sum(map(bool, upper)) < 2:
        return False
    last = max(at for at, cell in enumerate(upper) if cell)
    spans = any(not upper[at] and lower[at] for at in range(last))
    made = [name.lower() for name in joined_names(upper, lower)]
    if not spans or not all(made) or len({*made}) < len(made) or any(map(holds_data, [*upper, *lower])):
        return False
    rows = [row for row in below if len(row) == len(lower)]
    return any(
        not _has_digit(lower[at]) and not _has_digit(upper[at]) and all(_has_digit(row[at]) for row in rows)
        for at in range(len(lower) if rows else 0)
    )


def require_no_pair_below(code: str, first: Sequence[str], later: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Raise `Refused` with what to write if the first row is a title, and two rows below it name the columns.

    `later` are the rows after the first with their line numbers.
    """
    titles = sum(1 for cell in first if clean_name(cell))
    for at, ((line, groups), (_, names)) in enumerate(pairwise(later), 2):
        is_wider = titles * 2 <= len(names)
        if is_wider and are_header_rows(groups, names, [row for _, row in later[at:]]):
            made = ", ".join(joined_names(groups, names)[:3])
            raise Refused(
                code,
                f"the first line does not name the columns; lines {line} and {line + 1} seem to, together: {made}, …",
                f"Write header = [{line}, {line + 1}] at the top of the mapping",
            )


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))
