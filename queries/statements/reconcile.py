"""Statements for `noshow reconcile`: the rows of the fact, with a column for each part of each explanation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from queries.errors import UsageError
from queries.language.filters import Node
from queries.model.fact import FACT
from queries.statements.conditions import where_sql
from queries.statements.literals import Parameters

# Beside the columns of the fact: loads, the place of a session in its booking, and the moment of the figures.
OWN_COLUMNS = ("booking_load", "marks_load", "session_of_booking", "as_of")
_COLUMNS = {column.name for column in FACT} | {*OWN_COLUMNS}
# The words of SQL that a condition may use.
_WORDS = {"and", "or", "not", "in", "is", "null", "distinct", "from", "true", "false", "between"}
_FUNCTIONS = {"coalesce", "timezone", "date", "greatest", "least"}
_TEXT = re.compile(r"'[^']*'")
_WORD = re.compile(r"\$?[A-Za-z_]\w*")
# Nothing else may stand in a condition: no second statement, no comment.
_SIGNS = re.compile(r"[\s\w$'(),.<>=!+*:/-]*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column to add to the rows: its name, and a condition or an expression over a row.

    A condition that is null does not hold. With `within`, the text is a date, and the condition that it lies within
    these two, both included. With `bucket` (day, week or month), it is the first day of the date's period, moved by
    `shift` days for weeks that begin on another day. A value is taken as it is. `zone` is the value of `$zone`.
    """

    name: str
    text: str
    kind: Literal["condition", "number", "within", "bucket", "value"] = "condition"
    zone: str | None = None
    within: tuple[dt.date, dt.date] | None = None
    bucket: str = ""
    shift: int = 0

    def sql(self, parameters: Parameters) -> str:
        """The column in SQL, its values bound."""
        text = require_known_names(self.text)
        if self.kind == "within" and not self.within:
            return f"true as {self.name}"
        if self.zone is not None:
            text = text.replace("$zone", _bind(self.zone, parameters))
        if self.kind == "within" and self.within:
            first, last = (_bind(day, parameters) for day in self.within)
            text = f"({text}) between {first}::date and {last}::date"
        elif self.kind == "bucket":
            text = f"date_trunc({_bind(self.bucket, parameters)}, ({text}) + {self.shift})::date - {self.shift}"
        otherwise = {"condition": ", false", "within": ", false", "number": ", 0"}.get(self.kind)
        return f"coalesce(({text}){otherwise}) as {self.name}" if otherwise else f"({text}) as {self.name}"


def _bind(value: object, parameters: Parameters) -> str:
    name = f"v{len(parameters)}"
    parameters[name] = value
    return f"${name}"


def require_known_names(text: str) -> str:
    """The condition itself. Raises `UsageError` if it names anything but columns of the fact and known words."""
    bare = _TEXT.sub("", text)
    unknown = [word for word in _WORD.findall(bare) if word not in _COLUMNS | _WORDS | _FUNCTIONS | {"$zone"}]
    if unknown or not _SIGNS.fullmatch(text) or "--" in bare or "/*" in bare:
        raise UsageError(
            "reconcile.condition",
            f"{text!r} is not a condition over the fact" + (f": {unknown[0]} is unknown" if unknown else ""),
            "Use the columns of session_roster",
        )
    return text


def counted_rows_sql(node: Node, as_of: dt.datetime, columns: Iterable[Column]) -> tuple[str, Parameters]:
    """Every pair of booking and session that passes a filter, due or not, with the columns of explanations."""
    parameters: Parameters = {"as_of": as_of}
    added = "".join(f", {column.sql(parameters)}" for column in columns)
    return f"select *{added} from ({_rows_sql(where_sql(node, parameters))})", parameters


def cells_of_rows_sql(rows: str, keys: Sequence[str]) -> str:
    """The rows of a statement, those that are equal in all keys as one, with their number `n`."""
    return f"select {', '.join(keys)}, count(*)::bigint as n from ({rows}) group by all"


def _rows_sql(condition: str) -> str:
    # The loads stand beside the fact, since they say nothing about the visit. A course booking has a row a session;
    # its sessions are numbered before the filter, and a cancelled one is none of them.
    return (
        "select p.*, b.load_id as booking_load, m.load_id as marks_load, $as_of::timestamp as as_of "
        "from (select *, row_number() over (partition by booking_id, session_status is not distinct from 'CANCELLED' "
        "order by starts_at, session_id) as session_of_booking "
        "from session_roster where booking_id is not null) as p join booking as b on b.id = p.booking_id "
        "left join (select id, max(load_id) as load_id from attendance group by id) as m on m.id = p.attendance_id "
        f"where {condition}"
    )
