"""Count the values that a mapping compares with constants and that met none of them.

A mapping that knows 'came' and 'noshow' takes 'Nicht erschienen' for an unmarked booking. The records are loaded all
the same, since nobody but the user can say what the word means, and these counts let the user know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import polars as pl

from pipeline.mapping.model import OPTIONAL, Watched

MOST_VALUES = 20
MOST_CHARACTERS = 100
# The key of all values beyond the first `MOST_VALUES`. It never stands for a value, since blank ones are not counted.
OTHERS = ""
# A column that is not a list of words after all, such as a name, is not held in memory value by value.
_KEPT = 2_000

NOTHING_MISSED = pl.DataFrame(schema={"record": pl.Int64, "name": pl.String, "value": pl.String})


class Unmet:
    """Counts by column and value, of records that are loaded."""

    def __init__(self, watched: Iterable[Watched]) -> None:
        self._counts: dict[str, Counter[str]] = {column.name: Counter() for column in watched}

    def add(self, missed: pl.DataFrame, faulty: Collection[int]) -> None:
        """Count a frame of `record`, `name` and `value`, without the records at fault; a record counts once a value."""
        loaded = missed.filter(~pl.col("record").is_in(list(faulty))).unique(maintain_order=True)
        for name, value, records in loaded.group_by("name", "value", maintain_order=True).len().iter_rows():
            counts = self._counts[name]
            text = value.strip()[:MOST_CHARACTERS]
            counts[text if text in counts or len(counts) < _KEPT else OTHERS] += records

    def counts(self) -> dict[str, Counter[str]]:
        """Columns with such values: at most `MOST_VALUES` commonest ones each, cut, and the others under `OTHERS`."""
        return {name.removeprefix(OPTIONAL): _commonest(counts) for name, counts in self._counts.items() if counts}


def _commonest(counts: Counter[str]) -> Counter[str]:
    named = Counter({value: records for value, records in counts.items() if value != OTHERS})
    kept = Counter(dict(named.most_common(MOST_VALUES)))
    others = counts.total() - kept.total()
    return kept + Counter({OTHERS: others})
