"""Values that a mapping compares: spelling that means nothing is folded; values that met no constant are counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from support.fixtures import LoadFile
from support.samples import few

import queries
from pipeline.load.run import Run
from pipeline.load.validating import Reading
from pipeline.mapping.planning import plan_of
from pipeline.mapping.reading import read_mapping
from pipeline.mapping.unmet import MOST_CHARACTERS, MOST_VALUES, OTHERS
from pipeline.sources import read_chunks, source_files
from pipeline.store.opening import Store

MAPPING = """
null = ["-"]
{more}
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "visit"
startDate = "'2026-03-02T18:00:00Z'"
contact_name = "name"
[attendance]
bookingId = "visit"
eventId = "visit"
status = '''{status}'''
"""
CASE = "case Result when 'came' then 'ATTENDED' when 'No Show' then 'NOT_ATTENDED' else 'NOT_SET' end"
ELSE = " then 'NOT_ATTENDED' else 'NOT_SET' end"
# Every way to write the same mapping.
WAYS = [
    CASE,
    f"case when Result = 'came' then 'ATTENDED' when 'No Show' = Result {ELSE}",
    f"case when Result in ('came') then 'ATTENDED' when Result in ('x', 'No Show') {ELSE}",
    f"case when lower(Result) = 'came' then 'ATTENDED' when trim(Result) = 'No Show' {ELSE}",
    f"case upper(trim(Result)) when 'CAME' then 'ATTENDED' when 'NO SHOW' {ELSE}",
    f"case coalesce(Result, 'none') when 'came' then 'ATTENDED' when 'No Show' {ELSE}",
    f"case when Result = any(['came']) then 'ATTENDED' when list_contains(['No Show'], Result) {ELSE}",
    """case when Result not in ('No Show', 'came') or Result is null then 'NOT_SET'
    when Result <> 'came' then 'NOT_ATTENDED' else 'ATTENDED' end""",
    f"case when coalesce(Result, name) = 'came' then 'ATTENDED' when coalesce(Result, visit) = 'No Show' {ELSE}",
    f"case when split_part(Result, '!', 1) = 'came' then 'ATTENDED' when Result = 'No Show' or Result = 'came' {ELSE}",
    "coalesce(map {'came': 'ATTENDED', 'No Show': 'NOT_ATTENDED'}[Result], 'NOT_SET')",
    "coalesce(map(['came', 'No Show'], ['ATTENDED', 'NOT_ATTENDED'])[trim(Result)], 'NOT_SET')",
    "coalesce(map_from_entries([('came', 'ATTENDED'), ('No Show', 'NOT_ATTENDED')])[Result], 'NOT_SET')",
    "coalesce(element_at(map {'came': 'ATTENDED', 'No Show': 'NOT_ATTENDED'}, Result)[1], 'NOT_SET')",
    f"case when Result in ['came'] then 'ATTENDED' when list_has_any([Result], ['No Show', 'x']) {ELSE}",
    "coalesce(['ATTENDED', 'NOT_ATTENDED'][list_position(['came', 'No Show'], Result)], 'NOT_SET')",
    f"case when (Result, name) = ('came', 'N') then 'ATTENDED' when (Result, name) in (('No Show', 'N')) {ELSE}",
    f"case when Result is not distinct from 'came' then 'ATTENDED' when Result = 'No Show' {ELSE}",
]
SPELLINGS = [
    "came",
    "CAME",
    " came ",
    "Came\u00a0",
    "No Show",
    "no show",
    "No\u00a0Show",
    "NO  SHOW",
    "No\u202fshow ",
    "\u2007no show",
]


def read(store: Store, folder: Path, toml: str, rows: list[str], extra: str = "") -> dict[str, Counter[str]]:
    """Load rows of one column Result and return the values that met no constant."""
    (folder / "m.toml").write_text(toml, "utf-8")
    lines = [f'{number},"{row}",N{extra}' for number, row in enumerate(rows)]
    (folder / "v.csv").write_text("\n".join(["visit,Result,name", *lines]) + "\n", "utf-8")
    source = source_files([folder / "v.csv"], None)[0][0]
    reading = Reading(mapping=read_mapping(folder / "m.toml"))
    now = dt.datetime(2026, 6, 1)  # noqa: DTZ001
    run = Run(store, source.path, lambda warn: read_chunks(source, warn), reading, now, lambda _, __: None)
    with store.transaction():
        run.load(lambda: "0" * 64, "test", 1)
    return run.unmet


def statuses(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(con.execute("select status, count(*) from attendance group by all").fetchall())


@pytest.mark.parametrize("status", few(WAYS, 6))
def test_white_space_and_case_do_not_count_however_the_comparison_is_written(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, status: str
) -> None:
    unmet = read(store, tmp_path, MAPPING.format(more="", status=status), [*SPELLINGS, "", "-", " - ", "Nicht da"])
    assert statuses(con) == {"ATTENDED": 4, "NOT_ATTENDED": 6, "NOT_SET": 4}
    unmet.pop("name", None)
    assert unmet in ({"Result": Counter({"Nicht da": 1})}, {})
    assert unmet or "coalesce(Result, name)" in status


@pytest.mark.parametrize(
    ("status", "column"),
    [
        ("coalesce((select v from (values ('came', 'ATTENDED')) as t(k, v) where k = Result), 'NOT_SET')", "Result"),
        (f"case when Result in (values ('came')) {ELSE}", "Result"),
        (f"case when exists (select 1 from (values ('came')) as t(k) where k = lower(Result)) {ELSE}", "Result"),
        (f"case when list_filter(['came'], lambda x: x = Result) <> [] {ELSE}", "Result"),
        (f"""case when ('{{"came": 1}}'::json ->> Result) is not null {ELSE}""", "Result"),
        (f"case when try_cast(Result as enum ('came', 'No Show')) is null {ELSE}", "Result"),
        (f"case when levenshtein(Result, 'came') < 2 {ELSE}", "Result"),
        (f"case when left(Result, 1) = 'c' {ELSE}", "Result"),
        (f"case when Result like 'c%' {ELSE}", "Result"),
        (f"case when regexp_extract(Result, 'came|seen') = 'came' {ELSE}", "Result"),
        (f"case when position('came' in Result) > 0 {ELSE}", "Result"),
        ("coalesce(words[Result], 'NOT_SET')", "Result"),
        (f"case when cell.v = 'came' {ELSE}", "cell"),
    ],
)
def test_other_forms_are_named_at_the_check(tmp_path: Path, status: str, column: str) -> None:
    """Whatever compares a column with constants is folded and watched, or the check says that it is not."""
    let = "[let]\nwords = \"map {'came': 'ATTENDED'}\"\ncell = \"{'v': Result}\""
    (tmp_path / "m.toml").write_text(MAPPING.format(more=let, status=status), "utf-8")
    plan = plan_of(read_mapping(tmp_path / "m.toml"))
    assert plan.watched == ()
    assert [(str(place), name) for place, name in plan.unwatched] == [("[attendance] status", column)]


@pytest.mark.parametrize(
    "status",
    [
        *WAYS[:8],
        "['NOT_SET', 'ATTENDED'][length(Result)::int]",
        f"case when length(Result) = 4 {ELSE}",
        f"case when substr(Result, 1, position(' ' in Result) - 1) is null {ELSE}",
        f"case when regexp_extract(Result, '\\d') is null {ELSE}",
        f"case when Result < 'd' {ELSE}",
        f"case when string_split(Result, ',')[1] is null {ELSE}",
    ],
)
def test_watched_columns_and_no_comparisons_are_not_named(tmp_path: Path, status: str) -> None:
    (tmp_path / "m.toml").write_text(MAPPING.format(more="", status=status), "utf-8")
    assert plan_of(read_mapping(tmp_path / "m.toml")).unwatched == ()


@pytest.mark.parametrize("constant", ["n\u00e9", "ne\u0301"])
def test_an_accent_is_the_same_however_it_is_written(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, constant: str
) -> None:
    """A file from a Mac writes an e and an accent; they look alike, so that the list of unknown words would puzzle."""
    toml = MAPPING.format(more="", status=CASE.replace("No Show", constant))
    unmet = read(store, tmp_path, toml, ["n\u00e9", "ne\u0301", "N\u00c9", "NE\u0301 ", "ne"])
    assert statuses(con) == {"NOT_ATTENDED": 4, "NOT_SET": 1}
    assert unmet == {"Result": Counter({"ne": 1})}


@pytest.mark.parametrize("named", ["Result", "trim(Result)", "lower(Result)", "replace(Result, '.', '')"])
def test_comparisons_of_named_expressions(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, named: str
) -> None:
    let = f'[let]\nword = "{named}"\nagain = "word"'
    status = CASE.replace("Result", "again")
    unmet = read(store, tmp_path, MAPPING.format(more=let, status=status), [*SPELLINGS, "Nicht da"])
    assert statuses(con) == {"ATTENDED": 4, "NOT_ATTENDED": 6, "NOT_SET": 1}
    assert unmet == {"Result": Counter({"Nicht da": 1})}


def test_a_named_expression_of_the_mappings_own_words_is_not_counted(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    let = "[let]\nword = \"case Result when 'a' then 'came' when 'b' then 'No Show' else 'other' end\""
    unmet = read(store, tmp_path, MAPPING.format(more=let, status=CASE.replace("Result", "word")), ["a", "B ", "c"])
    assert statuses(con) == {"ATTENDED": 1, "NOT_ATTENDED": 1, "NOT_SET": 1}
    assert unmet == {"Result": Counter({"c": 1})}


def test_constants_that_differ_by_case_only_stay_apart(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    status = "case when Result = 'a' then 'ATTENDED' when Result = 'A' then 'NOT_ATTENDED' else 'NOT_SET' end"
    assert read(store, tmp_path, MAPPING.format(more="", status=status), ["a", "A", "A", "b"]) == {
        "Result": Counter({"b": 1})
    }
    assert statuses(con) == {"ATTENDED": 1, "NOT_ATTENDED": 2, "NOT_SET": 1}


def test_values_that_are_stored_keep_their_spelling(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    toml = MAPPING.format(more="", status=CASE).replace('contact_name = "name"', 'contact_name = "Result"')
    read(store, tmp_path, toml, ["CAME", "No\u00a0Show", "came"])
    names = [name for (name,) in con.execute("select contact_name from booking order by all").fetchall()]
    assert names == ["CAME", "No\u00a0Show", "came"]


def test_known_values_and_opposites_are_not_counted(store: Store, tmp_path: Path) -> None:
    known = '[known]\nresult = ["Pending", "maybe"]'
    rows = ["pending ", "MAYBE", "perhaps", "came"]
    assert read(store, tmp_path, MAPPING.format(more=known, status=CASE), rows) == {"Result": Counter({"perhaps": 1})}


def test_the_opposite_of_a_word_needs_no_mention(store: Store, tmp_path: Path) -> None:
    status = "case when lower(Result) in ('true', 'yes') then 'NOT_ATTENDED' else 'ATTENDED' end"
    rows = ["Yes", "No", "false", "n/k", "0"]
    assert read(store, tmp_path, MAPPING.format(more="", status=status), rows) == {
        "Result": Counter({"n/k": 1, "0": 1})
    }


def test_numbers_are_constants_too(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    status = "case Result::int when 1 then 'ATTENDED' when 0 then 'NOT_ATTENDED' else 'NOT_SET' end"
    assert read(store, tmp_path, MAPPING.format(more="", status=status), ["1", "0", "2", "2"]) == {
        "Result": Counter({"2": 2})
    }
    assert statuses(con) == {"ATTENDED": 1, "NOT_ATTENDED": 1, "NOT_SET": 2}


def test_a_value_that_a_pattern_fits_is_met(store: Store, tmp_path: Path) -> None:
    status = (
        "case when Result = 'came' then 'ATTENDED' when Result ilike 'no%' and Result not like '%?' "
        "then 'NOT_ATTENDED' else 'NOT_SET' end"
    )
    rows = ["came", "No show", "no-show (late)", "was it?", "ill"]
    assert read(store, tmp_path, MAPPING.format(more="", status=status), rows) == {"Result": Counter({"ill": 1})}


def test_a_value_that_the_mapping_makes_nothing_of_is_known(store: Store, tmp_path: Path) -> None:
    status = CASE.replace("Result", "nullif(trim(Result), 'pending')")
    rows = ["came", "pending", " pending", "perhaps"]
    assert read(store, tmp_path, MAPPING.format(more="", status=status), rows) == {"Result": Counter({"perhaps": 1})}


def test_one_pattern_alone_is_no_list_of_words(store: Store, tmp_path: Path) -> None:
    status = "case when Result like '%test%' then 'NOT_SET' else 'ATTENDED' end"
    assert read(store, tmp_path, MAPPING.format(more="", status=status), ["Ann", "Ben"]) == {}


def test_records_that_are_not_loaded_are_not_counted(store: Store, tmp_path: Path) -> None:
    toml = MAPPING.format(more="", status=CASE).replace(
        "'2026-03-02T18:00:00Z'", "case Result when 'bad' then 'x' else '2026-03-02T18:00:00Z' end"
    )
    toml = toml.replace("[booking]", "[booking]\nwhen = \"Result is null or Result <> 'left out'\"")
    toml = toml.replace("[attendance]", "[attendance]\nwhen = \"Result is null or Result <> 'left out'\"")
    toml = toml.replace('contact_name = "name"', "totalParticipants = \"case Result when 'worse' then name::int end\"")
    rows = ["bad", "worse", "left out", "odd", "odd"]
    assert read(store, tmp_path, toml, rows) == {"Result": Counter({"odd": 2})}


def test_many_values_are_cut_and_summed(store: Store, tmp_path: Path) -> None:
    rows = ["y" * 200, *(f"{number:03}" for number in range(50)), "007"]
    (counts,) = read(store, tmp_path, MAPPING.format(more="", status=CASE), rows).values()
    assert counts.total() == len(rows)
    assert counts["007"] == 2
    assert len(counts) == MOST_VALUES + 1
    assert counts[OTHERS] == len(rows) - MOST_VALUES - 1
    assert max(map(len, counts)) <= MOST_CHARACTERS


def test_a_column_that_some_files_lack_is_counted_under_its_name(store: Store, tmp_path: Path) -> None:
    status = CASE.replace("Result", 'column("Result")')
    assert read(store, tmp_path, MAPPING.format(more="", status=status), ["came", "late"]) == {
        "Result": Counter({"late": 1})
    }


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (
            '[known]\nResul = ["x"]',
            "[known] Resul: no expression compares this column with constants. Compared: Result",
        ),
        ('[known]\nResult = "x"', "[known] Result: a list of texts is expected"),
        ("known = 5", "known: a section is expected"),
    ],
)
def test_mistakes_in_known(load_mapped: LoadFile, known: str, words: str) -> None:
    with pytest.raises(queries.DataRefused) as caught:
        load_mapped(MAPPING.format(more=known, status=CASE), "visit,Result,name\n1,came,N\n")
    assert words in str(caught.value)
