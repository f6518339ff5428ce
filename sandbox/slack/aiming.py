"""Finds who acts, where, and which button, select or field they mean."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from sandbox.slack import rooms
from sandbox.slack.payloads import Actor, Holder, Target
from sandbox.slack.state import BOT_USER, Channel, Message, Person, View
from sandbox.slack.validate.blocks import elements_of

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

Body = Mapping[str, Any]
Act = Callable[["Simulation", Body], Awaitable[dict[str, Any]]]


class CannotAct(Exception):
    """Slack's client would not have let the person do this."""

    def __init__(self, error: str, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or error)
        self.error = error
        self.detail = detail
        self.extra = extra


def answering(act: Act) -> Act:
    """What Slack's client would not allow is an answer, not an exception."""

    @wraps(act)
    async def answered(sim: Simulation, body: Body) -> dict[str, Any]:
        try:
            return await act(sim, body)
        except CannotAct as no:
            return {"ok": False, "error": no.error, "detail": no.detail, **no.extra}

    return answered


def actor(sim: Simulation, body: Body) -> Actor:
    wanted = str(body.get("as", ""))
    person = sim.slack.person(wanted)
    if person is None or person.is_bot:
        raise CannotAct("user_not_found", f"nobody is called {wanted!r}")
    return Actor(
        person=person,
        team_id=str(body.get("team_id") or person.team_id),
        enterprise_id=body.get("enterprise_id"),
    )


def place(sim: Simulation, body: Body, person: Person) -> Channel:
    """The channel the person is in; a colleague joins a public one on the way."""
    found = seen(sim, body, person)
    if found.archived:
        raise CannotAct("is_archived", f"#{found.name} is archived")
    # `force` stands for somebody who forges requests rather than uses a client.
    if person.id in found.members or body.get("force"):
        return found
    if person.is_restricted or person.is_stranger:
        raise CannotAct("not_in_channel", f"{person.handle} was not invited to #{found.name}")
    rooms.join(sim, found, person.id)
    return found


def seen(sim: Simulation, body: Body, person: Person) -> Channel:
    """A channel that the person can read; `@tocsin` is their conversation with the bot."""
    wanted = str(body.get("channel", ""))
    if wanted in ("@tocsin", BOT_USER):
        return rooms.direct(sim, person)
    found = sim.slack.channel(wanted)
    hidden = found is not None and found.is_private and person.id not in found.members
    if found is None or (hidden and not body.get("force")):
        raise CannotAct("channel_not_found", f"{person.handle} sees no channel {wanted!r}")
    return found


def message(sim: Simulation, body: Body, channel: Channel) -> Message:
    found = channel.messages.get(str(body.get("ts", "")))
    if found is None:
        raise CannotAct("message_not_found", f"no message {body.get('ts')!r} in #{channel.name}")
    return found


def target(sim: Simulation, body: Body, person: Person, *, clicks: bool) -> Target:
    """The newest matching element among what the person can see."""
    matches = _matcher(body, clicks=clicks)
    for holder in _holders(sim, body, person):
        blocks = holder.body["blocks"] if isinstance(holder, View) else holder.blocks
        for block in blocks:
            for element in elements_of(block):
                if matches(block, element):
                    return Target(holder=holder, block=block, element=element)
    raise CannotAct("element_not_found", f"nothing on the screen matches {_wanted(body)}")


def _holders(sim: Simulation, body: Body, person: Person) -> Iterator[Holder]:
    if body.get("view_id"):
        found = sim.slack.view(str(body["view_id"]))
        if found is None or found.user != person.id:
            raise CannotAct("view_not_found", f"{body['view_id']} is not open")
        yield found
    elif body.get("home"):
        home = sim.slack.homes.get(person.id)
        if home is None:
            raise CannotAct("view_not_found", f"{person.handle} has no App Home yet")
        yield home
    elif not body.get("channel"):
        top = sim.slack.top_modal(person.id)
        if top is not None:
            yield top
    else:
        yield from _messages(sim, body, seen(sim, body, person), person)


def _messages(sim: Simulation, body: Body, channel: Channel, person: Person) -> Iterator[Holder]:
    own = [e for e in sim.slack.ephemerals if (e.channel, e.user) == (channel.id, person.id)]
    both: list[Any] = sorted([*channel.messages.values(), *own], key=lambda m: m.ts, reverse=True)
    for each in both:
        if body.get("ts") in (None, each.ts):
            yield each


def _wanted(body: Body) -> dict[str, Any]:
    names = ("channel", "ts", "action_id", "block_id", "text", "value", "view_id", "home")
    return {name: body[name] for name in names if name in body}


def _matcher(body: Body, *, clicks: bool) -> Callable[[dict[str, Any], dict[str, Any]], bool]:
    """A click may name label or value; a choice names the element by its ids only."""
    if not any(body.get(n) for n in ("action_id", "block_id", *(["text", "value"] * clicks))):
        raise CannotAct("element_not_found", "name an action_id, text or value")

    def matches(block: dict[str, Any], element: dict[str, Any]) -> bool:
        if clicks and element.get("type") != "button":
            return False
        if body.get("action_id") not in (None, element.get("action_id")):
            return False
        if body.get("block_id") not in (None, block.get("block_id")):
            return False
        if not clicks:
            return True
        if body.get("value") not in (None, element.get("value")):
            return False
        return not body.get("text") or _begins(element["text"]["text"], str(body["text"]))

    return matches


def _begins(label: str, wanted: str) -> bool:
    """By prefix, with or without the symbol that a label starts with."""
    bare = re.sub(r"^(:[a-z0-9_+\-]+:|[^\w])+\s*", "", label)
    return any(each.lower().startswith(wanted.lower()) for each in (label, bare))
