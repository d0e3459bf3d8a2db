"""Other distributions have packages called `queries`, `reports` and `pipeline`, and overwrite those of noshow."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Finished, surroundings
from support.samples import few

from pipeline.cli.installation import require_own_packages

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipeline", "queries", "reports")
COMMANDS = [("--version",), ("rates",), ("doctor",)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages, as an installer leaves it."""
    site = tmp_path_factory.mktemp("site")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, site / name, ignore=shutil.ignore_patterns("__pycache__"))
    return site


def started(site: Path, *args: str) -> Finished:
    # Without the checkout, which an installation for development puts on the path.
    program = (
        f"import sys; sys.path[:] = [{str(site)!r}, *(path for path in sys.path if path != {str(ROOT)!r})]; "
        "from pipeline.cli import main; main()"
    )
    command = [sys.executable, "-c", program, *args]
    return subprocess.run(command, cwd=site.parent, env=surroundings(), capture_output=True, text=True, check=False)


# The other package's file: text that cannot even be imported here, or nothing, as after it was uninstalled.
CHANGES = [("queries", "import psycopg2\n"), ("reports", None), ("queries", None), ("reports", "import psycopg2\n")]


@pytest.mark.parametrize(("package", "text"), few(CHANGES, 2))
@pytest.mark.parametrize("command", few(map(pytest.param, COMMANDS), 1), ids=lambda command: command[0])
def test_a_package_of_the_same_name_is_noticed(
    installed: Path, tmp_path: Path, package: str, command: tuple[str, ...], text: str | None
) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    file = site / package / "__init__.py"
    file.unlink()
    if text:
        file.write_text(text)
    notes = site / "other-1.0.dist-info"
    notes.mkdir()
    (notes / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (notes / "RECORD").write_text(f"{package}/__init__.py,,\n")
    done = started(site, *command)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert f"`{package}`" in line
    assert "Uninstall other" in line


def test_its_own_packages_are_taken_for_its_own(installed: Path) -> None:
    done = started(installed, "--version")
    assert (done.returncode, done.stderr) == (0, "")


def test_packages_that_cannot_be_read_end_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(SystemExit) as end:
        require_own_packages()
    assert end.value.code == 74
    (line,) = capsys.readouterr().err.splitlines()
    assert "Permission denied" in line
