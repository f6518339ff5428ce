"""Since when users are hit: chosen on the card where it is a guess, or said by who knows it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.errors import Refused
from bot.flow import guessing
from bot.flow.moments import moment
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, writing
from bot.slack.handlers.mitigated import check
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools


@command("since", usage="since <HH:MM>", explains="says since when users are hit (UTC)")
def since(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "Since when are users hit?"
        blocks = menu.offer(text, "Correct the start…", Act.START_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    _said(tools, ask, ask.text)
    return None


@opens(Act.START, act="since")
def another(tools: Tools, ask: Ask) -> View | None:
    """A moment that was chosen needs no form."""
    return None if ask.value else writing.start(tools.timeline.read(ask.here()))


@button(Act.START, act="since")
def chosen(tools: Tools, ask: Ask) -> None:
    guessing.set_start(tools, ask.here(), datetime.fromisoformat(ask.value), by=ask.person)


@opens(Act.START_FORM, "since", act="since")
def start_form(tools: Tools, ask: Ask) -> View:
    return writing.start(tools.timeline.read(ask.here()))


@form(Act.START_FORM, act="since", check=check)
def corrected(tools: Tools, ask: Ask) -> None:
    _said(tools, ask, ask.one("at"))


def _said(tools: Tools, ask: Ask, text: str) -> None:
    at = moment(text.strip().removesuffix("UTC").strip(), tools.clock.now())
    if at is None:
        raise Refused("A time looks like 03:12 (UTC).")
    guessing.set_start(tools, ask.here(), at, by=ask.person)
