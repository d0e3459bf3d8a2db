"""Errors that a user can cause, each with a code, one clear message and a hint. Every package raises from this tree:

    NoshowError
    ├── UsageError            arguments that make no sense
    │   ├── QueryError        a filter, sort or page in the query language is wrong, at a place in the request
    │   └── RequestRefused    a request to set or delete attendance breaks a rule
    ├── InputNotFound         a file or a database is not there
    │   └── RecordNotFound    no record of a database has the id asked for
    │       └── AttendanceNotFound
    ├── DataRefused           input that cannot be trusted: a broken file, a wrong mapping, a foreign database
    ├── OutputFailed          the disk, a folder or a file cannot be written
    └── StoreBusy             another process is writing to the same database

Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from queries.wire import ErrorResponse, FieldViolation


class NoshowError(Exception):
    """A user's mistake or a state of the machine, in words.

    `code` is stable and meant for programs; `message` names the problem and its place, `hint` says what to do; `path`
    is a JSON pointer into the request, or empty. An API answers with `http_status` and `to_wire()`.
    """

    http_status = 400

    def __init__(self, code: str, message: str, hint: str = "", path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.path = path

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message

    def to_wire(self) -> ErrorResponse:
        """The error as the API's body: an application error with its code."""
        data = {name: value for name, value in (("path", self.path), ("hint", self.hint)) if value}
        return {
            "message": self.message,
            "details": {"applicationError": {"code": self.code, "description": self.message, "data": data}},
        }


class UsageError(NoshowError):
    """Arguments that make no sense, whatever the data."""


class QueryError(UsageError):
    """A query that is wrong. `path` is a JSON pointer into the request, `code` is the API's or our own."""

    def __init__(self, code: str, path: str, message: str, hint: str = "") -> None:
        # A name in the request may be as long as the request itself.
        pointer = ascii(path)[1:-1][:200]
        super().__init__(code, f"query at {pointer}: {message}" if path else f"query: {message}", hint, path[:1_000])


@dataclass(frozen=True, slots=True)
class Violation:
    """A field of a request that breaks a rule: its dotted path, the problem in words, and the rule's name.

    `type` is the API's type of the rule, with `data` for it.
    """

    field: str
    description: str
    rule: str
    type: str = "OTHER"
    data: Mapping[str, Any] = dataclass_field(default_factory=dict)

    def to_wire(self) -> FieldViolation:
        """The violation as the API gives it. Only a rule of type OTHER has its name."""
        wire: FieldViolation = {"field": self.field, "description": self.description, "violatedRule": self.type}
        if self.type == "OTHER":
            wire["ruleName"] = self.rule
        if self.data:
            wire["data"] = dict(self.data)
        return wire


class RequestRefused(UsageError):
    """A request to set or delete attendance that breaks a rule, field by field."""

    def __init__(self, code: str, message: str, hint: str = "", violations: tuple[Violation, ...] = ()) -> None:
        path = "/" + violations[0].field.replace(".", "/") if violations else ""
        super().__init__(code, message, hint, path)
        self.violations = violations

    def to_wire(self) -> ErrorResponse:
        """A validation error that lists the fields, or an application error if no field is to blame."""
        if not self.violations:
            return super().to_wire()
        violations = [violation.to_wire() for violation in self.violations]
        return {"message": self.message, "details": {"validationError": {"fieldViolations": violations}}}


class InputNotFound(NoshowError):
    """A file, folder or database that is not there."""


class RecordNotFound(InputNotFound):
    """No record of a database has the id asked for."""

    http_status = 404


class AttendanceNotFound(RecordNotFound):
    """No attendance has the id asked for."""

    def __init__(self, attendance_id: str) -> None:
        super().__init__("ATTENDANCE_NOT_FOUND", f"no attendance has the id {attendance_id!a}", "Check the id")


class DataRefused(NoshowError):
    """Input that exists but cannot be trusted."""


class OutputFailed(NoshowError):
    """Something could not be written or read: disk, folder, permission."""


class StoreBusy(NoshowError):
    """Another process holds the database for writing."""

    http_status = 503
