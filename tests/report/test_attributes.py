"""Tables by attribute: order, values in words, caps, and names that are none."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import plain, report

import reports
from queries.errors import UsageError
from reports.scope.options import Options
from reports.sections.attributes.content import by_attribute


def by_reminder(*groups: tuple[str | None, dict[str, int | None]]) -> pl.DataFrame:
    name = "attributes.reminder"
    return build.rates([({name: value}, row) for value, row in groups], {name: pl.String})


def test_values_stand_by_number_of_bookings_and_those_without_last() -> None:
    frame = by_reminder((None, build.counts(90, 10)), ("false", build.counts(12, 8)), ("true", build.counts(36, 4)))
    found = by_attribute("reminder", frame)
    assert [(row.name, row.no_shows, row.marked, row.rate) for row in found.values] == [
        ("yes", 4, 40, 0.1),
        ("no", 8, 20, 0.4),
        ("(not given)", 10, 100, 0.1),
    ]
    assert found.cap is None


def test_few_bookings_have_counts_and_no_rate() -> None:
    (row,) = by_attribute("reminder", by_reminder(("sms", build.counts(3, 1)))).values
    assert (row.name, row.no_shows, row.marked, row.rate, row.low) == ("sms", 1, 4, None, None)


def test_presumed_bookings_are_in_the_rate() -> None:
    presumed = build.counts(0, 5, rated_bookings=50, presumed_attended=45, bookings=50)
    (row,) = by_attribute("reminder", by_reminder(("sms", presumed))).values
    assert (row.no_shows, row.marked, row.rate) == (5, 50, 0.1)


def test_an_attribute_that_no_booking_has_is_not_a_table() -> None:
    assert by_attribute("reminder", by_reminder((None, build.counts(90, 10)))).values == ()
    assert by_attribute("reminder", by_reminder()).values == ()


def test_many_values_are_capped() -> None:
    found = by_attribute(
        "code",
        by_reminder(*((f"c{n:02d}", build.counts(20, 2)) for n in range(30))).rename(
            {"attributes.reminder": "attributes.code"}
        ),
    )
    assert len(found.values) == 25
    assert found.cap == "25 of 30 values shown"


def test_the_section_is_there_only_if_it_was_asked_for() -> None:
    frame = by_reminder(("true", build.counts(36, 4)))
    asked = {"options": Options(attributes=("reminder",))}
    page = build.draw(report(asked, **{"attributes.reminder": frame}))
    assert '<h2 id="attributes">By attribute</h2>' in page
    assert "10.0 %" in plain(page[page.index('id="attributes"') :])
    assert 'id="attributes"' not in build.draw(report())


@pytest.mark.parametrize("name", ["Reminder", "attributes.reminder", "a b", "", "x') or true --"])
def test_a_name_that_no_attribute_can_have_is_refused(con: duckdb.DuckDBPyConnection, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        reports.the_report(con, options=Options(attributes=(name,)))
    assert caught.value.code == "report.attribute"


def test_a_setting_names_attributes(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    import pipeline

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOSHOW_ATTRIBUTES", '["reminder", "channel"]')
    assert pipeline.Settings.model_validate({}).attributes == ("reminder", "channel")
