"""Lists of calls: who stays in which arm, the records of calls, and the outcomes of bookings."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load
from support.records import Make, guid

import pipeline
import queries
from pipeline.cli.table_formats import to_csv, to_json, to_xlsx
from pipeline.people.erasing_rows import erase_calls
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store
from queries.statements import measure_sql

AS_OF = "2026-06-01T12:00:00Z"
SOON, LATER = "2026-06-02T18:00:00+00:00", "2026-06-03T18:00:00+00:00"
BOOKINGS = 24
Listing = Callable[..., pl.DataFrame]


def of_contact(number: int) -> dict[str, Any]:
    return {"contactDetails": {"contactId": guid(number, 4), "firstName": "Pat"}}


@pytest.fixture
def listing(load: Load, store: Store) -> Listing:
    """Make a list of the 24 bookings ahead: 12 contacts with two each, on two evenings."""
    load(
        *(
            Make.booking(at, start=SOON if at <= BOOKINGS / 2 else LATER, **of_contact(at % 12))
            for at in range(1, BOOKINGS + 1)
        )
    )
    return lambda **options: pipeline.list_calls(
        store, **({"number": 99, "hold_back": 0.5, "seed": 3, "as_of": AS_OF} | options)
    )


def arms(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("booking_id", "arm").iter_rows())


def results(con: duckdb.DuckDBPyConnection, as_of: str) -> dict[str, tuple[str, bool, bool]]:
    text = "select booking_id::varchar, result, is_compared, is_missed from call_results_at($as_of::timestamp)"
    return {booking: tuple(row) for booking, *row in con.execute(text, {"as_of": as_of}).fetchall()}


# --- lists ---


def test_a_person_is_in_one_arm(listing: Listing) -> None:
    found = listing()
    assert found.height == BOOKINGS
    assert found.group_by("participant_id").agg(pl.col("arm").n_unique())["arm"].to_list() == [1] * 12
    assert set(found["arm"]) == {"call", "held_back"}


def test_a_list_that_is_made_again_is_the_same(listing: Listing, con: duckdb.DuckDBPyConnection) -> None:
    first = listing(number=10)
    kept = con.execute("from call_list order by all").fetchall()
    assert listing(number=10).equals(first)
    assert listing(number=10, seed=None).equals(first)
    assert con.execute("from call_list order by all").fetchall() == kept


def test_who_is_in_an_arm_stays_there_whatever_is_asked_later(listing: Listing) -> None:
    first = listing(days=1.5)
    assert first.height == BOOKINGS // 2
    for changed in ({"seed": 8}, {"hold_back": 0.1}, {"hold_back": 0.9, "order": "soonest"}):
        again = arms(listing(**changed))
        assert {booking: again[booking] for booking in arms(first)} == arms(first)
    of_person = dict(first.select("participant_id", "arm").iter_rows())
    later = listing(hold_back=0.9, seed=8)
    assert all(of_person[person] == arm for person, arm in later.select("participant_id", "arm").iter_rows())


def test_without_a_share_everybody_is_called_and_nobody_drawn(listing: Listing, con: duckdb.DuckDBPyConnection) -> None:
    assert set(listing(hold_back=0, seed=None)["arm"]) == {"call"}
    assert con.execute("select distinct hold_back, seed from call_list").fetchall() == [(0.0, None)]


def test_the_seed_of_the_first_list_is_kept_for_the_next(listing: Listing, con: duckdb.DuckDBPyConnection) -> None:
    listing(days=1.5, seed=None)
    listing(seed=None)
    assert con.execute("select count(distinct seed), count(*) from call_list").fetchall() == [(1, BOOKINGS)]


def test_a_booking_without_a_contact_is_not_chosen(load: Load, store: Store) -> None:
    load(Make.booking(1, start=SOON, contactDetails={}), Make.booking(2, start=SOON))
    assert pipeline.list_calls(store, as_of=AS_OF)["booking_id"].to_list() == [guid(2, 1)]


# Values of each argument that make no sense. A number out of its range, not a number, and not of its type.
WRONG_ARGUMENTS: dict[str, list[object]] = {
    "order": ["best", None],
    "hold_back": [1.0, -0.1, math.nan, "0.5"],
    "number": [0, 1.5, "3", 2**70],
    "seed": [-1, 2**31, 1.5, "x"],
    "days": [-1, math.nan, "3"],
}


def test_arguments_that_make_no_sense(store: Store) -> None:
    for name, values in WRONG_ARGUMENTS.items():
        for value in values:
            with pytest.raises(queries.UsageError) as caught:
                pipeline.list_calls(store, **{"hold_back": 0.5, name: value})  # type: ignore[arg-type]
            assert caught.value.code in (f"calls.{name}", f"upcoming.{name}", "argument.type")
    assert store.connection.execute("select count(*) from call_list").fetchall() == [(0,)]


@pytest.mark.parametrize("days", [math.inf, 1e9, 4e6])
def test_any_number_of_days_ahead_can_be_asked_for(listing: Listing, days: float) -> None:
    assert listing(days=days).height == BOOKINGS


def test_an_erased_person_is_on_no_list(listing: Listing, store: Store) -> None:
    listing()
    with store.transaction():
        assert erase_calls(store.connection, guid(3, 4).upper()) == 2
    assert store.connection.execute("select count(*) from call_list").fetchall() == [(BOOKINGS - 2,)]


# --- outcomes ---


def test_results(listing: Listing, load: Load, con: duckdb.DuckDBPyConnection) -> None:
    listing()
    assert {row[0] for row in results(con, "2026-06-01 13:00:00").values()} == {"not_due"}
    moved = {"eventId": Make.event(99), "startDate": "2026-06-20T18:00:00+00:00"}
    later = {"updatedDate": "2026-06-01T20:00:00Z"}
    load(
        Make.attendance(1),
        Make.attendance(2, "NOT_ATTENDED", 0),
        Make.booking(4, start=SOON, slot=moved, **later, **of_contact(4)),
        Make.booking(5, start=SOON, status="CANCELED", **later, **of_contact(5)),
        Make.booking(6, start=SOON, status="DECLINED", **later, **of_contact(6)),
    )
    # On the day after the evening none of them counts yet, or who moved would count before who stayed away.
    assert {results(con, "2026-06-03 17:59:00")[guid(at, 1)][0] for at in range(1, 7)} == {"not_due"}
    found = results(con, "2026-06-05 12:00:00")
    assert [found[guid(at, 1)] for at in range(1, 7)] == [
        ("attended", True, False),
        ("not_attended", True, True),
        ("unmarked", False, False),
        ("moved", True, False),
        ("cancelled", True, False),
        ("business", False, False),
    ]


def test_bookings_that_are_taken_back_are_no_results(
    listing: Listing, store: Store, con: duckdb.DuckDBPyConnection
) -> None:
    listing()
    assert len(results(con, "2026-06-05 12:00:00")) == BOOKINGS
    pipeline.unload(store, [1])
    assert results(con, "2026-06-05 12:00:00") == {}


def test_the_sums_are_those_of_the_bookings(listing: Listing, load: Load, con: duckdb.DuckDBPyConnection) -> None:
    by_arm = arms(listing())
    missed = {at for at in range(1, BOOKINGS + 1) if at % 5 == 0}
    load(*(Make.attendance(at, *(("NOT_ATTENDED", 0) if at in missed else ())) for at in range(1, BOOKINGS + 1)))
    found = queries.calls_effect(con, "2026-07-01T00:00:00Z")
    for arm, numbers in (("call", found.called), ("held_back", found.held_back)):
        of_arm = {booking for booking, each in by_arm.items() if each == arm}
        assert numbers.bookings == len(of_arm)
        assert numbers.missed == len(of_arm & {guid(at, 1) for at in missed})
    assert (found.listed, found.outside, found.not_due) == (BOOKINGS, 0, 0)
    (sums,) = con.execute(
        "select contact_squares_before + contact_squares_after, contact_products, session_products "
        f"from ({measure_sql('calls')})",
        {"as_of": "2026-07-01"},
    ).fetchall()
    # Twelve contacts with two bookings each, in one arm; every session has one booking.
    assert sums == (12 * 4, 0, 0)
    assert queries.calls_effect(con, "2026-06-01T00:00:00Z").listed == 0


# --- the calls that were made ---


@pytest.fixture
def done(listing: Listing, store: Store, tmp_path: Path) -> Callable[[str], Any]:
    """Record a file of calls, after a list of the first evening."""
    listing(days=1.5)

    def record(text: str | bytes) -> Any:
        file = tmp_path / "done"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return pipeline.record_calls(store, file)

    return record


def reached(con: duckdb.DuckDBPyConnection) -> dict[str, bool | None]:
    text = "select booking_id::varchar, is_reached from call_list where reported_at is not null"
    return dict(con.execute(text).fetchall())


SPELLED: list[str | bytes] = [
    f"booking_id,reached,note\n{guid(1, 1)},yes,late\n{guid(2, 1)},No,\n{guid(3, 1)},,\n",
    f"\ufeffnote;Booking_ID;reached\r\n;{guid(1, 1).upper()};TRUE\r\n\r\n;{guid(2, 1)};0\r\n;{guid(3, 1)};\r\n",
    json.dumps(
        [
            {"booking_id": guid(1, 1), "reached": True},
            {"booking_id": guid(2, 1), "session_id": Make.event(2), "reached": "no"},
            guid(3, 1),
        ]
    ),
    f"name,booking_id,reached\nMüller,{guid(1, 1)},yes\nÖz,{guid(2, 1)},no\n,{guid(3, 1)},\n".encode("cp1252"),
    f"name\tbooking_id\treached\nMüller\t{guid(1, 1)}\tyes\n\t{guid(2, 1)}\tno\n\t{guid(3, 1)}\t\n".encode("utf-16"),
    to_xlsx(
        pl.DataFrame(
            {
                "participant": ["Müller", "=1+1", None],
                "booking_id": [guid(at, 1) for at in (1, 2, 3)],
                "Reached": [True, False, None],
            }
        )
    ),
]


def test_calls_are_recorded_however_they_are_spelled(
    done: Callable[[str | bytes], Any], con: duckdb.DuckDBPyConnection
) -> None:
    for text in SPELLED:
        recorded = done(text)
        assert (recorded.calls, recorded.reached) == (3, 1)
        assert reached(con) == {guid(1, 1): True, guid(2, 1): False, guid(3, 1): None}
    assert done(json.dumps([guid(1, 1)])).reached == 0
    assert reached(con)[guid(1, 1)], "a later file that does not say takes nothing back"


def test_a_call_of_one_who_was_held_back_leaves_them_in_their_arm(
    done: Callable[[str], Any], con: duckdb.DuckDBPyConnection
) -> None:
    by_arm = dict(con.execute("select booking_id::varchar, arm from call_list").fetchall())
    recorded = done(json.dumps(list(by_arm)))
    assert recorded.held_back == list(by_arm.values()).count("held_back") > 0
    assert dict(con.execute("select booking_id::varchar, arm from call_list").fetchall()) == by_arm
    assert queries.calls_effect(con, "2026-06-02T00:00:00Z").called_all_the_same == recorded.held_back


ONE = guid(1, 1)


WRONG: list[tuple[str | bytes, str]] = [
    (f"booking_id\n{ONE}\n{guid(77, 1)}\n", f"line 3: {guid(77, 1)} is on no list"),
    (f"booking_id\n{guid(20, 1)}\n", "is on no list"),
    (f"booking_id,session_id\n{ONE},elsewhere\n", "with that session is on no list"),
    (f"booking_id,reached\n{ONE},yes\n{ONE},no\n", "line 3: .* is there twice, reached and not reached"),
    (f"booking_id,reached\n{ONE},perhaps\n", "line 2: reached is 'perhaps'"),
    (f"booking_id,reached\n{ONE}\n", "line 2: 1 fields under 2 columns"),
    ("booking_id\n=1+1\n", "line 2: '=1.1' is not a booking id"),
    ("booking_id\n\x1b[2J\u202e\n", r"'\\x1b\[2J\\u202e' is not a booking id"),
    (f"booking_id,Booking_ID\n{ONE},{ONE}\n", "two columns booking_id"),
    (f"id\n{ONE}\n", "no column booking_id"),
    ("", "no column booking_id"),
    (f'booking_id\n"{ONE}\n', "not CSV"),
    (b"booking_id\n\xff\xfe\n", "is not a booking id"),
    (b"\xff\xfea", "damaged UTF-16"),
    (b"booking_id\n\0\n", "not a text"),
    (b"PK\x03\x04 and no more", "not an Excel workbook"),
    (to_xlsx(pl.DataFrame({"id": [ONE]})), "not one column booking_id"),
    (to_xlsx(pl.DataFrame({"booking_id": [ONE, "1017"]})), "row 3: '1017' is not a booking id"),
    ("[" * 100_000, "not JSON"),
    ("[1]", "entry 1: neither a booking id nor an object"),
    ("{}", "a JSON list is expected"),
    ('[{"booking_id": null}]', "None is not a booking id"),
    (f'[{{"booking_id": "{ONE}", "reached": [true]}}]', r"reached is '?\[True\]"),
    (f'[{{"booking_id": "{ONE}", "session_id": 7}}]', "session_id is not a text"),
]


def test_a_file_with_anything_wrong_records_nothing(
    done: Callable[[str | bytes], Any], con: duckdb.DuckDBPyConnection
) -> None:
    for text, words in WRONG:
        with pytest.raises(queries.DataRefused, match=words) as caught:
            done(text)
        assert "Nothing is recorded" in str(caught.value)
    assert reached(con) == {}


@pytest.mark.parametrize("session", ["-1", "=1+1", "+x", "@home"])
def test_a_list_comes_back_as_it_went_out(store: Store, tmp_path: Path, session: str) -> None:
    """Also with a session whose id a spreadsheet would take for a formula: a ' stands before it in CSV."""
    text = """
        insert into call_list
        select $id::uuid, $session, 'c', $at, 'call', 0, null, 'risk', null, $at, null, null
    """
    with store.transaction(), tracked(store.connection, "call_list"):
        store.connection.execute(text, {"id": ONE, "session": session, "at": dt.datetime.fromisoformat("2026-06-01")})
    frame = pl.DataFrame({"booking_id": [ONE], "session_id": [session], "is_reported": [False]})
    for write in (to_csv, to_xlsx, to_json):
        file = tmp_path / "list"
        file.write_bytes(write(frame))
        assert pipeline.record_calls(store, file).calls == 1


def test_a_file_that_is_not_there(store: Store, tmp_path: Path) -> None:
    with pytest.raises(queries.InputNotFound):
        pipeline.record_calls(store, tmp_path / "none.csv")
    with pytest.raises(queries.OutputFailed):
        pipeline.record_calls(store, tmp_path)


def test_a_course_booking_needs_its_session(store: Store, tmp_path: Path) -> None:
    """A booking that is on lists with two sessions."""
    text = """
        insert into call_list
        select $id::uuid, session, 'c', $at, 'call', 0, null, 'risk', null, $at, null, null
        from (values ('one'), ('two')) as s (session)
    """
    with store.transaction(), tracked(store.connection, "call_list"):
        store.connection.execute(text, {"id": ONE, "at": dt.datetime.fromisoformat("2026-06-01")})
    file = tmp_path / "done.json"
    file.write_text(json.dumps([ONE]))
    with pytest.raises(queries.DataRefused, match="is listed with 2 sessions"):
        pipeline.record_calls(store, file)
    file.write_text(json.dumps([{"booking_id": ONE, "session_id": "two"}]))
    assert pipeline.record_calls(store, file).calls == 1
    rows = store.connection.execute("select session_id from call_list where reported_at is not null").fetchall()
    assert rows == [("two",)]
