"""A command line makes the options of the command that it names, and of no other, without any difference to be seen."""

from __future__ import annotations

from typing import Any

import pytest
from support.every_command import options_of
from typer.main import get_command

from pipeline.cli.app import app
from pipeline.cli.running import only_the_named

WHOLE: Any = get_command(app)


def made_for(*arguments: str) -> dict[str, Any]:
    """The commands as they are made for a command line, by name."""
    return dict(getattr(get_command(only_the_named(app, arguments)), "commands", {}))


def described(command: Any) -> list[object]:
    """A command and those in it, with their options."""
    options = [(name, one.opts, one.default, one.required, one.help) for name, one in options_of(command)]
    return [command.help, *options]


@pytest.mark.parametrize("name", sorted(WHOLE.commands))
def test_a_command_is_the_same_without_the_others(name: str) -> None:
    assert described(made_for(name, "--format", "json")[name]) == described(WHOLE.commands[name])


def test_no_other_is_made() -> None:
    for name in WHOLE.commands:
        assert made_for(name).keys() == {name}


def test_all_are_made_if_none_is_named_first() -> None:
    for arguments in ((), ("--help",), ("--config", "a.toml", "settings"), ("no-such",), ("Settings",)):
        assert made_for(*arguments).keys() == WHOLE.commands.keys()
