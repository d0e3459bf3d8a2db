"""One spelling of the output format: `--format` in every command that has one; `--json` is kept, and hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from support.commands import forked, surroundings
from support.every_command import options_of, write_inputs

from pipeline.cli.app import app
from queries.model import vocabularies

WORDS = {word for name, words in vars(vocabularies).items() if name.endswith("_FORMATS") for word in words} | {
    "yaml",
    "tsv",
    "markdown",
}


OPTIONS = list(options_of(typer.main.get_command(app)))


def test_no_command_spells_its_output_format_in_another_way() -> None:
    flags = {
        (name, flag, option.hidden)
        for name, option in OPTIONS
        if option.param_type_name == "option"
        for flag in option.opts
    }
    named_for_a_format = {(name, flag) for name, flag, hidden in flags if not hidden and flag.lstrip("-") in WORDS}
    assert named_for_a_format == set()
    hidden = {flag for _, flag, hidden in flags if hidden}
    assert hidden == {"--json"}


def test_every_format_is_an_output_format() -> None:
    formats = {name: option for name, option in OPTIONS if "--format" in option.opts}
    assert len(formats) > 15
    assert {option.help for option in formats.values()} == {"The output format."}
    with_json = {name for name, option in OPTIONS if "--json" in option.opts}
    assert with_json == {name for name, option in formats.items() if option.name == "table_format"}


@pytest.mark.long
def test_the_older_spellings_mean_the_same(tmp_path: Path) -> None:
    def run(*args: str) -> str:
        done = forked(*args, cwd=tmp_path, env=surroundings())
        assert done.returncode == 0, done.stderr
        return done.stdout

    write_inputs(tmp_path)
    (tmp_path / "bookings.txt").write_bytes((tmp_path / "bookings.ndjson").read_bytes())
    for older in (("--format", "ndjson", "--json"), ("--source-format", "ndjson", "--format", "json")):
        (outcome,) = json.loads(run("ingest", "bookings.txt", *older))
        assert (outcome["read"], outcome["refused"]) == (3, None)
    assert run("mapping", "list", "--json") == run("mapping", "list", "--format", "json")
    assert run("doctor", "--json") == run("doctor", "--format", "json")
