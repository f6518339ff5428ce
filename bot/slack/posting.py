"""Posts a message once, whatever happens in between: by a marker that can be found again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.events import MessagePosted
from bot.reactions import again
from bot.slack.blocks import Message
from bot.slack.gateway import Found, Gateway
from bot.slack.rooms import Rooms
from bot.tools import Tools

_MARK = "tocsin"
_LOOK_BACK = 200


@dataclass(frozen=True)
class Posting:
    """Once per incident and `what`."""

    gateway: Gateway
    rooms: Rooms

    def once(
        self,
        tools: Tools,
        incident_id: str,
        what: str,
        message: Message,
        *,
        channel: str,
        thread: str = "",
    ) -> str:
        """The message's ts. After an interruption the channel is searched before it is posted."""
        held = tools.timeline.read(incident_id).messages.get(what)
        if held is not None:
            return held[1]
        ts = ""
        if again():
            channel = self.rooms.id(channel)
            ts = self.find(channel, incident_id, what, thread=thread)
        if not ts:
            sent = self._sent(channel, incident_id, what, message, thread=thread)
            # A channel may be named by its name, but is edited only by its id.
            channel, ts = str(sent["channel"]), str(sent["ts"])
        with tools.timeline.open(incident_id) as incident:
            if what not in incident.messages:
                incident.record(MessagePosted(what=what, channel=channel, ts=ts))
        return ts

    def post(
        self, channel: str, incident_id: str, what: str, message: Message, *, thread: str = ""
    ) -> str:
        return str(self._sent(channel, incident_id, what, message, thread=thread)["ts"])

    def _sent(
        self, channel: str, incident_id: str, what: str, message: Message, *, thread: str = ""
    ) -> Found:
        arguments: dict[str, Any] = {
            "channel": channel,
            "text": message.text,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {
                "event_type": _MARK,
                "event_payload": {"incident": incident_id, "what": what},
            },
        }
        if message.blocks:
            arguments["blocks"] = list(message.blocks)
        if thread:
            arguments["thread_ts"] = thread
        return self.gateway.call("chat.postMessage", **arguments)

    def edit(self, channel: str, ts: str, message: Message) -> None:
        self.gateway.call(
            "chat.update",
            channel=channel,
            ts=ts,
            text=message.text,
            blocks=list(message.blocks),
        )

    def find(self, channel: str, incident_id: str, what: str, *, thread: str = "") -> str:
        """The ts of our own message with this marker, or nothing."""
        method = "conversations.replies" if thread else "conversations.history"
        where: dict[str, Any] = {"channel": channel, "limit": _LOOK_BACK}
        if thread:
            where["ts"] = thread
        found = self.gateway.call(method, include_all_metadata=True, **where)
        for message in found.get("messages", []):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == _MARK and payload == {
                "incident": incident_id,
                "what": what,
            }:
                return str(message["ts"])
        return ""
