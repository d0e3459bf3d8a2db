"""A report as a workbook: a sheet a table, numbers as numbers, and all that belongs to a rate beside it."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
import python_calamine
from support import report_frames as build
from support.report_frames import report

from reports.report import Report
from reports.workbook.tables import Table, sheet_names, tables_of
from reports.workbook.write import workbook

FORMULA = "=1+1"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(made: Report) -> dict[str, list[dict[str, Any]]]:
    """The rows of each sheet, as a spreadsheet reads them."""
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(workbook(made)))
    read = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    return {name: [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]] for name, rows in read.items()}


def test_every_rate_has_its_counts_interval_and_definition_beside_it() -> None:
    found = sheets(report())
    rated = {name: rows for name, rows in found.items() if "no-show rate" in rows[0]}
    assert {"Services", "Locations", "Members of staff", "Days booked ahead", "By week"} <= rated.keys()
    for rows in rated.values():
        for row in rows:
            rate, missed, of = row["no-show rate"], row["no-shows"], row["of"]
            assert isinstance(missed, float | int)
            assert rate == "" or (rate == pytest.approx(missed / of) and row["95 % from"] <= rate <= row["95 % to"])
            assert row["definition"].startswith("no-shows of marked bookings")
    assert rated["Services"][0]["no-show rate"] == 0.25
    assert isinstance(rated["By week"][0]["begins"], dt.date)
    first = found["Figures"][0]
    assert (first["rate"], first["part"], first["of"]) == (0.25, 8, 32)


def test_the_definition_names_presumed_bookings() -> None:
    presumed = build.counts(0, 40, bookings=400, rated_bookings=400, register_marked=0, register_no_shows=0)
    regimes = build.rows("regimes", {"marks": "no_shows", "bookings": 400})
    made = report(overall=build.rates([({}, presumed | {"presumed_attended": 360})], {}), regimes=regimes)
    assert "presumed" in sheets(made)["Figures"][0]["definition"]


def test_a_name_is_never_a_formula_and_never_lost() -> None:
    names = (FORMULA, "@SUM(1)", "+1", "-1", "http://example.com", "x" * 40_000)
    made = report(service=build.named("service", *((name, build.counts(24, 8)) for name in names)))
    shown = {row["service"] for row in sheets(made)["Services"]}
    assert shown == {name[:32_767] for name in names}
    with zipfile.ZipFile(BytesIO(workbook(made))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert any(FORMULA.encode() in part for part in parts.values())
    assert not any(b"<f>" in part or b"<hyperlink" in part for part in parts.values())


def sheet_xml(made: Report, name: str) -> ElementTree.Element:
    book = BytesIO(workbook(made))
    place = python_calamine.CalamineWorkbook.from_filelike(book).sheet_names.index(name) + 1
    with zipfile.ZipFile(book) as parts:
        return ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{place}.xml"))


def test_columns_are_as_wide_as_their_texts_and_long_texts_are_seen_whole() -> None:
    made = report(
        service=build.named("service", ("Yoga " * 40, build.counts(23, 7)), ("Spinning", build.counts(24, 8)))
    )
    sheet = sheet_xml(made, "Services")
    widths = {int(each.attrib["min"]): float(each.attrib["width"]) for each in sheet.iter(f"{MAIN}col")}
    # 0.30434782608695654 is shown as 30.4%, and the head is longer.
    assert widths[1] > 50 > 20 > widths[2]
    heights = [float(row.attrib.get("ht", 15)) for row in sheet.iter(f"{MAIN}row")]
    assert sorted(heights)[:-1] == [15, 15]
    assert heights[1] > 30


def test_a_sheet_is_printed_one_page_wide_with_its_heads_on_each() -> None:
    book = BytesIO(workbook(report()))
    setup = next(sheet_xml(report(), "Services").iter(f"{MAIN}pageSetup")).attrib
    assert (setup["orientation"], setup["fitToHeight"], setup["paperSize"]) == ("landscape", "0", "9")
    with zipfile.ZipFile(book) as parts:
        names = [each.text for each in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{MAIN}definedName")]
    assert "Services!$1:$1" in names


def test_the_same_report_is_the_same_workbook() -> None:
    assert workbook(report()) == workbook(report())


def test_a_shared_workbook_has_only_what_the_shared_report_has() -> None:
    shared = report({"share": True}, staff=build.named("staff", ("Ana Reyes", build.counts(24, 8))))
    found = sheets(shared)
    assert not {"Members of staff", "Repeat no-shows", "Registers", "Sessions", "Worth"} & found.keys()
    assert "Ana Reyes" not in str(found)


def test_sheets_have_names_that_excel_takes() -> None:
    names = ["By a/b", "By a b", "by A B", "x" * 40, "x" * 50, "[]", "'quoted'"]
    given = sheet_names([Table(name, (), ()) for name in names])
    assert list(given) == list(range(len(names)))
    assert len({name.lower() for name in given.values()}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in given.values())


def test_tables_without_rows_are_left_out() -> None:
    assert all(table.rows for table in tables_of(report()))
    assert {table.name for table in tables_of(report(service=build.named("service")))}.isdisjoint({"Services"})
