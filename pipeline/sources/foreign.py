"""Files that noshow does not read, recognised by their names or first bytes, and what to do with them."""

from __future__ import annotations

from pathlib import Path

from pipeline.faults import Refused

_SAVE_AS = "Open it in a spreadsheet and save it as .xlsx or CSV"
_EXPORT = "Export the bookings as CSV"
# The suffix of a file -> its format in words, and the remedy.
_BY_SUFFIX = {
    ".7z": ("a 7-Zip archive", "Unpack it and load the files in it"),
    ".rar": ("a RAR archive", "Unpack it and load the files in it"),
    ".tar": ("a tar archive", "Unpack it and load the files in it"),
    ".tgz": ("a tar archive", "Unpack it and load the files in it"),
    ".ics": ("a calendar, which does not say who came", _EXPORT),
    ".ical": ("a calendar, which does not say who came", _EXPORT),
    ".xls": ("an old Excel workbook", _SAVE_AS),
    ".xlsb": ("a binary Excel workbook", _SAVE_AS),
    ".ods": ("an OpenDocument spreadsheet", _SAVE_AS),
    ".numbers": ("a Numbers spreadsheet", "Export it from Numbers as CSV"),
    ".pdf": ("a PDF", _EXPORT),
    ".html": ("a web page", _EXPORT),
    ".htm": ("a web page", _EXPORT),
    ".doc": ("a Word document", _EXPORT),
    ".docx": ("a Word document", _EXPORT),
    ".xml": ("XML", _EXPORT),
}
# The first bytes of a file -> its format in words, the remedy, and the formats that begin like this.
_BY_START = (
    (b"PK\x03\x04", "a zip archive or a workbook", "Unpack it, or use --source-format xlsx for a workbook", ("xlsx",)),
    (b"\xd0\xcf\x11\xe0", "an old or a protected Excel workbook", f"{_SAVE_AS}, without a password", ()),
    (b"%PDF", "a PDF", _EXPORT, ()),
    (b"BEGIN:VC", "a calendar, which does not say who came", _EXPORT, ()),
    (b"PAR1", "Parquet", "Use --source-format parquet", ("parquet",)),
)


def foreign_hint(path: Path) -> str:
    """The remedy for a file of another program, such as `a zip archive: unpack it and load the files in it`, or ""."""
    words, remedy = _BY_SUFFIX.get(path.suffix.lower(), ("", ""))
    return f"{words}: {remedy[:1].lower()}{remedy[1:]}" if words else ""


def require_known(path: Path, format: str | None, start: bytes) -> None:
    """Raise `Refused` for a file that is not of any format, or by its first bytes not of this one."""
    for sign, words, remedy, formats in _BY_START:
        if format and start.startswith(sign) and format not in formats:
            raise Refused("file.other_format", f"it is {words}, not {format}", remedy)
    if format:
        return
    words, remedy = _BY_SUFFIX.get(path.suffix.lower(), ("", ""))
    if words:
        raise Refused("file.format_unknown", f"it is {words}", remedy)
    raise Refused(
        "file.format_unknown",
        "the format is not clear from the name",
        "Use --source-format json|ndjson|csv|xlsx|parquet",
    )
