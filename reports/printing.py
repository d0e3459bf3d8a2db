"""Print a page as PDF through a Chromium of this machine."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from queries.errors import OutputFailed, UsageError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120
# The first sentence of `[1:1:1129/210145.6:ERROR:content/zygote.cc:130] No usable sandbox! If this is Debian, …`.
_LOGGED = re.compile(r":(?:ERROR|FATAL):[^\]\n]*\] ([ -~]{1,200}?)(?:[.!]?$|[.!] )", re.MULTILINE)


def pdf(page: str, as_of: dt.datetime) -> bytes:
    """A page (HTML, complete in itself) as printed on A4. `as_of` (aware) is the date of the file, not the clock.

    Raises `UsageError` if no Chromium is on the PATH, `OutputFailed` if it does not print.
    """
    with TemporaryDirectory(prefix="noshow-") as name:
        folder = Path(name)
        source, printed = folder / "report.html", folder / "report.pdf"
        source.write_text(page, encoding="utf-8")
        _print(_browser(), source, printed, folder)
        return _dated(printed.read_bytes(), as_of)


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        raise UsageError(
            "report.no_chromium",
            "a PDF is printed by Chromium, and none is on the PATH",
            "Install chromium or Google Chrome, or print the HTML report",
        )
    return found


def _print(browser: str, source: Path, printed: Path, folder: Path) -> None:
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={folder / 'profile'}",
        f"--print-to-pdf={printed}",
        # Chromium does not start its sandbox as root, as in a container; the page is our own and loads nothing.
        *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        source.as_uri(),
    ]
    try:
        done = subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    except subprocess.SubprocessError as error:
        raise _failed(browser, getattr(error, "stderr", None)) from error
    except OSError as error:
        raise _failed(browser, None) from error
    if not printed.exists():
        raise _failed(browser, done.stderr)


def _failed(browser: str, stderr: bytes | None) -> OutputFailed:
    """The error, with the first sentence that Chromium logged as an error: `No usable sandbox!`."""
    logged = _LOGGED.search((stderr or b"").decode(errors="replace"))
    reason = f": {logged[1]}" if logged else ""
    return OutputFailed(
        "report.printing", f"{browser} did not print the report{reason}", "Print the HTML report instead"
    )


def _dated(data: bytes, as_of: dt.datetime) -> bytes:
    """The file with the moment of its report in place of the clock's; of the same length, so that its index holds."""
    moment = as_of.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S").encode()
    return re.sub(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}", rb"\g<1>" + moment, data)
