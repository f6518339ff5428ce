"""Reading what was said: channel history and threads."""

from __future__ import annotations

from typing import Any

from sandbox.slack import shown
from sandbox.slack.methods.finding import Function, channel, page, paged
from sandbox.slack.state import BOT_USER, Message
from sandbox.slack.validate.words import is_ts
from sandbox.slack.wire import Call, SlackError


def history(call: Call) -> dict[str, Any]:
    """Newest first, without thread replies that were not also sent to the channel."""
    where = channel(call)
    if BOT_USER not in where.members:
        raise SlackError("not_in_channel")
    top = [m for m in where.messages.values() if m.thread_ts in (None, m.ts) or m.broadcast]
    now, cursor = page(call, [m for m in reversed(top) if _between(call, m)])
    pinned = len(where.pins)
    return {**_shown(call, now), "has_more": bool(cursor), "pin_count": pinned, **paged(cursor)}


def replies(call: Call) -> dict[str, Any]:
    """The parent first, then its replies, oldest first."""
    where = channel(call)
    if BOT_USER not in where.members:
        raise SlackError("channel_not_found")
    parent = where.messages.get(call.text("ts"))
    if parent is None:
        raise SlackError("thread_not_found")
    root = parent.thread_ts or parent.ts
    thread = [m for m in where.messages.values() if m.ts == root or m.thread_ts == root]
    wanted = [m for m in thread if m.ts == root or _between(call, m)]
    now, cursor = page(call, wanted, default=1000)
    return {**_shown(call, now), "has_more": bool(cursor), **paged(cursor)}


def _between(call: Call, it: Message) -> bool:
    oldest, latest = _bound(call, "oldest"), _bound(call, "latest")
    at = _micros(it.ts)
    if call.flag("inclusive"):
        return (oldest is None or at >= oldest) and (latest is None or at <= latest)
    return (oldest is None or at > oldest) and (latest is None or at < latest)


def _bound(call: Call, name: str) -> int | None:
    value = call.text(name)
    if value in ("", "0", "now"):
        return None
    if not is_ts(value) and not value.replace(".", "", 1).isdigit():
        raise SlackError(f"invalid_ts_{name}")
    return _micros(value)


def _micros(ts: str) -> int:
    # As integers: a float cannot hold a timestamp to the microsecond.
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int(rest.ljust(6, "0")[:6])


def _shown(call: Call, found: list[Message]) -> dict[str, Any]:
    whole = call.flag("include_all_metadata")
    return {"messages": [shown.message(call.state, m, metadata=whole) for m in found]}


METHODS: dict[str, Function] = {
    "conversations.history": history,
    "conversations.replies": replies,
}
