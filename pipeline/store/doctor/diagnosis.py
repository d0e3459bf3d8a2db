"""Diagnose a database: each of its files alone, and whether work file, snapshot and journal agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.store.doctor.examination import RECOVER, VIEWS_DIFFER, Examined, Finding, examine
from pipeline.store.doctor.secret import of_secret
from pipeline.store.files import StoreFiles
from pipeline.store.journal import Journal, read_journal
from pipeline.store.saved_pulls import fault_of_saved, saved_files


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The state of every file, the journal, and all findings in order."""

    work: Examined | None
    published: Examined | None
    previous: tuple[Examined, ...]
    journal: Journal
    findings: tuple[Finding, ...]

    @property
    def snapshots(self) -> tuple[Examined, ...]:
        """The published snapshot and the previous ones, if they exist, the newest first."""
        return (*([self.published] if self.published else []), *self.previous)


def diagnose(path: Path) -> Diagnosis:
    """Examine all files of a database without changing them. The caller holds the writer's lock."""
    files = StoreFiles(path)
    work, published = _if_there(files.work), _if_there(path)
    previous = tuple(examine(file) for file in files.previous() if file.exists())
    examined = [file for file in (work, published, *previous) if file]
    # Without a readable file the id in the journal's last line has to do.
    last = read_journal(files.journal, "").database
    journal = read_journal(files.journal, next((file.database_id for file in examined if file.database_id), last))
    # An earlier snapshot is kept for its rows: whoever goes back to it installs the views again.
    alone = [
        finding
        for file in examined
        for finding in file.findings
        if file not in previous or finding.code != VIEWS_DIFFER
    ]
    check = next((file.secret_check for file in examined if file.secret_check), "")
    secret = of_secret(files, check)
    together = [
        *secret,
        *_of_files(files, work, published),
        *_of_journal(files.journal, work, journal),
        *_of_pulls(files),
        *_orphans(files),
    ]
    return Diagnosis(work, published, previous, journal, (*alone, *together))


def _if_there(file: Path) -> Examined | None:
    return examine(file) if file.exists() else None


def _of_files(files: StoreFiles, work: Examined | None, published: Examined | None) -> list[Finding]:
    if not published:
        return [Finding("published.missing", files.snapshot, "there is no published snapshot", RECOVER)]
    if not work:
        return [Finding("work.missing", files.work, "missing: the next load makes it from the snapshot", "", False)]
    if not (work.is_sound and published.is_sound):
        return []
    if work.generation < published.generation:
        return [Finding("work.behind", work.file, "lacks changes that readers have seen", RECOVER)]
    if work.generation > published.generation:
        return [Finding("published.behind", files.snapshot, "the last changes are not published yet", RECOVER)]
    return []


def _of_journal(file: Path, work: Examined | None, journal: Journal) -> list[Finding]:
    findings = [
        Finding("journal.damaged", file, f"line {number} cannot be read", RECOVER) for number in journal.damaged
    ]
    if not work or not work.is_sound:
        return findings
    for entry in journal.missing(work.hashes):
        reported = entry.sha256 in journal.reported_lost
        again = "make the mark again" if entry.kind == "mark" else f"noshow ingest {entry.file}"
        words = f"load {entry.load_id} ({entry.file}) is missing" + (", as was reported before" if reported else "")
        findings.append(Finding("load.missing", work.file, words, again if reported else RECOVER, not reported))
    if work.generation < journal.generation and not findings:
        findings.append(Finding("changes.missing", work.file, "lacks the last changes in the journal", RECOVER))
    if not file.exists():
        findings.append(Finding("journal.missing", file, "there is no journal of the loads", RECOVER))
    elif not findings and (work.generation > journal.generation or journal.lacks(work.hashes)):
        findings.append(Finding("journal.behind", file, "lacks changes that the work file has", RECOVER))
    return findings


def _of_pulls(files: StoreFiles) -> list[Finding]:
    """The saved files of pulls that are damaged; those packed in another way are noted."""
    findings = []
    for file in saved_files(files.snapshot):
        match fault_of_saved(file):
            case "damaged":
                words = f"this page or note of the pull {file.parent.name} cannot be read"
                findings.append(Finding("pull.damaged", file, words, f"{RECOVER}, then noshow pull"))
            case "packed":
                words = "its content is whole, but it is packed otherwise than noshow packs it"
                findings.append(Finding("pull.packed", file, words, is_problem=False))
    return findings


def _orphans(files: StoreFiles) -> list[Finding]:
    words = "left over by a crash: the next load removes it"
    findings = [Finding("file.orphan", file, words, is_problem=False) for file in files.unfinished()]
    if files.erasing_mark.exists():
        words = "an erasure is not finished: older files still name the person"
        findings.append(Finding("erasure.unfinished", files.erasing_mark, words, "noshow erase again, or any ingest"))
    return findings
