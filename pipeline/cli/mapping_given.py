"""Read the mapping that --mapping names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.cli.streams import named
from pipeline.mapping.reading import Mapping, read_mapping
from queries.errors import UsageError


def read_given(path: Path) -> Mapping:
    """Read a mapping, which goes into the ledger under its name. Raises as `read_mapping` does.

    Raises `UsageError` for one from stdin without `namespace`: the ids of records are made of it, and by default it is
    the name of the mapping's file.
    """
    mapping = read_mapping(path)
    name = named(mapping.path)
    if name != mapping.path and mapping.namespace == mapping.path.stem:
        raise UsageError(
            "mapping.namespace",
            "a mapping from stdin has no file name, of which the ids of its records would be made",
            'Add a line such as namespace = "studio" to it, or name its file',
        )
    return replace(mapping, path=name)
