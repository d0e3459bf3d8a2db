"""Excel workbooks: the texts of cells, the worksheet, the header, row numbers, and refusals."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from support.records import Make
from support.workbooks import Cell, date, packed, workbook, xml

import pipeline
from pipeline.faults import Refused
from pipeline.sources import WHOLE_FILE, Chunk, Layout, read_chunks, source_files
from pipeline.store.opening import Store

HEAD = ["Booking", "Start", "Paid"]


def read(path: Path, content: bytes, layout: Layout = WHOLE_FILE) -> tuple[list[Chunk], list[str]]:
    path.write_bytes(content)
    warnings: list[str] = []
    (source,), _ = source_files([path])
    return list(read_chunks(source, warnings.append, layout=layout)), warnings


def texts(chunks: list[Chunk]) -> list[tuple[object, ...]]:
    return [row for chunk in chunks if chunk.flat is not None for row in chunk.flat.drop("record").rows()]


CELLS: list[tuple[Cell, str | None]] = [
    ("4711", "4711"),
    ("007", "007"),
    (" Müller & <Söhne> ", " Müller & <Söhne> "),
    (7, "7"),
    (7.0, "7"),
    (4.5, "4.5"),
    (-0.25, "-0.25"),
    (487000123, "487000123"),
    (999999999999999, "999999999999999"),
    # Excel has rounded it, as the digits show.
    (1234567890123450, "1.23456789012345E+15"),
    (True, "true"),
    (False, "false"),
    (date(46174), "2026-06-01"),
    (xml("><f>1+1</f><v>2</v>"), "2"),
    (xml("t='str'><f>A1</f><v>Yoga</v>"), "Yoga"),
    (xml("t='e'><v>#N/A</v>"), None),
    (xml("t='n'>"), None),
]


@pytest.mark.parametrize(("cell", "text"), CELLS)
def test_a_cell_is_read_as_the_text_that_a_csv_would_have(tmp_path: Path, cell: Cell, text: str | None) -> None:
    chunks, warnings = read(tmp_path / "a.xlsx", workbook({"Visits": [["Booking", "Value"], ["b", cell]]}))
    assert (texts(chunks), warnings) == ([("b", text)], [])


def test_times_are_iso_to_the_second_and_midnight_is_one_beside_other_times(tmp_path: Path) -> None:
    # 0.75 of a day is 18:00; 10:00 is stored as a fraction that is a little less.
    rows: list[Sequence[Cell]] = [["Day", "Start"], [date(46174), date(46174.75)], [date(46175), date(46175)]]
    rows.append([date(46176), date(46176 + 9.999999999 / 24)])
    chunks, _ = read(tmp_path / "a.xlsx", workbook({"Visits": rows}))
    assert texts(chunks) == [
        ("2026-06-01", "2026-06-01T18:00:00"),
        ("2026-06-02", "2026-06-02T00:00:00"),
        ("2026-06-03", "2026-06-03T10:00:00"),
    ]


def test_rows_keep_the_numbers_of_the_worksheet_and_empty_ones_are_passed_over(tmp_path: Path) -> None:
    rows: list[Sequence[Cell]] = [[], HEAD, [], [1, "a", "x"], [" "], [None, None, None], [2, "b", None]]
    chunks, warnings = read(tmp_path / "a.xlsx", workbook({"Visits": rows}))
    (chunk,) = chunks
    assert (texts(chunks), list(chunk.lines), warnings) == ([("1", "a", "x"), ("2", "b", None)], [4, 7], [])
    assert (chunk.header, list(chunk.raws)) == ("Booking,Start,Paid", [b"1,a,x", b"2,b,"])


def test_the_first_worksheet_in_sight_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    content = workbook(
        {"Lists": [["A"], ["0"]], "Visits": [["A"], ["1"]], "Old visits": [["A"], ["2"]]}, hidden=["Lists"]
    )
    found = {
        name: texts(read(tmp_path / "a.xlsx", content, Layout(sheet=name))[0])
        for name in (None, "Visits", " old VISITS", "Lists")
    }
    assert found == {None: [("1",)], "Visits": [("1",)], " old VISITS": [("2",)], "Lists": [("0",)]}
    with pytest.raises(Refused) as refused:
        read(tmp_path / "a.xlsx", content, Layout(sheet="Visit"))
    assert (refused.value.code, refused.value.hint.endswith("Lists, Visits, Old visits")) == ("file.xlsx_sheet", True)


def test_the_header_may_stand_below_a_title_and_its_table_end_at_a_blank_row(tmp_path: Path) -> None:
    rows: list[Sequence[Cell]] = [
        ["Attendance in June"],
        [],
        HEAD,
        [1, "a", "x"],
        [],
        [2, "b", "y"],
        [],
        ["Activities"],
        ["Who", "Topic", "When"],
    ]
    content = workbook({"Visits": rows})
    with pytest.raises(Refused) as refused:
        read(tmp_path / "a.xlsx", content)
    assert (refused.value.code, 'header = "Booking"' in refused.value.hint) == ("file.xlsx_header", True)
    chunks, warnings = read(tmp_path / "a.xlsx", content, Layout(header="booking"))
    assert texts(chunks) == [("1", "a", "x"), ("2", "b", "y")]
    assert warnings == ["file.rest_not_read: line 8 on"]
    with pytest.raises(Refused, match="no line has a column called 'Bookings'"):
        read(tmp_path / "a.xlsx", content, Layout(header="Bookings"))


def test_repeated_and_missing_names_of_columns_get_names_of_their_own(tmp_path: Path) -> None:
    chunks, warnings = read(tmp_path / "a.xlsx", workbook({"V": [["A", None, "a"], ["1", "2", "3"]]}))
    (chunk,) = chunks
    assert chunk.flat is not None
    assert chunk.flat.columns == ["record", "A", "column_2", "a_2"]
    assert warnings == ["file.repeated_column: a -> a_2", "file.unnamed_column: column_2"]


def test_a_workbook_loads_like_a_csv_and_what_is_quarantined_can_be_repaired(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make]
) -> None:
    good, bad = make.attendance(1), make.attendance(2) | {"numberOfAttendees": "few"}
    rows = [list(good), list(good.values()), list(bad.values())]
    (tmp_path / "Visits.XLSX").write_bytes(workbook({"Visits": rows}))
    (outcome,) = pipeline.ingest(store, [tmp_path / "Visits.XLSX"])
    assert (outcome.refused, outcome.kind, outcome.loaded, outcome.quarantined) == (None, "attendance", 1, 1)
    line, raw = con.execute("select line, raw from quarantine").fetchall()[0]
    assert (line, raw) == (3, ",".join(map(str, bad.values())))
    (retried,) = pipeline.retry_quarantined(store, every=True)
    assert (retried.refused, retried.quarantined) == (None, 1)
    assert pipeline.ingest(store, [tmp_path / "Visits.XLSX"])[0].already_loaded


def with_cells(*cells: str, root: str = "worksheet") -> bytes:
    """A workbook with these cells, each in a row of its own."""
    rows = "".join(f"<row>{cell}</row>" for cell in cells)
    return with_sheet(f"<{root}><sheetData>{rows}</sheetData></{root}>".encode())


def with_sheet(content: bytes, **others: bytes) -> bytes:
    """A workbook with this worksheet, and other parts changed by their names without folder and suffix."""
    with zipfile.ZipFile(io.BytesIO(workbook({"V": [["A"]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = {name: others.get(Path(name).stem, text) for name, text in parts.items()}
    return packed(changed | {"xl/worksheets/sheet1.xml": content})


FIRST, LAST = "<c r='A1'><v>1</v></c>", "<c r='XFD1048576'><v>1</v></c>"


def elsewhere() -> bytes:
    """A workbook whose worksheet, with its cells far apart, is in a part that does not end in .xml."""
    sheet = f"<worksheet><sheetData><row>{FIRST}{LAST}</row></sheetData></worksheet>".encode()
    with zipfile.ZipFile(io.BytesIO(workbook({"V": [["A"]]}))) as archive:
        parts = {name: archive.read(name).replace(b"sheet1.xml", b"sheet1.dat") for name in archive.namelist()}
    return packed(parts | {"xl/worksheets/sheet1.dat": sheet})


def encrypted() -> bytes:
    """A workbook whose parts say that they are encrypted."""
    content = bytearray(workbook({"V": [["A"], ["1"]]}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(sign, at + 1)
    return bytes(content)


def lying() -> bytes:
    """A worksheet of 20 MB that claims to have 100 bytes."""
    content = bytearray(with_sheet(b"<worksheet>" + b" " * 20_000_000 + b"</worksheet>"))
    size = struct.pack("<I", 20_000_000 + len("<worksheet></worksheet>"))
    assert content.count(size) == 2
    return bytes(content.replace(size, struct.pack("<I", 100)))


BAD: list[tuple[bytes, str, str]] = [
    (b"Booking,Start\n", "file.xlsx", "not an Excel workbook"),
    (b"PK\x03\x04" + b"\0" * 100, "file.xlsx", "not an Excel workbook"),
    (workbook({"V": [["A"], ["1"]]})[:-40], "file.xlsx", "not an Excel workbook"),
    (packed({"visits.csv": b"Booking,Start\n"}), "file.xlsx", "without the parts of a workbook"),
    (packed({"[Content_Types].xml": b"<Types/>"}), "file.xlsx", "not an Excel workbook"),
    (with_sheet(b"<worksheet><sheetData><row>"), "file.xlsx", "not an Excel workbook"),
    (with_sheet(b"<worksheet>" + b" " * 100_000_000 + b"</worksheet>"), "file.expansion_limit", "200 times"),
    (lying(), "file.xlsx", "not an Excel workbook"),
    (with_cells(FIRST, LAST), "file.expansion_limit", "too far apart"),
    (with_cells(FIRST, LAST, root="sst"), "file.expansion_limit", "too far apart"),
    (with_cells("<c r='A4294967296'><v>1</v></c>"), "file.xlsx", "not an Excel workbook"),
    (with_cells("<c r='a1'><v>1</v></c>"), "file.xlsx", "no cell can be at 'a1'"),
    (with_sheet(b"<worksheet><sheetData><row r='1048577'/></sheetData></worksheet>"), "file.xlsx", "no row can have"),
    (with_sheet(b"<worksheet/>", styles=b"<sst uniqueCount='+4294967296'/>"), "file.xlsx", "no part has"),
    (elsewhere(), "file.xlsx", "not in a part that ends in .xml"),
    (encrypted(), "file.xlsx", "protected by a password"),
    (workbook({"V": [["x"] for _ in range(1)]}, hidden=["V"]), "file.xlsx_sheet", "no worksheet"),
    (workbook({"V": []}), "file.empty", "the worksheet is empty"),
    (workbook({"V": [["Booking", "Start"], [1, 2]]}), "file.kind_unknown", "Booking, Start"),
    (workbook({"V": [["4711", "2026-06-01"]]}), "file.xlsx_header", "holds data"),
]


@pytest.mark.parametrize(("content", "code", "words"), BAD)
def test_a_workbook_that_cannot_be_trusted_is_refused(
    store: Store, tmp_path: Path, content: bytes, code: str, words: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.xlsx"])
    assert outcome.refused
    assert (outcome.refused.code, words in outcome.refused.message) == (code, True), outcome.refused


def test_a_header_with_other_separators_in_it_is_read_again_as_it_was(store: Store, tmp_path: Path) -> None:
    rows = [["id", "name; full; long", "name"], ["a", "x", "Yoga"]]
    (tmp_path / "a.xlsx").write_bytes(workbook({"V": [*rows, ["00000001-0000-4000-8000-000000000000", "y", "Spin"]]}))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.xlsx"])
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    (retried,) = pipeline.retry_quarantined(store, every=True)
    assert (retried.refused, retried.quarantined) == (None, 1)
    con = store.connection
    assert con.execute("select rule, line, raw from quarantine").fetchall() == [("id_format", 2, "a,x,Yoga")]


def test_a_gzipped_workbook_is_read_too(tmp_path: Path) -> None:
    chunks, _ = read(tmp_path / "a.xlsx.gz", gzip.compress(workbook({"V": [["A"], [1]]})))
    assert texts(chunks) == [("1",)]
