"""Keep the oddities of records that a load brought, in the table `load_finding`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import polars as pl

from pipeline.store.content_state import tracked

MAX_VALUES = 20
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity: its kind, the entity or column, the value found (None for all further values), and its records."""

    finding: str
    place: str
    value: str | None
    records: int


def limited(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with the twenty commonest values of each place, the others added up under the value None."""
    by_place: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in findings:
        by_place[one.finding, one.place].append(one)
    kept: list[Finding] = []
    for (kind, place), all_found in by_place.items():
        found = sorted(all_found, key=lambda one: (one.value is None, -one.records, one.value or ""))
        kept += [
            Finding(kind, place, one.value[:MAX_TEXT] if one.value else one.value, one.records)
            for one in found[:MAX_VALUES]
        ]
        if others := sum(one.records for one in found[MAX_VALUES:]):
            kept.append(Finding(kind, place, None, others))
    return tuple(kept)


def write_findings(connection: duckdb.DuckDBPyConnection, load_id: int, findings: Iterable[Finding]) -> None:
    """Add the findings of a load, within the caller's transaction."""
    rows = [(load_id, one.finding, one.place, one.value, one.records) for one in findings]
    if not rows:
        return
    ours = ("load_id = $load_id", {"load_id": load_id})
    connection.register("found_rows", pl.DataFrame(rows, schema=_SCHEMA, orient="row").to_arrow())
    with tracked(connection, "load_finding", ours):
        connection.execute("insert into load_finding by name select * from found_rows")
    connection.unregister("found_rows")


_SCHEMA: dict[str, pl.DataType] = {
    "load_id": pl.Int64(),
    "finding": pl.String(),
    "place": pl.String(),
    "value": pl.String(),
    "records": pl.Int64(),
}
