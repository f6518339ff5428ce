"""The curve of what users felt, as a picture in the thread of the change that it judges."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.domain import events as e
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident
from bot.flow import curves
from bot.reactions import Lane, again, reacts_to
from bot.slack.gateway import Gateway, SlackRefused
from bot.tools import Tools

log = structlog.get_logger()

_ALT = 1000
"""As much as Slack keeps of a description."""


@dataclass(frozen=True)
class Pictures:
    gateway: Gateway

    @reacts_to(
        e.MitigationVerified,
        e.MitigationFailed,
        e.WatchConcluded,
        name="show-curve",
        lane=Lane.CHATTER,
        needs_channel=True,
    )
    def show_curve(self, tools: Tools, entry: Entry) -> None:
        """The verdict says it all in text: a picture that cannot be shown is missed by nobody."""
        incident = tools.timeline.read(entry.incident)
        what, thread = _place(entry.fact, incident)
        if not what or f"curve:{what}" in incident.messages:
            return
        drawn = curves.drawn(tools, incident)
        if drawn is None or not drawn.png:
            if drawn is not None:
                log.warning("no picture of a verdict", why=drawn.trouble)
            return
        name = f"{incident.id}-{what}.png"
        try:
            if not (again() and self._shown(incident.channel, thread, name)):
                self._share(drawn, name, channel=incident.channel, thread=thread)
        except SlackRefused as refused:
            log.warning("no picture of a verdict", why=refused.code)
            return
        with tools.timeline.open(entry.incident) as incident:
            incident.record(
                e.MessagePosted(what=f"curve:{what}", channel=incident.channel, ts=thread)
            )

    def _share(self, drawn: curves.Drawn, name: str, *, channel: str, thread: str) -> None:
        """Slack's three steps: a place, the bytes, and then the message."""
        place = self.gateway.call(
            "files.getUploadURLExternal",
            filename=name,
            length=len(drawn.png),
            alt_txt=drawn.curve.alt[:_ALT],
        )
        self.gateway.upload(str(place["upload_url"]), drawn.png)
        self.gateway.call(
            "files.completeUploadExternal",
            files=[{"id": place["file_id"], "title": drawn.curve.title}],
            channel_id=channel,
            thread_ts=thread,
        )

    def _shown(self, channel: str, thread: str, name: str) -> bool:
        """Whether it was shared before we were interrupted."""
        found = self.gateway.call("conversations.replies", channel=channel, ts=thread, limit=200)
        files = (each for m in found.get("messages", []) for each in m.get("files") or [])
        return any(each.get("name") == name for each in files)


def _place(fact: Fact, incident: Incident) -> tuple[str, str]:
    """Our name for it, and under which message it stands; neither where nothing was judged."""
    match fact:
        case e.MitigationVerified(mitigation=m) | e.MitigationFailed(mitigation=m, sent=True):
            held = incident.messages.get(f"mitigation:{m}")
            return m, held[1] if held else incident.card
        case e.WatchConcluded(watch=watch):
            return watch, incident.card
    return "", ""
