"""Read, decode, type and validate the records of one file, chunk by chunk.

The steps run at the same time on neighbouring chunks, each one chunk ahead of the next step (see `one_ahead`). While
chunk 1 is staged, a thread types and validates chunk 2, another decodes chunk 3, and a third reads chunk 4. Polars and
DuckDB release Python's lock for most of their work, so this uses more than one core.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from pipeline.decode.columnar import decode
from pipeline.decode.flat import decode_flat
from pipeline.decode.records import Decoded
from pipeline.faults import Fault
from pipeline.load.at_fault import AtFault, at_fault
from pipeline.load.one_ahead import one_ahead
from pipeline.mapping.days import Days
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.reading import Mapping
from pipeline.sources import Chunk, Warn
from pipeline.typing.typed_rows import typed_rows
from queries.model.entities import TABLES


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the files: kind and format, or None to recognise them, encoding, mapping, order of day and month.

    `stated_at` (naive UTC) is the moment at which the source stated the records, if known. They are then in order, so
    that a later record in a file replaces an earlier one with the same key.
    """

    kind: str | None = None
    format: str | None = None
    encoding: str = "utf-8"
    mapping: Mapping | None = None
    stated_at: dt.datetime | None = None
    dates: str | None = None


@dataclass(frozen=True, slots=True)
class Validated:
    """A chunk, its decoded records, the valid rows by entity, and the faults of the others with their descriptions.

    `sound` is the number of records with a valid row and no fault, `left_out` of those without a row or a fault.
    """

    chunk: Chunk
    decoded: Decoded
    frames: dict[str, pl.DataFrame]
    faults: list[Fault]
    known: dict[int, AtFault]
    sound: int
    left_out: int
    uncertain: list[Fault]


@dataclass(frozen=True, slots=True)
class Validating:
    """The chunks of one file on their way to valid rows.

    `chunks` reads the file; it takes `warn`, the function to call with warnings. `mapped` evaluates the mapping, if
    there is one, and `kind` is the kind of the records if it is known before any is read.
    """

    chunks: Callable[[Warn], Iterator[Chunk]]
    reading: Reading
    now: dt.datetime
    warn: Warn
    mapped: MappedRows | None
    kind: str | None

    def validated(self) -> Iterator[Validated]:
        """The chunks in order, each made while the caller uses the one before."""
        return one_ahead(self._validated())

    def _readable(self) -> Iterator[Chunk]:
        """The chunks as a mapping reads them: JSON as columns, days and times in ISO's form."""
        mapped = self.mapped
        if mapped is None or self.reading.mapping is None:
            return self.chunks(self.warn)
        days = Days(self.reading.mapping.dates, self.reading.dates, self.warn)
        return days.read(lambda: mapped.flat_chunks(self.chunks(self.warn)))

    def _decoded(self) -> Iterator[tuple[Chunk, Decoded]]:
        kind = self.kind
        for chunk in one_ahead(self._readable()):
            decoded = self._decode(chunk, kind)
            kind = kind or next(iter(decoded.kinds), None)
            yield chunk, decoded

    def _decode(self, chunk: Chunk, kind: str | None) -> Decoded:
        if self.mapped:
            if chunk.flat is None:
                raise RuntimeError("a chunk without columns for a mapping")
            frames, faults = self.mapped.frames(chunk.flat)
            keys = self.mapped.keys({fault.record for fault in faults}, chunk.flat)
            if chunk.aside is not None:
                keys |= self.mapped.keys(chunk.aside["record"].to_list(), chunk.aside)
            return Decoded(raw_frames=frames, faults=faults, kinds=Counter(dict.fromkeys(frames, 1)), keys=keys)
        if chunk.flat is not None:
            return decode_flat(chunk.flat, self.reading.kind)
        return decode(chunk.raws, chunk.records, self.reading.kind, kind)

    def _validated(self) -> Iterator[Validated]:
        # Imported late, with pandera: a folder of files that are all loaded already needs no validation.
        from pipeline.validation.valid_rows import validated

        for chunk, decoded in one_ahead(self._decoded()):
            faults = [*chunk.faults, *decoded.faults]
            raw, typed, frames = decoded.raw_frames, {}, {}
            uncertain: list[Fault] = []
            for name, texts in raw.items():
                typed[name], broken = typed_rows(texts, TABLES[name], self.now, uncertain)
                frames[name], invalid = validated(typed[name], TABLES[name], broken)
                found = [*broken, *invalid]
                if self.mapped and found and chunk.flat is not None:
                    found = self.mapped.explained(name, found, texts, chunk.flat)
                faults += found
            wrong = {fault.record for fault in faults}
            # A bad booking beside a valid service is not sound.
            sound = len(_records(frames) - wrong)
            left_out = len(chunk.raws) - len(_records(raw) | wrong)
            known = at_fault(chunk, raw, typed, faults, self.reading.mapping, decoded.keys)
            yield Validated(chunk, decoded, frames, faults, known, sound, left_out, uncertain)


def _records(frames: dict[str, pl.DataFrame]) -> set[int]:
    """The numbers of the records that have a row in any of the frames."""
    return set[int]().union(*(frame["record"].unique() for frame in frames.values()))
