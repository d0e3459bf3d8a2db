"""Laws of the model: every group can be filtered, no vocabulary stands twice, choices equal their vocabulary."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import duckdb
import polars as pl
import pytest
from support.every_command import COMMANDS, commands_of
from support.samples import few

import pipeline
import queries
from queries.lake.engines import ENGINES
from queries.lake.rates import lake_rates
from queries.language.resources import OPERATORS_OF
from queries.model import fact, families, vocabularies
from queries.model.groupings import GROUPINGS

ROOT = Path(__file__).parents[2]
AS_OF = "2026-08-01T00:00:00Z"
KEYS_AND_LABELS = [(grouping.name, column) for grouping in GROUPINGS.values() for column in grouping.columns]
# Of each grouping so many groups are asked for one by one: a session or a contact is like any other.
FIRST = 6


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built-in sample as a database, and its lake."""
    folder = tmp_path_factory.mktemp("model")
    with pipeline.open_store(folder / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [ROOT / "data" / "sample"])
    pipeline.export_lake(folder / "a.duckdb", folder / "lake")
    return folder


@pytest.fixture(scope="module")
def database(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with queries.connect(sample / "a.duckdb") as connection:
        yield connection


@pytest.fixture(scope="module")
def lakes(sample: Path) -> Iterator[dict[str, queries.OpenLake]]:
    with queries.open_lake(sample / "lake") as on_duckdb, queries.open_lake(sample / "lake", "polars") as on_polars:
        yield {"duckdb": on_duckdb, "polars": on_polars}


def asked(value: object) -> object:
    """A value of a result as a filter has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def of_label(groups: pl.DataFrame, column: str) -> list[tuple[object, dict[str, int]]]:
    """The values of a group column, each with the counts of its groups: names need not be unique."""
    counts = ("bookings", "no_shows", "unmarked_bookings", "cancelled_bookings", "absent", "sessions")
    totals = groups.group_by(column, maintain_order=True).agg(pl.col(counts).sum())
    return [(row.pop(column), row) for row in totals.head(FIRST).to_dicts()]


@pytest.mark.parametrize(("grouping", "column"), few(KEYS_AND_LABELS, 3))
def test_a_filter_on_a_group_gives_the_groups_row(
    grouping: str, column: str, database: duckdb.DuckDBPyConnection
) -> None:
    groups = queries.no_show_rates(database, grouping, as_of=AS_OF)
    found = of_label(groups, column)
    assert found
    for value, counts in found:
        (row,) = queries.no_show_rates(database, (), {column: asked(value)}, AS_OF).to_dicts()
        assert {name: row[name] for name in counts} == counts, value


@pytest.mark.parametrize("engine", few(["polars", "duckdb"], 1))
@pytest.mark.parametrize(("grouping", "column"), few(KEYS_AND_LABELS, 8))
def test_a_filter_on_a_group_means_the_same_in_a_lake(
    grouping: str, column: str, engine: str, database: duckdb.DuckDBPyConnection, lakes: dict[str, queries.OpenLake]
) -> None:
    value = asked(queries.no_show_rates(database, grouping, as_of=AS_OF)[column][0])
    if grouping == "participant":
        with pytest.raises(queries.UsageError, match="does not say who booked"):
            lake_rates(lakes[engine], (), {column: value}, AS_OF)
        return
    theirs = queries.no_show_rates(database, (), {column: value}, AS_OF)
    assert lake_rates(lakes[engine], (), {column: value}, AS_OF).equals(theirs)


@pytest.mark.long
def test_groups_can_be_sorted_by_in_the_rows_of_the_fact(database: duckdb.DuckDBPyConnection) -> None:
    for _, column in KEYS_AND_LABELS:
        rows = queries.session_frame(database, None, [{"fieldName": column, "order": "DESC"}], 3, AS_OF)
        assert rows.height == 3


def test_every_column_either_leaves_in_a_lake_or_says_who_booked() -> None:
    assert {column.name for column in fact.FACT if not column.in_lake} == {"participant_id", "participant_name"}
    assert all(column.in_lake != column.personal for column in fact.FACT)
    assert not any(column.shared and column.personal for column in fact.FACT)


def test_every_column_with_a_label_has_operators() -> None:
    assert all(column.kind in OPERATORS_OF for column in fact.FACT if column.label)
    assert all(bool(column.choices) == (column.kind == "choice") for column in fact.FACT)


# --- vocabularies ---

MODEL = (vocabularies, fact, families)


def lists_of_words() -> dict[str, frozenset[str]]:
    named = {name: value for module in MODEL for name, value in vars(module).items() if name.isupper()}
    return {
        name: frozenset(value)
        for name, value in named.items()
        if isinstance(value, tuple) and value and all(isinstance(word, str) for word in value)
    }


def written_out(source: str) -> Iterator[tuple[int, frozenset[str]]]:
    """Each tuple, list and set of texts in a source, with its line.

    Without the words of a type, `Literal["a", "b"]`, which a type checker has to see: `test_wire_types` holds them to
    their vocabulary.
    """
    tree = ast.parse(source)
    of_types = {
        node.slice
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and len(node.elts) > 1 and node not in of_types:
            words = [each.value for each in node.elts if isinstance(each, ast.Constant)]
            if len(words) == len(node.elts) and all(isinstance(word, str) for word in words):
                yield node.lineno, frozenset(map(str, words))


def test_no_vocabulary_stands_twice() -> None:
    vocabulary = lists_of_words()
    assert {"BOOKING_STATUSES", "RECORD_KINDS", "FAMILIES", "OUTCOMES_MARKED"} <= set(vocabulary)
    found: dict[frozenset[str], list[str]] = {}
    for package in ("pipeline", "queries", "reports"):
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for line, words in written_out(path.read_text(encoding="utf-8")):
                if words in vocabulary.values():
                    found.setdefault(words, []).append(f"{place}:{line}")
    assert found
    assert {places[0].partition(":")[0] for places in found.values()} <= {
        f"queries/model/{module.__name__.rpartition('.')[2]}.py" for module in MODEL
    }
    assert [places for places in found.values() if len(places) > 1] == []


def test_no_list_of_words_is_a_vocabulary_under_another_name() -> None:
    words = list(lists_of_words().values())
    assert len(words) == len(set(words))


CHOICES = {
    ("ingest", "kind"): vocabularies.RECORD_KINDS,
    ("ingest", "source_format"): vocabularies.SOURCE_FORMATS,
    ("ingest", "dates"): vocabularies.DATE_ORDERS,
    ("mapping check", "dates"): vocabularies.DATE_ORDERS,
    ("ingest", "table_format"): vocabularies.INGEST_FORMATS,
    ("mapping check", "table_format"): vocabularies.PRINTED_FORMATS,
    ("mapping list", "table_format"): vocabularies.PRINTED_FORMATS,
    ("nightly", "table_format"): vocabularies.PRINTED_FORMATS,
    ("unload", "table_format"): vocabularies.PRINTED_FORMATS,
    ("pull", "table_format"): vocabularies.PRINTED_FORMATS,
    ("quarantine retry", "table_format"): vocabularies.PRINTED_FORMATS,
    ("doctor", "table_format"): vocabularies.PRINTED_FORMATS,
    ("erase", "table_format"): vocabularies.PRINTED_FORMATS,
    ("rates", "table_format"): vocabularies.TABLE_FORMATS,
    ("reconcile", "dates"): vocabularies.DATE_ORDERS,
    ("reconcile", "table_format"): vocabularies.PRINTED_FORMATS,
    ("model train", "table_format"): vocabularies.PRINTED_FORMATS,
    ("model show", "table_format"): vocabularies.PRINTED_FORMATS,
    ("upcoming", "by"): vocabularies.UPCOMING_BY,
    ("upcoming", "table_format"): vocabularies.TABLE_FORMATS,
    ("calls", "table_format"): vocabularies.TABLE_FORMATS,
    ("calls", "order"): vocabularies.CALL_ORDERS,
    ("export", "export_format"): vocabularies.EXPORT_FORMATS,
    ("rates", "engine"): vocabularies.LAKE_ENGINES,
    ("report", "compare"): vocabularies.PERIODS_COMPARED,
    ("report", "report_format"): vocabularies.REPORT_FORMATS,
    ("report", "engine"): vocabularies.LAKE_ENGINES,
    ("sql", "table_format"): vocabularies.SHELL_FORMATS,
    ("settings", "table_format"): vocabularies.PRINTED_FORMATS,
    ("query", "of"): vocabularies.QUERIED,
    ("query", "table_format"): vocabularies.TABLE_FORMATS,
    ("quarantine list", "table_format"): vocabularies.TABLE_FORMATS,
}


def options_with_choices() -> dict[tuple[str, str], tuple[str, ...]]:
    """Command and option -> the words that it takes, read from the types of the commands' functions."""
    from pipeline.cli.app import app

    found = {}
    for name, callback in commands_of(app):
        for option, hint in get_type_hints(callback, include_extras=True).items():
            for words in enums_in(hint):
                found[name, option] = tuple(words)
    return found


def enums_in(hint: Any) -> Iterator[type[StrEnum]]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        yield hint
    for part in get_args(hint):
        yield from enums_in(part)


def test_every_choice_list_equals_its_vocabulary() -> None:
    assert options_with_choices() == CHOICES


def test_every_command_is_among_those_that_rules_are_tried_on() -> None:
    from pipeline.cli.app import app

    assert {name for name, _ in commands_of(app)} == COMMANDS.keys()


def test_what_is_looked_up_by_a_word_knows_every_word() -> None:
    from pipeline.cli.sql import FLAGS
    from pipeline.cli.table_formats import WRITERS
    from pipeline.decode.rows import decoding_of

    assert tuple(ENGINES) == vocabularies.LAKE_ENGINES
    assert all(decoding_of(kind).parts for kind in vocabularies.RECORD_KINDS)
    assert ("table", *WRITERS) == vocabularies.TABLE_FORMATS
    assert tuple(FLAGS) == vocabularies.SHELL_FORMATS
