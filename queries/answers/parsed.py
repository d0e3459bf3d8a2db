"""Keep the statements of requests parsed: of looking up a row DuckDB takes a fifth of the time to parse its statement.

A statement has its values bound, so that requests of one form share it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import duckdb

_MOST = 64
# A filter with many values makes a long statement, which hardly comes again.
_LONGEST = 4_096
_LOCK = threading.Lock()
# The text of each statement that was used of late, the oldest first.
_KEPT: OrderedDict[str, duckdb.Statement] = OrderedDict()


def parsed(con: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    """The one statement of a text. It belongs to no connection: parsing looks at nothing in the database."""
    with _LOCK:
        kept = _KEPT.get(text)
        if kept is not None:
            _KEPT.move_to_end(text)
            return kept
    (statement,) = con.extract_statements(text)
    if len(text) <= _LONGEST:
        with _LOCK:
            _KEPT[text] = statement
            while len(_KEPT) > _MOST:
                _KEPT.popitem(last=False)
    return statement
