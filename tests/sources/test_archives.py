"""Zip archives: the files in them are loaded one by one, and harmful ones are refused by their names."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest
from support.samples import few
from support.workbooks import workbook

import pipeline
from pipeline.load.outcomes import FileOutcome
from pipeline.sources import archives, files, source_files
from pipeline.store.opening import Store

MAPPING = '[booking]\nid = "Visit"\nstatus = "\'CONFIRMED\'"\nservice_name = "Class"\n'
MAY, JUNE = b"Visit;Class\n1;Yoga\n", b"Visit;Class\n2;Spin\n"


def packed(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def load(store: Store, path: Path, content: bytes) -> list[FileOutcome]:
    path.write_bytes(content)
    path.with_name("own.toml").write_text(MAPPING)
    return pipeline.ingest(store, [path], mapping=path.with_name("own.toml"))


def services(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in con.execute("select service_name from booking order by booking.id").fetchall()]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_the_files_in_it_are_loaded_in_natural_order(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, method: int
) -> None:
    outcomes = load(store, tmp_path / "a.zip", packed({"x/10.csv": JUNE, "x/9.csv": MAY, "x/": b""}, method))
    assert [Path(one.file).relative_to(tmp_path) for one in outcomes] == [Path("a.zip/x/9.csv"), Path("a.zip/x/10.csv")]
    assert [one.loaded for one in outcomes] == [1, 1]
    assert {*services(con)} == {"Yoga", "Spin"}


def test_a_workbook_in_it_is_read(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load(store, tmp_path / "a.zip", packed({"a.xlsx": workbook({"a": [["Visit", "Class"], ["1", "Yoga"]]})}))
    assert services(con) == ["Yoga"]


def test_a_known_export_in_it_is_recognised(store: Store, tmp_path: Path) -> None:
    sample = Path(__file__).parents[1] / "formats" / "clubready.csv"
    (tmp_path / "a.zip").write_bytes(packed({"clubready.csv": sample.read_bytes()}))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.zip"])
    assert outcome.format is not None
    assert (outcome.format.name, outcome.loaded) == ("clubready", 3)


def test_what_was_loaded_before_is_known_by_its_content(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path / "a.zip", packed({"may.csv": MAY}))
    again = load(store, tmp_path / "b.zip", packed({"may.csv": MAY, "june.csv": JUNE}, zipfile.ZIP_STORED))
    assert [(Path(one.file).name, one.already_loaded) for one in again] == [("june.csv", False), ("may.csv", True)]


def test_other_files_in_it_are_passed_over_and_named(tmp_path: Path) -> None:
    members = {"a.csv": MAY, "b.pdf": b"%PDF", "__MACOSX/._a.csv": b"x", "~$a.xlsx": b"x"}
    (tmp_path / "a.zip").write_bytes(packed(members))
    for given in (tmp_path / "a.zip", tmp_path):
        sources, passed_over = source_files([given])
        assert [source.path.relative_to(tmp_path) for source in sources] == [Path("a.zip/a.csv")]
        assert [path.name for path in passed_over] == ["b.pdf"]


def test_a_row_set_aside_is_retried(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (outcome,) = load(store, tmp_path / "a.zip", packed({"may.csv": MAY + b";Row\n3;Spin\n"}))
    assert (outcome.loaded, outcome.quarantined) == (2, 1)
    toml = tmp_path / "own.toml"
    toml.write_text(MAPPING.replace('"Visit"', "\"coalesce(Visit, '4')\""))
    (outcome,) = pipeline.retry_quarantined(store, every=True, mapping=toml)
    assert outcome.loaded == 1
    assert {*services(con)} == {"Yoga", "Row", "Spin"}


def flagged(content: bytes) -> bytes:
    """The archive with the flag of a password on its member, in both of its headers."""
    changed = bytearray(content)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(sign) + offset
        changed[at] |= 1
    return bytes(changed)


def twice() -> bytes:
    """An archive with two members of one name."""
    return packed({"a.csv": MAY, "b.csv": JUNE}).replace(b"b.csv", b"a.csv")


def with_size(content: bytes, size: int) -> bytes:
    """The archive that says its member is of this size."""
    at = content.rfind(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


HARMFUL: list[tuple[Callable[[], bytes], str]] = [
    (lambda: packed({"../a.csv": MAY}), "file.zip_path"),
    (lambda: packed({"x/../../a.csv": MAY}), "file.zip_path"),
    (lambda: packed({"/etc/a.csv": MAY}), "file.zip_path"),
    (lambda: packed({"C:/a.csv": MAY}), "file.zip_path"),
    (lambda: packed({"..\\a.csv": MAY}), "file.zip_path"),
    (lambda: packed({"a.csv": MAY, "b/../c.csv": JUNE}), "file.zip_path"),
    (lambda: flagged(packed({"a.csv": MAY})), "file.zip_encrypted"),
    (lambda: packed({"a.csv": MAY, "b.zip": packed({"a.csv": JUNE})}), "file.zip_nested"),
    (lambda: packed({"a.csv.gz": MAY}), "file.zip_nested"),
    (lambda: packed({"a.csv": b"Visit;Class\n" + b"1;Yoga\n" * 20_000_000}), "file.expansion_limit"),
    (lambda: with_size(packed({"a.csv": MAY}), 2**31), "file.expansion_limit"),
    (lambda: with_size(packed({"a.csv": b"0;Row\n" + MAY}), 12), "file.zip"),
    (twice, "file.zip"),
    (lambda: packed({}), "file.zip"),
    (lambda: packed({"a.pdf": b"%PDF"}), "file.zip"),
    (lambda: packed({"a.csv": MAY})[:-30], "file.zip"),
    (lambda: packed({"a.csv": MAY}, zipfile.ZIP_STORED).replace(b"Yoga", b"Joga"), "file.zip"),
    (lambda: b"", "file.zip"),
]


@pytest.mark.parametrize(("content", "code"), few(HARMFUL, 8))
def test_what_may_do_harm_is_refused(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, content: Callable[[], bytes], code: str
) -> None:
    outcomes = load(store, tmp_path / "a.zip", content())
    assert [one.refused.code for one in outcomes if one.refused] == [code]
    assert services(con) == []
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".zip")) == ["a.zip"]


def test_too_many_members_are_refused(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    (outcome,) = load(store, tmp_path / "a.zip", packed({f"{at}.csv": MAY for at in range(3)}))
    assert outcome.refused is not None
    assert outcome.refused.code == "file.zip"


def test_the_size_of_all_members_together_is_bounded(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FREE_EXPANSION", 100_000)
    bomb = packed({f"{at}.csv": b"Visit;Class\n" + b"1;Yoga\n" * 50_000 for at in range(3)})
    (outcome,) = load(store, tmp_path / "a.zip", bomb)
    assert outcome.refused is not None
    assert outcome.refused.code == "file.expansion_limit"
