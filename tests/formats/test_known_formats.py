"""Every format that comes with noshow recognises and loads its sample, to the right values.

A new format is `pipeline/formats/NAME.toml` and a sample `tests/formats/NAME.*`, see the guide for contributors. Its
line in `EXPECTED` says what the sample holds.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.samples import few
from support.workbooks import packed, workbook

import pipeline
from pipeline.formats.recognition import read_format, recognised
from pipeline.load.outcomes import FileOutcome
from pipeline.mapping.reading import shipped_formats
from pipeline.sources import source_files
from pipeline.store.opening import Store

HERE = Path(__file__).parent
FORMATS = {path.stem: path for path in shipped_formats()}
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)

# A booking: start in UTC, service, status, mark, whether excused, participants.
Row = tuple[str | None, str | None, str, str | None, bool, int | None]
NO, YES, OPEN = "NOT_ATTENDED", "ATTENDED", "NOT_SET"
EXPECTED: dict[str, tuple[str, list[Row]]] = {
    "bookly": (
        "both",
        [
            ("2026-03-05 10:00", "Colour", "CONFIRMED", None, False, None),
            ("2026-03-12 12:30", "Cut", "CONFIRMED", None, False, None),
        ],
    ),
    "calcom_insights": (
        "no_shows",
        [
            ("2026-03-05 10:00", "Event type 3", "CONFIRMED", NO, False, None),
            ("2026-03-05 10:00", "Event type 3", "CONFIRMED", OPEN, False, None),
            ("2026-03-06 10:00", "Event type 3", "CANCELED", OPEN, False, None),
        ],
    ),
    "calendly": (
        "no_shows",
        [
            ("2026-03-05 00:00", "Intro", "CONFIRMED", OPEN, False, None),
            ("2026-03-06 12:00", "Intro", "CANCELED", OPEN, False, None),
            ("2026-03-06 12:00", "Intro", "CONFIRMED", NO, False, None),
        ],
    ),
    "cliniko_attendees": (
        "both",
        [
            ("2026-03-05 09:00", None, "CONFIRMED", YES, False, None),
            ("2026-03-05 10:00", None, "CONFIRMED", NO, False, None),
            ("2026-03-05 11:00", None, "CANCELED", OPEN, False, None),
        ],
    ),
    "clubready": (
        "arrivals",
        [
            ("2026-03-05 12:00", "spin", "CANCELED", OPEN, False, None),
            ("2026-03-05 12:00", "spin", "CONFIRMED", YES, False, None),
            ("2026-03-05 12:00", "spin", "CONFIRMED", OPEN, False, None),
        ],
    ),
    "eventbrite_attendees": (
        "arrivals",
        [(None, None, "CONFIRMED", YES, False, 2), (None, None, "CONFIRMED", OPEN, False, 1)],
    ),
    "fhir_appointments": (
        "both",
        [
            ("2026-03-05 09:00", "Check-up", "CONFIRMED", YES, False, None),
            ("2026-03-05 10:00", "Check-up", "CONFIRMED", NO, False, None),
            ("2026-03-05 11:00", None, "CANCELED", OPEN, False, None),
            ("2026-03-05 12:00", None, "CONFIRMED", OPEN, False, None),
        ],
    ),
    "mindbody_extract": (
        "arrivals",
        [
            ("2026-03-05 12:00", "spin", "CANCELED", OPEN, False, None),
            ("2026-03-05 12:00", "spin", "CONFIRMED", YES, False, None),
            ("2026-03-05 12:00", "spin", "CONFIRMED", OPEN, False, None),
        ],
    ),
    "mindbody_visits": (
        "both",
        [
            ("2026-03-05 18:00", "Spin", "CANCELED", OPEN, False, None),
            ("2026-03-05 18:00", "Spin", "CONFIRMED", YES, False, None),
            ("2026-03-06 09:00", "Massage", "CONFIRMED", NO, False, None),
            ("2026-03-06 11:00", "Massage", "CONFIRMED", YES, False, None),
        ],
    ),
    "moodle_attendance": (
        "both",
        [
            ("2026-03-05 18:00", "Chemistry", "CONFIRMED", YES, False, None),
            ("2026-03-05 18:00", "Chemistry", "CONFIRMED", YES, False, None),
            ("2026-03-05 18:00", "Chemistry", "CONFIRMED", OPEN, False, None),
            ("2026-03-12 00:00", "Chemistry", "CONFIRMED", NO, False, None),
            ("2026-03-12 00:00", "Chemistry", "CONFIRMED", OPEN, True, None),
        ],
    ),
    "pretix_checkin": (
        "arrivals",
        [
            ("2026-03-05 18:00", None, "CONFIRMED", YES, False, None),
            ("2026-03-05 18:00", None, "CONFIRMED", YES, False, None),
            ("2026-03-05 18:00", None, "CONFIRMED", OPEN, False, None),
        ],
    ),
    "teams_attendance": (
        "arrivals",
        [
            ("2026-03-25 12:00", None, "CONFIRMED", YES, False, None),
            ("2026-03-25 12:00", None, "CONFIRMED", YES, False, None),
        ],
    ),
    "teams_report": (
        "arrivals",
        [
            ("2026-03-25 17:55", "Spin at home", "CONFIRMED", YES, False, None),
            ("2026-03-25 17:55", "Spin at home", "CONFIRMED", YES, False, None),
            ("2026-03-25 17:55", "Spin at home", "CONFIRMED", YES, False, None),
        ],
    ),
    "wix_booking_list": (
        "both",
        [
            ("2026-03-05 13:05", "Massage", "CONFIRMED", YES, False, 1),
            ("2026-03-05 18:00", "Spin", "CANCELED", OPEN, False, 1),
            ("2026-03-05 18:00", "Spin", "CONFIRMED", NO, False, 2),
            ("2026-03-05 18:00", "Spin", "CONFIRMED", OPEN, False, 1),
            ("2026-03-06 18:00", "Spin", "PENDING", YES, False, 1),
        ],
    ),
    "wix_booking_list_older": (
        "both",
        [
            ("2026-03-05 18:00", "Spin", "CONFIRMED", None, False, None),
            ("2026-03-26 12:00", "Spin", "CANCELED", None, False, None),
        ],
    ),
    "zoom_participants": (
        "arrivals",
        [
            ("2026-03-25 17:55", "Spin at home", "CONFIRMED", YES, False, None),
            ("2026-03-25 17:55", "Spin at home", "CONFIRMED", YES, False, None),
        ],
    ),
}


def sample(name: str) -> Path:
    (path,) = (path for path in HERE.glob(f"{name}.*") if path.suffix != ".py")
    return path


def load(store: Store, path: Path, **options: object) -> FileOutcome:
    (outcome,) = pipeline.ingest(store, [path], now=NOW, **options)  # type: ignore[arg-type]
    return outcome


def bookings(con: duckdb.DuckDBPyConnection) -> list[Row]:
    return con.execute(
        "select strftime(b.starts_at, '%Y-%m-%d %H:%M'), service_name, b.status, a.status, coalesce(a.excused, false), "
        "participants from booking as b left join attendance as a on a.booking_id = b.id "
        "order by b.starts_at, service_name, b.status, a.status = 'NOT_SET', a.status, a.excused"
    ).fetchall()


def test_each_format_has_a_sample_and_the_values_in_it() -> None:
    samples = {path.stem for path in HERE.iterdir() if path.suffix not in (".py", "") and path.is_file()}
    assert {*FORMATS} == samples == {*EXPECTED}


@pytest.mark.parametrize("name", few(sorted(EXPECTED, key=len, reverse=True), 8))
def test_its_sample_loads_without_an_option(store: Store, con: duckdb.DuckDBPyConnection, name: str) -> None:
    outcome = load(store, sample(name))
    assert outcome.refused is None
    assert outcome.format is not None
    assert outcome.format.name == name
    assert (outcome.quarantined, outcome.findings) == (0, ())
    marks, rows = EXPECTED[name]
    assert bookings(con) == rows
    regimes = {marks, "default"} if name == "pretix_checkin" else {marks}
    assert {regime for (regime,) in con.execute("select distinct marks from booking").fetchall()} == regimes
    # No address is stored, nor a part of a telephone number.
    texts = con.execute("select b::varchar, a::varchar from booking as b left join attendance as a on true").fetchall()
    assert texts
    assert not [text for row in texts for text in row if text and ("@" in text or "4930" in text)]


@pytest.mark.parametrize("name", few(sorted(EXPECTED), 3))
def test_it_is_named_by_its_name_too(store: Store, con: duckdb.DuckDBPyConnection, name: str) -> None:
    assert load(store, sample(name), mapping=name).refused is None
    assert bookings(con) == EXPECTED[name][1]


def test_a_person_is_one_contact_whatever_the_spelling(store: Store, con: duckdb.DuckDBPyConnection) -> None:
    path = store.path.parent / "calendly.csv"
    path.write_text(sample("calendly").read_text().replace("jo@example.com", " INA@Example.com"), "utf-8")
    load(store, path)
    assert con.execute("select count(distinct contact_id) from booking").fetchall() == [(2,)]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_says_where_it_was_seen_and_what_is_in_doubt(name: str) -> None:
    known = read_format(FORMATS[name]).format
    assert known is not None
    assert known.title
    assert known.seen
    assert known.doubt or known.certain == "A"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_format_takes_day_and_month_on_trust(name: str) -> None:
    """The same export has the day first in one country and the month in another: `[dates]` lets the values decide."""
    document = tomllib.loads(FORMATS[name].read_text("utf-8"))
    assert document.get("dates", {}).get("columns") or name == "moodle_attendance"
    formats = [words.get("format") for words in document.get("visit", {}).values() if isinstance(words, dict)]
    assert not {"day first", "month first"} & {*formats}
    assert not re.search(r"%[dm]/%[dm]|%[dm]\.%[dm]|%[dm]-%[dm](?!-)", str(document).replace("%Y-%m-%d", ""))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_it_is_recognised_as_no_other(name: str) -> None:
    ((source,), _) = source_files([sample(name)])
    mapping = recognised(source)
    assert mapping is not None
    assert mapping.path == FORMATS[name]


def test_lines_before_the_header_do_not_hide_it(store: Store, tmp_path: Path) -> None:
    text = sample("clubready").read_text()
    for lines in (1, 19):
        path = tmp_path / f"{lines}.csv"
        path.write_text("".join(f"Report, page {at}\n" for at in range(lines)) + text, "utf-8")
        outcome = load(store, path)
        assert outcome.format is not None
        assert (outcome.format.name, outcome.read) == ("clubready", 3)


def test_our_own_tables_come_first(store: Store, tmp_path: Path) -> None:
    """A file of our own kind is not taken for another system's, whatever other columns it has."""
    (tmp_path / "a.csv").write_text(
        "id,status,starts_at,Booking Time,Service,Customer Name\n"
        "6f1d3c52-0c5e-4b0e-9a44-2f6a3f6c1b7e,CONFIRMED,2026-03-05T10:00:00Z,March 5,Cut,Ina\n"
    )
    outcome = load(store, tmp_path / "a.csv")
    assert (outcome.format, outcome.kind) == (None, "booking")


def test_a_mapping_that_is_named_comes_before_recognition(store: Store, tmp_path: Path) -> None:
    shutil.copy(FORMATS["clubready"], tmp_path / "own.toml")
    text = (tmp_path / "own.toml").read_text().replace("ClubReady extract", "My own")
    (tmp_path / "own.toml").write_text(text)
    outcome = load(store, sample("clubready"), mapping=tmp_path / "own.toml")
    assert outcome.format is not None
    assert outcome.format.title == "My own"


def test_a_status_that_is_not_known_is_set_aside(store: Store, tmp_path: Path) -> None:
    text = sample("wix_booking_list").read_text().replace("Pending", "Waiting")
    (tmp_path / "a.csv").write_text(text)
    outcome = load(store, tmp_path / "a.csv")
    assert (outcome.loaded, outcome.quarantined) == (4, 1)
    assert outcome.commonest[0].rule == "status_unknown"


@pytest.mark.parametrize("column", ["Status", "attendance", "No-show"])
def test_a_file_with_marks_is_not_taken_for_one_without(store: Store, tmp_path: Path, column: str) -> None:
    lines = sample("bookly").read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([f"{lines[0]};{column}", f"{lines[1]};no-show"]))
    outcome = load(store, tmp_path / "a.csv")
    assert outcome.refused is not None
    assert outcome.refused.code == "file.kind_unknown"


def test_a_mark_that_is_not_known_is_told(store: Store, tmp_path: Path) -> None:
    text = sample("wix_booking_list").read_text().replace("No-show", "Absent")
    (tmp_path / "a.csv").write_text(text)
    (finding,) = load(store, tmp_path / "a.csv").findings
    assert (finding.finding, finding.place, finding.value) == ("unmet_value", "Attendance status", "Absent")


NEWER = """Name (original name),Email,Join time,Leave time,Duration (minutes),Guest
Ina Berg,ina@example.com,03/25/2026 06:03:00 PM,03/25/2026 06:20:00 PM,17,Yes
Ina Berg,ina@example.com,03/25/2026 06:25:00 PM,03/25/2026 07:00:00 PM,35,Yes
Jo Weiss,,03/25/2026 06:25:00 PM,03/25/2026 07:00:00 PM,35,Yes
"""


def test_a_meeting_without_the_row_about_it_is_known_by_its_day(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "participants.csv").write_text(NEWER)
    outcome = load(store, tmp_path / "participants.csv")
    assert outcome.format is not None
    assert outcome.format.name == "zoom_participants"
    assert bookings(con) == [("2026-03-25 12:00", None, "CONFIRMED", YES, False, None)] * 2


# The first row's start, time, staff or service written otherwise: spellings that mean the same.
SAME = [("13:05", "1:05 PM"), ("13:05", "13.05"), ("2026-03-05,13", "2026/3/5,13"), ("1h, 30m", "90m")]


@pytest.mark.parametrize(("one", "other"), few(SAME, 2))
def test_another_spelling_of_a_booking_is_the_same_booking(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, one: str, other: str
) -> None:
    text = sample("wix_booking_list").read_text()
    assert text.count(one) > 0
    load(store, sample("wix_booking_list"))
    (tmp_path / "b.csv").write_text(text.replace(one, other, 1))
    assert load(store, tmp_path / "b.csv").unchanged == 5
    assert bookings(con) == EXPECTED["wix_booking_list"][1]


def test_a_duration_gives_the_end(store: Store, con: duckdb.DuckDBPyConnection) -> None:
    load(store, sample("wix_booking_list"))
    ends = con.execute("select distinct (ends_at - starts_at)::varchar from booking order by 1").fetchall()
    assert ends == [("00:45:00",), ("01:30:00",)]


def test_contradicting_booleans_are_set_aside(store: Store, tmp_path: Path) -> None:
    text = sample("cliniko_attendees").read_text().replace('"did_not_arrive": false', '"did_not_arrive": true', 1)
    (tmp_path / "a.json").write_text(text)
    outcome = load(store, tmp_path / "a.json")
    assert (outcome.loaded, outcome.quarantined) == (2, 1)
    assert "both true" in outcome.commonest[0].example.in_words()


def test_equal_bookings_count_once_and_are_told(store: Store, tmp_path: Path) -> None:
    lines = sample("clubready").read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join([*lines, lines[1]]))
    assert load(store, tmp_path / "a.csv").duplicate == 1


STARTS = "select distinct strftime(starts_at, '%H:%M'), time_zone from booking"


def test_times_are_in_the_sites_zone(tmp_path: Path) -> None:
    db = tmp_path / "a.duckdb"
    for zone, start in (("UTC", "12:00"), ("Europe/Berlin", "11:00")):
        given = {"site_zone": zone} if zone != "UTC" else {}
        with pipeline.open_store(db, settings=pipeline.Settings.model_validate(given)) as store:
            outcome = load(store, sample("clubready"))
            assert outcome.is_in_utc == (zone == "UTC")
            assert store.connection.execute(STARTS).fetchall() == [(start, zone)]


def test_rows_set_aside_are_retried_without_naming_the_format(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Also if these rows alone do not show the order of day and month."""
    text = sample("wix_booking_list_older").read_text().replace("3/26/2026", "3/26/2022")
    (tmp_path / "a.csv").write_text(text)
    # In 2019 a booking in 2026 is out of range.
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.csv"], now=NOW.replace(year=2019))
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    (outcome,) = pipeline.retry_quarantined(store, every=True, now=NOW)
    assert (outcome.refused, outcome.loaded) == (None, 1)
    assert bookings(con)[1] == EXPECTED["wix_booking_list_older"][1][0]


def cells(name: str) -> list[list[str]]:
    return list(csv.reader(sample(name).read_text().splitlines()))


def shared(content: bytes) -> bytes:
    """The workbook with its texts in the part that cells share, as Excel writes them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    texts: list[str] = []

    def moved(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f"t='s'><v>{len(texts) - 1}</v></c>"

    name = "xl/worksheets/sheet1.xml"
    pattern = r"t='inlineStr'><is><t xml:space='preserve'>(.*?)</t></is></c>"
    parts[name] = re.sub(pattern, moved, parts[name], flags=re.DOTALL)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f"<sst xmlns='{main}'>{''.join(f'<si><t>{one}</t></si>' for one in texts)}</sst>"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    link = f"<Relationship Id='x' Type='{office}/sharedStrings' Target='sharedStrings.xml'/></Relationships>"
    links = "xl/_rels/workbook.xml.rels"
    parts[links] = parts[links].replace("</Relationships>", link)
    return packed({name: text.encode() for name, text in parts.items()})


@pytest.mark.parametrize("written", [lambda content: content, shared])
@pytest.mark.parametrize("name", few(["wix_booking_list", "calendly", "pretix_checkin", "zoom_participants"], 2))
def test_it_is_recognised_in_a_workbook(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str, written: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "a.xlsx").write_bytes(written(workbook({"Sheet": cells(name)})))
    outcome = load(store, tmp_path / "a.xlsx")
    assert outcome.format is not None
    assert outcome.format.name == name
    assert bookings(con) == EXPECTED[name][1]


def test_records_of_a_bulk_export_are_recognised(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    entries = json.loads(sample("fhir_appointments").read_text())["entry"]
    lines = [json.dumps(one["resource"]) for one in entries] + ['{"resourceType": "Patient", "id": "1"}']
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    outcome = load(store, tmp_path / "a.ndjson")
    assert outcome.format is not None
    assert (outcome.format.name, outcome.quarantined) == ("fhir_appointments", 0)
    assert bookings(con) == EXPECTED["fhir_appointments"][1]


OURS = sorted((HERE.parents[1] / "data").glob("*/*.*"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_none_of_our_own_files_is_taken_for_an_export(path: Path) -> None:
    if path.suffix in (".csv", ".json", ".ndjson"):
        ((source,), _) = source_files([path])
        assert recognised(source) is None


def test_only_the_head_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    text = sample("clubready").read_bytes()
    (tmp_path / "a.csv").write_bytes(text + text.partition(b"\n")[2] * 20_000)
    ((source,), _) = source_files([tmp_path / "a.csv"])

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            read.append(-1 if size is None else size)
            return super().read(size)

    monkeypatch.setattr("pipeline.sources.heads.open_bytes", lambda _: Counted((tmp_path / "a.csv").read_bytes()))
    assert recognised(source) is not None
    assert all(0 < size <= 2**18 for size in read)
