"""What can happen to a channel and its members: the state, Slack's own messages, the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack import posting
from sandbox.slack.events import tell
from sandbox.slack.ids import new_id
from sandbox.slack.state import BOT_USER, TEAM, Channel, Person

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation


def _now(sim: Simulation) -> int:
    return int(sim.clock.now().timestamp())


def announce(sim: Simulation, channel: Channel, what: str) -> None:
    sim.changes.publish("slack.channel", {"channel": channel.id, "what": what})


def create(sim: Simulation, name: str, *, is_private: bool, creator: str) -> Channel:
    channel = Channel(
        id=new_id(sim, "C"),
        name=name,
        creator=creator,
        created=_now(sim),
        is_private=is_private,
        members=[creator],
    )
    sim.slack.channels[channel.id] = channel
    announce(sim, channel, "created")
    _tell_member(sim, channel, "member_joined_channel", user=creator, inviter=None)
    return channel


def direct(sim: Simulation, person: Person) -> Channel:
    """The bot's conversation with one person, opened the first time it is needed."""
    for channel in sim.slack.channels.values():
        if channel.im_with == person.id:
            return channel
    channel = Channel(
        id=new_id(sim, "D"),
        name=f"dm-{person.handle}",
        creator=BOT_USER,
        created=_now(sim),
        is_private=True,
        im_with=person.id,
        members=[person.id, BOT_USER],
    )
    sim.slack.channels[channel.id] = channel
    announce(sim, channel, "created")
    return channel


def join(sim: Simulation, channel: Channel, user: str, *, inviter: str | None = None) -> None:
    channel.members.append(user)
    announce(sim, channel, "members")
    _remark(sim, channel, user, "channel_join", f"<@{user}> has joined the channel")
    _tell_member(sim, channel, "member_joined_channel", user=user, inviter=inviter)


def leave(sim: Simulation, channel: Channel, user: str) -> None:
    _remark(sim, channel, user, "channel_leave", f"<@{user}> has left the channel")
    # The bot hears of its own leaving too, so it is told while it is still inside.
    _tell_member(sim, channel, "member_left_channel", user=user, inviter=None)
    channel.members.remove(user)
    announce(sim, channel, "members")


def archive(sim: Simulation, channel: Channel, user: str) -> None:
    _remark(sim, channel, user, "channel_archive", f"<@{user}> archived the channel")
    channel.archived = True
    announce(sim, channel, "archived")
    _tell_channel(sim, channel, "archive", user=user)


def unarchive(sim: Simulation, channel: Channel, user: str) -> None:
    channel.archived = False
    announce(sim, channel, "unarchived")
    _remark(sim, channel, user, "channel_unarchive", f"<@{user}> un-archived the channel")
    _tell_channel(sim, channel, "unarchive", user=user)


def rename(sim: Simulation, channel: Channel, name: str, *, user: str) -> None:
    channel.previous_names.insert(0, channel.name)
    before, channel.name = channel.name, name
    announce(sim, channel, "renamed")
    text = f'<@{user}> has renamed the channel from "{before}" to "{name}"'
    _remark(sim, channel, user, "channel_name", text)
    kind = "group" if channel.is_private else "channel"
    body = {"id": channel.id, "name": name, "created": channel.created}
    tell(sim, {"type": f"{kind}_rename", "channel": body}, channel=channel)


def set_topic(sim: Simulation, channel: Channel, topic: str, *, user: str) -> None:
    channel.topic, channel.topic_by, channel.topic_at = topic, user, _now(sim)
    announce(sim, channel, "topic")
    _remark(sim, channel, user, "channel_topic", f"set the channel topic: {topic}")


def set_purpose(sim: Simulation, channel: Channel, purpose: str, *, user: str) -> None:
    channel.purpose, channel.purpose_by, channel.purpose_at = purpose, user, _now(sim)
    announce(sim, channel, "purpose")
    _remark(sim, channel, user, "channel_purpose", f"set the channel description: {purpose}")


def _remark(sim: Simulation, channel: Channel, user: str, subtype: str, text: str) -> None:
    """Slack's own line in the channel, as private channels spell it too."""
    spelled = subtype.replace("channel_", "group_") if channel.is_private else subtype
    # Joining and leaving keep their public name in private channels.
    if subtype in ("channel_join", "channel_leave"):
        spelled = subtype
    posting.post(sim, channel, user=user, text=text, subtype=spelled)


def _tell_member(
    sim: Simulation, channel: Channel, event: str, *, user: str, inviter: str | None
) -> None:
    person = sim.slack.people.get(user)
    body: dict[str, Any] = {
        "type": event,
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": person.team_id if person else TEAM,
    }
    tell(sim, body | ({"inviter": inviter} if inviter else {}), channel=channel)


def _tell_channel(sim: Simulation, channel: Channel, what: str, *, user: str) -> None:
    kind = "group" if channel.is_private else "channel"
    tell(sim, {"type": f"{kind}_{what}", "channel": channel.id, "user": user}, channel=channel)
