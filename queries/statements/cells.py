"""The statement for cells: rated bookings and no-shows by every factor at once."""

from __future__ import annotations

from collections.abc import Sequence

from queries.model.factors import FACTORS, KEYS, attribute_factor
from queries.statements.literals import column_name


def cells_sql(attributes: Sequence[str]) -> str:
    """Rated bookings and no-shows of each combination of part, factors, attributes and keys of compared groups.

    `attributes` are names that `attribute_named` accepts. Columns: part, the factors, `attributes.<name>`, location_id,
    staff_id (String); rated_bookings, missed_bookings (Int64).
    """
    factors = (*FACTORS, *map(attribute_factor, attributes))
    keys = {factor.name: factor.sql for factor in factors} | {name: f"{key}::varchar" for name, key in KEYS.items()}
    listed = ",\n    ".join(f"{sql} as {column_name(name)}" for name, sql in keys.items())
    return (
        f"select\n    p.part,\n    {listed},\n"
        "    sum(p.weight)::bigint as rated_bookings,\n"
        "    coalesce(sum(p.weight) filter (p.is_missed), 0)::bigint as missed_bookings\n"
        "from facts as p\nwhere p.is_rated\ngroup by all"
    )
