"""What the app was granted: read from its own manifest, as Slack does at installation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from sandbox.slack.state import Channel

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation


# Which scope a family asks for depends on the kind of conversation.
FAMILIES: dict[str, dict[str, tuple[str, ...]]] = {
    "manage": {
        "public": ("channels:manage", "channels:write"),
        "private": ("groups:write",),
        "im": ("im:write",),
    },
    "read": {
        "public": ("channels:read",),
        "private": ("groups:read",),
        "im": ("im:read",),
    },
    "history": {
        "public": ("channels:history",),
        "private": ("groups:history",),
        "im": ("im:history",),
    },
    "invite": {
        "public": ("channels:manage", "channels:write.invites"),
        "private": ("groups:write", "groups:write.invites"),
        "im": ("im:write",),
    },
    "topic": {
        "public": ("channels:manage", "channels:write.topic"),
        "private": ("groups:write", "groups:write.topic"),
        "im": ("im:write", "im:write.topic"),
    },
    "open": {"public": ("im:write",), "private": ("im:write",), "im": ("im:write",)},
}

# Which scope lets an event through: https://docs.slack.dev/reference/events
EVENTS: dict[str, str] = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Scopes, events and entry points; None means that nothing is withheld."""

    scopes: frozenset[str] | None = None
    user_scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    commands: frozenset[str] | None = None
    shortcuts: frozenset[str] | None = None

    def holds(self, *alternatives: str) -> bool:
        """Whether any one of the scopes was granted."""
        return self.scopes is None or any(s in self.scopes for s in alternatives)

    def hears(self, event: str) -> bool:
        """Whether the app subscribed to an event and may receive it."""
        if self.events is None:
            return True
        needed = EVENTS.get(event)
        return event in self.events and (needed is None or self.holds(needed))


def granted(manifest: Path | None) -> Grant:
    """Everything when there is no manifest to read."""
    if manifest is None or not manifest.is_file():
        return Grant()
    read = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    features, settings = read.get("features", {}), read.get("settings", {})
    return Grant(
        scopes=frozenset(read["oauth_config"]["scopes"]["bot"]),
        user_scopes=frozenset(read["oauth_config"]["scopes"].get("user", [])),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        commands=frozenset(c["command"] for c in features.get("slash_commands", [])),
        shortcuts=frozenset(s["callback_id"] for s in features.get("shortcuts", [])),
    )


def kind(channel: Channel) -> str:
    """public, private or im."""
    if channel.im_with:
        return "im"
    return "private" if channel.is_private else "public"


def missing(grant: Grant, scopes: str, conversation: str) -> str | None:
    """The scope to ask for, or None when the call is allowed."""
    if not scopes:
        return None
    family = FAMILIES.get(scopes)
    alternatives = family[conversation] if family else (scopes,)
    return None if grant.holds(*alternatives) else alternatives[0]


@lru_cache(maxsize=8)
def _read(manifest: Path) -> Grant:
    return granted(manifest)


def workspace_grant(sim: Simulation) -> Grant:
    """What this workspace granted; as `Settings.slack_manifest` says."""
    manifest = sim.settings.slack_manifest
    return _read(manifest) if manifest else Grant()
