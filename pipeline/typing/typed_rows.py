"""Type rows of text, with a fault for each value that is not of its column's type.

Every column of a raw frame is text, whatever the format of the file. Here ids are lower-cased, numbers and instants are
read, and defaults are filled in, such as 1 for the number of attendees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from pipeline.faults import Fault
from pipeline.typing.dtypes import DTYPES
from pipeline.typing.instants import CLOCK_CHANGED, ZONE_AT_FAULT, read_instants
from pipeline.typing.made_ids import fee_id, key_id, name_id
from pipeline.typing.rounded import is_rounded
from queries.model.columns import MONEY_KINDS, Entity
from queries.model.zones import iana_zone, known_zones

_WHOLE = r"^[+-]?[0-9]+(?:\.0+)?$"
_MONEY = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_ID_KINDS = ("guid", "opaque", "event")
# Things that a booking or session names by an id, a name or both.
_NAMED = ("service", "location", "staff")

Typed = tuple[pl.Series, pl.Series]


def typed_rows(
    raw: pl.DataFrame, entity: Entity, now: dt.datetime, uncertain: list[Fault] | None = None
) -> tuple[pl.DataFrame, list[Fault]]:
    """Turn a raw frame of `record` (Int64) and text columns into one of `record` and the entity's typed columns.

    A column that the raw frame lacks is null. A value that cannot be read is null too, and has a fault. `now` (naive
    UTC) bounds the instants.

    A local time that a clock change skips or repeats is a fault in the start or end. In any other column it is null and
    added to `uncertain`, with the text as its detail: who booked at 2:30 is a booking all the same.
    """
    clean = _clean(raw, entity)
    faults = _rounded_ids(clean, entity)
    texts = _complete(_with_all_columns(clean, entity), entity)
    frame = texts
    for name in entity.names:
        if read := _READERS.get(entity.kind(name)):
            values, rules = read(texts, name, now)
            frame = frame.with_columns(values.alias(name))
            if entity.kind(name) == "instant" and not entity.column(name).is_own_time:
                rules = _without_clock_changes(texts, rules, entity, name, [] if uncertain is None else uncertain)
            faults += _faults(texts["record"], rules, entity, name)
    return frame.select("record", *entity.names), list(dict.fromkeys(faults))


def _without_clock_changes(
    texts: pl.DataFrame, rules: pl.Series, entity: Entity, name: str, uncertain: list[Fault]
) -> pl.Series:
    """The rules without those about clock changes, which are added to `uncertain`."""
    changed = rules.is_in(CLOCK_CHANGED).fill_null(False)
    if not changed.any():
        return rules
    found = texts.filter(changed).select("record", name).iter_rows()
    uncertain += [Fault(record, "time_uncertain", name, text, entity.name) for record, text in found]
    return pl.select(pl.when(~changed).then(rules))[:, 0]


def pointer(wire: str) -> str:
    """The JSON pointer of a field's path with dots."""
    return "/" + wire.replace(".", "/")


def _with_all_columns(raw: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    missing = [pl.lit(None, pl.String).alias(name) for name in entity.names if name not in raw.columns]
    return raw.with_columns(missing)


def _clean(frame: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Strip ids of spaces around them (a sample of the API has such an id), lower-case GUIDs, make empty texts null,
    and write time zones as IANA does.
    """
    columns = [name for name in frame.columns if name != "record"]
    zones = [name for name in columns if entity.kind(name) == "zone"]
    clean = frame.with_columns(_clean_column(name, entity.kind(name)).alias(name) for name in columns)
    return clean.with_columns(_with_iana_names(clean[name]) for name in zones)


def _with_iana_names(zones: pl.Series) -> pl.Series:
    """The zones with other names, such as `Central Time - US & Canada`, replaced by those of IANA where known."""
    strange = [text for text in zones.unique().drop_nulls() if text not in known_zones()]
    names = {text: zone for text in strange if (zone := iana_zone(text))}
    return zones.replace(names) if names else zones


def _rounded_ids(frame: pl.DataFrame, entity: Entity) -> list[Fault]:
    """A fault for each id that a spreadsheet rounded: under it, ten records would become one.

    The key of a session is made of the ids beside it, so it has no fault of its own.
    """
    ids = [name for name in frame.columns if name in entity.names and entity.kind(name) in _ID_KINDS]
    ids = [name for name in ids if name != "session_key"]
    return [
        Fault(record, "rounded_id", pointer(entity.wire(name)), entity=entity.name)
        for name in ids
        for record in frame["record"].filter(is_rounded(frame[name]))
    ]


def _clean_column(name: str, kind: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars(" \t") if kind in _ID_KINDS else pl.col(name)
    return text.str.to_lowercase() if kind == "guid" else pl.when(text != "").then(text)


def _complete(frame: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    completion = _COMPLETIONS.get(entity.name)
    return completion(frame) if completion else frame


def _complete_attendance(frame: pl.DataFrame) -> pl.DataFrame:
    keyed = frame.with_columns(
        session_key=pl.coalesce("event_id", "session_id", "session_key"),
        number_of_attendees=pl.col("number_of_attendees").fill_null("1"),
    )
    return _with_ids_of_keys(keyed)


def _with_ids_of_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Give attendances without an id the id of their booking and session, if they have both."""
    lacks_id = frame.select(
        pl.col("id").is_null() & pl.col("booking_id").is_not_null() & pl.col("session_key").is_not_null()
    ).to_series()
    if not lacks_id.any():
        return frame
    keys = frame.filter(lacks_id).select("booking_id", "session_key")
    made = pl.Series(map(key_id, *keys.get_columns()), dtype=pl.String)
    return frame.with_columns(id=frame["id"].scatter(lacks_id.arg_true(), made))


def _with_ids_of_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Give services, locations and staff that have a name and no id the id of their name."""
    for kind in _NAMED:
        name, id = frame[f"{kind}_name"], frame[f"{kind}_id"]
        wanted = name.filter(id.is_null() & name.is_not_null()).unique()
        if len(wanted):
            made = {text: name_id(kind, text) for text in wanted}
            frame = frame.with_columns(id.fill_null(name.replace_strict(made, default=None, return_dtype=pl.String)))
    return frame


def _complete_booking(frame: pl.DataFrame) -> pl.DataFrame:
    """Key a slot by event or session id, or else by its booking; a course has no session of its own, so no key."""
    own = pl.lit("booking:") + pl.col("id")
    return (
        _with_ids_of_names(frame)
        .with_columns(booked_entity=pl.col("booked_entity").fill_null("slot"))
        .with_columns(
            session_key=pl.when(pl.col("booked_entity") == "slot").then(pl.coalesce("event_id", "session_id", own))
        )
    )


def _complete_session(frame: pl.DataFrame) -> pl.DataFrame:
    return _with_ids_of_names(frame).with_columns(status=pl.col("status").fill_null("CONFIRMED"))


def _complete_fee(frame: pl.DataFrame) -> pl.DataFrame:
    """A fee whose source gives it no id has that of its booking and trigger: loaded again, it is the same fee."""
    known = frame.with_columns(
        status=pl.col("status").fill_null("UNKNOWN_STATUS"), trigger=pl.col("trigger").fill_null("UNKNOWN_TRIGGER")
    )
    lacks_id = known.select(pl.col("id").is_null() & pl.col("booking_id").is_not_null()).to_series()
    keys = known.filter(lacks_id).select("booking_id", "trigger")
    made = pl.Series([fee_id(booking, trigger) for booking, trigger in keys.iter_rows()], dtype=pl.String)
    return known.with_columns(id=known["id"].scatter(lacks_id.arg_true(), made))


def _complete_payment(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(id=pl.coalesce("id", "booking_id"))


_COMPLETIONS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "attendance": _complete_attendance,
    "booking": _complete_booking,
    "session": _complete_session,
    "payment": _complete_payment,
    "fee": _complete_fee,
}


def _read_number(pattern: str, kind: str, bad_shape: str, bad_range: str) -> Callable[..., Typed]:
    dtype = DTYPES[kind]

    def read(frame: pl.DataFrame, name: str, _: dt.datetime) -> Typed:
        # If every text casts as it is, there is nothing to find fault with. Decimals go the long way in any case, since
        # the cast rounds them without a word.
        plain = frame[name].cast(dtype, strict=False)
        if dtype == pl.Int64() and plain.null_count() == frame[name].null_count():
            return plain, pl.Series([None] * frame.height, dtype=pl.String)
        text = pl.col(name)
        whole = text.str.replace(r"\.0+$", "") if kind not in MONEY_KINDS else text
        value = pl.when(text.str.contains(pattern)).then(whole).cast(dtype, strict=False)
        rule = (
            pl.when(text.is_null() | value.is_not_null())
            .then(None)
            .when(text.str.contains(pattern))
            .then(pl.lit(bad_range))
            .otherwise(pl.lit(bad_shape))
        )
        typed = frame.select(value=value, rule=rule)
        return typed["value"], typed["rule"]

    return read


def _read_instant(frame: pl.DataFrame, name: str, now: dt.datetime) -> Typed:
    zones = frame["time_zone"] if "time_zone" in frame.columns else pl.Series([None] * frame.height, dtype=pl.String)
    return read_instants(frame[name], zones, now)


def _read_flag(frame: pl.DataFrame, name: str, _: dt.datetime) -> Typed:
    text = pl.col(name).str.to_lowercase()
    value = text.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    rule = pl.when(text.is_not_null() & value.is_null()).then(pl.lit("flag_type"))
    typed = frame.select(value=value, rule=rule)
    return typed["value"], typed["rule"]


_READERS: dict[str, Callable[[pl.DataFrame, str, dt.datetime], Typed]] = {
    "attendees": _read_number(_WHOLE, "attendees", "attendees_type", "attendees_range"),
    "whole": _read_number(_WHOLE, "whole", "number_type", "number_range"),
    "sequence": _read_number(_WHOLE, "sequence", "number_type", "number_range"),
    "money": _read_number(_MONEY, "money", "number_type", "number_range"),
    "signed_money": _read_number(_MONEY, "signed_money", "number_type", "number_range"),
    "instant": _read_instant,
    "flag": _read_flag,
}


def _faults(records: pl.Series, rules: pl.Series, entity: Entity, name: str) -> list[Fault]:
    broken = rules.is_not_null()
    if not broken.any():
        return []
    rows = zip(records.filter(broken), rules.filter(broken), strict=True)
    places = {ZONE_AT_FAULT: pointer(entity.wire("time_zone"))} if "time_zone" in entity.names else {}
    own = pointer(entity.wire(name))
    return [Fault(record, rule, places.get(rule, own), entity=entity.name) for record, rule in rows]
