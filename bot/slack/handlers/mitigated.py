"""Users are well again: said by hand, with the true minute where somebody knows it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flow import resolve
from bot.flow.moments import is_time, moment
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, writing
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools


@command("mitigated", usage="mitigated <what ended it>", explains="says that users are well again")
def mitigated(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "What ended it, and when?"
        blocks = menu.offer(text, "Mark it as mitigated…", Act.MITIGATED_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    resolve.mitigated(tools, ask.here(), ask.text, by=ask.person)
    return None


@opens(Act.MITIGATED_FORM, "mitigated", act="mitigated")
def mitigated_form(tools: Tools, ask: Ask) -> View:
    return writing.mitigated(tools.timeline.read(ask.here()))


def check(_carried: str, fields: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str]:
    at = str(fields.get("at", "")).strip()
    if at and not is_time(at):
        return {"at": "A time looks like 03:12 (UTC)."}
    return {}


@form(Act.MITIGATED_FORM, act="mitigated", check=check)
def ended(tools: Tools, ask: Ask) -> None:
    at = moment(ask.one("at").strip(), tools.clock.now())
    resolve.mitigated(tools, ask.here(), ask.one("how"), by=ask.person, at=at)
