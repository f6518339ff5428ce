"""Who and what the ids in a text stand for, and where links may lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

_SCHEMES = {"http", "https", "mailto", "tel"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a reader needs to know to turn ids into words."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    me: str = ""
    now: datetime = datetime(2026, 3, 10, 14, tzinfo=UTC)

    def person(self, user: str) -> str:
        return self.people.get(user, user)

    def channel(self, channel: str) -> str:
        return self.channels.get(channel, channel)


def safe_link(url: str) -> str | None:
    """The address when a browser may follow it; None for `javascript:` and its kin."""
    cleaned = url.strip()
    try:
        parts = urlsplit(cleaned)
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES:
        return None
    return cleaned


def inside(url: str) -> bool:
    """Whether the address is on this machine: only such pictures are loaded."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK
