"""Fuzz the readers of outside text, led by the code that an input reaches: `python tests/stress/fuzz.py TARGET`.

Needs the extra `fuzz`. Options of libFuzzer follow the target, such as `-max_total_time=600`. Begins with valid inputs,
ends at the first one that is neither read nor refused as a `NoshowError`, and keeps it as a file `crash-…`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

# Imported here, since only imports within the block are watched.
with atheris.instrument_imports(include=["pipeline", "queries"]):
    import msgspec

    import pipeline
    import queries
    from pipeline.decode.columnar import decode
    from pipeline.decode.records import decode_each
    from pipeline.mapping.reading import read_mapping, shipped_formats, shipped_path
    from queries.listings.attendance import query_attendance
    from queries.model.rules import RULES

from support.records import Make

Run = Callable[[bytes], None]
SETTINGS = pipeline.Settings.model_validate({})


def decoded(folder: Path, stack: ExitStack) -> Run:
    """One record: it becomes rows, or a fault with a rule that exists."""

    def run(data: bytes) -> None:
        for found in (decode_each([data], [7], None), decode([data], range(7, 8), None)):
            assert {fault.rule for fault in found.faults} <= RULES.keys()
            assert bool(found.faults) is not any(frame.height for frame in found.frames().values())

    return run


def asked(folder: Path, stack: ExitStack) -> Run:
    """A request of the query language, as JSON."""
    with pipeline.open_store(folder / "attendance.duckdb", settings=SETTINGS):
        pass
    con = stack.enter_context(closing(queries.connect(folder / "attendance.duckdb")))

    def run(data: bytes) -> None:
        try:
            request = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        query_attendance(con, request)

    return run


def mapped(folder: Path, stack: ExitStack) -> Run:
    """A mapping: it is read, or refused with its section and field."""
    file = folder / "mapping.toml"

    def run(data: bytes) -> None:
        file.write_bytes(data)
        read_mapping(file)

    return run


def loaded(folder: Path, stack: ExitStack) -> Run:
    """A CSV file under a mapping: its records are loaded or set aside, and the counts add up."""
    file, mapping = folder / "visits.csv", read_mapping(shipped_path("studio"))
    store = stack.enter_context(pipeline.open_store(folder / "attendance.duckdb", settings=SETTINGS))

    def run(data: bytes) -> None:
        file.write_bytes(data)
        for found in pipeline.ingest(store, [file], mapping=mapping):
            kept = (found.loaded, found.unchanged, found.duplicate, found.left_out, found.stale, found.quarantined)
            assert found.refused or found.read == sum(kept)

    return run


QUERIES = (
    {"query": {"filter": {"$and": [{"status": {"$in": ["ATTENDED"]}}, {"numberOfAttendees": {"$gte": 2}}]}}},
    {"query": {"sort": [{"fieldName": "id", "order": "DESC"}], "cursorPaging": {"limit": 5}, "filter": {}}},
    {"query": {"filter": {"bookingId": {"$hasSome": []}, "$not": {"eventId": "x"}}, "fields": ["id"]}},
    {"query": {"cursorPaging": {"cursor": "eyJhIjoxfQ"}}},
)
RECORDS = (Make.booking(1), Make.attendance(1))
# How each begins, and the inputs that it begins with.
TARGETS: dict[str, tuple[Callable[[Path, ExitStack], Run], list[bytes]]] = {
    "decode": (decoded, [json.dumps(record).encode() for record in RECORDS]),
    "query": (asked, [json.dumps(query).encode() for query in QUERIES]),
    "mapping": (mapped, [file.read_bytes() for file in shipped_formats()]),
    "csv": (loaded, [shipped_path("studio").with_name("studio_visits.csv").read_bytes()[:1000]]),
}


def main() -> None:
    if sys.argv[1:2] == [] or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [options of libFuzzer]")
    begin, valid = TARGETS[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, data in enumerate(valid):
            (corpus / str(number)).write_bytes(data)
        run = begin(Path(folder), stack)

        def one(data: bytes) -> None:
            with suppress(queries.NoshowError):
                run(data)

        atheris.Setup([sys.argv[0], "-max_len=4096", *sys.argv[2:], str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
