"""Fit the rows of a file to a mapping: the columns that it reads, their missing texts, and columns turned into rows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import polars as pl

from pipeline.faults import Refused
from pipeline.mapping.identity import BLANKS
from pipeline.mapping.model import COLUMN, FILE, OPTIONAL, ROW, VALUE, Mapping, Plan, mistake
from pipeline.sources.headers import clean_name

# Rows made of one chunk are evaluated in parts of about so many.
_ROWS_A_PART = 100_000
_SHOWN = 8


class Rows:
    """The rows of one file as a mapping reads them.

    Raises `Refused` if the mapping does not fit the file's columns: the file is at fault, and others may still fit.
    """

    def __init__(self, mapping: Mapping, plan: Plan, columns: Sequence[str], file: str) -> None:
        self._mapping = mapping
        self._file = file
        self._columns = columns
        self._by_fold: dict[str, list[str]] = {}
        for name in columns:
            self._by_fold.setdefault(name.lower(), []).append(name)
        self._check_let()
        self._made = [self._named(name, place) for name, place in plan.needed.items()]
        self._turned = self._turned_columns()
        # Names in subqueries may be columns of the file or the subquery's own; the binder knows.
        taken = {name.lower() for _, name in self._made}
        self._made += [(name, name) for name in columns if name.lower() in {*plan.perhaps} - taken]

    def fit(self, flat: pl.DataFrame) -> bool:
        """Whether a frame has these columns. Those of JSON differ from chunk to chunk."""
        return [name for name in flat.columns if name != "record"] == list(self._columns)

    def parts(self, flat: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the rows for the mapping, with `record`, in parts; one row for each cell if columns become rows."""
        size = max(1, _ROWS_A_PART // max(1, len(self._turned)))
        for start in range(0, max(1, flat.height), size if self._turned else max(1, flat.height)):
            yield self._part(flat[start : start + size] if self._turned else flat)

    def _part(self, flat: pl.DataFrame) -> pl.DataFrame:
        made = [
            (pl.lit(None, pl.String) if column is None else self._known(column)).alias(name)
            for column, name in self._made
        ]
        rows = flat.select("record", (pl.col("record") + 1).alias(ROW), pl.lit(self._file).alias(FILE), *made)
        return self._unpivoted(rows, flat) if self._turned else rows

    def _known(self, column: str) -> pl.Expr:
        """The column, with null for the texts that mean missing, whatever white space is around or in them."""
        text = pl.col(column)
        if not self._mapping.null:
            return text
        plain = text.str.replace_all(BLANKS, " ").str.strip_chars(" ")
        return pl.when(plain.is_in([" ".join(null.split()) for null in self._mapping.null])).then(None).otherwise(text)

    def _unpivoted(self, rows: pl.DataFrame, flat: pl.DataFrame) -> pl.DataFrame:
        cells = flat.select("record", *(self._known(name).alias(f"{at}") for at, name in enumerate(self._turned)))
        long = cells.unpivot(index="record", variable_name="at", value_name=VALUE).with_columns(
            pl.col("at").cast(pl.Int64)
        )
        names = pl.DataFrame({"at": range(len(self._turned)), COLUMN: self._turned}, schema_overrides={"at": pl.Int64})
        return (
            rows.join(long.join(names, on="at"), on="record", how="left")
            .sort("record", "at", maintain_order=True)
            .drop("at")
        )

    def _check_let(self) -> None:
        for name in self._mapping.let:
            if same := self._by_fold.get(name.lower()):
                raise self._refused(
                    f"[let] {name}",
                    f"the file has a column {same[0]}, which SQL takes for the same name",
                    "Give the expression another name in every place that uses it",
                )

    def _named(self, name: str, place: object) -> tuple[str | None, str]:
        """The column of the file that a name in the mapping means, and the name."""
        is_optional = name.startswith(OPTIONAL)
        # Blanks around a name in the header are taken away when it is read, but a mapping may have them.
        wanted = clean_name(name.removeprefix(OPTIONAL))
        same = self._by_fold.get(wanted.lower(), [])
        # Of two columns Result and result the second is called result_2 when the file is read.
        renamed = [column for column in self._columns if re.fullmatch(re.escape(wanted) + r"_\d+", column)]
        if same and wanted not in same and renamed:
            raise self._refused(
                place,
                f"{wanted} may be the column {same[0]} or the one that differs from it by case only",
                f"Write {same[0]} for the first, {renamed[0]} for the other",
            )
        if same:
            return wanted if wanted in same else same[0], name
        if is_optional:
            return None, name
        near = difflib.get_close_matches(wanted.lower(), self._by_fold, n=3, cutoff=0.5)
        given = [self._by_fold[key][0] for key in near] or list(self._columns[:_SHOWN])
        more = "" if near or len(self._columns) <= _SHOWN else f" and {len(self._columns) - _SHOWN} more"
        raise self._refused(
            place,
            f"no column {wanted}; the file has {', '.join(given)}{more}",
            f'Correct the mapping, or write column("{wanted}") for a column that only some files have',
        )

    def _turned_columns(self) -> list[str]:
        wanted = self._mapping.unpivot
        # `S*` fits the column Student too. A column that the mapping reads by its name is not one of the cells, unless
        # [unpivot] gives the same name.
        read = {column for column, _ in self._made}
        turned = [
            name
            for name in self._columns
            if name in wanted or (name not in read and any(fnmatchcase(name, one) for one in wanted))
        ]
        ours = [name for name in self._columns if wanted and name.lower() in (COLUMN, VALUE)]
        if ours:
            raise self._refused("[unpivot] columns", f"the file has a column {ours[0]} itself", "Rename it in the file")
        if wanted and not turned:
            raise self._refused(
                "[unpivot] columns",
                f"no column fits {', '.join(wanted)}; the file has {', '.join(self._columns[:_SHOWN])}",
                "Correct the mapping and load again",
            )
        return turned

    def _refused(self, place: object, reason: str, hint: str) -> Refused:
        error = mistake(self._mapping.path, place, reason, hint)
        return Refused(error.code, error.message, error.hint)
