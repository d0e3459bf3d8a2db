"""Let go of quarantined records that a later load brings again, so that quarantine holds each record once.

A record is the same by its content: a growing export brings its one bad line every night. And it is the same by its
key: once the line is repaired, the booking that it is about is loaded, and the bad line is of no more use.
"""

from __future__ import annotations

from functools import partial

import duckdb

from pipeline.load.at_fault import KEYED
from pipeline.load.history import keep_records
from pipeline.load.statements import merge_sql
from pipeline.store.content_state import NO_ROWS, tracked
from queries.model.entities import TABLES
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load")

_EARLIER = "select 1 from quarantine where load_id < $before limit 1"
_GONE = "(load_id, record) in (select (load_id, record) from superseded_rows)"


def let_go_of_superseded(connection: duckdb.DuckDBPyConnection, load_id: int, before: int | None = None) -> int:
    """Remove earlier quarantined records that this load brought again, valid or not; return their number.

    Their loads count them as superseded. To be called when the load is merged, within its transaction. Earlier are the
    loads below `before`: by default this one, and for a retry the load whose records it brings.
    """
    bound = {"load_id": load_id, "before": load_id if before is None else before}
    if not connection.execute(_EARLIER, {"before": bound["before"]}).fetchall():
        return 0
    connection.execute("create or replace temp table brought (entity varchar, row_key varchar)")
    for name in KEYED:
        connection.execute(merge_sql("brought", TABLES[name]), {"before": bound["before"]})
    connection.execute(_sql("superseded_rows"), bound)
    (found,) = connection.execute("select count(*) from superseded_rows").fetchall()[0]
    if found:
        keep_records(connection, load_id, _GONE)
        with tracked(connection, "quarantine", (_GONE, {}), NO_ROWS):
            connection.execute(f"delete from quarantine where {_GONE}")
        with tracked(connection, "load_ledger", ("load_id in (select load_id from superseded_rows)", {})):
            connection.execute(_sql("count_superseded"))
    return int(found)
