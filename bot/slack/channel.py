"""Opens an incident's channel in three round trips; everything else runs beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import VendorDown
from bot.domain.events import (
    ChannelMade,
    ChannelOpened,
    ChannelRenamed,
    ChannelUnavailable,
    Declared,
    Invited,
    OnCallFound,
    SlackActFailed,
    Visibility,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.flow.naming import channel_name
from bot.reactions import Lane, Later, again, reacts_to
from bot.slack.announcer import Announcer
from bot.slack.blocks import clip
from bot.slack.gateway import Call, Gateway, SlackRefused
from bot.slack.posting import Posting
from bot.tools import Tools

_ALREADY = {"already_in_channel", "already_pinned", "cant_invite_self"}
_LAST_TRY = 3


@dataclass(frozen=True)
class Opening:
    """create → post → pin; purpose, bookmarks and invitations beside the pin."""

    gateway: Gateway
    posting: Posting
    announcer: Announcer

    @reacts_to(Declared, name="open-channel", lane=Lane.PAGE, gives_up=False)
    def open_channel(self, tools: Tools, entry: Entry) -> Later | None:
        incident = tools.timeline.read(entry.incident)
        if incident.channel:
            return None
        try:
            channel = incident.made_channel or self._channel(tools, incident)
        except SlackRefused as refused:
            return self._without_channel(tools, entry.incident, refused)
        if not channel:
            return Later(timedelta(0), why="the name was taken")
        incident = tools.timeline.read(entry.incident)
        card = self.posting.find(channel, incident.id, "card") if again() else ""
        if not card:
            message = self.announcer.card(tools, incident)
            card = self.posting.post(channel, incident.id, "card", message)
        with tools.timeline.open(entry.incident) as incident:
            if not incident.channel:
                incident.record(
                    ChannelOpened(channel=channel, name=incident.wanted_name, card=card)
                )
        return None

    def _channel(self, tools: Tools, incident: Incident) -> str:
        """Ours, made now or found by its name; empty where the name is somebody else's."""
        name = incident.wanted_name
        private = incident.visibility is Visibility.PRIVATE
        try:
            made = self.gateway.call("conversations.create", name=name, is_private=private)
            channel = str(made["channel"]["id"])
        except SlackRefused as refused:
            if refused.code != "name_taken":
                raise
            channel = self._ours(tools, name)
            if not channel:
                self._rename(tools, incident)
                return ""
        with tools.timeline.open(incident.id) as incident:
            incident.record(ChannelMade(channel=channel, name=name))
        return channel

    def _ours(self, tools: Tools, name: str) -> str:
        """The channel of this name that our bot made and no incident has yet."""
        channel = self.posting.rooms.made_by_us(name)
        return "" if channel and tools.timeline.in_channel(channel) else channel

    def _rename(self, tools: Tools, incident: Incident) -> None:
        assert incident.opened_at is not None
        tail = len(incident.wanted_name.rsplit("-", 1)[-1])
        name = channel_name(
            incident.opened_at, incident.service or "unknown", incident.id, longer=tail - 3
        )
        with tools.timeline.open(incident.id) as changed:
            changed.record(ChannelRenamed(name=name))

    def _without_channel(self, tools: Tools, incident_id: str, refused: SlackRefused) -> Later:
        """Slack's rules forbid it: said where everybody looks, and tried again every minute."""
        why = (
            f"Slack refused to make the channel ({refused.why}). Nothing else is missing: work in"
            " the announcements thread, and ask a workspace owner to let Tocsin make channels."
        )
        with tools.timeline.open(incident_id) as incident:
            if not incident.channel_trouble:
                incident.record(ChannelUnavailable(why=why))
        return Later(timedelta(minutes=1), why=refused.why)

    @reacts_to(ChannelOpened, name="dress-channel", lane=Lane.PAGE, gives_up=False)
    def dress_channel(self, tools: Tools, entry: Entry) -> None:
        """Pin, purpose and bookmarks: each may be repeated without harm."""
        incident = tools.timeline.read(entry.incident)
        channel = incident.channel
        purpose = clip(f"{incident.title} ({incident.id}). Everything here is on the record.", 250)
        calls = [
            Call(
                "pins.add",
                {"channel": channel, "timestamp": incident.card},
                frozenset({"already_pinned"}),
            ),
            Call("conversations.setPurpose", {"channel": channel, "purpose": purpose}),
        ]
        calls += self._bookmarks(incident)
        self._together(tools, entry.incident, calls, "pin the card and fill in the channel")

    def _bookmarks(self, incident: Incident) -> list[Call]:
        links = [
            (f"Page: {clip(s.page.title, 60)}", s.page.address)
            for s in list(incident.pages.values())[:2]
            if s.page.address
        ]
        if again():
            present = self.gateway.call("bookmarks.list", channel_id=incident.channel)
            known = {b.get("link") for b in present.get("bookmarks", [])}
            links = [(title, link) for title, link in links if link not in known]
        return [
            Call(
                "bookmarks.add",
                {"channel_id": incident.channel, "title": title, "type": "link", "link": link},
            )
            for title, link in links
        ]

    @reacts_to(ChannelOpened, OnCallFound, name="invite", lane=Lane.PAGE, needs_channel=True)
    def invite(self, tools: Tools, entry: Entry) -> None:
        """The on-call and the declarer first; the fewest people."""
        incident = tools.timeline.read(entry.incident)
        wanted: list[Person] = []
        for person in (*incident.on_call[:2], incident.declared_by):
            if person and not any(person.same(p) for p in [*wanted, *incident.people]):
                wanted.append(person)
        if not wanted:
            return
        failed = self._invite(incident.channel, wanted)
        with tools.timeline.open(entry.incident) as incident:
            incident.record(Invited(people=tuple(wanted), why="first responders", failed=failed))
            if failed:
                incident.record(
                    SlackActFailed(
                        doing=f"invite {', '.join(p.name for p in wanted)}",
                        why=failed,
                        by_hand="Invite them by hand: /invite @name.",
                    )
                )

    def _invite(self, channel: str, people: list[Person]) -> str:
        users = ",".join(p.user_id for p in people)
        try:
            self.gateway.call(
                "conversations.invite",
                fine=tuple(_ALREADY),
                channel=channel,
                users=users,
                force=True,
            )
        except SlackRefused as refused:
            return refused.why
        return ""

    def _together(self, tools: Tools, incident_id: str, calls: list[Call], doing: str) -> None:
        """What Slack refuses for good is said on the card; what may pass is tried again."""
        for answer in self.gateway.each(*calls):
            if isinstance(answer, VendorDown):
                raise answer
            if isinstance(answer, SlackRefused):
                with tools.timeline.open(incident_id) as incident:
                    incident.record(SlackActFailed(doing=doing, why=answer.why))
