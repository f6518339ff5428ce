"""What led to it: suspects confirmed or ruled out, and contributing factors."""

from __future__ import annotations

from bot.domain.events import SuspectVerdict
from bot.flow import resolve
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import ending, menu, writing
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools


@command("suspects", usage="suspects", explains="confirms or rules out what changed before it")
def suspects(tools: Tools, ask: Ask) -> Reply:
    text = "The changes that are suspected"
    blocks = menu.offer(text, "Judge the suspects…", Act.SUSPECTS_FORM, ask.here())
    return Reply(text=text, blocks=blocks)


@opens(Act.SUSPECTS_FORM, "suspects", act="suspects")
def suspects_form(tools: Tools, ask: Ask) -> View:
    return ending.suspects(tools.timeline.read(ask.here()))


@button(Act.CONFIRM_SUSPECT, act="suspects")
def confirm(tools: Tools, ask: Ask) -> None:
    resolve.judge(tools, ask.here(), ask.value, SuspectVerdict.CONFIRMED, by=ask.person)


@button(Act.RULE_OUT_SUSPECT, act="suspects")
def rule_out(tools: Tools, ask: Ask) -> None:
    resolve.judge(tools, ask.here(), ask.value, SuspectVerdict.RULED_OUT, by=ask.person)


@command("factor", usage="factor <a condition>", explains="adds what contributed to it")
def factor(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "Which condition let this happen, or made it worse?"
        blocks = menu.offer(text, "Add a contributing factor…", Act.FACTOR_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    resolve.add_factor(tools, ask.here(), ask.text, by=ask.person)
    return None


@opens(Act.FACTOR_FORM, "factor", act="factor")
def factor_form(tools: Tools, ask: Ask) -> View:
    return writing.line(Act.FACTOR_FORM, tools.timeline.read(ask.here()))


@form(Act.FACTOR_FORM, act="factor")
def added(tools: Tools, ask: Ask) -> None:
    resolve.add_factor(tools, ask.here(), ask.one("text"), by=ask.person)
