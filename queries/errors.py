"""The errors a user can cause, each with a code, one clear message and a hint: the tree every package raises from.

    NoshowError
    ├── UsageError            what was asked for makes no sense
    │   └── FilterError       a filter names an unknown field or operator, or a value of the wrong type
    ├── InputNotFound         a file or a database is not there
    ├── DataRefused           what is there cannot be trusted: a broken file, a wrong mapping, a foreign database
    ├── OutputFailed          the disk, a folder or a file cannot be written
    └── StoreBusy             another process is writing to the same database

Anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations


class NoshowError(Exception):
    """A user's mistake or a state of the machine, in words.

    `code` is stable and meant for programs, `message` says what and where, `hint` what to do.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


class UsageError(NoshowError):
    """What was asked for makes no sense, whatever the data."""


class FilterError(UsageError):
    """A filter that cannot be compiled; `path` is a JSON pointer into it."""

    def __init__(self, code: str, path: str, message: str, hint: str = "") -> None:
        super().__init__(code, f"filter at {path or '/'}: {message}", hint)
        self.path = path


class InputNotFound(NoshowError):
    """A file, folder or database that is not there."""


class DataRefused(NoshowError):
    """Input that is there and cannot be trusted."""


class OutputFailed(NoshowError):
    """Something could not be written or read: disk, folder, permission."""


class StoreBusy(NoshowError):
    """Another process holds the database for writing."""
