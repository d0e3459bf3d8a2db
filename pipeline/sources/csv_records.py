"""Read CSV into chunks of rows, as text columns with the lines they start on.

The separator is comma, semicolon, tab or bar, whichever occurs most often in the header, or the one that a first line
such as `sep=;` names, as Excel writes it. A row with more or fewer fields than the header is a fault; noshow does not
guess which field is missing.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from pipeline.faults import Refused
from pipeline.sources.chunks import RECORDS_PER_CHUNK, Chunk, Chunks, Warn
from pipeline.sources.encodings import RECORD_LIMIT, decoded_lines, wide_encoding
from pipeline.sources.flat_rows import FlatRows, is_blank
from pipeline.sources.header_rows import are_header_rows, header_rows_read, joined_names, require_no_pair_below
from pipeline.sources.headers import (
    LINES_BEFORE_HEADER,
    clean_name,
    has_column,
    named_columns,
    no_header,
    require_header,
    values_above,
)
from pipeline.sources.layout import WHOLE_FILE, Layout
from pipeline.sources.lines import TextLines
from pipeline.sources.plain_rows import plain_rows

_CODE = "file.csv_header"
SEPARATORS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
# `sep=;`, `sep=\t` with the two letters, and both with quotes anywhere or separators behind them, as programs that do
# not know the line write it again.
_SEP = re.compile(r"sep=(\\t|[^\w\s]|\t)[,;|\t ]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Header:
    """The header of a CSV file: its text, its separator and its fields; `above` are values that stand above it."""

    text: str
    separator: str
    fields: list[str]
    above: tuple[str, ...] = ()

    def beside(self, values: Iterable[str]) -> str:
        """Fields of their own at the end of a record."""
        return "".join(self.separator + _quoted(value) for value in values)


def read_csv(
    stream: IO[bytes], warn: Warn, encoding: str = "utf-8", layout: Layout = WHOLE_FILE, *, is_kept: bool = False
) -> Chunks:
    """Read the rows of a CSV file in chunks; empty fields are null. Raises `Refused` if the file is not such CSV.

    `is_kept` says that the header and the rows were read before: the first line is the header, and no row is blank.
    """
    csv.field_size_limit(RECORD_LIMIT)
    lines = TextLines(decoded_lines(stream, encoding, warn))
    header = _header(lines, layout, is_kept, warn)
    columns = named_columns(_CODE, [*header.fields, *layout.above], warn)
    # A row that is set aside is read again later without the lines above the header: it keeps their values beside it.
    kept = kept_header(header.text.rstrip("\r\n") + header.beside(layout.above), header.separator)
    beside = header.beside(header.above)
    rows = FlatRows(columns, kept, warn, ends_at_blank=layout.has_other_parts, end=layout.end)
    width = len(header.fields)
    records = _rows(lines, header.separator)
    is_at_end = False
    while not is_at_end:
        if not header.above and rows.may_be_plain:
            plain = _plain_chunks(lines, header.separator, len(columns.names), rows)
            yield from plain
            if plain:
                continue
        is_at_end = True
        for row in itertools.islice(records, RECORDS_PER_CHUNK):
            is_at_end = False
            raw, line = lines.record()
            # A line of blanks alone is a row with too few fields, unless it may be where the rows end.
            if not row or (not is_kept and is_blank(row) and (len(row) == width or layout.has_other_parts)):
                rows.skip_blank()
                continue
            if is_at_end := rows.is_other_part(row, line, len(header.above)):
                break
            if header.above:
                row, raw = [*row, *header.above], raw + beside
            if chunk := rows.add(row, raw, line):
                yield chunk
    yield from rows.finish()
    if lines.mixed:
        warn("file.mixed_eol")


def _plain_chunks(lines: TextLines, separator: str, width: int, rows: FlatRows) -> list[Chunk]:
    """The chunk of the next lines, behind one of the rows before them, if each line is surely one row; else nothing."""
    taken = lines.take(RECORDS_PER_CHUNK)
    plain = plain_rows(taken, separator, width) if taken else None
    if plain is None:
        lines.give_back(taken)
        return []
    return rows.add_plain(plain, lines.keep(taken, plain.end))


def csv_line(fields: Iterable[str | None]) -> str:
    """Write fields as one CSV record with commas, without an end of line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def kept_header(text: str, separator: str) -> str:
    """The text from which a header can be read again, with a line `sep=` if its separator does not show in it."""
    line = text.rstrip("\r\n")
    return line if separator_of(line) == separator else f"sep={separator}\n{line}"


def is_table(start: bytes) -> bool:
    """Whether the first bytes of a text are those of a table: two neighbouring lines have as many separators.

    Prose has commas too, but seldom two lines with two or more.
    """
    text = start.decode(wide_encoding(start) or "utf-8", "replace")
    if text.lstrip("\ufeff \r\n\t").startswith(("{", "[")):
        return False  # JSON under another name
    lines = [_QUOTED.sub("", line) for line in text.splitlines() if line.strip()][:LINES_BEFORE_HEADER]
    fewest = {",": 2, ";": 1, "\t": 1, "|": 1}
    return any(
        first.count(separator) == second.count(separator) >= fewest[separator]
        for first, second in itertools.pairwise(lines)
        for separator in SEPARATORS
    )


def _rows(lines: TextLines, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=separator, strict=True)
    except csv.Error as error:
        _, line = lines.record()
        raise Refused(
            "file.csv_syntax", f"not valid CSV in the record at line {line}: {error}", "Fetch the file again"
        ) from None


def _header(lines: TextLines, layout: Layout, is_kept: bool, warn: Warn) -> _Header:
    if layout.header_rows:
        return _numbered_header(lines, layout)
    for _ in range(layout.skip):
        next(lines, None)
        lines.start_record()
    first = _first_line(lines)
    said = _SEP.fullmatch(first.replace('"', "").strip("\r\n "))
    separator = None
    if said:
        separator = said.group(1).replace("\\t", "\t")
        lines.start_record()
        first = _first_line(lines)
    lines.put_back(first)
    separator = layout.separator or separator
    if layout.header is not None:
        return _named_header(lines, layout, separator)
    if layout.columns:
        separator = separator or separator_of(first)
        return _Header(separator.join(map(_quoted, layout.columns)), separator, list(layout.columns))
    separator = separator or separator_of(first)
    fields = next(_rows(lines, separator))
    text, line = lines.record()
    if not is_kept:
        later = [_fields(other, separator) for other in lines.ahead(LINES_BEFORE_HEADER)]
        if later and are_header_rows(fields, later[0], later[1:]):
            warn(header_rows_read(line))
            return _with_groups(fields, lines, separator)
        others = [(line + at, _fields(other)) for at, other in enumerate(lines.ahead(LINES_BEFORE_HEADER), 1)]
        require_no_pair_below(_CODE, fields, others)
        require_header(_CODE, fields, others, layout.columns_may_be_data)
    return _Header(text, separator, fields)


def _with_groups(groups: list[str], lines: TextLines, separator: str, above: tuple[str, ...] = ()) -> _Header:
    """The header of a row of groups, which has been read, and the row of names below it."""
    names = joined_names(groups, next(_rows(lines, separator), []))
    lines.record()
    return _Header(separator.join(map(_quoted, names)), separator, names, above)


def _numbered_header(lines: TextLines, layout: Layout) -> _Header:
    """The header in the lines whose numbers the layout gives."""
    separator, before = layout.separator, []
    for number, line in enumerate(lines, 1):
        if number == layout.header_rows[0]:
            lines.put_back(line)
            break
        said = _SEP.fullmatch(line.replace('"', "").strip("\r\n "))
        separator = separator or (said.group(1).replace("\\t", "\t") if said else None)
        before.append(_fields(line, separator))
        lines.start_record()
    else:
        raise Refused(_CODE, f"it has no line {layout.header_rows[0]}", "Correct `header` in the mapping")
    separator = separator or separator_of(line)
    fields = next(_rows(lines, separator), [])
    text, _ = lines.record()
    above = values_above(before[-LINES_BEFORE_HEADER:], layout.above)
    if len(layout.header_rows) > 1:
        return _with_groups(fields, lines, separator, above)
    return _Header(text, separator, fields, above)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(lines: TextLines) -> str:
    """Read on to a line that has more than separators. Raises `Refused` if there is none."""
    for line in lines:
        if line.strip(f'{SEPARATORS}" \r\n\xa0') and line.strip():
            return line
        lines.start_record()
    raise Refused("file.empty", "the file has no content", "An empty export would still have its header")


def _named_header(lines: TextLines, layout: Layout, separator: str | None) -> _Header:
    """Read on to the first line that has a column of the name that the layout gives."""
    wanted = layout.header or ""
    name = clean_name(wanted).lower()
    before: list[str] = []
    for line in lines:
        text, more = _whole_record(line, lines)
        if name in clean_name(text).lower():
            used = separator or separator_of(text)
            fields = _fields(text, used)
            if has_column(fields, wanted):
                for _ in range(more):
                    next(lines)
                lines.start_record()
                above = [_fields_above(other, used) for other in before]
                return _Header(text, used, fields, values_above(above, layout.above))
        if layout.above and len(before) < LINES_BEFORE_HEADER:
            before.append(line)
        lines.start_record()
    raise no_header(_CODE, wanted)


def _fields_above(line: str, separator: str) -> list[str]:
    """The fields of a line above the header. `Start time<tab>3/25/26, 5:55 PM` has a comma in its value."""
    fields = _fields(line, separator)
    return fields if len(fields) > 1 else _fields(line)


def _whole_record(line: str, lines: TextLines) -> tuple[str, int]:
    """The text of a record that begins with this line, and how many lines more it has: a quoted name may have some.

    A single quote in a title, `6" pipes`, is not the beginning of a field that ends somewhere below.
    """
    text = line
    if line.count('"') % 2:
        for more, other in enumerate(lines.ahead(LINES_BEFORE_HEADER), 1):
            text += other
            if text.count('"') % 2 == 0:
                return text, more
    return line, 0


def separator_of(line: str) -> str:
    """The separator that occurs most outside quotes, as the header of a table has it."""
    outside = _QUOTED.sub("", line)
    return max(SEPARATORS, key=outside.count)


def _fields(text: str, separator: str | None = None) -> list[str]:
    """The fields of one record, as far as it is one."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator or separator_of(text)), [])
    except csv.Error:
        return []
