"""One row of counts for each group of the fact, as a Polars frame ready for `rates`.

The database does the counting. `late_cancelled` is null if bookings were cancelled and no cancel time is known;
`value_absent` is null if no price is known or currencies are mixed. `sessions` counts each session once in each
group, so it adds up only over groups that share no session. The squares and the counts of the top three contacts do
not add up at all if groups share sessions or contacts: of a contact with 2 bookings in one group and 1 in another they
are 4 and 1, and 9 of both together. Each level needs a count of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from queries.database import frame_of
from queries.language.filters import Node
from queries.measures.clustering import Clustering, clustering_of
from queries.model.groupings import Grouping
from queries.moments import naive_utc
from queries.statements import clusters_sql, counts_sql


def counts(
    connection: duckdb.DuckDBPyConnection,
    groupings: Sequence[Grouping],
    node: Node,
    as_of: dt.datetime,
) -> pl.DataFrame:
    """Counts of each group as of an aware moment: the group columns, then the columns of `no_show_counts`, Int64."""
    text, parameters = counts_sql(groupings, node)
    return frame_of(connection, text, parameters | {"as_of": naive_utc(as_of)})


def clustering(connection: duckdb.DuckDBPyConnection, node: Node, as_of: dt.datetime) -> Clustering:
    """How alike bookings of one contact and of one session are, over all rows that pass, as of an aware moment."""
    text, parameters = clusters_sql(node)
    return clustering_of(frame_of(connection, text, parameters | {"as_of": naive_utc(as_of)}).row(0, named=True))
