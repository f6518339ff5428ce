"""A question that was answered loses its buttons and says who answered: nothing looks undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain import events as e
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.reactions import Lane, Later, reacts_to
from bot.slack.blocks import Message
from bot.slack.cards.listing import baseline
from bot.slack.cards.questions import ANSWERING, as_it_stands, key, parts
from bot.slack.gateway import SlackRefused
from bot.slack.posting import Posting
from bot.tools import Tools

_GONE = {"message_not_found", "channel_not_found", "is_archived", "edit_window_closed"}
_ON_ITS_WAY = timedelta(minutes=2)
"""A question this young may still be being posted when its answer is there."""


@dataclass(frozen=True)
class Settling:
    """Edits the messages that this fact answers, as all that was said since leaves them."""

    posting: Posting

    @reacts_to(*ANSWERING, name="settle-questions", lane=Lane.CHATTER, needs_channel=True)
    def settle_questions(self, tools: Tools, entry: Entry) -> Later | None:
        entries = tools.timeline.entries(entry.incident)
        incident = tools.timeline.read(entry.incident)
        waits = False
        for asked in answered_by(entry, entries, incident):
            message = as_it_stands(asked, _after(asked, entries), incident)
            held = incident.messages.get(key(asked))
            if message is None:
                continue
            if held is None:
                waits = waits or tools.clock.now() - asked.at < _ON_ITS_WAY
                continue
            self._edit(held, message)
        return Later(timedelta(seconds=2), why="the question is being posted") if waits else None

    @reacts_to(e.PageAdopted, name="settle-baseline", lane=Lane.CHATTER)
    def settle_baseline(self, tools: Tools, entry: Entry) -> None:
        """The list of what was open before, with who adopted what."""
        house = tools.timeline.read(entry.incident)
        held = house.messages.get("baseline")
        if held is not None:
            self._edit(held, baseline(house))

    def _edit(self, held: tuple[str, str], message: Message) -> None:
        try:
            self.posting.edit(held[0], held[1], message)
        except SlackRefused as refused:
            if refused.code not in _GONE:
                raise


def answered_by(answer: Entry, entries: list[Entry], incident: Incident) -> list[Entry]:
    """The earlier facts whose message this one changes."""
    return [
        asked
        for asked in entries
        if asked.seq < answer.seq
        and any(part.touched(answer.fact) for part in parts(asked.fact, incident))
    ]


def _after(asked: Entry, entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.seq > asked.seq]
