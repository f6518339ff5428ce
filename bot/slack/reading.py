"""Reads one message of a channel as Slack shows it: its text, its author, its files, its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import Refused
from bot.domain.people import Person
from bot.slack.gateway import Gateway, SlackRefused
from bot.slack.handling import Spoken
from bot.slack.people import People


@dataclass(frozen=True)
class Reading:
    gateway: Gateway
    people: People

    def message(self, channel: str, ts: str) -> Spoken | None:
        """None where the message is gone, or where Slack does not let us read it."""
        found = self._found(channel, ts)
        if found is None:
            return None
        return Spoken(
            ts=ts,
            text=str(found.get("text", "")),
            author=self._author(found),
            at=datetime.fromtimestamp(float(ts), UTC),
            link=self._link(channel, ts),
            files=tuple(str(each.get("name", "a file")) for each in found.get("files", [])),
        )

    def _found(self, channel: str, ts: str) -> Mapping[str, Any] | None:
        """`conversations.replies` finds a reply of a thread and a message without one alike."""
        try:
            answer = self.gateway.call(
                "conversations.replies",
                channel=channel,
                ts=ts,
                oldest=ts,
                latest=ts,
                inclusive="true",
                limit=5,
            )
        except SlackRefused:
            return None
        return next((m for m in answer.get("messages", []) if m.get("ts") == ts), None)

    def _author(self, found: Mapping[str, Any]) -> Person:
        user = str(found.get("user", ""))
        try:
            return self.people.person(user)
        except (Refused, SlackRefused):
            return Person(user_id=user, name=str(found.get("username") or user or "a bot"))

    def _link(self, channel: str, ts: str) -> str:
        try:
            answer = self.gateway.call("chat.getPermalink", channel=channel, message_ts=ts)
        except SlackRefused:
            return ""
        return str(answer.get("permalink", ""))
