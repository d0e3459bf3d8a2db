"""Fill in the lists that .sql files leave open, such as the columns of the fact or the families, from the model.

A file marks the place with a name in braces, such as `{columns}`. On a line of its own each item gets a line, indented
as the mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from queries.model.attendance import contradiction_sql
from queries.model.attributes import PREFIX
from queries.model.fact import (
    FACT,
    OUTCOMES_MARKED,
    OUTCOMES_MISSED,
    OUTCOMES_RATED,
    PLACES_COUNTED,
    Fact,
    carried_columns,
    known_before_columns,
    stored_columns,
)
from queries.model.families import FAMILIES, FOLLOWED
from queries.model.groupings import GROUPINGS, Grouping
from queries.model.risk import FEATURES, UPCOMING, Feature, risk_band_sql
from queries.model.vocabularies import MONEY_FIGURES
from queries.packaged import packaged_sql
from queries.statements.grouped import clustering_sql, family_sql
from queries.statements.literals import literal, one_of
from queries.statements.roster import over_all_rows_sql

# Measures of the report that are views of the same name as well, over all rows.
_MEASURES_SHOWN = ("session_occupancy", "occupancy", "repeat_no_shows", "money", "money_contradictions")
_PLACE = re.compile(r"(?P<indent>^ *)?\{(?P<name>\w+)\}", re.MULTILINE)


def view_sql(name: str, fact: Fact = FACT) -> str:
    """The text of one file of `queries/views`, with the columns of a fact."""
    measured = {"measured": over_all_rows_sql(measure_sql(name))} if name in _MEASURES_SHOWN else {}
    return _fill(packaged_sql("queries", "views", name), _lists(fact) | measured)


def measure_sql(name: str) -> str:
    """The text of one file of `queries/measures`."""
    return _fill(packaged_sql("queries", "measures", name), _lists(FACT))


def pairs_sql() -> str:
    """The query for each booking with each of its sessions: booking_id, session_id."""
    return packaged_sql("queries", "statements", "pairs").rstrip()


def _fill(text: str, lists: Mapping[str, str]) -> str:
    def put(match: re.Match[str]) -> str:
        indent = match["indent"] or ""
        return indent + lists[match["name"]].replace("\n", "\n" + indent)

    return _PLACE.sub(put, text)


def _lists(fact: Fact) -> dict[str, str]:
    # Families of more columns are tried first: the set of the part of the day, location and hour, has the location of
    # the family of locations in it.
    followed = sorted(FOLLOWED.items(), key=lambda item: -len(item[1]))
    keys = dict.fromkeys(_column(grouping) for groupings in FOLLOWED.values() for grouping in groupings)
    return {
        "pairs": pairs_sql(),
        "session_occupancy": packaged_sql("queries", "measures", "session_occupancy").rstrip(),
        "booking_money": packaged_sql("queries", "measures", "booking_money").rstrip(),
        "money_figures": literal(MONEY_FIGURES),
        "carried": _lines(f"b.{source} as {name}" for name, source in carried_columns(fact).items()),
        "stored": _lines(stored_columns(fact)),
        "columns": _lines(column.name for column in fact),
        "is_counted": f"place in {one_of(PLACES_COUNTED)}",
        "is_marked": f"outcome in {one_of(OUTCOMES_MARKED)}",
        "is_rated": f"outcome in {one_of(OUTCOMES_RATED)}",
        "is_missed": f"outcome in {one_of(OUTCOMES_MISSED)}",
        "status_contradicts": contradiction_sql(),
        "is_contradiction": contradiction_sql("attendance_status"),
        "families": "\nunion all\n".join(family_sql(GROUPINGS[family]) for family in FAMILIES),
        "clustering": clustering_sql(),
        "known_before": _lines(known_before_columns(fact)),
        "features": _lines(map(_feature, FEATURES)),
        "attributes": PREFIX,
        "lead_time": GROUPINGS["lead_time"].key,
        "upcoming": _lines(UPCOMING),
        "risk_band": risk_band_sql("s.risk"),
        "followed": "\n".join(f"when {_is_set(groupings)} then {literal(family)}" for family, groupings in followed),
        "followed_keys": _lines(keys),
        "followed_list": ", ".join(keys),
        "followed_sets": _lines(
            f"(part, week, {', '.join(map(_column, groupings))})" for groupings in FOLLOWED.values()
        ),
        "family_cases": "\n".join(f"when {_is_set((GROUPINGS[name],))} then {literal(name)}" for name in FAMILIES),
        "family_keys": _lines(_column(GROUPINGS[name]) for name in FAMILIES),
        "family_sets": _lines(f"(part, contact, {_column(GROUPINGS[name])})" for name in FAMILIES),
    }


def _feature(feature: Feature) -> str:
    level, value = ("''", feature.sql) if feature.is_number else (feature.sql, "1")
    return f"struct_pack(feature := {literal(feature.name)}, level := ({level})::varchar, value := ({value})::double)"


def _lines(items: Iterable[str]) -> str:
    return ",\n".join(items)


def _column(grouping: Grouping) -> str:
    return grouping.key.removeprefix("p.")


def _is_set(groupings: tuple[Grouping, ...]) -> str:
    """The condition that a row is of the grouping set of these: `grouping(column)` is 0 for the columns of its set."""
    return " and ".join(f"grouping({_column(grouping)}) = 0" for grouping in groupings)
