"""Rules for names, emoji names, timestamps, links and metadata."""

from __future__ import annotations

import json
import re
from typing import Any

NAME_LENGTH = 80
TOPIC_LENGTH = 250
METADATA_BYTES = 16_000
_NAME = re.compile(r"[a-z0-9_\-]+")
_EMOJI = re.compile(r"[a-z0-9_+\-']+(::skin-tone-[2-6])?")
_TS = re.compile(r"\d{10}\.\d{6}")
_LINK = re.compile(r"(https?|mailto|slack)://?[^\s]+")


def name_problem(name: str) -> str | None:
    """The documented error for a channel name, or None."""
    if not name:
        return "invalid_name_required"
    if len(name) > NAME_LENGTH:
        return "invalid_name_maxlength"
    if not re.search(r"[a-z0-9]", name):
        return "invalid_name_punctuation"
    if not _NAME.fullmatch(name):
        return "invalid_name_specials"
    return None


def is_emoji(name: str) -> bool:
    return bool(_EMOJI.fullmatch(name))


def is_ts(ts: str) -> bool:
    return bool(_TS.fullmatch(ts))


def is_link(link: str) -> bool:
    return bool(_LINK.fullmatch(link))


def metadata_problem(metadata: Any) -> str | None:
    """The documented error for message metadata, or None."""
    if not isinstance(metadata, dict):
        return "invalid_metadata_format"
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        return "invalid_metadata_schema"
    if not isinstance(metadata.get("event_payload"), dict):
        return "invalid_metadata_schema"
    if len(json.dumps(metadata)) > METADATA_BYTES:
        return "metadata_too_large"
    return None
