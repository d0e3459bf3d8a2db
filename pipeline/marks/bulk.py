"""Read the list of a bulk call, and make its answer."""

from __future__ import annotations

from typing import Any

from pipeline.marks.violations import MAX_BULK, refused
from queries.errors import NoshowError, RequestRefused
from queries.wire import BulkActionMetadata, BulkResponse, BulkResult, ItemMetadata


def bulk_list(value: Any, name: str) -> list[Any]:
    """The list of that name, of 1 to 8 entries. Raises `RequestRefused`."""
    if not value:
        raise RequestRefused("ATTENDANCES_MISSING_IN_REQUEST", f"{name} is missing or empty", "Give 1 to 8")
    if not isinstance(value, list):
        raise refused(name, "a list is expected", "list_type")
    if len(value) > MAX_BULK:
        raise refused(name, f"{len(value)} entries, at most {MAX_BULK}", "list_size", value)
    return value


def result(index: int, attendance_id: str | None, error: NoshowError | None) -> BulkResult:
    """The result of one entry, {"itemMetadata"}."""
    metadata: ItemMetadata = {"originalIndex": index, "success": error is None}
    if attendance_id:
        metadata = {"id": attendance_id, "originalIndex": index, "success": error is None}
    if error:
        metadata["error"] = {"code": error.code, "description": error.message}
    return {"itemMetadata": metadata}


def bulk_answer(results: list[BulkResult]) -> BulkResponse:
    """The answer to the call, {"results", "bulkActionMetadata"}."""
    successes = sum(result["itemMetadata"]["success"] for result in results)
    totals: BulkActionMetadata = {
        "totalSuccesses": successes,
        "totalFailures": len(results) - successes,
        "undetailedFailures": 0,
    }
    return {"results": results, "bulkActionMetadata": totals}
