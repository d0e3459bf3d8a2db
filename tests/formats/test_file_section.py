"""[file] in a mapping: where the records lie in a table or in JSON, and the lines around them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from support.samples import few
from support.workbooks import workbook

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.store.opening import Store

MAPPING = """
[file]
{file}
[booking]
id = "Visit"
status = "'CONFIRMED'"
service_name = "Class"
"""
ROWS = [["1", "Yoga"], ["2", "Spin"]]


def load(store: Store, path: Path, content: str | bytes, file: str, mapping: str = MAPPING) -> FileOutcome:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    toml = path.with_name("own.toml")
    toml.write_text(mapping.replace("{file}", file))
    (outcome,) = pipeline.ingest(store, [path], mapping=toml)
    return outcome


def services(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in con.execute("select service_name from booking order by service_name").fetchall()]


TABLES = [
    ('separator = "|"', "Visit|Class\n1|Yoga\n2|Spin\n"),
    ("", "Visit|Class\n1|Yoga\n2|Spin\n"),
    ('separator = "~"', "Visit~Class\n1~Yoga\n2~Spin\n"),
    ("skip = 2", "a;b;c;d\n\nVisit;Class\n1;Yoga\n2;Spin\n"),
    ('skip = 1\nheader = "Class"', "Class;x\nVisits\nVisit;Class\n1;Yoga\n2;Spin\n"),
    ('header = "class"', "Visits in June\n\nVisit;Class\n1;Yoga\n2;Spin\n"),
    ('columns = ["Visit", "Class"]', "1;Yoga\n2;Spin\n"),
    ('columns = ["Visit", "Class"]\nskip = 1\nseparator = ","', "a;b\n1,Yoga\n2,Spin\n"),
    ('end = "Total"', "Visit;Class\n1;Yoga\n2;Spin\nTotal: 2;\nPage 1 of 1;x;y\n"),
    ('end = "total"', "Visit;Class\n1;Yoga\n2;Spin\n;TOTAL\n"),
    ('encoding = "utf-16-le"', "Visit;Class\n1;Yoga\n2;Spin\n".encode("utf-16-le")),
    ('encoding = "any"', "Visit;Class\n1;Yoga\n2;Spin\n".encode("utf-16-le")),
]


@pytest.mark.parametrize(("file", "content"), few(TABLES, 5))
def test_tables(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, file: str, content: str | bytes) -> None:
    outcome = load(store, tmp_path / "a.csv", content, file)
    assert (outcome.refused, outcome.quarantined) == (None, 0)
    assert services(con) == ["Spin", "Yoga"]


def test_a_word_that_only_begins_like_the_end_does_not_end_the_rows(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(store, tmp_path / "a.csv", "Class;Visit\nYoga;1\nTotally Spin;2\nTotal;2\n", 'end = "Total"')
    assert services(con) == ["Totally Spin", "Yoga"]


ENCODED = [("utf-8", []), ("utf-8-sig", ["file.bom"]), ("cp1252", ["file.encoding_guessed: cp1252"])]
ENCODED += [("utf-16", ["file.encoding_by_mark: utf-16"]), ("utf-16-be", ["file.encoding_guessed: utf-16-be"])]


@pytest.mark.parametrize(("encoding", "warnings"), few(ENCODED, 2))
def test_any_encoding(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, encoding: str, warnings: list[str]
) -> None:
    """The first letter that is not ASCII stands a megabyte behind the beginning."""
    rows = "".join(f"{at};Spin\n" for at in range(150_000)) if encoding == "cp1252" else "0;Spin\n"
    content = f"Visit;Class\n{rows}a;Café – früh\n".encode(encoding)
    outcome = load(store, tmp_path / "a.csv", content, 'encoding = "any"')
    assert [*outcome.warnings] == warnings
    assert {*services(con)} == {"Spin", "Café – früh"}


# Bytes that are nothing in cp1252, or that are not UTF-8 though other letters are.
DAMAGED = ["Visit;Class\n1;Caf\x82 \x81\n".encode("latin-1"), "Visit;Class\n1;Café\n".encode() + b"2;Caf\xe9\n"]


@pytest.mark.parametrize("content", DAMAGED)
def test_bytes_in_no_encoding_are_refused(store: Store, tmp_path: Path, content: bytes) -> None:
    outcome = load(store, tmp_path / "a.csv", content, 'encoding = "any"')
    assert outcome.refused is not None
    assert outcome.refused.code == "file.encoding"


WORKBOOKS = [
    ('sheet = "Visits"', {"Cover": [["Report"]], "Visits": [["Visit", "Class"], *ROWS]}),
    ("skip = 2", {"a": [["Report", "x", "y"], ["June", "x", "y"], ["Visit", "Class"], *ROWS]}),
    ('columns = ["Visit", "Class"]', {"a": ROWS}),
    ('end = "Total"', {"a": [["Visit", "Class"], *ROWS, ["Total", "2"], ["x", "y"]]}),
    ('above = ["Studio"]', {"a": [["Visit", "Class"], *ROWS]}),
    ('header = "Visit"\nabove = ["Studio"]', {"a": [["Studio", "North"], ["Visit", "Class"], *ROWS]}),
]


@pytest.mark.parametrize(("file", "sheets"), WORKBOOKS)
def test_workbooks(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, file: str, sheets: dict[str, list[list[str]]]
) -> None:
    assert load(store, tmp_path / "a.xlsx", workbook(sheets), file).refused is None
    assert services(con) == ["Spin", "Yoga"]


ABOVE = [
    "Studio;North\nDate;June\n\nVisit;Class\n1;Yoga\n2;Spin\n",
    "Date;Studio;Town\nJune;North;Cork\n\nVisit;Class\n1;Yoga\n2;Spin\n",
    "Studio:;North\n\nVisit;Class\n1;Yoga\n2;Spin\n\nA note\n",
]


@pytest.mark.parametrize("content", ABOVE)
def test_what_stands_above_the_header_is_a_column(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, content: str
) -> None:
    mapping = MAPPING.replace('"Class"', "\"Studio || ' ' || Class\"")
    load(store, tmp_path / "a.csv", content, 'header = "Visit"\nabove = "Studio"', mapping)
    assert services(con) == ["North Spin", "North Yoga"]


def test_a_row_set_aside_keeps_what_stands_above_the_header(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    mapping = MAPPING.replace('"Class"', "\"Studio || ' ' || Class\"")
    wrong = mapping.replace("'CONFIRMED'", "case Class when 'Yoga' then 'CONFIRMED' else Class end")
    file = 'header = "Visit"\nabove = "Studio"'
    assert load(store, tmp_path / "a.csv", ABOVE[0], file, wrong).quarantined == 1
    (tmp_path / "own.toml").write_text(mapping.replace("{file}", file))
    (outcome,) = pipeline.retry_quarantined(store, every=True, mapping=tmp_path / "own.toml")
    assert (outcome.refused, outcome.loaded) == (None, 1)
    assert services(con) == ["North Spin", "North Yoga"]


RECORDS = [{"Visit": 1, "Class": "Yoga", "x": {"y": [True, None]}}, {"Visit": 2, "Class": "Spin"}]
DOCUMENTS = [
    ("", RECORDS),
    ('records = "visits"', {"page": 1, "visits": RECORDS}),
    ('records = ["other", "page.visits"]', {"page": {"visits": RECORDS}}),
    ('records = "entry.visit"', {"entry": [{"visit": one} for one in RECORDS]}),
    ('records = "visits"', [{"visits": RECORDS[:1]}, {"visits": RECORDS[1:]}]),
    ('records = "visits"', RECORDS),
]


@pytest.mark.parametrize(("file", "document"), DOCUMENTS)
def test_json_of_another_system(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, file: str, document: object
) -> None:
    assert load(store, tmp_path / "a.json", json.dumps(document), file).quarantined == 0
    assert services(con) == ["Spin", "Yoga"]


def test_ndjson_of_another_system(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Fields by dotted path; a record that lacks one has none; another value than an object is set aside."""
    lines = [*map(json.dumps, RECORDS), '{"Visit": 3, "Class": {"name": "Row"}}', "[1]", '{"a"']
    mapping = MAPPING.replace('"Class"', "'coalesce(Class, \"Class.name\")'")
    outcome = load(store, tmp_path / "a.ndjson", "\n".join(lines), "", mapping)
    assert (outcome.read, outcome.loaded, outcome.quarantined) == (5, 3, 2)
    assert services(con) == ["Row", "Spin", "Yoga"]


def test_a_json_record_set_aside_is_retried(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    wrong = MAPPING.replace("'CONFIRMED'", "case Class when 'Yoga' then 'CONFIRMED' else Class end")
    assert load(store, tmp_path / "a.json", json.dumps(RECORDS), "", wrong).quarantined == 1
    (tmp_path / "own.toml").write_text(MAPPING.replace("{file}", ""))
    (outcome,) = pipeline.retry_quarantined(store, every=True, mapping=tmp_path / "own.toml")
    assert outcome.loaded == 1
    assert services(con) == ["Spin", "Yoga"]


def test_an_address_is_no_contact(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """In any mapping an e-mail address becomes an id; ids of other kinds stay as they are."""
    mapping = MAPPING + 'contact_id = "Who"\n'
    load(store, tmp_path / "a.csv", "Visit,Class,Who\n1,Yoga,Ana@x.org\n2,Spin, ana@x.org \n3,Row,C17\n", "", mapping)
    contacts = [id for (id,) in con.execute("select distinct contact_id from booking order by 1").fetchall()]
    assert len(contacts) == 2
    assert "C17" in contacts
    assert not any("@" in id for id in contacts)


WRONG = [
    ("seperator = ';'", r"\[file\] seperator: no such key. Did you mean 'separator'\?"),
    ('separator = ";;"', r"\[file\] separator: one character"),
    ('separator = ""', r"\[file\] separator: a separator is expected"),
    ("skip = -1", r"\[file\] skip: a number of lines"),
    ("skip = true", r"\[file\] skip: a number of lines"),
    ("end = 3", r"\[file\] end: a last row is expected"),
    ("columns = [1]", r"\[file\] columns: a text or a list"),
    ("records = {}", r"\[file\] records: a text or a list"),
    ('dates = "us"', r"\[file\] dates: 'us' is not an order of day and month. One of: day-first, month-first"),
    ('sheet = ""', r"\[file\] sheet: the name of a worksheet"),
    ('[dates]\ncolumn = "a"', r"\[dates\] column: no such key. Did you mean 'columns'"),
    ('[format]\ntitle = "a"', r"\[format\] seen: a text"),
    ('[format]\ntitle = "a"\nseen = "b"\ncertain = "C"', r"\[format\] certain: A or B"),
    ('[format]\ntitle = "a"\nseen = "b"\ncertain = "B"', r"\[format\] doubt: a format"),
    ('[format]\ntitle = "a"\nseen = "b"\ncertain = "A"', r"\[recognise\] columns: the columns"),
]


@pytest.mark.parametrize(("file", "message"), WRONG)
def test_mistakes_are_named(store: Store, tmp_path: Path, file: str, message: str) -> None:
    with pytest.raises(queries.DataRefused, match=message):
        load(store, tmp_path / "a.csv", "Visit;Class\n", file)


def test_a_key_said_twice_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(queries.DataRefused, match=r"\[file\] header: it stands at the top too"):
        load(store, tmp_path / "a.csv", "Visit;Class\n", 'header = "Visit"', 'header = "Visit"\n' + MAPPING)


@pytest.mark.parametrize("zone", ['zone = "Mars/Base"', "zone = 3"])
def test_an_unknown_zone_is_refused(store: Store, tmp_path: Path, zone: str) -> None:
    with pytest.raises(queries.DataRefused, match=r"zone: .* is not an IANA time zone"):
        load(store, tmp_path / "a.csv", "Visit;Class\n", "", f"{zone}\n{MAPPING}")
