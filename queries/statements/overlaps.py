"""The statement for how often contacts book before and after dates: the sums that compare two periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from queries.model.stretches import Stretches
from queries.statements.literals import Parameters

Dates = tuple[dt.date, dt.date]


def overlaps_sql(stretches: Mapping[str, Stretches]) -> tuple[str, Parameters]:
    """Sums of rated bookings by contact on both sides of each comparison, over `facts`, in one scan.

    Columns: part, comparison, then `SIDES` of `queries.model.stretches`. A booking of an unknown contact is the only
    one of its contact.
    """
    parameters: Parameters = {}
    sides: list[str] = []
    sums: list[str] = []
    for at, (name, each) in enumerate(stretches.items()):
        sides += [
            f"coalesce(sum(p.weight) filter ({_condition(each, dates, f'{side}_{at}', parameters)}), 0)::bigint "
            f"as {side}_{at}"
            for side, dates in (("before", each.before), ("after", each.after))
        ]
        parameters[f"name_{at}"] = name
        sums.append(_sums(at))
    each_contact = f"select p.part, contact_of(p) as contact, {', '.join(sides)} from facts as p where p.is_rated"
    return (
        f"select part, unnest([{', '.join(sums)}], recursive := true) from ({each_contact} group by all) group by part",
        parameters,
    )


def _condition(each: Stretches, dates: Dates, prefix: str, parameters: Parameters) -> str:
    parameters |= {f"{prefix}_first": dates[0], f"{prefix}_last": dates[1]}
    within = f"p.local_date between ${prefix}_first and ${prefix}_last"
    if not each.names:
        return within
    parameters[f"{prefix}_names"] = [name.lower() for name in each.names]
    named = f"coalesce(list_contains(${prefix}_names, lower(p.{each.where})), false)"
    return f"{within} and {named if each.is_named else f'not {named}'}"


def _sums(at: int) -> str:
    before, after = f"before_{at}", f"after_{at}"

    def squared(side: str) -> str:
        return f"sum(case when contact is null then {side} else {side} * {side} end)::bigint"

    return (
        f"struct_pack(comparison := $name_{at}, rated_before := sum({before})::bigint, "
        f"rated_after := sum({after})::bigint, squares_before := {squared(before)}, squares_after := {squared(after)}, "
        f"products := sum(case when contact is null then 0 else {before} * {after} end)::bigint)"
    )
