"""A mapping as read from its file, and the plan made of it: SQL that is ready to run over the rows of a file."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.sources.layout import WHOLE_FILE, Layout
from queries.errors import DataRefused

# Columns that every mapping can read besides those of the file; the last two only with [unpivot].
ROW, FILE, COLUMN, VALUE = "_row", "_file", "_column", "_value"
# `column("Location")`, a column that a file may lack, is read under its name behind this character.
OPTIONAL = "\x01"
# Named expressions that words make have names behind this character, which no column and no other name has.
OWN = "\x02"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands in a mapping: `[booking] startDate`. `text` is the expression as written."""

    section: str
    field: str
    text: str

    def __str__(self) -> str:
        return f"[{self.section}] {self.field}"


@dataclass(frozen=True, slots=True)
class Watched:
    """A column that is compared with constants: its name, the SQL of its value, and of whether that met no constant."""

    name: str
    value: str
    missed: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping's expressions as SQL over the rows of a file, and the columns they read.

    `let`, `fields`, `when` and `attributes` are as in `Mapping`. `needed` gives the first place that reads each column,
    by name, and `perhaps` names in subqueries that may be columns, in lower case. `reads` gives the columns that a
    field or condition depends on, also through named expressions, by entity and column. `watched` are the columns that
    are compared with constants, `unwatched` those that are compared in a way that cannot be watched, with the place.
    `unnested` is the name in `let` that makes several rows of one, or empty.
    """

    let: dict[str, str]
    fields: dict[str, dict[str, str]]
    when: dict[str, str]
    attributes: dict[str, str]
    needed: dict[str, Place]
    perhaps: tuple[str, ...]
    reads: dict[tuple[str, str], tuple[str, ...]]
    watched: tuple[Watched, ...]
    unwatched: tuple[tuple[Place, str], ...] = ()
    unnested: str = ""

    def binds(self, entity: str, column: str) -> bool:
        """Whether an id is made of the row's number, and so names a row of one file only."""
        read = self.reads.get((entity, column), ())
        return ROW in read and FILE not in read


@dataclass(frozen=True, slots=True)
class Dates:
    """Columns that hold days, with or without a time, times of day, and names of weekdays beside them.

    `order` is `day-first`, `month-first`, or None if the values of the file have to decide it.
    """

    columns: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A second file whose rows are joined to those of the first.

    `file` is a name or pattern beside the first file, `on` gives for columns of the first file those of the second that
    have the same values, and `layout` the place of its rows.
    """

    file: str
    on: dict[str, str]
    layout: Layout = WHOLE_FILE


@dataclass(frozen=True, slots=True)
class Recognised:
    """By which a file is recognised: columns that it has, columns that it does not have, and values of a record."""

    columns: tuple[str, ...]
    without: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """An export that noshow recognises: its name and title, its source (`seen`), and the doubt about it.

    `certain` is A if the header itself was seen, in source code or a fixture, and B if it is documented only.
    """

    name: str
    title: str
    seen: str
    doubt: str
    certain: str
    recognised: Recognised


# Compared by identity, so that its plan can be kept beside it.
@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """A mapping as read: `fields` and `when` hold SQL by entity and column, `let` by name; `digest` is its SHA-256.

    `attributes` holds SQL by attribute. `labels` gives the name that the mapping itself uses for a field. `marks` says
    which marks the source records. `zones` maps the source's names of time zones to IANA's. `unpivot` lists columns
    that become rows, by name or pattern. `known` lists, by column, values that are compared with no constant and are
    known to mean nothing. `zone` is the zone of times that name none: an IANA name, or `site` for the site's own.
    `format` is there if the file describes an export that noshow recognises. `said` gives the words of the mapping that
    SQL was made of, by the SQL. `join` is there if a second file belongs to each.
    """

    path: Path
    digest: str
    namespace: str
    null: tuple[str, ...]
    let: dict[str, str]
    fields: dict[str, dict[str, str]]
    when: dict[str, str]
    attributes: dict[str, str] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    layout: Layout = WHOLE_FILE
    marks: str | None = None
    zones: dict[str, str] = field(default_factory=dict)
    unpivot: tuple[str, ...] = ()
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dates: Dates = Dates()
    zone: str | None = None
    format: Format | None = None
    said: dict[str, str] = field(default_factory=dict)
    join: Join | None = None

    def place(self, entity: str, column: str) -> Place:
        """Where the expression of a field, of an attribute or of `when` stands."""
        if column == "when":
            return Place(entity, "when", self.when[entity])
        if column in self.fields[entity]:
            return Place(entity, self.labels.get((entity, column), column), self.fields[entity][column])
        return Place(f"{entity}.attributes", column, self.attributes[column])

    def expressions(self, entity: str) -> MappingType[str, Place]:
        """The condition, fields and attributes of an entity, by column: each with its place."""
        names = ["when", *self.fields[entity], *(self.attributes if entity == "booking" else ())]
        return {name: self.place(entity, name) for name in names}


def mistake(path: Path, place: object, reason: str, hint: str = "") -> DataRefused:
    """An error that names the mapping file and the place in it."""
    at = f"{path}: {place}: " if place else f"{path}: "
    return DataRefused("mapping.wrong", f"{at}{reason}", hint or "Correct the mapping and load again")
