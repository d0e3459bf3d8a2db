"""Print results as JSON that cannot steer a terminal or turn the direction of its text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import typer

_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


def json_text(value: Any, default: Callable[[Any], Any] | None = None) -> str:
    """A value as indented JSON; `default` turns values of other types into those that JSON has."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=default)
    return _BEYOND_ASCII.sub(lambda found: _seen(found.group()), text)


def _seen(sign: str) -> str:
    """A character of a string as it is, or its escape, which means the same, if it would not be seen."""
    return sign if sign.isprintable() else json.dumps(sign)[1:-1].replace("\x7f", "\\u007f")


def print_json(value: Any) -> None:
    """Print a value of plain types on stdout."""
    typer.echo(json_text(value))
