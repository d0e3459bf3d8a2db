"""`--out`: messages name the file that the user gave, and a device or a pipe stays one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support.fixtures import Run

from queries.files import write_atomically


@pytest.mark.parametrize(
    "args",
    [
        ("report", "--out", "folder"),
        ("report", "--format", "xlsx", "--out", "folder"),
        ("export", "folder", "--format", "dbt"),
        ("export", "folder", "--format", "sqlite"),
        ("rates", "--format", "csv", "--out", "folder"),
        ("mapping", "draft", "small.csv", "--force", "--out", "folder"),
        ("export", "/proc/views.sqlite", "--format", "sqlite"),
        ("report", "--out", "/proc/report.html"),
    ],
    ids=lambda args: " ".join(args),
)
def test_a_path_that_cannot_be_written_is_named_as_it_was_given(
    noshow: Run, sample_folder: Path, args: tuple[str, ...]
) -> None:
    (sample_folder / "folder").mkdir(exist_ok=True)
    (sample_folder / "small.csv").write_text("id,start,status\n1,2026-03-02 18:00,attended\n")
    failed = noshow(*args)
    named = next(word for word in args if word == "folder" or word.startswith("/proc"))
    assert failed.returncode in (2, 74)
    assert failed.stderr.startswith(f"noshow: {named}: "), failed.stderr
    assert failed.stderr.count("\n") == 1


def test_the_report_is_named_as_it_was_asked_for(noshow: Run, sample_folder: Path) -> None:
    (sample_folder / "real").mkdir()
    (sample_folder / "linked").symlink_to("real")
    assert "Report: linked/a.md\n" in noshow("report", "--format", "md", "--out", "linked/a.md").stdout
    assert (sample_folder / "real" / "a.md").exists()


def test_a_pipe_or_a_device_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "written")
    assert os.read(reader, 100) == b"written"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]
