"""After a power cut readers and writers find the old or the new, and every loss has a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.power_cuts import cuts, record
from support.power_workloads import WORKLOADS, cut_each

WRITE = """
from pathlib import Path
from queries.files import make_folder, write_atomically
acknowledge("begun")
make_folder(Path("kept/in"))
write_atomically(Path("kept/in/a.txt"), "new" * 2000)
write_atomically(Path("kept/in/a.txt"), "newer" * 2000)
Path("plain.txt").write_text("new" * 2000)
acknowledge("written")
"""


def test_what_is_synced_survives_and_what_is_not_may_be_lost_or_torn(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "plain.txt").write_text("old")
    recording = record(WRITE, base, tmp_path / "recording")
    kept, plain = set(), set()
    for moment, acknowledged in cuts(recording, tmp_path / "cut", 200, seed=1):
        file = tmp_path / "cut" / "kept" / "in" / "a.txt"
        kept.add(file.read_text() if file.exists() else "")
        plain.add((tmp_path / "cut" / "plain.txt").read_bytes())
        if "written" in acknowledged:
            assert file.read_text() == "newer" * 2000, moment
    assert kept == {"", "new" * 2000, "newer" * 2000}
    assert len(plain) > 3


@pytest.mark.long
@pytest.mark.parametrize("name", WORKLOADS)
def test_power_cuts_leave_the_old_or_the_new(tmp_path: Path, name: str) -> None:
    assert cut_each(name, tmp_path, times=3, seed=7).cuts == 3
