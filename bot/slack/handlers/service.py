"""Naming the service that is broken, where nothing could tell it or the guess was wrong."""

from __future__ import annotations

from bot.flow import guessing
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, staffing
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools


@command("service", usage="service <name> [environment]", explains="says which service is broken")
def service(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "Which service is broken?"
        blocks = menu.offer(text, "Name the service…", Act.SERVICE_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    _named(tools, ask, ask.text)
    return None


@opens(Act.NAME_SERVICE, act="service")
def another(tools: Tools, ask: Ask) -> View | None:
    """A service that was chosen needs no form."""
    return None if ask.value else service_form(tools, ask)


@button(Act.NAME_SERVICE, act="service")
def nearest(tools: Tools, ask: Ask) -> None:
    _named(tools, ask, ask.value)


@opens(Act.SERVICE_FORM, "service", act="service")
def service_form(tools: Tools, ask: Ask) -> View:
    return staffing.service(tools.timeline.read(ask.here()), tools.catalog)


@form(Act.SERVICE_FORM, act="service")
def chosen(tools: Tools, ask: Ask) -> None:
    _named(tools, ask, f"{ask.one('service')} {ask.one('environment')}")


def _named(tools: Tools, ask: Ask, text: str) -> None:
    name, _, environment = text.strip().partition(" ")
    incident = ask.here()
    place = environment.strip() or tools.timeline.read(incident).environment
    guessing.name_service(tools, incident, name, place, by=ask.person)
