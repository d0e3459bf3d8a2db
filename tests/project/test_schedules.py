"""The examples of schedules: each is run, or held to the program that reads it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from pipeline.cli.app import app

ROOT = Path(__file__).parents[2]
SCHEDULES = ROOT / "data" / "schedules"
NOSHOW = Path(sys.executable).with_name("noshow")


def lines(name: str) -> list[str]:
    """The lines of a file without comments and empty ones."""
    text = (SCHEDULES / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def require_command(words: list[str]) -> None:
    """Hold the words behind `noshow` to its own command line."""
    root: Any = typer.main.get_command(app)
    root.commands[words[0]].make_context("noshow", words[1:])


def test_every_example_is_explained() -> None:
    text = (ROOT / "pipeline" / "nightly.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in text for path in SCHEDULES.iterdir())


@pytest.mark.parametrize("code", [0, 66])
def test_the_line_for_cron_mails_the_summary_of_a_night_that_failed(tmp_path: Path, code: int) -> None:
    (line,) = lines("crontab")
    when, command = line.split(None, 5)[:5], line.split(None, 5)[5]
    assert all(re.fullmatch(r"[\d*]+", field) for field in when)
    # cron takes a % for the end of the line.
    assert "%" not in command
    require_command(shlex.split(command.partition("/bin/noshow ")[2].partition(" >")[0]))
    for name, script in (("noshow", f"echo the summary; exit {code}"), ("mail", f"cat > {tmp_path}/sent")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o700)
    here = command.replace("/srv/noshow", str(tmp_path)).replace("/opt/noshow/bin", str(tmp_path))
    done = subprocess.run(["sh", "-c", here], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False, timeout=60)
    assert done.returncode == 0
    sent = tmp_path / "sent"
    assert (sent.read_text(encoding="utf-8") if sent.exists() else None) == ("the summary\n" if code else None)


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit of systemd; each may stand there more than once."""
    found: dict[str, list[str]] = {}
    for line in lines(name):
        key, given, value = line.partition("=")
        if given:
            found.setdefault(key, []).append(value)
    return found


def test_the_units_of_systemd_belong_together_and_run_the_night() -> None:
    service, timer = unit("noshow-nightly.service"), unit("noshow-nightly.timer")
    (start,) = service["ExecStart"]
    assert start.split()[0].endswith("/bin/noshow")
    require_command(start.split()[1:])
    assert service["WorkingDirectory"] == service["ReadWritePaths"]
    assert timer["WantedBy"] == ["timers.target"]
    assert "Unit" not in timer  # the service of the same name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_its_units(tmp_path: Path) -> None:
    names = ("noshow-nightly.service", "noshow-nightly.timer")
    for name in names:
        text = (SCHEDULES / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/opt/noshow/bin/noshow", str(NOSHOW)), encoding="utf-8")
    command = ["systemd-analyze", "verify", *(str(tmp_path / name) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_github_action_runs_the_night_and_keeps_what_it_made() -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML")
    read = yaml.safe_load((SCHEDULES / "github-action.yml").read_text(encoding="utf-8"))
    # YAML 1.1 reads `on` as true.
    (when,) = read[True]["schedule"]
    assert re.fullmatch(r"(\S+ ){4}\S+", when["cron"])
    (job,) = read["jobs"].values()
    assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    runs = [step["run"].split() for step in job["steps"] if step.get("run", "").startswith("noshow ")]
    assert [words[1] for words in runs] == ["nightly"]
    for words in runs:
        require_command(words[1:])
    assert read["permissions"] == {"contents": "read"}
    kept = {step["with"]["path"] for step in job["steps"] if "path" in step.get("with", {})}
    assert kept == {"data", "data/nightly"}


INSTRUCTIONS = {"FROM", "RUN", "COPY", "USER", "WORKDIR", "VOLUME", "ENTRYPOINT", "CMD"}


def test_the_dockerfile_runs_the_night_without_rights_in_a_folder_to_mount() -> None:
    parsed = [line.split(None, 1) for line in lines("Dockerfile")]
    found = dict(parsed)
    assert {name for name, _ in parsed} == INSTRUCTIONS
    assert parsed[0][0] == "FROM"
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", found["FROM"])
    assert found["USER"].isdigit()
    assert int(found["USER"]) > 0
    assert f"--uid {found['USER']} " in " ".join(rest for name, rest in parsed if name == "RUN")
    # A container gives a user without rights no sandbox of Chromium's own, and without it no PDF is printed.
    assert "--no-sandbox" in next(rest for name, rest in parsed if name == "RUN" and " chromium " in rest)
    assert found["VOLUME"] == f'["{found["WORKDIR"]}"]'
    assert found["ENTRYPOINT"] == '["noshow"]'
    require_command(re.findall(r'"([^"]+)"', found["CMD"]))


@pytest.mark.skipif(sys.platform != "linux", reason="hadolint is installed on Linux")
def test_hadolint_accepts_the_dockerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, SCHEDULES / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
