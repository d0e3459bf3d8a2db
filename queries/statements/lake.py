"""Statements that turn the fact into the rows of a lake, and the files of a lake back into the fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from queries.statements.literals import literal


def lake_rows_sql(columns: Mapping[str, str]) -> str:
    """Every row of the fact as a lake holds it: columns by name with their SQL, then the year and month of the date."""
    listed = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    return (
        f"select {listed}, year(p.local_date) as local_year, month(p.local_date) as local_month "
        "from booking_session as p"
    )


def lake_roster_sql(files: Sequence[str], guids: Sequence[str], instants: Sequence[str], added: Sequence[str]) -> str:
    """The view `session_roster` over a lake's files, with the types of a database; who booked is null."""
    typed = [f"{name}::uuid as {name}" for name in guids] + [f"timezone('UTC', {name}) as {name}" for name in instants]
    return (
        f"create or replace view session_roster as select * exclude ({', '.join(added)}) replace ({', '.join(typed)}), "
        "null::varchar as participant_id, null::varchar as participant_name "
        f"from read_parquet({literal(list(files))}, hive_partitioning = false)"
    )
