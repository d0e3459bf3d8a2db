"""The choices of options, made from the vocabularies of the model.

Typer reads the choices of an option from an enum. These enums are made at run time, which a type checker cannot follow,
so for the type checker each of them is `str`; a member of a `StrEnum` is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from queries.model.vocabularies import (
    CALL_ORDERS,
    DATE_ORDERS,
    EXPORT_FORMATS,
    INGEST_FORMATS,
    LAKE_ENGINES,
    PERIODS_COMPARED,
    PRINTED_FORMATS,
    QUERIED,
    RECORD_KINDS,
    REPORT_FORMATS,
    SHELL_FORMATS,
    SOURCE_FORMATS,
    TABLE_FORMATS,
    UPCOMING_BY,
)


def _choices(name: str, words: Iterable[str]) -> Any:
    members: Any = {word: word for word in words}
    return StrEnum(name, members)


if TYPE_CHECKING:
    CallOrder = str
    Compare = str
    DateOrder = str
    Engine = str
    ExportFormat = str
    IngestFormat = str
    Kind = str
    Queried = str
    ReportFormat = str
    PrintedFormat = str
    ShellFormat = str
    SourceFormat = str
    TableFormat = str
    UpcomingBy = str
else:
    CallOrder = _choices("CallOrder", CALL_ORDERS)
    Compare = _choices("Compare", PERIODS_COMPARED)
    DateOrder = _choices("DateOrder", DATE_ORDERS)
    Engine = _choices("Engine", LAKE_ENGINES)
    ExportFormat = _choices("ExportFormat", EXPORT_FORMATS)
    IngestFormat = _choices("IngestFormat", INGEST_FORMATS)
    Kind = _choices("Kind", RECORD_KINDS)
    Queried = _choices("Queried", QUERIED)
    ReportFormat = _choices("ReportFormat", REPORT_FORMATS)
    PrintedFormat = _choices("PrintedFormat", PRINTED_FORMATS)
    ShellFormat = _choices("ShellFormat", SHELL_FORMATS)
    SourceFormat = _choices("SourceFormat", SOURCE_FORMATS)
    TableFormat = _choices("TableFormat", TABLE_FORMATS)
    UpcomingBy = _choices("UpcomingBy", UPCOMING_BY)
