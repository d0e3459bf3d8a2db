"""The project itself: the direction of imports, the public names, the content of the wheel."""

from __future__ import annotations

import email
import importlib
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipeline", "queries", "reports")


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "queries",
            {
                "pandera",
                "pydantic",
                "jinja2",
                "altair",
                "typer",
                "rich",
                "msgspec",
                "pyarrow.parquet",
                "narwhals",
                "numpy",
            },
        ),
        ("reports", {"pandera", "pydantic", "altair", "typer", "rich", "msgspec", "narwhals"}),
        ("pipeline", {"pandera", "pydantic", "jinja2", "altair", "typer", "rich", "msgspec", "duckdb", "polars"}),
        (
            "pipeline.cli.app",
            {"pandera", "pydantic", "jinja2", "altair", "msgspec", "duckdb", "polars", "narwhals", "httpx", "tenacity"},
        ),
    ],
)
def test_importing_is_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not heavy & set(loaded.stdout.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_public_can_be_imported_and_is_documented(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__doc__
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name).__doc__, f"{package}.{name}"


def test_only_the_agreed_folders_stand_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert sorted(name for name in top if not name.startswith(".")) == [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "data",
        "pipeline",
        "pyproject.toml",
        "queries",
        "reports",
        "tests",
    ]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = out.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_file_that_is_needed(wheel: zipfile.ZipFile) -> None:
    held = set(wheel.namelist())
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert path.relative_to(ROOT).as_posix() in held
        assert f"{package}/py.typed" in held
    for folder in ("sample", "mappings", "schedules"):
        for path in (ROOT / "data" / folder).iterdir():
            assert f"pipeline/data/{folder}/{path.name}" in held
    assert {"noshow/__init__.py", "noshow/__main__.py", "noshow/py.typed"} <= held
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == {*PACKAGES, "noshow"}


ONE_MODULE = """
import sys, noshow
light = not {"pipeline", "queries", "duckdb", "pandera", "importlib.metadata"} & set(sys.modules)
from noshow import pipeline, queries, reports
import queries as alone
print(light, queries is alone, set(noshow.__all__) <= set(dir(noshow)), noshow.__version__, noshow.__file__)
"""


def of_one_module(*paths: str) -> list[str]:
    """The output of the module `noshow` about itself if these paths are searched before all others."""
    program = f"import sys; sys.path[:0] = {[*paths]!r}\n{ONE_MODULE}"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_wheel_has_one_module_for_all(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    *said, number, file = of_one_module(str(tmp_path))
    assert (said, number) == (["True"] * 3, version("noshow"))
    assert file == str(tmp_path / "noshow" / "__init__.py")
    command = [sys.executable, "-m", "noshow", "--version"]
    started = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (started.stdout, started.stderr) == (f"{number}\n", "")


def test_an_editable_install_has_it_too(tmp_path: Path) -> None:
    """Built as an installer builds it: the paths that it adds lead to the packages and to the module."""
    code = f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})"
    built = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as made:
        (name,) = (name for name in made.namelist() if name.endswith(".pth"))
        paths = made.read(name).decode().split()
    *said, number, file = of_one_module(*paths)
    assert (said, number) == (["True"] * 3, version("noshow"))
    assert file == str(ROOT / "pipeline" / "module" / "noshow" / "__init__.py")


def test_the_wheel_says_who_what_and_under_which_licence(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    said = email.message_from_bytes(wheel.read(name))
    assert said["License-Expression"] == "MIT"
    assert said["License-File"] == "LICENSE"
    assert said["Author"] == "the noshow authors"
    assert said["Keywords"]
    assert said["Description-Content-Type"] == "text/markdown"
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    assert wheel.read(name.replace("METADATA", "licenses/LICENSE")) == (ROOT / "LICENSE").read_bytes()


def test_the_source_distribution_holds_what_is_built_tested_and_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "CHANGELOG.md", "README.md", "pyproject.toml", "data/README.md", "data/report.png"} <= held
    assert {"pipeline/README.md", "queries/py.typed", "reports/README.md", "data/sample/services.json"} <= held
