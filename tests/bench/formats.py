"""Known exports: recognising one in a large file, and a workbook beside the same rows as CSV."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

from measuring import Row, Run, alone, seconds_of

HEADER = "id,member_id,studio_key,class_tag,instructor_full_name,level,canceled,reserved_for,signed_in_at"
FIRST = dt.datetime(2025, 1, 6, 6)  # noqa: DTZ001
GIGABYTE = 2**30
_NUMBERS = (0, 1, 5)
_MOMENTS = (7, 8)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _cells(at: int) -> list[str]:
    start = FIRST + dt.timedelta(hours=at // 20)
    came = start.isoformat(" ") if at % 5 else ""
    return [str(at), str(at % 5_000), "north", f"class {at % 7}", "Lu May", "2", "f", start.isoformat(" "), came]


def _write_csv(path: Path, rows: int) -> None:
    with path.open("w") as stream:
        stream.write(HEADER + "\n")
        stream.writelines(",".join(_cells(at)) + "\n" for at in range(rows))


def _write_xlsx(path: Path, rows: int) -> None:
    links = f"<Relationships xmlns='{_PACKAGE}/relationships'>"
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{_PACKAGE}/content-types'>"
        "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        "<Default Extension='xml' ContentType='application/xml'/></Types>",
        "_rels/.rels": f"{links}<Relationship Id='r1' Type='{_OFFICE}/officeDocument' Target='xl/workbook.xml'/>"
        "</Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>"
        "<sheet name='a' sheetId='1' r:id='s1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{links}"
        f"<Relationship Id='s1' Type='{_OFFICE}/worksheet' Target='worksheets/sheet1.xml'/>"
        f"<Relationship Id='t' Type='{_OFFICE}/styles' Target='styles.xml'/></Relationships>",
        "xl/styles.xml": f"<styleSheet xmlns='{_MAIN}'><cellXfs count='2'><xf numFmtId='0'/><xf numFmtId='22'/>"
        "</cellXfs></styleSheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"<worksheet xmlns='{_MAIN}'><sheetData>".encode())
            for line, cells in enumerate([HEADER.split(","), *map(_cells, range(rows))], 1):
                sheet.write(_row(line, cells).encode())
            sheet.write(b"</sheetData></worksheet>")


def _row(line: int, cells: list[str]) -> str:
    made = []
    for at, text in enumerate(cells):
        place = f"<c r='{chr(ord('A') + at)}{line}' "
        if not text:
            continue
        if line > 1 and at in _MOMENTS:
            days = (dt.datetime.fromisoformat(text) - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)  # noqa: DTZ001
            made.append(f"{place}s='1'><v>{days!r}</v></c>")
        elif line > 1 and at in _NUMBERS:
            made.append(f"{place}><v>{text}</v></c>")
        else:
            made.append(f"{place}t='inlineStr'><is><t>{text}</t></is></c>")
    return f"<row r='{line}'>{''.join(made)}</row>"


def recognise(path: Path) -> float:
    """The seconds of recognising a file."""
    from pipeline.formats.recognition import recognised
    from pipeline.sources import source_files

    ((source,), _) = source_files([path])

    def run() -> None:
        mapping = recognised(source)
        assert mapping is not None
        assert mapping.path.stem == "clubready"

    return seconds_of(run)


def load(path: Path, rows: int) -> float:
    """The seconds of loading a file into an empty database."""
    import pipeline

    db = path.with_suffix(f"{path.suffix}.duckdb")

    def run() -> None:
        with pipeline.open_store(db) as store:
            (outcome,) = pipeline.ingest(store, [path])
            assert outcome.loaded == rows

    return seconds_of(run)


def rows(folder: Path, size: int) -> list[Row]:
    """Recognition in a gigabyte of rows, and a fifth of `size` rows as a workbook and as CSV."""
    large = folder / "large.csv"
    _write_csv(large, 100_000)
    block = large.read_bytes().partition(b"\n")[2]
    with large.open("ab") as stream:
        for _ in range(GIGABYTE // len(block)):
            stream.write(block)
    found = alone(recognise, large)
    count = size // 5
    _write_csv(folder / "visits.csv", count)
    _write_xlsx(folder / "visits.xlsx", count)
    flat = alone(load, folder / "visits.csv", count)
    book = alone(load, folder / "visits.xlsx", count)
    return [
        Row("recognise an export in 1 GB of CSV", found, "a second", Run(1, 0), "at most 1x"),
        Row(f"ingest a workbook of {count:,} rows", book, "the same as CSV", flat, "at most 3x"),
    ]
