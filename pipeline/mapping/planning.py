"""Check the expressions of a mapping and make a plan of them, before any file is read.

A mapping is checked against made-up rows that have each column it reads, as text. So a mistake of the mapping itself is
found once, and never depends on the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import duckdb

from pipeline.mapping.analysis import UNNEST, NotOneExpression, analysed
from pipeline.mapping.bounds import TooSlow, stopped_in_time
from pipeline.mapping.comparisons import FOLDED, watched, with_folding
from pipeline.mapping.facts import Comparison, Facts
from pipeline.mapping.identity import NAMES
from pipeline.mapping.model import COLUMN, FILE, OPTIONAL, ROW, VALUE, Mapping, Place, Plan, mistake

# Texts, quoted names and comments are stepped over, so that `'column("x")'` stays a text.
_OPTIONAL_COLUMN = re.compile(
    r"""\bcolumn\s*\(\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)')\s*\)|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""",
    re.DOTALL | re.IGNORECASE,
)
_TEXT = "VARCHAR"
# Types of named expressions whose values the made-up rows can have as columns of their own.
_PLAIN = {_TEXT, "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "DATE", "TIME", "TIMESTAMP"}
_OURS = (ROW, FILE, "record")
_UNPIVOTED = (COLUMN,)


def sandbox() -> duckdb.DuckDBPyConnection:
    """A connection for the SQL of a mapping.

    A mapping may come from anyone, so its SQL runs on a connection of its own that can reach neither files, nor a
    network, nor the database. `lock_configuration` keeps it from lifting these limits.
    """
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set enable_external_access = false")
    connection.execute(FOLDED)
    connection.execute("set lock_configuration = true")
    return connection


def reason_of(error: duckdb.Error) -> str:
    """The first paragraph of a DuckDB error, in one line."""
    return str(error).split("\n\n")[0].replace("\n", " ").replace(OPTIONAL, "")


def source_of(let: dict[str, str], first: int | None = None) -> str:
    """The common table expressions that add the `first` named expressions (all by default) to the rows as columns.

    One step each, since an expression may use those before it: with a = "x" and b = "a || y", `source_1` has the
    column a, and `source_2` makes b from it.
    """
    steps = ["source_0 as (select * from file_rows)"]
    items = list(let.items())[:first]
    for step, (name, expression) in enumerate(items, 1):
        quoted = name.replace('"', '""')
        steps.append(f'source_{step} as (select *, ({expression}\n) as "{quoted}" from source_{step - 1})')
    return f"with {', '.join(steps)}, source as (select * from source_{len(items)})"


@lru_cache(maxsize=8)
def plan_of(mapping: Mapping) -> Plan:
    """Make the plan of a mapping. Raises `DataRefused` with section and field of an expression that cannot be used."""
    with sandbox() as connection:
        return _Planner(mapping, connection).plan()


def _with_optional(expression: str) -> str:
    """Replace `column("Location")`, which DuckDB cannot parse, by a name of our own."""

    def name(match: re.Match[str]) -> str:
        double, single = match[1], match[2]
        if double is None and single is None:
            return match[0]
        text = double.replace('""', '"') if double is not None else single.replace("''", "'")
        return '"' + OPTIONAL + text.replace('"', '""') + '"'

    return _OPTIONAL_COLUMN.sub(name, expression)


class _Planner:
    def __init__(self, mapping: Mapping, connection: duckdb.DuckDBPyConnection) -> None:
        self._mapping = mapping
        self._connection = connection
        self._lets = [(Place("let", name, text), _with_optional(text)) for name, text in mapping.let.items()]
        self._others = [
            (entity, column, place, _with_optional(place.text))
            for entity in mapping.fields
            for column, place in mapping.expressions(entity).items()
        ]
        self._facts: dict[str, Facts] = {}
        self._needed: dict[str, Place] = {}
        self._reads: dict[str, tuple[str, ...]] = {}
        self._types: dict[str, str] = {}
        self._changes: dict[str, str] = {}
        self._unnested = ""
        self._ours = (*_OURS, *((COLUMN, VALUE) if mapping.unpivot else ()))

    def plan(self) -> Plan:
        for place, sql in [*self._lets, *((place, sql) for _, _, place, sql in self._others)]:
            self._analyse(place, sql)
        self._check_names()
        self._note_reads()
        self._register()
        constants = self._constants()
        let: dict[str, str] = {}
        written_out: dict[str, str] = {}
        for place, sql in self._lets:
            before = source_of(written_out)
            let[place.field] = self._folded(sql, constants, before)
            kind = self._types[place.field.lower()] = self._bind(place, let[place.field], before)
            if kind in _PLAIN and place.field != self._unnested:
                self._add_column(place.field, kind)
            else:
                written_out[place.field] = let[place.field]
        source = source_of(written_out)
        fields: dict[str, dict[str, str]] = {entity: {} for entity in self._mapping.fields}
        when: dict[str, str] = {}
        attributes: dict[str, str] = {}
        reads: dict[tuple[str, str], tuple[str, ...]] = {}
        for entity, column, place, sql in self._others:
            made = self._folded(sql, constants, source)
            kind = self._bind(place, made, source)
            reads[entity, column] = self._through_let(self._facts[sql])
            self._check_id(entity, column, place, self._facts[sql])
            if column == "when":
                when[entity] = made
            elif column in self._mapping.fields[entity]:
                fields[entity][column] = f"({made}\n)::varchar"
            else:
                attributes[column] = _typed(f"({made}\n)", kind)
        known = {name.lower(): texts for name, texts in self._mapping.known.items()}
        watchable = list(self._watchable())
        self._check_known({name for name, _ in watchable})
        found = watched(watchable, self._comparable(constants), known)
        unwatched = self._unwatched({column.name.lower() for column in found})
        return Plan(
            let, fields, when, attributes, self._needed, self._perhaps(), reads, found, unwatched, self._unnested
        )

    def _analyse(self, place: Place, sql: str) -> None:
        try:
            facts = analysed(sql)
        except NotOneExpression as error:
            raise mistake(self._mapping.path, place, str(error).replace(OPTIONAL, "")) from None
        if facts.unnests and (place.section != "let" or self._unnested):
            raise mistake(self._mapping.path, place, UNNEST)
        if facts.forbidden:
            raise mistake(self._mapping.path, place, facts.forbidden)
        if facts.unnests:
            self._unnested = place.field
        self._facts[sql] = facts

    def _check_names(self) -> None:
        """Refuse names in [let] that another name hides or that hide one: SQL takes `Result` and `result` for one."""
        ours = {name: name for name in (ROW, FILE, COLUMN, VALUE, "record")}
        taken = dict(ours)
        for place, sql in self._lets:
            other = taken.get(place.field.lower())
            if other is not None:
                reason = f"{other} has the same name" if other == place.field else f"{other} differs by case only"
                raise mistake(self._mapping.path, place, reason, "Give one of them another name")
            own = next((name for name in self._facts[sql].names if name.lower() == place.field.lower()), None)
            if own is not None:
                reason = f"it reads a column of the same name, {own}"
                raise mistake(
                    self._mapping.path, place, reason, "Give the expression another name in every place that uses it"
                )
            taken[place.field.lower()] = place.field

    def _note_reads(self) -> None:
        lets = {name.lower() for name in self._mapping.let}
        seen: set[str] = set()
        for place, sql in self._lets:
            self._need(place, sql, seen)
            self._reads[place.field.lower()] = self._through_let(self._facts[sql])
            self._changes[place.field.lower()] = self._changing(self._facts[sql])
            seen.add(place.field.lower())
        for _, _, place, sql in self._others:
            self._need(place, sql, lets)

    def _need(self, place: Place, sql: str, lets: set[str]) -> None:
        for name in self._facts[sql].names:
            if name.lower() not in lets and name.lower() not in self._ours:
                self._needed.setdefault(name, place)

    def _through_let(self, facts: Facts) -> tuple[str, ...]:
        """The columns that an expression depends on, itself or through the named expressions that it uses."""
        found: list[str] = []
        for name in (*facts.names, *facts.perhaps):
            found += self._reads.get(name.lower(), (name,))
        return tuple(dict.fromkeys(found))

    def _changing(self, facts: Facts) -> str:
        """A function whose value differs from load to load, in the expression or in a named one that it uses."""
        used = (self._changes.get(name.lower(), "") for name in (*facts.names, *facts.perhaps))
        return next(filter(None, (facts.changes, *used)), "")

    def _perhaps(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.lower() for facts in self._facts.values() for name in facts.perhaps))

    def _register(self) -> None:
        """Make an empty table with each column that is read. Of names that differ by case only, one will do here."""
        lets = {name.lower() for name in self._mapping.let}
        names = {name.lower(): name for name in (*self._perhaps(), *self._needed) if name.lower() not in lets}
        texts = {key: name for key, name in names.items() if key not in _OURS}
        texts |= {name: name for name in self._ours if name not in (ROW, "record")}
        columns = ", ".join('"' + name.replace('"', '""') + '" varchar' for name in texts.values())
        self._connection.execute(f"create table file_rows (record bigint, {ROW} bigint, {columns})")
        self._types |= dict.fromkeys(texts, _TEXT)

    def _add_column(self, name: str, kind: str) -> None:
        """Let a named expression be a column of the made-up rows, so that it is not bound again wherever it is used."""
        quoted = name.replace('"', '""')
        self._connection.execute(f'alter table file_rows add column "{quoted}" {kind}')

    def _bind(self, place: Place, sql: str, source: str) -> str:
        """Bind an expression over the made-up rows, as a value and as a condition; return its type."""
        try:
            with stopped_in_time(self._connection):
                return self._type_of(place, sql, source)
        except TooSlow as slow:
            raise mistake(self._mapping.path, place, str(slow)) from None

    def _type_of(self, place: Place, sql: str, source: str) -> str:
        try:
            ((_, kind, *_),) = self._connection.execute(f"describe {source} select ({sql}\n) from source").fetchall()
            if place.section == "let" and place.field == self._unnested:
                return str(kind)
            test = f"({sql}\n)" if place.field == "when" else f"({sql}\n)::varchar is not null"
            self._connection.execute(
                f"{source} select record, ({sql}\n)::varchar from source where {test} limit 0"
            ).fetchall()
        except duckdb.Error as error:
            raise mistake(self._mapping.path, place, reason_of(error)) from None
        return str(kind)

    def _check_id(self, entity: str, column: str, place: Place, facts: Facts) -> None:
        if (entity, column) not in NAMES:
            return
        if changes := self._changing(facts):
            reason = f"{changes} gives another id at each load"
            raise mistake(self._mapping.path, place, reason, f"Make ids of columns, or of {FILE} and {ROW}")

    def _constants(self) -> dict[str, tuple[str, ...]]:
        """By name in lower case, all texts that a column or named expression is compared with."""
        found: dict[str, dict[str, None]] = {}
        for facts in self._facts.values():
            for comparison in facts.comparisons:
                if comparison.name:
                    found.setdefault(comparison.key, {}).update(dict.fromkeys(comparison.texts))
        return {name: tuple(texts) for name, texts in found.items()}

    def _comparable(self, constants: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {name: texts for name, texts in constants.items() if texts and self._types.get(name) == _TEXT}

    def _folded(self, sql: str, constants: dict[str, tuple[str, ...]], source: str) -> str:
        comparisons = self._facts[sql].comparisons
        texts = self._comparable(constants)
        for comparison in comparisons:
            if not comparison.name and comparison.texts and self._type(comparison.compared, source) == _TEXT:
                texts[comparison.key] = comparison.texts
        return with_folding(sql, comparisons, texts)

    def _type(self, sql: str, source: str) -> str:
        """The type of an expression over the made-up rows, or nothing if it cannot be bound."""
        try:
            return str(self._connection.execute(f"describe {source} select ({sql}) from source").fetchall()[0][1])
        except duckdb.Error:
            return ""

    def _watchable(self) -> Iterator[tuple[str, Comparison]]:
        """Each comparison with the column whose value it compares, if that is a column of the file or a text of it."""
        spellings: dict[str, str] = {}
        for facts in self._facts.values():
            for comparison in facts.comparisons:
                name = self._origin(comparison.name) if comparison.name else ""
                if name and name.lower() not in _OURS:
                    yield spellings.setdefault(name.lower(), name), comparison

    def _unwatched(self, watched: set[str]) -> tuple[tuple[Place, str], ...]:
        """The columns whose values are compared with constants and not watched, each with the first place that does."""
        found: dict[str, tuple[Place, str]] = {}
        for place, sql in [*self._lets, *((place, sql) for _, _, place, sql in self._others)]:
            facts = self._facts[sql]
            compared = (comparison.name for comparison in facts.comparisons if comparison.name)
            for name in (*facts.unwatched, *compared):
                if self._is_made(name):
                    continue
                origin = self._origin(name) or name
                if origin.lower() not in watched and name.lower() not in (*_OURS, *_UNPIVOTED):
                    found.setdefault(origin.lower(), (place, origin.removeprefix(OPTIONAL)))
        return tuple(found.values())

    def _is_made(self, name: str) -> bool:
        """Whether a name stands for an expression whose every value is a constant of the mapping itself."""
        return any(place.field.lower() == name.lower() and self._facts[sql].is_made for place, sql in self._lets)

    def _origin(self, name: str) -> str:
        """The column that a named expression such as "trim(Status)" gives the value of, the name itself if it is
        another text, or nothing if its values are not the file's.
        """
        sql = next((sql for place, sql in self._lets if place.field.lower() == name.lower()), None)
        if sql is None:
            return name
        if self._types[name.lower()] != _TEXT or self._facts[sql].is_made:
            return ""
        wrapped = self._facts[sql].wraps
        return self._origin(wrapped) if wrapped else name

    def _check_known(self, names: Iterable[str]) -> None:
        compared = {name.lower() for name in names}
        for name in self._mapping.known:
            if name.lower() not in compared:
                reason = "no expression compares this column with constants"
                raise mistake(self._mapping.path, f"[known] {name}", reason, f"Compared: {', '.join(sorted(names))}")


def _typed(sql: str, kind: str) -> str:
    """SQL for an attribute's value: true or false, a number, or a text; days and times in ISO's form."""
    if kind == "BOOLEAN":
        return sql
    if kind.startswith("DECIMAL") or kind in ("FLOAT", "DOUBLE"):
        return f"{sql}::double"
    if kind.endswith("INT") or kind in ("INTEGER", "UINTEGER"):
        return f"{sql}::bigint"
    return f"replace({sql}::varchar, ' ', 'T')" if kind.startswith("TIMESTAMP") else f"{sql}::varchar"
