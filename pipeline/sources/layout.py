"""Where the records of a file lie, for files that hold more than records."""

from __future__ import annotations

from dataclasses import dataclass

# UTF-8, or if the bytes are not that, the encoding that they are in by all appearance.
ANY_ENCODING = "any"


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of the records in a file, as a mapping says it.

    `header` is the name of a column: the header is the first line with a column of this name, and the records end
    where another part of the file begins below a blank line. `sheet` is the name of a worksheet of an Excel workbook;
    without it the first is read.
    `columns_may_be_data` says that columns may be called like dates or numbers, as in a register with a column a day.

    `header_rows` are the numbers (from 1) of the line that names the columns, or of two lines that do so together.
    `skip` is a number of lines before the header, `separator` one character, `encoding` a name or `ANY_ENCODING`.
    `end` is the first word of a row, such as Total, at which the records end. `columns` names the columns of
    a file without a header. `above` names values that stand in the lines above the header, such as the title of a
    meeting: each becomes a column of every record. `records` are the dotted paths at which a JSON document may hold its
    records.
    """

    header: str | None = None
    sheet: str | None = None
    columns_may_be_data: bool = False
    skip: int = 0
    separator: str | None = None
    encoding: str | None = None
    end: str | None = None
    columns: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    header_rows: tuple[int, ...] = ()

    @property
    def has_other_parts(self) -> bool:
        """Whether the mapping says where the header is, so that other parts of the file may stand around its rows."""
        return self.header is not None or bool(self.header_rows)


# The header is the first line, and every line after it is a record.
WHOLE_FILE = Layout()
