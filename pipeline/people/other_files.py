"""Exports and reports beside a database that hold texts of an erased person: they are named, not changed."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.people.rows_that_hold import DATABASE, PARQUET, rows_hold
from pipeline.store.files import StoreFiles
from pipeline.store.renewal import files_that_hold, forms_of

_MAIL = ".eml"
_EXPORTS_AND_REPORTS = {
    *(".csv", ".html", ".json", ".jsonl", ".log", ".md", ".ndjson", ".tsv", ".txt"),
    *(DATABASE, PARQUET, _MAIL),
}
# The folder of the database, those in it, and those of a night's reports in `nightly`.
_FOLDERS = ("*", "*/*", "*/*/*")


def other_files_that_hold(path: Path, texts: Collection[str]) -> list[Path]:
    """List the files near the database `path` that are not its own and hold any of the texts.

    Not looked into: Excel workbooks, PDFs and compressed files.
    """
    files = list(_other_files(path))
    found = files_that_hold(files, texts)
    others = [file for file in files if file not in found]
    sought = forms_of(texts)
    mails = (file for file in others if file.suffix == _MAIL and _mail_holds(file, sought))
    # Their rows may say more than their bytes.
    tables = (file for file in others if file.suffix in (DATABASE, PARQUET) and rows_hold(file, texts))
    return sorted([*found, *mails, *tables])


def _other_files(path: Path) -> Iterator[Path]:
    """List exports and reports, but no work file: it may be in use."""
    ours = set(StoreFiles(path).everything())
    for pattern in _FOLDERS:
        for file in sorted(path.parent.glob(pattern)):
            is_work = ".work." in file.name
            if file.suffix in _EXPORTS_AND_REPORTS and file not in ours and not is_work and file.is_file():
                yield file


def _mail_holds(file: Path, sought: Collection[bytes]) -> bool:
    """Whether a text stands in an e-mail: encoded for its way, `Zoë` is `Zo=C3=AB` there, and lines are broken."""
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.compat32)
    for part in read.walk():
        decoded = part.get_payload(decode=True)
        if isinstance(decoded, bytes) and any(text in decoded.lower() for text in sought):
            return True
    return False
