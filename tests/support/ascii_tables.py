"""Small tables as text, the way ehrQL writes its specification: a header, a rule, and a row a line.

    booking | session | booked
    --------+---------+-------
    b1      | mon     | 2
    b2      | mon     |

An empty cell is null.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Cells = dict[str, str]


def read_table(text: str) -> list[Cells]:
    """The rows of a table, each as column -> text of its cell."""
    lines = [line for line in text.splitlines() if line.strip() and not _is_rule(line)]
    if not lines:
        return []
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    for row in rows:
        assert len(row) == len(header), f"{row} has not the columns {header}"
    return [dict(zip(header, row, strict=True)) for row in rows]


def _is_rule(line: str) -> bool:
    """A row of nulls alone is a row: it has no dash."""
    return "--" in line and set(line) <= set(" -+|")


def columns_of(text: str) -> list[str]:
    """The columns of a table, which may have no rows."""
    first = next(line for line in text.splitlines() if line.strip())
    return [cell.strip() for cell in first.split("|")]


def cell(value: Any) -> str:
    """A value as it is written in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value)


def matches(written: str, value: Any) -> bool:
    """Whether a cell says what a value is: a float as an exact fraction, 2/6, or with the decimals that are written."""
    if not isinstance(value, float) or not written:
        return written == cell(value)
    if "/" in written:
        part, whole = map(int, written.split("/"))
        return value == part / whole
    return f"{value:.{len(written.partition('.')[2])}f}" == written


def require_rows(expected: str, found: Iterable[Mapping[str, Any]], source: str) -> None:
    """Assert that the rows found are those of the table, in any order; `source` names who found them."""
    names = columns_of(expected)
    wanted = read_table(expected)
    rows = [{name: row[name] for name in names} for row in found]
    left = list(rows)
    for row in wanted:
        same = next((r for r in left if all(matches(row[name], r[name]) for name in names)), None)
        others = _table(names, map(_written, left))
        assert same is not None, f"{source} has no row\n{_table(names, [row])}\nbut\n{others}"
        left.remove(same)
    assert not left, f"{source} has more rows:\n{_table(names, map(_written, left))}"


def _written(row: Mapping[str, Any]) -> Cells:
    return {name: cell(value) for name, value in row.items()}


def _table(names: Sequence[str], rows: Iterable[Cells]) -> str:
    lines = [names, *([row[name] for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(names))]
    return "\n".join(" | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
