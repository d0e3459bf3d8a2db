"""Facts that a mapping can give besides the API's fields: attributes, marks, excused, weights, cancellations, zones."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest
from support.fixtures import LoadFile

import queries
from pipeline.load.outcomes import FileOutcome
from queries.model.vocabularies import MARKS

Load = Callable[..., FileOutcome]
MAPPING = """
null = ["-"]
{top}
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "visit"
startDate = "'2026-03-02 18:00'"
timezone = "{zone}"
{booking}
[attendance]
bookingId = "visit"
eventId = "visit"
status = '''{status}'''
{rest}
"""
STATUS = "case came when 'yes' then 'ATTENDED' else 'NOT_ATTENDED' end"


def mapping(
    top: str = "", booking: str = "", rest: str = "", status: str = STATUS, zone: str = "'Europe/Dublin'"
) -> str:
    return MAPPING.format(top=top, booking=booking, rest=rest, status=status, zone=zone)


ATTRIBUTES = """
[booking.attributes]
reminder = "sms = '1'"
age = "age::int"
fee = "fee::decimal(6, 2)"
ratio = "fee::double / 2"
joined = "strptime(joined, '%d/%m/%Y')::date"
last_seen = "strptime(joined || ' 09:30', '%d/%m/%Y %H:%M')"
plan = "plan"
"""
PEOPLE = """visit,came,sms,age,fee,joined,plan
1,yes,1,34,12.50,05/01/2026, gold\u00a0
2,no,0,07,3.00,-,"Say ""hi"", Ã¤"
3,no,-,-,-,-,-
"""


def test_attributes_keep_their_types(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    assert load_mapped(mapping(rest=ATTRIBUTES), PEOPLE).loaded == 3
    rows = con.execute("select attributes from booking order by attributes nulls last").fetchall()
    found = [json.loads(text) if text else None for (text,) in rows]
    assert sorted(filter(None, found), key=lambda row: row["age"]) == [
        {"age": 7, "fee": 3, "plan": 'Say "hi", Ã¤', "ratio": 1.5, "reminder": False},
        {
            "age": 34,
            "fee": 12.5,
            "joined": "2026-01-05",
            "last_seen": "2026-01-05T09:30:00",
            "plan": "gold",
            "ratio": 6.25,
            "reminder": True,
        },
    ]
    assert found[-1] is None
    assert all(text is None or list(json.loads(text)) == sorted(json.loads(text)) for (text,) in rows)


def test_one_and_true_stay_apart(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    rest = (
        "[booking.attributes]\na = \"case when visit = '1' then 1 end\"\nb = \"case when visit = '2' then true end\"\n"
    )
    load_mapped(mapping(rest=rest), PEOPLE)
    found = {text for (text,) in con.execute("select attributes from booking").fetchall()}
    assert found == {'{"a":1}', '{"b":true}', None}


@pytest.mark.parametrize("name", ["Reminder", "1st", "_x", "a-b", "a" * 41, '"a b"'])
def test_names_of_attributes(load_mapped: Load, name: str) -> None:
    with pytest.raises(queries.DataRefused, match=r"\[booking\.attributes\] .*: the name of an attribute"):
        load_mapped(mapping(rest=f'[booking.attributes]\n{name} = "sms"\n'), PEOPLE)


def test_number_of_attributes(load_mapped: Load) -> None:
    many = "".join(f'a{number} = "sms"\n' for number in range(51))
    with pytest.raises(queries.DataRefused, match="51 attributes; a booking has at most 50"):
        load_mapped(mapping(rest=f"[booking.attributes]\n{many}"), PEOPLE)


def test_mistakes_in_attributes_are_named(load_mapped: Load) -> None:
    with pytest.raises(queries.DataRefused, match=r"\[booking\.attributes\] reminder: count: aggregates"):
        load_mapped(mapping(rest='[booking.attributes]\nreminder = "count(*)"\n'), PEOPLE)
    refused = load_mapped(mapping(rest='[booking.attributes]\nreminder = "SMS_received"\n'), PEOPLE).refused
    assert refused is not None
    assert "[booking.attributes] reminder: no column SMS_received" in refused.message


@pytest.mark.parametrize("marks", MARKS)
def test_marks_of_the_whole_file(load_mapped: Load, con: duckdb.DuckDBPyConnection, marks: str) -> None:
    load_mapped(mapping(top=f'marks = "{marks}"'), PEOPLE)
    assert con.execute("select distinct marks from booking").fetchall() == [(marks,)]


def test_marks_of_a_row_outweigh_those_of_the_file(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    own = "marks = \"case when visit = '1' then 'arrivals' end\""
    load_mapped(mapping(top='marks = "no_shows"', booking=own), PEOPLE)
    found = con.execute("select marks, count(*) from booking group by all order by all").fetchall()
    assert found == [("arrivals", 1), ("no_shows", 2)]


def test_unknown_marks_are_refused(load_mapped: Load) -> None:
    with pytest.raises(queries.DataRefused, match=r"marks: 'noshows' is none of .*One of: both, no_shows"):
        load_mapped(mapping(top='marks = "noshows"'), PEOPLE)


@pytest.mark.parametrize("word", ["EXCUSED", "excused", " Excused"])
def test_excused_is_a_mark_of_its_own(load_mapped: Load, con: duckdb.DuckDBPyConnection, word: str) -> None:
    load_mapped(mapping(status=f"case visit when '2' then '{word}' else 'ATTENDED' end"), PEOPLE)
    found = con.execute("select status, excused, count(*) from attendance group by all order by all").fetchall()
    assert found == [("ATTENDED", None, 2), ("NOT_SET", True, 1)]


def test_weights_and_words_of_cancellation(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    booking = "weight = \"case when visit = '1' then 12 end\"\ncancellation = \"case sms when '1' then 'late' end\""
    load_mapped(mapping(booking=booking), PEOPLE)
    found = con.execute("select weight, cancellation, count(*) from booking group by all order by all").fetchall()
    assert found == [(12, "late", 1), (None, None, 2)]


CALLS = """visit,came,zone
1,yes,Central Time - US & Canada
2,no,central time - us &\u00a0Canada\u00a0
3,yes,Europe/Dublin
4,yes,Nowhere
"""


def test_zones_are_called_as_the_source_calls_them(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    rest = '[zones]\n"Central Time - US & Canada" = "America/Chicago"\n'
    outcome = load_mapped(mapping(rest=rest, zone="zone"), CALLS)
    assert (outcome.loaded, outcome.quarantined) == (3, 1)
    found = con.execute("select time_zone, count(*) from booking group by all order by all").fetchall()
    assert found == [("America/Chicago", 2), ("Europe/Dublin", 1)]


def test_an_unknown_zone_in_zones_is_refused(load_mapped: Load) -> None:
    with pytest.raises(
        queries.DataRefused, match=r"'America/Chicgo' is not an IANA time zone. Did you mean 'America/Chicago'"
    ):
        load_mapped(mapping(rest='[zones]\nX = "America/Chicgo"\n', zone="zone"), CALLS)


def test_the_header_stands_where_its_column_is(load_mapped: Load) -> None:
    text = "Attendance report\nPrinted,2 June\n\nvisit,came\n1,yes\n2,no\n"
    assert load_mapped(mapping(top='header = "visit"'), text).loaded == 2


@pytest.mark.parametrize(
    "wrong", ["header = true", "header = 0", "header = [3, 5]", 'header = ""', "sheet = ['a']", 'sheet = " "']
)
def test_header_and_sheet_are_names(load_mapped: LoadFile, wrong: str) -> None:
    with pytest.raises(queries.DataRefused, match=r"(header|sheet): the (name|number) of a .* is expected"):
        load_mapped(mapping(top=wrong), PEOPLE)
