"""A message as an e-mail in one file: text first, the same as HTML, nothing attached. noshow does not send it."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.messages.markdown import plain_text
from reports.messages.message import Message

# Servers and clients differ in the 8-bit text they let through, so there is none.
_POLICY = SMTP.clone(cte_type="7bit")
_MOST_BYTES = 100_000


def mail(message: Message, sender: str, receivers: tuple[str, ...]) -> bytes:
    """The message as a file `.eml` (RFC 5322, lines end in \\r\\n), at most 100 KB: without HTML if that is too much.

    Its date is the moment of the report, and its id a digest of that and of the text: the same report of the same
    snapshot is the same message, byte for byte. Without `receivers` it has no line To.
    """
    content = f"{message.as_of.isoformat()}\n{message.subject}\n{plain_text(message)}"
    identity = hashlib.sha256(content.encode()).hexdigest()
    whole = _written(message, identity, sender, receivers, has_html=True)
    return whole if len(whole) <= _MOST_BYTES else _written(message, identity, sender, receivers, has_html=False)


def _written(message: Message, identity: str, sender: str, receivers: tuple[str, ...], *, has_html: bool) -> bytes:
    written = EmailMessage(_POLICY)
    written["Subject"] = " ".join(message.subject.split())
    written["From"] = sender
    if receivers:
        written["To"] = ", ".join(receivers)
    written["Date"] = format_datetime(message.as_of)
    written["Message-ID"] = f"<{identity[:32]}@noshow>"
    # A program wrote it: no out-of-office replies.
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(plain_text(message))
    if has_html:
        written.add_alternative(_html(message), subtype="html")
        written.set_boundary(f"noshow-{identity[:24]}")
    return written.as_bytes()


def _html(message: Message) -> str:
    environment = Environment(
        loader=PackageLoader("reports", "messages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("mail.html.j2").render(message=message)
