"""Find the settings file: the one that is named, else the nearest `noshow.toml`, here or in a folder above."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from queries.database import DEFAULT_DATABASE
from queries.errors import InputNotFound

NAME = Path("noshow.toml")
VARIABLE = "NOSHOW_CONFIG"


def settings_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The path of the settings file, relative if it is in the working folder; None if there is none.

    Raises `InputNotFound` if the file that `NOSHOW_CONFIG` names is not there.
    """
    named = environment.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise InputNotFound(
                "settings.not_found", f"{named}: no settings file here", f"Correct --config or {VARIABLE}"
            )
        return Path(named)
    if NAME.is_file():
        return NAME
    return next((folder / NAME for folder in Path.cwd().parents if (folder / NAME).is_file()), None)


def database_beside(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The default database of somebody who stands below the folder of the settings file; None for the usual default.

    For example in `studio/exports`, with `studio/noshow.toml`, it is `studio/data/attendance.duckdb`.
    """
    if environment.get("NOSHOW_DB") or environment.get(VARIABLE) or DEFAULT_DATABASE.exists():
        return None
    found = settings_file(environment)
    return found.parent / DEFAULT_DATABASE if found and found.is_absolute() else None
