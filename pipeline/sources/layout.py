"""Where the records of a file lie, for files that hold more than records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of the records in a file, as a mapping says it.

    `header` is the name of a column: the header is the first line with a column of this name, and the records end
    where another part of the file begins below a blank line. `sheet` is the name of a worksheet of an Excel workbook;
    without it the first is read.
    `columns_may_be_data` says that columns may be called like dates or numbers, as in a register with a column a day.
    """

    header: str | None = None
    sheet: str | None = None
    columns_may_be_data: bool = False


# The header is the first line, and every line after it is a record.
WHOLE_FILE = Layout()
