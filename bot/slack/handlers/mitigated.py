"""Users are well again: said by hand, with the true minute where somebody knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.flow import resolve
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, writing
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


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


def check(fields: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str]:
    at = str(fields.get("at", "")).strip()
    if at and not _TIME.fullmatch(at):
        return {"at": "A time looks like 03:12 (UTC)."}
    return {}


@form(Act.MITIGATED_FORM, act="mitigated", check=check)
def ended(tools: Tools, ask: Ask) -> None:
    at = _moment(ask.one("at").strip(), tools.clock.now())
    resolve.mitigated(tools, ask.here(), ask.one("how"), by=ask.person, at=at)


def _moment(text: str, now: datetime) -> datetime | None:
    """The last time that the clock showed this; yesterday where it is still to come today."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    at = now.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)
