"""Finds channels by name: a setting or a marker names them, but reading and editing want ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.slack.gateway import Found, Gateway

_ID = re.compile(r"[CGDUW][A-Z0-9]{5,}")


@dataclass(frozen=True)
class Rooms:
    """The channels that the bot is in; it can read no others."""

    gateway: Gateway
    bot_user: str
    _ids: dict[str, str] = field(default_factory=dict)

    def id(self, channel: str) -> str:
        """As it is where it is an id, or where we are in no channel of that name."""
        if _ID.fullmatch(channel):
            return channel
        if channel not in self._ids:
            found = next((str(room["id"]) for room in self._named(channel)), "")
            if not found:
                return channel
            self._ids[channel] = found
        return self._ids[channel]

    def made_by_us(self, name: str) -> str:
        """The id of the channel of this name that our bot made, or nothing."""
        made = (room for room in self._named(name) if room.get("creator") == self.bot_user)
        return next((str(room["id"]) for room in made), "")

    def _named(self, name: str) -> Iterator[Found]:
        cursor = ""
        while True:
            page = self.gateway.call(
                "users.conversations",
                user=self.bot_user,
                types="public_channel,private_channel",
                limit=999,
                **({"cursor": cursor} if cursor else {}),
            )
            yield from (room for room in page.get("channels", []) if room.get("name") == name)
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return
