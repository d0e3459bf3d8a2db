"""`noshow ingest` of anything that a disk can hold: one clear line for each mistake, whatever the file and its name."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Finished, forked
from support.peaks import PEAK
from support.records import Make

import pipeline
from pipeline.store.opening import Store

UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
# Words that no message may contain: of a traceback, of SQL, of the engine's errors, or of the files.
TELLTALE = ("Traceback", "select ", "insert ", "duckdb", "polars", "pyarrow", "SECRET")


def noshow(*words: str | Path) -> Finished:
    return forked(*words, cwd=Path.cwd(), env=os.environ, timeout=60)


def ingest(folder: Path, *paths: str | Path) -> Finished:
    said = noshow("ingest", "--json", "--db", folder.parent / "a.duckdb", *paths)
    assert not UNFIT.search(said.stderr), said.stderr
    for word in TELLTALE:
        assert word not in said.stderr
    return said


def outcomes(said: Finished) -> list[tuple[str, str | None, int]]:
    answer = json.loads(said.stdout)
    return [(Path(o["file"]).name, o["refused"] and o["refused"]["code"], o["loaded"]) for o in answer]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_what_is_no_file_is_refused_and_never_waited_for(folder: Path, make: type[Make]) -> None:
    os.mkfifo(folder / "pipe.json")
    (folder / "folder.json").mkdir()
    (folder / "dangling.json").symlink_to(folder / "nowhere")
    (folder / "loop.json").symlink_to(folder / "loop.json")
    (folder / "around").symlink_to(folder)
    (folder / "folder.json" / "good.json").write_text(json.dumps(make.attendance(1)))
    said = ingest(folder, folder, "/dev/null")
    assert said.returncode == 65
    assert outcomes(said) == [
        ("dangling.json", "file.unreadable", 0),
        ("good.json", None, 1),
        ("loop.json", "file.unreadable", 0),
        ("pipe.json", "file.not_regular", 0),
        ("null", "file.not_regular", 0),
    ]


NAMES = {
    b"new\nline.json": "new\\nline.json",
    b"\x1b[31mred\x07.json": "\\x1b[31mred\\x07.json",
    b"not-utf8-\xff\xfe.json": "not-utf8-\\xff\\xfe.json",
    "c1-\x9b2J.json".encode(): "c1-\\x9b2J.json",
    "\u202egnp.json".encode(): "\\u202egnp.json",
    b"[bold]'; drop table attendance; --.json": "[bold]'; drop table attendance; --.json",
    b"%s{0}$(id).json": "%s{0}$(id).json",
}


def test_a_name_cannot_steer_the_terminal_or_stop_the_load(folder: Path, make: type[Make]) -> None:
    for number, name in enumerate(NAMES, 1):
        (folder / os.fsdecode(name)).write_text(json.dumps(make.attendance(number)))
        (folder / os.fsdecode(b"bad-" + name)).write_text('["SECRET"')
    (folder / os.fsdecode(b"other\x1b\xff.txt")).touch()
    said = ingest(folder, folder)
    assert said.returncode == 65
    expected = [(shown, None, 1) for shown in NAMES.values()]
    expected += [(f"bad-{shown}", "file.json_syntax", 0) for shown in NAMES.values()]
    assert sorted(outcomes(said), key=str) == sorted(expected, key=str)
    assert "passed over" in said.stderr
    assert "other\\x1b\\xff.txt" in said.stderr


def test_the_table_of_outcomes_is_as_safe(folder: Path) -> None:
    (folder / "\x1b]0;title\x07.json").write_text('["SECRET"')
    command = ("ingest", "--db", folder.parent / "a.duckdb", folder, "/no/\x1bwhere.json")
    missing = noshow(*command)
    assert (missing.returncode, missing.stderr.count("\n")) == (66, 1)
    refused = noshow(*command[:-1])
    assert refused.returncode == 65
    for text in (missing.stderr, refused.stderr, refused.stdout):
        assert not UNFIT.search(text)


def test_messages_say_nothing_of_a_file_but_the_value_at_fault(folder: Path) -> None:
    files = {
        "a.json": '[{"id": "SECRET"}, {"status": "SECRET", "eventId": SECRET}]',
        "b.ndjson": '{"bookingId": "at fault", "status": "SECRET", "x SECRET": 1}\n',
        "c.csv": 'id,status\n"SECRET",x"SECRET\n"SECRET"x,',
        "d.csv": "9f0c7a1c-55ba-4943-afac-000000000001,SECRET,pat@example.com\n",
        "e.parquet": "PAR1 SECRET PAR1",
        "f.json": '{"SECRET": "SECRET"}',
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    said = ingest(folder, folder)
    assert [code for _, code, _ in outcomes(said)] == [
        "file.json_syntax",
        "file.nothing_valid",
        "file.csv_syntax",
        "file.csv_header",
        "file.parquet",
        "file.kind_unknown",
    ]


@pytest.mark.long
def test_bombs_and_giants_are_read_in_little_memory(folder: Path, tmp_path: Path) -> None:

    giant = f'[{{"bookingId": "{"x" * 10_000_000}", "status": "ATTENDED"}}]'
    (folder / "bomb.json.gz").write_bytes(gzip.compress(b" " * 2**30, 1))
    (folder / "deep.json").write_bytes(b"[" * 10_000 + b"]" * 10_000)
    (folder / "giant.json").write_text(giant)
    (folder / "lists.json").write_text("[" + "[]," * 3_000_000 + "[]]")
    code = (
        "import sys, pipeline\n"
        "with pipeline.open_store(sys.argv[1]) as store:\n"
        "    pipeline.ingest(store, [sys.argv[2]])\n"
        "    before = peak()\n"
        "    outcomes = pipeline.ingest(store, sys.argv[3:])\n"
        "print([o.refused and o.refused.code for o in outcomes], peak() - before)"
    )
    (tmp_path / "first.json").write_text('[{"bookingId": "x", "status": "ATTENDED"}]')
    files = [folder / name for name in ("bomb.json.gz", "deep.json", "giant.json", "lists.json")]
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            PEAK + code,
            tmp_path / "a.duckdb",
            tmp_path / "first.json",
            *files,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    codes, grown = said.stdout.rsplit(" ", 1)
    assert codes == "['file.expansion_limit', 'file.json_depth', 'file.nothing_valid', 'file.kind_unknown']"
    assert int(grown) < 150, f"{grown} MB more"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused_and_the_others_load(folder: Path, store: Store, make: type[Make]) -> None:
    for name in ("closed.json", "open.json"):
        (folder / name).write_text(json.dumps(make.attendance(1)))
    (folder / "closed.json").chmod(0)
    closed, opened = pipeline.ingest(store, [folder])
    assert closed.refused
    assert (closed.refused.code, opened.loaded) == ("file.unreadable", 1)
