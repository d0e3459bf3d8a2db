"""Cells, the rated bookings by every factor at once, and people by bookings and no-shows."""

from __future__ import annotations

from typing import Any

import polars as pl
from support.ascii_tables import require_rows
from support.cases import Case

from queries.gathered import gathered
from queries.model.factors import FACTORS, HOUR_BANDS, PARTIES, VISITS, sequence_of
from queries.model.groupings import LEAD_TIME_BANDS
from queries.model.vocabularies import MARKS

AS_OF = "2026-06-01T00:00:00Z"
BOOKINGS = """
    booking | session | starts_at        | created_at       | zone          | service | staff | booked | contact | weight | marks    | attributes
    --------+---------+------------------+------------------+---------------+---------+-------+--------+---------+--------+----------+---------------------------------
    b1      | s1      | 2026-03-02 18:00 | 2026-03-02 09:00 | Europe/Dublin | Yoga    | Ana   | 1      | c1      | 1      | both     | {"channel":"web","code":1}
    b2      | s1      | 2026-03-02 18:00 | 2026-02-20 09:00 | Europe/Dublin | Yoga    | Ana   | 2      | c2      | 1      | both     | {"channel":"phone","code":2}
    b3      | s2      | 2026-03-07 00:00 | 2026-02-20 09:00 | Europe/Dublin | Yoga    | Tom   | 3      | c1      | 1      | both     | {"channel":"web","code":3}
    b4      | s2      | 2026-03-07 00:00 | 2026-02-20 09:00 | Europe/Dublin | Yoga    | Tom   | 5      | c1      | 1      | both     | {"channel":"web","code":3}
    b5      | s3      | 2026-03-08 10:00 | 2026-03-01 09:00 | Europe/Dublin | Spin    |       | 1      |         | 7      | both     |
    b6      | s3      | 2026-03-08 10:00 | 2026-03-01 09:00 | Europe/Dublin | Spin    |       | 1      | c3      | 1      | no_shows |
    b7      | s3      | 2026-03-08 10:00 | 2026-03-01 09:00 | Europe/Dublin | Spin    |       | 1      | c4      | 1      | both     |
"""
ATTENDANCES = """
    booking | session | status
    --------+---------+-------------
    b1      | s1      | ATTENDED
    b2      | s1      | NOT_ATTENDED
    b3      | s2      | NOT_ATTENDED
    b4      | s2      | ATTENDED
    b5      | s3      | NOT_ATTENDED
"""


def measured(case: Case, name: str) -> list[dict[str, Any]]:
    case.given(booking=BOOKINGS, attendance=ATTENDANCES)
    with gathered(case.con, as_of=AS_OF) as found:
        return found.measure(name).to_dicts()


def test_rated_bookings_are_counted_by_every_factor(case: Case) -> None:
    """Midnight is not a time of day; unmarked bookings (b7) are not rated; rows count as often as they stand for."""
    rows = measured(case, "cells")
    expected = """
        lead_time | local_weekday | local_hours | marks    | visit | party      | staff_id | attributes.channel | rated_bookings | missed_bookings
        ----------+---------------+-------------+----------+-------+------------+----------+--------------------+----------------+----------------
        same day  | 1             | 18:00-21:00 | both     | first | 1          | ana      | web                | 1              | 0
        8-14 days | 1             | 18:00-21:00 | both     | first | 2          | ana      | phone              | 1              | 1
        15-21 days| 6             |             | both     | later | 3 and more | tom      | web                | 2              | 1
        2-7 days  | 7             | 9:00-12:00  | both     |       | 1          |          |                    | 7              | 7
        2-7 days  | 7             | 9:00-12:00  | no_shows | first | 1          |          |                    | 1              | 0
    """
    require_rows(expected, rows, "cells")
    assert "attributes.code" in rows[0]


def test_an_attribute_with_one_or_with_many_values_is_not_a_factor(case: Case) -> None:
    for number in range(9):
        case.con.execute(
            "insert into booking (load_id, id, booked_entity, event_id, session_key, status, starts_at, service_id, "
            "created_at, participants, weight, marks, attributes) values (1, $id, 'slot', 's', 's', 'CONFIRMED', "
            "timestamp '2026-03-02 18:00', uuid(), timestamp '2026-03-01', 1, 1, 'no_shows', $attributes)",
            {"id": f"00000000-0000-4000-8000-{number:012d}", "attributes": f'{{"a":{number},"b":1,"c":{number % 8}}}'},
        )
    with gathered(case.con, as_of=AS_OF) as found:
        cells = found.measure("cells")
    assert [name for name in cells.columns if name.startswith("attributes.")] == ["attributes.c"]
    assert cells["rated_bookings"].sum() == 9
    assert cells.schema["rated_bookings"] == cells.schema["missed_bookings"] == pl.Int64


def test_people_are_counted_by_bookings_and_no_shows_and_not_named(case: Case) -> None:
    """c1 has three, one of them missed; rows that stand for several bookings have no contact."""
    rows = measured(case, "concentration")
    assert [(row["rated_bookings"], row["missed_bookings"], row["people"]) for row in rows] == [
        (1, 1, 1),
        (3, 1, 1),
        (1, 0, 1),
    ]
    assert set(rows[0]) == {"part", "rated_bookings", "missed_bookings", "people"}


def test_levels_are_in_the_order_of_their_factor() -> None:
    assert {factor.name: factor.sequence for factor in FACTORS if factor.sequence} == {
        "lead_time": LEAD_TIME_BANDS,
        "local_weekday": tuple("1234567"),
        "local_hours": HOUR_BANDS,
        "visit": VISITS,
        "party": PARTIES,
        "marks": MARKS,
    }
    assert sequence_of("attributes.channel") == ()
