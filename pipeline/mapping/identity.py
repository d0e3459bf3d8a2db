"""Make GUIDs of ids that are not GUIDs, the same each time, so that any number or name will do as an id.

With the namespace `studio`, the visit "1017" becomes the UUIDv5 of `studio/booking/1017`, as `[booking] id` and as
`[attendance] bookingId` alike, in this file and in the next one. An id made of a row's number names a row of one file
only, so the name of the file goes into it: `hotel/booking/stays-2026-05.csv/17`.
"""

from __future__ import annotations

import re
from pathlib import PurePath

import polars as pl

from pipeline.typing.made_ids import made_id
from pipeline.typing.rounded import is_rounded
from queries.model.rules import GUID

# The thing that an id names is part of its GUID: a booking's id and the attendance's mention of it become the same
# GUID, while booking 7 and session 7 become different ones.
NAMES = {
    ("service", "id"): "service",
    ("session", "id"): "session",
    ("session", "service_id"): "service",
    ("booking", "id"): "booking",
    ("booking", "service_id"): "service",
    ("booking", "event_id"): "session",
    ("attendance", "id"): "attendance",
    ("attendance", "booking_id"): "booking",
    ("attendance", "event_id"): "session",
    ("payment", "id"): "payment",
    ("payment", "booking_id"): "booking",
    ("payment", "order_id"): "order",
    ("fee", "id"): "fee",
    ("fee", "booking_id"): "booking",
}
# White space of any kind, also no-break and zero-width spaces: for Polars, and for Python.
BLANKS = r"[\s\x{200B}\x{2060}\x{FEFF}]+"
# The same with the separators of ASCII, which Python takes for white space too: ids were once made by Python alone.
_BLANK_OR_SEPARATOR = r"[\s\x1c-\x1f\x{200B}\x{2060}\x{FEFF}]+"
_GUID = re.compile(GUID)
_BLANK = re.compile(r"[\s\u200b\u2060\ufeff]+")
# The API's own event ids are opaque texts of 36 to 250 characters, valid as they are. They hold no blanks or signs, as
# an id such as `Vinyasa Flow|Rathmines|1/6/2026 7:15 am` does.
_OPAQUE = r"^[0-9A-Za-z_-]{36,250}$"


def file_name(path: PurePath) -> str:
    """The name of a file without its folder, and without `.gz`: packed or not, it is the same file."""
    return path.name.removesuffix(".gz")


def guids(texts: pl.Series, thing: str, namespace: str, file: str | None) -> pl.Series:
    """Replace each text that is not a GUID by the UUIDv5 of namespace, thing and text; `file` binds it to a file.

    An id that a spreadsheet rounded stays, to be set aside when it is typed.
    """
    stays = texts.str.to_lowercase().str.contains(GUID) | is_rounded(texts)
    if thing == "session" and file is None:
        stays = stays | texts.str.contains(_OPAQUE)
    bound = f"{namespace}/{thing}/{file}" if file is not None else f"{namespace}/{thing}"
    wanted = texts.filter(~stays).unique().drop_nulls()
    made = [made_id(f"{bound}/{plain}") if plain else "" for plain in _canonical(wanted, thing)]
    return texts.replace(wanted, pl.Series(made, dtype=pl.String)) if made else texts


def contact_ids(texts: pl.Series, namespace: str, every: bool) -> pl.Series:
    """Replace contacts that are e-mail addresses, or `every` one, by a UUIDv5, so that no address is stored.

    White space and case do not count: `Ana@Example.com` and `ana@example.com` are one person.
    """
    wanted = texts.unique().drop_nulls().to_list()
    plain = {text: _BLANK.sub(" ", text).strip().casefold() for text in wanted}
    made = {
        text: made_id(f"{namespace}/contact/{folded}") if folded else ""
        for text, folded in plain.items()
        if (every or "@" in folded) and not _GUID.fullmatch(folded)
    }
    return texts.replace(made) if made else texts


def _canonical(texts: pl.Series, thing: str) -> list[str]:
    """The texts without differences that mean nothing.

    White space differs between exports of one system. A session's id is made of words and times (`Yoga|7:15 am`), so
    case does not count there either; a booking's may be a code such as `a7Xk`, in which it does.
    """
    plain = texts.str.replace_all(_BLANK_OR_SEPARATOR, " ").str.strip_chars(" ").to_list()
    return [text.casefold() for text in plain] if thing == "session" else plain
