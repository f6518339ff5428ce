"""Reactions, pins and bookmarks."""

from __future__ import annotations

from typing import Any

from sandbox.slack import posting, rooms, shown
from sandbox.slack.ids import new_id
from sandbox.slack.methods.finding import Function, channel, message
from sandbox.slack.state import BOT_USER, Bookmark, Channel, Message, Pin
from sandbox.slack.validate.words import is_emoji, is_link
from sandbox.slack.wire import Call, SlackError

MOST_EMOJI = 23
MOST_PINS = 100
MOST_BOOKMARKS = 100


def add_reaction(call: Call) -> dict[str, Any]:
    name = _emoji(call)
    it = message(call)
    if call.state.channels[it.channel].archived:
        raise SlackError("is_archived")
    if name not in it.reactions and len(it.reactions) >= MOST_EMOJI:
        raise SlackError("too_many_emoji")
    if not posting.react(call.sim, it, user=BOT_USER, name=name):
        raise SlackError("already_reacted")
    return {}


def remove_reaction(call: Call) -> dict[str, Any]:
    name = _emoji(call)
    if not posting.unreact(call.sim, message(call), user=BOT_USER, name=name):
        raise SlackError("no_reaction")
    return {}


def _emoji(call: Call) -> str:
    name = call.text("name").strip(":")
    if not is_emoji(name):
        raise SlackError("invalid_name")
    return name


def reactions(call: Call) -> dict[str, Any]:
    it = message(call)
    body = shown.message(call.state, it)
    return {"type": "message", "channel": it.channel, "message": body}


def add_pin(call: Call) -> dict[str, Any]:
    where = channel(call)
    if BOT_USER not in where.members:
        raise SlackError("not_in_channel")
    it = message(call)
    if any(p.ts == it.ts for p in where.pins):
        raise SlackError("already_pinned")
    if it.subtype is not None:
        raise SlackError("not_pinnable")
    if len(where.pins) >= MOST_PINS:
        raise SlackError("too_many_pins")
    where.pins.append(Pin(ts=it.ts, by=BOT_USER, at=_now(call)))
    _changed(call, where, it)
    return {}


def remove_pin(call: Call) -> dict[str, Any]:
    where = channel(call)
    it = message(call)
    if not any(p.ts == it.ts for p in where.pins):
        raise SlackError("no_pin")
    where.pins = [p for p in where.pins if p.ts != it.ts]
    _changed(call, where, it)
    return {}


def _changed(call: Call, where: Channel, it: Message) -> None:
    rooms.announce(call.sim, where, "pins")
    posting.announce(call.sim, it, "changed")


def pins(call: Call) -> dict[str, Any]:
    where = channel(call)
    items = [
        {
            "type": "message",
            "channel": where.id,
            "created": pin.at,
            "created_by": pin.by,
            "message": shown.message(call.state, where.messages[pin.ts]),
        }
        for pin in where.pins
    ]
    return {"items": items}


def add_bookmark(call: Call) -> dict[str, Any]:
    where = channel(call, "channel_id")
    if where.archived or BOT_USER not in where.members:
        raise SlackError("permission_denied")
    if call.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if len(where.bookmarks) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    now = _now(call)
    it = Bookmark(
        id=new_id(call.sim, "Bk"),
        title=call.text("title"),
        link=_link(call),
        emoji=_symbol(call),
        created=now,
    )
    where.bookmarks.append(it)
    rooms.announce(call.sim, where, "bookmarks")
    return {"bookmark": shown.bookmark(it, where.id)}


def edit_bookmark(call: Call) -> dict[str, Any]:
    where = channel(call, "channel_id")
    it = _bookmark(call, where)
    if call.has("link"):
        it.link = _link(call)
    if call.has("title"):
        it.title = call.text("title")
    if call.has("emoji"):
        it.emoji = _symbol(call)
    it.updated = _now(call)
    rooms.announce(call.sim, where, "bookmarks")
    return {"bookmark": shown.bookmark(it, where.id)}


def remove_bookmark(call: Call) -> dict[str, Any]:
    where = channel(call, "channel_id")
    it = _bookmark(call, where)
    where.bookmarks = [b for b in where.bookmarks if b is not it]
    rooms.announce(call.sim, where, "bookmarks")
    return {}


def bookmarks(call: Call) -> dict[str, Any]:
    where = channel(call, "channel_id")
    return {"bookmarks": [shown.bookmark(b, where.id) for b in where.bookmarks]}


def _bookmark(call: Call, where: Channel) -> Bookmark:
    for each in where.bookmarks:
        if each.id == call.text("bookmark_id"):
            return each
    raise SlackError("not_found")


def _link(call: Call) -> str:
    if not is_link(call.text("link")):
        raise SlackError("invalid_link")
    return call.text("link")


def _symbol(call: Call) -> str | None:
    if not call.has("emoji"):
        return None
    if not is_emoji(call.text("emoji").strip(":")):
        raise SlackError("invalid_emoji")
    return call.text("emoji")


def _now(call: Call) -> int:
    return int(call.sim.clock.now().timestamp())


METHODS: dict[str, Function] = {
    "reactions.add": add_reaction,
    "reactions.remove": remove_reaction,
    "reactions.get": reactions,
    "pins.add": add_pin,
    "pins.remove": remove_pin,
    "pins.list": pins,
    "bookmarks.add": add_bookmark,
    "bookmarks.edit": edit_bookmark,
    "bookmarks.remove": remove_bookmark,
    "bookmarks.list": bookmarks,
}
