"""Recognise an export by the columns at the head of a file, or by the fields of its first records."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.decode.flat import entity_of_columns
from pipeline.decode.kinds import kind_of
from pipeline.mapping.reading import Mapping, read_mapping, shipped_formats
from pipeline.sources import SourceFile
from pipeline.sources.headers import clean_name
from pipeline.sources.heads import first_records, heads


@dataclass(frozen=True, slots=True)
class _KnownFormat:
    """How a format is recognised; names are folded."""

    path: Path
    columns: frozenset[str]
    without: frozenset[str]
    values: dict[str, frozenset[str]]
    is_json: bool


def recognised(source: SourceFile) -> Mapping | None:
    """The mapping of the format that a file is in, or None if it is in none that noshow knows.

    Only the head of the file is read. Files of our own kinds come first: `id,status,startDate` are our bookings. A pipe
    has no head to read twice: whoever reads the file refuses it.
    """
    if source.path.exists() and not source.path.is_file():
        return None
    found = _by_fields(source) if source.format in ("json", "ndjson") else _by_columns(source)
    return read_format(found.path) if found else None


@cache
def read_format(path: Path) -> Mapping:
    """The mapping of a format that comes with noshow."""
    return read_mapping(path)


def format_at(path: Path) -> Mapping | None:
    """The mapping of the format that a file of this name describes, or None if it is not one that is recognised."""
    known = {one.name: one for one in shipped_formats()}
    return read_format(known[path.name]) if path.parent.name == "formats" and path.name in known else None


def _by_columns(source: SourceFile) -> _KnownFormat | None:
    is_first = True
    for names in heads(source):
        if is_first and entity_of_columns(names):
            return None
        is_first = False
        if found := best_format(names):
            return found
    return None


def _by_fields(source: SourceFile) -> _KnownFormat | None:
    for record in first_records(source):
        if found := _most_specific(known for known in _formats() if known.is_json and _fits(known, record, record)):
            return found
        if kind_of(_outer(record)):
            return None
    return None


def best_format(names: Iterable[str]) -> _KnownFormat | None:
    """The format of a flat file with these columns: of several that fit, the one that asks for most of them."""
    given = list(names)
    return _most_specific(known for known in _formats() if not known.is_json and _fits(known, given, {}))


def _most_specific(fitting: Iterable[_KnownFormat]) -> _KnownFormat | None:
    return max(fitting, key=lambda known: len(known.columns), default=None)


def _fits(known: _KnownFormat, names: Collection[str], record: dict[str, str]) -> bool:
    folded = {_folded(name) for name in names}
    values_of = {_folded(name): _folded(value) for name, value in record.items()}
    return (
        known.columns <= folded
        and not known.without & folded
        and all(values_of.get(name, "") in values for name, values in known.values.items())
    )


def _outer(record: dict[str, str]) -> dict[str, str]:
    return {name.partition(".")[0]: value for name, value in record.items()}


def _folded(name: str) -> str:
    return " ".join(clean_name(name).lower().split())


@cache
def _formats() -> tuple[_KnownFormat, ...]:
    """All formats; only how each is recognised is read here, since most are not needed."""
    return tuple(_known(path) for path in shipped_formats())


def _known(path: Path) -> _KnownFormat:
    document = tomllib.loads(path.read_text("utf-8"))
    where: dict[str, Any] = document["recognise"]
    return _KnownFormat(
        path,
        frozenset(map(_folded, where["columns"])),
        frozenset(map(_folded, where.get("without", ()))),
        {_folded(name): frozenset(map(_folded, values)) for name, values in where.get("values", {}).items()},
        "records" in document.get("file", {}),
    )
