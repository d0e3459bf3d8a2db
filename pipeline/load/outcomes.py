"""The outcome of a file: its counts, or the reason why it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.load.quarantining import Broken
from pipeline.load.taking_back.unloading import Unloaded
from pipeline.store.findings import Finding
from pipeline.store.ledger import Load


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why nothing of a file was loaded: a stable code, a message that names the place, and a hint."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RecognisedFormat:
    """The format of a file: its name and title, and the doubt about it."""

    name: str
    title: str
    doubt: str


# Fields of an outcome that `noshow ingest --json` leaves out.
_NOT_IN_JSON = (
    *("warnings", "already_loaded", "commonest", "earlier", "unloaded", "not_removed", "load_id", "is_in_utc"),
    "same_as",
)


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The outcome of a file: its counts, or why it was refused.

    read = loaded + unchanged + duplicate + left_out + stale + quarantined; of the `left_out` no row came.

    Of the loaded, `replaced` took the place of undated ones from another file. `distinct` counts the different
    bookings, marks, sessions and services of the file, `gone` the rows removed because a complete export does not have
    them. `commonest` are the rules that most of the records set aside break. `earlier` are loads of the same bytes
    under another mapping, `unloaded` those of them that this load took back, and `not_removed` says why
    bookings gone at the source were not removed. `format` is the known format that the file is in. `is_in_utc` says
    that times without a zone were taken as UTC, since the mapping asks for the site's zone and no setting names it.
    `same_as` is the load of the same bytes, its file, and a file before this one that has replaced records of it.
    """

    file: str
    kind: str | None
    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    duplicate: int = 0
    left_out: int = 0
    stale: int = 0
    quarantined: int = 0
    refused: Refusal | None = None
    warnings: tuple[str, ...] = ()
    already_loaded: bool = False
    replaced: int = 0
    distinct: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    commonest: tuple[Broken, ...] = ()
    earlier: tuple[Load, ...] = ()
    unloaded: tuple[Unloaded, ...] = ()
    not_removed: str = ""
    load_id: int | None = None
    format: RecognisedFormat | None = None
    is_in_utc: bool = False
    same_as: tuple[int, str, str] | None = None

    def sets_aside_more_than(self, share: float) -> bool:
        """Whether more than a share of the records that were read is set aside."""
        return self.quarantined > share * self.read

    def to_json(self) -> dict[str, Any]:
        """The object that `noshow ingest --json` prints for the file."""
        answer = asdict(self)
        for name in _NOT_IN_JSON:
            answer.pop(name)
        answer["format"] = self.format.name if self.format else None
        if answer["refused"]:
            answer["refused"].pop("hint")
        return answer


def outcome_of(file: str, load: Load) -> FileOutcome:
    """The outcome of a finished load."""
    n = load.counts
    return FileOutcome(
        file,
        load.kind,
        n["read"],
        n["loaded"],
        n["unchanged"],
        n["duplicate"],
        n["left_out"],
        n["stale"],
        n["quarantined"],
        warnings=load.warnings,
        replaced=load.replaced,
        distinct=load.distinct_keys,
        findings=load.findings,
        load_id=load.load_id,
    )
