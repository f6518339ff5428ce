"""Limits of the objects that blocks are composed of: texts, options, confirmations."""

from __future__ import annotations

from typing import Any

from sandbox.slack.validate.rules import (
    Check,
    complain,
    flag,
    listing,
    one_of,
    shape,
    string,
)

BLOCK_ID = string(255)
ACTION_ID = string(255)
URL = string(3000)


def _only_plain_has_emoji(value: Any, pointer: str, problems: list[str]) -> None:
    if isinstance(value, dict) and value.get("type") == "mrkdwn" and "emoji" in value:
        complain(problems, "invalid additional property: emoji", pointer)


def text(most: int, *, plain: bool = False, least: int = 1) -> Check:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    shaped = shape(
        {"type": one_of(*kinds), "text": string(most, least)},
        {"emoji": flag} if plain else {"emoji": flag, "verbatim": flag},
    )

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        shaped(value, pointer, problems)
        if not isinstance(value, dict):
            return
        if "type" in value and value["type"] not in kinds:
            complain(problems, f"must be one of {', '.join(kinds)}", f"{pointer}/type")
        _only_plain_has_emoji(value, pointer, problems)

    return check


OPTION = shape(
    {"text": text(75, plain=True), "value": string(150)},
    {"description": text(75, plain=True), "url": URL},
)
# Checkboxes and radio buttons may use mrkdwn: docs.slack.dev/reference/block-kit/composition-objects
RICH_OPTION = shape(
    {"text": text(75), "value": string(150)},
    {"description": text(75)},
)
OPTION_GROUP = shape(
    {"label": text(75, plain=True), "options": listing(OPTION, most=100)},
    {},
)
CONFIRM = shape(
    {"title": text(100, plain=True), "text": text(300)},
    {
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
        "style": one_of("primary", "danger"),
    },
)
DISPATCH = shape(
    {},
    {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), most=2)},
)
