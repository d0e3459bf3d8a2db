"""The writer of `noshow serve`: marks that wait share a transaction, and answered marks are kept and shown."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest
from support.records import Make

import pipeline
import queries
from pipeline.marks.asked import Mark
from pipeline.serving.writer import Writer
from pipeline.store.files import StoreFiles
from pipeline.store.opening import Store
from queries.errors import OutputFailed, RequestRefused

SETTINGS = pipeline.Settings.model_validate({})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def writer(db: Path, said: list[str]) -> Iterator[Writer]:
    """A writer that is started by the test."""
    with pipeline.open_store(db, settings=SETTINGS):
        pass
    made = Writer(db, SETTINGS, said.append)
    yield made
    made.stop()


def mark(number: int, status: str = "ATTENDED", **more: Any) -> Mark:
    attendance = {"bookingId": Make.guid(number, 1), "eventId": Make.event(number), "status": status}
    return Mark(attendance | more, allow_unknown=True)


def statuses(db: Path) -> dict[str, str]:
    with queries.connect(db) as con:
        return dict(queries.attendance_frame(con).select("booking_id", "status").rows())


def results(answers: list[Future[Any]]) -> list[Any]:
    wait(answers, 60)
    return [answer.exception() or answer.result() for answer in answers]


def test_marks_that_wait_share_a_transaction_and_have_a_load_each(db: Path, writer: Writer) -> None:
    """Of two marks of one session the second counts, and one that is refused does not undo the others."""
    asked = [mark(1), mark(2), mark(3, numberOfAttendees=-1), mark(1, "NOT_ATTENDED"), mark(4)]
    answers = [writer.write(one) for one in asked]
    writer.start()
    found = results(answers)
    assert isinstance(found.pop(2), RequestRefused)
    assert [one["attendance"]["status"] for one in found] == ["ATTENDED", "ATTENDED", "NOT_ATTENDED", "ATTENDED"]
    writer.show()
    expected = {Make.guid(number, 1): "NOT_ATTENDED" if number == 1 else "ATTENDED" for number in (1, 2, 4)}
    assert statuses(db) == expected
    lines = [json.loads(line).get("loads") for line in StoreFiles(db).journal.read_text().splitlines()]
    assert [len(loads) for loads in lines if loads] == [2, 2]
    with queries.connect(db) as con:
        assert queries.loads(con).select("loaded", "read").rows() == [(1, 1)] * 4


def test_a_bug_with_one_mark_does_not_undo_the_others(db: Path, writer: Writer) -> None:
    broken = Mark({"bookingId": object(), "eventId": Make.event(2), "status": "ATTENDED"})
    answers = [writer.write(one) for one in (mark(1), broken, mark(3))]
    writer.start()
    first, second, third = results(answers)
    assert isinstance(second, TypeError)
    assert {first["attendance"]["bookingId"], third["attendance"]["bookingId"]} == {Make.guid(1, 1), Make.guid(3, 1)}


def test_what_was_answered_is_published_later_if_it_cannot_be_now(
    db: Path, writer: Writer, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk. Readers go on with the snapshot that there is, and a line says so."""

    def fails(_: Store, **__: object) -> None:
        raise OutputFailed("output.io", "no space left", "Free some")

    writer.start()
    with monkeypatch.context() as patch:
        patch.setattr(Store, "publish", fails)
        (answer,) = results([writer.write(mark(1))])
        assert answer["attendance"]["status"] == "ATTENDED"
        writer.show()
    assert statuses(db) == {}
    assert any("no space left" in line for line in said)
    results([writer.write(mark(2))])
    writer.show()
    assert set(statuses(db)) == {Make.guid(1, 1), Make.guid(2, 1)}


def test_a_new_writer_publishes_what_a_killed_one_had_answered(
    db: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_: Store, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "publish", dies)
        with pytest.raises(KeyboardInterrupt), pipeline.open_store(db, settings=SETTINGS) as store:
            pipeline.set_attendance(store, {"attendance": mark(1).attendance}, allow_unknown=True)
    assert statuses(db) == {}
    writer.start()
    writer.stop()
    assert statuses(db) == {Make.guid(1, 1): "ATTENDED"}


def test_a_batch_waits_for_as_many_as_the_last_one_had(
    db: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients that were answered together come back one after another, and a batch takes as long for one as for all."""
    monkeypatch.setattr("pipeline.serving.writer.GATHER_SECONDS", 60)
    answers = [writer.write(mark(number)) for number in (1, 2, 3)]
    writer.start()
    results(answers)
    first = writer.write(mark(4))
    while not writer._waiting.empty():
        time.sleep(0.001)
    results([first, *(writer.write(mark(number)) for number in (5, 6))])
    lines = [json.loads(line).get("loads") for line in StoreFiles(db).journal.read_text().splitlines()]
    assert [len(loads) for loads in lines if loads] == [3, 3]
    monkeypatch.undo()
    results([writer.write(mark(7))])
    writer.show()
    assert len(statuses(db)) == 7
