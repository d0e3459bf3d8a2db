"""Examine or repair the files of a database; exit with 1 if a problem remains."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from pipeline.cli.exits import CHECK_FAILED
from pipeline.cli.json_output import print_json
from pipeline.cli.terminal import showing_steps, stdout_console
from pipeline.events import log_event
from pipeline.machine import machine_errors
from pipeline.settings import read_settings
from pipeline.store.doctor import Finding, Recovery, diagnose, recover
from pipeline.store.files import StoreFiles
from pipeline.store.lock import only_writer
from queries.database import database_path
from queries.errors import InputNotFound


def run(db: Path | None, repair: bool, as_json: bool, wait: float) -> None:
    """Repair if asked to, examine, print, and exit."""
    path = database_path(db)
    if not path.parent.is_dir():
        raise InputNotFound("database.not_found", f"{path}: no database here", "Name another file with --db")
    recovery = Recovery()
    with machine_errors(path), only_writer(StoreFiles(path).lock, path, wait), showing_steps("doctor") as step:
        if repair:
            step("repairing")
            recovery = recover(path, read_settings(), dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ"))
        step("examining")
        findings = diagnose(path).findings
    for finding in findings:
        log_event("doctor.found", level=logging.WARNING, code=finding.code, file=str(finding.file))
    _print_json(findings, recovery) if as_json else _print(path, findings, recovery)
    if any(finding.is_problem for finding in findings):
        raise typer.Exit(CHECK_FAILED)


def _print_json(findings: tuple[Finding, ...], recovery: Recovery) -> None:
    answer = {
        "findings": [
            {
                "code": finding.code,
                "file": str(finding.file),
                "message": finding.message,
                "remedy": finding.remedy,
                "problem": finding.is_problem,
            }
            for finding in findings
        ],
        "done": recovery.done,
        "lost": [{"load_id": lost.load_id, "file": lost.file, "kind": lost.kind} for lost in recovery.lost],
    }
    print_json(answer)


def _print(path: Path, findings: tuple[Finding, ...], recovery: Recovery) -> None:
    for done in recovery.done:
        typer.echo(f"Done: {done}")
    for lost in recovery.lost:
        again = "make the mark again" if lost.kind == "mark" else f"load it again: noshow ingest {lost.file}"
        typer.echo(f"Lost: load {lost.load_id} ({lost.file}); {again}")
    if not findings:
        typer.echo(f"{path}: nothing is wrong")
        return
    table = Table("file", "", "finding", "remedy", box=box.SIMPLE_HEAD)
    for finding in findings:
        sign = "problem" if finding.is_problem else "note"
        table.add_row(escape(finding.file.name), sign, escape(finding.message), escape(finding.remedy))
    stdout_console().print(table)
