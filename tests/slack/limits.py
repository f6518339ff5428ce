"""What every message and form of ours keeps: Slack's limits, and our own rules for 3 a.m."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.slack.blocks import Block, Blocks, Message, View
from sandbox.slack.validate.blocks import elements_of, problems_of
from sandbox.slack.validate.views import problems_of_view

_VAGUE = {"ok", "confirm", "submit", "yes", "no", "save", "cancel", "click here"}
MOST_BUTTONS, MOST_PUSH = 3, 150


def wrong_message(message: Message) -> list[str]:
    """Everything that Slack or a tired responder would complain about."""
    found = problems_of(list(message.blocks), surface="message")
    if not message.text or len(message.text) > MOST_PUSH:
        found.append(f"the push text has {len(message.text)} characters")
    if any(mark in message.text for mark in "*`_~\n"):
        found.append(f"markup in the push text: {message.text}")
    buttons = [e for e in elements(message.blocks) if e["type"] == "button"]
    if len(buttons) > MOST_BUTTONS:
        found.append(f"{len(buttons)} buttons: {[b['text']['text'] for b in buttons]}")
    return found + list(_wrong_blocks(message.blocks))


def wrong_view(view: View) -> list[str]:
    payload = view.payload()
    found = problems_of_view(payload, surface="modal")
    inputs = any(block["type"] == "input" for block in view.blocks)
    if inputs != ("submit" in payload):
        found.append("a form with inputs is submitted, and only such a one")
    if len(view.title) > 24 or len(view.submit) > 24:
        found.append(f"cut short: {view.title!r} or {view.submit!r}")
    if inputs and len(view.submit.split()) < 2:
        found.append(f"“{view.submit}” does not say what is done to what")
    return found + list(_wrong_blocks(view.blocks))


def _wrong_blocks(blocks: Blocks) -> Iterator[str]:
    shown = list(elements(blocks))
    if sum(e.get("style") == "primary" for e in shown) > 1:
        yield "more than one primary button"
    for button in (e for e in shown if e["type"] == "button"):
        label = button["text"]["text"]
        if button.get("style") == "danger" and "confirm" not in button:
            yield f"“{label}” does not ask again"
        if label.lower().rstrip("….") in _VAGUE:
            yield f"“{label}” does not name the thing"
        if not button.get("accessibility_label"):
            yield f"“{label}” has no accessibility label"
    for text in texts(blocks):
        if "<!channel>" in text or "<!here>" in text or "<!everyone>" in text:
            yield f"calls everybody: {text[:80]}"


def elements(blocks: Blocks) -> Iterator[Block]:
    for block in blocks:
        yield from elements_of(block)


def acts(blocks: Blocks) -> set[str]:
    """What can be pressed, by the part of the action id that a handler answers to."""
    return {e["action_id"].split(":", 1)[0] for e in elements(blocks) if "action_id" in e}


def texts(found: Any) -> Iterator[str]:
    match found:
        case {"type": "mrkdwn" | "plain_text", "text": str(text)}:
            yield text
        case dict():
            for inner in found.values():
                yield from texts(inner)
        case list() | tuple():
            for inner in found:
                yield from texts(inner)


def words(blocks: Blocks) -> str:
    return "\n".join(texts(list(blocks)))
