"""The two ways in which input is turned down: a fault of one record, and a refusal of the whole file."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.printable import printable
from queries.model.rules import message


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken by a record: the record's number in the file, and a JSON pointer to the field.

    `detail` says more, such as the expression of a mapping that failed. It does not make two faults different.
    """

    record: int
    rule: str
    pointer: str = ""
    detail: str = field(default="", compare=False)

    @property
    def message(self) -> str:
        """The broken rule in words."""
        return message(self.rule, self.pointer.rsplit("/", 1)[-1] or None)


class Refused(Exception):
    """The whole file cannot be trusted, so nothing of it is loaded. `code` is a name such as `file.json_syntax`."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = printable(message)
        self.hint = hint
        super().__init__(self.message)
