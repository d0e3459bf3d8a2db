"""The fate of the records that were read: how many were set aside, and oddities in those that were loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reports.drawing import words

_EXAMPLES = 3
_LONGEST = 60
# Kinds of findings of the loads in words.
_MEANINGS = {
    "unmet_value": "value that the mapping compares with its constants and that met none of them",
    "replaced": "undated record that took the place of one from another file",
    "described_differently": (
        "session, service or place that rows of one file describe differently: the most frequent counts"
    ),
    "time_uncertain": "time in an hour that a clock change skips or repeats: left empty",
    "gone": "booking that a later complete export no longer has",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Records that were loaded although something was odd: the kind, its meaning, the column, and some values."""

    name: str
    meaning: str
    place: str
    records: int
    examples: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Records that could not be read, of all; the sentence says so if they are more than the accepted share."""

    records: int
    of: int
    share: float
    sentence: str | None


def findings_of(findings: pl.DataFrame) -> tuple[Finding, ...]:
    """From the measure `findings`: one for each kind and column, the most frequent of a kind first."""
    by_column = findings.group_by("finding", "place").agg(
        pl.col("records").sum(), found=pl.col("value").drop_nulls().unique().sort()
    )
    return tuple(
        Finding(
            words.clean(row["finding"]),
            _MEANINGS.get(row["finding"], ""),
            words.clean(row["place"], ""),
            row["records"],
            _examples(row["found"]),
        )
        for row in by_column.sort("finding", "records", "place", descending=[False, True, False]).to_dicts()
    )


def _examples(found: Sequence[str]) -> str:
    shown = [_shortened(words.clean(value, "(empty)")) for value in found[:_EXAMPLES]]
    return ", ".join(shown) + (f" and {words.count(len(found) - _EXAMPLES)} more" if len(found) > _EXAMPLES else "")


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def set_aside_of(loads: pl.DataFrame, accepted: float) -> SetAside | None:
    """From the ledger's loads and the share that may be set aside unsaid; None if nothing was read."""
    read, aside = int(loads["read"].sum()), int(loads["quarantined"].sum())
    if not read:
        return None
    share = aside / read
    sentence = f"{words.of(aside, read)} records could not be read ({100 * share:.0f}{words.NBSP}%)"
    return SetAside(aside, read, share, f"{sentence}: see How far to trust it." if share > accepted else None)
