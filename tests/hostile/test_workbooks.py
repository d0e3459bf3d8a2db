"""Small workbooks and archives that would fill the memory, reach other files or hide their content."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.peaks import PEAK
from support.workbooks import packed, workbook

import pipeline
from pipeline.faults import Refused
from pipeline.load.outcomes import FileOutcome
from pipeline.sources import archives
from pipeline.sources.workbook_bounds import require_bounded_workbook
from pipeline.store.opening import Store

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def built(rows: str, *, texts: str = "", before: str = "", prolog: str = "") -> bytes:
    """A workbook with these rows of XML, these shared texts, and XML before its rows or before its root."""
    with zipfile.ZipFile(io.BytesIO(workbook({"V": [["A"]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    links = "xl/_rels/workbook.xml.rels"
    link = f"<Relationship Id='x' Type='{TEXTS}' Target='sharedStrings.xml'/></Relationships>"
    parts[links] = parts[links].replace(b"</Relationships>", link.encode())
    parts["xl/sharedStrings.xml"] = f"<sst xmlns='{MAIN}'>{texts}</sst>".encode()
    sheet = f"{prolog}<worksheet xmlns='{MAIN}'>{before}<sheetData>{rows}</sheetData></worksheet>"
    return packed(parts | {"xl/worksheets/sheet1.xml": sheet.encode()})


def text(place: str, value: str) -> str:
    return f"<c r='{place}' t='inlineStr'><is><t>{value}</t></is></c>"


def repeated(length: int, cells: int) -> bytes:
    """A worksheet whose cells all have one shared text of this length."""
    rows = "".join(f"<row><c r='A{at}' t='s'><v>0</v></c></row>" for at in range(1, cells + 1))
    return built(rows, texts=f"<si><t>{'x' * length}</t></si><si><t>y</t></si>")


HEAD = f"<row r='1'>{text('A1', 'id')}{text('B1', 'name')}</row>"
ID = "00000001-0000-4000-8000-000000000000"
ENTITIES = "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
FORM = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


def load(store: Store, path: Path, content: bytes) -> FileOutcome:
    path.write_bytes(content)
    (outcome,) = pipeline.ingest(store, [path])
    return outcome


REFUSED = [
    (repeated(30_000, 70_000), "file.expansion_limit", "more memory than the 2 GB"),
    (built(HEAD + "<a>" * 1_000 + "</a>" * 1_000), "file.xlsx", "200 deep"),
    (built(f"<row>{text('A1', '&j;')}</row>", prolog=f"{FORM}{ENTITIES}]>"), "file.xlsx", "amplification"),
    (built(f"<row>{text('A1', '&a;')}</row>", prolog=OUTSIDE), "file.xlsx", "entity"),
    (built(f"{HEAD}<row r='1000000'><c r='T1000000'><v>1</v></c></row>"), "file.expansion_limit", "too far apart"),
]


@pytest.mark.parametrize(("content", "code", "words"), REFUSED)
def test_a_workbook_that_would_fill_the_memory_or_reach_out_is_refused(
    store: Store, tmp_path: Path, content: bytes, code: str, words: str
) -> None:
    outcome = load(store, tmp_path / "a.xlsx", content)
    assert outcome.refused
    assert (outcome.refused.code, words in outcome.refused.message) == (code, True), outcome.refused
    assert "root:" not in outcome.refused.message


def test_a_repeated_text_of_the_usual_length_is_read(store: Store, tmp_path: Path) -> None:
    outcome = load(store, tmp_path / "a.xlsx", repeated(200, 10_000))
    assert outcome.refused
    # Not for its size, but since it is not an export of ours.
    assert outcome.refused.code == "file.kind_unknown"


def test_long_texts_that_few_cells_refer_to_are_read(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOSHOW_WORKBOOK_MEMORY", "1MB")
    rows = "".join(f"<row><c r='A{at}' t='s'><v>{int(at > 2)}</v></c></row>" for at in range(1, 1_000))
    outcome = load(store, tmp_path / "a.xlsx", built(rows, texts=f"<si><t>{'x' * 5_000}</t></si><si><t>y</t></si>"))
    assert outcome.refused
    assert outcome.refused.code == "file.kind_unknown"


NUMBERS = "".join(f"<row>{'<c><v>1.5</v></c>' * 10}</row>" for _ in range(2_000))
# 20,000 cells of each kind, and the megabytes that python-calamine 0.9 takes for them.
KINDS = {
    "numbers": (lambda: built(NUMBERS), 1.2),
    "inline texts": (lambda: built(NUMBERS.replace("<c><v>1.5</v></c>", text("", "é" * 90).replace(" r=''", ""))), 4.8),
    "formulas": (lambda: built(NUMBERS.replace("<c><v>1.5", f"<c t='str'><f>A1</f><v>{'y' * 50}")), 2.3),
    "shared texts": (
        lambda: built(
            "".join(f"<row><c t='s'><v>{at}</v></c></row>" for at in range(20_000)),
            texts="".join(f"<si><t>{'z' * 50}{at}</t></si>" for at in range(20_000)),
        ),
        4.0,
    ),
    "one text": (lambda: built(f"<row>{text('A1', 'x' * 3_000_000)}</row>"), 9.0),
    "texts of no cell": (lambda: built("<row><c><v>1</v></c></row>", texts="<si><t>t</t></si>" * 50_000), 2.7),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_is_read_only_if_it_takes_no_more_than_it_may(kind: str) -> None:
    make, taken = KINDS[kind]
    content = io.BytesIO(make())
    with pytest.raises(Refused, match="more memory than the"):
        require_bounded_workbook(content, int(taken * 10**6))
    # The count stays below twice the memory that it takes, or honest workbooks would be refused.
    require_bounded_workbook(content, int(2 * taken * 10**6) + 3 * len(content.getvalue()))


def test_a_workbook_above_the_setting_is_refused_with_what_to_do(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOSHOW_WORKBOOK_MEMORY", "1 MB")
    outcome = load(store, tmp_path / "a.xlsx", built(NUMBERS))
    assert outcome.refused
    assert outcome.refused.message == (
        "xl/worksheets/sheet1.xml would take more memory than the 1 MB that a workbook may"
    )
    assert "CSV" in outcome.refused.hint


def test_the_size_that_a_worksheet_says_it_has_does_not_count(store: Store, tmp_path: Path) -> None:
    row = f"<row r='2'>{text('A2', ID)}{text('B2', 'Yoga')}</row>"
    outcome = load(store, tmp_path / "a.xlsx", built(HEAD + row, before="<dimension ref='A1:XFD1048576'/>"))
    assert (outcome.refused, outcome.loaded) == (None, 1)


def test_a_formula_without_a_saved_value_is_an_empty_cell(store: Store, tmp_path: Path) -> None:
    rows = f"<row r='2'>{text('A2', ID)}<c r='B2'><f>A1</f></c></row><row r='3'><c r='A3'><f>1+1</f><v></v></c></row>"
    outcome = load(store, tmp_path / "a.xlsx", built(HEAD + rows))
    # The second row has no value at all; the first lacks its name.
    assert outcome.refused
    assert "name is missing" in outcome.refused.message


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx"])
def test_a_list_of_far_too_many_members_is_never_read(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    content = packed({f"{at}.csv": b"" for at in range(100)})
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1_000)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", _never)
    outcome = load(store, tmp_path / name, content)
    assert outcome.refused
    assert "more than 2,000 files" in outcome.refused.message


def _never(*_: object) -> None:
    raise AssertionError("the list of members was read")


def test_one_member_with_a_password_among_others_is_named(store: Store, tmp_path: Path) -> None:
    content = bytearray(packed({"a.csv": b"id,name\n1,a\n", "secret.csv": b"id,name\n1,a\n"}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rfind(sign) + offset] |= 1
    outcome = load(store, tmp_path / "a.zip", bytes(content))
    assert outcome.refused
    assert (outcome.refused.code, "secret.csv" in outcome.refused.message) == ("file.zip_encrypted", True)


def test_an_archive_under_the_name_of_a_table_is_refused(store: Store, tmp_path: Path) -> None:
    outcome = load(store, tmp_path / "a.zip", packed({"a.csv": packed({"b.csv": b"id,name\n"})}))
    assert outcome.refused
    assert outcome.refused.code == "file.other_format"


@pytest.mark.long
@pytest.mark.parametrize("kind", ["texts", "depth", "members"])
def test_memory_is_bounded(tmp_path: Path, kind: str) -> None:
    content = {
        "texts": lambda: repeated(30_000, 200_000),
        "depth": lambda: built("<a>" * 4_000_000),
        "members": lambda: packed({str(at): b"" for at in range(200_000)}),
    }[kind]()
    (tmp_path / "a.xlsx").write_bytes(content)
    program = PEAK + (
        "import pipeline, sys\n"
        "with pipeline.open_store(sys.argv[1] + '/a.duckdb') as store:\n"
        "    (outcome,) = pipeline.ingest(store, [sys.argv[1] + '/a.xlsx'])\n"
        "print(outcome.refused.code, peak())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True, timeout=300
    )
    assert int(said.stdout.split()[1]) < 512, said.stdout
