"""The completions that the shell offers on Tab: words of the model, and loads and rules of the database.

A completion never fails and writes nothing: without a database that can be read it offers nothing. Options with a
closed list of words, such as --format, are completed by Typer itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import typer

from pipeline.printable import printable

# Typer reads the text beside an offer as markup, in which `[b]` of a file name would be lost.
_NO_MARKUP = str.maketrans("[]\\", "()/")

Offers = Iterable[tuple[str, str]]

# The newest loads that are offered.
_MOST_LOADS = 100
_LOADS = f"""
select load_id::varchar, parse_filename(file, false, 'forward_slash') || ', ' || strftime(started_at, '%Y-%m-%d %H:%M')
from load_ledger order by load_id desc limit {_MOST_LOADS}
"""
_LOADS_IN_QUARANTINE = f"""
select load_id::varchar, count(*) || ' records' from quarantine group by load_id order by load_id desc
limit {_MOST_LOADS}
"""
_RULES_IN_QUARANTINE = "select rule, count(*) || ' records' from quarantine group by rule order by count(*) desc, rule"


def groupings(incomplete: str) -> Offers:
    """Groupings; after `service,` those that can be the second: `service,week`."""
    from queries.model.groupings import GROUPINGS

    before, comma, word = incomplete.rpartition(",")
    names = {name: grouping.meaning for name, grouping in GROUPINGS.items() if name != before}
    return [(f"{before}{comma}{name}", meaning) for name, meaning in names.items() if name.startswith(word)]


def kinds(incomplete: str) -> Offers:
    """Kinds of records."""
    from queries.model.vocabularies import RECORD_KINDS

    return [(kind, "") for kind in RECORD_KINDS if kind.startswith(incomplete)]


def statuses(incomplete: str) -> Offers:
    """Statuses of an attendance."""
    from queries.model.vocabularies import ATTENDANCE_STATUSES

    return [(status, "") for status in ATTENDANCE_STATUSES if status.startswith(incomplete.upper())]


def mappings(incomplete: str) -> Offers:
    """Mappings and formats that come with noshow, by name."""
    from pipeline.mapping.reading import shipped_formats, shipped_mappings

    names = [*shipped_mappings(), *(path.stem for path in shipped_formats())]
    return [(name, "") for name in names if name.startswith(incomplete)]


def loads(ctx: typer.Context, incomplete: str) -> Offers:
    """Loads of the database, the newest first."""
    return _read(ctx, _LOADS, incomplete)


def quarantined_loads(ctx: typer.Context, incomplete: str) -> Offers:
    """Loads that have records in quarantine, the newest first."""
    return _read(ctx, _LOADS_IN_QUARANTINE, incomplete)


def quarantined_rules(ctx: typer.Context, incomplete: str) -> Offers:
    """Rules that records in quarantine break, the commonest first."""
    return _read(ctx, _RULES_IN_QUARANTINE, incomplete)


def _read(ctx: typer.Context, statement: str, incomplete: str) -> Offers:
    with _never_failing():
        rows = _rows(ctx, statement)
        return [
            (word, printable(meaning).translate(_NO_MARKUP)) for word, meaning in rows if word.startswith(incomplete)
        ]
    return []


def _rows(ctx: typer.Context, statement: str) -> list[Any]:
    import queries
    from pipeline.cli.surroundings import surroundings

    # The options typed so far; the callback that finds noshow.toml is not run for a completion.
    config = ctx.find_root().params.get("config")
    with surroundings(config), closing(queries.connect(ctx.params.get("db"))) as connection:
        return connection.execute(statement).fetchall()


@contextlib.contextmanager
def _never_failing() -> Iterator[None]:
    """Offer nothing if the database is missing, damaged or made by another version: the command itself says so."""
    import duckdb

    from queries.errors import NoshowError

    with contextlib.suppress(NoshowError, OSError, duckdb.Error):
        yield
