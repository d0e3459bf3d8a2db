"""The words of a message: the first page of the report as a few blocks, whichever form they are sent in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports.drawing import words
from reports.messages.alarms import News, news_of
from reports.report import Report
from reports.sections.headline.figures import Headline

# A sentence with the longest names that records may have is cut, or a message would not arrive.
_LONGEST = 600
_MOST_ALARMS = 12
# Sections whose line is about the page itself: how many sessions it lists, how many terms it explains.
_ABOUT_THE_PAGE = {"sessions", "method"}

Kind = Literal["text", "numbered", "list"]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the words before it that stand out; either may be empty."""

    text: str
    strong: str = ""

    @property
    def plain(self) -> str:
        """Both in one."""
        return " ".join(filter(None, (self.strong, self.text)))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines below a heading, which may be empty: paragraphs, numbered lines or a list."""

    kind: Kind
    lines: tuple[Line, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its title, its subject with the news, its blocks, and the moment (aware) of its report.

    Without `blocks` there is nothing new, and the `subject` says so in one line.
    """

    title: str
    subject: str
    as_of: dt.datetime
    blocks: tuple[Block, ...]


def message_of(report: Report, earlier: Mapping[str, Any] | None = None) -> Message:
    """The first page of a report as a message: the number, what to do, and a line for each section behind.

    With an earlier report (its JSON, decoded) it has the alarms that are new since, and names the others as still
    standing; if none is new, it is one line.

    Raises `UsageError` if the earlier report is not one of noshow, or has another scope.
    """
    news = None if earlier is None else news_of(report, earlier)
    number = report.contents["number"]
    title = _short(f"{report.title} – {report.brand}" if report.brand else report.title)
    rate = f"{number.title} {number.figure}{_counts(report.headline)}"
    as_of = dt.datetime.fromisoformat(report.scope["as_of"])
    if news is None:
        return Message(title, f"{title}: {rate}", as_of, tuple(_first_page(report, None)))
    if not news.new:
        return Message(title, f"{title}: nothing new since {_day(news.as_of)}. {rate}", as_of, ())
    return Message(title, f"{title}: {len(news.new)} new. {rate}", as_of, tuple(_first_page(report, news)))


def _counts(each: Headline) -> str:
    """The numerator and the denominator of a rate; a possible range has none."""
    has_counts = each.is_rated and not each.bounds_lead
    return f" ({words.of(each.missed_bookings, each.rated_bookings)})" if has_counts else ""


def _first_page(report: Report, news: News | None) -> Iterator[Block]:
    """The blocks in the order of the page; `contents` are None if a report leaves them out, as shared ones do."""
    contents = report.contents
    number, benchmarks, doors = contents["number"], contents.get("benchmarks"), contents.get("doors") or ()
    yield _block("text", [report.subtitle, *([report.filter] if report.filter else []), *(contents["cautions"] or ())])
    yield Block("text", (Line(_short(number.said), number.figure),), number.title)
    yield from _actions(report) if news is None else _news(news)
    if not contents.get("actions") and news is None:
        yield _block("list", contents["in_short"][1:])
    if benchmarks and benchmarks.verdict:
        yield _block("text", [benchmarks.verdict], "Is that good?")
    found = (door for door in doors if door.finding and door.anchor not in _ABOUT_THE_PAGE)
    yield Block("list", tuple(Line(_short(door.finding), f"{door.title}:") for door in found), "In short")
    if report.source:
        yield _block("text", [report.source])


def _actions(report: Report) -> Iterator[Block]:
    actions = report.contents.get("actions")
    if actions is None:
        return
    heading = "What to do this week"
    if actions.nothing:
        yield _block("text", [actions.nothing], heading)
        return
    yield Block(
        "numbered", tuple(Line(_short(f"{each.sentence} {each.size}".strip())) for each in actions.actions), heading
    )
    if actions.overlap:
        yield _block("text", [actions.overlap])


def _news(news: News) -> Iterator[Block]:
    for heading, alarms in ((f"New since {_day(news.as_of)}", news.new), ("Still", news.still)):
        if alarms:
            more = len(alarms) - _MOST_ALARMS
            said = [alarm.sentence for alarm in alarms[:_MOST_ALARMS]]
            yield _block("list", [*said, *([f"And {words.count(more)} more."] if more > 0 else [])], heading)


def _block(kind: Kind, sentences: Sequence[str], heading: str = "") -> Block:
    return Block(kind, tuple(Line(_short(sentence)) for sentence in sentences), heading)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _day(as_of: str) -> str:
    return words.day(dt.datetime.fromisoformat(as_of).date())
