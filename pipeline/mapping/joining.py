"""Join the rows of a second file to those of the first, such as a no-show report to a list of bookings.

    [join]
    file = "no-shows*.csv"
    on = {"Booking ID" = "Reference"}

The pair is one unit: it is hashed together, so a change of either file is read, and both are read as they are now.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import overload

import msgspec
import polars as pl

from pipeline.faults import Fault, Refused
from pipeline.mapping.identity import BLANKS
from pipeline.mapping.model import OPTIONAL, Join, Mapping, mistake
from pipeline.mapping.planning import plan_of
from pipeline.sources import Chunk, Chunks, SourceFile, Warn, read_chunks, sha256_of, source_files
from pipeline.sources.csv_records import csv_line, separator_of
from pipeline.sources.flattening import flattened
from pipeline.sources.headers import clean_name, named_columns

# A partner's line in its file, and the number of its row among those with a key.
_LINE, _ROW, _KEY = "\x02line", "\x02row", "\x02key"
# A whole number as a column of decimals writes it: 12.0.
_WHOLE = r"^(-?(?:0|[1-9]\d*))\.0+$"
_SHOWN = 5
_AT = "[join] file"
# Formats whose records need not all have the same fields.
_RECORDS = ("json", "ndjson", "parquet")


def read_joined(source: SourceFile, warn: Warn, encoding: str, mapping: Mapping | None) -> Chunks:
    """Read the chunks of a file as its mapping says: where its records lie, with the columns of a second file.

    Raises `Refused` if the second file is missing, cannot be read or lacks a column.
    """
    if mapping is None:
        return read_chunks(source, warn, encoding)
    chunks = read_chunks(source, warn, encoding, mapping.layout)
    if mapping.join is None:
        return chunks
    return _Joining(mapping, mapping.join, source, warn, encoding).joined(chunks)


def sha256_of_pair(source: SourceFile, mapping: Mapping | None) -> str:
    """Hash a file, together with those that its mapping joins to it."""
    first = sha256_of(source)
    if mapping is None or mapping.join is None:
        return first
    others = (sha256_of(partner) for partner in partners(source, mapping, mapping.join))
    return hashlib.sha256("\n".join([first, *others]).encode()).hexdigest()


def is_partner(source: SourceFile, join: Join) -> bool:
    """Whether a file is joined to others, by its name, and so is not read by itself."""
    return fnmatchcase(source.path.name, join.file)


def partners(source: SourceFile, mapping: Mapping, join: Join) -> list[SourceFile]:
    """The files beside a file, or beside it in its archive, that are joined to it. Raises `Refused` if there is none.

    They are in natural order.
    """
    if source.member:
        beside, _ = source_files([source.member.archive])
    else:
        paths = [path for path in source.path.parent.glob(join.file) if path.is_file()]
        beside = source_files(paths)[0] if paths else []
    found = [one for one in beside if is_partner(one, join) and one.path != source.path and not one.refused]
    if not found:
        where = source.path.parent if str(source.path.parent) != "." else "this folder"
        raise _refused(mapping, _AT, f"no file in {where} is called {join.file}", "Put it beside the other one")
    return found


class _Joining:
    """One file and those joined to it."""

    def __init__(self, mapping: Mapping, join: Join, source: SourceFile, warn: Warn, encoding: str) -> None:
        self._mapping = mapping
        self._join = join
        self._source = source
        self._warn = warn
        self._encoding = encoding

    def joined(self, chunks: Chunks) -> Chunks:
        """Yield the chunks with the columns of the partners; a row that fits several different ones is a fault."""
        files = partners(self._source, self._mapping, self._join)
        table = self._table(files)
        name = ", ".join(file.path.name for file in files)
        met = pl.Series("met", [0] * table.height, pl.Int64)
        named: dict[str, str] | None = None
        for chunk in chunks:
            flat = _flat(chunk)
            named = named or self._new_names(flat, table)
            joined, counts = self._with_partners(chunk, self._completed(flat, named), table, named)
            met += counts
            yield joined
        self._report(name, table, met)

    def _completed(self, flat: pl.DataFrame, named: dict[str, str]) -> pl.DataFrame:
        """The rows with each column that the mapping reads: a field may be missing from all records of a JSON chunk.

        Raises `Refused` if a field that only later records have has the name of a partner's column.
        """
        have, new = {name.lower() for name in flat.columns}, {name.lower() for name in named.values()}
        if both := sorted(have & new):
            reason = f"{both[0]} is a field of later records only, and a column of the second file"
            raise _refused(self._mapping, _AT, reason, "Export the first file as CSV")
        if self._source.format not in _RECORDS:
            return flat
        read = [name for name in plan_of(self._mapping).needed if name[0] != OPTIONAL]
        lacking = [name for name in read if name.lower() not in have | new]
        return flat.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking)

    def _table(self, files: Sequence[SourceFile]) -> pl.DataFrame:
        """The rows of the partners with a key, those that are the same once; `_ROW` numbers them from 0."""
        frames = []
        for file in files:
            frames += [self._rows_of(chunk, file) for chunk in self._chunks_of(file)]
        rows = pl.concat(frames, how="diagonal")
        without = rows[_KEY].null_count()
        if without:
            self._warn(f"file.join_no_key: {without:,} rows of {self._join.file}")
        named = [name for name in rows.columns if name != _LINE]
        return rows.drop_nulls(_KEY).unique(named, keep="first", maintain_order=True).with_row_index(_ROW)

    def _chunks_of(self, file: SourceFile) -> Chunks:
        try:
            yield from read_chunks(file, _ignore, self._encoding, self._join.layout)
        except Refused as refused:
            raise Refused(refused.code, f"{file.path.name}, which is joined: {refused.message}", refused.hint) from None

    def _rows_of(self, chunk: Chunk, file: SourceFile) -> pl.DataFrame:
        flat = _flat(chunk).drop("record")
        if chunk.faults:
            record = chunk.faults[0].record
            line = chunk.lines[record - chunk.records[0]]
            place = f"line {line}" if line is not None else f"record {record + 1}"
            reason = f"{file.path.name}, {place}: {chunk.faults[0].message}"
            raise _refused(self._mapping, _AT, reason, "Correct it and load again")
        lines = pl.Series(_LINE, [number for number in chunk.lines if number is not None] or None, pl.Int64)
        key = self._key(flat, list(self._join.on.values()), file.path.name)
        return flat.with_columns(key, lines if len(lines) == flat.height else pl.lit(None, pl.Int64).alias(_LINE))

    def _key(self, flat: pl.DataFrame, wanted: Sequence[str], file: str) -> pl.Expr:
        """The key of each row; null if a part of it is missing. White space and case do not count.

        Nor do the decimals of a column of whole numbers, such as the 12.0 of a float; texts such as 007 stay.
        """
        by_fold = {name.lower(): name for name in flat.columns}
        missing = ["", *(null.strip().lower() for null in self._mapping.null)]
        parts = []
        for column in wanted:
            name = by_fold.get(clean_name(column).lower())
            if name is None:
                shown = ", ".join([one for one in flat.columns if one not in ("record", _LINE)][:8])
                raise _refused(self._mapping, "[join] on", f"{file} has no column {column}; it has {shown}", "")
            text = pl.col(name).str.replace_all(BLANKS, " ").str.strip_chars().str.to_lowercase()
            known = pl.when(text.is_in(missing)).then(None).otherwise(text)
            are_whole = known.str.contains(_WHOLE).all()
            parts.append(pl.when(are_whole).then(known.str.replace(_WHOLE, "${1}")).otherwise(known))
        return pl.concat_str(parts, separator="\x1f").alias(_KEY)

    def _new_names(self, flat: pl.DataFrame, table: pl.DataFrame) -> dict[str, str]:
        """Column of the partners -> its name among the first file's: of two `Status` the second is `Status_2`."""
        ours = [name for name in flat.columns if name != "record"]
        theirs = [name for name in table.columns if name not in (_LINE, _ROW, _KEY)]
        made = named_columns("mapping.wrong", [*ours, *theirs], _ignore).names
        return dict(zip(theirs, made[len(ours) :], strict=True))

    def _with_partners(
        self, chunk: Chunk, flat: pl.DataFrame, table: pl.DataFrame, named: dict[str, str]
    ) -> tuple[Chunk, pl.Series]:
        """The chunk with the partners' columns beside those of `flat`, and how many of its rows each partner fits."""
        keyed = flat.with_columns(self._key(flat, list(self._join.on), self._source.path.name))
        columns = table.select(_KEY, _ROW, *(pl.col(name).alias(new) for name, new in named.items()))
        pairs = keyed.join(columns, on=_KEY, how="left", maintain_order="left")
        rows = pairs[_ROW].drop_nulls().value_counts()
        counts = pl.Series("met", [0] * table.height, pl.Int64)
        counts = counts.scatter(rows[_ROW], rows["count"].cast(pl.Int64)) if rows.height else counts
        ambiguous = pairs.filter(pl.col("record").is_duplicated())["record"].unique(maintain_order=True)
        pairs = pairs.drop(_KEY, _ROW)
        joined = pairs.filter(~pl.col("record").is_in(ambiguous.implode()))
        aside = pairs.filter(pl.col("record").is_in(ambiguous.implode())).unique("record", maintain_order=True)
        faults = [Fault(record, "join_ambiguous", f"/{next(iter(self._join.on))}") for record in ambiguous]
        header = csv_line([name for name in joined.columns if name != "record"])
        texts = _Texts(chunk, joined)
        faults = [*chunk.faults, *faults]
        return replace(chunk, flat=joined, faults=faults, header=header, raws=texts, aside=aside), counts

    def _report(self, name: str, table: pl.DataFrame, met: pl.Series) -> None:
        self._warn(f"file.joined: {name}: {int((met > 0).sum()):,} of {table.height:,} rows")
        for code, is_meant in (("join_unmatched", met == 0), ("join_repeated", met > 1)):
            if found := table.filter(is_meant)[_LINE].to_list():
                lines = [str(line) for line in found[:_SHOWN] if line is not None]
                more = ", …" if len(found) > _SHOWN else ""
                place = f", line {', '.join(lines)}{more}" if lines else ""
                self._warn(f"file.{code}: {len(found):,} rows of {name}{place}")


class _Texts(Sequence[bytes]):
    """The texts of joined rows, made when one is asked for: only rows that are set aside are kept as text.

    A row has the values joined to it behind its own, so that it can be read again without the second file. A row at
    fault before that has its own alone. So a row that fits several partners still has too few fields when it is tried
    again, and is not taken for one that fits none.
    """

    def __init__(self, chunk: Chunk, joined: pl.DataFrame) -> None:
        self._chunk = chunk
        self._joined = joined
        self._places: dict[int, int] | None = None

    def __len__(self) -> int:
        return len(self._chunk.raws)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if self._places is None:
            self._places = {record: place for place, record in enumerate(self._joined["record"])}
        place = self._places.get(self._chunk.records[at])
        if place is None:
            raw, header = self._chunk.raws[at], self._chunk.header
            # A record of JSON has no header, and stays as it is.
            return _with_commas(raw, header) if header else raw
        row = self._joined.row(place, named=True)
        del row["record"]
        # Records without lines are kept as their texts by column, see `pipeline.sources.kept_records`.
        return msgspec.json.encode(row) if self._chunk.lines[at] is None else csv_line(row.values()).encode()


def _flat(chunk: Chunk) -> pl.DataFrame:
    """The columns of a chunk; those of JSON are its fields by dotted path."""
    flat = chunk.flat if chunk.flat is not None else flattened(chunk, ()).flat
    return flat if flat is not None else pl.DataFrame()


def _with_commas(raw: bytes, header: str) -> bytes:
    first = header.splitlines()[0]
    separator = first[4:] if first.startswith("sep=") else separator_of(first)
    try:
        (fields,) = csv.reader([raw.decode()], delimiter=separator)
    except (csv.Error, ValueError):
        return raw
    return csv_line(fields).encode()


def _refused(mapping: Mapping, place: str, reason: str, hint: str) -> Refused:
    error = mistake(mapping.path, place, reason, hint)
    return Refused(error.code, error.message, error.hint)


def _ignore(_: str) -> None:
    return None
