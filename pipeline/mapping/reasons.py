"""Say how a value at fault came about: the field, its expression as written, and the columns that it reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from pipeline.faults import Fault
from pipeline.mapping.model import OPTIONAL, Mapping, Plan
from pipeline.typing.typed_rows import pointer
from queries.model.entities import ENTITIES

_CHARACTERS = 60
_EXPRESSION = 120
_COLUMNS = 3


class Reasons:
    """The words for faults of mapped fields."""

    def __init__(self, mapping: Mapping, plan: Plan) -> None:
        self._mapping = mapping
        self._plan = plan

    def of_failures(self, entity: str, column: str, rows: pl.DataFrame) -> list[str]:
        """One reason for each row: `startDate = strptime("when", '%Y'): fails on when = '02.03.2026'`."""
        expression = self._expression(entity, column)
        if self._is_personal(entity, column):
            return [f"{expression}: fails on this row"] * rows.height
        return [f"{expression}: fails on {values}" for values in self._values(entity, column, rows)]

    def explained(self, entity: str, faults: Sequence[Fault], raw: pl.DataFrame, rows: pl.DataFrame) -> list[Fault]:
        """Add the value, the expression and the columns it reads to faults of mapped fields.

        `raw` is the entity's frame, `rows` the rows of the file.
        """
        names = [name for name in self._plan.fields[entity] if not self._is_personal(entity, name)]
        columns = {pointer(ENTITIES[entity].wire(name)): name for name in names}
        wrong = {fault.record for fault in faults if fault.pointer in columns}
        if not wrong:
            return list(faults)
        values = raw.filter(pl.col("record").is_in(list(wrong)))
        read = rows.filter(pl.col("record").is_in(list(wrong)))
        details = {
            place: self._details(entity, column, values, read)
            for place, column in columns.items()
            if any(fault.pointer == place for fault in faults)
        }
        return [
            replace(fault, detail=details.get(fault.pointer, {}).get(fault.record, "")) if not fault.detail else fault
            for fault in faults
        ]

    def _details(self, entity: str, column: str, raw: pl.DataFrame, rows: pl.DataFrame) -> dict[int, str]:
        """By record: `startDate = day: gives '2nd of May' for day = '2nd of May'`."""
        expression = self._expression(entity, column)
        sources = dict(zip(rows["record"], self._values(entity, column, rows), strict=True))
        # Of a row of a register that gives several values, the one at fault is not known.
        single = raw.select("record", column).unique(maintain_order=True).filter(~pl.col("record").is_duplicated())
        return {
            record: f"{expression}: gives {_shown(value)} for {sources[record]}"
            for record, value in single.iter_rows()
            if record in sources
        }

    def _is_personal(self, entity: str, column: str) -> bool:
        """Whether a value of the field identifies a person, so that it must not stand in a message."""
        return any(own.name == column for own in ENTITIES[entity].personal)

    def _expression(self, entity: str, column: str) -> str:
        """The field with its expression, and with the one behind it if that is only a name."""
        place = self._mapping.place(entity, column)
        texts = [place.text]
        while (text := self._mapping.let.get(texts[-1].strip())) is not None and text not in texts:
            texts.append(text)
        expressions = [self._mapping.said.get(text, text) for text in texts]
        return " = ".join([place.field, *(_cut(" ".join(text.split()), _EXPRESSION) for text in expressions)])

    def _values(self, entity: str, column: str, rows: pl.DataFrame) -> Iterable[str]:
        by_fold = {name.lower(): name for name in reversed(rows.columns)}
        read = [name.removeprefix(OPTIONAL) for name in self._plan.reads[entity, column]]
        names = [(name, by_fold[name.lower()]) for name in read if name.lower() in by_fold]
        if not names:
            return ["this row"] * rows.height
        return [
            ", ".join(f"{name} = {_shown(row[own])}" for name, own in names[:_COLUMNS])
            + (" and others" if len(names) > _COLUMNS else "")
            for row in rows.iter_rows(named=True)
        ]


def _shown(value: object) -> str:
    return "nothing" if value is None else f"'{_cut(str(value), _CHARACTERS)}'"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
