"""A value of any type in any place of a mapping is taken or refused in one line, never a bug."""

from __future__ import annotations

import copy
import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.samples import few

import pipeline.mapping.reading
from pipeline.mapping.reading import ENTITIES, read_mapping, shipped_formats
from queries.errors import DataRefused

ROOT = Path(__file__).parents[2]
VALUES = (
    *(0, -1, 10**400, 1.5, math.nan, True, "", "x", "?", "\0"),
    *([], [1], [[]], ["x"], [{}], {}, {"a": 1}, {"a": "x"}, {"a": {"a": []}}),
    *(dt.date(2026, 1, 1), dt.time(1), dt.datetime(2026, 1, 1)),  # noqa: DTZ001
)
# Sections with a key for each column.
_MANY = (*ENTITIES, "let", "zones", "known", "null", "namespace")
Place = tuple[str | int, ...]


def documents() -> Iterator[dict[str, Any]]:
    """The documented, shipped and recognised mappings."""
    texts = re.findall(r"```toml\n(.*?)```", (ROOT / "pipeline/mappings.md").read_text("utf-8"), re.DOTALL)
    files = (*sorted((ROOT / "data/mappings").glob("*.toml")), *shipped_formats())
    yield from map(tomllib.loads, [*texts, *(file.read_text("utf-8") for file in files)])


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Every place in a document; of a list the first two."""
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:2] if isinstance(value, list) else ()
    for key, each in inner:
        yield (*above, key)
        yield from places(each, (*above, key))


@cache
def cases() -> dict[Place, dict[str, Any]]:
    """Each place that any of the mappings has, with one that has it; sections and settings before single columns."""
    found = {place: document for document in documents() for place in places(document)}
    return dict(sorted(found.items(), key=lambda case: (len(case[0]) > 2, case[0][0] in _MANY)))


def changed(document: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(document)
    at: Any = document
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return document


@pytest.mark.parametrize("place", few(map(pytest.param, cases()), 6), ids=str)
def test_any_value_in_any_place_is_taken_or_refused(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.toml"
    file.write_bytes(b"")
    document, number = cases()[place], [*cases()].index(place)
    # Every second value, the others in the places before and after.
    for value in VALUES[number % 2 :: 2]:
        asked = changed(document, place, value)
        monkeypatch.setattr(pipeline.mapping.reading, "read_toml", lambda _, asked=asked: copy.deepcopy(asked))
        with suppress(DataRefused):
            read_mapping(file)
