"""Small Block Kit builders that keep to Slack's limits, so that no card is ever refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Block = dict[str, Any]
Blocks = tuple[Block, ...]

_PUSH = 150
_SECTION = 3000
_LABEL = 75
_TOTAL = 10_000


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent: `text` is the push notification, `blocks` the card."""

    text: str
    blocks: Blocks = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", push(self.text))
        object.__setattr__(self, "blocks", fitted(self.blocks))


@dataclass(frozen=True, kw_only=True)
class View:
    """A form. `carries` comes back with the submission; `fill` makes the whole of a loading one."""

    name: str
    title: str
    blocks: Blocks
    submit: str = "Save"
    carries: str = ""
    fill: Callable[[], View] | None = None

    @property
    def _asks(self) -> bool:
        return any(block["type"] == "input" for block in self.blocks)

    def payload(self) -> dict[str, Any]:
        """As views.open wants it."""
        view: dict[str, Any] = {
            "type": "modal",
            "callback_id": self.name,
            "title": plain(self.title, 24),
            "close": plain("Cancel" if self._asks else "Close", 24),
            "private_metadata": self.carries[:3000],
            "blocks": list(self.blocks)[:100],
        }
        if self._asks:
            view["submit"] = plain(self.submit, 24)
        return view


def push(text: str) -> str:
    """At most 150 characters without markup: what a locked phone shows."""
    # An underscore inside a word is a name's own: session_blob_v2.
    bare = re.sub(r"[*`~]|(?<!\w)_|_(?!\w)", "", text).replace("\n", " ")
    return bare if len(bare) <= _PUSH else bare[: _PUSH - 1].rstrip() + "…"


def clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: str) -> str:
    """Text from elsewhere: never a mention, a link or a channel call of its own making."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clip(text, limit) or " ", "emoji": True}


def mrkdwn(text: str, limit: int = _SECTION) -> Block:
    return {"type": "mrkdwn", "text": clip(text, limit) or " "}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def section(text: str, *, accessory: Block | None = None, block: str = "") -> Block:
    made: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        made["accessory"] = accessory
    if block:
        made["block_id"] = block
    return made


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """At most ten short facts, each a bold name over its value."""
    made = [mrkdwn(f"*{name}*\n{value}", 2000) for name, value in pairs]
    return {"type": "section", "fields": made[:10]}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, 2000) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block, block: str = "") -> Block:
    made: Block = {"type": "actions", "elements": list(elements)[:25]}
    if block:
        made["block_id"] = block
    return made


def press(
    label: str,
    action: str,
    value: str,
    *,
    style: str = "",
    sure: str = "",
    url: str = "",
) -> Block:
    """A button. A `danger` one always asks again; `sure` is the question."""
    made: Block = {
        "type": "button",
        "text": plain(label, _LABEL),
        "action_id": action,
        "accessibility_label": clip(label, _LABEL),
    }
    if url:
        made["url"] = url
    if value:
        made["value"] = value[:2000]
    if style:
        made["style"] = style
    if sure or style == "danger":
        made["confirm"] = {
            "title": plain(clip(label, 100), 100),
            "text": plain(sure or f"{label}?", 300),
            "confirm": plain(clip(label, 30), 30),
            "deny": plain("Not now", 30),
        }
    return made


def option(label: str, value: str, description: str = "") -> Block:
    made: Block = {"text": plain(label, _LABEL), "value": clip(value, 150)}
    if description:
        made["description"] = plain(description, _LABEL)
    return made


def overflow(action: str, options: Sequence[Block]) -> Block:
    """The rest, behind “More”: one to five options."""
    return {"type": "overflow", "action_id": action, "options": list(options)[:5]}


def choose(
    action: str, placeholder: str, options: Sequence[Block], *, initial: Block | None = None
) -> Block:
    made: Block = {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(placeholder, 150),
        "options": list(options)[:100],
    }
    if initial:
        made["initial_option"] = initial
    return made


def choose_person(action: str, placeholder: str) -> Block:
    return {
        "type": "users_select",
        "action_id": action,
        "placeholder": plain(placeholder, 150),
    }


def checkboxes(action: str, options: Sequence[Block], *, ticked: Sequence[Block] = ()) -> Block:
    made: Block = {"type": "checkboxes", "action_id": action, "options": list(options)[:10]}
    if ticked:
        made["initial_options"] = list(ticked)
    return made


def write(
    action: str,
    *,
    initial: str = "",
    placeholder: str = "",
    lines: bool = False,
    limit: int = 3000,
) -> Block:
    made: Block = {
        "type": "plain_text_input",
        "action_id": action,
        "multiline": lines,
        "max_length": limit,
    }
    if initial:
        made["initial_value"] = initial[:limit]
    if placeholder:
        made["placeholder"] = plain(placeholder, 150)
    return made


def answer(
    label: str, element: Block, *, block: str = "", optional: bool = False, hint: str = ""
) -> Block:
    """An input of a form; its block id is the element's action id unless told otherwise."""
    made: Block = {
        "type": "input",
        "block_id": block or element["action_id"],
        "label": plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(hint, 2000)
    return made


def clock(at: datetime) -> str:
    """One spelling of time: UTC, plus the reader's own by Slack's date token."""
    stamp = int(at.timestamp())
    return f"{at:%H:%M} UTC (<!date^{stamp}^{{time}} your time|{at:%H:%M} UTC>)"


def fitted(blocks: Sequence[Block]) -> Blocks:
    """At most 50 blocks and about 10,000 characters: what is over is counted, never refused."""
    kept: list[Block] = []
    room = _TOTAL
    for block in blocks:
        size = sum(len(text) for text in _texts(block))
        if len(kept) == 49 or size > room:
            kept.append(context(f"…and {len(blocks) - len(kept)} more parts not shown."))
            break
        kept.append(block)
        room -= size
    return tuple(kept)


def _texts(found: object) -> Iterable[str]:
    match found:
        case {"text": str(text)}:
            yield text
        case dict():
            for inner in found.values():
                yield from _texts(inner)
        case list():
            for inner in found:
                yield from _texts(inner)
