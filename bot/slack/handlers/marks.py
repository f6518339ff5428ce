"""📌 and ⭐ put a message on the timeline; un-reacting, editing and deleting follow."""

from __future__ import annotations

from bot.domain.people import Standing
from bot.domain.redaction import redact
from bot.flow import staff
from bot.slack.handlers.note import marked, warned
from bot.slack.handling import Ask, Reply, event
from bot.tools import Tools

_EMOJI = {"pushpin", "round_pushpin", "star"}


@event("reaction_added")
def mark(tools: Tools, ask: Ask) -> Reply | None:
    """With the message's own time, author and link; a secret in it stays out."""
    ts = _reacted(ask)
    if not ts or not _may(tools, ask):
        return None
    spoken = ask.read_message(ask.channel, ts)
    if spoken is None:
        return None
    staff.mark(tools, ask.incident, marked(spoken, ask, emoji=str(ask.event["reaction"])))
    found = redact(spoken.text).found
    if not found or ask.person.same(spoken.author):
        return warned(found)
    return Reply(
        text=f"That message holds what looks like a secret or personal detail ({', '.join(found)})."
        f" It was kept off the timeline. Ask {spoken.author.mention} to delete it and to rotate it."
    )


@event("reaction_removed")
def unmark(tools: Tools, ask: Ask) -> None:
    ts = _reacted(ask)
    if ts:
        staff.unmark(tools, ask.incident, ts, by=ask.person)


@event("message.message_changed")
def edited(tools: Tools, ask: Ask) -> None:
    message = ask.event.get("message") or {}
    ts = str(message.get("ts", ""))
    if ask.incident and ts in tools.timeline.read(ask.incident).marks:
        staff.message_edited(tools, ask.incident, ts, str(message.get("text", "")))


@event("message.message_deleted")
def deleted(tools: Tools, ask: Ask) -> None:
    ts = str(ask.event.get("deleted_ts", ""))
    if ask.incident and ts in tools.timeline.read(ask.incident).marks:
        staff.message_deleted(tools, ask.incident, ts)


def _reacted(ask: Ask) -> str:
    """The message's ts, where this reaction in this channel means the timeline."""
    item = ask.event.get("item") or {}
    if not ask.incident or ask.event.get("reaction") not in _EMOJI:
        return ""
    return str(item.get("ts", "")) if item.get("type") == "message" else ""


def _may(tools: Tools, ask: Ask) -> bool:
    """Who may write a note may mark; nobody is told off for a reaction."""
    standing = ask.person.standing
    return standing is Standing.MEMBER or tools.policy.may_do(standing.value, "note")
