"""Every command of noshow with arguments that it accepts, so that a rule can be tried on all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.records import Make

ATTENDANCE = Make.attendance(1)["id"]
# In an order in which each finds everything it needs, in a folder with the files of `write_inputs`.
COMMANDS: dict[str, tuple[str, ...]] = {
    "sample": ("--out", "sampled", "--bookings", "60"),
    "mapping draft": ("small.csv",),
    "mapping check": ("small.csv", "--mapping", "small.toml"),
    "mapping list": (),
    "ingest": ("bookings.ndjson", "marks.ndjson", "--log", "log.ndjson"),
    "settings": (),
    "rates": ("--by", "service", "--format", "csv", "--out", "rates.csv"),
    "model train": (),
    "model show": ("--format", "json"),
    "model forget": (),
    "upcoming": ("--by", "booking", "--format", "csv", "--out", "ahead.csv"),
    "calls": ("--hold-back", "0.5", "--format", "csv", "--out", "calls.csv"),
    "calls done": ("calls.csv",),
    "reconcile": ("--says", "8.1%", "--format", "json"),
    "check": ("--max-quarantined", "100"),
    "report": ("--out", "out/report.html"),
    "open": (),
    "sql": ("select 1",),
    "get": (ATTENDANCE,),
    "query": ("{}",),
    "count": (),
    "set": ("--booking", Make.attendance(1)["bookingId"], "--event", Make.event(1), "--status", "ATTENDED"),
    "delete": (ATTENDANCE,),
    "export-lake": ("lake",),
    "export": ("views.sqlite", "--format", "sqlite"),
    "quarantine list": ("--format", "csv", "--out", "aside.csv"),
    "quarantine show": (),
    "quarantine export": ("--out", "aside.ndjson", "--reasons", "reasons.csv"),
    "quarantine retry": ("--all",),
    "quarantine discard": ("--all",),
    "erase": ("--contact", "c-1"),
    "unload": ("2",),
    "doctor": ("--recover",),
    "pull": ("--replay",),
    "serve": ("--port", "0"),
    "demo": (),
    "nightly": ("--dry-run",),
}
# Those that wait for requests, need an API, a browser or settings, or do the work of others.
NOT_ALONE = {"serve", "pull", "demo", "open", "nightly"}


def write_inputs(folder: Path) -> list[str]:
    """Write the files that the arguments name; return their names."""
    contact = {"contactId": "c-1", "firstName": "Ana"}
    texts = {
        "bookings.ndjson": [json.dumps(Make.booking(number, contactDetails=contact)) for number in range(3)],
        "marks.ndjson": [
            json.dumps(Make.attendance(number, status)) for number, status in ((1, "ATTENDED"), (2, "MAYBE"))
        ],
        "small.csv": ["id,start,status", "1,2026-03-02 18:00,attended"],
    }
    for name, lines in texts.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(texts)


def commands_of(app: Any, group: str = "") -> Iterator[tuple[str, Any]]:
    """Every command of an app by its full name, with its function."""
    if group and app.registered_callback and app.registered_callback.invoke_without_command:
        yield group, app.registered_callback.callback
    for command in app.registered_commands:
        yield f"{group} {command.name or command.callback.__name__}".strip(), command.callback
    for inner in app.registered_groups:
        name = inner.typer_instance.info.name
        yield from commands_of(inner.typer_instance, name if isinstance(name, str) else "")


def options_of(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every option and argument of a command made by Typer and of those below it, with the command's full name."""
    for option in command.params:
        yield name, option
    for word, inner in getattr(command, "commands", {}).items():
        yield from options_of(inner, f"{name} {word}".strip())
