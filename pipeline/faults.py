"""The two ways in which input is turned down: a fault of one record, and a refusal of the whole file."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as data_field

from pipeline.printable import printable
from queries.model.rules import message


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken by a record: the record's number in the file, and a JSON pointer to the field.

    `detail` says how the value came about, if a mapping made it: the field, its expression and the columns it reads.
    `entity` is the entity of the field, if known. Neither makes two faults different.
    """

    record: int
    rule: str
    pointer: str = ""
    detail: str = data_field(default="", compare=False)
    entity: str = data_field(default="", compare=False)

    @property
    def message(self) -> str:
        """The broken rule in words."""
        return message(self.rule, self.field or None)

    @property
    def field(self) -> str:
        """The name of the field at fault, or an empty text for the whole record."""
        return self.pointer.rsplit("/", 1)[-1]


class Refused(Exception):
    """The whole file cannot be trusted, so nothing of it is loaded. `code` is a name such as `file.json_syntax`."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = printable(message)
        self.hint = hint
        super().__init__(self.message)
