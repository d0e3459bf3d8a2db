"""What is wrong with a record: one value per broken rule, gathered until the record goes to quarantine."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.printable import printable
from queries.model.rules import message


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
