"""Looks up what a call names, and refuses in Slack's words when the bot may not see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sandbox.slack import rooms
from sandbox.slack.state import BOT_USER, Channel, Message
from sandbox.slack.validate.words import is_ts
from sandbox.slack.wire import Call, SlackError

Function = Callable[[Call], dict[str, Any]]
Item = TypeVar("Item")


def channel(call: Call, name: str = "channel") -> Channel:
    """By id only; a private channel without the bot does not exist for it."""
    found = call.state.channels.get(call.text(name))
    if found is None or (found.is_private and BOT_USER not in found.members):
        raise SlackError("channel_not_found")
    return found


def joined(call: Call, name: str = "channel") -> Channel:
    found = channel(call, name)
    if BOT_USER not in found.members:
        raise SlackError("not_in_channel")
    return found


def open_channel(call: Call, name: str = "channel") -> Channel:
    """Joined and not archived: where things may be changed."""
    found = channel(call, name)
    if found.archived:
        raise SlackError("is_archived")
    if BOT_USER not in found.members:
        raise SlackError("not_in_channel")
    return found


def no_direct(found: Channel) -> Channel:
    if found.im_with:
        raise SlackError("method_not_supported_for_channel_type")
    return found


def destination(call: Call) -> Channel:
    """Where a message goes: a channel id, its name, or a person."""
    wanted = call.text("channel")
    person = call.state.people.get(wanted)
    if person is not None:
        if person.is_bot or person.is_stranger:
            raise SlackError("channel_not_found")
        return rooms.direct(call.sim, person)
    found = call.state.channels.get(wanted)
    if found is None:
        # chat.postMessage alone accepts names, of public channels.
        found = next(
            (c for c in call.state.channels.values() if c.name == wanted.removeprefix("#")), None
        )
    if found is None or (found.is_private and BOT_USER not in found.members):
        raise SlackError("channel_not_found")
    if found.archived:
        raise SlackError("is_archived")
    if BOT_USER not in found.members:
        raise SlackError("not_in_channel")
    return found


def message(call: Call, name: str = "timestamp") -> Message:
    """The message that `channel` and a timestamp name."""
    if not call.has("channel") or not call.has(name):
        raise SlackError("no_item_specified")
    where = channel(call)
    if not is_ts(call.text(name)):
        raise SlackError("bad_timestamp")
    return known(where, call.text(name))


def known(where: Channel, ts: str) -> Message:
    found = where.messages.get(ts)
    if found is None:
        raise SlackError("message_not_found")
    return found


def page(call: Call, items: Sequence[Item], *, default: int = 100) -> tuple[list[Item], str]:
    """One page and the cursor of the next; cursors are opaque to callers."""
    limit = call.number("limit", default)
    if not 1 <= limit <= 1000:
        raise SlackError("invalid_arguments")
    begin = 0
    if call.has("cursor"):
        mark, _, position = call.text("cursor").partition(":")
        if mark != "next" or not position.isdigit():
            raise SlackError("invalid_cursor")
        begin = int(position)
    shown = list(items[begin : begin + limit])
    more = begin + limit < len(items)
    return shown, f"next:{begin + limit}" if more else ""


def paged(cursor: str) -> dict[str, Any]:
    return {"response_metadata": {"next_cursor": cursor}}
