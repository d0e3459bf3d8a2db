"""Make the sections of the entities out of `[visit]`, which describes a file with a row for each visit.

    [visit]
    date = {column = "Date", time = "Time", format = "day first"}
    service = {column = "Class"}
    client = {column = "Client ID"}
    status = {column = "Status", attended = ["Signed in"], no_show = ["No Show"]}

A section of an entity beside it adds fields of its own, or replaces those made here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.mapping.model import OWN
from pipeline.mapping.words.dates import moment_sql, ordered_sql
from pipeline.mapping.words.fields import field_sql, joined, rows_sql
from pipeline.mapping.words.numbers import minutes_sql
from pipeline.mapping.words.status import status_sql
from pipeline.mapping.words.texts import NotInWords, column_sql, columns_of, require_keys

# Field of a visit -> the kind of its value, and the fields of entities that it gives.
_FIELDS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "timezone": ("zone", (("session", "timezone"), ("booking", "timezone"))),
    "service": (
        "text",
        (
            ("service", "id"),
            ("service", "name"),
            ("session", "serviceId"),
            ("session", "title"),
            ("booking", "serviceId"),
            ("booking", "title"),
        ),
    ),
    "type": ("word", (("service", "type"),)),
    "staff": ("text", (("session", "staff_id"), ("session", "staff_name"))),
    "location": ("text", (("session", "location_id"), ("session", "location_name"))),
    "capacity": ("whole", (("session", "totalCapacity"),)),
    "client": ("text", (("booking", "contactId"),)),
    "name": ("text", (("booking", "contact_name"),)),
    "seats": ("whole", (("booking", "totalParticipants"),)),
    "weight": ("count", (("booking", "weight"),)),
    "booked": ("instant", (("booking", "createdDate"),)),
    "cancelled": ("instant", (("booking", "canceledDate"),)),
    "changed": ("instant", (("booking", "updatedDate"),)),
    "price": ("money", (("booking", "price"),)),
    "currency": ("word", (("booking", "currency"),)),
    "paid": ("money", (("payment", "paid"),)),
    "refunded": ("money", (("payment", "refunded"),)),
    "fee": ("money", (("fee", "amount"),)),
}
_OTHERS = ("id", "session", "date", "end", "minutes", "status", "came", "rows", "attributes")
FIELDS = (*_FIELDS, *_OTHERS)
_REQUIRED = ("date", "service", "status")

# Makes the SQL of a field from the mapping's words: (field, the function for a table) -> SQL.
Make = Callable[[str, Callable[[Mapping[str, Any]], str]], str]


class Visit:
    """One `[visit]` section, and the SQL made of it: `sections` by entity and field.

    `let` holds the texts of its moments, which several fields read, by name. `said` describes SQL that no words of the
    mapping stand for. `has_zone` says that the mapping names the zone of times that name none.
    """

    def __init__(self, visit: Mapping[str, Any], make: Make, has_zone: bool = False) -> None:
        require_keys(visit, FIELDS)
        for name in _REQUIRED:
            if name not in visit:
                raise NotInWords(f"{name} is missing", f"A visit needs {', '.join(_REQUIRED)}, and a client or an id")
        if "client" not in visit and "id" not in visit:
            raise NotInWords("neither a client nor an id is given", 'For example client = {column = "Client ID"}')
        self._visit = visit
        self._make = make
        self._has_zone = has_zone
        self.let: dict[str, str] = {}
        self.said: dict[str, str] = {}
        self._start = self._moment("date")
        self.sections: dict[str, dict[str, str]] = {"service": {}, "session": {}, "booking": {}, "attendance": {}}
        self._add_fields()
        self._add_times()
        self._add_ids()
        self._add_money()
        self._add_status(make)
        if "rows" in visit:
            condition = make("rows", rows_sql)
            for section in self.sections.values():
                section["when"] = condition

    def _add_fields(self) -> None:
        for name, (kind, targets) in _FIELDS.items():
            if name in self._visit:
                sql = self._sql(name, kind)
                for section, field in targets:
                    self.sections.setdefault(section, {})[field] = sql
        if "timezone" not in self._visit and not self._has_zone:
            # Times are then taken as they stand.
            self.sections["session"]["timezone"] = self.sections["booking"]["timezone"] = "'UTC'"

    def _add_times(self) -> None:
        for section in ("session", "booking"):
            self.sections[section]["startDate"] = self._start
        end = ""
        if "end" in self._visit:
            end = self._moment("end")
        elif "minutes" in self._visit:
            minutes = self._make("minutes", minutes_sql)
            end = f"strftime({self._start}::timestamp + to_seconds(({minutes})::double * 60), '%Y-%m-%dT%H:%M:%S')"
            self.said[end] = "made of date and minutes"
        if end:
            self.sections["session"]["endDate"] = self.sections["booking"]["endDate"] = end

    def _add_ids(self) -> None:
        service = self.sections["service"]["id"]
        location = self.sections["session"].get("location_id")
        session = self._id("session") or joined([service, *([location] if location else []), self._start])
        self.sections["session"]["id"] = session
        self.sections["booking"]["eventId"] = session
        self.sections["attendance"]["eventId"] = session
        client = self.sections["booking"].get("contactId", "")
        booking = self._id("id") or joined([client, service, self._start])
        self.said.setdefault(session, "made of service, location and date")
        self.said.setdefault(booking, "made of client, service and date")
        self.sections["booking"]["id"] = booking
        self.sections["attendance"]["bookingId"] = booking

    def _add_money(self) -> None:
        """The booking and the currency of the payment and of the fee."""
        booking = self.sections["booking"]
        for section in ("payment", "fee"):
            if section in self.sections:
                self.sections[section]["booking_id"] = booking["id"]
                if "currency" in booking:
                    self.sections[section]["currency"] = booking["currency"]

    def _id(self, name: str) -> str:
        """The SQL of an id. The columns of the date stand for the moment: `7:15 am` and `7:15 AM` are the same."""
        if name not in self._visit:
            return ""
        return self._make(name, lambda words: joined(self._with_start(columns_of(words))))

    def _with_start(self, parts: list[str]) -> list[str]:
        """The parts of an id, with the start in the place of the first column of the date, without the other one."""
        date = self._visit["date"]
        names = [date.get(key) for key in ("column", "time")] if isinstance(date, Mapping) else []
        dates = {column_sql(name) for name in names if isinstance(name, str)}
        return list(dict.fromkeys(self._start if part in dates else part for part in parts))

    def _add_status(self, make: Make) -> None:
        status = status_sql(self._visit["status"])
        self.sections["booking"]["status"] = status["booking"]
        self.sections["booking"]["cancellation"] = status["cancellation"]
        self.sections["booking"]["canceledBy"] = status["canceled_by"]
        self.sections["attendance"]["status"] = status["mark"]
        came = self._sql("came", "whole") if "came" in self._visit else ""
        seats = self.sections["booking"].get("totalParticipants", "")
        number = f"coalesce({came}, {seats})" if came and seats else came or seats
        if number:
            self.sections["attendance"]["numberOfAttendees"] = (
                f"case when ({status['mark']}) = 'ATTENDED' then {number} else '0' end"
            )

    def _moment(self, name: str) -> str:
        """SQL of a moment. Its text, the long part, is a named expression.

        Reading that text stands in every field that needs it, since it may fail: on a row on which a named expression
        fails, every field would.
        """

        def sql(words: Mapping[str, Any]) -> str:
            self.let[f"{OWN}{name}"] = ordered_sql(words)
            return moment_sql(words, column_sql(f"{OWN}{name}"))

        return self._make(name, sql)

    def _sql(self, name: str, kind: str) -> str:
        if kind == "instant" and "value" not in self._visit[name]:
            return self._moment(name)
        return self._make(name, lambda words: field_sql(words, kind))
