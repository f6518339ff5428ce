"""Checks what a message is made of, and gathers it from a call."""

from __future__ import annotations

from typing import Any

from sandbox.slack.documented import METHODS as DOCUMENTED
from sandbox.slack.validate.blocks import MOST_TEXT, problems_of, text_length
from sandbox.slack.validate.words import metadata_problem
from sandbox.slack.wire import Call, SlackError

TEXT_LENGTH = 40_000
MARKDOWN_LENGTH = 12_000
MOST_ATTACHMENTS = 100


def content(call: Call) -> dict[str, Any]:
    """The fields of a Message that the call gives, validated; refuses an empty message."""
    found: dict[str, Any] = {}
    if call.has("markdown_text"):
        found |= _markdown(call)
    else:
        found |= _plain(call)
    if not any(found.get(name) for name in ("text", "blocks", "attachments")):
        raise SlackError("no_text")
    metadata = call.parsed("metadata", error="invalid_metadata_format")
    if metadata and "invalid_metadata_format" in DOCUMENTED[call.method].errors:
        problem = metadata_problem(metadata)
        if problem:
            raise SlackError(problem)
        found["metadata"] = metadata
    elif metadata == {}:
        found["metadata"] = None
    return found


def _markdown(call: Call) -> dict[str, Any]:
    if call.has("text") or call.has("blocks"):
        raise SlackError("markdown_text_conflict")
    text = call.text("markdown_text")
    if len(text) > MARKDOWN_LENGTH:
        raise SlackError(_too_long(call))
    return {"text": text, "blocks": [{"type": "markdown", "text": text}]}


def _plain(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "text" in call.args:
        found["text"] = _text(call)
    if "blocks" in call.args:
        found["blocks"] = checked_blocks(call)
    if "attachments" in call.args:
        found["attachments"] = _attachments(call)
    return found


def _text(call: Call) -> str:
    text = call.text("text")
    if len(text) > TEXT_LENGTH and "msg_too_long" in DOCUMENTED[call.method].errors:
        raise SlackError("msg_too_long")
    return text[:TEXT_LENGTH]


def checked_blocks(call: Call) -> list[dict[str, Any]]:
    blocks = call.parsed("blocks", error="invalid_blocks_format") or []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = problems_of(blocks, surface="message")
    if problems:
        raise SlackError(
            "invalid_blocks",
            errors=problems,
            response_metadata={"messages": [f"[ERROR] {p}" for p in problems]},
        )
    if text_length(blocks) > MOST_TEXT:
        raise SlackError(_too_long(call))
    return blocks


def _too_long(call: Call) -> str:
    documented = DOCUMENTED[call.method].errors
    return "msg_blocks_too_long" if "msg_blocks_too_long" in documented else "msg_too_long"


def _attachments(call: Call) -> list[dict[str, Any]]:
    found = call.parsed("attachments") or []
    if not isinstance(found, list):
        raise SlackError("invalid_arguments")
    if len(found) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    return found
