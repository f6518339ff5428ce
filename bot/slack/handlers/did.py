"""A fix made by hand: recorded, and verified like one of ours."""

from __future__ import annotations

from bot.flow import aftercare
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, writing
from bot.slack.handlers.note import warned
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools


@command("did", usage="did <what you did>", explains="records a fix and watches whether it helped")
def did(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "What did you do?"
        blocks = menu.offer(text, "Record a fix made by hand…", Act.DID_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    return warned(aftercare.did(tools, ask.here(), ask.text, by=ask.person))


@opens(Act.DID_FORM, "did", act="did")
def did_form(tools: Tools, ask: Ask) -> View:
    return writing.line(Act.DID_FORM, tools.timeline.read(ask.here()))


@form(Act.DID_FORM, act="did")
def done(tools: Tools, ask: Ask) -> Reply | None:
    return warned(aftercare.did(tools, ask.here(), ask.one("text"), by=ask.person))
