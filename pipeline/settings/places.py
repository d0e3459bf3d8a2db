"""The places of settings: the file `noshow.toml`, and variables of the environment such as `NOSHOW_SITE_ZONE`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.settings_file import settings_file
from pipeline.toml_files import read_toml


def in_file() -> dict[str, Any]:
    """The settings in the file, as any editor saves it; empty without one. Raises `DataRefused` if it is not TOML."""
    file = settings_file()
    return read_toml(file.read_bytes()) if file else {}


def in_environment(names: Iterable[str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The text of each of these settings that has a variable, in whatever case its name is written."""
    texts = {variable.lower(): text for variable, text in environment.items()}
    return {name: texts[variable] for name in names if (variable := variable_of(name).lower()) in texts}


def variable_of(name: str) -> str:
    """The variable of a setting.

    >>> variable_of("site_zone")
    'NOSHOW_SITE_ZONE'
    """
    return f"NOSHOW_{name.upper()}"
