"""A message as Markdown, or as plain text with the same layout."""

from __future__ import annotations

import re
from collections.abc import Callable

from reports.messages.message import Block, Line, Message

# A name in the data must neither format the text around it nor link to anything.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~#&]")
# A line that begins with one of these would be a list or a rule: `- `, `+ `, `1. `, `---`.
_BEGINNING = re.compile(r"^(\d+)?((?(1)[.)](?=\s|$)|[-+=]))")


def markdown(message: Message) -> str:
    """CommonMark: a heading, paragraphs, lists. Ends with a line feed."""
    if not message.blocks:
        return f"{_escaped(message.subject)}\n"
    return _laid_out(f"# {_escaped(message.title)}", message, "## {}", _marked)


def plain_text(message: Message) -> str:
    """The same without markup, for readers of plain text."""
    if not message.blocks:
        return f"{message.subject}\n"
    return _laid_out(message.title, message, "{}", lambda line: line.plain)


def _laid_out(title: str, message: Message, heading: str, say: Callable[[Line], str]) -> str:
    parts = [title]
    for block in message.blocks:
        if block.lines:
            # Of plain text the heading is as it is; of Markdown it is one of ours, without any name in it.
            parts += [heading.format(block.heading)] if block.heading else []
            parts.append(_body(block, say))
    return "\n\n".join(parts) + "\n"


def _body(block: Block, say: Callable[[Line], str]) -> str:
    said = [say(line) for line in block.lines]
    if block.kind == "text":
        return "\n\n".join(said)
    marks = [f"{number}." if block.kind == "numbered" else "-" for number in range(1, len(said) + 1)]
    return "\n".join(f"{mark} {each}" for mark, each in zip(marks, said, strict=True))


def _marked(line: Line) -> str:
    return " ".join(filter(None, (f"**{_escaped(line.strong)}**" if line.strong else "", _escaped(line.text))))


def _escaped(text: str) -> str:
    return _BEGINNING.sub(r"\1\\\2", _MARKUP.sub(lambda found: f"\\{found.group()}", text))
