"""Flat files as spreadsheets and meeting tools write them: lines before the header, separators, names, encodings."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest

import pipeline
from pipeline.faults import Refused
from pipeline.sources import WHOLE_FILE, Chunk, Layout, read_chunks, source_files
from pipeline.store.opening import Store

ROWS = [("1", "Yoga", "came"), ("2", "Spin", "noshow")]
NAMES = ["Booking", "Class", "Result"]


def read(
    path: Path, content: bytes | str, layout: Layout = WHOLE_FILE, encoding: str = "utf-8"
) -> tuple[Chunk, list[str]]:
    """The one chunk of a file, and the warnings."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    warnings: list[str] = []
    (source,), _ = source_files([path])
    (chunk,) = read_chunks(source, warnings.append, encoding, layout)
    return chunk, warnings


def rows(chunk: Chunk) -> list[tuple[object, ...]]:
    assert chunk.flat is not None
    return chunk.flat.drop("record").rows()


def names(chunk: Chunk) -> list[str]:
    assert chunk.flat is not None
    return chunk.flat.columns[1:]


def table(separator: str = ";") -> str:
    return "".join(separator.join(row) + "\n" for row in [tuple(NAMES), *ROWS])


SEPARATORS = [
    ("sep=;\n", ";"),
    ("sep=,\r\n", ","),
    ("sep=\t\n", "\t"),
    ("sep=\\t\n", "\t"),
    ("SEP=|\n", "|"),
    ('"sep=;"\n', ";"),
    ('sep=";"\n', ";"),
    ('"sep="";"""\n', ";"),
    ("sep=;;;\n", ";"),
    ("\ufeffsep=;\n", ";"),
    ("\nsep=;\n\n", ";"),
    ("", ";"),
    ("", "\t"),
]


@pytest.mark.parametrize(("first", "separator"), SEPARATORS)
def test_a_first_line_may_name_the_separator(tmp_path: Path, first: str, separator: str) -> None:
    chunk, _ = read(tmp_path / "a.csv", first + table(separator))
    line = first.count("\n") + 2
    assert (names(chunk), rows(chunk), list(chunk.lines)) == (NAMES, ROWS, [line, line + 1])


def test_the_separator_that_was_named_counts_against_those_in_the_names(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path / "a.csv", "sep=,\nName; first; last,Class\nA; B; C,Yoga\n")
    assert (names(chunk), rows(chunk)) == (["Name; first; last", "Class"], [("A; B; C", "Yoga")])
    # One in quotes is part of a name.
    chunk, _ = read(tmp_path / "a.csv", '"First, last, other name";Class\nA;Yoga\n')
    assert names(chunk) == ["First, last, other name", "Class"]


BEFORE = [
    ("", 1),
    ("Attendance June 2026\n\n", 3),
    ("Visit;;Outcome\n", 2),
    ("Report;June;2026\nby;Pat\n", 3),
    (";;\n;;\n", 3),
    ('6" pipes; a quote in a title\n', 2),
    ('"A title\nin two lines"\n\n', 4),
    ("sep=;\nTitle\n", 3),
]


@pytest.mark.parametrize("wanted", ["Booking", " booking ", "RESULT"])
@pytest.mark.parametrize(("before", "line"), BEFORE)
def test_the_header_is_the_first_line_with_the_column_that_is_named(
    tmp_path: Path, before: str, line: int, wanted: str
) -> None:
    chunk, _ = read(tmp_path / "a.csv", before + table(), Layout(header=wanted))
    assert (names(chunk), rows(chunk), list(chunk.lines)) == (NAMES, ROWS, [line + 1, line + 2])


def test_the_header_that_is_named_may_have_names_over_two_lines(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path / "a.csv", 'Title\n"Class\n(name)";Booking\nYoga;1\n', Layout(header="Booking"))
    assert (names(chunk), rows(chunk), list(chunk.lines)) == (["Class\n(name)", "Booking"], [("Yoga", "1")], [4])
    chunk, _ = read(tmp_path / "a.csv", 'Title\n"Booking\nid";Class\n1;Yoga\n', Layout(header="Booking\nid"))
    assert rows(chunk) == [("1", "Yoga")]


SECTIONS = """1. Summary\t\t
Title\tWeekly class

2. Participants
Name\tFirst join
One\t17:59

Two\t18:09

{next}
Name\tWhat
Three\tspoke
"""


@pytest.mark.parametrize("next_part", ["3. Activities", "3. Activities\t", "3. Activities\t\t\t", "a\tb\tc"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_section_ends_where_the_next_begins_and_blank_lines_in_it_do_not_end_it(
    tmp_path: Path, next_part: str, encoding: str
) -> None:
    content = SECTIONS.format(next=next_part).encode(encoding)
    chunk, warnings = read(tmp_path / "meeting.csv", content, Layout(header="First join"), encoding)
    assert rows(chunk) == [("One", "17:59"), ("Two", "18:09")]
    assert (list(chunk.lines), warnings) == ([6, 8], ["file.rest_not_read: line 10 on"])


def test_a_row_of_totals_below_a_blank_line_is_a_row(tmp_path: Path) -> None:
    chunk, warnings = read(
        tmp_path / "a.csv", "Report\n\nDate,Class,Price\n1/6,Yoga,5\n\nTotal,,5\n", Layout(header="Date")
    )
    assert (rows(chunk), warnings) == ([("1/6", "Yoga", "5"), ("Total", None, "5")], [])


NOT_A_HEADER = [
    ("Attendance June 2026\n\n" + table(), 3, "Booking"),
    ("Attendance;June\nfrom;1 June\n" + table().replace("Class", "Class;Start;Who;With"), 3, "Booking"),
    ("Visit;;;Outcome\nBooking;Class;Start;Result\n", 2, "Booking"),
    ("Attendance\nBy;Pat\n" + table(), 3, "Booking"),
]


@pytest.mark.parametrize(("content", "line", "name"), NOT_A_HEADER)
def test_a_file_with_a_title_is_refused_with_what_to_write_into_the_mapping(
    tmp_path: Path, content: str, line: int, name: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path / "a.csv", content)
    assert (refused.value.code, f"line {line} seems to" in refused.value.message) == ("file.csv_header", True)
    assert f'header = "{name}"' in refused.value.hint
    read(tmp_path / "a.csv", content, Layout(header=name))


@pytest.mark.parametrize(
    "content",
    [
        "Name,Class\nAna,Yoga\n",
        "Name\nAna\nBen\n",
        ",Name,Class\n0,Ana,Yoga\n",
        "Name,Class,\nAna,Yoga,late\n",
        "Name,Class,,,\nAna,Yoga,,,\n",
        "Notes,Class\nAna,Yoga\nBen,Spin\n",
    ],
)
def test_a_first_line_that_names_columns_is_the_header(tmp_path: Path, content: str) -> None:
    chunk, _ = read(tmp_path / "a.csv", content)
    assert len(chunk.raws) == content.count("\n") - 1


def test_a_header_far_below_lines_with_single_quotes_is_found(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path / "a.csv", '6" pipes\n' * 50_000 + table(), Layout(header="Booking"))
    assert (rows(chunk), list(chunk.lines)) == (ROWS, [50_002, 50_003])


def test_a_header_that_is_nowhere_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no line has a column called 'Bookings'"):
        read(tmp_path / "a.csv", "title of Bookings\n" + table(), Layout(header="Bookings"))


REPEATED = [
    ("A,Notes,Notes", ["A", "Notes", "Notes_2"], ["Notes -> Notes_2"]),
    ("Notes,Notes,Notes", ["Notes", "Notes_2", "Notes_3"], ["Notes -> Notes_2", "Notes -> Notes_3"]),
    ("Notes,Notes,Notes_2", ["Notes", "Notes_3", "Notes_2"], ["Notes -> Notes_3"]),
    ("notes,NOTES,x", ["notes", "NOTES_2", "x"], ["NOTES -> NOTES_2"]),
    ("a, a ,\u00a0a", ["a", "a_2", "a_3"], ["a -> a_2", "a -> a_3"]),
    ("record,RECORD,x", ["record_", "RECORD__2", "x"], ["RECORD_ -> RECORD__2"]),
    ("Booking\u00a0id,\u200bClass\ufeff,x", ["Booking id", "Class", "x"], []),
    ('"Booking ","""Class""",x', ["Booking", '"Class"', "x"], []),
]


@pytest.mark.parametrize(("header", "found", "renamed"), REPEATED)
def test_columns_of_one_name_get_names_of_their_own(
    tmp_path: Path, header: str, found: list[str], renamed: list[str]
) -> None:
    chunk, warnings = read(tmp_path / "a.csv", f"{header}\n1,2,3\n")
    assert (names(chunk), rows(chunk)) == (found, [("1", "2", "3")])
    assert warnings == [f"file.repeated_column: {pair}" for pair in renamed]


UNNAMED = [
    ("A,,C\n1,2,3\n1,2,3\n", ["A", "column_2", "C"], ["file.unnamed_column: column_2"]),
    ("A,B,\n1,2,\n", ["A", "B", "column_3"], []),
    ("A,B,\n1,2\n1,2,\n", ["A", "B", "column_3"], []),
    ("A,B,,\n1,2\n1,2,,x\n", ["A", "B", "column_3", "column_4"], ["file.unnamed_column: column_4"]),
    ("A, ,\u00a0\n1,,4\n", ["A", "column_2", "column_3"], ["file.unnamed_column: column_3"]),
    ("column_2,,C\n1,2,3\n", ["column_2", "column_2_2", "C"], ["file.unnamed_column: column_2_2"]),
]


@pytest.mark.parametrize(("content", "found", "expected"), UNNAMED)
def test_columns_without_a_name_are_called_by_their_place(
    tmp_path: Path, content: str, found: list[str], expected: list[str]
) -> None:
    chunk, warnings = read(tmp_path / "a.csv", content)
    assert (names(chunk), warnings, chunk.faults) == (found, expected, [])


def test_a_row_with_other_fields_than_the_named_ones_is_a_fault(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path / "a.csv", "A,B,,\n1\n1,2,\n1,2,,,\n1,2\n")
    assert [(fault.record, fault.rule) for fault in chunk.faults] == [(n, "csv_field_count") for n in (0, 1, 2)]


@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".tsv", ".txt", ".Tsv", ".csv.gz", ".tsv.gz", ".txt.gz", ".CSV.GZ"])
def test_text_tables_go_by_many_suffixes(tmp_path: Path, suffix: str) -> None:
    content = table("\t").encode()
    packed = gzip.compress(content) if suffix.lower().endswith(".gz") else content
    assert rows(read(tmp_path / f"a{suffix}", packed)[0]) == ROWS


MARKED = [
    ("utf-16", "utf-8", ["file.encoding_by_mark: utf-16"]),
    ("utf-32", "utf-8", ["file.encoding_by_mark: utf-32"]),
    ("utf-16", "cp1252", ["file.encoding_by_mark: utf-16"]),
    ("utf-16", "utf-16", []),
    ("utf-16", "UTF16", []),
    ("utf-8-sig", "utf-8", ["file.bom"]),
    ("utf-8-sig", "utf-8-sig", []),
    ("utf-8-sig", "cp1252", ["file.encoding_by_mark: utf-8"]),
    ("utf-16-le", "utf-16-le", []),
]


@pytest.mark.parametrize(("written", "said", "expected"), MARKED)
def test_a_byte_order_mark_decides_the_encoding(tmp_path: Path, written: str, said: str, expected: list[str]) -> None:
    content = table("\t").replace("Spin", "Müller’s €").encode(written)
    chunk, warnings = read(tmp_path / "a.txt", content, encoding=said)
    assert (names(chunk), rows(chunk)[1][1], warnings) == (NAMES, "Müller’s €", expected)


def test_a_mark_in_front_of_utf_16_with_a_named_order_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path / "a.txt", ("\ufeff" + table()).encode("utf-16-be"), encoding="utf-16-be")
    assert names(chunk) == NAMES


HINTS = [
    ("Yoga \u2013 Anf\u00e4nger", "cp1252", "cp1252"),
    ("M\u00fcller\u2019s", "cp1252", "cp1252"),
    ("5 \u20ac", "cp1252", "cp1252"),
    ("Caf\u00e9", "cp1252", "latin-1"),
    ("Caf\u00e9", "utf-16-le", "utf-16-le"),
    ("Caf\u00e9", "utf-16-be", "utf-16-be"),
    # Its own second byte lies between 0x80 and 0x9f, but it is UTF-8 and no sign of Windows.
    ("\u00dc caf\udce9", "utf-8", "latin-1"),
]


OTHER_HINTS = [
    ("M\u00fcller", "cp850", "utf-8", "cp850"),
    ("Caf\u00e9", "utf-8", "ascii", "utf-8"),
    ("\u00c1na", "utf-8", "cp1252", "utf-8"),
    ("M\u00fcller", "cp850", "cp1252", "cp850"),
    ("5 \u20ac", "cp1252", "ascii", "cp1252"),
]


@pytest.mark.parametrize(("text", "encoding", "given", "hinted"), OTHER_HINTS)
def test_the_hint_is_another_encoding_than_the_one_that_failed(
    tmp_path: Path, text: str, encoding: str, given: str, hinted: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path / "a.csv", (table() + f"3;{text};came\n").encode(encoding), encoding=given)
    assert refused.value.hint.endswith(f"--encoding {hinted}")


@pytest.mark.parametrize(("text", "encoding", "hinted"), HINTS)
@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_the_hint_names_the_encoding_that_the_bytes_are_in(
    tmp_path: Path, text: str, encoding: str, hinted: str, name: str
) -> None:
    content = table() + f"3;{text};came\n" if name == "a.csv" else f'[{{"status": "{text}"}}]'
    with pytest.raises(Refused) as refused:
        read(tmp_path / name, content.encode(encoding, "surrogateescape"))
    assert refused.value.code == "file.encoding"
    # iconv's name for Latin-1 has no dash.
    assert f" {hinted if name == 'a.csv' else hinted.replace('latin-1', 'latin1')}" in refused.value.hint


def test_a_dash_far_behind_the_first_wrong_byte_is_a_sign_of_windows_too(tmp_path: Path) -> None:
    content = table() + "3;Caf\u00e9;came\n" + "4;Yoga;came\n" * 200_000 + "5;Yoga \u2013;came\n"
    with pytest.raises(Refused) as refused:
        read(tmp_path / "a.csv", content.encode("cp1252"))
    assert refused.value.hint.endswith("--encoding cp1252")


@pytest.mark.parametrize("character", ["\x80", "\x85", "\x96", "\x9f"])
def test_a_file_of_windows_read_as_latin_1_is_set_aside(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, character: str
) -> None:
    path = tmp_path / "a.csv"
    ids = [f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2)]
    texts = [f"Yoga {character}", "Caf\u00e9"]
    lines = [f"{id},{text}" for id, text in zip(ids, texts, strict=True)]
    path.write_bytes("\n".join(["id,name", *lines, ""]).encode("latin-1"))
    (outcome,) = pipeline.ingest(store, [path], encoding="latin-1")
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    assert con.execute("select rule, pointer, line from quarantine").fetchall() == [("control_char", "/name", 2)]


def test_rows_with_a_separator_of_their_own_are_retried_as_they_were(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    lines = ["sep=|", "id|name", "a|Yoga, 60 min", "00000001-0000-4000-8000-000000000000|Spin"]
    (tmp_path / "a.csv").write_text("\n".join([*lines, ""]))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.csv"])
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    (retried,) = pipeline.retry_quarantined(store, every=True)
    assert (retried.refused, retried.quarantined) == (None, 1)
    assert con.execute("select rule, line, raw from quarantine").fetchall() == [("id_format", 3, "a|Yoga, 60 min")]
