"""What is wrong with a record: one value per broken rule, gathered until the record goes to quarantine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.schema.rules import message


@dataclass(frozen=True, slots=True)
class Fault:
    """A record (its number in the file) breaks a rule at a place (JSON pointer within the record)."""

    record: int
    rule: str
    pointer: str = ""

    @property
    def message(self) -> str:
        """The broken rule in words."""
        field = self.pointer.rsplit("/", 1)[-1]
        return message(self.rule, field or None)


class Refused(Exception):
    """The whole file cannot be trusted: nothing of it is loaded. `code` is like file.json_syntax."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = printable(message)
        self.hint = hint
        super().__init__(self.message)


MAX_SHOWN = 400
# C0 and C1 controls, lone surrogates, and what turns the direction of writing or starts a line unseen.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str, limit: int = MAX_SHOWN) -> str:
    """Text that may hold names from data, fit for a terminal: controls as \\x1b, and no longer than `limit`."""
    shown = _UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], text)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
