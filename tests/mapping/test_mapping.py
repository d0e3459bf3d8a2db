"""Mappings: any CSV can be loaded; a message about a mistake names its place; SQL reaches nothing outside."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from support.fixtures import LoadFile

import pipeline
import queries
from pipeline.mapping.reading import read_mapping
from pipeline.store.opening import Store

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings"
MINIMAL = """
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "class"
startDate = "starts"

[attendance]
when = "came in ('yes', 'no')"
bookingId = "visit"
eventId = "class"
status = "case came when 'yes' then 'ATTENDED' else 'NOT_ATTENDED' end"
"""
ROWS = """visit,class,starts,came
1,yoga,2026-03-02T18:00:00Z,yes
2,yoga,2026-03-02T18:00:00Z,no
3,yoga,2026-03-02T18:00:00Z,
"""


def test_a_row_feeds_several_entities(load_mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    outcome = load_mapped(MINIMAL, ROWS)
    assert (outcome.read, outcome.loaded, outcome.kind) == (3, 3, "attendance+booking")
    assert con.execute("select outcome, count(*) from booked_session group by all order by all").fetchall() == [
        ("attended", 1),
        ("not_attended", 1),
        ("unmarked", 1),
    ]


def test_ids_made_from_texts_are_the_same_each_time(load_mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    load_mapped(MINIMAL, ROWS)
    again = load_mapped(MINIMAL, ROWS.replace("3,yoga,2026-03-02T18:00:00Z,", "3,yoga,2026-03-02T18:00:00Z,yes"))
    assert (again.loaded, again.unchanged) == (1, 2)
    assert con.execute("select count(*) from booking").fetchall() == [(3,)]


def test_a_changed_mapping_reads_the_same_file_anew(load_mapped: LoadFile) -> None:
    load_mapped(MINIMAL, ROWS)
    assert load_mapped(MINIMAL + "# a word more\n", ROWS).unchanged == 3


def test_an_expression_that_fails_on_a_row_quarantines_that_row(
    load_mapped: LoadFile, con: duckdb.DuckDBPyConnection
) -> None:
    toml = MINIMAL.replace("[attendance]", 'totalParticipants = "places::int"\n[attendance]')
    rows = "visit,class,starts,came,places\n1,yoga,2026-03-02T18:00:00Z,yes,2\n2,yoga,2026-03-02T18:00:00Z,no,two\n"
    rows += "3,yoga,2026-03-02T18:00:00Z,,\n"
    outcome = load_mapped(toml, rows)
    assert (outcome.loaded, outcome.quarantined) == (2, 1)
    quarantined = con.execute("select rule, pointer, line, raw, message from quarantine").fetchall()
    assert quarantined == [
        (
            "mapping_expression",
            "/booking/participants",
            3,
            "2,yoga,2026-03-02T18:00:00Z,no,two",
            "totalParticipants = places::int: fails on places = 'two'",
        )
    ]


MISTAKES = [
    ("[booking\n", "not valid TOML"),
    ("", "no section for an entity"),
    ("[bookings]\nid = 'visit'\n", "bookings: no such section. Did you mean 'booking'?"),
    (MINIMAL.replace('id = "visit"', 'idd = "visit"', 1), "[booking] idd: no such field. Did you mean 'id'?"),
    (MINIMAL.replace('id = "visit"', 'id = "visit +"', 1), "[booking] id: Parser Error"),
    (MINIMAL.replace('id = "visit"', "id = 7", 1), "[booking] id: an SQL expression in quotes is expected"),
    (MINIMAL.replace('id = "visit"', "id = \"read_text('/etc/passwd')\"", 1), "[booking] id: "),
    (
        MINIMAL.replace('id = "visit"', "id = \"(select content from read_text('/etc/hostname'))\"", 1),
        "file system operations are disabled",
    ),
    (MINIMAL.replace('id = "visit"', 'id = "1) from file_rows; drop table x; select (1"', 1), "[booking] id: "),
    (MINIMAL.replace('id = "visit"', 'id = "visit + 1::date"', 1), "[booking] id: Binder Error"),
    (MINIMAL.replace('id = "visit"', 'id = "unknown_function(visit)"', 1), "[booking] id: Catalog Error"),
    ("booking = 5\n", "booking: a section is expected"),
]


@pytest.mark.parametrize(("toml", "words"), MISTAKES)
def test_a_message_names_the_place_of_a_mistake(
    load_mapped: LoadFile, con: duckdb.DuckDBPyConnection, toml: str, words: str
) -> None:
    with pytest.raises(queries.DataRefused) as caught:
        load_mapped(toml, ROWS)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert con.execute("select count(*) from load_ledger").fetchall() == [(0,)]


def test_a_byte_order_mark_is_no_mistake(load_mapped: LoadFile) -> None:
    """Editors on Windows put one at the start of a text."""
    assert load_mapped(f"\ufeff{MINIMAL}", ROWS).loaded == 3


def test_json_is_read_by_its_fields(load_mapped: LoadFile) -> None:
    outcome = load_mapped(MINIMAL, "[]", "visits.json")
    assert outcome.read == 0
    outcome = load_mapped(MINIMAL, '[{"visit": 1}, {"other": 2}]', "visits.json")
    assert (outcome.loaded, outcome.quarantined) == (1, 1)


def test_the_hotel_example_reproduces_its_figures(store: Store, con: duckdb.DuckDBPyConnection) -> None:
    path = MAPPINGS / "hotel_excerpt.csv"
    (outcome,) = pipeline.ingest(store, [path], mapping=MAPPINGS / "hotel.toml")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert outcome.read == outcome.loaded == len(rows) == 104
    expected = Counter((row["hotel"], row["reservation_status"]) for row in rows)
    rates = queries.no_show_rates(con, by=["service"], as_of="2020-01-01T00:00:00Z")
    for row in rates.iter_rows(named=True):
        hotel = row["service"]
        came, stayed = expected[hotel, "Check-Out"], expected[hotel, "No-Show"]
        assert (row["attended_bookings"], row["no_shows"]) == (came, stayed)
        assert row["no_show_rate"] == stayed / (came + stayed)
        assert row["cancelled_bookings"] == expected[hotel, "Canceled"]
    assert sorted(rates["service"]) == ["City Hotel", "Resort Hotel"]
    people = sum(
        max(1, int(row["adults"]) + (0 if row["children"] == "NA" else int(row["children"])) + int(row["babies"]))
        for row in rows
        if row["reservation_status"] != "Canceled"
    )
    assert rates["booked"].sum() == people
    days = con.execute("select lead_days, count(*) from booked_session group by all order by all").fetchall()
    assert days == sorted(Counter(int(r["lead_time"]) for r in rows if r["reservation_status"] != "Canceled").items())


def test_an_example_goes_by_its_name() -> None:
    assert pipeline.read_mapping(Path("hotel")).namespace == "hotel"
    with pytest.raises(queries.InputNotFound):
        pipeline.read_mapping(Path("motel"))


def test_the_studio_example(store: Store, con: duckdb.DuckDBPyConnection) -> None:
    (outcome,) = pipeline.ingest(store, [MAPPINGS / "studio_visits.csv"], mapping=MAPPINGS / "studio.toml")
    assert (outcome.read, outcome.loaded) == (12, 12)
    rates = queries.no_show_rates(con, as_of="2026-06-01T00:00:00Z")
    columns = (
        "service",
        "bookings",
        "attended_bookings",
        "no_shows",
        "unmarked_bookings",
        "walk_ins",
        "late_cancelled",
    )
    assert sorted(rates.select(columns).rows()) == [("Spinning", 4, 2, 1, 1, 1, 0), ("Yoga", 6, 3, 2, 1, 0, 1)]
    assert con.execute("select distinct local_hour from booked_session order by 1").fetchall() == [(7,), (18,)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_mapping_is_read_as_any_editor_saves_it(tmp_path: Path, encoding: str) -> None:
    text = "[booking]\r\nid = 'Größe'\r\nstatus = \"'CONFIRMED'\"\r\neventId = 'Größe'\r\n"
    (tmp_path / "m.toml").write_bytes(text.encode(encoding))
    assert read_mapping(tmp_path / "m.toml").fields["booking"]["id"] == "Größe"
    (tmp_path / "m.toml").write_bytes(f"{text}[".encode(encoding))
    with pytest.raises(queries.DataRefused, match=r"m\.toml: not valid TOML: .*line 5") as caught:
        read_mapping(tmp_path / "m.toml")
    assert "\n" not in str(caught.value)
