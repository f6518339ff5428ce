"""How Slack shows its objects as JSON, in answers and in deliveries alike."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from sandbox.slack.state import (
    APP,
    BOT,
    BOT_USER,
    PARTNER_TEAM,
    TEAM,
    Bookmark,
    Channel,
    File,
    Message,
    Person,
    UserGroup,
    View,
)
from sandbox.slack.values import current

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation
    from sandbox.slack.state import SlackState


def message(state: SlackState, it: Message, *, metadata: bool = False) -> dict[str, Any]:
    """As in history and events; metadata only for who asked for it."""
    body: dict[str, Any] = {"type": "message", "user": it.user, "ts": it.ts, "text": it.text}
    person = state.people.get(it.user)
    body["team"] = person.team_id if person else TEAM
    optional = {
        "subtype": it.subtype,
        "client_msg_id": it.client_msg_id,
        "blocks": it.blocks,
        "attachments": it.attachments,
        "edited": it.edited,
        "username": it.username,
        "thread_ts": it.thread_ts,
    }
    body |= {name: value for name, value in optional.items() if value}
    if it.bot_id:
        body |= {"bot_id": it.bot_id, "app_id": APP, "bot_profile": bot_profile()}
    if it.reactions:
        body["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in it.reactions.items()
        ]
    if it.files:
        body["files"] = [file(state.files[f]) for f in it.files if f in state.files]
    if metadata and it.metadata:
        body["metadata"] = it.metadata
    return body | _thread(state, it)


def _thread(state: SlackState, it: Message) -> dict[str, Any]:
    channel = state.channels.get(it.channel)
    if channel is None:
        return {}
    pinned = {"pinned_to": [channel.id]} if any(p.ts == it.ts for p in channel.pins) else {}
    if it.thread_ts and it.thread_ts != it.ts:
        parent = channel.messages.get(it.thread_ts)
        return pinned | ({"parent_user_id": parent.user} if parent else {})
    replies = channel.thread(it.ts)
    if not replies:
        return pinned
    users = list(dict.fromkeys(r.user for r in replies))
    return pinned | {
        "thread_ts": it.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users[:5],
        "is_locked": False,
        "subscribed": False,
    }


def bot_profile() -> dict[str, Any]:
    return {"id": BOT, "app_id": APP, "name": "tocsin", "deleted": False, "team_id": TEAM}


def channel(it: Channel, *, members: bool = False) -> dict[str, Any]:
    if it.im_with:
        return {
            "id": it.id,
            "created": it.created,
            "is_im": True,
            "is_archived": it.archived,
            "is_org_shared": False,
            "user": it.im_with,
            "is_user_deleted": False,
        }
    body: dict[str, Any] = {
        "id": it.id,
        "name": it.name,
        "name_normalized": it.name,
        "is_channel": not it.is_private,
        "is_group": it.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": it.is_private,
        "is_archived": it.archived,
        "is_general": it.is_general,
        "is_shared": it.is_shared,
        "is_ext_shared": it.is_shared,
        "is_org_shared": False,
        "is_member": BOT_USER in it.members,
        "created": it.created,
        "creator": it.creator,
        "context_team_id": TEAM,
        "shared_team_ids": [TEAM, PARTNER_TEAM] if it.is_shared else [TEAM],
        "topic": {"value": it.topic, "creator": it.topic_by, "last_set": it.topic_at},
        "purpose": {"value": it.purpose, "creator": it.purpose_by, "last_set": it.purpose_at},
        "previous_names": it.previous_names,
    }
    return body | ({"num_members": len(it.members)} if members else {})


def person(it: Person, *, email: bool) -> dict[str, Any]:
    profile: dict[str, Any] = {
        "real_name": it.name,
        "real_name_normalized": it.name,
        "display_name": it.handle,
        "display_name_normalized": it.handle,
        "title": it.title,
        "status_text": "",
        "status_emoji": "",
        "team": it.team_id,
    }
    if it.is_bot:
        profile |= {"api_app_id": APP, "bot_id": BOT}
    elif email and it.email and not it.is_stranger:
        profile["email"] = it.email
    body: dict[str, Any] = {
        "id": it.id,
        "team_id": it.team_id,
        "name": it.handle,
        "real_name": it.name,
        "deleted": it.deleted,
        "color": it.colour,
        "tz": it.tz,
        "tz_label": "Greenwich Mean Time",
        "tz_offset": 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": it.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": it.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    return body | ({"is_stranger": True} if it.is_stranger else {})


def view(it: View) -> dict[str, Any]:
    """The view as the bot gets it back, with what people have filled in so far."""
    body: dict[str, Any] = {
        "id": it.id,
        "team_id": TEAM,
        "app_id": APP,
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "hash": it.hash,
        "root_view_id": it.root_view_id,
        "previous_view_id": it.previous_view_id,
    }
    body |= {name: value for name, value in it.body.items() if value is not None}
    return body | {"state": {"values": current(it.body.get("blocks", []), it.values)}}


def file(it: File) -> dict[str, Any]:
    sort = mimetypes.guess_type(it.name)[0] or "application/octet-stream"
    return {
        "id": it.id,
        "created": it.created,
        "timestamp": it.created,
        "name": it.name,
        "title": it.title or it.name,
        "mimetype": sort,
        "filetype": it.name.rpartition(".")[2],
        "user": it.user,
        "size": it.length,
        "mode": "hosted",
        "is_external": False,
        "channels": it.channels,
        "permalink": f"/slack/files/{it.id}",
        "url_private": f"/slack/files/{it.id}",
    }


def usergroup(it: UserGroup, *, users: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": it.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": it.name,
        "handle": it.handle,
        "description": "",
        "date_update": it.updated,
        "date_delete": 0,
        "user_count": len(it.users),
    }
    return body | ({"users": it.users} if users else {})


def bookmark(it: Bookmark, channel_id: str) -> dict[str, Any]:
    return {
        "id": it.id,
        "channel_id": channel_id,
        "title": it.title,
        "link": it.link,
        "emoji": it.emoji or "",
        "icon_url": None,
        "type": "link",
        "entity_id": None,
        "date_created": it.created,
        "date_updated": it.updated,
        "rank": "",
        "last_updated_by_user_id": it.by,
        "last_updated_by_team_id": TEAM,
        "shortcut_id": None,
        "app_id": APP,
    }


def permalink(sim: Simulation, it: Message) -> str:
    """Points at the demo world's own screens, because nothing may leave the machine."""
    link = f"{sim.settings.url}/archives/{it.channel}/p{it.ts.replace('.', '')}"
    if it.thread_ts and it.thread_ts != it.ts:
        link += f"?thread_ts={it.thread_ts}&cid={it.channel}"
    return link
