"""The report as data: JSON for programs, and to compare a later report with."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from queries.arguments import checked
from reports.report import Report

FORMAT = "noshow-report"
VERSION = 1


def report_json(report: Report) -> str:
    """The whole content as JSON: dates in ISO 8601, money as text, rates from 0 to 1."""
    content = {"format": FORMAT, "version": VERSION} | report_data(report)
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


@checked
def report_data(report: Report) -> dict[str, Any]:
    """The whole content as dicts, lists, texts and numbers: the fields of `Report`, `contents` spread among them."""
    data: dict[str, Any] = {}
    for field in dataclasses.fields(report):
        if field.name != "sections":
            value = getattr(report, field.name)
            data |= value if field.name == "contents" else {field.name: value}
    plain: dict[str, Any] = _plain(data)
    return plain


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
