"""Texts that are part of the installed package: SQL, templates, styles."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.resources import files


@cache
def packaged_text(*path: str) -> str:
    """The text of one file, by its package, folders and name: `packaged_text("queries", "views", "site.txt")`."""
    package, *inner = path
    return files(package).joinpath(*inner).read_text(encoding="utf-8")


@cache
def own_version() -> str:
    """The version of noshow. It is looked up once, since reading the package's metadata takes 2 ms."""
    return version("noshow")


def packaged_sql(*path: str) -> str:
    """The text of one `.sql` file, named without its ending: `packaged_sql("queries", "measures", "weeks")`."""
    *folders, name = path
    return packaged_text(*folders, f"{name}.sql")
