"""Read the sections of a mapping that say what a file looks like: [file], [join], [dates], [format] and [recognise]."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.mapping.model import Dates, Format, Join, Recognised, mistake
from pipeline.sources.layout import ANY_ENCODING, Layout
from queries.model.vocabularies import DATE_ORDERS
from queries.model.zones import known_zones

SITE = "site"
# Keys of [join] with the same meaning as in [file].
_OF_PARTNER = ("header", "sheet", "skip", "separator", "encoding", "end")
_NAMES = {"header": "a column in the header", "sheet": "a worksheet", "separator": "a separator", "end": "a last row"}
_FILE = {*_NAMES, "encoding", "skip", "columns", "records", "above", "dates"}


def read_layout(path: Path, document: dict[str, Any]) -> Layout:
    """Where the records lie, by [file] or by `header` and `sheet` at the top of the mapping."""
    table = _section(path, "file", document, _FILE)
    for name in ("header", "sheet"):
        if name in document and name in table:
            raise mistake(path, f"[file] {name}", "it stands at the top too", "Give it once")
    given = {name: document[name] for name in ("header", "sheet") if name in document} | table
    rows = _header_rows(path, "header" if "header" in document else "[file] header", given)
    for name in given.keys() & (_NAMES.keys() | {"encoding"}):
        blank = name != "separator" and not str(given[name]).strip()
        if not isinstance(given[name], str) or not given[name] or blank:
            meaning = _NAMES.get(name, "an encoding")
            raise mistake(
                path, name if name in document else f"[file] {name}", f"{_the_name(name, meaning)}, in quotes"
            )
    if len(given.get("separator", ",")) != 1:
        raise mistake(path, "[file] separator", "one character is expected", 'For example separator = "|"')
    if type(given.get("skip", 0)) is not int or not 0 <= given.get("skip", 0) <= 1_000:
        raise mistake(path, "[file] skip", "a number of lines from 0 to 1000 is expected")
    header = given.get("header")
    if header is None and not rows and "columns" not in given:
        header = next(iter(_recognised(path, document).columns), None)
    return Layout(
        header,
        given.get("sheet"),
        "unpivot" in document,
        given.get("skip", 0),
        given.get("separator"),
        given.get("encoding") or (ANY_ENCODING if "format" in document else None),
        given.get("end"),
        _texts(path, "[file] columns", given.get("columns", [])),
        _texts(path, "[file] records", given.get("records", [])),
        _texts(path, "[file] above", given.get("above", [])),
        rows,
    )


def _header_rows(path: Path, place: str, given: dict[str, Any]) -> tuple[int, ...]:
    """The numbers of the header's lines, taken out of `given` if `header` has numbers: `[3]`, or `[3, 4]` for two."""
    if not isinstance(given.get("header"), list | int):
        return ()
    value = given.pop("header")
    rows = value if isinstance(value, list) else [value]
    is_whole = all(type(row) is int and 0 < row <= 1_000 for row in rows)
    if not rows or not is_whole or [*rows] != [*range(rows[0], rows[0] + len(rows))] or len(rows) > 2:
        hint = "For example header = [3, 4]: line 3 has the groups, line 4 the names in them"
        raise mistake(path, place, "the number of a line, or of two that follow each other, is expected", hint)
    for other in ("skip", "columns"):
        if other in given:
            raise mistake(path, f"[file] {other}", "the lines of the header say it already", "Leave one of them out")
    return tuple(rows)


def read_join(path: Path, document: dict[str, Any]) -> Join | None:
    """The second file that belongs to each file of the mapping, if there is one.

    It lies beside the first: a mapping may come from anyone, and must not reach other folders.
    """
    if "join" not in document:
        return None
    table = _section(path, "join", document, ("file", "on", *_OF_PARTNER))
    file, on = table.get("file"), table.get("on")
    if not isinstance(file, str) or not file.strip() or re.search(r"[/\\]", file):
        hint = 'For example file = "no-shows*.csv"'
        raise mistake(path, "[join] file", "the name of a file in the same folder is expected", hint)
    if not isinstance(on, dict) or not on or not all(isinstance(name, str) and name for name in on.values()):
        hint = 'For example on = {"Booking ID" = "Reference"}: the column here, and the one there'
        raise mistake(path, "[join] on", "the columns that have the same values are expected", hint)
    layout = {name: table[name] for name in _OF_PARTNER if name in table}
    return Join(file, on, read_layout(path, {"file": layout}))


def _the_name(name: str, meaning: str) -> str:
    return f"the name of {meaning} is expected" if name in ("header", "sheet") else f"{meaning} is expected"


def read_dates(path: Path, document: dict[str, Any]) -> Dates:
    """Which columns hold days and times of day, and the order of day and month if the mapping says it."""
    table = _section(path, "dates", document, {"columns", "times", "weekdays"})
    order = document.get("file", {}).get("dates")
    if order is not None and order not in DATE_ORDERS:
        raise mistake(
            path, "[file] dates", f"{order!r} is not an order of day and month", f"One of: {', '.join(DATE_ORDERS)}"
        )
    columns, times, weekdays = (
        _texts(path, f"[dates] {name}", table.get(name, [])) for name in ("columns", "times", "weekdays")
    )
    return Dates(columns, times, weekdays, order)


def read_zone(path: Path, document: dict[str, Any]) -> str | None:
    """The zone of times that name none: `site` for that of the settings, or a name of IANA."""
    zone = document.get("zone")
    if zone is not None and zone != SITE and (not isinstance(zone, str) or zone not in known_zones()):
        near = difflib.get_close_matches(str(zone), known_zones(), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "For example 'Europe/Dublin', or 'site' for the site's own"
        raise mistake(path, "zone", f"{zone!r} is not an IANA time zone", hint)
    return zone


def read_format(path: Path, document: dict[str, Any]) -> Format | None:
    """The description of the format, if the file describes one that noshow recognises by itself."""
    if "format" not in document:
        return None
    table = _section(path, "format", document, {"title", "seen", "doubt", "certain"})
    for name in ("title", "seen", "certain"):
        if not isinstance(table.get(name), str) or not table[name]:
            raise mistake(path, f"[format] {name}", "a text is expected")
    if table["certain"] not in ("A", "B"):
        raise mistake(path, "[format] certain", "A or B is expected", "A: the header itself was seen")
    if table["certain"] == "B" and not table.get("doubt"):
        raise mistake(path, "[format] doubt", "a format of which the header was not seen says what is in doubt")
    recognised = _recognised(path, document)
    if not recognised.columns:
        raise mistake(path, "[recognise] columns", "the columns by which it is recognised are expected")
    return Format(path.stem, table["title"], table["seen"], table.get("doubt", ""), table["certain"], recognised)


def _recognised(path: Path, document: dict[str, Any]) -> Recognised:
    """The columns and values by which a format is recognised."""
    where = _section(path, "recognise", document, {"columns", "without", "values"})
    values = where.get("values", {})
    if not isinstance(values, dict):
        raise mistake(path, "[recognise] values", "a section is expected", "Write [recognise.values]")
    return Recognised(
        _texts(path, "[recognise] columns", where.get("columns", [])),
        _texts(path, "[recognise] without", where.get("without", [])),
        {name: _texts(path, f"[recognise.values] {name}", given) for name, given in values.items()},
    )


def _section(path: Path, name: str, document: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise mistake(path, name, "a section is expected", f"Write [{name}]")
    for key in table.keys() - {*keys}:
        near = difflib.get_close_matches(key, keys, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(keys))}"
        raise mistake(path, f"[{name}] {key}", "no such key", hint)
    return table


def _texts(path: Path, place: str, value: Any) -> tuple[str, ...]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        raise mistake(path, place, "a text or a list of texts is expected")
    return tuple(given)
