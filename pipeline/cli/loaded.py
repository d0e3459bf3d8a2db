"""Put the outcome of a load in words: its things, oddities, and rows taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipeline.load.outcomes import FileOutcome
from pipeline.load.taking_back.unloading import Unloaded
from pipeline.store.findings import Finding

# Entity -> its name in a sentence, for one and for several.
_THINGS = {
    "booking": ("booking", "bookings"),
    "attendance": ("mark", "marks"),
    "session": ("session", "sessions"),
    "service": ("service", "services"),
    "payment": ("payment", "payments"),
    "fee": ("fee", "fees"),
    "deleted_attendance": ("deletion", "deletions"),
    "anonymize_request": ("request to be forgotten", "requests to be forgotten"),
}
# Kind of finding -> the sentence about it; a finding of another kind is left to the table `load_finding`.
_SENTENCES = {
    "replaced": "{records} took the place of others of {value} ({place}): without a date of change the order of the "
    "files decided",
    "described_differently": "{place}: {records} {say} {value!r}, but most say otherwise, and that counts",
    "time_uncertain": "{place}: left empty in {records}: a clock change skips or repeats the hour, such as {value}",
    "unmet_value": "{place}: {records} {say} {value!r}, which the mapping does not know",
}

IN_UTC = (
    'times that name no zone are taken as UTC: set `site_zone` in noshow.toml, for example site_zone = "Europe/Dublin"'
)


def things(numbers: Mapping[str, int]) -> str:
    """Numbers by entity in words: "14 bookings, 2 sessions, 1 service"."""
    named = ((_THINGS[name], numbers[name]) for name in _THINGS if numbers.get(name))
    return ", ".join(f"{number:,} {words[number != 1]}" for words, number in named)


def notes(outcome: FileOutcome) -> Iterator[str]:
    """The sentences about a file that belong below the table: rows gone at the source, and oddities."""
    yield from _about_format(outcome)
    if outcome.is_in_utc and not outcome.already_loaded and not outcome.refused:
        yield f"{outcome.file}: {IN_UTC}, and load it again"
    if outcome.same_as:
        number, file, newer = outcome.same_as
        yield (
            f"{outcome.file}: not read, since it is the same as {file} of load {number}; but {newer} has replaced "
            f"records of that. If this file is the newest, run `noshow unload {number}` and load it again"
        )
    if outcome.gone:
        yield f"{outcome.file}: gone at the source, and removed: {things(outcome.gone)}"
    for finding in outcome.findings:
        if sentence := _in_words(finding):
            yield f"{outcome.file}: {sentence}"


def _about_format(outcome: FileOutcome) -> Iterator[str]:
    """The sentences about a file of a known format: doubts, the zone of its times, equal bookings."""
    known = outcome.format
    if known is None or outcome.refused:
        return
    if known.doubt:
        yield f"{outcome.file}: {known.title}: {known.doubt}"
    if outcome.duplicate:
        yield (
            f"{outcome.file}: {outcome.duplicate:,} rows repeat the booking of another row, by all that identifies one"
        )


def _in_words(finding: Finding) -> str:
    records = f"{finding.records:,} record{'s' if finding.records != 1 else ''}"
    if finding.finding not in _SENTENCES:
        return ""
    if finding.value is None:
        return f"{finding.place}: {records} with further values ({finding.finding})"
    return _SENTENCES[finding.finding].format(
        records=records, say="says" if finding.records == 1 else "say", place=finding.place, value=finding.value
    )


def in_words_unloaded(one: Unloaded) -> str:
    """The outcome of taking back a load: "load 1 (visits.csv): 4 bookings removed, 1 mark as before"."""
    done = [
        f"{things(one.removed)} removed" if one.removed else "nothing of it was left to remove",
        f"{things(one.restored)} as before" if one.restored else "",
        f"{one.discarded:,} out of quarantine" if one.discarded else "",
        f"{one.set_aside:,} in quarantine again" if one.set_aside else "",
    ]
    return f"load {one.load_id} ({one.file}): {', '.join(filter(None, done))}"


def in_words_depending(unloaded: Iterable[Unloaded]) -> str:
    """Which later files may have to be loaded again once loads are taken back; empty if none has."""
    taken = list(unloaded)
    gone = {one.load_id for one in taken}
    later = {number: file for one in taken for number, file in one.depending if number not in gone}
    if not later:
        return ""
    named = ", ".join(f"load {number} ({file})" for number, file in sorted(later.items()))
    return f"records that later loads had in common with these are gone, too: load again the files of {named}"
