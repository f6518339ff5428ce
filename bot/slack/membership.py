"""What Slack says of somebody who reads the dashboard: their private channels, and whether they left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import structlog

from bot.domain.errors import VendorError
from bot.slack.gateway import Gateway, SlackRefused

log = structlog.get_logger()

_CHANNELS_FRESH = 60.0
_ACCOUNT_FRESH = 600.0
_SILENT = 30.0
"""Seconds in which Slack is not asked again after it failed: nobody's page waits for it twice."""
_GONE = {"user_not_found", "user_not_visible", "users_not_found"}


@dataclass
class Memberships:
    """Asked when it is needed and remembered for a short while. Who cannot be asked for is in none."""

    gateway: Gateway
    now: Callable[[], float] = time.monotonic
    _channels: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    _left: dict[str, tuple[float, bool]] = field(default_factory=dict)
    _quiet_until: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def private_channels(self, user_id: str) -> frozenset[str]:
        with self._lock:
            held = self._channels.get(user_id)
            quiet = self.now() < self._quiet_until
        if held and self.now() - held[0] < _CHANNELS_FRESH:
            return held[1]
        if quiet:
            return frozenset()
        try:
            found = self._asked(user_id)
        except VendorError as failed:
            self._failed(failed)
            return frozenset()
        with self._lock:
            self._channels[user_id] = (self.now(), found)
        return found

    def left(self, user_id: str) -> bool:
        """By what was last known while Slack does not answer."""
        with self._lock:
            held = self._left.get(user_id)
            quiet = self.now() < self._quiet_until
        if quiet or (held and self.now() - held[0] < _ACCOUNT_FRESH):
            return held is not None and held[1]
        try:
            gone = bool(self.gateway.call("users.info", user=user_id)["user"].get("deleted"))
        except SlackRefused as refused:
            gone = refused.code in _GONE
        except VendorError as failed:
            self._failed(failed)
            return held is not None and held[1]
        with self._lock:
            self._left[user_id] = (self.now(), gone)
        return gone

    def _asked(self, user_id: str) -> frozenset[str]:
        """Of somebody else Slack names only the private channels that we are in as well."""
        found: set[str] = set()
        cursor = ""
        while True:
            page = self.gateway.call(
                "users.conversations",
                user=user_id,
                types="private_channel",
                limit=999,
                **({"cursor": cursor} if cursor else {}),
            )
            found |= {str(room["id"]) for room in page.get("channels", [])}
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return frozenset(found)

    def _failed(self, failed: VendorError) -> None:
        log.warning("slack cannot say who is a member", why=failed.why)
        with self._lock:
            self._quiet_until = self.now() + _SILENT
