"""`noshow pull` where the API's records have changed, saved pages are damaged, and pulls leave something out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.api import KEYS, Api, Fault
from support.fixtures import Run
from support.pulled import BEFORE, Clock, counts, pulled, rows
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.store.saved_pulls import SavedPull, saved_pulls

Change = Callable[[dict[str, Any]], dict[str, Any]]


def answering(api: Api, monkeypatch: pytest.MonkeyPatch, key: str, change: Change) -> None:
    """Serve the site's records under a key as `change` makes them."""
    as_it_is = api.answer

    def answer(asked: str, body: dict[str, Any]) -> bytes:
        page = json.loads(as_it_is(asked, body))
        if asked == key:
            page[key] = [change(record) for record in page[key]]
        return json.dumps(page).encode()

    monkeypatch.setattr(api, "answer", answer)


@pytest.mark.long
@pytest.mark.parametrize("key", few(KEYS.values(), 1))
def test_records_without_ids_are_told_and_nothing_counts_as_gone(
    db: Path, api: Api, make: type[Make], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    when = {"start": {"localDate": "2026-03-02T18:00:00", "timeZone": "Europe/Dublin"}, "type": "CLASS"}
    api.lists["events"] = {make.event(n): {"id": make.event(n), "scheduleId": "yoga", **when} for n in range(3)}
    for entry in api.lists["extendedBookings"].values():
        entry.pop("attendance")
    assert not any(outcome.refused for outcome in pulled(db, api).outcomes)
    before = counts(db)
    with monkeypatch.context() as patch:
        answering(api, patch, key, lambda record: {"key": record.pop("id", None), "was": record})
        with pytest.raises(queries.DataRefused, match=f"the API's answer has changed: no {key} with an id in it"):
            pulled(db, api, Clock(1), full=True)
    assert counts(db) == before
    assert pulled(db, api, Clock(2), full=True).gone_on
    assert counts(db) == before
    assert rows(db, "select * from deleted_attendance") == []


@pytest.mark.long
def test_what_was_refused_is_fetched_again_and_alone(
    db: Path, api: Api, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        answering(api, patch, "attendances", lambda record: {"id": record["id"], "mark": 1})
        result = run("pull", "--db", db, **api.env())
    assert result.returncode == 65
    assert result.stderr.count("\n") == 1
    assert "noshow: attendance: the API's answer is refused: no attendance" in result.stderr
    api.asked.clear()
    api.lists["attendances"].popitem()
    result = run("pull", "--db", db, **api.env())
    assert (result.returncode, result.stderr) == (0, "noshow: pulled everything, begun by an earlier run\n")
    assert {key for key, _ in api.asked} == {"attendances"}
    assert saved_pulls(db)[-1].terms.finished_at


def test_records_of_which_none_is_valid_are_told_in_a_line(
    db: Path, api: Api, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(api, monkeypatch, "attendances", lambda record: record | {"status": "CAME"})
    result = run("pull", "--db", db, **api.env())
    assert result.returncode == 65
    assert result.stderr.startswith(
        "noshow: attendance: the API's answer has changed: none of 250 records is valid. See `noshow quarantine list`"
    )
    assert result.stderr.count("\n") == 1


def begun(db: Path, api: Api) -> SavedPull:
    """A pull that stopped in the midst of its walks."""
    api.fault = lambda number, key: Fault(403) if number >= 5 else None
    with pytest.raises(queries.DataRefused):
        pulled(db, api)
    api.fault = lambda number, key: None
    return saved_pulls(db)[-1]


def cut(text: bytes) -> bytes:
    return text[:-20]


def turned(text: bytes) -> bytes:
    middle = len(text) // 2
    return text[:middle] + bytes([text[middle] ^ 255]) + text[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, turned])
def test_a_walk_whose_saved_pages_are_damaged_is_made_anew(
    db: Path, api: Api, damage: Callable[[bytes], bytes]
) -> None:
    saved = begun(db, api)
    for part in saved.all_parts():
        part.write_bytes(damage(part.read_bytes()))
    assert pulled(db, api).gone_on
    assert counts(db) == (250, 250, 0)


def test_a_damaged_note_of_a_pull_is_one_line(db: Path, api: Api, run: Run) -> None:
    folder = begun(db, api).folder
    (folder / "pull.json").write_text("{")
    for command in (("pull",), ("erase", "--contact", "nobody")):
        result = run(*command, "--db", db, **api.env())
        assert result.returncode == 65
        hint = f"Remove the folder {folder}, and pull again"
        assert result.stderr == f"noshow: {folder / 'pull.json'}: a saved file is damaged. {hint}\n"


@pytest.mark.long
def test_a_pull_of_everything_is_finished_before_a_since(db: Path, api: Api, run: Run) -> None:
    folder = begun(db, api).folder
    result = run("pull", "--since", "2026-03-05", "--db", db, **api.env())
    assert result.returncode == 2
    hint = f"Finish it first with `noshow pull`, or give it up: remove the folder {folder}"
    assert result.stderr == f"noshow: a pull of everything has begun and is not finished. {hint}\n"
    assert pulled(db, api).gone_on
    assert counts(db) == (250, 250, 0)
    assert not pulled(db, api, Clock(1), since=Clock().at).gone_on


@pytest.mark.long
def test_what_a_later_since_leaves_out_comes_with_the_next_pull(db: Path, api: Api, make: type[Make]) -> None:
    pulled(db, api)
    first = Clock().at
    api.put("extendedBookings", {"booking": make.booking(3, 4, updatedDate="2026-03-12T09:00:00Z")})
    since = first + dt.timedelta(days=8)
    assert pulled(db, api, Clock(10), since=since).since == since
    participants = f"select participants from booking where id = '{make.guid(3, 1)}'"
    assert rows(db, participants) == [(1,)]
    assert pulled(db, api, Clock(11)).since == first - dt.timedelta(hours=1)
    assert rows(db, participants) == [(4,)]
    assert pulled(db, api, Clock(12)).since == Clock(11).at - dt.timedelta(hours=1)


@pytest.mark.long
def test_a_first_since_tells_that_what_is_older_is_not_there(db: Path, api: Api, run: Run, make: type[Make]) -> None:
    api.put("extendedBookings", {"booking": make.booking(3, updatedDate="2026-03-12T09:00:00Z")})
    pull, since = ("pull", "--db", db), "2026-03-05T00:00:00+00:00"
    first = run(*pull, "--since", "2026-03-05", **api.env())
    older = "older records are not pulled: `noshow pull --full` fetches them"
    assert (first.returncode, first.stderr) == (0, f"noshow: pulled all changes since {since}; {older}\n")
    assert counts(db)[0] == 1
    again = run(*pull, "--since", "2026-03-05", **api.env())
    assert (again.returncode, again.stderr) == (0, f"noshow: pulled all changes since {since}\n")
    assert run(*pull, "--full", **api.env()).stderr == "noshow: pulled everything\n"
    assert counts(db)[0] == 250


def test_a_page_that_a_killed_pull_left_half_written_goes_with_the_person(db: Path, api: Api, make: type[Make]) -> None:
    details = {"contactDetails": {"contactId": make.guid(700, 4), "firstName": "Emma", "lastName": "Adler"}}
    api.put("extendedBookings", {"booking": make.booking(11, updatedDate=BEFORE, **details)})
    pulled(db, api)
    left = saved_pulls(db)[-1].folder / ".bookings.0001.ndjson.gz.new"
    left.write_bytes(b"half a page")
    pipeline.erase(db, make.guid(700, 4))
    assert not left.exists()
