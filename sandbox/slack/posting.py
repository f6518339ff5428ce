"""What can happen to a message, whoever makes it happen: the state, the screens, the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack import shown
from sandbox.slack.events import tell
from sandbox.slack.ids import block_id
from sandbox.slack.state import BOT, BOT_USER, Channel, Ephemeral, Message
from sandbox.slack.validate.blocks import elements_of

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation


def post(sim: Simulation, channel: Channel, *, user: str, **fields: Any) -> Message:
    """Put a message in a channel and tell everybody who listens."""
    it = Message(ts=sim.slack.new_ts(sim.clock.now()), channel=channel.id, user=user, **fields)
    it.blocks = with_ids(sim, it.blocks)
    if user == BOT_USER and it.subtype is None:
        it.bot_id = BOT
    channel.messages[it.ts] = it
    announce(sim, it, "posted")
    body = shown.message(sim.slack, it, metadata=True) | {"channel": channel.id}
    tell(sim, {**body, "event_ts": it.ts}, channel=channel)
    if _mentions_the_bot(it) and not channel.im_with:
        tell(sim, {**body, "type": "app_mention", "event_ts": it.ts}, channel=channel)
    return it


def _mentions_the_bot(it: Message) -> bool:
    return it.user != BOT_USER and it.subtype is None and f"<@{BOT_USER}" in it.text


def edit(sim: Simulation, it: Message, *, by: str, **fields: Any) -> Message:
    """Change a message in place; only what is named changes."""
    channel = sim.slack.channels[it.channel]
    before = shown.message(sim.slack, it, metadata=True)
    for name, value in fields.items():
        setattr(it, name, value)
    if "blocks" in fields:
        it.blocks = with_ids(sim, it.blocks)
        _forget_gone_blocks(it)
    now = sim.slack.new_ts(sim.clock.now())
    if any(name in fields for name in ("text", "blocks", "attachments")):
        it.edited = {"user": by, "ts": now}
    announce(sim, it, "changed")
    event = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": channel.id,
        "ts": now,
        "event_ts": now,
        "message": shown.message(sim.slack, it, metadata=True),
        "previous_message": before,
    }
    tell(sim, event, channel=channel)
    return it


def _forget_gone_blocks(it: Message) -> None:
    ids = {block.get("block_id") for block in it.blocks}
    for person, values in it.chosen.items():
        it.chosen[person] = {name: kept for name, kept in values.items() if name in ids}


def delete(sim: Simulation, it: Message) -> None:
    channel = sim.slack.channels[it.channel]
    before = shown.message(sim.slack, it, metadata=True)
    del channel.messages[it.ts]
    channel.pins = [p for p in channel.pins if p.ts != it.ts]
    announce(sim, it, "deleted")
    now = sim.slack.new_ts(sim.clock.now())
    event = {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "channel": channel.id,
        "ts": now,
        "event_ts": now,
        "deleted_ts": it.ts,
        "previous_message": before,
    }
    tell(sim, event, channel=channel)


def react(sim: Simulation, it: Message, *, user: str, name: str) -> bool:
    """False when the person had reacted so already."""
    users = it.reactions.setdefault(name, [])
    if user in users:
        return False
    users.append(user)
    _tell_reaction(sim, it, user=user, name=name, event="reaction_added")
    return True


def unreact(sim: Simulation, it: Message, *, user: str, name: str) -> bool:
    """False when there was nothing to take back."""
    users = it.reactions.get(name, [])
    if user not in users:
        return False
    users.remove(user)
    if not users:
        del it.reactions[name]
    _tell_reaction(sim, it, user=user, name=name, event="reaction_removed")
    return True


def _tell_reaction(sim: Simulation, it: Message, *, user: str, name: str, event: str) -> None:
    announce(sim, it, "changed")
    body = {
        "type": event,
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": it.channel, "ts": it.ts},
        "item_user": it.user,
        "event_ts": sim.slack.new_ts(sim.clock.now()),
    }
    tell(sim, body, channel=sim.slack.channels[it.channel])


def whisper(sim: Simulation, channel: Channel, *, user: str, **fields: Any) -> Ephemeral:
    """Show something to one person only."""
    it = Ephemeral(ts=sim.slack.new_ts(sim.clock.now()), channel=channel.id, user=user, **fields)
    it.blocks = with_ids(sim, it.blocks)
    sim.slack.ephemerals.append(it)
    announce_ephemeral(sim, it, "posted")
    return it


def rewrite_ephemeral(sim: Simulation, it: Ephemeral, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(it, name, value)
    it.blocks = with_ids(sim, it.blocks)
    announce_ephemeral(sim, it, "changed")


def dismiss(sim: Simulation, it: Ephemeral) -> None:
    sim.slack.ephemerals = [e for e in sim.slack.ephemerals if e is not it]
    announce_ephemeral(sim, it, "deleted")


def announce(sim: Simulation, it: Message, what: str) -> None:
    body = {"channel": it.channel, "ts": it.ts, "thread_ts": it.thread_ts, "what": what}
    sim.changes.publish("slack.message", body)


def announce_ephemeral(sim: Simulation, it: Ephemeral, what: str) -> None:
    body = {"channel": it.channel, "ts": it.ts, "user": it.user, "what": what}
    sim.changes.publish("slack.ephemeral", body)


def with_ids(sim: Simulation, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slack names every block and element that came without a name."""
    named = [
        {"type": b.get("type"), **b, "block_id": b.get("block_id") or block_id(sim)}
        for b in blocks
    ]
    for block in named:
        for element in elements_of(block):
            if not element.get("action_id"):
                element["action_id"] = block_id(sim)
    return named
