"""The tables of a database as SQL: making them, hashing their content, looking for keys that occur twice.

Names come from the model; values are bound.
"""

from __future__ import annotations

from queries.model.columns import Entity
from queries.model.entities import TABLES
from queries.statements import literal

# The view that a snapshot may hold as a table.
ROSTER = "known_roster"
# Every table whose content is hashed: all but `table_state`, which holds the hashes.
TRACKED = (
    *TABLES,
    "site",
    "load_ledger",
    "quarantine",
    "participant_notification",
    "erased_contact",
)
# count, xor, sum of the hashes `h`: xor alone would cancel pairs of equal rows.
CONTENT_HASH = "select count(*), coalesce(bit_xor(h), 0), coalesce(sum(h::hugeint), 0)"


def table_sql(entity: Entity) -> str:
    """The table and its comments. No key or index: duplicates are settled before they are merged."""
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
    """The column sets that must be unique: the key, and the id if that is not the key itself."""
    return (entity.key,) if entity.key == ("id",) else (entity.key, ("id",))


def twice_anywhere_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """One row if any key is in the table twice."""
    columns = ", ".join(key)
    return f"select 1 from {entity.name} group by {columns} having count(*) > 1 limit 1"


def content_sql(table: str, condition: str) -> str:
    """The content hash of a table's rows under a condition: count, xor, sum. Raises ValueError for another table."""
    if table not in (*TRACKED, ROSTER):
        raise ValueError(f"{table} is not a table whose content is hashed")
    return f"{CONTENT_HASH} from (select hash(whole_row) as h from {table} as whole_row where {condition})"


def _not_null(entity: Entity, name: str) -> str:
    return " not null" if entity.column(name).required else ""
