"""SQL files that are installed beside the code, read by name."""

from __future__ import annotations

from importlib.resources import files


def packaged_sql(package: str, folder: str, name: str) -> str:
    """The text of a .sql file of one of our packages: `packaged_sql("queries", "views", "known_roster")`.

    `folder` is relative to the package and may have several parts: "load/migrations".
    """
    return files(package).joinpath(*folder.split("/"), f"{name}.sql").read_text(encoding="utf-8")
