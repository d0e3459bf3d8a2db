"""Limits go in; a JSON of the checks comes out on stdout, and exit code 1 where one fails."""

from __future__ import annotations

import dataclasses
import json
from contextlib import closing
from typing import Any

import typer

import queries
import reports
from pipeline.cli import CHECK_FAILED
from pipeline.cli.report import Wanted, earlier_of, options_of, scope_of
from pipeline.settings import read_settings
from queries.errors import UsageError


def run(wanted: Wanted, **limits: Any) -> None:
    """Measure, compare with the limits, print, and exit."""
    asked = reports.Limits(**limits)
    if asked == reports.Limits():
        raise UsageError("check.nothing", "nothing to check", "Give a limit, such as --min-coverage 0.8")
    earlier = earlier_of(wanted)
    with closing(queries.connect(wanted.place.db)) as connection:
        report = reports.the_report(
            connection,
            options=options_of(wanted, read_settings(), queries.site(connection)),
            earlier=earlier,
            **scope_of(wanted),
        )
    checks = reports.gates(report, asked, earlier)
    failed = [dataclasses.asdict(gate) for gate in checks if not gate.passed]
    passed = [gate.check for gate in checks if gate.passed]
    typer.echo(json.dumps({"failed": failed, "passed": passed}, ensure_ascii=False, indent=2))
    if failed:
        raise typer.Exit(CHECK_FAILED)
