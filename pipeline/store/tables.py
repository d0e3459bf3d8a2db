"""Write the SQL that creates tables, hashes their content and looks for keys that occur twice.

Names come from the model; values are bound.
"""

from __future__ import annotations

from collections.abc import Iterable

from queries.model.columns import Entity
from queries.model.entities import TABLES
from queries.statements import literal

# The view that a published snapshot may hold as a table.
ROSTER = "known_roster"
# The tables whose content is hashed: all but `table_state`, which holds the hashes.
TRACKED = (
    *TABLES,
    "site",
    "load_ledger",
    "quarantine",
    "load_finding",
    "replaced_row",
    "participant_notification",
    "erased_contact",
    "risk_model",
    "risk_weight",
    "call_list",
)
# Tables that serve noshow alone: a schema of their own keeps them from those that are there to be queried.
INTERNAL = frozenset({"table_state", "replaced_row", "erased_contact", "risk_model", "risk_weight"})
# Count, xor and sum of the hashes `h`. Xor alone misses equal rows in pairs: 5 ^ 5 ^ 9 and 7 ^ 7 ^ 9 are both 9.
CONTENT_HASH = "select count(*), coalesce(bit_xor(h), 0), coalesce(sum(h::hugeint), 0)"


def located(table: str) -> str:
    """The name of a table in a statement, with its schema unless that is the main one."""
    return f"internal.{table}" if table in INTERNAL else table


def table_sql(entity: Entity) -> str:
    """The statements that create an entity's table and its comments.

    Without a primary key or an index: duplicates are settled before they are merged.
    """
    # With keys a table of 10 million rows takes 9 times as long to publish and a load needs several times the memory;
    # in DuckDB 2.0.0 `on conflict do update` also keeps the first of two equal keys, without a word.
    columns = ", ".join(f"{name} {entity.sql_type(name)}{_not_null(entity, name)}" for name in entity.names)
    comments = "".join(
        f"comment on column {entity.name}.{name} is {literal(entity.column(name).meaning)};" for name in entity.names
    )
    return (
        f"create table if not exists {entity.name} ({columns}, load_id bigint not null);"
        f"comment on table {entity.name} is {literal(entity.meaning)};{comments}"
        f"comment on column {entity.name}.load_id is 'the load that brought this version';"
    )


def keys_of(entity: Entity) -> tuple[tuple[str, ...], ...]:
    """The sets of columns that must be unique: the key, and the id unless it is the key."""
    return (entity.key,) if entity.key == ("id",) else (entity.key, ("id",))


def twice_anywhere_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """The query that returns one row if any key is in the table twice."""
    columns = ", ".join(key)
    return f"select 1 from {entity.name} group by {columns} having count(*) > 1 limit 1"


def content_sql(table: str, condition: str, database: str = "") -> str:
    """The query for the content hash (count, xor, sum) of the rows that meet a condition.

    Another `database` than the connection's own is named with its dot, as in `earlier.`. Raises ValueError for a table
    whose content is not hashed.
    """
    if table not in (*TRACKED, ROSTER):
        raise ValueError(f"{table} is not a table whose content is hashed")
    place = f"{database}{located(table)}"
    return f"{CONTENT_HASH} from (select hash(whole_row) as h from {place} as whole_row where {condition})"


def rows_sql(tables: Iterable[str]) -> str:
    """The query for the names of tables and the numbers of their rows."""
    return " union all ".join(f"select {literal(table)}, count(*) from {located(table)}" for table in tables)


def contents_sql(tables: Iterable[str]) -> str:
    """The query for the names and content hashes of whole tables (name, count, xor, sum).

    The tables are read at the same time: together they need the memory that each of them needs alone.
    """
    return " union all ".join(f"select {literal(table)}, * from ({content_sql(table, 'true')})" for table in tables)


def _not_null(entity: Entity, name: str) -> str:
    return " not null" if entity.column(name).required else ""
