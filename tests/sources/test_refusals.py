"""A file that cannot be trusted is refused whole, with a code, the place and a way out; the others load."""

from __future__ import annotations

import gzip
import importlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Write
from support.records import Make
from support.samples import few

import pipeline
from pipeline.sources.files import unreadable
from pipeline.store.opening import Store

HEADER = "id,bookingId,eventId,status,numberOfAttendees\n"
LINE = json.dumps({"id": "9f0c7a1c-55ba-4943-afac-000000000001", "status": "ATTENDED"}) + "\n"
REFUSED: list[tuple[str, bytes, str, str]] = [
    ("a.json", b"", "file.empty", "empty"),
    ("a.json", b"  \n", "file.empty", "no content"),
    ("a.json", b'[{"id": "x"', "file.json_syntax", "line 1, column 12"),
    ("a.json", b'[{"id": NaN}]', "file.json_syntax", "byte 8"),
    ("a.json", b'[{"id": 1},]', "file.json_syntax", "trailing comma"),
    ("a.json", b'{"a": 1}\n{"a": 2}\n', "file.json_syntax", "trailing characters"),
    ("a.json", b"[" * 10_000 + b"]" * 10_000, "file.json_depth", "deep"),
    ("a.json", b'[{"status": "\xff"}]', "file.encoding", "byte 13"),
    ("a.json", b'{"hello": "world"}', "file.kind_unknown", "no attendance"),
    ("a.json", b'[{"id": "e0e5f390-6302-46fc-a5ee-a2ec5000d4e8"}]', "file.kind_unknown", "no attendance"),
    ("a.json", b"[1, 2]", "file.kind_unknown", "no attendance"),
    ("a.json", b"true", "file.kind_unknown", "no attendance"),
    ("a.json", b"tru", "file.json_syntax", "line 1"),
    ("a.json", b'{"attendances": null}', "file.kind_unknown", "no attendance"),
    ("a.ndjson", b'[\n {"id": "x"}\n]\n', "file.not_ndjson", "several lines"),
    ("a.ndjson", b"{\n}\n", "file.not_ndjson", "several lines"),
    ("a.ndjson", b'\n{"id": "\xff"}\n', "file.encoding", "line 2"),
    ("a.ndjson", b'{"id": "' + b"x" * 17_000_000 + b'"}\n', "file.record_too_large", "16 MiB"),
    ("a.csv", b"", "file.empty", "empty"),
    ("a.csv", HEADER.encode() + b"caf\xe9,,,,\n", "file.encoding", f"byte {len(HEADER) + 3}"),
    ("a.csv", b'"","\xc2\xa0"," "\n', "file.empty", "no content"),
    ("a.csv", HEADER.encode() + b'"never closed,,,,\n', "file.csv_syntax", "line 2"),
    ("a.csv", b"colour,size\nred,5\n", "file.kind_unknown", "colour, size"),
    ("a.ndjson.gz", LINE.encode(), "file.gzip_magic", "not gzip"),
    ("a.ndjson", gzip.compress(LINE.encode(), mtime=0), "file.gzip_magic", "does not end in .gz"),
    ("a.ndjson.gz", gzip.compress(LINE.encode() * 1000, mtime=0)[:-20], "file.gzip_truncated", "too early"),
    ("a.ndjson.gz", gzip.compress(LINE.encode(), mtime=0)[:-8] + b"\0" * 8, "file.gzip_damaged", "damaged"),
    ("a.json.gz", gzip.compress(b" " * 80_000_000, mtime=0), "file.expansion_limit", "200 times"),
    ("a.parquet", b"PAR1 not really PAR1", "file.parquet", "Parquet"),
    ("a.dat", b"hello", "file.format_unknown", "format"),
    ("a.zip", b"PK\x03\x04", "file.zip", "not a zip archive that can be read"),
    ("a.ICS", b"BEGIN:VCALENDAR", "file.format_unknown", "a calendar"),
    ("a.xls", b"\xd0\xcf\x11\xe0", "file.format_unknown", "an old Excel workbook"),
    ("a.ods", b"PK\x03\x04", "file.format_unknown", "an OpenDocument spreadsheet"),
    ("a.pdf", b"%PDF-1.7", "file.format_unknown", "a PDF"),
    ("a.numbers", b"PK\x03\x04", "file.format_unknown", "a Numbers spreadsheet"),
    # Files under the name of another format.
    ("a.csv", b"PK\x03\x04", "file.other_format", "a zip archive or a workbook, not csv"),
    ("a.txt", b"BEGIN:VCALENDAR\n", "file.other_format", "a calendar"),
    ("a.json", b"%PDF-1.7", "file.other_format", "a PDF"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.other_format", "protected"),
]


@pytest.mark.parametrize(("name", "content", "code", "words"), few(REFUSED, 20))
def test_a_file_is_refused_whole(
    store: Store,
    con: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    make: type[Make],
    name: str,
    content: bytes,
    code: str,
    words: str,
) -> None:
    (tmp_path / name).write_bytes(content)
    good = tmp_path / "good.json"
    good.write_text(json.dumps(make.attendance(1)))
    bad, fine = pipeline.ingest(store, [tmp_path / name, good])
    assert bad.refused is not None
    assert bad.refused.code == code
    assert words in bad.refused.message
    assert bad.read == bad.loaded == bad.quarantined == 0
    assert fine.loaded == 1
    assert con.execute("select count(*) from load_ledger").fetchall() == [(1,)]
    assert con.execute("select count(*) from quarantine").fetchall() == [(0,)]


@pytest.mark.parametrize("name", ["a.ndjson", "a.csv"])
def test_a_file_of_another_kind_than_said_is_refused(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make], name: str
) -> None:
    record = make.attendance(1)
    rows = [",".join(record), ",".join(map(str, record.values()))]
    (tmp_path / name).write_text(json.dumps(record) + "\n" if name == "a.ndjson" else "\n".join(rows))
    (outcome,) = pipeline.ingest(store, [tmp_path / name], kind="session")
    assert outcome.refused is not None
    assert outcome.refused.code == "file.wrong_kind"
    assert "of kind attendance" in outcome.refused.message
    assert con.execute("select count(*) from quarantine").fetchall() == [(0,)]


def test_a_file_cut_short_after_good_chunks_loads_nothing(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make]
) -> None:
    lines = "".join(json.dumps(make.attendance(n)) + "\n" for n in range(45_000))
    path = tmp_path / "cut.ndjson.gz"
    path.write_bytes(gzip.compress(lines.encode())[:-100])
    (outcome,) = pipeline.ingest(store, [path])
    assert outcome.refused is not None
    assert outcome.refused.code == "file.gzip_truncated"
    assert con.execute("select count(*) from attendance").fetchall() == [(0,)]


def test_a_refused_file_can_be_loaded_once_it_is_whole(store: Store, tmp_path: Path, make: type[Make]) -> None:
    path = tmp_path / "a.json"
    text = json.dumps([make.attendance(1)])
    path.write_text(text[:-5])
    assert pipeline.ingest(store, [path])[0].refused
    path.write_text(text)
    assert pipeline.ingest(store, [path])[0].loaded == 1


@pytest.mark.parametrize(("encoding", "byte"), [("latin-1", b"\xe9"), ("cp1252", b"\xe9"), ("utf-16", b"")])
def test_another_encoding_can_be_named(
    store: Store, tmp_path: Path, make: type[Make], encoding: str, byte: bytes
) -> None:
    row = make.attendance(1)
    text = HEADER[:-1] + ",note\n" + ",".join(str(row[name]) for name in HEADER.strip().split(",")) + ",café\n"
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert byte in path.read_bytes()
    (outcome,) = pipeline.ingest(store, [path], encoding=encoding)
    assert (outcome.refused, outcome.loaded) == (None, 1)


def test_a_format_can_be_named(store: Store, tmp_path: Path, make: type[Make]) -> None:
    path = tmp_path / "export.dat"
    path.write_text(json.dumps([make.attendance(1)]))
    assert pipeline.ingest(store, [path])[0].refused
    assert pipeline.ingest(store, [path], format="json")[0].loaded == 1


def test_oddities_that_do_no_harm_are_noted(store: Store, tmp_path: Path, make: type[Make]) -> None:
    row = [str(value) for value in make.attendance(1).values()]
    (tmp_path / "eol.csv").write_bytes((HEADER + ",".join(row) + "\r\n").encode() + b"\r")
    (tmp_path / "none.csv").write_text(HEADER)
    (tmp_path / "bom.json").write_bytes(b"\xef\xbb\xbf" + json.dumps([make.attendance(2)]).encode())
    outcomes = {
        Path(o.file).name: o
        for o in pipeline.ingest(store, [tmp_path / n for n in ("eol.csv", "none.csv", "bom.json")])
    }
    assert outcomes["eol.csv"].warnings == ("file.mixed_eol",)
    assert (outcomes["none.csv"].warnings, outcomes["none.csv"].read) == (("file.no_records",), 0)
    assert (outcomes["bom.json"].warnings, outcomes["bom.json"].loaded) == (("file.bom",), 1)


@pytest.mark.parametrize("failing", ["pipeline.sources.open_bytes", "pipeline.mapping.joining.sha256_of"])
def test_a_file_that_the_disk_does_not_give_is_refused_and_the_others_load(
    failing: str, store: Store, write: Write, make: type[Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever notices first: the reading of the file or its hashing, which run at the same time."""
    spoilt, sound = write(make.attendance(1)), write(make.attendance(2))
    module, name = failing.rsplit(".", 1)
    real = getattr(importlib.import_module(module), name)

    def broken(given: Any) -> Any:
        if getattr(given, "path", given) == spoilt:
            raise (
                unreadable(OSError(5, "Input/output error"))
                if name == "sha256_of"
                else OSError(5, "Input/output error")
            )
        return real(given)

    monkeypatch.setattr(failing, broken)
    first, second = pipeline.ingest(store, [spoilt, sound])
    assert first.refused
    assert (first.refused.code, first.refused.message, second.loaded) == ("file.unreadable", "Input/output error", 1)
    assert store.connection.execute("select count(*) from attendance").fetchall() == [(1,)]


@pytest.mark.parametrize("broken", [b"caf\xe9", b"\xff", b"\xed\xa0\x80"])
@pytest.mark.parametrize("others", [3, 2_500])
def test_a_line_that_is_not_utf_8_is_set_aside_and_the_others_load(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make], broken: bytes, others: int
) -> None:
    lines = [json.dumps(make.attendance(n)).encode() for n in range(1, others + 2)]
    lines[1] = json.dumps(make.attendance(2, eventId="?" * 40)).encode().replace(b"?" * 40, broken + b"?" * 40)
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([*lines, b""]))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.ndjson"])
    assert (outcome.loaded, outcome.quarantined) == (others, 1)
    assert con.execute("select rule, line, message from quarantine").fetchall() == [("encoding", 2, "not UTF-8")]
    # Its bytes cannot be kept as text, so it is not loaded again with another letter in their place.
    left: list[str] = []
    assert pipeline.retry_quarantined(store, every=True, left_out=left.extend) == []
    assert len(left) == 1
