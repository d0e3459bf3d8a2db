"""`noshow pull` against a server that speaks the wire: the records fetched and their outcome."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from support.api import KEY, SITE, Api, Fault
from support.fixtures import Run, Write
from support.pulled import BEFORE, BEGAN, Clock, counts, pulled, rows
from support.records import Make

import pipeline
import queries
from pipeline.pulling.pull import Pulled, replay
from pipeline.store.saved_pulls import lines_of, saved_parts, saved_pulls

AFTER = "2026-03-10T15:00:00Z"
DEFAULT = pipeline.Settings.model_validate({})


def test_everything_comes_once_and_is_known_the_next_time(db: Path, api: Api) -> None:
    first = pulled(db, api)
    assert (first.since, first.gone_on) == (None, False)
    assert counts(db) == (250, 250, 0)
    assert Counter(key for key, _ in api.asked) == {"services": 1, "events": 1, "extendedBookings": 3, "attendances": 3}
    assert [body["query"]["cursorPaging"]["limit"] for _, body in api.asked] == [100] * 8
    again = pulled(db, api, Clock(1), full=True)
    assert sum(outcome.loaded for outcome in again.outcomes) == 0
    assert counts(db) == (250, 250, 0)


def test_a_notebook_pulls_in_its_own_loop(db: Path, api: Api) -> None:
    async def cell() -> Pulled:
        return pulled(db, api)

    assert asyncio.run(cell()).outcomes
    assert counts(db) == (250, 250, 0)


@pytest.mark.long
def test_the_next_pull_asks_for_what_changed_and_for_marks_of_late(db: Path, api: Api, make: type[Make]) -> None:
    pulled(db, api)
    api.asked.clear()
    api.put("extendedBookings", {"booking": make.booking(3, 4, updatedDate=AFTER)})
    api.put("attendances", make.attendance(7, "NOT_ATTENDED", updatedDate=AFTER))
    second = pulled(db, api, Clock(1))
    assert second.since == BEGAN - dt.timedelta(hours=1)
    asked = [body["query"]["filter"] for key, body in api.asked if key == "extendedBookings"]
    assert asked == [{"updatedDate": {"$gte": "2026-03-10T11:00:00.000Z"}}]
    fields = {name for key, body in api.asked if key == "attendances" for name in body["query"]["filter"]}
    assert fields == {"bookingId"}
    assert rows(db, f"select participants from booking where id = '{make.guid(3, 1)}'") == [(4,)]
    assert rows(db, f"select status from attendance where id = '{make.guid(7, 2)}'") == [("NOT_ATTENDED",)]


@pytest.mark.long
def test_what_is_gone_at_the_source_goes_on_a_full_pull_only(db: Path, api: Api, make: type[Make]) -> None:
    pulled(db, api)
    gone = make.guid(5, 2)
    del api.lists["attendances"][gone]
    del api.lists["extendedBookings"][make.guid(5, 1)]["attendance"]
    pulled(db, api, Clock(1))
    assert counts(db) == (250, 250, 0)
    pulled(db, api, Clock(2), full=True)
    assert counts(db) == (250, 249, 0)
    found = rows(db, "select id::varchar, deleted_at from deleted_attendance")
    assert found == [(gone, Clock(2).at.replace(tzinfo=None))]
    assert replay(db, settings=DEFAULT).outcomes
    assert counts(db) == (250, 249, 0), "older pages do not bring it back"
    api.put("attendances", make.attendance(5))
    pulled(db, api, Clock(3), full=True)
    assert counts(db) == (250, 250, 0), "the source has it again"
    assert rows(db, "select * from deleted_attendance") == []


@pytest.mark.long
def test_what_only_slipped_through_the_pages_stays(db: Path, api: Api, make: type[Make]) -> None:
    """An attendance is hidden while pages are turned, and is there when asked for by its id."""
    pulled(db, api)
    hidden = api.lists["attendances"].pop(make.guid(9, 2))
    del api.lists["extendedBookings"][make.guid(9, 1)]["attendance"]

    def back(_: int, key: str) -> None:
        if key == "attendances" and "id" in api.asked[-1][1]["query"].get("filter", {}):
            api.put("attendances", hidden)

    api.before = back
    pulled(db, api, Clock(1), full=True)
    assert counts(db) == (250, 250, 0)


@pytest.mark.long
def test_what_is_not_the_apis_stays(db: Path, api: Api, make: type[Make], write: Write) -> None:
    """Marks of another site's booking, with an id of noshow's own, made by hand, and said after the pull began."""
    pulled(db, api)
    others = write(make.booking(900), make.attendance(900), make.attendance(901, id=None, bookingId=make.guid(6, 1)))
    late = write(make.attendance(902, bookingId=make.guid(8, 1), updatedDate="2026-03-20T00:00:00Z"))
    by_hand = {"bookingId": make.guid(7, 1), "eventId": make.event(777), "status": "ATTENDED"}
    with pipeline.open_store(db) as store:
        pipeline.ingest(store, [others, late], now=BEGAN)
        pipeline.set_attendance(store, {"attendance": by_hand}, allow_unknown=True, now=BEGAN)
    pulled(db, api, Clock(1), full=True)
    assert counts(db) == (251, 254, 0)
    assert rows(db, "select * from deleted_attendance") == []


@pytest.mark.long
def test_a_moved_booking_is_on_its_new_session_only(db: Path, api: Api, make: type[Make]) -> None:
    pulled(db, api)
    moved = make.booking(4, updatedDate=AFTER, slot={"eventId": make.event(4000)})
    mark = {"id": make.guid(4, 2), "status": "ATTENDED", "numberOfAttendees": 1}
    api.put("extendedBookings", {"booking": moved, "attendance": mark})
    for day, full in ((1, False), (2, True)):
        result = pulled(db, api, Clock(day), full=full)
        sessions = f"select session_id, outcome from booking_session where booking_id = '{make.guid(4, 1)}'"
        assert rows(db, sessions) == [(make.event(4000), "unmarked")]
        left = f"select session_key, status from attendance where booking_id = '{make.guid(4, 1)}'"
        assert rows(db, left) == [(make.event(4), "ATTENDED")], "the mark stays where it was made"
        assert sum(outcome.loaded for outcome in result.outcomes) == (0 if full else 1)


def test_what_changes_while_pages_are_turned_is_not_set_aside(db: Path, api: Api, make: type[Make]) -> None:
    """The same mark is listed twice, the second time as it has become, and neither has a date."""
    api.lists["attendances"] = {make.guid(n, 2): make.attendance(n) for n in range(250)}

    def change(number: int, key: str) -> None:
        if key == "attendances":
            api.lists["attendances"]["ffffffff-ffff-4fff-8fff-ffffffffffff"] = make.attendance(1, "NOT_ATTENDED")

    api.before = change
    pulled(db, api)
    assert counts(db) == (250, 250, 0)
    assert rows(db, f"select status from attendance where id = '{make.guid(1, 2)}'") == [("NOT_ATTENDED",)]


def test_a_run_that_dies_goes_on_where_it_stopped(db: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run dies at its third answer; no record is served twice."""
    monkeypatch.setattr("pipeline.pulling.source.AT_ONCE", 1)
    runs = 0
    while True:
        runs += 1
        last = len(api.asked) + 2
        api.fault = lambda number, key, last=last: Fault(403) if number >= last else None  # type: ignore[misc]
        try:
            pulled(db, api)
            break
        except queries.DataRefused:
            assert not saved_pulls(db)[-1].terms.finished_at
    assert runs > 3
    assert counts(db) == (250, 250, 0)
    assert set(api.served.values()) == {1}


def test_another_sites_pages_are_not_gone_on_with(db: Path, api: Api) -> None:
    api.fault = lambda number, key: Fault(403) if number else None
    with pytest.raises(queries.DataRefused):
        pulled(db, api)
    with pytest.raises(queries.InputNotFound):
        pulled(db, api, Clock(1), settings={"site_id": "another"})
    assert len(saved_pulls(db)) == 2


@pytest.mark.long
def test_only_the_last_pulls_are_kept(db: Path, api: Api) -> None:
    for day in range(4):
        pulled(db, api, Clock(day), full=True, settings={"pulls_kept": 2})
    assert [saved.terms.started_at.day for saved in saved_pulls(db)] == [12, 13]


@pytest.mark.long
def test_saved_pages_make_a_lost_database_again(db: Path, api: Api) -> None:
    pulled(db, api)
    api.lists["extendedBookings"][api.lists["attendances"].popitem()[1]["bookingId"]].pop("attendance")
    pulled(db, api, Clock(1), full=True)
    before = rows(db, "select id, status from attendance order by id")
    assert len(before) == 249
    for file in db.parent.glob("attendance.*"):
        if file.is_file():
            file.unlink()
    replay(db, settings=DEFAULT)
    assert rows(db, "select id, status from attendance order by id") == before


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_key_and_site_are_in_no_file_and_no_output(db: Path, api: Api, run: Run, tmp_path: Path) -> None:
    log = tmp_path / "log.ndjson"
    whole = run("pull", "--db", db, "-vv", "--log", log, "--json", **api.env())
    assert whole.returncode == 0, whole.stderr
    assert sum(outcome["read"] for outcome in json.loads(whole.stdout)) == 501
    api.fault = lambda number, key: Fault(403)
    refused = run("pull", "--full", "--db", db, "-vv", "--log", log, **api.env())
    assert refused.returncode == 65
    assert refused.stderr.splitlines()[-1].startswith("noshow: the key may not read")
    shown = run("settings", "--db", db, **api.env())
    assert shown.returncode == 0
    for text in (whole.stdout, whole.stderr, refused.stderr, shown.stdout):
        assert not [secret for secret in (KEY, SITE) if secret in text]
    assert len(files_in(tmp_path)) > 10
    assert not [path for path in files_in(tmp_path) for text in (KEY, SITE) if text.encode() in unpacked(path)]


@pytest.mark.long
def test_pages_of_a_person_are_erased(db: Path, api: Api, make: type[Make]) -> None:
    contact, email = "b6419c6a-9e44-5d09-803d-8b0f45406dc7", "emma@example.com"
    details = {"contactId": contact, "firstName": "Emma", "lastName": "Adler", "email": email, "phone": "+353851234567"}
    said = {"additionalFields": [{"value": "sister of Nora Quill"}], "contactDetails": details}
    api.put("extendedBookings", {"booking": make.booking(11, updatedDate=BEFORE, **said)})
    api.put("services", {"id": make.guid(2, 3), "name": "Pilates", "type": "CLASS", "tagLine": f"ask {email}"})
    pulled(db, api)
    sought = [text.encode() for text in (contact, email, "Emma", "Adler", "851234567", "Quill")]
    parts = saved_parts(db)
    assert len({part for part in parts for line in lines_of(part) for text in sought if text in line}) == 2
    erased = pipeline.erase(db, contact)
    assert (erased.bookings, erased.pages) == (1, 2)
    assert saved_parts(db) == parts
    assert not [path for path in files_in(db.parent) for text in sought if text in unpacked(path)]
    api.put("services", {"id": make.guid(2, 3), "name": "Pilates", "type": "CLASS"})
    for again in (lambda: replay(db, settings=DEFAULT), lambda: pulled(db, api, Clock(1), full=True)):
        again()
        assert rows(db, "select count(*), count(contact_id), count(contact_name) from booking") == [(250, 249, 249)]
        assert counts(db) == (250, 250, 0)
        assert not [path for path in files_in(db.parent) for text in sought if text in unpacked(path)]


def test_a_night_pulls_and_an_api_that_is_away_fails_it(run: Run, api: Api) -> None:
    night = {"NOSHOW_NIGHTLY": '{"pull": true, "check": {"max_age": 36}}'}
    pulled = run("nightly", **night, **api.env())
    assert pulled.returncode == 0, pulled.stderr
    assert "done     pull: 501 records read, 501 loaded, 0 set aside" in pulled.stdout
    away = {"NOSHOW_API_ADDRESS": "http://127.0.0.1:9", "NOSHOW_PULL_MINUTES": "1"}
    again = run("nightly", **night, **api.env() | away)
    # It is done, so nothing is asked.
    assert (again.returncode, again.stdout) == (0, pulled.stdout)
