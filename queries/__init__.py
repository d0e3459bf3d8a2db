"""The light base of noshow: the published database, its views, filters and measures.

Open it with `connect()`; every function takes the connection and gives a Polars frame.

    >>> import queries
    >>> con = queries.connect()  # doctest: +SKIP
    >>> queries.no_show_rates(con, by=["service"])  # doctest: +SKIP
"""

from queries.database import DEFAULT_DATABASE, Site, connect, database_path, site
from queries.errors import (
    DataRefused,
    FilterError,
    InputNotFound,
    NoshowError,
    OutputFailed,
    StoreBusy,
    UsageError,
)
from queries.filters import FIELDS, filter_in_english
from queries.measures.counts import as_of_instant
from queries.measures.groupings import GROUPINGS
from queries.measures.no_shows import no_show_rates
from queries.measures.quality import flags, loads, quarantine_by_rule, waterfall

__all__ = [
    "DEFAULT_DATABASE",
    "FIELDS",
    "GROUPINGS",
    "DataRefused",
    "FilterError",
    "InputNotFound",
    "NoshowError",
    "OutputFailed",
    "Site",
    "StoreBusy",
    "UsageError",
    "as_of_instant",
    "connect",
    "database_path",
    "filter_in_english",
    "flags",
    "loads",
    "no_show_rates",
    "quarantine_by_rule",
    "site",
    "waterfall",
]
