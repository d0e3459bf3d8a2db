"""Make several rows of each row by the `unnest` of a mapping, before anything else is evaluated.

    [let]
    cell = "unnest([{'day': '2026-06-01', 'mark': \\"S1\\"}, {'day': '2026-06-08', 'mark': \\"S2\\"}])"

gives two rows, with `cell.day` and `cell.mark`. Done first and once, the rows are the same for every entity, and a row
on which the expression fails is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import polars as pl

from pipeline.faults import Fault
from pipeline.mapping.planning import source_of

Select = Callable[[pl.DataFrame, str, str], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Unnesting:
    """The named expression that makes several rows of one: its name, and the SQL of [let] up to it."""

    name: str
    let: dict[str, str]

    def rows(self, rows: pl.DataFrame, select: Select) -> tuple[pl.DataFrame, list[Fault]]:
        """The rows with the column `name`, and a fault for each record on which the expression fails.

        `select` runs a query over rows: rows, common table expressions, columns.
        """
        parts, failed = self._parts(rows, select)
        faults = [Fault(record, "mapping_expression", f"/let/{self.name}", self._reason()) for record in failed]
        return pl.concat([self._made(rows.clear(), select), *parts]), faults

    def _parts(self, rows: pl.DataFrame, select: Select) -> tuple[list[pl.DataFrame], list[int]]:
        """The rows made, by halves if the expression fails: a half without an error is done with at once."""
        try:
            return [self._made(rows, select)], []
        except duckdb.Error:
            if len(rows["record"].unique()) <= 1:
                return [], rows["record"].unique().to_list()
        half = rows.height // 2
        (first, failed), (second, others) = (self._parts(part, select) for part in (rows[:half], rows[half:]))
        return [*first, *second], [*failed, *others]

    def _made(self, rows: pl.DataFrame, select: Select) -> pl.DataFrame:
        columns = ", ".join('"' + column.replace('"', '""') + '"' for column in (*rows.columns, self.name))
        return select(rows, source_of(self.let), columns)

    def _reason(self) -> str:
        return f"[let] {self.name} = {self.let[self.name]}: fails on this row"
