"""Expressions of a mapping: refused when no right result can come of them, and one bad row never stops the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import LoadFile
from support.samples import few

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.reading import read_mapping
from pipeline.mapping.selecting import Selecting
from pipeline.store.opening import Store

Load = Callable[..., FileOutcome]
MAPPING = """
{top}
[let]
{let}
[booking]
{when}
id = {id}
status = "'CONFIRMED'"
eventId = "class"
startDate = "starts"
totalParticipants = {places}
"""
ROWS = """visit,class,starts,places
1,yoga,2026-03-02T18:00:00Z,2
2,yoga,2026-03-02T18:00:00Z,two
3,yoga,2026-03-02T18:00:00Z,
4,yoga,2026-03-02T18:00:00Z,4
"""


def mapping(id: str = "visit", places: str = "1", let: str = "", when: str = "", top: str = "") -> str:
    quote = "'''"
    condition = f"when = {quote}{when}{quote}" if when else ""
    return MAPPING.format(id=f"{quote}{id}{quote}", places=f"{quote}{places}{quote}", let=let, when=condition, top=top)


# An expression that sees more than its own row would depend on the chunk that the row happens to be in.
FORBIDDEN = [
    ("row_number() over (partition by visit order by _row desc) = 1", "window functions"),
    ("lag(visit) over (order by _row)", "window functions"),
    ("last_value(visit ignore nulls) over (order by _row)", "window functions"),
    ("count(*) over () > 1", "window functions"),
    ("count(*)", "aggregates"),
    ("max(visit)", "aggregates"),
    ("first(visit)", "aggregates"),
    ("string_agg(visit, ',' order by visit)", "aggregates"),
    ("case when true then 1 + sum(places::int) end", "aggregates"),
    ("geomean(places::int)", "aggregates"),
    ("1 + unnest([1, 2])", "several rows of one"),
    ("unnest([{'a': visit}]).a", "several rows of one"),
    ("generate_subscripts([1, 2], 1)", "several rows of one"),
    ("regexp_split_to_table(visit, ',')", "several rows of one"),
    ("*", "* and columns()"),
    ("columns('.*')", "* and columns()"),
    ("(select count(*) from source)", "subqueries over the rows of the file"),
    ("visit in (select visit from file_rows)", "subqueries over the rows of the file"),
    ("exists (select 1 from source_0 where visit = 'x')", "subqueries over the rows of the file"),
]


@pytest.mark.parametrize(("expression", "words"), FORBIDDEN)
@pytest.mark.parametrize("place", ["[booking] totalParticipants", "[booking] when", "[let] seen"])
def test_what_needs_more_than_its_row_is_refused(tmp_path: Path, expression: str, words: str, place: str) -> None:
    if place == "[let] seen":
        toml = mapping(let=f"seen = '''{expression}'''", places="seen")
    else:
        toml = mapping(when=expression) if place.endswith("when") else mapping(places=expression)
    (tmp_path / "system.toml").write_text(toml, "utf-8")
    with pytest.raises(queries.DataRefused) as caught:
        read_mapping(tmp_path / "system.toml")
    assert f"{place}: " in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "id", ["uuid()", "visit || random()", "now() || visit", "visit || current_date", "today() || visit"]
)
@pytest.mark.parametrize("through_let", [False, True])
def test_an_id_that_changes_with_each_load_is_refused(tmp_path: Path, id: str, through_let: bool) -> None:
    toml = mapping(id="made", let=f"first_ = '''{id}'''\nmade = 'first_'") if through_let else mapping(id=id)
    (tmp_path / "system.toml").write_text(toml, "utf-8")
    with pytest.raises(queries.DataRefused, match=r"\[booking\] id: .* gives another id at each load"):
        read_mapping(tmp_path / "system.toml")


def test_a_refused_mapping_loads_nothing_of_any_file(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "system.toml").write_text(mapping(when="row_number() over () = 1"), "utf-8")
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(ROWS, "utf-8")
    with pytest.raises(queries.DataRefused, match=r"system\.toml: \[booking\] when: window functions"):
        pipeline.ingest(store, [tmp_path / "a.csv", tmp_path / "b.csv"], mapping=tmp_path / "system.toml")
    assert con.execute("select count(*) from load_ledger").fetchall() == [(0,)]


# The last two cannot stand under DuckDB's `try`.
FAILING = [
    "places::int",
    "cast(places as tinyint)",
    "case when places is not null then 0 + places::int end",
    "list_sum(list_transform([places], lambda x: x::int))",
    "error('none') || places",
    "(select max(v::int) from unnest([places]) t(v))",
    "case when random() < 2 then places::int end",
]


@pytest.mark.parametrize("expression", FAILING)
@pytest.mark.parametrize("through_let", few([True, False], 1))
def test_a_row_that_an_expression_fails_on_is_quarantined_alone(
    load_mapped: Load, con: duckdb.DuckDBPyConnection, expression: str, through_let: bool
) -> None:
    if expression.startswith("error"):
        expression = "case when places = 'two' then error('none') else places end"
    toml = mapping(places="made", let=f"made = '''{expression}'''") if through_let else mapping(places=expression)
    outcome = load_mapped(toml, ROWS)
    assert (outcome.read, outcome.loaded, outcome.quarantined) == (4, 3, 1)
    quarantined = con.execute("select rule, pointer, line from quarantine").fetchall()
    assert quarantined == [("mapping_expression", "/booking/participants", 3)]
    participants = con.execute("select participants from booking order by participants").fetchall()
    assert participants == [(2,), (4,), (None,)]


def test_a_row_whose_result_cannot_be_converted_is_quarantined_alone(
    load_mapped: Load, con: duckdb.DuckDBPyConnection
) -> None:
    """The expression gives a value, but one that is too large a number for an attribute."""
    large = "case visit when '2' then 170141183460469231731687303715884105727 else 1 end"
    outcome = load_mapped(mapping() + f'[booking.attributes]\nn = "{large}"\n', ROWS)
    assert (outcome.loaded, outcome.quarantined) == (3, 1)
    assert con.execute("select pointer, line from quarantine").fetchall() == [("/booking/attributes/n", 3)]


def test_fields_of_rows_that_the_condition_leaves_out_are_not_evaluated(load_mapped: Load) -> None:
    toml = mapping(places="places::int", when="places is null or places <> 'two'")
    outcome = load_mapped(toml, ROWS)
    assert (outcome.loaded, outcome.quarantined) == (3, 0)
    bad = ROWS + "5,yoga,2026-03-02T18:00:00Z,five\n"
    outcome = load_mapped(toml, bad, "more.csv")
    assert outcome.quarantined == 1


@pytest.mark.parametrize(
    "expression", ["places::int > 0", "random() < 2 and places::int > 0", "(select places::int > 0)"]
)
@pytest.mark.parametrize("field", ["when", "places"])
def test_an_expression_that_fails_on_every_row(load_mapped: Load, expression: str, field: str) -> None:
    toml = mapping(**{field: expression}) + "[service]\nid = 'class'\nname = 'class'\n"
    outcome = load_mapped(toml, "visit,class,starts,places\n1,yoga,2026-03-02T18:00:00Z,x\n")
    refused = outcome.refused.code if outcome.refused else None
    assert outcome.quarantined == 1 or refused == "file.nothing_valid"


def test_many_failing_rows_are_found(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    rows = [f"{n},yoga,2026-03-02T18:00:00Z,{'x' if n % 3 else n}\n" for n in range(1, 3001)]
    outcome = load_mapped(mapping(places="places::int"), ROWS.splitlines(keepends=True)[0] + "".join(rows))
    assert (outcome.loaded, outcome.quarantined) == (1000, 2000)
    assert con.execute("select sum(participants) from booking").fetchall() == [(sum(range(3, 3001, 3)),)]


@pytest.mark.parametrize("name", ["visit", "VISIT", "Visit", "_row", "_FILE", "record"])
def test_a_named_expression_with_the_name_of_a_column_is_refused(load_mapped: LoadFile, name: str) -> None:
    toml = mapping(let=f"{name} = \"'7'\"")
    try:
        refused = load_mapped(toml, ROWS).refused
        message = f"{refused.message}. {refused.hint}"
    except queries.DataRefused as error:
        message = str(error)
    assert f"[let] {name}: " in message
    assert (name if name.startswith("_") or name == "record" else "visit").lower() in message
    assert "another name" in message


@pytest.mark.parametrize("name", ["Result", "RESULT", "result"])
def test_a_named_expression_that_reads_its_own_name_is_refused(load_mapped: Load, name: str) -> None:
    toml = mapping(let=f"{name} = \"case when Result = 'x' then 'y' else Result end\"", places=name)
    with pytest.raises(queries.DataRefused, match=rf"\[let\] {name}: .*Result"):
        load_mapped(toml, "visit,class,starts,Result\n1,yoga,2026-03-02T18:00:00Z,x\n")


def test_two_named_expressions_that_differ_by_case_only_are_refused(load_mapped: Load) -> None:
    with pytest.raises(queries.DataRefused, match=r"\[let\] Made: made differs by case only"):
        load_mapped(mapping(let='made = "visit"\nMade = "class"'), ROWS)


def test_a_name_between_two_columns_that_differ_by_case_only_is_refused(load_mapped: Load) -> None:
    rows = "visit,class,starts,Places,places\n1,yoga,2026-03-02T18:00:00Z,3,5\n"
    refused = load_mapped(mapping(places="places"), rows).refused
    assert refused is not None
    assert "[booking] totalParticipants" in refused.message
    assert "Places" in refused.message
    assert "places_2" in refused.hint


def test_the_first_of_two_columns_that_differ_by_case_only_is_read_by_its_name(
    load_mapped: Load, con: duckdb.DuckDBPyConnection
) -> None:
    rows = "visit,class,starts,Places,places\n1,yoga,2026-03-02T18:00:00Z,3,5\n"
    assert load_mapped(mapping(places="Places"), rows).loaded == 1
    assert con.execute("select participants from booking").fetchall() == [(3,)]


def test_a_file_that_the_mapping_does_not_fit_is_refused_by_name_and_the_others_load(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "system.toml").write_text(mapping(), "utf-8")
    for name, header in (("a", "visit"), ("b", "Visit No"), ("c", "VISIT")):
        (tmp_path / f"{name}.csv").write_text(f"{header},class,starts\n{name},yoga,2026-03-02T18:00:00Z\n", "utf-8")
    outcomes = pipeline.ingest(store, [tmp_path / f"{name}.csv" for name in "abc"], mapping=tmp_path / "system.toml")
    assert [outcome.loaded for outcome in outcomes] == [1, 0, 1]
    refused = outcomes[1].refused
    assert refused is not None
    assert refused.code == "mapping.wrong"
    assert refused.message.endswith("system.toml: [booking] id: no column visit; the file has Visit No")
    assert 'column("visit")' in refused.hint


def test_a_missing_column_is_named_with_the_named_expression_that_reads_it(load_mapped: Load) -> None:
    refused = load_mapped(mapping(id="key", let='key = "visitor"'), ROWS).refused
    assert refused is not None
    assert "[let] key: no column visitor; the file has visit" in refused.message


@pytest.mark.parametrize("written", ['column("Places")', "column('places')", 'COLUMN ( "PLACES" )'])
def test_a_column_that_only_some_files_have(load_mapped: Load, con: duckdb.DuckDBPyConnection, written: str) -> None:
    toml = mapping(places=f"coalesce({written}, '9')")
    load_mapped(toml, "visit,class,starts,places\n1,yoga,2026-03-02T18:00:00Z,3\n", "with.csv")
    load_mapped(toml, "visit,class,starts\n2,yoga,2026-03-02T18:00:00Z\n", "without.csv")
    assert con.execute("select participants from booking order by all").fetchall() == [(3,), (9,)]


def test_a_column_that_is_missing_where_it_is_read_by_its_plain_name_too(load_mapped: Load) -> None:
    toml = mapping(places="coalesce(column('Places'), Places)")
    refused = load_mapped(toml, "visit,class,starts\n2,yoga,2026-03-02T18:00:00Z\n").refused
    assert refused is not None
    assert "no column Places" in refused.message


def test_the_word_column_in_a_text_stays_a_text(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    toml = mapping(places="""case 'column("x")' when 'column("x")' then '5' end -- column("y")""")
    assert load_mapped(toml, ROWS).loaded == 4
    assert con.execute("select distinct participants from booking").fetchall() == [(5,)]


def test_a_named_expression_that_is_compared_may_fail_on_a_row(
    load_mapped: Load, con: duckdb.DuckDBPyConnection
) -> None:
    let = "word = \"case places when 'two' then error('none')::varchar else places || '!' end\""
    outcome = load_mapped(mapping(places="case word when '2!' then 2 when '4!' then 4 end", let=let), ROWS)
    assert (outcome.loaded, outcome.quarantined) == (3, 1)
    assert con.execute("select sum(participants) from booking").fetchall() == [(6,)]


@pytest.mark.long
def test_blanks_around_and_in_names_of_columns(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    headers = ["visit,class,starts, Places No ", "visit,class,starts,Places\u00a0No"]
    names = ['" Places No "', '"places no"', 'column("Places\u00a0No")', 'column(" Places No ")']
    for number, (header, name) in enumerate((header, name) for header in headers for name in names):
        load_mapped(mapping(places=name), f"{header}\n{number},yoga,2026-03-02T18:00:00Z,3\n", f"{number}.csv")
    assert con.execute("select participants, count(*) from booking group by all").fetchall() == [(3, 8)]


@pytest.mark.long
def test_mappings_of_the_first_edition_go_on_working(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    """Ways to write an expression that worked and were nowhere forbidden."""
    places = [
        'source."places"',
        "places /* how many */",
        "list_max(list_transform([places, '0'], lambda p: p))",
        "(select max(p) from unnest([places, '0']) as t(p))",
        "struct_extract({'p': places}, 'p')",
        "{'p': places}.p",
        "case when now() > timestamptz '2020-01-01' then PLACES end",
        "coalesce(try_cast(places as int)::varchar, places)",
        "json_extract_string(json_object('p', places), 'p')",
        "('{\"p\": ' || places || '}')::json ->> 'p'",
    ]
    for number, expression in enumerate(places):
        rows = f"visit,class,starts,places\n{number},yoga,2026-03-02T18:00:00Z,3\n"
        assert load_mapped(mapping(places=expression), rows, f"{number}.csv").loaded == 1, expression
    assert con.execute("select participants, count(*) from booking group by all").fetchall() == [(3, len(places))]


def test_details_name_value_expression_and_columns(store: Store, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        mapping(places="places::int").replace(
            'startDate = "starts"', "startDate = \"strptime(starts, '%Y-%m-%d %H:%M')\""
        )
    )
    read = read_mapping(tmp_path / "m.toml")
    (tmp_path / "v.csv").write_text(
        "visit,class,starts,places\n1,yoga,02.03.2026 10h,1\n2,yoga,2026-03-02 10:00,two\n3,yoga,2026-03-02 10:00,1\n"
    )
    mapped = MappedRows(read, tmp_path / "v.csv")
    source = pipeline.sources.source_files([tmp_path / "v.csv"], None)[0][0]
    (chunk,) = pipeline.sources.read_chunks(source, lambda _: None)
    assert chunk.flat is not None
    _, faults = mapped.frames(chunk.flat)
    assert {fault.record: fault.detail for fault in faults} == {
        0: "startDate = strptime(starts, '%Y-%m-%d %H:%M'): fails on starts = '02.03.2026 10h'",
        1: "totalParticipants = places::int: fails on places = 'two'",
    }


def test_details_of_typed_faults_name_the_value_that_the_expression_gave(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    explained = MappedRows.explained

    def noted(self: MappedRows, *arguments: Any) -> Any:
        found = explained(self, *arguments)
        seen.extend(fault.detail for fault in found)
        return found

    monkeypatch.setattr(MappedRows, "explained", noted)
    (tmp_path / "m.toml").write_text(
        mapping(places="places || 'x'", let='day = "starts"').replace('"starts"\ntotal', '"day"\ntotal')
    )
    (tmp_path / "v.csv").write_text("visit,class,starts,places\n1,yoga,2nd of May,-\n")
    pipeline.ingest(store, [tmp_path / "v.csv"], mapping=tmp_path / "m.toml")
    assert sorted(seen) == [
        "startDate = day = starts: gives '2nd of May' for starts = '2nd of May'",
        "totalParticipants = places || 'x': gives '-x' for places = '-'",
    ]


def test_what_cannot_be_evaluated_is_named_and_never_a_traceback(store: Store, tmp_path: Path) -> None:
    """Whatever slips through the checks is named by file, section and field."""
    (tmp_path / "m.toml").write_text(mapping(places="getvariable(visit)"))
    (tmp_path / "v.csv").write_text(ROWS)
    try:
        (outcome,) = pipeline.ingest(store, [tmp_path / "v.csv"], mapping=tmp_path / "m.toml")
        message = outcome.refused.message if outcome.refused else "loaded"
    except queries.DataRefused as error:
        message = str(error)
    assert "m.toml: [booking] totalParticipants: " in message


def test_a_missing_value_is_not_told_as_that_of_another_entity(load_mapped: Load) -> None:
    """A booking's status is CONFIRMED; that its mark's status is missing was reported as "status is 'CONFIRMED'"."""
    toml = """
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "visit"
startDate = "'2026-03-02T18:00:00Z'"
[attendance]
bookingId = "visit"
eventId = "visit"
status = "case came when 'yes' then 'ATTENDED' end"
"""
    refused = load_mapped(toml, "visit,came\n1,no\n").refused
    assert refused is not None
    assert "CONFIRMED" not in refused.message
    assert "gives nothing for came = 'no'" in refused.message


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that mappings ask of their rows."""
    asked: list[str] = []
    queried = Selecting.queried
    monkeypatch.setattr(Selecting, "queried", lambda self, rows, text: asked.append(text) or queried(self, rows, text))
    return asked


def test_rows_that_fail_cost_one_more_statement_not_one_for_each_field(tmp_path: Path, asked: list[str]) -> None:
    """To bind a statement takes longer than to evaluate it: one for each of 24 fields took 14 CPU seconds a chunk."""
    path = tmp_path / "m.toml"
    path.write_text(mapping(places="places::int"), encoding="utf-8")
    mapped = MappedRows(read_mapping(path), tmp_path / "v.csv")
    rows = {"visit": ["1", "2", "3"], "class": ["yoga"] * 3, "starts": ["2026-03-02T18:00:00Z"] * 3}
    flat = pl.DataFrame({"record": [0, 1, 2], **rows, "places": ["2", "two", None]})
    frames, faults = mapped.frames(flat)
    mapped.close()
    assert [fault.record for fault in faults] == [1]
    assert frames["booking"]["record"].to_list() == [0, 2]
    assert frames["booking"]["participants"].to_list() == ["2", None]
    # The columns are bound once without rows, then all at once, then all at once under `try`.
    assert len(asked) == 3


SEVERAL = """
[service]
id = "class"
name = "class"
[session]
id = "class || starts"
startDate = "starts"
[booking]
id = "visit"
status = "case note when 'off' then 'CANCELED' else 'CONFIRMED' end"
eventId = "class || starts"
startDate = "starts"
[attendance]
when = "came <> ''"
bookingId = "visit"
eventId = "class || starts"
status = "case came when 'yes' then 'ATTENDED' when 'no' then 'NOT_ATTENDED' end"
"""


def test_entities_of_the_same_rows_cost_one_statement_together(tmp_path: Path, asked: list[str]) -> None:
    """One for the three entities without a condition, one for the other, one for the two columns with known values."""
    path = tmp_path / "m.toml"
    path.write_text(SEVERAL, encoding="utf-8")
    mapped = MappedRows(read_mapping(path), tmp_path / "v.csv")
    rows = {"visit": ["1", "2", "3"], "class": ["yoga"] * 3, "starts": ["2026-03-02T18:00:00Z"] * 3}
    flat = pl.DataFrame({"record": [0, 1, 2], **rows, "note": [None, "off", "out"], "came": ["yes", None, "late"]})
    mapped.frames(flat[:0])
    mapped.count_unmet(())
    asked.clear()
    frames, faults = mapped.frames(flat)
    mapped.count_unmet({fault.record for fault in faults})
    mapped.close()
    assert len(asked) == 3
    assert frames["attendance"].select("record", "status").rows() == [(0, "ATTENDED"), (2, None)]
    assert frames["booking"]["status"].to_list() == ["CONFIRMED", "CANCELED", "CONFIRMED"]
    assert frames["booking"]["event_id"].to_list() == frames["session"]["id"].to_list()
    assert frames["service"].columns == ["record", "id", "name"]
    assert mapped.unmet == {"note": {"out": 1}, "came": {"late": 1}}
