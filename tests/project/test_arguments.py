"""Arguments of public functions: one of another type is an error of noshow that names it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import duckdb
import pytest

import pipeline
import queries
import reports
from queries.arguments import _WITH_RULES, _hints, checked, fits

FUNCTIONS = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (pipeline, queries, reports)
    for name in package.__all__
    if inspect.isfunction(getattr(package, name))
}


def test_every_public_function_refuses_what_is_of_no_type_it_knows() -> None:
    accepted, unread = [], {}
    for name, function in FUNCTIONS.items():
        required = [
            each.name
            for each in inspect.signature(function).parameters.values()
            if each.default is each.empty and each.kind is not each.VAR_KEYWORD
        ]
        hints = _hints(function)
        unread[name] = set(inspect.unwrap(function).__annotations__) - {*hints, *_WITH_RULES, "return"}
        accepted += [f"{name} {each}" for each, hint in hints.items() if each != "return" and fits(object(), hint)]
        if required and not fits(object(), hints.get(required[0], Any)):
            with pytest.raises(queries.UsageError, match=rf"{function.__name__}\(\): {required[0]} is <obj") as caught:
                function(**dict.fromkeys(required, object()))
            assert caught.value.code == "argument.type"
    assert len(FUNCTIONS) > 50
    assert {name: left for name, left in unread.items() if left} == {}
    # Keywords are held to the names that their TypedDict has.
    assert {each.split()[1] for each in accepted} == {"choice", "options"}


class _Choice(TypedDict, total=False):
    limit: int


@checked
def _example(
    con: Path,
    by: str | Sequence[str] = (),
    *,
    limit: int | None = None,
    share: float = 0.0,
    order: Literal["up", "down"] = "up",
    chosen: Mapping[str, Any] | None = None,
    said: Callable[[str], None] | None = None,
    **choice: Unpack[_Choice],  # type: ignore[misc]
) -> str:
    return "done"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": 5}, "by is 5, not str | Sequence[str]"),
        ({"by": ["a", 5]}, "by is ['a', 5], not str | Sequence[str]"),
        ({"by": b"x"}, "by is b'x', not str | Sequence[str]"),
        ({"limit": True}, "limit is True, not int | None"),
        ({"limit": 1.5}, "limit is 1.5, not int | None"),
        ({"share": "x"}, "share is 'x', not float"),
        ({"order": "sideways"}, "order is 'sideways', not Literal['up', 'down']"),
        ({"chosen": ["x"]}, "chosen is ['x'], not Mapping[str, Any] | None"),
        ({"chosen": {1: "x"}}, "chosen is {1: 'x'}, not Mapping[str, Any] | None"),
        ({"said": "x"}, "said is 'x', not Callable[[str], None] | None"),
        ({"by": [*("x" * 200), 5]}, "…, not str | Sequence[str]"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_an_argument_of_another_type_is_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(queries.UsageError, match="_example") as caught:
        _example(Path(), **options)
    assert said in caught.value.message
    assert len(caught.value.message) < 200


def test_arguments_that_fit_are_passed_on() -> None:
    assert _example(Path(), ["a"], limit=3, share=1, order="down", chosen={"a": 1}, said=print) == "done"
    assert fits(iter("ab"), Iterable[str])
    with pytest.raises(TypeError, match="missing a required argument"):
        _example()  # type: ignore[call-arg]


def test_a_file_may_be_named_by_text_or_path(tmp_path: Path) -> None:
    hint = str | os.PathLike[str]
    assert [fits(value, hint) for value in ("a", tmp_path, b"a", 5)] == [True, True, False, False]
    with pytest.raises(queries.UsageError, match=r"connect\(\): db is 5, not str"):
        queries.connect(5)  # type: ignore[arg-type]
    with pytest.raises(queries.UsageError, match=r"quarantine\(\): there is no argument rul\."):
        queries.quarantine(duckdb.connect(), rul="x")  # type: ignore[call-arg]
