"""The report as PDF, through the Chromium that is there."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from queries.errors import OutputFailed, UsageError
from reports.printing import BROWSERS, pdf

MOMENT = dt.datetime(2026, 3, 2, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
PAGE = "<!doctype html><html lang='en'><title>x</title><p>No-show rate"


def browser(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only Chromium on the PATH is a script."""
    path = folder / BROWSERS[0]
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin" if script else str(folder))


def test_a_pdf_has_the_date_of_its_report_not_of_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = "%PDF-1.4 /CreationDate (D:20991231235959+00'00') /ModDate (D:20991231235959+00'00')"
    print_it = f"""for each; do case $each in --print-to-pdf=*) printf "%s" "{made}" > "${{each#*=}}";; esac; done"""
    browser(tmp_path, print_it.replace("%PDF", "%%PDF").replace("%%", "%"), monkeypatch)
    assert pdf(PAGE, MOMENT) == made.replace("20991231235959", "20260302093000").encode()


@pytest.mark.parametrize("script", ["exit 3", "exit 0"])
def test_a_browser_that_does_not_print_is_named(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser(tmp_path, script, monkeypatch)
    with pytest.raises(OutputFailed, match="chromium did not print the report"):
        pdf(PAGE, MOMENT)


def test_the_reason_that_the_browser_gives_is_in_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logged = "[1:1:1129/210145.6:ERROR:content/zygote.cc:130] No usable sandbox! If this is a Debian system, install it"
    browser(tmp_path, f"echo 'a: unexpected operator' >&2; echo '{logged}' >&2; exit 1", monkeypatch)
    with pytest.raises(OutputFailed, match=r"did not print the report: No usable sandbox\. Print the HTML"):
        pdf(PAGE, MOMENT)


def test_without_a_browser_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="none is on the PATH") as caught:
        pdf(PAGE, MOMENT)
    assert "Install chromium" in str(caught.value)


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_chromium_prints_the_same_pdf_twice() -> None:
    first = pdf(PAGE, MOMENT)
    assert first.startswith(b"%PDF")
    assert b"D:20260302093000" in first
    assert pdf(PAGE, MOMENT) == first
