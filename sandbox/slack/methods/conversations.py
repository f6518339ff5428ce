"""Channels: making, changing, listing them, and who is in them."""

from __future__ import annotations

from typing import Any

from sandbox.slack import rooms, shown
from sandbox.slack.methods.finding import (
    Function,
    channel,
    joined,
    no_direct,
    open_channel,
    page,
    paged,
)
from sandbox.slack.scopes import kind, missing, workspace_grant
from sandbox.slack.state import BOT_USER, Channel
from sandbox.slack.validate.words import TOPIC_LENGTH, name_problem
from sandbox.slack.wire import Call, SlackError

_KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
MOST_INVITED = 100


def create(call: Call) -> dict[str, Any]:
    name = _free_name(call)
    private = call.flag("is_private")
    made = rooms.create(call.sim, name, is_private=private, creator=BOT_USER)
    return {"channel": shown.channel(made)}


def rename(call: Call) -> dict[str, Any]:
    found = no_direct(open_channel(call))
    if found.creator != BOT_USER:
        raise SlackError("not_authorized")
    rooms.rename(call.sim, found, _free_name(call), user=BOT_USER)
    return {"channel": shown.channel(found)}


def _free_name(call: Call) -> str:
    name = call.text("name")
    problem = name_problem(name)
    if problem:
        raise SlackError(problem)
    # An archived channel keeps its name.
    if any(c.name == name for c in call.state.channels.values()):
        raise SlackError("name_taken")
    return name


def archive(call: Call) -> dict[str, Any]:
    found = no_direct(channel(call))
    if found.archived:
        raise SlackError("already_archived")
    if found.is_general:
        raise SlackError("cant_archive_general")
    if BOT_USER not in found.members:
        raise SlackError("not_in_channel")
    rooms.archive(call.sim, found, BOT_USER)
    return {}


def unarchive(call: Call) -> dict[str, Any]:
    found = no_direct(channel(call))
    if not found.archived:
        raise SlackError("not_archived")
    rooms.unarchive(call.sim, found, BOT_USER)
    return {}


def info(call: Call) -> dict[str, Any]:
    return {"channel": shown.channel(channel(call), members=call.flag("include_num_members"))}


def listing(call: Call) -> dict[str, Any]:
    found = [c for c in _of_types(call) if not c.is_private or BOT_USER in c.members]
    now, cursor = page(call, found)
    return {"channels": [shown.channel(c, members=not c.im_with) for c in now], **paged(cursor)}


def of_user(call: Call) -> dict[str, Any]:
    """users.conversations: those of the person (by default the bot) that the bot can see."""
    user = call.text("user", BOT_USER)
    visible = [c for c in _of_types(call) if not c.is_private or BOT_USER in c.members]
    now, cursor = page(call, [c for c in visible if user in c.members])
    return {"channels": [shown.channel(c) for c in now], **paged(cursor)}


def _of_types(call: Call) -> list[Channel]:
    wanted = set()
    for name in call.names("types") or ["public_channel"]:
        if name not in _KINDS:
            raise SlackError("invalid_types")
        wanted.add(_KINDS[name])
    for each in wanted - {"mpim"}:
        needed = missing(workspace_grant(call.sim), "read", each)
        if needed:
            raise SlackError("missing_scope", needed=needed)
    hide = call.flag("exclude_archived")
    return [
        c for c in call.state.channels.values() if kind(c) in wanted and not (hide and c.archived)
    ]


def members(call: Call) -> dict[str, Any]:
    now, cursor = page(call, channel(call).members)
    return {"members": now, **paged(cursor)}


def join(call: Call) -> dict[str, Any]:
    found = channel(call)
    if found.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if found.archived:
        raise SlackError("is_archived")
    if BOT_USER in found.members:
        already = {"response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": shown.channel(found), "warning": "already_in_channel", **already}
    rooms.join(call.sim, found, BOT_USER)
    return {"channel": shown.channel(found)}


def leave(call: Call) -> dict[str, Any]:
    found = no_direct(channel(call))
    if found.archived:
        raise SlackError("is_archived")
    if found.is_general:
        raise SlackError("cant_leave_general")
    if BOT_USER not in found.members:
        return {"not_in_channel": True}
    if found.is_private and len(found.members) == 1:
        raise SlackError("last_member")
    rooms.leave(call.sim, found, BOT_USER)
    return {}


def invite(call: Call) -> dict[str, Any]:
    """All or nothing, unless `force`: then whoever can be invited is."""
    found = no_direct(open_channel(call))
    wanted = call.names("users")
    if not wanted:
        raise SlackError("no_user")
    if len(wanted) > MOST_INVITED:
        raise SlackError("invalid_arguments")
    problems = {u: p for u in wanted if (p := _cannot_invite(call, found, u))}
    welcome = [u for u in dict.fromkeys(wanted) if u not in problems]
    errors = [{"user": u, "ok": False, "error": p} for u, p in problems.items()]
    if problems and not (call.flag("force") and welcome):
        raise SlackError(next(iter(problems.values())), errors=errors)
    for user in welcome:
        rooms.join(call.sim, found, user, inviter=BOT_USER)
    return {"channel": shown.channel(found), **({"errors": errors} if errors else {})}


def _cannot_invite(call: Call, found: Channel, user: str) -> str | None:
    person = call.state.people.get(user)
    if person is None or person.deleted:
        return "user_not_found"
    if user == BOT_USER:
        return "cant_invite_self"
    if user in found.members:
        return "already_in_channel"
    # Somebody of another organisation comes in by a Slack Connect invitation only.
    return "org_user_not_in_team" if person.is_stranger and not found.is_shared else None


def kick(call: Call) -> dict[str, Any]:
    found = no_direct(joined(call))
    user = call.text("user")
    if user == BOT_USER:
        raise SlackError("cant_kick_self")
    if found.is_general:
        raise SlackError("cant_kick_from_general")
    if user not in call.state.people or user not in found.members:
        raise SlackError("user_not_found")
    rooms.leave(call.sim, found, user)
    return {"errors": {}}


def open_direct(call: Call) -> dict[str, Any]:
    if call.has("channel"):
        found = channel(call)
        if not found.im_with:
            raise SlackError("method_not_supported_for_channel_type")
        return {"channel": _direct(call, found), "no_op": True, "already_open": True}
    users = call.names("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        # Group messages are not played: the bot talks to one person or to a channel.
        raise SlackError("too_many_users")
    person = call.state.people.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.is_bot or person.is_stranger:
        raise SlackError("user_not_visible")
    if person.deleted:
        raise SlackError("user_disabled")
    return {"channel": _direct(call, rooms.direct(call.sim, person))}


def _direct(call: Call, found: Channel) -> dict[str, Any]:
    return shown.channel(found) if call.flag("return_im") else {"id": found.id}


def set_topic(call: Call) -> dict[str, Any]:
    found = no_direct(open_channel(call))
    if len(call.text("topic")) > TOPIC_LENGTH:
        raise SlackError("too_long")
    rooms.set_topic(call.sim, found, call.text("topic"), user=BOT_USER)
    return {"channel": shown.channel(found)}


def set_purpose(call: Call) -> dict[str, Any]:
    found = no_direct(open_channel(call))
    if len(call.text("purpose")) > TOPIC_LENGTH:
        raise SlackError("too_long")
    rooms.set_purpose(call.sim, found, call.text("purpose"), user=BOT_USER)
    return {"purpose": found.purpose, "channel": shown.channel(found)}


METHODS: dict[str, Function] = {
    "conversations.create": create,
    "conversations.rename": rename,
    "conversations.archive": archive,
    "conversations.unarchive": unarchive,
    "conversations.info": info,
    "conversations.list": listing,
    "users.conversations": of_user,
    "conversations.members": members,
    "conversations.join": join,
    "conversations.leave": leave,
    "conversations.invite": invite,
    "conversations.kick": kick,
    "conversations.open": open_direct,
    "conversations.setTopic": set_topic,
    "conversations.setPurpose": set_purpose,
}
