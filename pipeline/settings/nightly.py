"""The table `[nightly]` of the settings: the work of a night, from loading to removing old reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from queries.model.vocabularies import (
    DATE_ORDERS,
    PERIODS_COMPARED,
    RECORD_KINDS,
    REPORT_FORMATS,
    SOURCE_FORMATS,
    TABLE_FORMATS,
    UPCOMING_BY,
)

_PARTS = ("location", "service", "staff")
# Names of files that the night makes besides its reports.
OWN_NAMES = ("check", "night", "upcoming")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# A part of a file's name: `report` of report-2026-03-01.html.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z]+)*$", max_length=60)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def known(word: str) -> str:
        if word not in words:
            raise ValueError(f"{word!r} is none of {', '.join(words)}")
        return word

    return known


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NightlyIngest(_Table):
    """A file or folder to load, with the options of `noshow ingest`."""

    path: Text
    mapping: Text | None = None
    kind: Annotated[str, AfterValidator(_one_of(RECORD_KINDS))] | None = None
    format: Annotated[str, AfterValidator(_one_of(SOURCE_FORMATS))] | None = None
    encoding: Text = "utf-8"
    dates: Annotated[str, AfterValidator(_one_of(DATE_ORDERS))] | None = None
    complete: bool = False


class NightlyReport(_Table):
    """A report in one form or several, with the options of `noshow report`; its `name` begins those of its files."""

    name: Name = "report"
    formats: Annotated[
        tuple[Annotated[str, AfterValidator(_one_of(REPORT_FORMATS))], ...], Field(min_length=1)
    ] = ("html",)  # fmt: skip
    by: Annotated[str, AfterValidator(_one_of(_PARTS))] | None = None
    where: dict[str, Any] | None = None
    compare: Annotated[str, AfterValidator(_one_of(PERIODS_COMPARED))] = "previous"
    title: Text | None = None
    names: bool = False
    share: bool = False

    @field_validator("name")
    @classmethod
    def _not_taken(cls, name: str) -> str:
        if name in OWN_NAMES:
            raise ValueError(f"the night has files called {name!r} already")
        return name

    @field_validator("share")
    @classmethod
    def _names_nobody(cls, share: bool, info: ValidationInfo) -> bool:
        if share and (info.data.get("names") or info.data.get("by") == "staff"):
            raise ValueError("a shared report names nobody: leave out `names`, and `by` for staff")
        return share


class NightlyCheck(_Table):
    """The limits of `noshow check`, by the names of its options."""

    min_coverage: Share | None = None
    max_rate: Share | None = None
    max_registers: Count | None = None
    max_quarantined: Count | None = None
    max_unmet: Count | None = None
    max_set_aside: Share | None = None
    max_age: Annotated[float, Field(ge=0)] | None = None
    no_new_signal: bool = False
    no_flags: bool = False


class NightlyUpcoming(_Table):
    """The days ahead as a file, with the options of `noshow upcoming`."""

    days: Annotated[float, Field(gt=0, le=3_660)] = 7
    by: Annotated[str, AfterValidator(_one_of(UPCOMING_BY))] = "session"
    format: Annotated[str, AfterValidator(_one_of(tuple(set(TABLE_FORMATS) - {"table"})))] = "csv"
    names: bool = False


class Nightly(_Table):
    """The work of `noshow nightly`: the files it loads, checks and writes, and for how many days its files are kept."""

    folder: Text = "data/nightly"
    pull: bool = False
    ingest: tuple[NightlyIngest, ...] = ()
    check: NightlyCheck = NightlyCheck()
    reports: tuple[NightlyReport, ...] = ()
    upcoming: NightlyUpcoming | None = None
    lake: Text | None = None
    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 30

    @field_validator("ingest", mode="before")
    @classmethod
    def _paths(cls, given: Any) -> Any:
        """A path alone stands for a table with nothing else."""
        return [{"path": each} if isinstance(each, str) else each for each in given] if _is_list(given) else given

    @field_validator("ingest")
    @classmethod
    def _each_path_once(cls, given: tuple[NightlyIngest, ...]) -> tuple[NightlyIngest, ...]:
        _require_different("path", [each.path for each in given])
        return given

    @field_validator("reports")
    @classmethod
    def _each_name_once(cls, given: tuple[NightlyReport, ...]) -> tuple[NightlyReport, ...]:
        _require_different("name", [each.name for each in given])
        return given


def _is_list(given: Any) -> bool:
    return isinstance(given, list | tuple)


def _require_different(kind: str, names: Sequence[str]) -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ValueError(f"two have the {kind} {name!r}")
