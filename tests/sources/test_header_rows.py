"""Two header rows, groups over names: found by themselves, said by their lines, and never taken from a plain header."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.workbooks import workbook

import queries
from pipeline.faults import Refused
from pipeline.mapping.drafting.looking import look_at
from pipeline.mapping.reading import read_mapping
from pipeline.sources import WHOLE_FILE, Chunk, Layout, read_chunks, source_files
from pipeline.sources.header_rows import are_header_rows, joined_names

GROUPS, NAMES = ["Booking", "", "Customer", "", "ID"], ["Date", "Time", "Name", "Phone", ""]
JOINED = ["Booking Date", "Booking Time", "Customer Name", "Customer Phone", "ID"]
DATA = [["05/10/2026", "18:00", "Ann", "1", "B1"], ["12/10/2026", "18:00", "Bo", "", "B2"]]


def text(*rows: list[str]) -> bytes:
    return "".join(";".join(row) + "\n" for row in rows).encode()


def read(path: Path, content: bytes, layout: Layout = WHOLE_FILE) -> tuple[Chunk, list[str]]:
    path.write_bytes(content)
    warnings: list[str] = []
    (source,), _ = source_files([path])
    (chunk,) = read_chunks(source, warnings.append, layout=layout)
    return chunk, warnings


def names(chunk: Chunk) -> list[str]:
    assert chunk.flat is not None
    return chunk.flat.columns[1:]


@pytest.mark.parametrize(
    ("groups", "below", "made"),
    [
        (GROUPS, NAMES, JOINED),
        (["", "Visit", ""], ["Who", "Date", "Class"], ["Who", "Visit Date", "Visit Class"]),
        (["A", "", "B", ""], ["Date", "Name", "Date", "Name"], ["A Date", "A Name", "B Date", "B Name"]),
        (["ID", "Visit", ""], ["", "Date", "Class"], ["ID", "Visit Date", "Visit Class"]),
        (["Visit", "", "ID", ""], ["Date", "Class", "", "Note"], ["Visit Date", "Visit Class", "ID", "Note"]),
    ],
)
def test_names_are_joined(groups: list[str], below: list[str], made: list[str]) -> None:
    assert joined_names(groups, below) == made


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("title", [0, 2])
def test_both_rows_name_the_columns(tmp_path: Path, kind: str, title: int) -> None:
    rows = [["Attendance October", "", "", "", ""]] * title + [GROUPS, NAMES, *DATA]
    content = workbook({"V": rows}) if kind == "xlsx" else text(*rows)
    lines = (title + 1, title + 2)
    if title:
        with pytest.raises(Refused) as refused:
            read(tmp_path / f"a.{kind}", content)
        assert f"header = [{lines[0]}, {lines[1]}]" in refused.value.hint
    else:
        chunk, warnings = read(tmp_path / f"a.{kind}", content)
        assert warnings == ["file.header_rows: lines 1 and 2 name the columns together"]
        assert (names(chunk), list(chunk.lines)) == (JOINED, [3, 4])
    chunk, warnings = read(tmp_path / f"a.{kind}", content, Layout(header_rows=lines))
    assert (names(chunk), list(chunk.lines), warnings) == (JOINED, [title + 3, title + 4], [])
    assert look_at(tmp_path / f"a.{kind}").layout.header_rows == lines
    one, _ = read(tmp_path / f"a.{kind}", content, Layout(header_rows=lines[1:]))
    assert names(one)[:4] == NAMES[:4]


NO_PAIR = [
    # Columns without a name over a first row of data.
    (["Name", "", "Class"], ["Ana", "late", "Yoga"], [["Ben", "x", "Spin"]]),
    (["Name", "", "Age"], ["Ana", "late", "31"], [["Ben", "x", "30"]]),
    (["Name", "Class", ""], ["Ana", "Yoga", "late"], [["Ben", "3", "x"]]),
    (["Name", "Class", "Room"], ["Ana", "Yoga", "Hall"], [["Ben", "3", "1"]]),
    # Not a name of its own for each column.
    (["Visit", "", "Who"], ["Date", "Date", "Name"], [["1/6", "1/7", "Ana"]]),
    (["Visit", "", "Who"], ["Date", "", "Name"], [["1/6", "", "Ana"]]),
    # Nothing below that could decide it.
    (["Visit", "", "Who"], ["Date", "Class", "Name"], []),
    (["Title", "", ""], ["Date", "Class", "Name"], [["1/6", "Yoga", "Ana"]]),
]


@pytest.mark.parametrize(("first", "second", "below"), NO_PAIR)
def test_a_row_of_data_is_never_taken_for_names(first: list[str], second: list[str], below: list[list[str]]) -> None:
    assert not are_header_rows(first, second, below)


def test_a_separator_that_was_named_and_a_blank_line_of_another_part(tmp_path: Path) -> None:
    content = b"sep=;\n" + text(GROUPS, NAMES, *DATA) + b"\nTotal;2\n"
    chunk, warnings = read(tmp_path / "a.csv", content, Layout(header_rows=(2, 3)))
    assert (names(chunk), len(chunk.raws)) == (JOINED, 2)
    assert warnings == ["file.rest_not_read: line 7 on"]
    with pytest.raises(Refused, match="it has no line 20"):
        read(tmp_path / "a.csv", content, Layout(header_rows=(20, 21)))


@pytest.mark.parametrize(("header", "rows"), [("[3, 4]", (3, 4)), ("[3]", (3,)), ("2", (2,)), ('"Booking"', ())])
@pytest.mark.parametrize("place", ["", "[file]\n"])
def test_a_mapping_says_the_lines(tmp_path: Path, header: str, rows: tuple[int, ...], place: str) -> None:
    (tmp_path / "m.toml").write_text(f'{place}header = {header}\n[booking]\nid = "x"\n', "utf-8")
    assert read_mapping(tmp_path / "m.toml").layout.header_rows == rows


@pytest.mark.parametrize("header", ["[]", "[0]", "[4, 3]", "[3, 5]", "[1, 2, 3]", "[true]", "[3.5]", '["a"]', "true"])
def test_wrong_lines_are_refused(tmp_path: Path, header: str) -> None:
    (tmp_path / "m.toml").write_text(f'[file]\nheader = {header}\n[booking]\nid = "x"\n', "utf-8")
    with pytest.raises(queries.DataRefused, match=r"\[file\] header"):
        read_mapping(tmp_path / "m.toml")
