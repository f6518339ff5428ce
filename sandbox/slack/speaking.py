"""People talking and moving about: messages, reactions, joining, leaving, archiving."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.slack import aiming, posting, rooms, shown
from sandbox.slack.aiming import Act, Body, CannotAct, answering
from sandbox.slack.ids import block_id, new_id
from sandbox.slack.state import Channel, File, Message, Person
from sandbox.slack.validate.words import is_emoji

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

Result = dict[str, Any]

_MENTION = re.compile(r"(?<![\w<])@([a-z][a-z0-9_.-]*)")
_CHANNEL = re.compile(r"(?<![\w<])#([a-z0-9][a-z0-9_-]*)")
_PIECES = re.compile(r"(<[@#][A-Z0-9]+(?:\|[^>]*)?>)")


@answering
async def message(sim: Simulation, body: Body) -> Result:
    """{as, channel, text, thread_ts?, files?: [name | {name, content}]}"""
    person = aiming.actor(sim, body).person
    channel = aiming.place(sim, body, person)
    files = [_file(sim, person, channel, each) for each in body.get("files") or []]
    text = escaped(sim, str(body.get("text", "")))
    thread = body.get("thread_ts")
    if thread and thread not in channel.messages:
        raise CannotAct("thread_not_found", f"no message {thread} in #{channel.name}")
    it = posting.post(
        sim,
        channel,
        user=person.id,
        text=text,
        blocks=_rich(sim, text),
        thread_ts=thread,
        files=files,
        subtype="file_share" if files else None,
        client_msg_id=new_id(sim, "m"),
    )
    link = shown.permalink(sim, it)
    return {"ok": True, "channel": channel.id, "ts": it.ts, "permalink": link}


def escaped(sim: Simulation, text: str) -> str:
    """What a client makes of @handle and #channel."""

    def person(found: re.Match[str]) -> str:
        who = sim.slack.person(found[1])
        return f"<@{who.id}>" if who else found[0]

    def channel(found: re.Match[str]) -> str:
        where = sim.slack.channel(found[1])
        return f"<#{where.id}|{where.name}>" if where else found[0]

    return _CHANNEL.sub(channel, _MENTION.sub(person, text))


def _rich(sim: Simulation, text: str) -> list[Result]:
    """Clients send people's text as rich_text blocks as well."""
    if not text:
        return []
    elements = [_piece(p) for p in _PIECES.split(text) if p]
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id(sim), "elements": [section]}]


def _piece(piece: str) -> Result:
    if piece.startswith("<@"):
        return {"type": "user", "user_id": piece[2:-1].partition("|")[0]}
    if piece.startswith("<#"):
        return {"type": "channel", "channel_id": piece[2:-1].partition("|")[0]}
    return {"type": "text", "text": piece}


def _file(sim: Simulation, person: Person, channel: Channel, wanted: Any) -> str:
    given = wanted if isinstance(wanted, dict) else {"name": str(wanted)}
    content = str(given.get("content", given["name"])).encode()
    it = File(
        id=new_id(sim, "F"),
        name=given["name"],
        length=len(content),
        user=person.id,
        created=int(sim.clock.now().timestamp()),
        content=content,
        complete=True,
        channels=[channel.id],
    )
    sim.slack.files[it.id] = it
    return it.id


@answering
async def edit(sim: Simulation, body: Body) -> Result:
    """{as, channel, ts, text}"""
    it = _own(sim, body, "cant_update_message")
    text = escaped(sim, str(body.get("text", "")))
    posting.edit(sim, it, by=it.user, text=text, blocks=_rich(sim, text))
    return {"ok": True, "channel": it.channel, "ts": it.ts}


@answering
async def delete(sim: Simulation, body: Body) -> Result:
    """{as, channel, ts}"""
    it = _own(sim, body, "cant_delete_message")
    posting.delete(sim, it)
    return {"ok": True, "channel": it.channel, "ts": it.ts}


def _own(sim: Simulation, body: Body, error: str) -> Message:
    person = aiming.actor(sim, body).person
    it = aiming.message(sim, body, aiming.place(sim, body, person))
    if it.user != person.id or it.subtype not in (None, "file_share"):
        raise CannotAct(error, f"{person.handle} did not write {it.ts}")
    return it


@answering
async def react(sim: Simulation, body: Body) -> Result:
    """{as, channel, ts, name}"""
    person, it, name = _reaction(sim, body)
    if not posting.react(sim, it, user=person.id, name=name):
        raise CannotAct("already_reacted")
    return {"ok": True, "channel": it.channel, "ts": it.ts}


@answering
async def unreact(sim: Simulation, body: Body) -> Result:
    """{as, channel, ts, name}"""
    person, it, name = _reaction(sim, body)
    if not posting.unreact(sim, it, user=person.id, name=name):
        raise CannotAct("no_reaction")
    return {"ok": True, "channel": it.channel, "ts": it.ts}


def _reaction(sim: Simulation, body: Body) -> tuple[Person, Message, str]:
    person = aiming.actor(sim, body).person
    it = aiming.message(sim, body, aiming.place(sim, body, person))
    name = str(body.get("name", "")).strip(":")
    if not is_emoji(name):
        raise CannotAct("invalid_name", f"{name!r} is not the name of an emoji")
    return person, it, name


@answering
async def join(sim: Simulation, body: Body) -> Result:
    """{as, channel}"""
    person = aiming.actor(sim, body).person
    return {"ok": True, "channel": aiming.place(sim, body, person).id}


@answering
async def leave(sim: Simulation, body: Body) -> Result:
    """{as, channel}"""
    person = aiming.actor(sim, body).person
    channel = aiming.seen(sim, body, person)
    if person.id not in channel.members:
        raise CannotAct("not_in_channel")
    rooms.leave(sim, channel, person.id)
    return {"ok": True, "channel": channel.id}


@answering
async def invite(sim: Simulation, body: Body) -> Result:
    """{as, channel, who}: the way in for guests and outsiders."""
    person = aiming.actor(sim, body).person
    channel = aiming.place(sim, body, person)
    guest = sim.slack.person(str(body.get("who", "")))
    if guest is None:
        raise CannotAct("user_not_found")
    if guest.id in channel.members:
        raise CannotAct("already_in_channel")
    channel.is_shared = channel.is_shared or guest.is_stranger
    rooms.join(sim, channel, guest.id, inviter=person.id)
    return {"ok": True, "channel": channel.id}


@answering
async def archive(sim: Simulation, body: Body) -> Result:
    """{as, channel}"""
    person = aiming.actor(sim, body).person
    channel = aiming.place(sim, body, person)
    if channel.is_general:
        raise CannotAct("cant_archive_general")
    rooms.archive(sim, channel, person.id)
    return {"ok": True, "channel": channel.id}


@answering
async def unarchive(sim: Simulation, body: Body) -> Result:
    """{as, channel}"""
    person = aiming.actor(sim, body).person
    channel = aiming.seen(sim, body, person)
    if not channel.archived:
        raise CannotAct("not_archived")
    rooms.unarchive(sim, channel, person.id)
    return {"ok": True, "channel": channel.id}


ACTS: dict[str, Act] = {
    "message": message,
    "edit": edit,
    "delete": delete,
    "react": react,
    "unreact": unreact,
    "join": join,
    "leave": leave,
    "invite": invite,
    "archive": archive,
    "unarchive": unarchive,
}
