"""Posting, changing and deleting messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.slack import posting, shown
from sandbox.slack.ids import new_id
from sandbox.slack.methods.content import content
from sandbox.slack.methods.finding import Function, channel, destination, known
from sandbox.slack.state import BOT, BOT_USER, Channel, Message, Scheduled
from sandbox.slack.wire import Call, SlackError

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

FURTHEST = timedelta(days=120)


def post_message(call: Call) -> dict[str, Any]:
    where = destination(call)
    fields = content(call) | _placed(call, where)
    it = posting.post(call.sim, where, user=BOT_USER, **fields)
    body = shown.message(call.state, it, metadata=True)
    return {"channel": where.id, "ts": it.ts, "message": body}


def _placed(call: Call, where: Channel) -> dict[str, Any]:
    """Thread, name and unfurling; a reply to a reply joins the same thread."""
    placed: dict[str, Any] = {}
    if call.has("username"):
        placed["username"] = call.text("username")
    if not call.has("thread_ts"):
        return placed
    parent = where.messages.get(call.text("thread_ts"))
    if parent is None:
        # Slack posts it as a thread of a parent nobody sees; a bug in the bot either way.
        raise SlackError("cannot_reply_to_message")
    root = parent.thread_ts or parent.ts
    return placed | {"thread_ts": root, "broadcast": call.flag("reply_broadcast")}


def post_ephemeral(call: Call) -> dict[str, Any]:
    where = channel(call)
    if where.archived:
        raise SlackError("is_archived")
    if BOT_USER not in where.members:
        raise SlackError("not_in_channel")
    if call.text("user") not in where.members:
        raise SlackError("user_not_in_channel")
    fields = content(call)
    if call.has("thread_ts"):
        fields["thread_ts"] = call.text("thread_ts")
    it = posting.whisper(call.sim, where, user=call.text("user"), **fields)
    return {"message_ts": it.ts}


def update(call: Call) -> dict[str, Any]:
    where = channel(call)
    it = known(where, call.text("ts"))
    if it.bot_id != BOT:
        raise SlackError("cant_update_message")
    # What is not named stays: blocks, attachments and metadata are removed by empty ones only.
    fields = content(call)
    posting.edit(call.sim, it, by=BOT_USER, **fields)
    body = shown.message(call.state, it, metadata=True)
    return {"channel": where.id, "ts": it.ts, "text": it.text, "message": body}


def delete(call: Call) -> dict[str, Any]:
    where = channel(call)
    it = known(where, call.text("ts"))
    if it.bot_id != BOT:
        raise SlackError("cant_delete_message")
    posting.delete(call.sim, it)
    return {"channel": where.id, "ts": it.ts}


def permalink(call: Call) -> dict[str, Any]:
    where = channel(call)
    it = known(where, call.text("message_ts"))
    return {"channel": where.id, "permalink": shown.permalink(call.sim, it)}


def schedule(call: Call) -> dict[str, Any]:
    where = destination(call)
    at = call.number("post_at", 0, error="invalid_time")
    now = call.sim.clock.now()
    if at <= now.timestamp():
        raise SlackError("time_in_past")
    if at > (now + FURTHEST).timestamp():
        raise SlackError("time_too_far")
    fields = content(call) | _placed(call, where)
    waiting = Scheduled(id=new_id(call.sim, "Q"), channel=where.id, post_at=at, fields=fields)
    call.state.scheduled[waiting.id] = waiting
    arm(call.sim, waiting)
    preview = Message(ts="", channel=where.id, user=BOT_USER, bot_id=BOT, **fields)
    body = {k: v for k, v in shown.message(call.state, preview).items() if k != "ts"}
    return {
        "channel": where.id,
        "scheduled_message_id": waiting.id,
        "post_at": at,
        "message": body,
    }


def arm(sim: Simulation, waiting: Scheduled) -> None:
    """Post it when its hour comes, unless it was cancelled or the channel closed."""

    def due() -> None:
        found = sim.slack.scheduled.pop(waiting.id, None)
        where = sim.slack.channels.get(waiting.channel)
        if found and where and not where.archived:
            posting.post(sim, where, user=BOT_USER, **waiting.fields)

    sim.clock.call_at(datetime.fromtimestamp(waiting.post_at, UTC), due)


def unschedule(call: Call) -> dict[str, Any]:
    channel(call)
    if call.state.scheduled.pop(call.text("scheduled_message_id"), None) is None:
        raise SlackError("invalid_scheduled_message_id")
    return {}


METHODS: dict[str, Function] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "chat.scheduleMessage": schedule,
    "chat.deleteScheduledMessage": unschedule,
}
