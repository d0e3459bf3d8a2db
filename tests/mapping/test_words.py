"""Fields in words: each kind of value is read right or set aside, and no name or value becomes SQL of its own."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fixtures import LoadFile

import queries
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.planning import plan_of, sandbox
from pipeline.mapping.reading import read_mapping
from pipeline.mapping.words.document import in_sql
from pipeline.mapping.words.fields import field_sql
from pipeline.mapping.words.months import MONTHS
from pipeline.mapping.words.texts import NotInWords
from pipeline.mapping.words.toml import inline

DAY, MONTH, YEAR, NAMED = "day first", "month first", "year first", "month by name"


def value_of(words: dict[str, Any], kind: str, **row: str | None) -> Any:
    """The value of a field in words on one row of texts."""
    columns = ", ".join(f'?::varchar as "{name}"' for name in row)
    with duckdb.connect() as con:
        return con.execute(f"select {field_sql(words, kind)} from (select {columns})", [*row.values()]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("order", "text", "moment"),
    [
        (DAY, "1/6/2026 7:15 am", "2026-06-01T07:15:00"),
        (DAY, "1/6/2026 7:15 PM", "2026-06-01T19:15:00"),
        (DAY, "1/6/2026 12:15 AM", "2026-06-01T00:15:00"),
        (DAY, "1/6/2026 7.15 p.m.", "2026-06-01T19:15:00"),
        (DAY, "1/6/2026, 6:00 p.\u00a0m.", "2026-06-01T18:00:00"),
        (DAY, "01.06.26 18:30", "2026-06-01T18:30:00"),
        (DAY, "01.06.2026, 18:30 Uhr", "2026-06-01T18:30:00"),
        (DAY, "1. 6. 2026", "2026-06-01T00:00:00"),
        (DAY, "lun. 1/6/2026 18h30", "2026-06-01T18:30:00"),
        (DAY, "Mon 1-6-2026 6 pm", "2026-06-01T18:00:00"),
        (DAY, "28/05/2026 à 09:12", "2026-05-28T09:12:00"),
        (MONTH, "1/6/2026 7:15 am", "2026-01-06T07:15:00"),
        (MONTH, "3/14/2026, 6:00 PM", "2026-03-14T18:00:00"),
        (MONTH, "11/29/24 22:28", "2024-11-29T22:28:00"),
        (YEAR, "2026/6/1 18:30", "2026-06-01T18:30:00"),
        (YEAR, "20260601 18:30", "2026-06-01T18:30:00"),
        (YEAR, "2026年6月1日 18:30", "2026-06-01T18:30:00"),
        (NAMED, "June 1, 2026 6:00 PM", "2026-06-01T18:00:00"),
        (NAMED, "1er juin 2026 à 18h30", "2026-06-01T18:30:00"),
        (NAMED, "1 de junio de 2026 18:30", "2026-06-01T18:30:00"),
        (NAMED, "Sonntag, 1. März 2026 10:00", "2026-03-01T10:00:00"),
        ("%d|%m|%Y %H.%M", "01|06|2026 18.30", "2026-06-01T18:30:00"),
        *((order, "2026-06-01 18:30", "2026-06-01T18:30:00") for order in (DAY, MONTH, YEAR, NAMED)),
        *((order, "2026-06-01T18:30:00+02:00", "2026-06-01T18:30:00+02:00") for order in (DAY, MONTH, YEAR, NAMED)),
        (DAY, None, None),
    ],
)
def test_a_date_is_read_in_the_order_that_is_given(order: str, text: str | None, moment: str | None) -> None:
    assert value_of({"column": "d", "format": order}, "instant", d=text) == moment


def test_each_name_of_a_month_means_it() -> None:
    named = [
        (word, f"2026-{number:02d}-03T00:00:00") for number, words in enumerate(MONTHS, 1) for word in words.split()
    ]
    texts = [f"3 {word.upper()} 2026" for word, _ in named]
    with duckdb.connect() as con:
        sql = f"select {field_sql({'column': 'd', 'format': NAMED}, 'instant')} from (select unnest($texts) as d)"
        made = [moment for (moment,) in con.execute(sql, {"texts": texts}).fetchall()]
    assert list(zip((word for word, _ in named), made, strict=True)) == named


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (DAY, "3/14/2026"),
        (DAY, "30/2/2026"),
        (DAY, "1/6/2026 13:15 pm"),
        (DAY, "1/6/2026 25:00"),
        (DAY, "1 Blub 2026"),
        (DAY, "soon"),
        (DAY, ""),
        (DAY, "1/6/26/7"),
        (MONTH, "14/3/2026"),
        (YEAR, "1/6/2026"),
        (NAMED, "1/6/2026"),
        (NAMED, "1 Blub 2026"),
    ],
)
def test_a_text_that_is_no_date_in_that_order_fails(order: str, text: str) -> None:
    with pytest.raises(duckdb.Error):
        value_of({"column": "d", "format": order}, "instant", d=text)


def test_date_and_time_may_have_columns_of_their_own() -> None:
    words = {"column": "d", "time": "t", "format": DAY}
    assert value_of(words, "instant", d="1/6/2026", t=" 7:15 PM") == "2026-06-01T19:15:00"
    assert value_of(words, "instant", d="2026-06-01T00:00:00", t="19:15:00") == "2026-06-01T19:15:00"
    assert value_of(words, "instant", d="1/6/2026", t=None) is None


@pytest.mark.parametrize(
    ("decimal", "text", "number"),
    [
        (".", "€14.50", "14.5000"),
        (".", "1,234.50 USD", "1234.5000"),
        (".", "1'200.50 CHF", "1200.5000"),
        (",", "1.014,50 €", "1014.5000"),
        (",", "R$ 1 030,00", "1030.0000"),
        (",", "kr. 500", "500.0000"),
        (".", "-5.00", "-5.0000"),
        (".", "Class pass", None),
        (".", None, None),
    ],
)
def test_a_price_is_read_by_its_sign_before_decimals(decimal: str, text: str | None, number: str | None) -> None:
    assert value_of({"column": "p", "decimal": decimal}, "money", p=text) == number


@pytest.mark.parametrize(("decimal", "text"), [(".", "14,50,1x2"), (",", "1,2,3"), (".", "2 x 10.00")])
def test_a_price_with_two_numbers_fails(decimal: str, text: str) -> None:
    with pytest.raises(duckdb.Error):
        value_of({"column": "p", "decimal": decimal}, "money", p=text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1h, 30m", 90),
        ("1h", 60),
        ("45m", 45),
        ("90", 90),
        ("60 min", 60),
        ("1:30", 90),
        ("0:45:00", 45),
        ("1 Std. 30 Min.", 90),
        ("1 heure 30", 90),
        ("1,5 Stunden", 90),
        ("2 hours", 120),
        (None, None),
    ],
)
def test_a_duration_is_read_in_minutes(text: str | None, minutes: float | None) -> None:
    assert value_of({"column": "m", "unit": "minutes"}, "attribute", m=text) == minutes


def test_a_bare_number_of_a_duration_may_be_of_hours() -> None:
    assert value_of({"column": "m", "unit": "hours"}, "attribute", m="1.5") == 90


def test_other_values_in_words() -> None:
    assert value_of({"columns": ["a", "b"]}, "text", a="Ana", b=None) == "Ana"
    assert value_of({"value": "O'Hara"}, "text", a="") == "O'Hara"
    assert value_of({"column": "a", "yes": ["Ja"], "no": ["Nein"]}, "flag", a="Nein") is False
    assert value_of({"column": "a", "hashed": True}, "text", a=" Ana@x.org") == value_of(
        {"column": "a", "hashed": True}, "text", a="ana@X.org"
    )


VISIT = """
[visit]
date = {column = "Date", time = "Time", format = "day first"}
service = {column = "Class"}
client = {column = "Client"}
status = {column = "Status", attended = ["Came"], no_show = ["Away"], late_cancel = ["Late"], early_cancel = ["Early"],\
 cancelled = ["Off"], cancelled_by_business = ["Closed"], excused = ["Ill"], waiting_list = ["Queue"],\
 unmarked = ["Booked", ""], words = {"Gone" = "no_show"}}
"""
HEAD = "Date,Time,Class,Client,Status\n"
OUTCOMES = {
    "Came": ("CONFIRMED", None, "ATTENDED"),
    "came ": ("CONFIRMED", None, "ATTENDED"),
    "Away": ("CONFIRMED", None, "NOT_ATTENDED"),
    "Gone": ("CONFIRMED", None, "NOT_ATTENDED"),
    "Late": ("CANCELED", "late", "NOT_SET"),
    "Early": ("CANCELED", "early", "NOT_SET"),
    "Off": ("CANCELED", None, "NOT_SET"),
    "Closed": ("CANCELED", "business", "NOT_SET"),
    "Ill": ("CONFIRMED", None, "EXCUSED"),
    "Queue": ("WAITING_LIST", None, "NOT_SET"),
    "Booked": ("CONFIRMED", None, "NOT_SET"),
    "": ("CONFIRMED", None, "NOT_SET"),
}


def test_one_status_gives_booking_cancellation_and_mark(load_mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    rows = "".join(f"1/6/2026,7:15 am,Yoga,{n},{word}\n" for n, word in enumerate(OUTCOMES))
    outcome = load_mapped(VISIT, HEAD + rows)
    assert (outcome.loaded, outcome.distinct["session"], outcome.findings) == (len(OUTCOMES), 1, ())
    found = con.execute(
        "select contact_id::int, b.status, cancellation, if(excused, 'EXCUSED', a.status) "
        "from booking b join attendance a on a.booking_id = b.id order by 1"
    ).fetchall()
    assert [row[1:] for row in found] == list(OUTCOMES.values())


@pytest.mark.long
def test_a_word_without_a_meaning_is_counted(load_mapped: LoadFile) -> None:
    outcome = load_mapped(VISIT, f"{HEAD}1/6/2026,7:15 am,Yoga,1,Absent\n1/6/2026,7:15 am,Yoga,2,Came\n")
    assert [(one.place, one.value, one.records) for one in outcome.findings] == [("Status", "Absent", 1)]


@pytest.mark.long
def test_of_two_columns_the_first_that_settles_a_visit_counts(
    load_mapped: LoadFile, con: duckdb.DuckDBPyConnection
) -> None:
    status = """[[visit.status]]
    column = "Booking"
    cancelled = ["Canceled"]
    unmarked = ["Confirmed"]
    [[visit.status]]
    column = "In"
    attended = ["*"]
    unmarked = ["-", ""]
    """
    toml = VISIT[: VISIT.index("status = ")] + status
    rows = [("Canceled", "7:02"), ("Confirmed", "7:02"), ("Confirmed", "-"), ("Confirmed", "")]
    text = "Date,Time,Class,Client,Booking,In\n" + "".join(
        f"1/6/2026,7:15,Yoga,{n},{booking},{came}\n" for n, (booking, came) in enumerate(rows)
    )
    load_mapped(toml, text)
    found = con.execute(
        "select b.status, a.status from booking b join attendance a on a.booking_id = b.id order by contact_id"
    ).fetchall()
    assert found == [
        ("CANCELED", "NOT_SET"),
        ("CONFIRMED", "ATTENDED"),
        ("CONFIRMED", "NOT_SET"),
        ("CONFIRMED", "NOT_SET"),
    ]


@pytest.mark.long
def test_ids_are_made_of_the_moment_not_of_its_spelling(load_mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    toml = VISIT.replace("client =", 'id = {columns = ["Client", "Class", "Date", "Time"]}\nclient =')
    for text in ("1/6/2026,7:15 am,Yoga,1,Came\n", "01.06.2026,07:15,Yoga,1,Away\n"):
        load_mapped(toml, HEAD + text, name=f"{len(text)}.csv")
    assert con.execute("select count(*) from booking").fetchall() == [(1,)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("zone", "start"),
    [("", "2026-06-01 07:15:00"), ('zone = "Europe/Dublin"', "2026-06-01 06:15:00")],
)
def test_without_a_time_zone_that_of_the_mapping_counts(
    zone: str, start: str, load_mapped: LoadFile, con: duckdb.DuckDBPyConnection
) -> None:
    load_mapped(f"{zone}\n{VISIT}", f"{HEAD}1/6/2026,7:15 am,Yoga,1,Came\n")
    found = con.execute("select b.starts_at::varchar, s.starts_at::varchar from booking b, session s").fetchall()
    assert found == [(start, start)]


@pytest.mark.long
def test_a_fault_names_the_words_and_the_value(load_mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    load_mapped(VISIT, f"{HEAD}6/13/2026,7:15 am,Yoga,1,Came\n13/6/2026,7:15 am,Yoga,2,Came\n")
    ((message,),) = con.execute("select message from quarantine").fetchall()
    assert 'startDate = {column = "Date", time = "Time", format = "day first"}: fails on' in message
    assert "Date = '6/13/2026'" in message
    assert "regexp" not in message


def test_words_stand_beside_sql_in_the_sections_of_the_entities(
    load_mapped: LoadFile, con: duckdb.DuckDBPyConnection
) -> None:
    toml = """
    [booking]
    id = {columns = ["Client", "Class"]}
    status = {column = "Status", attended = ["Came"], late_cancel = ["Late"]}
    eventId = "Class"
    startDate = {column = "Date", format = "day first"}
    timezone = {value = "Europe/Dublin"}
    [booking.attributes]
    member = {column = "Member", yes = ["Y"], no = ["N"]}
    [attendance]
    bookingId = {columns = ["Client", "Class"]}
    eventId = "Class"
    """
    load_mapped(toml, "Client,Class,Status,Date,Member\n1,Yoga,Came,1/6/2026,Y\n2,Yoga,Late,1/6/2026,N\n")
    assert con.execute(
        "select b.status, cancellation, a.status, attributes->>'member', b.starts_at::varchar "
        "from booking b join attendance a on a.booking_id = b.id order by 1"
    ).fetchall() == [
        ("CANCELED", "late", "NOT_SET", "false", "2026-05-31 23:00:00"),
        ("CONFIRMED", None, "ATTENDED", "true", "2026-05-31 23:00:00"),
    ]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (VISIT.replace('"day first"', '"d/m/y"'), "[visit] date: 'd/m/y' is not an order of dates"),
        (VISIT.replace(', format = "day first"', ""), "[visit] date: the order of day and month is not given"),
        (VISIT.replace("service = ", "servise = "), "[visit]: nothing here is called servise. Did you mean 'service'?"),
        (VISIT.replace('"Came"', '"Away"'), "'Away' stands for attended and for no_show"),
        (VISIT.replace('"Came"', '"AWAY "'), "stands for attended and for no_show"),
        (VISIT.replace('"no_show"', '"noshow"'), "'noshow' is not a meaning of 'Gone'"),
        (VISIT.replace('client = {column = "Client"}\n', ""), "neither a client nor an id is given"),
        (VISIT.replace('{column = "Class"}', "{column = 7}"), "[visit] service: column is not the name of a column"),
        (VISIT.replace('{column = "Class"}', "7"), "[visit] service: words in braces or SQL in quotes are expected"),
        (VISIT.replace('{column = "Class"}', '"Class ||"'), "Parser Error"),
        ("visit = 7\n", "visit: a section is expected"),
        ("[booking]\nid = {columns = []}\n", "[booking] id: columns is not a list of names of columns"),
        ('[booking]\nprice = {column = "P", decimal = ";"}\n', "[booking] price: ';' is not a sign before decimals"),
    ],
)
def test_a_mistake_in_words_names_its_place(tmp_path: Path, toml: str, words: str) -> None:
    (tmp_path / "m.toml").write_text(toml, "utf-8")
    with pytest.raises(queries.DataRefused) as caught:
        read_mapping(tmp_path / "m.toml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mapping_with_open_questions_is_not_loaded_and_names_them_all(tmp_path: Path) -> None:
    toml = 'marks = "?"\n' + VISIT.replace('"day first"', '"?"').replace('"Gone" = "no_show"', '"Gone" = "?"')
    (tmp_path / "m.toml").write_text(toml, "utf-8")
    with pytest.raises(queries.DataRefused) as caught:
        read_mapping(tmp_path / "m.toml")
    assert caught.value.code == "mapping.open_questions"
    assert "marks, visit.date.format, visit.status.words.Gone" in str(caught.value)


@pytest.mark.long
def test_a_question_mark_may_be_a_word_of_the_file(load_mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    toml = 'null = ["?"]\n' + VISIT.replace('"Booked"', '"Booked", "?"')
    load_mapped(toml, f"{HEAD}1/6/2026,7:15 am,Yoga,1,?\n1/6/2026,7:15 am,Yoga,2,Came\n")
    assert con.execute("select status from attendance order by all").fetchall() == [("ATTENDED",), ("NOT_SET",)]


# Quotes, backslashes, comments and the mapping's own `column("…")` could end a text or a name too early.
NASTY = st.text(
    st.one_of(st.sampled_from("'\"\\();-- /*{}$?%\n\t\x00\x01é名"), st.characters(codec="utf-8")), min_size=1
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NASTY.filter(lambda name: name.strip().lower() not in ("", "b", "record")), word=NASTY, other=NASTY)
def test_no_name_or_value_becomes_sql(name: str, word: str, other: str, tmp_path: Path) -> None:
    document = {
        "booking": {
            "id": {"column": name},
            "title": {"value": word},
            "location_name": {"columns": [name, "b"]},
            "status": {"column": name, "attended": [word], "unmarked": ["b" + other]},
        }
    }
    try:
        made = in_sql(tmp_path / "m.toml", document).document["booking"]
    except queries.DataRefused:
        # One word with two meanings, or a single question mark.
        assert " ".join(word.split()).casefold() == f"b{' '.join(other.split())}".casefold() or "?" in (name, word)
        return
    if "\x00" in name + word + other:
        return  # DuckDB itself refuses a text with NUL in a statement
    quoted = name.replace('"', '""')
    with sandbox() as con:
        con.execute(f'create table rows (record int, "{quoted}" varchar, b varchar)')
        con.execute("insert into rows values (1, ?, ?)", [word, "x"])
        for key in ("id", "title", "location_name"):
            con.execute(f"select {made[key]} from rows")
        assert con.execute(f"select {made['id']} from rows").fetchall() == [(word,)]
        assert con.execute(f"select {made['title']}").fetchall() == [(word,)]
        assert con.execute(f"select {made['status']} from rows").fetchall() == [("CONFIRMED",)]
        assert con.execute("select count(*) from duckdb_tables()").fetchall() == [(1,)]


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
@settings(max_examples=100, deadline=None)
def test_what_is_written_as_toml_reads_as_it_was(value: Any) -> None:
    import tomllib

    assert tomllib.loads(f"value = {inline(value)}") == {"value": value}


def test_a_table_that_says_nothing_is_refused() -> None:
    for words in ({}, {"column": ""}, {"column": "a", "yes": [], "no": []}, {"column": "a", "wrong": 1}):
        with pytest.raises(NotInWords):
            field_sql(words, "flag")


@pytest.mark.long
def test_an_optional_column_may_be_missing(tmp_path: Path) -> None:
    toml = VISIT.replace("client =", 'location = {column = "Room", optional = true}\nclient =')
    (tmp_path / "m.toml").write_text(toml, "utf-8")
    mapped = MappedRows(read_mapping(tmp_path / "m.toml"), tmp_path / "a.csv")
    row = {"record": 0, "Date": "1/6/2026", "Time": "7:15", "Class": "Yoga", "Client": "1", "Status": "Came"}
    frames, faults = mapped.frames(pl.DataFrame([row]))
    mapped.close()
    assert not faults
    assert frames["session"]["location_name"].to_list() == [None]


def test_accents_and_blanks_behind_names_make_no_class_of_their_own(
    load_mapped: LoadFile, con: duckdb.DuckDBPyConnection
) -> None:
    """A Mac writes an accent behind its letter, Windows one letter: in headers, mappings, names and words."""
    toml = """
[visit]
date = {column = "Date", format = "year first"}
service = {column = "S\u00e9ance"}
client = {column = "Client"}
[visit.status]
column = "Status"
attended = ["Pr\u00e9sente"]
"""
    rows = [("Caf\u00e9", "Ana"), ("Cafe\u0301", "Bo"), ("Caf\u00e9 ", "Cy"), ("Caf\u00e9 ", "Ana ")]
    text = "Date,Se\u0301ance,Client,Status\n" + "".join(
        f"2026-06-01,{service},{client},Pre\u0301sente\n" for service, client in rows
    )
    outcome = load_mapped(unicodedata.normalize("NFD", toml), text)
    assert (outcome.loaded, outcome.duplicate, outcome.distinct["session"]) == (3, 1, 1)
    counts = "count(*), count(distinct service), count(distinct participant_id)"
    assert con.execute(f"select {counts} from session_roster").fetchone() == (3, 1, 3)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1,204", "count", "1204"),
        ("<5", "count", "<5"),
        ("*", "count", "*"),
        ("12 or so", "count", "12 or so"),
        (None, "count", "nothing"),
        ("<5", "whole", "<5"),
        ("≥2", "whole", "≥2"),
        ("2 adults", "whole", "2"),
    ],
)
def test_a_number_that_is_only_a_bound_or_secret_is_none(text: str | None, kind: str, value: str) -> None:
    """Public sums hide small numbers as `<5` or `*`: as 5, or as one booking, they would be made up."""
    assert value_of({"column": "n"}, kind, n=text) == value


SHARED = """
[visit]
date = {column = "Date", time = "Time", format = "month by name"}
booked = {column = "Booked", format = "day first"}
minutes = {column = "Minutes"}
service = {column = "Class"}
client = {column = "Client"}
status = {column = "Status", attended = ["Yes"], unmarked = [""]}
"""


def test_the_text_of_a_moment_is_worked_out_once_for_all_fields(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(SHARED, encoding="utf-8")
    plan = plan_of(read_mapping(path))
    assert [name[1:] for name in plan.let] == ["date", "booked"]
    fields = [sql for columns in plan.fields.values() for sql in columns.values()]
    # The pattern of a date is long; a field only reads the text that was made with it.
    assert not [sql for sql in fields if r"\p{L}" in sql or len(sql) > 2_000]
    assert plan.reads["booking", "starts_at"] == ("Date", "Time")


@pytest.mark.long
def test_a_date_that_does_not_read_names_its_columns_and_nothing_else_of_the_row(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(SHARED, encoding="utf-8")
    rows = MappedRows(read_mapping(path), tmp_path / "a.csv")
    texts = {"Date": "soon", "Time": "7:15", "Booked": "1/6/2026", "Minutes": "60", "Class": "Yoga", "Client": "A"}
    flat = pl.DataFrame({"record": [0], **{name: [text] for name, text in (texts | {"Status": "Yes"}).items()}})
    _, faults = rows.frames(flat)
    rows.close()
    details = [fault.detail for fault in faults]
    assert any("Date = 'soon', Time = '7:15'" in detail for detail in details)
    assert not [detail for detail in details if "\x02" in detail or "regexp" in detail]
    assert not [fault for fault in faults if "created" in fault.pointer]
