"""Files that noshow makes can be read by their owner only, whatever the umask, or by the group if that is set."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from support.commands import end, start, surroundings
from support.every_command import COMMANDS, NOT_ALONE, write_inputs
from support.fixtures import Write
from support.records import Make

import pipeline
import queries
from pipeline.cli.surroundings import _group_readable
from queries.files import private_files, write_atomically

SETTINGS = pipeline.Settings.model_validate({})
OTHERS = stat.S_IRWXO
GROUP = stat.S_IRWXG


def lax() -> None:
    os.umask(0)


def open_to(folder: Path, bits: int) -> list[str]:
    """The files under a folder whose mode has any of the bits."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.lstat().st_mode & bits)


# In an order in which each finds everything it needs.
FEW = ("ingest", "rates", "quarantine export", "export-lake", "erase")
MADE = {
    "log.ndjson",
    "attendance.duckdb",
    "attendance.journal.ndjson",
    "attendance.secret",
    "rates.csv",
    "_noshow.json",
}
MADE_BY_ALL = MADE | {"report.html", "aside.csv", "aside.ndjson", "reasons.csv", "small.toml", "services.json"}


def made_by(work: Path, names: Iterable[str], forbidden: int, env: dict[str, str]) -> set[str]:
    """The names of all files after the commands, none of which may have made one with any of the bits."""
    work.mkdir()
    given, err = set(write_inputs(work)), work.with_name("err")
    for name in names:
        err.unlink(missing_ok=True)
        process = start(*name.split(), *COMMANDS[name], cwd=work, env=surroundings(**env), err=err, before=lax)
        # The drafted mapping still asks questions.
        assert end(process, 120) in ((65,) if name == "mapping check" else (0, 3)), (name, err.read_text())
        assert set(open_to(work, forbidden)) <= given, name
    return {path.name for path in work.rglob("*")}


def test_no_command_makes_a_file_for_others(tmp_path: Path) -> None:
    assert made_by(tmp_path / "work", FEW, OTHERS | GROUP, {}) >= MADE


@pytest.mark.long
@pytest.mark.parametrize("for_group", [False, True])
def test_no_command_at_all_makes_a_file_for_others(tmp_path: Path, for_group: bool) -> None:
    forbidden = OTHERS | (stat.S_IWGRP if for_group else GROUP)
    env = {"NOSHOW_GROUP_READABLE": "true"} if for_group else {}
    alone = [name for name in COMMANDS if name not in NOT_ALONE]
    assert made_by(tmp_path / "work", alone, forbidden, env) >= MADE_BY_ALL
    readable = open_to(tmp_path / "work", GROUP)
    assert "data/attendance.secret" not in readable
    assert ("data/attendance.duckdb" in readable) == for_group


@pytest.fixture
def lax_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    assert os.umask(before) == 0o022


@pytest.mark.usefixtures("lax_umask")
def test_a_store_opened_in_python_makes_private_files_and_closes_those_that_are_open(
    tmp_path: Path, write: Write, make: type[Make]
) -> None:
    db = tmp_path / "store" / "a.duckdb"
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(make.booking(1))])
    assert open_to(db.parent, OTHERS | GROUP) == []
    for path in db.parent.iterdir():
        path.chmod(0o644)
    for group, expected in ((True, stat.S_IRGRP), (False, 0)):
        with pipeline.open_store(db, settings=pipeline.Settings.model_validate({"group_readable": group})):
            pass
        modes = {path.name: path.stat().st_mode & 0o077 for path in db.parent.iterdir() if path.suffix != ".secret"}
        assert set(modes.values()) == {expected}
    with queries.connect(db):
        pass


@pytest.mark.usefixtures("lax_umask")
def test_blocks_in_several_threads_leave_the_umask_as_it_was(tmp_path: Path) -> None:
    inside, leave = threading.Barrier(3), threading.Event()

    def other() -> None:
        with private_files():
            inside.wait()
            leave.wait()

    threads = [threading.Thread(target=other) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait()
    with private_files(group_readable=True):
        write_atomically(tmp_path / "a", "x")
    leave.set()
    for thread in threads:
        thread.join()
    (tmp_path / "b").write_text("x")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "ab"] == [0o600, 0o644]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_setting_is_found_however_the_file_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not _group_readable()
    Path("noshow.toml").write_text("group_readable = true\n", encoding=encoding)
    assert _group_readable()
