"""A question that was answered loses its buttons and says who answered: nothing looks undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import events as e
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident
from bot.flow.telling import tell
from bot.reactions import Lane, reacts_to
from bot.slack.blocks import Message, context, escape
from bot.slack.cards.notices import notice
from bot.slack.gateway import SlackRefused
from bot.slack.posting import Posting
from bot.tools import Tools

_GONE = {"message_not_found", "channel_not_found", "is_archived", "edit_window_closed"}
_QUESTIONS = (e.Nagged, e.ResolveQuestioned, e.HandoverOffered)


@dataclass(frozen=True)
class Settling:
    """Edits the question that this fact answers; what was never posted needs no edit."""

    posting: Posting

    @reacts_to(
        e.PageAcknowledged,
        e.RoleGiven,
        e.HandoverDeclined,
        e.UpdatePosted,
        e.PublicUpdatePosted,
        e.Resolved,
        name="settle-questions",
        lane=Lane.CHATTER,
        needs_channel=True,
    )
    def settle_questions(self, tools: Tools, entry: Entry) -> None:
        entries = tools.timeline.entries(entry.incident)
        incident = tools.timeline.read(entry.incident)
        for asked in settled_by(entry, entries):
            held = incident.messages.get(f"{asked.fact.stored}:{asked.seq}")
            message = _without_buttons(asked, entry, incident)
            if held is None or message is None:
                continue
            try:
                self.posting.edit(held[0], held[1], message)
            except SlackRefused as refused:
                if refused.code not in _GONE:
                    raise


def settled_by(answer: Entry, entries: Sequence[Entry]) -> list[Entry]:
    """The questions whose first answer this is."""
    asked = [q for q in entries if q.seq < answer.seq and isinstance(q.fact, _QUESTIONS)]
    return [q for q in asked if _first_answer(q, entries) == answer.seq]


def _first_answer(asked: Entry, entries: Sequence[Entry]) -> int | None:
    later = (each for each in entries if each.seq > asked.seq)
    return next((each.seq for each in later if _answers(asked.fact, each.fact)), None)


def _answers(asked: Fact, said: Fact) -> bool:
    if isinstance(said, e.Resolved):
        return True
    match asked:
        case e.HandoverOffered(role=role):
            return isinstance(said, e.RoleGiven | e.HandoverDeclined) and said.role is role
        case e.Nagged(about="acknowledge"):
            return isinstance(said, e.PageAcknowledged)
        case e.Nagged(about="commander"):
            return isinstance(said, e.RoleGiven) and said.role is e.Role.COMMANDER
        case e.Nagged(about="public"):
            return isinstance(said, e.PublicUpdatePosted)
        case e.Nagged():
            return isinstance(said, e.UpdatePosted)
    return False


def _without_buttons(asked: Entry, answer: Entry, incident: Incident) -> Message | None:
    posed = notice(asked, incident)
    told = tell(answer, incident)
    if posed is None:
        return None
    done = f"✅ {escape(told.text) if told else 'Done'} ({answer.when:%H:%M} UTC)"
    kept = tuple(block for block in posed.blocks if block["type"] != "actions")
    return Message(text=posed.text, blocks=(*kept, context(done)))
