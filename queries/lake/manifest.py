"""The manifest of a lake: its partitions with their files, and the settings of its site.

Readers go by the manifest, `_noshow.json`, and not by the files they find. It has the keys `format`, `version`,
`database`, `site`, `attributes`, `partitions` and `sum`; `partitions` holds `{"rows", "content", "bytes"}` for each
folder by its name, and `sum` seals it (see `queries.sealed`). Engines ignore files whose names begin
with an underscore.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from queries.database import Site
from queries.errors import DataRefused, InputNotFound
from queries.gathered import Period
from queries.sealed import sealed, unsealed

MANIFEST = "_noshow.json"
FORMAT = "noshow-lake"
# Grows when columns or their meaning change: the next export then writes every partition again.
VERSION = 4
# One file a partition, so that replacing it is one step.
FILE = "data_0.parquet"
YEAR, MONTH = "local_year", "local_month"
_KEYS = {"format", "version", "database", "site", "attributes", "partitions"}
_NO_DATE = "__HIVE_DEFAULT_PARTITION__"
# The name is a path, so no other than that of a month is accepted from a file.
_NAME = re.compile(rf"{YEAR}=(?:-?[0-9]{{1,6}}|{_NO_DATE})/{MONTH}=(?:[0-9]{{1,2}}|{_NO_DATE})")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Partition:
    """The file of a partition: its number of rows, a hash of their content, its size."""

    rows: int
    content: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake as its manifest describes it: the id of its database, its site, its partitions and attributes by name."""

    folder: Path
    database: str
    site: Site
    partitions: Mapping[str, Partition] = field(default_factory=dict)
    version: int = VERSION
    attributes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of pairs of booking and session that it holds."""
        return sum(partition.rows for partition in self.partitions.values())

    def files(self, period: Period | None = None) -> list[str]:
        """The files that can hold sessions of a period, or all, by absolute path in the order of their months."""
        return [str(self.folder / name / FILE) for name in self.partitions if _overlaps(name, period)]

    def to_json(self) -> str:
        """The text of the manifest."""
        content = {
            "format": FORMAT,
            "version": self.version,
            "database": self.database,
            "site": asdict(self.site),
            "attributes": self.attributes,
        }
        partitions = {name: asdict(partition) for name, partition in self.partitions.items()}
        text = json.dumps(content | {"partitions": partitions}, indent=1, ensure_ascii=False)
        return sealed(text.encode()).decode()


def partition_name(year: int | None, month: int | None) -> str:
    """The folder of a month, relative to the lake; sessions without a local date have one of their own."""
    return f"{YEAR}={_NO_DATE if year is None else year}/{MONTH}={_NO_DATE if month is None else month}"


def read_manifest(folder: Path) -> Lake | None:
    """The lake that a folder's manifest describes; None without one. Raises `DataRefused` if it cannot be trusted."""
    path = folder / MANIFEST
    try:
        return _lake(folder.resolve(), json.loads(unsealed(path.read_bytes())))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataRefused(
            "lake.damaged", f"{path}: not the manifest of a lake", "Export again into an empty folder"
        ) from error


def read_lake(folder: Path) -> Lake:
    """The lake in a folder, once it is known to have rows, and files as large as they were written.

    Raises `InputNotFound` if there is no lake or nothing in it, `DataRefused` if it is damaged or of another version.
    """
    lake = read_manifest(folder)
    if lake is None:
        raise InputNotFound(
            "lake.not_found", f"{folder}: no lake here", "Run `noshow export-lake DIR`, or name another with --lake"
        )
    if lake.version != VERSION:
        raise DataRefused(
            "lake.version",
            f"{folder}: a lake of version {lake.version}, this noshow reads {VERSION}",
            "Run `noshow export-lake` with this noshow" if lake.version < VERSION else "Upgrade noshow",
        )
    if not lake.rows:
        raise InputNotFound(
            "lake.empty", f"{folder}: the lake has no rows", "Ingest bookings, then run `noshow export-lake` again"
        )
    _require_files(lake, lake.partitions)
    return lake


def missing_files(lake: Lake, names: Iterable[str]) -> list[str]:
    """The names of partitions whose file is missing, or has another size than was written."""
    return [name for name in names if _size(lake.folder / name / FILE) != lake.partitions[name].bytes]


def _require_files(lake: Lake, names: Iterable[str]) -> None:
    missing = missing_files(lake, names)
    if missing:
        raise DataRefused(
            "lake.damaged",
            f"{lake.folder / missing[0] / FILE}: missing or not as it was written",
            "Run `noshow export-lake` again: it writes the missing files",
        )


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _lake(folder: Path, content: Any) -> Lake:
    if content["format"] != FORMAT or not content.keys() <= _KEYS:
        raise ValueError
    partitions = {name: _typed(Partition, partition) for name, partition in content["partitions"].items()}
    if not all(map(_NAME.fullmatch, partitions)):
        raise ValueError
    database, version, attributes = content["database"], content["version"], content.get("attributes", [])
    if not isinstance(database, str) or type(version) is not int or not all(isinstance(one, str) for one in attributes):
        raise TypeError
    return Lake(folder, database, _typed(Site, content["site"]), partitions, version, tuple(attributes))


def _typed(kind: type[Made], values: Mapping[str, Any]) -> Made:
    """Make a dataclass of decoded JSON. Raises KeyError or TypeError for a wrong field or type."""
    types = get_type_hints(kind)
    # True and false would pass for the numbers 1 and 0.
    if any(isinstance(value, bool) or not isinstance(value, types[name]) for name, value in values.items()):
        raise TypeError
    return kind(**values)


def _overlaps(name: str, period: Period | None) -> bool:
    """Whether a partition may hold sessions of a period; a session without a date is in no period."""
    if period is None:
        return True
    year, month = (part.partition("=")[2] for part in name.split("/"))
    if _NO_DATE in (year, month):
        return False
    at = (int(year), int(month))
    return (period.first.year, period.first.month) <= at <= (period.last.year, period.last.month)
