"""Run SQL over the rows of a file, all at once, or around the rows on which it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import polars as pl

from pipeline.mapping.bounds import stopped_in_time
from pipeline.mapping.comparisons import quoted
from pipeline.mapping.model import Watched
from pipeline.mapping.planning import sandbox
from pipeline.mapping.unmet import NOTHING_MISSED

# The values of an expression by row, null when it fails, and whether it fails.
Tried = tuple[pl.Series, pl.Series]


class Selecting:
    """A connection for the SQL of one mapping. `source` are common table expressions that make `source` of the rows.

    Its methods raise `duckdb.Error` for SQL that fails, and `TooSlow`.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._connection = sandbox()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def queried(self, rows: pl.DataFrame, statement: str) -> pl.DataFrame:
        """The rows of a whole statement, which reads `rows` as the table `file_rows`."""
        self._connection.register("file_rows", rows.to_arrow())
        with stopped_in_time(self._connection):
            frame: pl.DataFrame = self._connection.sql(statement).pl()
        return frame

    def select(self, rows: pl.DataFrame, columns: str, condition: str = "true", made: str = "") -> pl.DataFrame:
        """Select from the rows with the named expressions, and with the column `made` if it is given."""
        inner = f"(select *, {made} from source)" if made else "source"
        return self.queried(rows, f"{self._source} select {columns} from {inner} where {condition}")

    def tried(self, sql: str, rows: pl.DataFrame) -> Tried:
        """The values of an expression, and whether it fails, by row."""
        for made in (f"struct_pack(v := {sql})", _under_try(sql)):
            try:
                found = self.select(rows, "t.v as value, t is null as failed", "true", f"{made} as t")
                return found["value"], found["failed"]
            except duckdb.Error:
                continue
        # A subquery or a function such as random cannot stand under `try`.
        return self._bisected(sql, rows)

    def all_tried(self, expressions: Iterable[str], rows: pl.DataFrame) -> list[Tried]:
        """As `tried` for several expressions, by one statement.

        To bind a statement over the columns and the named expressions takes longer than to evaluate it, so that one for
        each of 24 fields took ten times as long. Raises `duckdb.Error` if one of them cannot stand under `try`.
        """
        made = [f'{_under_try(sql)} as "_tried {at}"' for at, sql in enumerate(expressions)]
        columns = (
            f'"_tried {at}".v as "value {at}", "_tried {at}" is null as "failed {at}"' for at in range(len(made))
        )
        found = self.select(rows, ", ".join(columns), "true", ", ".join(made))
        return [(found[f"value {at}"], found[f"failed {at}"]) for at in range(len(made))]

    def without_constant(self, rows: pl.DataFrame, watched: Sequence[Watched]) -> pl.DataFrame:
        """The values of the watched columns that met no constant: `record`, `name`, `value`."""
        if not watched:
            return NOTHING_MISSED
        values = (f'case when {one.missed} then {one.value}::varchar end as "{at}"' for at, one in enumerate(watched))
        missed = " or ".join(one.missed for one in watched)
        try:
            wide = self.select(rows, ", ".join(["record", *values]), missed)
        except duckdb.Error:
            columns = "record, {} as name, {}::varchar as value"
            found = [
                self._where_possible(rows, columns.format(quoted(one.name), one.value), one.missed) for one in watched
            ]
        else:
            found = [
                wide.select("record", name=pl.lit(one.name), value=f"{at}").drop_nulls()
                for at, one in enumerate(watched)
            ]
        return pl.concat([NOTHING_MISSED, *found], how="vertical_relaxed")

    def _where_possible(self, rows: pl.DataFrame, columns: str, condition: str) -> pl.DataFrame:
        """Select from the rows on which nothing fails, such as a named expression that is compared."""
        try:
            return self.select(rows, columns, condition)
        except duckdb.Error:
            if rows.height <= 1:
                return NOTHING_MISSED
        half = rows.height // 2
        parts = [self._where_possible(part, columns, condition) for part in (rows[:half], rows[half:])]
        return pl.concat(parts, how="vertical_relaxed")

    def _bisected(self, sql: str, rows: pl.DataFrame) -> Tried:
        """As `tried`, by halves: a half without an error is done with at once."""
        try:
            found = self.select(rows, f"{sql} as value")["value"]
            return found, pl.Series("failed", [False] * rows.height, pl.Boolean)
        except duckdb.Error:
            if rows.height <= 1:
                return pl.Series("value", [None] * rows.height), pl.Series("failed", [True] * rows.height, pl.Boolean)
        half = rows.height // 2
        parts = [self._bisected(sql, part) for part in (rows[:half], rows[half:])]
        values = pl.concat([values.to_frame() for values, _ in parts], how="vertical_relaxed")["value"]
        return values, pl.concat([failed for _, failed in parts])


def _under_try(sql: str) -> str:
    """An expression in a struct, or null if it fails.

    DuckDB does not say which row made a statement fail. Under `try` a failing value is null, but so is a missing one:
    `try('abc'::int)` and `try(null::int)` look alike. In a struct they do not: the first gives no struct, the second
    one with a null in it.
    """
    return f"try(struct_pack(v := {sql}))"
