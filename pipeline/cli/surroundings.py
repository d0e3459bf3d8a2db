"""The surroundings of a command: its settings file and database by default, and who may read the files it makes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.settings_file import VARIABLE, database_beside, settings_file
from queries.files import private_files


@contextmanager
def surroundings(config: Path | None) -> Iterator[None]:
    """Within the block, `config` is the settings file if it is given, and new files are private.

    Raises `InputNotFound` for a settings file that is not there.
    """
    with (
        _environment({VARIABLE: config}),
        _environment({"NOSHOW_DB": database_beside()}),
        private_files(_group_readable()),
    ):
        yield


@contextmanager
def _environment(values: Mapping[str, Path | None]) -> Iterator[None]:
    wanted = {name: str(value) for name, value in values.items() if value}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _group_readable() -> bool:
    """The setting of that name. The settings are read here only if it is set, since reading them takes a while."""
    file, name = settings_file(), "group_readable"
    # In UTF-16, which editors save as well, there is a zero beside each letter.
    in_file = file is not None and name.encode() in file.read_bytes().replace(b"\0", b"")
    if not in_file and f"NOSHOW_{name.upper()}" not in map(str.upper, os.environ):
        return False
    from pipeline.settings import read_settings

    return read_settings().group_readable
