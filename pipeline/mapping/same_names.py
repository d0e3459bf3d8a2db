"""Find files of one run whose rows a mapping would take for the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.mapping.identity import NAMES, file_name
from pipeline.mapping.model import Mapping
from pipeline.mapping.planning import plan_of


def names_twice(mapping: Mapping, paths: Sequence[Path]) -> dict[Path, Path]:
    """Files whose rows would get the ids of an earlier file's rows -> that file.

    `05/stays.csv` and `06/stays.csv` have one name, so under a mapping with the id `_row` their first rows are one.
    """
    if not any(plan_of(mapping).binds(*name) for name in NAMES):
        return {}
    first: dict[str, Path] = {}
    for path in paths:
        first.setdefault(file_name(path), path)
    return {path: other for path in paths if (other := first[file_name(path)]) != path}
