"""Keeps what everybody sees equal to the incident: its card, its topic, its line in the announcements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from bot.domain.events import TopicSet, Visibility
from bot.domain.incident import Incident, Stage
from bot.domain.mitigation import MitigationStage
from bot.flow.mitigate import who_could_approve
from bot.flow.staff import update_due
from bot.reactions import Board, Lane, Later, keeps
from bot.slack.blocks import Message, clip, escape, section
from bot.slack.cards import incident as incident_card
from bot.slack.cards import mitigation as mitigation_card
from bot.slack.cards import runbook as runbook_card
from bot.slack.cards.incident import STAGES, Surroundings
from bot.slack.cards.pages import joined_pages
from bot.slack.gateway import Gateway, SlackRefused
from bot.slack.posting import Posting
from bot.tools import Tools

_GONE = {"message_not_found", "channel_not_found", "is_archived", "edit_window_closed"}
_QUIET = timedelta(seconds=10)


@dataclass(frozen=True)
class Announcer:
    """The boards. Each renders the newest fold and edits only what reads differently."""

    gateway: Gateway
    posting: Posting
    announcements: str
    _shown: dict[tuple[str, str], Message] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def card(self, tools: Tools, incident: Incident) -> Message:
        around = Surroundings(
            now=tools.clock.now(),
            update_due=update_due(tools, incident),
            switched_off=tools.switched_off,
            observe=tools.gate.observe,
            command=tools.command,
        )
        return incident_card.card(incident, around)

    @keeps(Board(calm=_QUIET), name="incident-card")
    def incident_card(self, tools: Tools, incident: Incident) -> Later | None:
        """Edited, never posted again. Comes back by itself when the next update falls due."""
        self._edit(incident.channel, incident.card, self.card(tools, incident))
        due = update_due(tools, incident)
        if due is None or not incident.stage.open:
            return None
        left = due - tools.clock.now()
        return Later(max(left, timedelta(0)) + timedelta(minutes=1), why="update due")

    @keeps(Board(calm=timedelta(seconds=2), lane=Lane.APPROVAL), name="mitigation-cards")
    def mitigation_cards(self, tools: Tools, incident: Incident) -> None:
        for held in incident.mitigations.values():
            asking = held.stage is MitigationStage.PROPOSED
            could = who_could_approve(tools, incident, held) if asking else ()
            message = mitigation_card.card(incident, held, could_approve=could)
            self._show(tools, incident, f"mitigation:{held.id}", message)

    @keeps(Board(calm=timedelta(seconds=2)), name="runbook-card")
    def runbook_card(self, tools: Tools, incident: Incident) -> None:
        """The second message of the channel: the runbook, later its checklist."""
        if incident.runbook is not None or incident.checklist is not None:
            self._show(tools, incident, "runbook", runbook_card.card(incident))

    @keeps(Board(lane=Lane.CHATTER), name="joined-pages")
    def joined_pages(self, tools: Tools, incident: Incident) -> None:
        message = joined_pages(incident)
        if message is not None:
            self._show(tools, incident, "joined-pages", message, thread=incident.card)

    @keeps(Board(lane=Lane.CHATTER), name="topic")
    def topic(self, tools: Tools, incident: Incident) -> None:
        """One change per change of severity, stage or commander: each is a message to all."""
        grade = incident.severity.value if incident.severity else "SEV?"
        commander = incident.commander.name if incident.commander else "nobody yet"
        wanted = clip(f"{grade} · {incident.stage.value} · commander: {commander}", 250)
        if wanted == incident.topic:
            return
        self.gateway.call("conversations.setTopic", channel=incident.channel, topic=wanted)
        with tools.timeline.open(incident.id) as changed:
            changed.record(TopicSet(topic=wanted))

    @keeps(Board(lane=Lane.BOARD), name="announcement")
    def announcement(self, tools: Tools, incident: Incident) -> None:
        """One line where everybody looks, edited in place; nothing of a private one."""
        if incident.visibility is Visibility.PRIVATE or not self.announcements:
            return
        try:
            line, where = _line(incident), self.announcements
            self._show(tools, incident, "announcement", line, channel=where)
        except SlackRefused as refused:
            if refused.code not in {"channel_not_found", "not_in_channel"}:
                raise

    def _show(
        self,
        tools: Tools,
        incident: Incident,
        what: str,
        message: Message,
        *,
        channel: str = "",
        thread: str = "",
    ) -> None:
        """Posted the first time, edited from then on."""
        held = incident.messages.get(what)
        if held is None:
            where = channel or incident.channel
            self.posting.once(tools, incident.id, what, message, channel=where, thread=thread)
            with self._lock:
                self._shown[(incident.id, what)] = message
            return
        with self._lock:
            same = self._shown.get((incident.id, what)) == message
        if not same:
            self._edit(held[0], held[1], message)
            with self._lock:
                self._shown[(incident.id, what)] = message

    def _edit(self, channel: str, ts: str, message: Message) -> None:
        try:
            self.posting.edit(channel, ts, message)
        except SlackRefused as refused:
            if refused.code not in _GONE:
                raise


def _line(incident: Incident) -> Message:
    grade = incident.severity.value if incident.severity else "SEV?"
    where = f"{incident.service or 'service unknown'} in {incident.environment}"
    status = STAGES[incident.stage]
    commander = incident.commander
    led = f" · commander {commander.mention}" if commander else ""
    end = ""
    if (
        incident.stage is Stage.RESOLVED
        and incident.postmortem
        and incident.postmortem.pull_request
    ):
        end = f" · <{incident.postmortem.pull_request}|postmortem>"
    text = f"*{grade}* <#{incident.channel}> {escape(clip(incident.title, 150))} ({where}) · {status}{led}{end}"
    return Message(
        text=f"{grade} {where}: {incident.title} - {incident.stage.value}", blocks=(section(text),)
    )
