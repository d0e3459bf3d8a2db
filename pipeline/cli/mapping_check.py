"""Try a mapping on a file and print the rows, counts and faults that come of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from pipeline.cli.exits import MUCH_SET_ASIDE
from pipeline.cli.json_output import print_json
from pipeline.cli.loaded import IN_UTC
from pipeline.cli.mapping_given import read_given
from pipeline.cli.streams import named
from pipeline.load.rehearsal import Rehearsal, rehearsed
from pipeline.mapping.sections import SITE
from pipeline.printable import printable, shown
from pipeline.settings import read_settings
from pipeline.settings.stored import zone_is_assumed
from queries.errors import DataRefused
from reports.build import the_headline

_ONE = {"people": "person", "other statuses": "other status"}


def run(file: Path, mapping: Path, encoding: str, dates: str | None, as_json: bool) -> None:
    """Rehearse and print; exit with 65 if the file would be refused, with 3 if much of it would be set aside."""
    settings = read_settings()
    read = read_given(mapping)
    with rehearsed(file, read, settings, encoding, dates=dates) as found:
        in_utc = read.zone == SITE and zone_is_assumed(found.connection, settings)
        headline = "" if found.outcome.refused else the_headline(found.connection).text
        if as_json:
            print_json(_to_json(found, headline) | {"file": shown(named(file))})
        else:
            for line in _lines(found, headline, in_utc):
                typer.echo(printable(line, limit=10_000))
        outcome = found.outcome
    if outcome.refused:
        raise DataRefused(outcome.refused.code, f"{outcome.file}: {outcome.refused.message}", outcome.refused.hint)
    if outcome.sets_aside_more_than(settings.max_quarantined_share):
        raise typer.Exit(MUCH_SET_ASIDE)


def _lines(found: Rehearsal, headline: str, in_utc: bool) -> list[str]:
    outcome = found.outcome
    if outcome.refused:
        return []
    lines = ["First rows:"]
    for example in found.examples:
        lines.append(f"  {_pairs(example.before)}")
        lines.append(f"    -> {_pairs(example.after) or 'not a visit'}")
    lines.append("")
    lines.append(
        f"{outcome.read:,} rows: {outcome.loaded:,} to load, {outcome.duplicate:,} twice, "
        f"{outcome.left_out:,} not visits, "
        f"{outcome.quarantined:,} set aside ({100 * outcome.quarantined / max(1, outcome.read):.1f} %)"
    )
    lines += [f"  {records:,}: {rule} {field}: {example}" for rule, field, records, example in found.at_fault]
    lines += [f"{number:,} {_counted(name, number)}" for name, number in found.counts.items() if number]
    unmet = _unmet(found)
    if unmet:
        lines.append("Words that the mapping does not know:")
        lines += [f"  {column}: {word!r} in {records:,} {_counted('rows', records)}" for column, word, records in unmet]
    if found.unwatched:
        lines.append("Compared in a way that is not watched, so that unknown words are not counted:")
        lines += [f"  {place}: {column}" for place, column in found.unwatched]
    if in_utc:
        lines.append(f"{IN_UTC[0].upper()}{IN_UTC[1:]}")
    return [*lines, "", headline]


def _counted(name: str, number: int) -> str:
    """The name of several things, or of one."""
    return name if number != 1 else _ONE.get(name, name.removesuffix("s"))


def _unmet(found: Rehearsal) -> list[tuple[str, str, int]]:
    return [
        (finding.place, finding.value or "others", finding.records)
        for finding in found.outcome.findings
        if finding.finding == "unmet_value"
    ]


def _pairs(values: dict[str, str]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in values.items() if value)


def _to_json(found: Rehearsal, headline: str) -> dict[str, Any]:
    return {
        **found.outcome.to_json(),
        "first_rows": [{"before": one.before, "after": one.after} for one in found.examples],
        "counts": found.counts,
        "set_aside": [
            {"rule": rule, "field": field, "records": records, "example": example}
            for rule, field, records, example in found.at_fault
        ],
        "unknown_words": [
            {"column": column, "word": word, "records": records} for column, word, records in _unmet(found)
        ],
        "not_watched": [{"place": place, "column": column} for place, column in found.unwatched],
        "headline": headline,
    }
