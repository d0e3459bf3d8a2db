"""Read the bookings of the past that a model learns from, with the facts known of each before its session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from queries.database import frame_of
from queries.model.attributes import PREFIX, attribute_named, attribute_sql
from queries.model.factors import MOST_ATTRIBUTES, MOST_VALUES
from queries.model.risk import FEATURES, INTERCEPT, RATE_GROUP

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

# Attributes with few values, in any booking.
_ATTRIBUTES = """
    with named as (
        select unnest(json_keys(attributes)) as name, attributes
        from (select distinct attributes from booking_session where attributes is not null)
    )
    select name
    from named
    group by name
    having count(distinct json_extract_string(attributes, '$.' || name)) <= $most
    order by name
    limit $attributes
"""
# Groups by their id, with the names that a model card gives them.
_NAMES = {
    "service": ("service_id", "service"),
    "staff": ("staff_id", "staff"),
    "location": ("location_id", "location"),
    "series": ("series_id", "series"),
}


@dataclass(frozen=True, slots=True)
class Past:
    """Rated bookings in the order of their starts, and the levels of the bookings ahead beside them.

    `missed` is 1 for a no-show. `group` numbers the groups of one service and lead time, `session` and `contact` the
    clusters; a booking without a contact is a contact of its own. `levels` has a column for each feature: its level
    (String), or its number (Float64); `ahead` has the same columns.
    """

    missed: Floats
    weight: Floats
    starts_at: Days
    due_at: Days
    group: Codes
    session: Codes
    contact: Codes
    levels: pl.DataFrame
    ahead: pl.DataFrame
    names: Mapping[str, Mapping[str, str]]

    def __len__(self) -> int:
        return len(self.missed)


def read_past(con: duckdb.DuckDBPyConnection, as_of: dt.datetime, left_out: Sequence[str] = ()) -> Past:
    """Read the bookings that were due at a moment (naive, UTC), without the features that are left out."""
    columns = {name: sql for name, sql in _features(con).items() if name not in left_out}
    listed = ", ".join(f'{sql} as "{name}"' for name, sql in columns.items())
    keys = ", ".join(f"{grouping.key} as group_{at}" for at, grouping in enumerate(RATE_GROUP))
    # In one statement: the joins and histories behind the macro are the dear part of it.
    known = frame_of(
        con,
        "select p.is_past, p.is_missed, p.weight, p.starts_at, p.due_at, p.session_id, p.participant_id, "
        f"{keys}, {listed} from known_before_at($as_of) as p order by p.starts_at, p.session_id, p.booking_id",
        {"as_of": as_of},
    )
    rows, ahead = known.filter("is_past"), known.filter(~pl.col("is_past")).select(*columns)
    del known
    return Past(
        missed=rows["is_missed"].cast(pl.Float64).to_numpy(),
        weight=rows["weight"].cast(pl.Float64).to_numpy(),
        starts_at=rows["starts_at"].to_numpy(),
        due_at=rows["due_at"].to_numpy(),
        group=_codes(rows, *(f"group_{at}" for at in range(len(RATE_GROUP)))),
        session=_codes(rows, "session_id"),
        contact=_contacts(rows),
        levels=rows.select(*columns),
        ahead=ahead,
        names=_names(con, [feature for feature in columns if feature in _NAMES]),
    )


def _features(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The SQL of each feature over a row `p` by its name, attributes with few values among them."""
    bound = {"most": MOST_VALUES, "attributes": MOST_ATTRIBUTES}
    names = [f"{PREFIX}{name}" for (name,) in con.execute(_ATTRIBUTES, bound).fetchall()]
    own = {name: attribute_named(name) for name in names}
    return {
        **{feature.name: feature.sql for feature in FEATURES if feature.name != INTERCEPT},
        **{name: attribute_sql(attribute) for name, attribute in own.items() if attribute},
    }


def _codes(rows: pl.DataFrame, *columns: str) -> Codes:
    """The number of each row's group among the values of some columns, in the order of their first rows."""
    codes = rows.select(pl.struct(columns).rank("dense") - 1).to_series()
    return codes.cast(pl.Int64).to_numpy()


def _contacts(rows: pl.DataFrame) -> Codes:
    own = pl.concat_str(pl.lit("\0"), pl.int_range(pl.len()).cast(pl.String))
    return _codes(
        rows.select(participant_id=pl.coalesce(pl.col("participant_id").cast(pl.String), own)), "participant_id"
    )


def _names(con: duckdb.DuckDBPyConnection, features: Sequence[str]) -> dict[str, dict[str, str]]:
    """The names of services, staff, locations and series by their ids."""
    columns = [column for feature in features for column in _NAMES[feature]]
    if not columns:
        return {}
    groups = frame_of(con, f"select distinct {', '.join(columns)} from booking_session")
    return {
        feature: dict(
            groups.select(pl.col(key).cast(pl.String), name).drop_nulls().sort(name).iter_rows()  # the last name counts
        )
        for feature in features
        for key, name in (_NAMES[feature],)
    }
