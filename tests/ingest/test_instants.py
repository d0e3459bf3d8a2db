"""Instants: few texts are read by Polars and many by Arrow, with one answer."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pipeline.typing import instants

NOW = dt.datetime(2026, 6, 1)  # noqa: DTZ001  (naive UTC)
TEXTS = [
    "2026-03-01T10:00:00Z",
    "2026-03-01T10:00:00.1Z",
    "2024-02-29T23:59:59.123456Z",
    "2026-02-29T10:00:00Z",
    "2026-02-30T10:00:00.5Z",
    "2026-00-10T10:00:00Z",
    "2026-13-10T10:00:00Z",
    "2026-03-00T10:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T23:60:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
]


@pytest.mark.parametrize("text", TEXTS)
def test_few_texts_are_read_as_many_are(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    texts = pl.Series("at", ["2026-03-01T10:00:00.000Z", None, text])
    zones = pl.Series("zone", [None, None, None], pl.String)
    few = instants.read_instants(texts, zones, NOW)
    monkeypatch.setattr(instants, "_MANY", 1)
    many = instants.read_instants(texts, zones, NOW)
    assert all(a.equals(b, check_dtypes=True) for a, b in zip(few, many, strict=True))
    assert few[0].null_count() < 3
