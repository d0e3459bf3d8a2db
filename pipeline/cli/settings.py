"""Print each setting with its value, the origin of the value, and the value stored in the database."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from rich import box
from rich.markup import escape
from rich.table import Table

import queries
from pipeline.cli.json_output import print_json
from pipeline.cli.terminal import stdout_console
from pipeline.settings import PolicyDate, Settings, origins, read_settings
from pipeline.settings.stored import stored_settings

_SECRETS = ("pseudonym_key", "api_key", "site_id")
HEADS = {"setting": "setting", "value": "value", "from": "from", "meaning": "meaning", "stored": "in the database"}


def run(table_format: str, db: Path | None) -> None:
    """Read and print. A database that does not exist yet has nothing stored."""
    settings = read_settings()
    rows = setting_rows(settings, origins(), _stored(settings, queries.database_path(db)))
    if table_format == "json":
        print_json(rows)
    else:
        print_table(rows)


def setting_rows(
    settings: Settings, origin: Mapping[str, str], stored: Mapping[str, tuple[Any, bool]]
) -> list[dict[str, Any]]:
    """One object of JSON values per setting: setting, value, from, meaning, stored, note.

    `stored` and `note` are null for a setting that the database does not keep.
    """
    return [
        {
            "setting": name,
            "value": _to_json(getattr(settings, name)) if name not in _SECRETS else _say_if_set(settings, name),
            "from": origin[name],
            "meaning": field.description,
            "stored": _to_json(stored[name][0]) if name in stored else None,
            "note": _note(stored[name][1], name in settings.model_fields_set) if name in stored else None,
        }
        for name, field in Settings.model_fields.items()
    ]


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print the settings as a table, with the note below the stored value."""
    table = Table(box=box.SIMPLE_HEAD)
    for head in HEADS.values():
        table.add_column(head, overflow="fold")
    for row in rows:
        cells = [_cell(row[name]) for name in HEADS]
        if row["note"]:
            cells[-1] = f"{cells[-1] or 'none'}\n({row['note']})"
        table.add_row(*map(escape, cells))
    stdout_console().print(table)


def _stored(settings: Settings, path: Path) -> dict[str, tuple[Any, bool]]:
    if not path.exists():
        return {}
    with closing(queries.connect(path)) as connection:
        return stored_settings(connection, settings)


def _note(differs: bool, is_set: bool) -> str | None:
    if not differs:
        return None
    return "takes effect at the next ingest" if is_set else "set before, and kept until you change it"


def _say_if_set(settings: Settings, name: str) -> str:
    return "(set)" if getattr(settings, name) else "(not set)"


def _to_json(value: Any) -> Any:
    """A setting as a JSON value; a decimal as its shortest text. Raises `TypeError` for a secret."""
    if isinstance(value, SecretStr):
        raise TypeError("a secret is not printed")
    if isinstance(value, dict):
        return {name: _to_json(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_to_json(part) for part in value]
    if isinstance(value, PolicyDate):
        return {"date": value.date.isoformat(), "what": value.what}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {part}" for name, part in value.items())
    if isinstance(value, list):
        return "\n".join(f"{part['date']} {part['what']}" if isinstance(part, dict) else str(part) for part in value)
    return "" if value is None else str(value)
