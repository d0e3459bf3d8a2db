"""Make a flat frame of JSON records of another system: scalar fields by their dotted paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import polars as pl

from pipeline.faults import Fault
from pipeline.sources.chunks import Chunk
from pipeline.sources.headers import MAX_COLUMNS
from queries.model.rules import bounded

# So many values of a list have a path of their own, such as participant.0.status.
_LISTED = 20
_DEEPEST = 12


def flattened(chunk: Chunk, wanted: Iterable[str]) -> Chunk:
    """The chunk with `flat`: a text column for each dotted path, and for each of `wanted` that no record has.

    A record that is not a JSON object gets a fault. True and false are texts, numbers keep their digits.
    """
    rows: list[dict[str, str]] = []
    records: list[int] = []
    faults = list(chunk.faults)
    names: dict[str, None] = {}
    for record, raw in zip(chunk.records, chunk.raws, strict=True):
        try:
            value = _decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            faults.append(Fault(record, "json_syntax"))
            continue
        if not isinstance(value, dict):
            faults.append(Fault(record, "json_syntax"))
            continue
        row = dict(scalars(value, ()))
        rows.append(row)
        records.append(record)
        names.update(dict.fromkeys(row))
    columns = [name for name in names if name.lower() not in _OURS][:MAX_COLUMNS]
    have = {name.lower() for name in columns}
    columns += [name for name in dict.fromkeys(wanted) if name.lower() not in have]
    flat = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns}, schema=dict.fromkeys(columns, pl.String)
    )
    chunk.flat = flat.with_columns(pl.Series("record", records, pl.Int64))
    chunk.faults = faults
    return chunk


_OURS = ("record", "_row", "_file")


class _Number(str):
    """A number as it is written, so that 4.870000000000000001 keeps its digits."""

    __slots__ = ()


_decoder = msgspec.json.Decoder(float_hook=_Number)


def scalars(value: object, path: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The scalar fields of a value by dotted path: `participant.0.status`; empty texts and nulls are left out."""
    if isinstance(value, dict) and len(path) < _DEEPEST:
        for key, inner in value.items():
            yield from scalars(inner, (*path, key))
    elif isinstance(value, list) and len(path) < _DEEPEST:
        for at, inner in enumerate(value[:_LISTED]):
            yield from scalars(inner, (*path, str(at)))
    elif isinstance(value, bool):
        yield ".".join(path), str(value).lower()
    elif isinstance(value, str | int | float) and value != "":
        yield ".".join(path), bounded(str(value))
