"""The forms of a report: a page, data, a message, a workbook or a print, all of the same content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.data import report_json
from reports.report import Report
from reports.scope.options import Options

Earlier = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the suffix of its files, how it is made, and whether it has only the news if an earlier report is there.

    A library that takes long to import, such as Altair, is imported when a report is made.
    """

    suffix: str
    make: Callable[[Report, Options, Earlier], str | bytes]
    is_news: bool = False


def _page(report: Report, options: Options, earlier: Earlier) -> str:
    from reports.page.charts import charts_of
    from reports.page.render import page

    return page(report, charts_of(report), options.brand_colour)


def _data(report: Report, options: Options, earlier: Earlier) -> str:
    return report_json(report)


def _markdown(report: Report, options: Options, earlier: Earlier) -> str:
    from reports.messages.markdown import markdown
    from reports.messages.message import message_of

    return markdown(message_of(report, earlier))


def _mail(report: Report, options: Options, earlier: Earlier) -> bytes:
    from reports.messages.mail import mail
    from reports.messages.message import message_of

    return mail(message_of(report, earlier), options.mail_from, options.mail_to)


def _slack(report: Report, options: Options, earlier: Earlier) -> str:
    from reports.messages.message import message_of
    from reports.messages.slack import slack

    return slack(message_of(report, earlier))


def _workbook(report: Report, options: Options, earlier: Earlier) -> bytes:
    from reports.workbook.write import workbook

    return workbook(report)


def _print(report: Report, options: Options, earlier: Earlier) -> bytes:
    from reports.printing import pdf

    return pdf(_page(report, options, earlier), dt.datetime.fromisoformat(report.scope["as_of"]))


FORMS: Mapping[str, Form] = {
    "html": Form("html", _page),
    "json": Form("json", _data),
    "md": Form("md", _markdown, is_news=True),
    "eml": Form("eml", _mail, is_news=True),
    "slack": Form("slack.json", _slack, is_news=True),
    "xlsx": Form("xlsx", _workbook),
    "pdf": Form("pdf", _print),
}
