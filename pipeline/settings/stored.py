"""Write the settings that change figures to the database's table `site`, and compare them with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.settings.model import Settings

if TYPE_CHECKING:
    import duckdb

# Sorted, since DuckDB's maps are equal only if their entries have the same order: map {a: 1, b: 2} <> map {b: 2, a: 1}.
# In DuckDB's lower case, since the views look prices up by it, and Python's differs for some letters.
_PRICES = (
    "map_from_entries(list_sort([{'service': lower(p.service), 'price': p.price} "
    "for p in $value::struct(service varchar, price decimal(18,4))[]]))"
)

# Setting -> its column in the table `site`, and the SQL of the value to store.
SITE_COLUMNS = {
    "site_zone": ("time_zone", "$value"),
    "grace_hours": ("grace_hours", "$value"),
    "late_hours": ("late_hours", "$value"),
    "currency": ("currency", "$value"),
    "prices": ("prices", _PRICES),
    "min_bookings": ("min_bookings", "$value"),
}


def write_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the settings that are set to `site`."""
    for name in _set_in(settings):
        column, value = SITE_COLUMNS[name]
        connection.execute(f"update site set {column} = {value}", {"value": _bound(settings, name)})


def settings_differ(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether a setting that is set has another value in the database."""
    return any(_stored(connection, settings, name)[1] for name in _set_in(settings))


def stored_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, tuple[Any, bool]]:
    """For each stored setting, the value in the database and whether the one in `settings` differs."""
    return {name: _stored(connection, settings, name) for name in SITE_COLUMNS}


def _stored(connection: duckdb.DuckDBPyConnection, settings: Settings, name: str) -> tuple[Any, bool]:
    column, value = SITE_COLUMNS[name]
    sql = f"select {column}, {column} is distinct from {value} from site"
    kept, differs = connection.execute(sql, {"value": _bound(settings, name)}).fetchall()[0]
    return kept, bool(differs)


def _set_in(settings: Settings) -> set[str]:
    return settings.model_fields_set & SITE_COLUMNS.keys()


def site_zone(connection: duckdb.DuckDBPyConnection) -> str:
    """The zone of sessions that name none, as the database keeps it."""
    (zone,) = connection.execute("select time_zone from site").fetchall()[0]
    return str(zone)


def zone_is_assumed(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether times in the site's zone are taken as UTC only because neither a setting nor the database names one."""
    return "site_zone" not in settings.model_fields_set and site_zone(connection) == "UTC"


def _bound(settings: Settings, name: str) -> Any:
    value = getattr(settings, name)
    if isinstance(value, dict):
        return [{"service": service, "price": price} for service, price in value.items()]
    return value
