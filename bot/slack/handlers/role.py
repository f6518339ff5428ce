"""Roles: taken with one tap, given by name, handed over to whoever accepts."""

from __future__ import annotations

import re

from bot.domain.errors import Refused
from bot.domain.events import Role
from bot.flow import staff
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, staffing
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_ALIASES = {
    "ic": Role.COMMANDER,
    "lead": Role.COMMANDER,
    "communications": Role.COMMS,
    "sme": Role.EXPERT,
}


@command(
    "role", usage="role <commander|comms|scribe> [@who]", explains="takes a role, or gives it"
)
def role(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "Which role, and who takes it?"
        blocks = menu.offer(text, "Take or give a role…", Act.ROLE_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    named = _MENTION.search(ask.text)
    wanted = _role(_MENTION.sub(" ", ask.text))
    who = tools.directory.by_id(named[1]) if named else ask.person
    staff.give_role(tools, ask.here(), wanted, who, by=ask.person)
    return None


@button(Act.TAKE_ROLE, act="role")
def take(tools: Tools, ask: Ask) -> None:
    staff.give_role(tools, ask.here(), _role(ask.value), ask.person, by=ask.person)


@opens(Act.ROLE_FORM, "role", act="role")
def role_form(tools: Tools, ask: Ask) -> View:
    return staffing.role(tools.timeline.read(ask.here()))


@form(Act.ROLE_FORM, act="role")
def given(tools: Tools, ask: Ask) -> None:
    who = tools.directory.by_id(ask.one("person"))
    staff.give_role(tools, ask.here(), _role(ask.one("role")), who, by=ask.person)


@button(Act.ACCEPT_ROLE, act="role")
def accept(tools: Tools, ask: Ask) -> None:
    staff.accept_role(tools, ask.here(), _role(ask.value), by=ask.person)


@button(Act.DECLINE_ROLE, act="role")
def decline(tools: Tools, ask: Ask) -> None:
    staff.decline_role(tools, ask.here(), _role(ask.value), by=ask.person)


def _role(text: str) -> Role:
    word = text.strip().lower().lstrip("@")
    if word in _ALIASES:
        return _ALIASES[word]
    if word not in {each.value for each in Role}:
        raise Refused(f"There is no role “{word}”: {', '.join(r.value for r in Role)}.")
    return Role(word)
