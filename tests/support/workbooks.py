"""Excel workbooks written from rows of cells, part by part, so that tests choose the content of each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

Cell = str | int | float | bool | None


def xml(text: str) -> str:
    """A cell given as the XML inside it, marked so that it is not taken for a text."""
    return f"\0{text}"


def date(days: float) -> str:
    """A cell with a date: days since 1899-12-30, with a time as a fraction of a day. 46174 is 2026-06-01."""
    return xml(f"s='1'><v>{days!r}</v>")


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], hidden: Sequence[str] = ()) -> bytes:
    """A workbook of these worksheets, each a list of rows of cells."""
    names = list(sheets)
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{_PACKAGE}/content-types'>"
        "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        "<Default Extension='xml' ContentType='application/xml'/></Types>",
        "_rels/.rels": _relations({"r1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>"
        + "".join(
            f"<sheet name='{escape(name)}' sheetId='{n}' r:id='s{n}'{' state=' * (name in hidden)}"
            f"{chr(39) + 'hidden' + chr(39) if name in hidden else ''}/>"
            for n, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            {f"s{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)}
            | {"t": ("styles", "styles.xml")}
        ),
        # Style 1 shows a number as a date with a time.
        "xl/styles.xml": f"<styleSheet xmlns='{_MAIN}'><cellXfs count='2'>"
        "<xf numFmtId='0'/><xf numFmtId='22'/></cellXfs></styleSheet>",
    }
    for n, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = _sheet(rows)
    return packed({name: text.encode() for name, text in parts.items()})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    links = "".join(
        f"<Relationship Id='{id}' Type='{_OFFICE}/{type}' Target='{target}'/>" for id, (type, target) in targets.items()
    )
    return f"<Relationships xmlns='{_PACKAGE}/relationships'>{links}</Relationships>"


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    lines = "".join(
        f"<row r='{line}'>{''.join(_cell(cell, line, at) for at, cell in enumerate(row))}</row>"
        for line, row in enumerate(rows, 1)
        if any(cell is not None for cell in row)
    )
    return f"<worksheet xmlns='{_MAIN}'><sheetData>{lines}</sheetData></worksheet>"


def _cell(cell: Cell, line: int, at: int) -> str:
    place = f"<c r='{chr(ord('A') + at)}{line}' "
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f"{place}t='b'><v>{int(cell)}</v></c>"
    if isinstance(cell, int | float):
        return f"{place}><v>{cell!r}</v></c>"
    if cell.startswith("\0"):
        return f"{place}{cell[1:]}</c>"
    return f"{place}t='inlineStr'><is><t xml:space='preserve'>{escape(cell)}</t></is></c>"
