"""The SQL that makes, stages and loads an entity's table.

The one place in `pipeline` where SQL is put together: names come from the table of columns, values are bound.
"""

from __future__ import annotations

from collections.abc import Sequence

from queries.model.columns import Entity
from queries.model.entities import TABLES


def table_sql(entity: Entity) -> str:
    """The table and its comments. No key or index: duplicates are settled before they are merged."""
    columns = ", ".join(f"{name} {entity.sql_type(name)}{_not_null(entity, name)}" for name in entity.names)
    comments = "".join(
        f"comment on column {entity.name}.{name} is {_quoted(entity.column(name).meaning)};" for name in entity.names
    )
    return (
        f"create table if not exists {entity.name} ({columns}, load_id bigint not null);"
        f"comment on table {entity.name} is {_quoted(entity.meaning)};{comments}"
        f"comment on column {entity.name}.load_id is 'the load that brought this version';"
    )


def staging_sql(entity: Entity) -> str:
    """An empty temporary table: the record's number and the entity's columns."""
    columns = ", ".join(f"{name} {entity.sql_type(name)}" for name in entity.names)
    return f"create or replace temp table staged_{entity.name} (record bigint, {columns})"


def stage_sql(entity: Entity) -> str:
    """Add the rows offered as `valid_<entity>`."""
    columns = ", ".join(entity.names)
    casts = ", ".join(f"{name}::{entity.sql_type(name)}" for name in entity.names)
    return f"insert into staged_{entity.name} (record, {columns}) select record, {casts} from valid_{entity.name}"


def unstage_sql(entity: Entity) -> str:
    """Drop the staged rows of records that went to quarantine."""
    return f"delete from staged_{entity.name} where record in (select record from set_aside)"


def drop_repeats_sql(entity: Entity) -> str:
    """Of staged rows that are the same to the last field, keep the first."""
    columns = ", ".join(entity.names)
    return (
        f"delete from staged_{entity.name} where record in (select record from staged_{entity.name} "
        f"qualify row_number() over (partition by {columns} order by record) > 1)"
    )


def session_as_stored_sql(attendance: Entity) -> str:
    """Tie an attendance that came beside its booking to the session that the same attendance is stored with.

    It names no session and was tied to where the booking is now, which may have moved since. Columns that it leaves
    out stay as stored.
    """
    ids = [f"{name} = t.{name}" for name in ("event_id", "session_id", "session_key")]
    said = ("id", "booking_id", "event_id", "session_id", "session_key", "status", "number_of_attendees")
    left_out = [f"{name} = coalesce(s.{name}, t.{name})" for name in attendance.names if name not in said]
    return (
        f"update staged_attendance as s set {', '.join([*ids, *left_out])} from attendance as t "
        "where t.id = s.id and t.booking_id = s.booking_id and not starts_with(t.session_key, 'booking:') "
        "and s.record in (select record from staged_booking)"
    )


def repeated_keys_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """Whether any key is staged more than once."""
    return f"select 1 from staged_{entity.name} group by {', '.join(key)} having count(*) > 1 limit 1"


def settle_keys_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """Set aside all but the latest of the rows that share a key: record, rule.

    Rows are ordered by the first version column that all of them have; where none is, or the latest is not
    alone, nothing tells which is right and all are set aside.
    """
    over = f"over (partition by {', '.join(key)})"
    versions = [f"when count({name}) {over} = count(*) {over} then {_number(entity, name)}" for name in entity.version]
    return (
        "insert into set_aside with versioned as ("
        f"select record, {', '.join(key)}, count(*) {over} as rows, case {' '.join(versions)} end as version "
        f"from staged_{entity.name} qualify count(*) {over} > 1), "
        f"ranked as (select *, max(version) {over} as latest, "
        f"count(*) filter (version is null) {over} as undated from versioned), "
        f"told as (select *, count(*) filter (version = latest) {over} as latest_rows from ranked) "
        "select record, case when undated > 0 or latest_rows > 1 then 'duplicate_conflict' else 'superseded' end, '' "
        "from told where undated > 0 or latest_rows > 1 or version < latest"
    )


def settle_in_order_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """Judge as stale all but the latest of the staged rows that share a key, in a file that tells things in order.

    The latest has the highest sequence or version; where none is told or they are the same, it comes last.
    """
    by_sequence = (entity.sequence,) if entity.sequence and key == ("id",) else ()
    order = "".join(f"{name} desc nulls last, " for name in (*by_sequence, *entity.version))
    return (
        f"insert into verdict select record, '{entity.name}', 'stale' from staged_{entity.name} "
        f"qualify row_number() over (partition by {', '.join(key)} order by {order}record desc) > 1"
    )


def unstage_judged_sql(entity: Entity) -> str:
    """Drop the staged rows that were judged already."""
    return (
        f"delete from staged_{entity.name} where record in (select record from verdict where entity = '{entity.name}')"
    )


def met_sql(entity: Entity) -> str:
    """The stored rows that staged ones may replace, by their key or their id: rowid as `met`, `hash`, the columns.

    They are found in one narrow column each before any is read whole, and all that follows reads only them, however
    many rows the table has. Of a key of several columns the first tells enough.
    """
    found = " union all ".join(
        f"select rowid from {entity.name} where {name} in (select {name} from staged_{entity.name})"
        for name in dict.fromkeys(key[0] for key in keys_of(entity))
    )
    return (
        f"create or replace temp table met_{entity.name} as select whole_row.rowid as met, hash(whole_row) as hash, "
        f"{', '.join(entity.names)} from {entity.name} as whole_row where whole_row.rowid in ({found})"
    )


def judge_sql(entity: Entity) -> str:
    """What a staged row and the stored one of its key make of it: record, met, verdict (loaded, unchanged or stale).

    A row is stale where both versions are known and the stored one is later; an undated one is not known to be older.
    `is_own` tells that the stored row has its id as well.
    """
    same = " and ".join(f"t.{name} is not distinct from s.{name}" for name in entity.names)
    return (
        f"create or replace temp table judged_{entity.name} as select record, met, "
        f"case when {_older(entity, 't')} then 'stale' when {same} then 'unchanged' else 'loaded' end as verdict, "
        f"t.id = s.id as is_own from staged_{entity.name} as s join met_{entity.name} as t on {_on_key(entity)}"
    )


def judge_by_id_sql(entity: Entity) -> str:
    """Add what is made of the stored rows that have a staged row's id under another key.

    Ids are there once: a row whose key and id meet the same staged row meets no other.
    """
    return (
        f"insert into judged_{entity.name} select record, met, "
        f"case when {_older(entity, 't')} then 'stale' else 'loaded' end, false from staged_{entity.name} as s "
        f"join (from met_{entity.name} where met not in (select met from judged_{entity.name} where is_own)) as t "
        f"on t.id = s.id where {_other_key(entity, 't')}"
    )


def note_verdicts_sql(entity: Entity) -> str:
    """Add to the table `verdict` what becomes of each staged row: record, entity, verdict.

    One that meets no stored row is loaded; of several verdicts stale outweighs loaded, and that unchanged.
    """
    return (
        f"insert into verdict select record, '{entity.name}', case when j.stale then 'stale' "
        f"when j.record is null or j.loaded then 'loaded' else 'unchanged' end from staged_{entity.name} "
        "left join (select record, bool_or(verdict = 'stale') as stale, bool_or(verdict = 'loaded') as loaded "
        f"from judged_{entity.name} group by record) as j using (record)"
    )


def replaced_sql(entity: Entity) -> str:
    """The met rows that make way for a row that is loaded, or are left behind by its id: met, hash."""
    return (
        f"create or replace temp table replaced_{entity.name} as select met, hash from met_{entity.name} where met in "
        f"(select met from judged_{entity.name} where record in ({_loaded(entity)}))"
    )


def replaced_content_sql(entity: Entity) -> str:
    """What the rows that make way hash to: count, xor, sum."""
    return f"{_CONTENT} from (select hash as h from replaced_{entity.name})"


def remove_replaced_sql(entity: Entity) -> str:
    """Remove the rows that make way."""
    return f"delete from {entity.name} as t where t.rowid in (select met from replaced_{entity.name})"


def insert_sql(entity: Entity) -> str:
    """Insert the rows judged as loaded, in the order of their ids, so that pages and single rows are found quickly."""
    columns = ", ".join(entity.names)
    return (
        f"insert into {entity.name} ({columns}, load_id) select {columns}, $load_id "
        f"from staged_{entity.name} where record in ({_loaded(entity)}) order by id"
    )


def twice_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """Whether a row that was loaded has the key of a row that stays: there must be none."""
    columns = f"({', '.join(key)})"
    return (
        f"select 1 from met_{entity.name} where met not in (select met from replaced_{entity.name}) "
        f"and {columns} in (select {columns} from staged_{entity.name} where record in ({_loaded(entity)})) limit 1"
    )


def twice_anywhere_sql(entity: Entity, key: tuple[str, ...]) -> str:
    """Whether any key is in the table twice."""
    columns = ", ".join(key)
    return f"select 1 from {entity.name} group by {columns} having count(*) > 1 limit 1"


def content_sql(table: str, condition: str) -> str:
    """What the rows of a table of ours under a condition hash to: count, xor, sum."""
    if table not in (*TRACKED, ROSTER):
        raise ValueError(f"{table} is not a table whose content is hashed")
    return f"{_CONTENT} from (select hash(whole_row) as h from {table} as whole_row where {condition})"


def rows_saying_sql(table: str, columns: Sequence[str]) -> str:
    """In how many rows of a table each of its text columns has the bound $text somewhere, in any case."""
    counts = ", ".join(f"count_if(contains(lower({name}::varchar), lower($text))) as {name}" for name in columns)
    return f"select {counts} from {table}"


def _loaded(entity: Entity) -> str:
    return f"select record from verdict where entity = '{entity.name}' and verdict = 'loaded'"


def _on_key(entity: Entity) -> str:
    return " and ".join(f"t.{name} = s.{name}" for name in entity.key)


def _other_key(entity: Entity, stored: str) -> str:
    return " or ".join(f"{stored}.{name} is distinct from s.{name}" for name in entity.key)


def _older(entity: Entity, stored: str) -> str:
    """Whether the staged row s is older than the stored one, by the first version column that both have."""
    sequence = (
        f"when s.{entity.sequence} is not null and {stored}.{entity.sequence} is not null and s.id = {stored}.id "
        f"then s.{entity.sequence} < {stored}.{entity.sequence} "
        if entity.sequence
        else ""
    )
    both = (
        f"when s.{name} is not null and {stored}.{name} is not null then s.{name} < {stored}.{name}"
        for name in entity.version
    )
    return f"(case {sequence}{' '.join(both)} else false end)"


def _has_id_beside(entity: Entity) -> bool:
    return entity.key != ("id",)


def _number(entity: Entity, name: str) -> str:
    return f"epoch_us({name})" if entity.kind(name) == "instant" else name


def _not_null(entity: Entity, name: str) -> str:
    return " not null" if entity.column(name).required else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def keys_of(entity: Entity) -> tuple[tuple[str, ...], ...]:
    """What must be unique: the key, and the id where that is another."""
    return (entity.key, ("id",)) if _has_id_beside(entity) else (entity.key,)


_CONTENT = "select count(*), coalesce(bit_xor(h), 0), coalesce(sum(h::hugeint), 0)"
# The view that a snapshot may have as a table.
ROSTER = "known_roster"
# Every table but `table_state` itself.
TRACKED = (
    *TABLES,
    "site",
    "load_ledger",
    "quarantine",
    "participant_notification",
    "erased_contact",
)
