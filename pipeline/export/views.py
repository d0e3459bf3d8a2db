"""The views that an export has, with the types and the meanings of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from queries.errors import DataRefused
from queries.model.fact import FACT
from queries.views import view_names

# Views that others stand on; their rows and columns are in those.
INTERNAL = frozenset({"slot_booking", "known_roster"})
# Columns that say who booked.
PERSONAL = frozenset(column.name for column in FACT if column.personal) | {"participant", "contact_id"}
_VIEWS = "select view_name, comment from duckdb_views() where not internal and database_name = current_database()"
_COLUMNS = (
    "select table_name, column_name, data_type, comment from duckdb_columns() "
    "where not internal and database_name = current_database() order by table_name, column_index"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view: its name, its type in DuckDB and its meaning."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """A view that is exported."""

    name: str
    meaning: str
    columns: tuple[Column, ...]


def views_to_export(connection: duckdb.DuckDBPyConnection, names_free: bool) -> tuple[View, ...]:
    """The documented views by name; `names_free` leaves out who booked, and views with one row for each contact.

    Raises `DataRefused` if another version of noshow made the views.
    """
    meanings = dict(connection.execute(_VIEWS).fetchall())
    wanted = sorted(view_names() - INTERNAL)
    missing = [name for name in wanted if name not in meanings]
    if missing:
        raise DataRefused(
            "export.views",
            f"the database lacks the view {missing[0]}: another version of noshow made its views",
            "Run `noshow ingest` once with any export, even one loaded before: it replaces them",
        )
    columns: dict[str, list[Column]] = {}
    for table, *column in connection.execute(_COLUMNS).fetchall():
        columns.setdefault(table, []).append(Column(*column))
    views = tuple(View(name, meanings[name], tuple(columns[name])) for name in wanted)
    return tuple(_without_contacts(views)) if names_free else views


def _without_contacts(views: Sequence[View]) -> list[View]:
    return [
        replace(view, columns=tuple(column for column in view.columns if column.name not in PERSONAL))
        for view in views
        if view.columns[0].name not in PERSONAL
    ]
