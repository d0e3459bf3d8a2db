"""Forged cursors, odd requests, kills and replaced files under `noshow serve`, a few of each; `stress` has many."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.http_attacks import (
    QUERY,
    asking_by,
    database_in,
    forged_cursors,
    odd_bytes,
    odd_request,
    send_all,
    send_bytes,
)
from support.serve_kills import kill_while_answering, replace_while_answering
from support.serves import serving_app

import pipeline
from pipeline.serving.app import attendance_api


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database_in(tmp_path_factory.mktemp("attacked"), bookings=40, marks=20)


@pytest.fixture(scope="module")
def port(loaded: Path) -> Iterator[int]:
    app = attendance_api(loaded / "attendance.duckdb", pipeline.Settings.model_validate({}), None, lambda _: None)
    with serving_app(app) as served:
        yield served


def test_forged_cursors_are_refused(port: int) -> None:
    paging = {"query": {"cursorPaging": {"limit": 5}}}
    page = httpx.post(f"http://127.0.0.1:{port}{QUERY}", json=paging).json()
    tokens = forged_cursors(page["pagingMetadata"]["cursors"]["next"], random.Random(1))
    outcome = send_all(port, map(asking_by, itertools.islice(tokens, 80)))
    assert (outcome.statuses, outcome.silent, outcome.odd) == ({400: 80}, 0, [])


def test_odd_requests_are_answered_in_json(port: int) -> None:
    chance = random.Random(2)
    outcome = send_all(port, (odd_request(chance) for _ in range(100)))
    assert 500 not in outcome.statuses
    assert (outcome.odd, outcome.silent) == ([], 0)
    assert {200, 400, 404, 501} <= set(outcome.statuses)


def test_bytes_that_are_hardly_http_are_answered_in_json(port: int) -> None:
    chance = random.Random(3)
    outcome = send_bytes(port, (odd_bytes(chance) for _ in range(60)))
    assert 500 not in outcome.statuses
    assert outcome.odd == []
    assert outcome.statuses[400] > 20


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.long)])
def test_a_mark_that_was_answered_survives_a_kill(loaded: Path, tmp_path: Path, kills: int) -> None:
    assert kill_while_answering(loaded, tmp_path / "killed", kills, seed=4).acknowledged >= kills


def test_a_database_that_is_replaced_or_removed_is_served_again_once_it_is_back(loaded: Path, tmp_path: Path) -> None:
    statuses = replace_while_answering(loaded, tmp_path / "replaced", 3)
    assert set(statuses) <= {200, 500}
    assert statuses[200]
