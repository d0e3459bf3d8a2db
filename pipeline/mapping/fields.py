"""Complete the raw frame of an entity: excused marks, attributes, marks of the whole file, time zones and GUIDs."""

from __future__ import annotations

import math

import polars as pl

from pipeline.mapping.identity import BLANKS, NAMES, contact_ids, guids
from pipeline.mapping.model import Mapping, Plan
from queries.model import payment
from queries.model.attributes import Value, attributes_text
from queries.model.entities import ENTITIES

# How the columns of attributes are called until they are put together.
ATTRIBUTE = "attributes."
# An accent behind its letter, as old Macs write it.
_ACCENT = r"\p{M}"
# The status that a mapping gives to those who were ill, injured or justified.
_EXCUSED = "excused"
# Entity of money -> the columns of which a row has to have one: most rows of a file about bookings say nothing of it.
_SAYING = {"payment": payment.SAYING, "fee": ("amount",)}


def completed(
    frame: pl.DataFrame, entity: str, mapping: Mapping, plan: Plan, file: str | None, zone: str | None = None
) -> pl.DataFrame:
    """Return the raw frame with the columns of the entity's table only, ready to be typed.

    `file` goes into ids that are made of rows' numbers. `zone` is that of rows that name none.
    """
    frame = _with_whole_letters(frame)
    if entity == "attendance" and "status" in frame.columns:
        frame = _with_excused(frame)
    if entity == "booking":
        frame = _with_attributes(_with_marks(frame, mapping.marks))
    if mapping.zones and "time_zone" in frame.columns:
        frame = frame.with_columns(_zones(frame["time_zone"], mapping.zones))
    if zone and "time_zone" in ENTITIES[entity].names:
        own = pl.col("time_zone") if "time_zone" in frame.columns else pl.lit(None, pl.String)
        frame = frame.with_columns(time_zone=pl.coalesce(own, pl.lit(zone)))
    if "contact_id" in frame.columns:
        frame = frame.with_columns(contact_ids(frame["contact_id"], mapping.namespace, mapping.format is not None))
    if entity in _SAYING:
        frame = _saying(frame, _SAYING[entity])
    opaque = [name for name in frame.columns if name != "record" and ENTITIES[entity].kind(name) == "opaque"]
    frame = frame.with_columns(pl.col(opaque).str.replace_all(BLANKS, " ").str.strip_chars(" "))
    bound = [name for name in opaque if file is not None and plan.binds(entity, name)]
    frame = frame.with_columns(pl.concat_str(pl.lit(f"{file}/"), pl.col(name)).alias(name) for name in bound)
    for column in frame.columns:
        if thing := NAMES.get((entity, column)):
            of_file = file if plan.binds(entity, column) else None
            frame = frame.with_columns(guids(frame[column], thing, mapping.namespace, of_file).alias(column))
    return frame


def _saying(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The rows with a value in any of these columns: a booking whose fee is left empty has no fee."""
    given = [pl.col(name).str.strip_chars() != "" for name in names if name in frame.columns]
    return frame.filter(pl.any_horizontal(given).fill_null(False)) if given else frame


def _with_whole_letters(frame: pl.DataFrame) -> pl.DataFrame:
    """Write an accent and its letter as one: `Café` of a Mac and of Windows are the same class."""
    texts = frame.select(pl.exclude("record")).select(pl.col(pl.String))
    accented = [column.name for column in texts if column.str.contains(_ACCENT).any()]
    return frame.with_columns(pl.col(accented).str.normalize("NFC"))


def _with_excused(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn the status EXCUSED into NOT_SET, which it is over the API, with the mark `excused` beside it."""
    if "excused" not in ENTITIES["attendance"].names:
        return frame
    is_excused = pl.col("status").str.strip_chars().str.to_lowercase() == _EXCUSED
    given = pl.col("excused") if "excused" in frame.columns else pl.lit(None, pl.String)
    return frame.with_columns(
        status=pl.when(is_excused).then(pl.lit("NOT_SET")).otherwise("status"),
        excused=pl.when(is_excused).then(pl.lit("true")).otherwise(given),
    )


def _with_marks(frame: pl.DataFrame, marks: str | None) -> pl.DataFrame:
    """Fill in the marks that the whole source records, if the row itself does not say it."""
    if marks is None:
        return frame
    own = pl.col("marks") if "marks" in frame.columns else pl.lit(None, pl.String)
    return frame.with_columns(marks=pl.coalesce(own, pl.lit(marks)))


def _with_attributes(frame: pl.DataFrame) -> pl.DataFrame:
    """Put the attributes of each row together into one JSON object."""
    columns = [name for name in frame.columns if name.startswith(ATTRIBUTE)]
    if not columns:
        return frame
    names = [name.removeprefix(ATTRIBUTE) for name in columns]
    texts: dict[tuple[object, ...], str | None] = {}
    made = []
    for values in frame.select(columns).iter_rows():
        # True == 1 as a key of a dictionary, but not in JSON.
        key = tuple((type(value), value) for value in values)
        if key not in texts:
            texts[key] = attributes_text(dict(zip(names, map(_attribute, values), strict=True)))
        made.append(texts[key])
    return frame.drop(columns).with_columns(attributes=pl.Series(made, dtype=pl.String))


def _attribute(value: Value | None) -> Value | None:
    """A whole number without .0, a text without blanks around it; nothing for a blank text or a number that is none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float):
        return None if not math.isfinite(value) else int(value) if value.is_integer() else value
    return value


def _zones(texts: pl.Series, zones: dict[str, str]) -> pl.Series:
    """Replace the source's names of time zones by IANA's; white space and case do not count."""
    by_fold = {_folded(name): zone for name, zone in zones.items()}
    known = {text: by_fold[_folded(text)] for text in texts.unique().drop_nulls() if _folded(text) in by_fold}
    return texts.replace(known) if known else texts


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
