"""Settings and a database go in; those that change numbers are written to its table `site`, or compared with it."""

from __future__ import annotations

from typing import Any

import duckdb

from pipeline.settings.model import Settings

# Sorted, since two maps are equal only where their entries come in one order; lower case as DuckDB makes it, since
# that is what the views look up.
_PRICES = (
    "map_from_entries(list_sort([{'service': lower(p.service), 'price': p.price} "
    "for p in $value::struct(service varchar, price decimal(18,4))[]]))"
)

# Setting -> its column in the table `site`, and the SQL of a value to be stored there.
SITE_COLUMNS = {
    "site_zone": ("time_zone", "$value"),
    "grace_hours": ("grace_hours", "$value"),
    "late_hours": ("late_hours", "$value"),
    "currency": ("currency", "$value"),
    "prices": ("prices", _PRICES),
    "min_bookings": ("min_bookings", "$value"),
}


def write_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Write the settings that were set into `site`; whether that changed anything."""
    changed = False
    for name in settings.model_fields_set & SITE_COLUMNS.keys():
        column, value = SITE_COLUMNS[name]
        rows = connection.execute(
            f"update site set {column} = {value} where {column} is distinct from {value} returning 1",
            {"value": _bound(settings, name)},
        ).fetchall()
        changed = changed or bool(rows)
    return changed


def stored_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, tuple[Any, bool]]:
    """Setting -> the value in the database, and whether the one in `settings` differs from it."""
    found = {}
    for name, (column, value) in SITE_COLUMNS.items():
        sql = f"select {column}, {column} is distinct from {value} from site"
        found[name] = connection.execute(sql, {"value": _bound(settings, name)}).fetchall()[0]
    return found


def _bound(settings: Settings, name: str) -> Any:
    value = getattr(settings, name)
    if isinstance(value, dict):
        return [{"service": service, "price": price} for service, price in value.items()]
    return value
