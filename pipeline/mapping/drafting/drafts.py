"""Make a draft of a file that was looked at: guesses for the fields of its visits, and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from pipeline.mapping.date_order import HALF_CONVERTED, two_readings
from pipeline.mapping.drafting.columns import Chosen, chosen_columns, is_date
from pipeline.mapping.drafting.guess import LIKELY, PERHAPS, SURE, Draft, Guess, Question
from pipeline.mapping.drafting.joining_log import AT, OF_ROWS, joined_in
from pipeline.mapping.drafting.later_date import by_time
from pipeline.mapping.drafting.looking import Look
from pipeline.mapping.drafting.prices import currencies_of, decimal_of
from pipeline.mapping.drafting.profile import Column, order_of
from pipeline.mapping.drafting.statuses import Statuses, marks_of, statuses_of
from pipeline.mapping.drafting.vocabulary import is_total
from pipeline.mapping.model import VALUE
from pipeline.mapping.sections import SITE
from pipeline.mapping.words.status import ANY
from queries.model.vocabularies import MARKS

# Fields that hold one column's text or number, as they stand in the draft.
_PLAIN = ("service", "staff", "location", "capacity", "seats", "weight")
_ORDERS = ("day first", "month first")
_ALL_ORDERS = (*_ORDERS, "year first", "month by name")
_EXAMPLES = 3
# The answer for a file that does not say who came.
NO_COLUMN = "no column"


def draft_of(look: Look, named: Mapping[str, str] | None = None) -> Draft:
    """Guess the mapping of a file. `named` gives columns that the owner named, by field."""
    return _Drafting(look, named or {}).draft()


def ask_marks(draft: Draft, why: str) -> list[Question]:
    """Leave the marks of a draft open, and return the question about them; none if it is asked already."""
    if any(question.name == "marks" for question in draft.questions):
        return []
    draft.top["marks"], draft.reasons["marks"] = "?", why
    text = f"Which marks does the system record? {why[:1].upper()}{why[1:]}"
    draft.questions.append(Question("marks", ("marks",), text, tuple(MARKS)))
    return draft.questions[-1:]


class _Drafting:
    def __init__(self, look: Look, named: Mapping[str, str]) -> None:
        self._look = look
        self._columns = list(look.profiles.columns.values())
        self._frame = look.profiles.frame
        self._draft = Draft()
        register = look.register
        named = {"date": register.day, "status": VALUE, **named} if register else named
        self._named = named
        self._chosen = chosen_columns([column for column in self._columns if column.name not in named.values()])
        for name, column in named.items():
            if name != "status":
                self._chosen[name] = Chosen(look.profiles.columns[column], SURE)
        self._undecided: Question | None = None
        if "date" not in self._named:
            self._chosen = by_time(self._chosen, self._columns, self._frame)
        self._joined = (
            None if register or {"date", "status"} & {*self._named} else joined_in(self._chosen, self._columns)
        )
        if self._joined:
            # No other column says when the visit is.
            self._chosen = {name: one for name, one in self._chosen.items() if name not in OF_ROWS}
            self._chosen["date"] = Chosen(self._joined, PERHAPS)

    def draft(self) -> Draft:
        draft = self._draft
        layout = self._look.layout
        header = list(layout.header_rows) or layout.header
        register = self._look.register
        encoding = self._look.encoding if self._look.encoding != "utf-8" else None
        place = {"header": header, "encoding": encoding, "end": register.end if register else None}
        if given := {name: value for name, value in place.items() if value}:
            draft.top["file"] = given
        if register:
            draft.top["unpivot"] = {"columns": list(register.patterns)}
            draft.reasons["unpivot"] = f"{len(register.columns)} columns are sessions; each of their cells is a visit"
            if register.let:
                draft.top["let"] = {register.day: register.let}
                draft.reasons["let"] = "the date in the name of a session's column"
        draft.top["zone"] = SITE
        draft.reasons["zone"] = "times are in the zone of the setting site_zone, or as they stand if it is not set"
        if self._look.profiles.nothing:
            draft.top["null"] = ["", *sorted(self._look.profiles.nothing)]
            draft.reasons["null"] = "texts that mean that a value is not known"
        self._add_status_first()
        self._add_date()
        for name in _PLAIN:
            if name in self._chosen:
                self._add(name, self._chosen[name])
        self._add_people()
        for name in ("booked", "cancelled", "end"):
            if name in self._chosen:
                self._add_moment(name, self._chosen[name])
        if "minutes" in self._chosen:
            self._add("minutes", self._chosen["minutes"])
        self._add_price()
        self._add_session()
        self._add_id()
        self._add_rows()
        self._require()
        draft.guesses.sort(key=lambda guess: _ORDER.index(guess.field))
        used = set(_columns_of(draft.guesses)) | {table["column"] for table in self._statuses.tables}
        draft.left = [column.name for column in self._columns if column.name not in used]
        return draft

    def _add_status_first(self) -> None:
        """The columns of the status, which no other field may have: `Visit` could be an id, and `Result` a product."""
        open_to_it = ("service", "cancelled")
        held = {
            chosen.column.name
            for name, chosen in self._chosen.items()
            if name not in open_to_it and chosen.sure == SURE
        }
        self._statuses = statuses_of(
            [column for column in self._columns if column.name not in held], self._named.get("status", "")
        )
        if self._joined and not self._statuses.tables:
            table = {"column": self._joined.name, "attended": [ANY]}
            self._statuses = Statuses([table], meanings={"attended"})
        taken = {table["column"] for table in self._statuses.tables}
        self._chosen = {
            name: chosen
            for name, chosen in self._chosen.items()
            if name == "cancelled" or chosen.column.name not in taken or chosen.column is self._joined
        }
        if self._named.get("status") == NO_COLUMN:
            self._draft.guesses.append(Guess("status", {"value": "unmarked"}, SURE, ""))
            self._draft.top["marks"] = "both"
            self._draft.reasons["marks"] = "the file does not say who came, so nobody is marked"
            return
        if not self._statuses.tables:
            self._ask_column("status", "Which column says who came?")
            return
        tables = self._statuses.tables
        words = tables[0] if len(tables) == 1 else {"": tables}
        self._draft.guesses.append(Guess("status", words, SURE, ""))
        self._draft.questions += self._statuses.questions
        self._draft.meanings = self._statuses.meanings
        marks, why = marks_of(self._statuses.meanings | self._statuses.asked)
        self._draft.top["marks"] = marks
        self._draft.reasons["marks"] = why
        if marks == "?":
            ask_marks(self._draft, why)

    def _add_date(self) -> None:
        date, time = self._chosen.get("date"), self._chosen.get("time")
        if date is None:
            self._ask_column("date", "Which column says when the visit starts?")
            return
        words = {"column": date.column.name, **({"time": time.column.name} if time else {})}
        if self._joined:
            words["at"] = AT
            self._draft.notes.append(
                f"Each row is a time that somebody joined: those of a person on one day are one visit, at {AT}. Write "
                "the time of the session in its place."
            )
        self._add_moment("date", date, words)
        dates = date.column.dates
        self._note_undated(date.column)
        if not dates.count:
            self._draft.notes.append(
                f"{date.column.name} has no dates with day, month and year. A strptime format such as %b%Y reads "
                "months; a file without dates of its visits cannot be loaded."
            )
        if not time and ((dates.numeric and not dates.with_time) or dates.are_midnights):
            self._draft.notes.append(
                "No column of times was found, so all visits of a day start at midnight: add time to date."
            )

    def _note_undated(self, date: Column) -> None:
        """Say how many rows have a status and no date: `Treatment start` is blank wherever somebody stayed away."""
        statuses = [table["column"] for table in self._statuses.tables if table["column"] in self._frame.columns]
        marked = [pl.col(name).is_not_null() for name in statuses if name != date.name]
        if not marked or not date.dates.count:
            return
        undated = self._frame.filter(pl.col(date.name).is_null(), pl.any_horizontal(marked)).height
        if undated:
            self._draft.notes.append(
                f"{date.name} is blank in {undated:,} {'row' if undated == 1 else 'rows'} with a status, which would "
                "be set aside: is another column the day of the visit?"
            )

    def _add_moment(self, name: str, chosen: Chosen, words: dict[str, str] | None = None) -> None:
        order, why = self._order(chosen.column)
        if name == "end" and not is_date(chosen.column):
            date = self._chosen.get("date")
            if date is None or date.column.dates.with_time:
                return
            words = {"column": date.column.name, "time": chosen.column.name}
            order, why = self._order(date.column)
        words = {**(words or {"column": chosen.column.name}), "format": order or "?"}
        if chosen.column.dates.are_midnights and not {"time", "at"} & {*words}:
            words["at"] = "00:00"
            why = "every value is midnight in UTC, so they are days and no moments"
        sure = chosen.sure if chosen.column.dates.count else PERHAPS
        self._draft.guesses.append(Guess(name, words, sure, why, _examples(chosen.column)))
        if order is None:
            self._ask_order(name, chosen.column, why)
        if chosen.column.dates.is_half_converted:
            self._draft.notes.append(f"{chosen.column.name}: {'. '.join(HALF_CONVERTED)}.")

    def _ask_order(self, name: str, column: Column, why: str) -> None:
        """Ask once for all dates of the file that leave it open: one system writes them in one way."""
        place = ("visit", name, "format")
        asked = self._undecided
        if asked is None:
            text = f"{_both_ways(column)} ({why})"
            orders = _ORDERS if column.dates.count else _ALL_ORDERS
            self._undecided = Question("date format", place, text, orders)
            self._draft.questions.append(self._undecided)
            return
        self._undecided = replace(asked, also=(*asked.also, place))
        self._draft.questions[self._draft.questions.index(asked)] = self._undecided

    def _order(self, column: Column) -> tuple[str | None, str]:
        """The order of day and month; where the column's own values leave it open, that of the file's other dates."""
        return order_of(column.dates, [other.dates for other in self._columns if is_date(other)])

    def _add(self, name: str, chosen: Chosen, is_personal: bool = False) -> None:
        why = "by its name" if chosen.sure == SURE else "by a word in its name"
        shown = () if is_personal else _examples(chosen.column)
        self._draft.guesses.append(Guess(name, {"column": chosen.column.name}, chosen.sure, why, shown))

    def _add_people(self) -> None:
        """Who booked: an id of the client, else the name; example values of people are left out of the draft.

        A row that stands for many bookings has no person.
        """
        if "weight" in self._chosen:
            return
        names = [self._chosen[part].column.name for part in ("first_name", "last_name") if part in self._chosen]
        name = self._chosen.get("name")
        if name:
            words: dict[str, Any] = {"column": name.column.name}
        else:
            words = {"columns": names} if names else {}
        if words:
            self._draft.guesses.append(Guess("name", words, name.sure if name else SURE, "by its name"))
        if "client" in self._chosen:
            self._add("client", self._chosen["client"], is_personal=True)
        elif "email" in self._chosen:
            chosen = self._chosen["email"]
            words = {"column": chosen.column.name, "hashed": True}
            why = "people have no number; the address itself is not kept"
            self._draft.guesses.append(Guess("client", words, LIKELY, why))
        elif words:
            why = "people have no number here, so those of one name are taken for one"
            self._draft.guesses.append(Guess("client", dict(words), PERHAPS, why))
        elif "id" not in self._chosen:
            self._ask_column("client", "Which column says who booked?")

    def _add_price(self) -> None:
        if "price" not in self._chosen:
            return
        column = self._chosen["price"].column
        decimal, why = decimal_of(column)
        words = {"column": column.name, "decimal": decimal or "?"}
        self._draft.guesses.append(Guess("price", words, self._chosen["price"].sure, why, _examples(column)))
        if decimal is None:
            text = f"Which sign stands before decimals in {next(iter(column.values))}?"
            self._draft.questions.append(Question("decimal", ("visit", "price", "decimal"), text, (".", ",")))
        found = currencies_of(column)
        if len(found) == 1:
            self._draft.guesses.append(Guess("currency", {"value": found.pop()}, SURE, "the sign in the prices"))

    def _add_session(self) -> None:
        """If one service has several members of staff at a time, they are sessions of their own."""
        keys = [self._name(field) for field in ("service", "location", "date", "time")]
        staff = self._name("staff")
        given = [key for key in keys if key]
        if not staff or not self._name("service") or not self._name("date"):
            return
        folded = self._frame.select(pl.col(*given, staff).str.strip_chars().str.to_lowercase()).drop_nulls(staff)
        counts = folded.group_by(given).agg(pl.col(staff).n_unique()).to_series(-1)
        if len(counts) and (counts > 1).sum() * 20 > len(counts):
            why = "several of the staff give one service at the same time"
            words = {"columns": [given[0], staff, *given[1:]]}
            self._draft.guesses.append(Guess("session", words, LIKELY, why))

    def _add_id(self) -> None:
        chosen = self._chosen.get("id")
        if chosen and not chosen.column.blank * 100 > chosen.column.rows:
            values = self._frame[chosen.column.name].drop_nulls()
            rows = self._frame.unique().filter(pl.col(chosen.column.name).is_not_null()).height
            if values.n_unique() >= rows * 0.99:
                self._add("id", chosen)
                return
        if "weight" in self._chosen:
            # A later issue of the report may have another number for the same row.
            names = [column.name for column in self._columns if column is not self._chosen["weight"].column]
            why = "each row stands for many bookings, and its other columns say which"
            self._draft.guesses.append(Guess("id", {"columns": names}, LIKELY, why))
            return
        keys = [self._name(field) for field in ("service", "date", "time")]
        client, date = self._draft.guess("client"), self._name("date")
        if client is None or "?" in client.words.values() or not date:
            return
        names = list(dict.fromkeys([*_columns_of([client]), *filter(None, keys)]))
        folded = self._frame.unique().select(pl.col(*names).str.strip_chars().str.to_lowercase()).drop_nulls(date)
        twice = folded.height - folded.unique().height
        why = "the file has no number of the visit, so it is made of the columns that identify one"
        if twice:
            self._draft.notes.append(
                f"{twice:,} rows have the client, service and start of another row but differ in other columns. They "
                "would be set aside: add to id a column in which they differ."
            )
        self._draft.guesses.append(Guess("id", {"columns": names}, LIKELY if twice else SURE, why))

    def _add_rows(self) -> None:
        """Leave out rows of totals: visits have a value in a column in which totals have none."""
        date = self._chosen.get("date")
        if date is None or date.column.dates.count == date.column.rows:
            return
        texts = self._frame[date.column.name]
        words = set(date.column.values)
        totals = [word for word in words if is_total(word)]
        others = self._frame.filter(texts.is_null() | texts.is_in(totals))
        if others.is_empty():
            return
        visits = self._frame.filter(~(texts.is_null() | texts.is_in(totals)).fill_null(value=True))
        firsts = [self._name(field) for field in ("time", "client", "service", "name", "booked", "staff", "location")]
        for name in filter(None, firsts):
            if others[name].null_count() == others.height and not visits[name].null_count():
                why = f"{others.height} rows have none: they are not visits, such as totals"
                self._draft.guesses.append(Guess("rows", {"filled": [name]}, SURE, why))
                return
        if totals:
            self._draft.notes.append(f"Rows that begin with {totals[0]} are not visits; they will be set aside.")

    def _name(self, field: str) -> str:
        return self._chosen[field].column.name if field in self._chosen else ""

    def _ask_column(self, field: str, text: str) -> None:
        self._draft.guesses.append(Guess(field, {"column": "?"}, PERHAPS, "no column was recognised"))
        free = (*(column.name for column in self._columns), *((NO_COLUMN,) if field == "status" else ()))
        self._draft.questions.append(Question(field, ("visit", field, "column"), text, free, is_column=True))
        if field == "date":
            time = self._chosen.get("time")
            self._draft.guesses[-1].words |= {"time": time.column.name} if time else {}
            self._draft.guesses[-1].words["format"] = "?"
            text = "In which order do its dates have day and month? Else answer with a strptime format, such as %b%Y"
            self._draft.questions.append(Question("date format", ("visit", "date", "format"), text, _ALL_ORDERS))
        if field == "status":
            self._draft.guesses[-1].words["words"] = {}

    def _require(self) -> None:
        if "service" not in self._chosen and (self._look.register or self._joined):
            name = self._look.path.name.split(".")[0]
            why = "the file does not name its class; write another name in its place"
            self._draft.guesses.append(Guess("service", {"value": name}, PERHAPS, why))
        elif "service" not in self._chosen:
            text = 'Which column says what was booked? If none does, write service = {value = "Checkup"}'
            self._ask_column("service", text)


_ORDER = (
    "date", "end", "minutes", "timezone", "service", "staff", "location", "capacity", "session", "client", "name",
    "seats", "weight", "booked", "cancelled", "price", "currency", "id", "rows", "status",
)  # fmt: skip


def _columns_of(guesses: Iterable[Guess]) -> list[str]:
    found: list[str] = []
    for guess in guesses:
        found += [guess.words[key] for key in ("column", "time") if isinstance(guess.words.get(key), str)]
        found += [name for key in ("columns", "filled") for name in guess.words.get(key, ())]
    return found


def _examples(column: Column) -> tuple[str, ...]:
    return tuple(value for value, _ in column.values.most_common(_EXAMPLES))


def _both_ways(column: Column) -> str:
    example = column.dates.evidence.example
    if example:
        return f"Is {example!r} {two_readings(example)}?"
    return f"In which order does {next(iter(column.values), '')!r} have day and month?"
