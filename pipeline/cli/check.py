"""Compare the figures of a report with limits; print the checks as JSON and exit with 1 if one fails."""

from __future__ import annotations

import dataclasses
import json
from contextlib import closing
from typing import Any

import typer

import queries
import reports
from pipeline.cli.exits import CHECK_FAILED
from pipeline.cli.report import ReportOptions, options_of, read_earlier, scope_of
from pipeline.settings import read_settings
from queries.errors import UsageError


def run(asked: ReportOptions, **limits: Any) -> None:
    """Measure, compare with the limits, print, and exit. Raises `UsageError` without a limit."""
    wanted = reports.Limits(**limits)
    if wanted == reports.Limits():
        raise UsageError("check.nothing", "nothing to check", "Give a limit, such as --min-coverage 0.8")
    earlier = read_earlier(asked)
    with closing(queries.connect(asked.source.db)) as connection:
        report = reports.the_report(
            connection,
            options=options_of(asked, read_settings(), queries.site(connection)),
            earlier=earlier,
            **scope_of(asked),
        )
    checks = reports.gates(report, wanted, earlier)
    failed = [_failed(gate) for gate in checks if not gate.passed]
    passed = [gate.check for gate in checks if gate.passed]
    notes = {gate.check: gate.note for gate in checks if gate.note}
    said = {"failed": failed, "passed": passed} | ({"notes": notes} if notes else {})
    typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
    if failed:
        raise typer.Exit(CHECK_FAILED)


def _failed(gate: reports.Gate) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(gate).items() if name != "note"}
