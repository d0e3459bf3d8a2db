"""Name the columns of flat files, and find the line that names them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.faults import Refused
from pipeline.sources.chunks import Warn

MAX_COLUMNS = 2_000
# A title and a few lines about the report come before the header of some exports, rarely more.
LINES_BEFORE_HEADER = 20
# Names that a flat frame (`record`) and a mapping (`_row`, `_file`) use for columns of their own.
_OURS = ("record", "_row", "_file")
# A name that no column has: a number, a GUID, a date, an e-mail address or JSON. The first line then holds data.
_DATA = re.compile(
    r"[\d.+-]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\d{4}-\d\d-\d\d.*|\d{1,2}/\d{1,2}/\d{2,4}.*|.*@.*\..*|[\[{].*"
)
# Blanks that look like a plain one, and characters that cannot be seen at all.
_UNSEEN = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": "", "\ufeff": ""})


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of a flat file's columns, and the positions (from 0) of those that the file gives no name."""

    names: tuple[str, ...]
    unnamed: tuple[int, ...] = ()


def clean_name(name: str) -> str:
    """A name without blanks around it, with plain ones for no-break spaces, and with accents in their letters.

    Nobody sees the difference.
    """
    return unicodedata.normalize("NFC", name.translate(_UNSEEN).strip())


def holds_data(name: str) -> bool:
    """Whether a text is a value, such as a number or a date, and not the name of a column."""
    return _DATA.fullmatch(name) is not None


def named_columns(code: str, names: Sequence[str], warn: Warn) -> Columns:
    """The columns of a flat file under names of their own, whatever their case: `Notes,Notes` are Notes and Notes_2.

    A column without a name is called by its position (from 1), such as column_5. A name that noshow uses itself gets a
    _. Raises `Refused` with `code` if there are too many columns or none has a name.
    """
    if len(names) > MAX_COLUMNS:
        raise Refused(code, f"more than {MAX_COLUMNS} columns", "Is it one record a line?")
    clean = [clean_name(name) for name in names]
    if not any(clean):
        raise Refused(code, "no column of the header has a name", "The first line names the columns")
    own = [f"{name}_" if name.lower() in _OURS else name for name in clean]
    # Names that the file gives itself are taken from the start: of `Notes,Notes,Notes_2` the second is Notes_3.
    taken = {name.lower() for name in own}
    unique: list[str] = []
    seen: set[str] = set()
    for position, name in enumerate(own, 1):
        made = name
        if not name:
            made = _free(f"column_{position}", taken, first=1)
        elif name.lower() in seen:
            made = _free(name, taken)
            warn(f"file.repeated_column: {name} -> {made}")
        seen.add(made.lower())
        taken.add(made.lower())
        unique.append(made)
    return Columns(tuple(unique), tuple(at for at, name in enumerate(own) if not name))


def _free(name: str, taken: set[str], first: int = 2) -> str:
    """The name if `first` is 1, else with the first number behind it that makes a name nothing has."""
    number = first
    while (made := name if number == 1 else f"{name}_{number}").lower() in taken:
        number += 1
    return made


def require_header(
    code: str, row: Sequence[str], later: Iterable[tuple[int, Sequence[str]]], columns_may_be_data: bool = False
) -> None:
    """Raise `Refused` if the first row does not name the columns, with the line that seems to, if any does.

    `later` is the rows after it with their line numbers. `columns_may_be_data` as in `Layout`.
    """
    names = [clean_name(name) for name in row]
    better = max(
        (row for row in later if _is_better(row[1], names, columns_may_be_data)),
        key=lambda row: _count_names(row[1]),
        default=None,
    )
    is_data = not columns_may_be_data and any(map(holds_data, names))
    if better:
        line, other = better
        first = next(clean_name(name) for name in other if clean_name(name))
        raise Refused(
            code,
            f"the first line does not name the columns; line {line} seems to",
            f'Write header = "{first}" at the top of the mapping: the header is the first line with a column of this '
            "name",
        )
    if is_data:
        raise Refused(code, "the first line holds data", "It has to name the columns")


def _count_names(row: Sequence[str]) -> int:
    return sum(1 for name in row if clean_name(name))


def _is_better(row: Sequence[str], first: Sequence[str], may_be_data: bool = False) -> bool:
    """Whether a row names the columns better than the first one does.

    A title, `Attendance June;;;`, has one name where the header below it has five. A line of groups over the header,
    `Visit;;;Who;Outcome`, leaves more than one column without a name.
    """
    names = [clean_name(name) for name in row]
    while names and not names[-1]:
        names.pop()
    if len(names) < 2 or not all(names) or any(map(holds_data, names[:1] if may_be_data else names)):
        return False
    if len({name.lower() for name in names}) < len(names):
        return False
    given = [at for at, name in enumerate(first) if name]
    gaps = (max(given) + 1 if given else 0) - len(given)
    return len(given) * 2 <= len(names) or (gaps > 1 and len(first) == len(row))


def values_above(rows: Sequence[Sequence[str]], names: Iterable[str]) -> tuple[str, ...]:
    """The values of these names in the lines above a header, beside the name or below it; empty if there is none.

    In `Course,Biology 101` the value stands beside; below `Meeting ID,Topic,Start Time` in the next line.
    """
    found: dict[str, str] = {}
    for at, row in enumerate(rows):
        filled = [clean_name(cell) for cell in row if clean_name(cell)]
        if len(filled) == 2:
            found.setdefault(filled[0].lower().removesuffix(":"), filled[1])
        elif len(filled) > 2 and at + 1 < len(rows):
            for name, value in zip(row, rows[at + 1], strict=False):
                found.setdefault(clean_name(name).lower(), clean_name(value))
    return tuple(found.get(clean_name(name).lower(), "") for name in names)


def has_column(row: Sequence[str], wanted: str) -> bool:
    """Whether a row has a column of this name, whatever its case."""
    name = clean_name(wanted).lower()
    return any(clean_name(cell).lower() == name for cell in row)


def no_header(code: str, wanted: str) -> Refused:
    """The refusal of a file without the header that a mapping names."""
    return Refused(code, f"no line has a column called {wanted!r}", "Correct `header` in the mapping")
