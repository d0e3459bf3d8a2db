"""A message as the JSON that a webhook of Slack takes: blocks, and the line for notifications.

Text stands in blocks of rich text, which Slack shows as it is: a name in the data can neither format it nor notify
anybody. Source: Slack, Block Kit reference, https://api.slack.com/reference/block-kit/blocks.
"""

from __future__ import annotations

import json
from typing import Any

from reports.messages.message import Block, Line, Message

# Slack refuses a longer header.
_HEADER = 150
_LISTS = {"numbered": "ordered", "list": "bullet"}


def slack(message: Message) -> str:
    """The body of the request as JSON with a line feed; POST it to the address of the webhook as application/json."""
    blocks = [_block(_section(Line(message.subject)))] if not message.blocks else _blocks(message)
    body = {"text": _escaped(message.subject), "mrkdwn": False, "blocks": blocks}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _blocks(message: Message) -> list[dict[str, Any]]:
    header = {"type": "header", "text": {"type": "plain_text", "text": message.title[:_HEADER], "emoji": False}}
    return [header, *(_block(*_elements(block)) for block in message.blocks if block.lines)]


def _block(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


def _elements(block: Block) -> list[dict[str, Any]]:
    heading = [_section(Line("", block.heading))] if block.heading else []
    lines = [_section(line) for line in block.lines]
    if block.kind == "text":
        return [*heading, *lines]
    return [*heading, {"type": "rich_text_list", "style": _LISTS[block.kind], "elements": lines}]


def _section(line: Line) -> dict[str, Any]:
    strong = [{"type": "text", "text": line.strong, "style": {"bold": True}}] if line.strong else []
    text = [{"type": "text", "text": f" {line.text}" if strong else line.text}] if line.text else []
    return {"type": "rich_text_section", "elements": [*strong, *text]}


def _escaped(text: str) -> str:
    """Slack reads `<!channel>` in the line for notifications."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
