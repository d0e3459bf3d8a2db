"""Compare the figures of a report with limits; print the checks as JSON and exit with 1 if one fails."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import typer

import queries
import reports
from pipeline.cli.exits import CHECK_FAILED
from pipeline.cli.json_output import print_json
from pipeline.cli.report import ReportOptions, options_of, read_earlier, scope_of
from pipeline.settings import read_settings
from pipeline.store.verification import require_sound
from queries.errors import UsageError

_EXAMPLES = 3


def run(asked: ReportOptions, max_unmet: int | None = None, **limits: Any) -> None:
    """Measure, compare with the limits, print, and exit. Raises `UsageError` without a limit."""
    wanted = reports.Limits(**limits)
    if wanted == reports.Limits() and max_unmet is None:
        raise UsageError("check.nothing", "nothing to check", "Give a limit, such as --min-coverage 0.8")
    with closing(queries.connect(asked.source.db)) as connection:
        require_sound(connection)
        checks = _gates(asked, connection, wanted) if wanted != reports.Limits() else []
        if max_unmet is not None:
            checks.append(_most_unmet(max_unmet, _unmet(connection)))
    failed = [_failed(gate) for gate in checks if not gate.passed]
    passed = [gate.check for gate in checks if gate.passed]
    notes = {gate.check: gate.note for gate in checks if gate.note}
    said = {"failed": failed, "passed": passed} | ({"notes": notes} if notes else {})
    print_json(said)
    if failed:
        raise typer.Exit(CHECK_FAILED)


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


def _unmet(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The values that mappings do not know, in the newest load of each file."""
    return queries.findings(connection).filter(pl.col("finding") == "unmet_value")


def _most_unmet(limit: int, unmet: pl.DataFrame) -> reports.Gate:
    records = int(unmet["records"].sum())
    examples = [f"{place}: {value!r}" for place, value in unmet.select("place", "value").iter_rows() if value]
    said = f" ({', '.join(examples[:_EXAMPLES])})" if examples else ""
    message = f"{records:,} times a value that the mapping does not know{said}; at most {limit:,} asked for"
    return reports.Gate("max_unmet", limit, records, records <= limit, message)


def _failed(gate: reports.Gate) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(gate).items() if name != "note"}
