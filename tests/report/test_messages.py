"""A report as a message: Markdown, e-mail and Slack, the same words in each, and only the news since an earlier one."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
from collections.abc import Callable
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import report

from queries.errors import UsageError
from queries.model.vocabularies import REPORT_FORMATS
from reports.data import report_data
from reports.forms import FORMS
from reports.messages.alarms import alarms_of, news_of
from reports.messages.mail import mail
from reports.messages.markdown import markdown, plain_text
from reports.messages.message import Message, message_of
from reports.messages.slack import slack
from reports.report import Report

HOSTILE = "*Yoga* [x](http://evil.example) <!channel> <b>&amp; `=1+1` | ~#1 _y_\r\nBcc: a@b.example"


def parsed(data: bytes) -> email.message.EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


def text_of(data: bytes, kind: str = "plain") -> str:
    body = parsed(data).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def texts_in(value: Any) -> list[str]:
    """Every text of a block of Slack's, in order."""
    if isinstance(value, list):
        return [text for each in value for text in texts_in(each)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if isinstance(value.get("text"), str) else []
    return own + [text for each in value.values() for text in texts_in(each)]


# Each form as the words it shows.
READ: dict[str, Callable[[Message], str]] = {
    "text": plain_text,
    "eml": lambda message: text_of(mail(message, "a@b.example", ())),
    "slack": lambda message: "".join(texts_in(json.loads(slack(message))["blocks"])),
}


def test_every_form_has_the_number_the_actions_and_the_doors() -> None:
    made = report({"title": "Harbour"})
    message = message_of(made)
    lines = [line for block in message.blocks for line in block.lines]
    assert made.number.figure in {line.strong for line in lines}
    assert {made.number.said, made.benchmarks.verdict} <= {line.text for line in lines}
    assert all(any(line.text.startswith(each.sentence) for line in lines) for each in made.actions.actions)
    doors = {f"{door.title}: {door.finding}" for door in made.doors if door.anchor not in ("sessions", "method")}
    assert doors <= {line.plain for line in lines}
    for read in READ.values():
        assert all(line.plain in read(message) for line in lines)
    assert set(FORMS) == set(REPORT_FORMATS)


def test_a_name_neither_formats_nor_addresses_anything() -> None:
    made = report({"title": HOSTILE}, service=build.named("service", (HOSTILE, build.counts(24, 8))))
    message = message_of(made)
    shown = markdown(message)
    assert "\\*Yoga\\* \\[x\\]" in shown
    assert "[x](" not in shown
    assert "<b>" not in shown.replace("\\<b\\>", "")
    written = mail(message, "a@b.example", ("c@d.example",))
    assert {name.lower() for name in parsed(written)} <= {"subject", "from", "to", "date", "message-id"} | {
        "mime-version", "content-type", "auto-submitted",
    }  # fmt: skip
    assert "<b>&" not in text_of(written, "html")
    body = json.loads(slack(message))
    assert "<!channel>" not in body["text"]
    assert {block["type"] for block in body["blocks"]} == {"header", "rich_text"}
    assert len(body["blocks"][0]["text"]["text"]) <= 150


@pytest.mark.parametrize("start", ["- x", "+ x", "1. x", "12) x", "---", "=== "])
def test_a_name_at_the_beginning_of_a_line_makes_no_list(start: str) -> None:
    shown = markdown(Message(start, start, build.AS_OF, ()))
    assert shown.strip().lstrip("0123456789")[0] == "\\"


def test_a_percentage_at_the_beginning_of_a_line_stays_as_it_is() -> None:
    assert markdown(Message("", "12.4 % of all", build.AS_OF, ())) == "12.4 % of all\n"


def test_an_email_is_dated_by_its_report_and_the_same_each_time() -> None:
    made = mail(message_of(report()), "Noshow <noshow@example.com>", ("o@example.com", "p@example.com"))
    assert made == mail(message_of(report()), "Noshow <noshow@example.com>", ("o@example.com", "p@example.com"))
    found = parsed(made)
    assert found["Date"].datetime == build.AS_OF
    assert (found["From"], found["To"]) == ("Noshow <noshow@example.com>", "o@example.com, p@example.com")
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, made.split(b"\r\n"))) <= 998
    made.decode("ascii")
    later = report({"as_of": build.AS_OF + dt.timedelta(days=1)})
    assert parsed(mail(message_of(later), "a@b.example", ()))["Message-ID"] != found["Message-ID"]
    assert parsed(mail(message_of(later), "a@b.example", ()))["To"] is None


def test_an_email_of_the_longest_names_is_at_most_100_kb() -> None:
    name = "\N{SNOWMAN}" * 10_000
    groups = [(f"{number}{name}", build.counts(24, 8)) for number in range(30)]
    made = report({"title": name}, service=build.named("service", *groups), staff=build.named("staff", *groups))
    assert len(mail(message_of(made), "a@b.example", ())) <= 100_000


def with_alarms(missed: int = 40, share: bool = False, **more: Any) -> Report:
    """A report of one service that loses far more than the other, and a week of many no-shows."""
    services = (("Yoga", build.counts(100 - missed, missed)), ("Pilates", build.counts(195, 5)))
    overall = build.rates([({}, build.counts(295 - missed, 5 + missed))], {})
    return report({"share": share} | more, overall=overall, service=build.named("service", *services))


def test_the_same_alarm_is_new_once_and_then_still_there() -> None:
    first = with_alarms()
    keys = {alarm.key for alarm in alarms_of(first)}
    assert "group" in {kind for kind, _ in keys}
    # As it is read from a file.
    quiet = json.loads(json.dumps(report_data(report())))
    known = json.loads(json.dumps(report_data(first)))
    new = news_of(first, quiet)
    assert {alarm.key for alarm in new.new} == keys - {alarm.key for alarm in alarms_of(report())}
    # Two more missed: other counts, the same finding.
    again = news_of(with_alarms(missed=42), known)
    assert again.new == ()
    assert {alarm.key for alarm in again.still} == keys


def test_with_nothing_new_a_message_is_one_line_in_every_form() -> None:
    made = with_alarms()
    message = message_of(made, report_data(made))
    assert message.blocks == ()
    for read in READ.values():
        day = "2\N{NO-BREAK SPACE}March 2026"
        rate = f"No-show rate {made.number.figure} (45 of 300)"
        assert read(message).strip() == f"No-show report: nothing new since {day}. {rate}"


def test_news_come_before_what_still_stands() -> None:
    message = message_of(with_alarms(), report_data(report()))
    assert "new. No-show rate" in message.subject
    headings = [block.heading for block in message.blocks]
    assert "New since 2\N{NO-BREAK SPACE}March 2026" in headings
    assert "What to do this week" not in headings


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ({}, "not a noshow report"),
        ({"scope": {"as_of": "then"}}, "not a noshow report"),
        ({"actions": {"actions": [1]}}, "not a noshow report"),
        ({"standouts": {"found": [{}]}}, "not a noshow report"),
        ({"over_time": {"points": [{}]}}, "not a noshow report"),
        ({"scope": {"filter": "another"}}, "another scope"),
    ],
)
def test_an_earlier_report_that_is_none_is_refused(earlier: dict[str, Any], words: str) -> None:
    made = report()
    whole = report_data(made) if earlier else {}
    whole |= {name: whole.get(name, {}) | part if name == "scope" else part for name, part in earlier.items()}
    with pytest.raises(UsageError, match=words):
        message_of(made, whole)


def test_a_shared_message_names_nobody_and_asks_for_nothing() -> None:
    shared = report({"share": True}, staff=build.named("staff", ("Ana Reyes", build.counts(24, 8))))
    said = plain_text(message_of(shared))
    assert "Ana Reyes" not in said
    assert "What to do" not in said
    assert all(sentence in said for sentence in shared.in_short[1:])
