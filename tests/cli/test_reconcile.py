"""`noshow reconcile` as an owner runs it: a number, a list, and mistakes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from support.fixtures import Run

AS_OF = ("--as-of", "2026-08-01T00:00:00Z")


def test_a_number_is_explained_with_its_counts(noshow: Run) -> None:
    shown = noshow("reconcile", "--says", "52.5%", "--of", "219/417", *AS_OF)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("The other system takes unmarked bookings as missed: that gives 219 of 417,")
    assert "Here it is 44 of 242 (18.18 %)." in shown.stdout
    assert "unmarked_missed" in shown.stdout
    found = json.loads(noshow("reconcile", "--says", "219/417", *AS_OF, "--format", "json").stdout)
    assert (found["verdict"], found["numerator"], found["denominator"]) == ("explained", 44, 242)
    (fit,) = found["fits"]
    assert (fit["explanation"], fit["rows_added"], fit["no_shows_added"]) == ("unmarked_missed", 175, 175)
    assert found["by_chance"] < 0.02
    few = noshow("reconcile", "--says", "52/250", *AS_OF).stdout
    assert "so few rows differ that errors of single rows would give it too" in few
    assert "late_cancelled" in few


def test_a_list_is_compared_row_by_row(noshow: Run, sample_folder: Path) -> None:
    rows = csv.DictReader(
        io.StringIO(
            noshow(
                *("sql", "--format", "csv"),
                "select booking_id, local_date, outcome from booked_session_at(timestamp '2026-08-01')",
            ).stdout
        )
    )
    words = {"attended": "Attended", "not_attended": "No show", "unmarked": "No show"}
    lines = [f"{row['booking_id']},{row['local_date']},{words[row['outcome']]}" for row in rows]
    (sample_folder / "theirs.csv").write_text("\n".join(["Booking ID,Date,Status", *lines]))
    shown = noshow("reconcile", "--with", "theirs.csv", "--out", "rows.csv", *AS_OF)
    assert shown.stdout.startswith(
        "175 rows differ. The other system takes unmarked bookings as missed: that explains all."
    )
    assert shown.stderr == "noshow: 175 rows differ, 175 explained, 0 not: --out rows.csv lists them\n"
    differing = list(csv.DictReader(io.StringIO((sample_folder / "rows.csv").read_text())))
    assert len(differing) == 175
    assert {(row["here"], row["there"], row["explained_by"]) for row in differing} == {
        ("not counted", "no-show", "unmarked_missed")
    }


def test_mistakes_are_said_in_a_line(noshow: Run, sample_folder: Path) -> None:
    (sample_folder / "prices.csv").write_text("Client,Price\nAna,3\n")
    for args, code, words in (
        ((), 2, "nothing to reconcile with. Give --says 8.1% or --with THEIR.csv"),
        (("--says", "lots"), 2, "'lots' is neither a percentage nor counts"),
        (("--of", "31/385"), 2, "--of without --says"),
        (("--says", "8%", "--out", "a.csv"), 2, "--out without --with"),
        (("--with", "prices.csv", "--out", "a.doc"), 2, "a.doc: unknown suffix"),
        (("--with", "prices.csv"), 65, "prices.csv: neither a list of bookings nor sums"),
        (("--with", "none.csv"), 66, "no such file"),
        (("--says", "8%", "--from", "soon"), 2, "--from 'soon' is not a date"),
        (("--says", "8%", "--where", "{"), 2, "not JSON"),
        (("--says", "8%", "--db", "elsewhere.duckdb"), 66, "no database here"),
    ):
        result = noshow("reconcile", *args)
        assert (result.returncode, words in result.stderr) == (code, True), (args, result.stderr)
        assert result.stderr.count("\n") == 1
