"""Repeat no-shows under pseudonyms, or by name on request."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from support import report_frames as build
from support.report_frames import report

from reports.data import report_json
from reports.scope.options import Options
from reports.scope.pseudonyms import participant_namer, pseudonym

START = dt.datetime(2026, 2, 16, 18)  # noqa: DTZ001 local times have no zone


def test_who_is_a_pseudonym_unless_names_are_asked_for() -> None:
    row = {"participant_id": "c-1", "participant_name": "Pat Doe", "no_shows_in_a_year": 2, "no_shows": 3}
    frame = build.rows("repeat_no_shows", row | {"last_no_show": START.date(), "rated_bookings": 8})
    hidden = report({"pseudonym_key": "k1"}, repeat_no_shows=frame)
    assert hidden.participants is not None
    assert hidden.participants.repeats[0].who == pseudonym("k1", "c-1")
    assert "Pat" not in report_json(hidden)
    assert "c-1" not in report_json(replace(hidden, sql={}))
    named = report({"pseudonym_key": "k1", "options": Options(names=True)}, repeat_no_shows=frame)
    assert named.participants is not None
    assert named.participants.repeats[0].who == "Pat Doe"
    assert named.participants.share == 3 / 8


def test_pseudonyms_hold_under_one_key_and_say_nothing() -> None:
    called = participant_namer(False, "k1")
    assert called("c-1", "Pat") == called("c-1", None) == pseudonym("k1", "c-1")
    assert called("c-1", "Pat") != participant_namer(False, "k2")("c-1", "Pat")
    assert re.fullmatch(r"guest [0-9a-f]{8}", called("c-1", "Pat"))
    assert participant_namer(True, "k1")(None, None) == "nobody known"
