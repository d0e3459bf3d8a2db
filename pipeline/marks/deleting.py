"""Delete attendance by request, so that older exports do not bring it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl

from pipeline.load.file_load import FileLoad
from pipeline.marks.bulk import bulk_answer, bulk_list, result
from pipeline.marks.setting import after_stored, mark_load
from pipeline.marks.violations import only
from pipeline.store.ledger import next_load_id, write_load
from pipeline.store.opening import Store
from queries.errors import AttendanceNotFound, NoshowError
from queries.language.requests import Request, read_body
from queries.listings.attendance import get_attendance
from queries.moments import naive_utc
from queries.wire import BulkResponse


def delete_attendance(store: Store, attendance_id: str, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """Delete a mark, so that older exports do not bring it back, and return {}. Raises `AttendanceNotFound`."""
    stored = get_attendance(store.connection, attendance_id)["attendance"]
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    deletion = pl.DataFrame(
        {"record": [0], "id": [stored["id"]], "deleted_at": [_after(store, stored["id"], moment)]}
    ).with_columns(event_sequence=pl.lit(None, pl.Int64))
    with _recorded(store, "delete_attendance", {"id": stored["id"]}, moment) as staging:
        staging.stage("deleted_attendance", deletion)
        staging.settle(False, False)
        staging.merge(1)
    return {}


def bulk_delete_attendances(store: Store, request: Request, *, now: dt.datetime | None = None) -> BulkResponse:
    """Delete up to eight marks, {"attendanceIds": [...]}; return results and bulkActionMetadata. Each fails alone."""
    body = read_body(request)
    only(body, ("attendanceIds",), "")
    results = []
    for index, attendance_id in enumerate(bulk_list(body.get("attendanceIds"), "attendanceIds")):
        try:
            delete_attendance(store, attendance_id, now=now)
            results.append(result(index, str(attendance_id).lower(), None))
        except NoshowError as error:
            known = attendance_id if isinstance(error, AttendanceNotFound) else None
            results.append(result(index, known, error))
    return bulk_answer(results)


def _after(store: Store, attendance_id: str, now: dt.datetime) -> dt.datetime:
    rows = store.connection.execute(
        "select updated_at from attendance where id = $id::uuid "
        "union all select deleted_at from deleted_attendance where id = $id::uuid",
        {"id": attendance_id},
    ).fetchall()
    return after_stored((moment for (moment,) in rows), now)


@contextmanager
def _recorded(store: Store, call: str, request: Mapping[str, Any], now: dt.datetime) -> Iterator[FileLoad]:
    """A transaction with a row in the ledger; if anything in it fails, all of it is undone."""
    connection = store.connection
    load_id = next_load_id(connection)
    with store.transaction():
        yield FileLoad(connection, load_id, call, now)
        write_load(connection, mark_load(load_id, call, request, now))
