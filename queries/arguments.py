"""Hold the arguments of public functions to their annotations, so that a wrong one is an error of noshow.

For example `no_show_rates(con, by=5)` raises `UsageError`: "no_show_rates(): by is 5, not str | Sequence[str]". The
packages `queries` and `pipeline` wrap the functions they give out (see `queries.lazy`), their own modules import them
unwrapped; `reports` decorates them.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal, TypeVar, Union, Unpack, cast, get_args, get_origin, get_type_hints, is_typeddict

from queries.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
_LONGEST = 80
# Requests and filters are held to the query language instead, which says where the fault is.
_WITH_RULES = {"request", "where", "filter", "sort"}
_LATE = {"duckdb": "duckdb", "pl": "polars"}
_SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def checked(function: F) -> F:
    """The function with its arguments held to their annotations. It raises `UsageError` for a value of another type.

    An annotation is left alone if it names a type that is imported for type checkers only.
    """
    signature = inspect.signature(function)
    hints = functools.cache(lambda: _hints(function))
    single = {each.name for each in signature.parameters.values() if each.kind not in _SEVERAL}

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        # Too many arguments, and names that there are not, are Python's own errors.
        for name, value in signature.bind(*args, **options).arguments.items():
            if name in single and name in hints() and not fits(value, hints()[name]):
                raise _wrong(function, name, value, inspect.unwrap(function).__annotations__[name])
            if get_origin(hints().get(name)) is Unpack:
                _check_options(function, value, get_args(hints()[name])[0])
        return function(*args, **options)

    return cast(F, call)


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of an annotated type. Items are looked at in sequences and mappings, not in iterators."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any or hint is object or hint is inspect.Parameter.empty:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if hint is None or hint is types.NoneType:
        return value is None
    if hint is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if is_typeddict(hint):
        return isinstance(value, Mapping)
    if not isinstance(origin or hint, type) or getattr(hint, "_is_protocol", False):
        return True
    return isinstance(value, origin or hint) and _items_fit(value, origin, parts)


def _items_fit(value: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    if origin is None or not parts or not issubclass(origin, Iterable):
        return True
    if isinstance(value, bytes | bytearray):  # a sequence of numbers, which nobody means
        return False
    if isinstance(value, Mapping):
        return all(fits(key, parts[0]) and fits(item, parts[-1]) for key, item in value.items())
    return not isinstance(value, Collection) or all(fits(item, parts[0]) for item in value)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types that annotations name, by parameter."""
    inner = inspect.unwrap(function)
    found = {}
    for name, text in inner.__annotations__.items():
        if name == "return" or name in _WITH_RULES:
            continue
        # Modules that are imported for type checkers only, or later; the function uses them anyway.
        late = {alias: importlib.import_module(module) for alias, module in _LATE.items() if f"{alias}." in text}
        try:
            # The annotations are noshow's own text (`from __future__ import annotations`).
            found[name] = eval(text, inner.__globals__ | late)
        except NameError:
            continue
    return found


def _check_options(function: Callable[..., Any], options: Mapping[str, Any], known: Any) -> None:
    """Hold keyword arguments to the TypedDict that lists them."""
    for name, value in options.items():
        if name not in known.__annotations__:
            raise _unlike(function, f"there is no argument {name}")
        hint = get_type_hints(known)[name]
        if not fits(value, hint):
            raise _wrong(function, name, value, hint.__name__ if isinstance(hint, type) else str(hint))


def _wrong(function: Callable[..., Any], name: str, value: object, wanted: str) -> UsageError:
    shown = repr(value)
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
    return _unlike(function, f"{name} is {shown}, not {wanted}")


def _unlike(function: Callable[..., Any], fault: str) -> UsageError:
    hint = f"See help({function.__module__.split('.')[0]}.{function.__name__})"
    return UsageError("argument.type", f"{function.__name__}(): {fault}", hint)
