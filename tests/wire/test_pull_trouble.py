"""`noshow pull` where the API's records have changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from api import KEYS, Api
from pulled import Clock, counts, pulled, rows

import queries
from pipeline.pulling.saved import saved_pulls

Change = Callable[[dict[str, Any]], dict[str, Any]]


def answering(api: Api, monkeypatch: pytest.MonkeyPatch, key: str, change: Change) -> None:
    """The site's records under a key come out as `change` makes them."""
    as_it_is = api.answer

    def answer(asked: str, body: dict[str, Any]) -> bytes:
        page = json.loads(as_it_is(asked, body))
        if asked == key:
            page[key] = [change(record) for record in page[key]]
        return json.dumps(page).encode()

    monkeypatch.setattr(api, "answer", answer)


@pytest.mark.parametrize("key", KEYS.values())
def test_records_without_ids_are_told_and_nothing_counts_as_gone(
    db: Path, api: Api, make: Any, monkeypatch: pytest.MonkeyPatch, key: str
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


def test_what_was_refused_is_fetched_again_and_alone(
    db: Path, api: Api, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        answering(api, patch, "attendances", lambda record: {"id": record["id"], "mark": 1})
        result = run("pull", "--db", db, **api.env())
    assert result.returncode == 65
    assert result.stderr.count("\n") == 1
    assert "noshow: attendance: what the API answered is refused: no attendance" in result.stderr
    api.asked.clear()
    api.lists["attendances"].popitem()
    result = run("pull", "--db", db, **api.env())
    assert (result.returncode, result.stderr) == (0, "noshow: pulled everything, begun by an earlier run\n")
    assert {key for key, _ in api.asked} == {"attendances"}
    assert saved_pulls(db)[-1].terms.finished_at


def test_records_of_which_none_is_valid_are_told_in_a_line(
    db: Path, api: Api, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(api, monkeypatch, "attendances", lambda record: record | {"status": "CAME"})
    result = run("pull", "--db", db, **api.env())
    assert result.returncode == 65
    assert result.stderr.startswith(
        "noshow: attendance: the API's answer has changed: none of 250 records is valid. See `noshow quarantine list`"
    )
    assert result.stderr.count("\n") == 1
