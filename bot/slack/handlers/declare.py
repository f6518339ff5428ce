"""Declaring: one sentence opens an incident, from a command, the form or somebody's message."""

from __future__ import annotations

from bot.domain.incident import HOUSE
from bot.flow import alert
from bot.slack.actions import Act, carried
from bot.slack.blocks import View
from bot.slack.cards import menu, staffing
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools


@command(
    "declare", usage="declare <what is wrong>", explains="opens an incident from one sentence"
)
def declare(tools: Tools, ask: Ask) -> Reply:
    if not ask.text:
        text = f"Say what is wrong: `{tools.command} checkout fails for everybody`."
        return Reply(
            text=text,
            blocks=menu.offer(text, "Declare an incident…", Act.DECLARE_FORM, HOUSE),
        )
    return _declared(tools, ask, ask.text, channel=ask.channel)


@opens(Act.DECLARE_FORM, act="declare")
def declare_form(_tools: Tools, _ask: Ask) -> View:
    return staffing.declare()


@opens(Act.DECLARE_FROM_MESSAGE, act="declare")
def declare_from_message(_tools: Tools, ask: Ask) -> View:
    return staffing.declare(text=ask.message_text, carries=carried(HOUSE, ask.channel))


@form(Act.DECLARE_FORM, act="declare")
def declared(tools: Tools, ask: Ask) -> Reply:
    return _declared(tools, ask, ask.one("text"), channel=ask.value)


def _declared(tools: Tools, ask: Ask, text: str, *, channel: str) -> Reply:
    incident = alert.declare(tools, text, by=ask.person, from_channel=channel)
    name = tools.timeline.read(incident).wanted_name
    return Reply(text=f"Declared: #{name} opens in a moment, and you are invited.")
