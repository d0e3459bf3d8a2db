"""`noshow open`: the newest report, in the browser that the system names."""

from __future__ import annotations

import os
from pathlib import Path

from support.commands import Finished, forked

from pipeline.cli.open_report import newest_report


def opened(folder: Path, browser: str) -> Finished:
    return forked("open", "--db", folder / "a.duckdb", cwd=folder, env={**os.environ, "BROWSER": browser})


def test_the_newest_report_is_opened(tmp_path: Path) -> None:
    none = opened(tmp_path, "true")
    assert (none.returncode, none.stderr) == (
        66,
        f"noshow: {tmp_path}: no report here. Run `noshow report` without --out\n",
    )
    for age, name in enumerate(("reports/index.html", "report.html", "2026-03-01.html")):
        page = tmp_path / name
        page.parent.mkdir(exist_ok=True)
        page.touch()
        os.utime(page, (1_000_000 - age, 1_000_000 - age))
    assert newest_report(tmp_path) == tmp_path / "reports" / "index.html"
    os.utime(tmp_path / "report.html")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/asked\n')
    browser.chmod(0o700)
    found = opened(tmp_path, str(browser))
    assert (found.returncode, found.stdout) == (0, f"{tmp_path / 'report.html'}\n")
    assert (tmp_path / "asked").read_text() == f"file://{tmp_path}/report.html\n"


def test_no_browser_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "report.html").touch()
    failed = opened(tmp_path, "false %s")
    assert failed.returncode == 74
    assert failed.stdout == f"{tmp_path / 'report.html'}\n"
    assert failed.stderr.endswith("report.html: no browser was found. Open the file yourself\n")
