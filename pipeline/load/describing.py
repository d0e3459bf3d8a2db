"""Settle sessions and services that the rows of a file describe differently, beside bookings that are each their own.

One row of ten names another teacher for the same class. The class has the teacher that most of its rows name, the
difference is a finding, and the bookings and marks of all ten rows stay.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from pipeline.load.statements import merge_sql
from pipeline.store.findings import Finding
from queries.model.entities import TABLES

# An entity, and those that a row is about if it feeds both: the row then only describes the first one.
_DESCRIBED_BESIDE = {"service": ("session", "booking", "attendance"), "session": ("booking", "attendance")}


def settle_descriptions(connection: duckdb.DuckDBPyConnection, staged: Collection[str]) -> list[Finding]:
    """Keep the most frequent description of each session and service, the first of equals; return the differences.

    Of descriptions that all have a version the latest counts. Records that are about a session or service itself are
    left alone.
    """
    findings = []
    for name, others in _DESCRIBED_BESIDE.items():
        beside = [other for other in others if other in staged]
        if name not in staged or not beside:
            continue
        records = " union all ".join(f"select record from staged_{other}" for other in beside)
        connection.execute(f"create or replace temp table beside_{name} as {records}")
        connection.execute(merge_sql("described", TABLES[name]))
        if connection.execute(f"select 1 from described_{name} limit 1").fetchall():
            rows = connection.execute(merge_sql("differing_values", TABLES[name])).fetchall()
            findings += [Finding("described_differently", *row) for row in rows]
            connection.execute(merge_sql("keep_one_description", TABLES[name]))
    return findings
