"""The fate of the records that were read: how many were set aside, and oddities in those that were loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from queries.model.rules import RULES
from reports.drawing import words
from reports.drawing.sentences import Sentence, say

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
    """Records that were set aside, of all; the sentence says so if they are more than the accepted share.

    `reason` is that of more than half of them in words, None if there is none; `has_one_reason` that of all. They are
    of all loads: `is_of_part` says that the report is about less than that.
    """

    records: int
    of: int
    share: float
    sentence: str | None
    reason: str | None = None
    has_one_reason: bool = False
    is_of_part: bool = False


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


# By whether one rule set most of them aside.
SAID: Sequence[Sentence[SetAside]] = (
    Sentence(
        "{aside} records{whose} were set aside{share}, most of them because {reason}",
        lambda each: bool(each.reason) and not each.has_one_reason,
    ),
    Sentence(
        "{aside} records{whose} were set aside{share}, all because {reason}",
        lambda each: bool(each.reason) and each.has_one_reason,
    ),
    Sentence("{aside} records{whose} were set aside{share}", lambda each: not each.reason),
)
_OF_ALL = " of the whole business"
# Rules that owners meet most, in their words; of others, the message of the rule.
_REASONS = {
    "duplicate_conflict": "two rows disagree on the same booking",
    "superseded": "a later row of the same booking took their place",
    "required": "something is missing",
}


def set_aside_in_words(aside: SetAside, with_share: bool = False) -> str:
    """How many records were set aside, their share of all if asked for, and why most of them were."""
    share = f" ({100 * aside.share:.0f}{words.NBSP}%)" if with_share else ""
    values = {
        "aside": words.of(aside.records, aside.of),
        "whose": _OF_ALL if aside.is_of_part else "",
        "share": share,
        "reason": aside.reason or "",
    }
    return say(aside, SAID, values)


def reason_of(quarantine: pl.DataFrame) -> str | None:
    """From the measure `quarantine_by_rule`: why more than half of the records were set aside; None without a rule."""
    by_rule = quarantine.group_by("rule").agg(pl.col("rows").sum()).sort("rows", "rule", descending=[True, False])
    whole = by_rule["rows"].sum()
    if not whole or 2 * by_rule["rows"][0] <= whole:
        return None
    rule = by_rule["rule"][0]
    return _REASONS.get(rule) or RULES.get(rule, rule).format(field="a field")


def set_aside_of(
    loads: pl.DataFrame, quarantine: pl.DataFrame, accepted: float, is_of_part: bool = False
) -> SetAside | None:
    """From the ledger's loads, `quarantine_by_rule` and the share that may be set aside unsaid; None if nothing was
    read. `is_of_part` says that the report leaves out some bookings.
    """
    read, aside = int(loads["read"].sum()), int(loads["quarantined"].sum())
    if not read:
        return None
    share = aside / read
    found = SetAside(aside, read, share, None, reason_of(quarantine), quarantine["rule"].n_unique() == 1, is_of_part)
    sentence = f"{set_aside_in_words(found, with_share=True)}: see How far to trust it."
    return replace(found, sentence=sentence if share > accepted else None)
