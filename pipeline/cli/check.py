"""Compare the figures of a report with limits; print the checks as JSON and exit with 1 if one fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import duckdb
import typer

import queries
import reports
from pipeline.cli.exits import CHECK_FAILED
from pipeline.cli.json_output import print_json
from pipeline.cli.report import ReportOptions, options_of, read_earlier, scope_of
from pipeline.settings import read_settings
from pipeline.store.verification import require_sound
from queries.errors import UsageError


def run(asked: ReportOptions, limits: Mapping[str, Any]) -> None:
    """Measure, compare with the limits, print, and exit. Raises `UsageError` without a limit."""
    gates = checked(asked, limits)
    print_json(in_json(gates))
    if not all(gate.passed for gate in gates):
        raise typer.Exit(CHECK_FAILED)


def checked(asked: ReportOptions, limits: Mapping[str, Any]) -> list[reports.Gate]:
    """The checks of the figures, then those of the loads; `limits` are the fields of `Limits` and `LoadLimits`.

    Raises `UsageError` without a limit.
    """
    of_loads = reports.LoadLimits(**{name: limit for name, limit in limits.items() if name in _OF_LOADS})
    of_figures = reports.Limits(**{name: limit for name, limit in limits.items() if name not in _OF_LOADS})
    if of_figures == reports.Limits() and of_loads == reports.LoadLimits():
        raise UsageError("check.nothing", "nothing to check", "Give a limit, such as --min-coverage 0.8")
    with closing(queries.connect(asked.source.db)) as connection:
        require_sound(connection)
        gates = _gates(asked, connection, of_figures) if of_figures != reports.Limits() else []
        return [*gates, *_load_gates(asked, connection, of_loads)]


_OF_LOADS = {field.name for field in dataclasses.fields(reports.LoadLimits)}


def in_json(gates: list[reports.Gate]) -> dict[str, Any]:
    """The checks as an object: those that failed, the names of those that passed, and notes if there are any."""
    failed = [_failed(gate) for gate in gates if not gate.passed]
    passed = [gate.check for gate in gates if gate.passed]
    notes = {gate.check: gate.note for gate in gates if gate.note}
    return {"failed": failed, "passed": passed} | ({"notes": notes} if notes else {})


def _gates(asked: ReportOptions, connection: duckdb.DuckDBPyConnection, wanted: reports.Limits) -> list[reports.Gate]:
    """The checks of the figures of a report."""
    earlier = read_earlier(asked)
    report = reports.the_report(
        connection,
        options=options_of(asked, read_settings(), queries.site(connection)),
        earlier=earlier,
        sections=reports.sections_for(wanted),
        **scope_of(asked),
    )
    return list(reports.gates(report, wanted, earlier))


def _load_gates(
    asked: ReportOptions, connection: duckdb.DuckDBPyConnection, wanted: reports.LoadLimits
) -> tuple[reports.Gate, ...]:
    """The checks of the loads."""
    as_of = queries.as_of_instant(asked.as_of)
    loads = reports.Loads(queries.loads(connection), queries.findings(connection), as_of)
    return reports.load_gates(loads, wanted)


def _failed(gate: reports.Gate) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(gate).items() if name != "note"}
