"""A night: its date, its moment, and the outcome of each step so far, in a file of its own.

The file is written after each step, so a night that was interrupted goes on from there. All figures of a night
are those of one moment, the one at which it began; a night that is run again therefore writes the same files.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from queries.errors import DataRefused
from queries.files import UNFINISHED, make_folder, write_atomically

# A night that was interrupted before midnight goes on after it, not so on the next evening.
_LONGEST = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a step: its exit code, None if it was not run, and its work or error in words.

    `is_done`: a step that failed is run again with the night, one that was done is not, even if its exit code is not 0:
    a check that does not pass, a load that refused a file. `asked` has its settings, and the snapshot that it read.
    """

    code: int | None
    said: str
    asked: Mapping[str, Any]
    is_done: bool


@dataclass(frozen=True, slots=True)
class Night:
    """A night in its folder. `as_of` (aware) is its moment, `is_over` whether each step had its turn."""

    folder: Path
    date: dt.date
    as_of: dt.datetime
    is_over: bool = False
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The file of the night."""
        return _file(self.folder, self.date)

    def path(self, name: str, suffix: str) -> Path:
        """The path of a file that the night makes: `report-2026-03-01.html`."""
        return self.folder / f"{name}-{self.date.isoformat()}{suffix}"

    def with_outcome(self, step: str, outcome: Outcome) -> Night:
        """The night with the outcome of one more step, written to its file."""
        return replace(self, outcomes={**self.outcomes, step: outcome}).written()

    def written(self) -> Night:
        """Write the file of the night if it has changed."""
        text = self._text()
        if not self.file.exists() or self.file.read_text(encoding="utf-8") != text:
            make_folder(self.folder)
            write_atomically(self.file, text)
        return self

    def _text(self) -> str:
        steps = {name: asdict(outcome) for name, outcome in self.outcomes.items()}
        content = {"date": self.date.isoformat(), "as_of": self.as_of.isoformat(), "is_over": self.is_over}
        return json.dumps(content | {"steps": steps}, ensure_ascii=False, indent=1) + "\n"


def tonight(folder: Path, now: dt.datetime, zone: str) -> Night:
    """The night to work on: one that was interrupted within 12 hours, else that of the local date, new or not.

    Raises `DataRefused` if the file of the night is not one.
    """
    date = now.astimezone(ZoneInfo(zone)).date()
    before = _night_in(folder, date - dt.timedelta(days=1))
    today = _night_in(folder, date)
    if today is None and before and not before.is_over and now - before.as_of < _LONGEST:
        return before
    return today or Night(folder, date, now)


def remove_unfinished(folder: Path) -> None:
    """Remove files that a killed night was writing; for the one that holds the lock, since nobody else writes here."""
    for path in (*folder.glob(f".*{UNFINISHED}"), *folder.glob(f"*/.*{UNFINISHED}")):
        if re.fullmatch(rf"\..+\.\d+{re.escape(UNFINISHED)}", path.name):
            path.unlink()


def _file(folder: Path, date: dt.date) -> Path:
    return folder / f"night-{date.isoformat()}.json"


def _night_in(folder: Path, date: dt.date) -> Night | None:
    file = _file(folder, date)
    if not file.exists():
        return None
    try:
        read = json.loads(file.read_bytes())
        outcomes = {name: Outcome(**step) for name, step in read["steps"].items()}
        return Night(folder, date, dt.datetime.fromisoformat(read["as_of"]), bool(read["is_over"]), outcomes)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DataRefused(
            "nightly.damaged", f"{file}: not the file of a night", "Remove it: the night is run from the beginning"
        ) from None
