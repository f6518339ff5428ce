"""Limits of blocks in messages, forms and App Home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.slack.validate.composition import BLOCK_ID, URL, text
from sandbox.slack.validate.elements import (
    ELEMENTS,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from sandbox.slack.validate.rules import (
    Check,
    anything,
    complain,
    flag,
    integer,
    listing,
    one_of,
    shape,
    string,
    typed,
)

MOST_IN = {"message": 50, "modal": 100, "home": 100}
# Undocumented; two independent reports put it near here (slackapi/bolt-js #2509, #2867).
MOST_TEXT = 13_200

_ID = {"block_id": BLOCK_ID}


def _section(value: Any, pointer: str, problems: list[str]) -> None:
    _SECTION(value, pointer, problems)
    if not value.get("text") and not value.get("fields"):
        complain(problems, "missing required field: text or fields", pointer)


_SECTION = shape(
    {},
    {
        **_ID,
        "text": text(3000),
        "fields": listing(text(2000), most=10),
        "accessory": typed(ELEMENTS, IN_SECTION),
        "expand": flag,
    },
)
_IN_CONTEXT: dict[str, Check] = {
    "image": ELEMENTS["image"],
    "mrkdwn": text(2000),
    "plain_text": text(2000),
}
_IMAGE = shape(
    {"alt_text": string(2000)},
    {**_ID, "image_url": URL, "slack_file": anything, "title": text(2000, plain=True)},
)
_CELL = shape(
    {"type": one_of("raw_text", "raw_number", "rich_text")},
    {"text": string(3000), "elements": anything, "value": anything},
)
_TABLE = shape(
    {"rows": listing(listing(_CELL, most=20), most=100)},
    {**_ID, "column_settings": listing(anything, most=20, least=0)},
)

BLOCKS: dict[str, Check] = {
    "section": _section,
    "divider": shape({}, _ID),
    "header": shape({"text": text(150, plain=True)}, {**_ID, "level": integer(1, 6)}),
    "context": shape({"elements": listing(typed(_IN_CONTEXT), most=10)}, _ID),
    "context_actions": shape(
        {"elements": listing(typed(ELEMENTS, IN_CONTEXT_ACTIONS), most=5)}, _ID
    ),
    "actions": shape({"elements": listing(typed(ELEMENTS, IN_ACTIONS), most=25)}, _ID),
    "image": _IMAGE,
    "input": shape(
        {"label": text(2000, plain=True), "element": typed(ELEMENTS, IN_INPUT)},
        {**_ID, "hint": text(2000, plain=True), "optional": flag, "dispatch_action": flag},
    ),
    "markdown": shape({"text": string(12_000)}, _ID),
    "rich_text": shape({"elements": listing(anything, most=1000)}, _ID),
    "table": _TABLE,
    "video": anything,
    "file": anything,
    "call": anything,
    "alert": shape({"text": text(200)}, {**_ID, "level": anything}),
    "card": anything,
    "plan": anything,
    "task_card": anything,
}
_IN_FORMS = frozenset(
    [
        "actions",
        "alert",
        "card",
        "context",
        "divider",
        "header",
        "image",
        "input",
        "rich_text",
        "section",
        "video",
    ]
)
_ON: dict[str, frozenset[str]] = {
    "message": frozenset(BLOCKS) - {"alert"},
    "modal": _IN_FORMS,
    "home": _IN_FORMS - {"alert", "card"},
}


def problems_of(blocks: Any, *, surface: str, root: str = "/blocks") -> list[str]:
    """Everything Slack would complain about; empty when the blocks may be shown there."""
    problems: list[str] = []
    least = 0 if surface == "message" else 1
    rule = listing(typed(BLOCKS, _ON[surface]), most=MOST_IN[surface], least=least)
    rule(blocks, root, problems)
    if not isinstance(blocks, list):
        return problems
    problems += _repeated(blocks, root)
    if sum(1 for b in blocks if isinstance(b, dict) and b.get("type") == "table") > 1:
        problems.append(f"only one table allowed per message [json-pointer:{root}]")
    return problems


def _repeated(blocks: list[Any], root: str) -> list[str]:
    problems: list[str] = []
    seen: set[str] = set()
    for index, block in enumerate(b for b in blocks if isinstance(b, dict)):
        name = block.get("block_id")
        if name and name in seen:
            complain(problems, f"block_id already exists: {name}", f"{root}/{index}/block_id")
        seen.add(name or "")
        ids = [e["action_id"] for e in elements_of(block) if e.get("action_id")]
        if len(ids) != len(set(ids)):
            complain(problems, "action_id must be unique within a block", f"{root}/{index}")
    return problems


def elements_of(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The things in a block that people can use."""
    inside = block.get("elements") if block.get("type") in ("actions", "context_actions") else None
    single = block.get("accessory") or block.get("element")
    for element in [*(inside or []), *([single] if single else [])]:
        if isinstance(element, dict) and element.get("type") not in (None, "image"):
            yield element


def text_length(value: Any) -> int:
    """All the text that blocks would show, the way the cumulative limit counts it."""
    if isinstance(value, dict):
        own = value.get("text")
        here = len(own) if isinstance(own, str) else 0
        return here + sum(text_length(v) for v in value.values())
    if isinstance(value, list):
        return sum(text_length(v) for v in value)
    return 0
